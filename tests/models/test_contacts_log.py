"""Every contact stands in the log once, by whose clock it is told; corrections replace and stay visible."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.communication import Communication, CommunicationKind
from models.contacts_log import Contacts, corrections, entries, standing
from models.notice import Flag, Identity, Kind, Phase, Speaker
from models.paging import Delivery, Outcome, Page, PageKind, Side
from models.reply_latency import lengths, replies, summary
from tests.support.samples import delivery, later, notice, page


def contact(name: str, minutes: float = 0, **fields: Any) -> Communication:
    """Return a call of the provider's, so many minutes after the sample incident's start."""
    values: dict[str, Any] = {
        "communication_id": name,
        "provider": "nimbus",
        "incident_ids": ("i",),
        "kind": CommunicationKind.CALL,
        "direction": "from_provider",
        "channel": "phone",
        "people": ("oncall",),
        "identity": Identity.TOKEN,
        "text": f"words of {name}",
        "happened_at": later(minutes),
        "clock": "told",
        "recorded_at": later(minutes + 1),
    }
    return Communication.model_validate({**values, **fields})


def paged(name: str, minutes: float, **fields: Any) -> tuple[Page, Delivery]:
    """Return a page to the provider that was brought so many minutes after the start."""
    outcome = fields.pop("outcome", Outcome.SENT)
    told = page(page_id=name, **{"side": Side.PROVIDER, "recipient": "oncall", **fields})
    at = {"started_at": later(minutes), "finished_at": later(minutes)}
    return told, delivery(delivery_id=f"d-{name}", page_id=name, outcome=outcome, **at)


def contacts(*pages: tuple[Page, Delivery], notices: Any = (), communications: Any = ()) -> Contacts:
    return Contacts(
        tuple(one for one, _ in pages), tuple(one for _, one in pages), tuple(notices), tuple(communications)
    )


def said(ordinal: int, minutes: float, **fields: Any) -> Any:
    at = {"published_at": later(minutes), "received_at": later(minutes + 1)}
    return notice(ordinal, **{"text": f"words {ordinal}", "phase": Phase.UPDATE, **at, **fields})


def told(reply: Any) -> tuple[str, float | None, str | None]:
    return (reply.page_id, None if reply.latency_s is None else reply.latency_s / 60, reply.document_id)


def test_pages_notices_and_notes_stand_in_one_log_by_time_each_with_its_clock():
    log = entries(contacts(paged("p", 5), notices=[said(1, 3)], communications=[contact("c", 4)]))
    assert [(one.what, one.clock, one.direction) for one in log] == [
        ("notice", "theirs", "from_provider"),
        ("call", "told", "from_provider"),
        ("page", "ours", "to_provider"),
    ]
    assert log[2].mark == "sent"
    assert log[0].line()["at"] == "2026-05-04T09:33:00Z"


@pytest.mark.parametrize(
    "fields",
    [
        {"speaker": Speaker.MONITOR},
        {"speaker": Speaker.AUTHORITY},
        {"flags": (Flag.VANISHED,)},
        {"flags": (Flag.TEST,)},
        {"kind": Kind.EXPOSURE},
        {"source_update_id": "answer:1"},
    ],
    ids=["a probe", "an authority", "derived by us", "an exercise", "an exposure", "an answer, listed as a reply"],
)
def test_what_is_no_contact(fields):
    assert entries(contacts(notices=[said(1, 3, **fields)])) == ()


def test_an_edited_notice_is_one_contact_that_says_so():
    first = said(1, 3)
    edit = said(1, 3, notice_id="edit", text="other words", received_at=later(20))
    (entry,) = entries(contacts(notices=[edit, first, first]))
    assert (entry.document_id, entry.words) == (first.notice_id, "words 1 (edited since)")


def test_a_stamp_that_can_not_be_is_told_by_our_clock():
    (entry,) = entries(contacts(notices=[said(1, 30, received_at=later(4))]))
    assert (entry.at, entry.clock) == (later(4), "ours")


def test_a_correction_replaces_what_it_names_and_leaves_it_visible():
    one, two = contact("a", 1), contact("b", 2, corrects="a")
    log = entries(contacts(communications=[two, one]))
    assert [(entry.document_id, entry.corrected_by) for entry in log] == [("a", "b"), ("b", None)]
    assert standing([one, two]) == (two,)


def test_of_two_corrections_the_later_recorded_one_counts_in_place_of_both():
    every = [contact("a", 1), contact("c", 3, corrects="a"), contact("b", 2, corrects="a")]
    assert corrections(every) == {"a": "c", "b": "c"}


def test_a_chain_of_corrections_leads_to_its_end():
    every = [contact("a", 1), contact("b", 2, corrects="a"), contact("c", 3, corrects="b")]
    assert corrections(every) == {"a": "c", "b": "c"}


def test_what_corrects_itself_or_runs_in_a_circle_counts_as_it_is():
    assert corrections([contact("a", 1, corrects="a")]) == {}
    assert corrections([contact("a", 1, corrects="b"), contact("b", 2, corrects="a")]) == {}


NAMES = st.sampled_from("abcdef")


@given(st.lists(st.tuples(NAMES, st.none() | NAMES, st.integers(0, 9)), max_size=6, unique_by=lambda one: one[0]))
def test_of_every_contact_something_counts_and_nothing_that_was_corrected(links):
    every = [contact(name, minutes, corrects=corrects) for name, corrects, minutes in links]
    final = corrections(every)
    kept = {one.communication_id for one in standing(every)}
    assert kept.isdisjoint(final)
    assert set(final.values()).isdisjoint(final)
    assert len(kept) > 0 or not every


# --- how soon ---------------------------------------------------------------------------------------------------------


def test_an_answer_that_names_the_page_is_its_reply_and_no_other_pages():
    reply = contact("r", 12, kind=CommunicationKind.REPLY, page_id="p")
    found = replies(contacts(paged("p", 5), paged("q", 6), communications=[reply]), later(60))
    assert [told(one) for one in found] == [("p", 7, "r"), ("q", None, None)]


def test_a_receipt_is_no_reply():
    receipt = contact("r", 6, kind=CommunicationKind.RECEIPT, page_id="p")
    assert [told(one) for one in replies(contacts(paged("p", 5), communications=[receipt]), later(60))] == [
        ("p", None, None)
    ]


def test_any_word_of_the_provider_after_a_page_answers_it():
    early, robot, word = said(1, 4), said(2, 6, flags=(Flag.AUTOMATIC_REPLY,)), said(3, 15)
    found = replies(contacts(paged("p", 5), notices=[early, robot, word]), later(60))
    assert [told(one) for one in found] == [("p", 10, word.notice_id)]


@pytest.mark.parametrize(
    ("direction", "latency"),
    [("from_provider", 3), ("both", 3), ("to_provider", None), ("internal", None)],
)
def test_a_call_answers_a_page_to_the_provider_if_the_provider_spoke(direction, latency):
    call = contact("c", 8, direction=direction)
    (found,) = replies(contacts(paged("p", 5), communications=[call]), later(60))
    assert told(found)[1] == latency


def test_what_a_provider_says_answers_no_page_to_our_own_people_and_of_those_only_the_one_that_was_paged_does():
    ours = {"side": Side.CUSTOMER, "recipient": "lead"}
    other, own = (
        contact("o", 8, direction="internal", people=("else",)),
        contact("c", 9, direction="internal", people=("lead",)),
    )
    (found,) = replies(contacts(paged("p", 5, **ours), notices=[said(1, 6)], communications=[other, own]), later(60))
    assert told(found) == ("p", 4, "c")


@pytest.mark.parametrize(
    "fields",
    [{"outcome": Outcome.FAILED}, {"outcome": Outcome.UNKNOWN}, {"kind": PageKind.ALL_CLEAR}],
    ids=["not brought", "perhaps brought", "one that asks nothing"],
)
def test_a_page_that_nobody_was_asked_by_waits_for_no_reply(fields):
    assert replies(contacts(paged("p", 5, **fields)), later(60)) == ()


def test_what_was_told_in_a_bundle_is_answered_by_the_answer_to_the_bundle():
    member, bundle = paged("p", 5, outcome=Outcome.BUNDLED), paged("b", 5, kind=PageKind.BUNDLE, members=("p",))
    reply = contact("r", 12, kind=CommunicationKind.REPLY, page_id="b")
    found = replies(contacts(member, bundle, communications=[reply]), later(60))
    assert {told(one) for one in found} == {("p", 7, "r"), ("b", 7, "r")}


def test_what_was_corrected_answers_nothing():
    wrong, right = contact("a", 7), contact("b", 9, corrects="a")
    (found,) = replies(contacts(paged("p", 5), communications=[wrong, right]), later(60))
    assert told(found) == ("p", 4, "b")


def test_what_is_said_later_than_is_asked_leaves_a_page_open():
    (found,) = replies(contacts(paged("p", 5), communications=[contact("c", 20)]), later(10))
    assert told(found) == ("p", None, None)


def test_gaps_between_updates_are_counted_and_the_last_one_is_open():
    words = [said(1, 0, phase=Phase.REPORTED), said(2, 10), said(3, 40), said(4, 41, text="words 3")]
    found = summary([contacts(notices=words)], later(100))
    (cadence,) = found.cadences
    assert cadence.gaps_s == (600, 1800)
    assert (cadence.silent_since, cadence.longest_s) == (later(40), 3600)
    assert cadence.first_word_at == later(0)
    assert found.gap_lengths.open == 1


def test_once_it_is_over_nobody_waits_for_a_word():
    words = [said(1, 0, phase=Phase.REPORTED), said(2, 10, phase=Phase.RESOLVED)]
    (cadence,) = summary([contacts(notices=words)], later(500)).cadences
    assert (cadence.gaps_s, cadence.silent_since, cadence.longest_s) == ((600,), None, 600)


def test_figures_are_told_from_five_cases_on_and_what_is_open_is_told_apart():
    few = lengths([1, 2, 3, 4, None])
    assert (few.n, few.open, few.median_s, few.ended_share) == (4, 1, None, 0.8)
    many = lengths([1, 2, 3, 4, 100])
    assert (many.n, many.median_s, many.p90_s, many.worst_s) == (5, 3, 100, 100)
    assert lengths([]).worst_s is None


@given(st.lists(st.tuples(st.integers(0, 50), st.booleans()), max_size=8), st.integers(0, 60))
def test_a_latency_is_never_negative_and_copies_change_nothing(spec, end):
    pages = [paged(f"p{index}", minutes) for index, (minutes, is_page) in enumerate(spec) if is_page]
    calls = [contact(f"c{index}", minutes) for index, (minutes, is_page) in enumerate(spec) if not is_page]
    once = contacts(*pages, communications=calls)
    found = replies(once, later(end))
    assert all(one.latency_s is None or one.latency_s >= 0 for one in found)
    assert all(one.answered_at is None or one.answered_at <= later(end) for one in found)
    assert replies(contacts(*pages, *pages, communications=[*calls, *calls]), later(end)) == found
    log = entries(once)
    assert len(log) == len(spec)
    assert all(one.at <= two.at for one, two in pairwise(log))
    assert timedelta(0) <= max((one.at for one in log), default=later(0)) - later(0)
