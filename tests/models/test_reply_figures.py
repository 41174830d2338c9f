"""How soon each side answered and how often the provider spoke, as figures and as JSON: never a figure of a few."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.communication import CommunicationKind
from models.contacts_log import Contacts
from models.notice import Flag, Notice, Phase
from models.paging import Side
from models.reply_latency import Cadence, Reply, Silence, cadence, lengths, replies, silences, summary
from tests.models.test_contacts_log import contact, contacts, paged
from tests.support.samples import later, notice


def word(ordinal: int, minutes: float, **fields: Any) -> Notice:
    """Return news of the provider's, had as it was said."""
    at = {"published_at": later(minutes), "received_at": later(minutes), "received_after": None}
    return notice(ordinal, **{"text": f"words {ordinal}", "claimed_at": None,
                              **at, **fields})  # fmt: skip


BEGIN = word(0, 0, claimed_at=later(0))


def answered(name: str, brought: float, after: float | None, side: Side = Side.PROVIDER) -> Contacts:
    """Return a page that was brought, and the reply to it so many minutes later; None is no reply."""
    reply = [] if after is None else [
        contact(f"r-{name}", brought + after, kind=CommunicationKind.REPLY, page_id=name, people=("maya",))
    ]  # fmt: skip
    return contacts(paged(name, brought, side=side), communications=reply)


def test_a_reply_is_told_with_its_page_and_who_gave_it_and_how_soon() -> None:
    (found,) = replies(answered("p", 5, 10), later(60))
    assert found.line() == {
        "page_id": "p",
        "side": "provider",
        "recipient": "oncall",
        "sent_at": "2026-05-04T09:35:00Z",
        "answered_at": "2026-05-04T09:45:00Z",
        "latency_s": 600.0,
        "by": "maya",
        "document_id": "r-p",
    }


def test_a_page_that_nobody_answered_is_told_without_an_instant() -> None:
    (found,) = replies(answered("p", 5, None), later(60))
    told = found.line()
    assert (told["answered_at"], told["latency_s"], told["by"], told["document_id"]) == (None,) * 4


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ([], (0, 0, None, None, None, None)),
        ([60.0, 120.0, 30.0, None], (3, 1, None, None, 120.0, None)),
        ([60.0, 120.0, 30.0, 90.0, None], (4, 1, None, None, 120.0, 0.8)),
        ([60.0, 120.0, 30.0, 90.0, 10.0], (5, 0, 60.0, 120.0, 120.0, 1.0)),
        ([None] * 5, (0, 5, None, None, None, 0.0)),
    ],
    ids=["of nothing", "below five", "five begun, four ended", "five ended", "five that never ended"],
)
def test_below_five_there_is_no_figure_but_how_many(found: list[float | None], told: tuple[Any, ...]) -> None:
    names = ("n", "open", "median_s", "p90_s", "worst_s", "ended_share")
    assert lengths(found).line() == dict(zip(names, told, strict=True))


@given(st.lists(st.none() | st.floats(0, 1e6), max_size=12))
def test_every_length_is_counted_once_and_no_figure_exceeds_the_worst(found: list[float | None]) -> None:
    figures = lengths(found)
    assert figures.n + figures.open == len(found)
    assert figures.p90_s is None or (figures.median_s or 0) <= figures.p90_s <= (figures.worst_s or 0)


def test_a_summary_of_one_incident_tells_each_side_the_gaps_and_the_first_word() -> None:
    told = contacts(paged("p", 1), paged("q", 90, recipient="lead", side=Side.CUSTOMER),
                    notices=[BEGIN, word(1, 20), word(2, 65)])  # fmt: skip
    line = summary([told], later(180)).line()
    assert (line["replies"]["provider"]["n"], line["replies"]["customer"]["open"]) == (1, 1)
    assert [one["page_id"] for one in line["unanswered"]] == ["q"]
    assert (line["update_gaps"]["n"], line["update_gaps"]["open"], line["update_gaps"]["worst_s"]) == (2, 1, 2700.0)
    assert line["longest_silence_s"] == 115 * 60.0
    assert line["first_word_at"] == "2026-05-04T09:30:00Z"


def test_of_several_incidents_there_is_no_first_word() -> None:
    two = [contacts(notices=[BEGIN]), contacts(notices=[word(0, 30, claimed_at=later(30))])]
    found = summary(two, later(60))
    assert (found.line()["first_word_at"], found.longest_silence_s) == (None, 3600.0)
    assert (found.gap_lengths.n, found.gap_lengths.open) == (0, 2)


def test_of_no_incident_there_is_nothing_to_tell() -> None:
    found = summary([], later(60))
    assert (found.longest_silence_s, found.unanswered, found.line()["first_word_at"]) == (None, (), None)


def test_replies_are_counted_by_the_side_that_was_paged() -> None:
    found = summary([answered("p", 5, 10), answered("q", 5, 20), answered("r", 5, None, Side.CUSTOMER)], later(60))
    ours, theirs = found.reply_lengths(Side.CUSTOMER), found.reply_lengths(Side.PROVIDER)
    assert (theirs.n, theirs.open, theirs.worst_s) == (2, 0, 1200.0)
    assert (ours.n, ours.open) == (0, 1)
    assert [(one.page_id, one.side) for one in found.unanswered] == [("r", Side.CUSTOMER)]
    assert all(isinstance(one, Reply) for one in found.replies)


OVER = word(3, 40, phase=Phase.RESOLVED, claimed_end_at=later(40))
WRITTEN_AFTERWARDS = word(
    0, 300, claimed_at=later(0), phase=Phase.RESOLVED, claimed_end_at=later(30),
    flags=(Flag.HISTORICAL, Flag.BACKFILLED),
)  # fmt: skip
CADENCES: dict[str, tuple[list[Notice], float, Cadence]] = {
    "nothing was said": ([], 60, Cadence((), None, None, None)),
    "the first word only": ([BEGIN], 60, Cadence((), later(0), 3600.0, later(0))),
    "two words and a silence": ([BEGIN, word(1, 20)], 60, Cadence((1200.0,), later(20), 2400.0, later(0))),
    "over: no next word is awaited": (
        [BEGIN, word(1, 20), OVER], 90, Cadence((1200.0, 1200.0), None, 1200.0, later(0)),
    ),
    "a word that is not said yet": ([BEGIN, word(1, 20)], 10, Cadence((), later(0), 600.0, later(0))),
    "a robot's word is none": (
        [BEGIN, word(1, 20, flags=(Flag.AUTOMATIC_REPLY,))], 60, Cadence((), later(0), 3600.0, later(0)),
    ),
    "a record that was written afterwards": (
        [WRITTEN_AFTERWARDS], 400,
        Cadence((), None, None, None),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CADENCES)
def test_how_the_provider_kept_speaking(name: str) -> None:
    notices, minutes, expected = CADENCES[name]
    assert cadence(notices, later(minutes)) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("the first word only", [(0, None)]),
        ("two words and a silence", [(0, 20), (20, None)]),
        ("over: no next word is awaited", [(0, 20), (20, 40)]),
        ("a word that is not said yet", [(0, None)]),
        ("a record that was written afterwards", []),
    ],
)
def test_each_silence_is_told_from_one_word_to_the_next(name: str, expected: list[tuple[float, float | None]]) -> None:
    notices, minutes, _ = CADENCES[name]
    told = tuple(Silence(later(begin), None if end is None else later(end)) for begin, end in expected)
    assert silences(notices, later(minutes)) == told


def test_silence_counts_from_when_a_word_was_had_if_its_stamp_is_ahead_of_us() -> None:
    """Their clock is fast: by their stamp the word lies in the future."""
    ahead = word(0, 0, claimed_at=later(0), published_at=later(30))
    assert cadence([ahead], later(10)) == Cadence((), later(0), 600.0, later(0))
