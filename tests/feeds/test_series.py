"""Following a feed from look to look: told once, in a true interval; vanished, returned, late, unreadable."""

from datetime import timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.errors import REASONS
from feeds.memory import FeedMemory
from feeds.registry import FORMATS
from feeds.series import FeedContext, follow, replay
from models.documents import Documents
from models.notice import Flag, Kind, Notice, Phase
from models.provider import Provider
from models.raw import RawPayload
from tests.feeds.looks import at, context, followed, history, incident, payload, stamp, summary, update

FIRST = update("investigating", 0)
SECOND = update("identified", 10)
OPEN = incident(FIRST)


def ids(*steps: Any) -> list[str]:
    return [notice.notice_id for step in steps for notice in step.notices]


def test_a_page_polled_a_thousand_times_says_it_once() -> None:
    steps = followed(*(payload(summary(OPEN), minutes) for minutes in range(1, 1001)))
    assert [len(step.notices) for step in steps] == [1] + [0] * 999


def test_a_new_statement_appeared_after_the_last_look_of_the_same_kind() -> None:
    first, second, third = followed(
        payload(summary(OPEN), 5), payload(summary(OPEN), 10), payload(summary(incident(FIRST, SECOND)), 15)
    )
    assert [notice.received_after for notice in first.notices] == [None]
    assert second.notices == ()
    assert [(notice.received_after, notice.received_at) for notice in third.notices] == [(at(10), at(15))]


def test_the_fetchers_own_look_counts_before_ours() -> None:
    steps = followed(payload(summary(OPEN), 5), payload(summary(incident(FIRST, SECOND)), 15, received_after=at(14)))
    assert [notice.received_after for notice in steps[-1].notices] == [at(14)]


def test_after_an_unreadable_payload_only_the_last_one_read_counts() -> None:
    steps = followed(
        payload(summary(OPEN), 5),
        payload(b"<html>busy</html>", 10),
        payload(summary(incident(FIRST, SECOND)), 15, received_after=at(10)),
    )
    assert [notice.received_after for notice in steps[-1].notices] == [at(5)]
    assert [letter.reason for letter in steps[1].problems] == ["not_json"]


def test_a_look_at_one_incident_shows_nothing_of_others() -> None:
    one, other = incident(FIRST, id="one"), incident(FIRST, id="two")
    steps = followed(payload({"incident": one}, 5), payload({"incident": other}, 10))
    assert [notice.received_after for step in steps for notice in step.notices] == [None, None]
    again = followed(payload({"incident": one}, 5), payload({"incident": incident(FIRST, SECOND, id="one")}, 10))
    assert [notice.received_after for notice in again[-1].notices] == [at(5)]


def test_a_push_is_no_look() -> None:
    hook = {"meta": {}, "page": {}, "incident": OPEN}
    steps = followed(payload(hook, 5), payload({**hook, "incident": incident(FIRST, SECOND)}, 15))
    assert [notice.received_after for step in steps for notice in step.notices] == [None, None]
    assert steps[-1].memory.last_look is None


def test_an_incident_that_a_summary_stops_listing_is_told_as_vanished() -> None:
    steps = followed(payload(summary(OPEN), 5), payload(summary(), 10), payload(summary(), 15))
    (gone,) = steps[1].notices
    assert (gone.phase, gone.flags) == (Phase.CLOSED, (Flag.VANISHED,))
    assert (gone.source_incident_id, gone.received_after, gone.received_at) == ("inc-1", at(5), at(10))
    assert (gone.title, gone.components) == ("Mail is delayed", ("SMTP relay",))
    assert gone.published_at is None
    assert steps[2].notices == ()


def test_one_that_comes_back_can_vanish_again_and_both_are_told() -> None:
    steps = followed(
        payload(summary(OPEN), 5), payload(summary(), 10), payload(summary(OPEN), 15), payload(summary(), 20)
    )
    first, second = steps[1].notices[0], steps[3].notices[0]
    assert first.notice_id != second.notice_id
    assert first.source_update_id != second.source_update_id
    assert steps[2].notices[0].notice_id == steps[0].notices[0].notice_id


def test_one_that_is_resolved_or_planned_does_not_vanish() -> None:
    done = incident(FIRST, update("resolved", 7))
    steps = followed(payload(summary(OPEN), 5), payload(summary(done), 10), payload(summary(), 15))
    assert [notice.phase for step in steps[1:] for notice in step.notices] == [Phase.RESOLVED]
    plan = incident(update("scheduled", 0), scheduled_for=stamp(900), impact="maintenance")
    steps = followed(payload(summary(scheduled_maintenances=[plan]), 5), payload(summary(), 10))
    assert steps[1].notices == ()


def test_incidents_missing_from_a_history_did_not_vanish() -> None:
    steps = followed(
        payload(history(OPEN), 5), payload(history(), 10), payload(summary(OPEN), 15), payload(history(), 20)
    )
    assert [len(step.notices) for step in steps] == [1, 0, 1, 0]


def test_a_payload_that_comes_late_is_read_and_changes_nothing_remembered() -> None:
    before = followed(payload(summary(OPEN), 5), payload(summary(incident(FIRST, SECOND)), 15))[-1].memory
    late = follow(before, payload(summary(), 10), context())
    assert (late.notices, late.memory) == ((), before)
    late = follow(before, payload(summary(incident(FIRST, id="other")), 10), context())
    assert [(notice.source_incident_id, notice.received_after) for notice in late.notices] == [("other", None)]
    assert late.memory == before


def test_two_payloads_of_one_instant_are_one_look() -> None:
    steps = followed(
        payload(summary(OPEN), 5),
        payload(summary(incident(FIRST, id="two")), 5),
        payload(summary(), 10),
    )
    assert [notice.source_incident_id for notice in steps[1].notices] == ["two"]
    assert [notice.source_incident_id for notice in steps[2].notices] == ["inc-1", "two"]


def test_after_a_lost_memory_the_same_notices_come_again_under_the_same_ids() -> None:
    first = follow(None, payload(summary(OPEN), 5), context())
    again = follow(None, payload(summary(OPEN), 60), context())
    assert ids(first) == ids(again)


@pytest.mark.parametrize(
    ("format_name", "body", "reason"),
    [
        ("statuspage", b"\xff\xfe", "not_json"),
        ("statuspage", b"[" * 100_000, "not_json"),
        (
            "statuspage",
            b'{"incidents": [{"id": "a", "incident_updates": [{"created_at": "2026-05-04 10:00"}]}]}',
            "naive_time",
        ),
        ("cap", b"<a", "not_xml"),
        ("no-such", b"{}", "unknown_format"),
    ],
)
def test_an_unreadable_payload_is_a_dead_letter_with_its_bytes(format_name: str, body: bytes, reason: str) -> None:
    raw = payload(body, 5, format_name=format_name, name="f.json")
    step = follow(None, raw, context(format_name))
    (letter,) = step.problems
    assert (step.notices, letter.reason, letter.raw_bytes(), letter.stage) == ((), reason, body, "normalise")
    assert (letter.feed, letter.name, letter.received_at) == ("nimbus", "f.json", at(5))
    assert reason in REASONS
    assert follow(None, raw, context(format_name)).problems == step.problems


def test_entries_that_could_not_be_read_share_one_dead_letter_per_reason() -> None:
    bad_time = incident(update("investigating", 0, created_at="soon"), id="b")
    step = follow(None, payload(history({"a": 1}, OPEN, {"b": 2}, bad_time), 5), context())
    assert len(step.notices) == 1
    assert [(letter.reason, letter.detail.count("incident ")) for letter in step.problems] == [
        ("wrong_shape", 4),
        ("bad_time", 1),
    ]


@pytest.mark.parametrize(
    ("claim", "received", "flag"),
    [(stamp(60), 5, Flag.CLAIM_IN_FUTURE), ("1970-01-01T00:00:00Z", 5, Flag.CLAIM_TOO_OLD)],
)
def test_claims_that_cannot_be_are_kept_and_flagged(claim: str, received: float, flag: Flag) -> None:
    told = incident(update("investigating", 0, display_at=claim, created_at=stamp(0)), started_at=claim)
    (only,) = follow(None, payload(summary(told), received), context()).notices
    assert flag in only.flags
    assert only.claimed_at is not None


def test_a_plan_ahead_is_no_oddity_and_an_end_before_its_begin_is() -> None:
    plan = incident(update("scheduled", 0), scheduled_for=stamp(900), scheduled_until=stamp(800), impact="maintenance")
    (only,) = follow(None, payload({"scheduled_maintenances": [plan]}, 5), context()).notices
    assert only.flags == (Flag.END_BEFORE_BEGIN,)


PROVIDER = Provider.model_validate(
    {
        "apiVersion": "holdfast/v1",
        "kind": "Provider",
        "id": "nimbus",
        "name": "Nimbus",
        "services": {"mail": {"components": ["SMTP*"], "sites": ["ham"]}, "web": {"components": ["Web*"]}},
        "sites": {"ham": {"name": "Hamburg", "lat": 53.55, "lon": 10.0}},
        "feeds": [{"id": "nimbus", "format": "statuspage", "timezone": "Europe/Berlin"}],
    }
)
DOCUMENTS = Documents.of([PROVIDER])


def test_documents_name_the_provider_the_services_and_the_zone() -> None:
    found = FeedContext.of("nimbus", "statuspage", DOCUMENTS)
    assert (found.provider, found.zone) == (PROVIDER, "Europe/Berlin")
    (only,) = follow(None, payload(summary(OPEN), 5), found).notices
    assert (only.provider, only.services) == ("nimbus", ("mail",))
    assert FeedContext.of("other", "statuspage", DOCUMENTS).provider is None


def storm(kind: str, identifier: str, polygon: str | None, references: str = "", status: str = "Actual") -> bytes:
    area = f"<area><areaDesc>x</areaDesc><polygon>{polygon}</polygon></area>" if polygon else ""
    return (
        f"<alert><identifier>{identifier}</identifier><sent>{stamp(0)}</sent><status>{status}</status>"
        f"<msgType>{kind}</msgType><references>{references}</references>"
        f"<info><event>Storm</event><severity>Severe</severity>{area}</info></alert>"
    ).encode()


OVER = "53,9 54,9 54,11 53,11"
AWAY = "40,9 41,9 41,11 40,11"


def exposed(*bodies: bytes) -> list[list[Notice]]:
    raws = [payload(body, minutes, format_name="cap") for minutes, body in enumerate(bodies, 5)]
    return [[one for one in step.notices if one.kind is Kind.EXPOSURE] for step in followed(*raws, documents=DOCUMENTS)]


def test_a_hazard_over_a_site_exposes_its_provider_and_its_services() -> None:
    ((only,),) = exposed(storm("Alert", "A", OVER))
    assert (only.provider, only.services, only.phase) == ("nimbus", ("mail",), Phase.REPORTED)
    assert (only.source_incident_id, only.source) == ("A", "nimbus")
    assert only.text == "Site Hamburg inside the area."


@pytest.mark.parametrize(
    "ending",
    [
        storm("Cancel", "B", None, f"s,A,{stamp(0)}"),
        storm("Update", "B", AWAY, f"s,A,{stamp(0)}"),
    ],
)
def test_an_exposure_ends_with_its_warning_or_when_the_warning_moves_on(ending: bytes) -> None:
    (_, (gone,)) = exposed(storm("Alert", "A", OVER), ending)
    assert (gone.phase, gone.source_incident_id, gone.provider, gone.services) == (
        Phase.CANCELLED, "A", "nimbus", ("mail",),
    )  # fmt: skip


def test_a_cancellation_that_refers_only_to_the_last_message_finds_the_exposure() -> None:
    first, second, third = exposed(
        storm("Alert", "A", OVER),
        storm("Update", "B", OVER, f"s,A,{stamp(0)}"),
        storm("Cancel", "C", None, f"s,B,{stamp(5)}"),
    )
    assert [one.phase for one in (*first, *second, *third)] == [Phase.REPORTED, Phase.UPDATE, Phase.CANCELLED]
    assert third[0].source_incident_id == "A"


def test_an_update_that_does_not_say_where_ends_no_exposure() -> None:
    assert exposed(storm("Alert", "A", OVER), storm("Update", "B", None, f"s,A,{stamp(0)}"))[1] == []


def test_exercises_expose_nobody() -> None:
    assert exposed(storm("Alert", "A", OVER, status="Exercise")) == [[]]


def test_memory_survives_its_wire_form() -> None:
    steps = followed(payload(summary(OPEN), 5), payload(b"?", 6))
    memory = followed(payload(storm("Alert", "A", OVER), 5, format_name="cap"), documents=DOCUMENTS)[-1].memory
    for one in (steps[0].memory, steps[1].memory, memory, FeedMemory()):
        assert FeedMemory.from_wire(one.to_wire()) == one
    assert memory.exposed


@pytest.mark.parametrize("value", [b"", b"[]", b"{}", b'{"version": 1}', b'{"version": 1, "looks": []}', b"\xff"])
def test_a_memory_that_is_none_is_refused(value: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        FeedMemory.from_wire(value)


# --- properties ---------------------------------------------------------------------------------------------------

STATUSES = st.sampled_from(["investigating", "identified", "monitoring", "resolved", "postmortem", "odd"])
UPDATES = st.lists(st.tuples(STATUSES, st.integers(0, 50)), max_size=5)
SUMMARIES = st.lists(st.tuples(st.sampled_from("abc"), UPDATES), max_size=3, unique_by=lambda pair: pair[0])


def page(listed: list[tuple[str, list[tuple[str, int]]]]) -> dict[str, Any]:
    return summary(
        *(incident(*(update(*one) for one in sorted(updates, key=lambda u: u[1])), id=key) for key, updates in listed)
    )


@given(st.lists(SUMMARIES, max_size=5))
def test_the_same_payload_twice_says_nothing_new(pages: list[Any]) -> None:
    memory = None
    for minutes, listed in enumerate(pages):
        raw = payload(page(listed), 60 + minutes)
        once = follow(memory, raw, context())
        twice = follow(once.memory, raw, context())
        assert (twice.notices, twice.memory) == ((), once.memory)
        memory = once.memory


@given(st.lists(SUMMARIES, max_size=4), st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_no_id_but_of_what_vanished(pages: list[Any], chance: Any) -> None:
    raws = [payload(page(listed), 60 + minutes) for minutes, listed in enumerate(pages)]
    shuffled = list(raws)
    chance.shuffle(shuffled)

    def spoken(series: list[RawPayload]) -> set[str]:
        found = (one for step in followed(*series) for one in step.notices)
        return {one.notice_id for one in found if Flag.VANISHED not in one.flags}

    assert spoken(raws) == spoken(shuffled)


@given(st.lists(SUMMARIES, max_size=5))
def test_intervals_are_true(pages: list[Any]) -> None:
    raws = [payload(page(listed), 60 + minutes) for minutes, listed in enumerate(pages)]
    for minutes, step in enumerate(followed(*raws)):
        for one in step.notices:
            assert one.received_at == at(60 + minutes)
            assert one.received_after == (at(59 + minutes) if minutes else None)


@given(st.binary(max_size=400), st.sampled_from([*FORMATS, "none"]))
def test_no_bytes_stop_a_feed(body: bytes, format_name: str) -> None:
    step = follow(None, payload(body, 5, format_name=format_name), context(format_name, documents=DOCUMENTS))
    assert all(letter.reason in REASONS and letter.reason != "unreadable" for letter in step.problems)


def test_replay_tells_each_notice_once_even_with_others_in_between() -> None:
    one, two = payload({"incident": incident(FIRST, id="one")}, 5), payload({"incident": incident(FIRST, id="two")}, 6)
    again = payload({"incident": incident(FIRST, id="one")}, 7)
    told = [notice.source_incident_id for step in replay([one, two, again], context()) for notice in step.notices]
    assert told == ["one", "two"]


def test_a_memory_stays_small() -> None:
    """A feed of single incidents does not remember all of them."""
    raws = [payload({"incident": incident(FIRST, id=f"i{n}")}, n) for n in range(100)]
    memory = followed(*raws)[-1].memory
    assert len(memory.looks) == 32
    assert memory.last_look == at(0) + timedelta(minutes=99)
    assert len(orjson.loads(memory.to_wire())["known"]) == 1
