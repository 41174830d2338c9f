"""The fold: what is said when, what a restart, a replay, a copy or another order changes (nothing)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.book import Book, Entry
from models.document import Document
from models.ids import stable_id
from models.notice import Flag, Kind, Notice, Phase, Speaker
from models.paging import RungState
from models.records import ClockDocument, IncidentDocument, IncidentStatus, Verdict
from models.shelf import books
from tests.support.ledger import HOUR, MINUTE, Play, final

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def said(minutes: float, phase: Phase, **fields: Any) -> Notice:
    """A word of the provider, published at a minute after noon and received 20 s later."""
    values: dict[str, Any] = {
        "notice_id": stable_id("said", str(minutes), phase.value, str(sorted(fields.items()))),
        "source": "status",
        "source_incident_id": "inc-1",
        "source_update_id": f"{phase.value}-{minutes}",
        "speaker": Speaker.PROVIDER,
        "phase": phase,
        "provider": "nimbus",
        "services": ("mail",),
        "severity": "major",
        "title": "Mail is down",
        "text": f"{phase.value} at {minutes}",
        "claimed_at": at(minutes),
        "published_at": at(minutes),
        "received_at": at(minutes) + timedelta(seconds=20),
    }
    return Notice(**{**values, **fields})


def seen(minutes: float, phase: Phase, **fields: Any) -> Notice:
    """A word of our probe."""
    return said(
        minutes, phase,
        **{
            "source": "probes", "source_incident_id": "mail@noon", "speaker": Speaker.MONITOR,
            "claimed_at": at(minutes),
            "notice_id": stable_id("seen", str(minutes), phase.value, str(sorted(fields.items()))), **fields,
        },
    )  # fmt: skip


def test_a_first_word_opens_an_incident_with_running_clocks() -> None:
    play = Play().tell(said(0, Phase.REPORTED))
    assert play.incident().status is IncidentStatus.OPEN
    assert play.incident().priority == "p1"
    assert play.incident().revision == 1
    assert play.clock("restore").verdict is Verdict.RUNNING
    assert play.clock("restore").due_at == at(240)
    assert play.clock("restore").elapsed_min_s is None, "what ages is not stored"
    assert play.clock("acknowledge").verdict is Verdict.MET
    assert play.pages() == []


def test_time_alone_breaches_at_the_computed_instant_and_pages_the_rung() -> None:
    play = Play().tell(said(0, Phase.REPORTED)).run_to(at(241))
    clock = play.clock("restore")
    assert (clock.verdict, clock.breached_at) == (Verdict.OVERDUE, at(240))
    assert clock.replaces is Verdict.RUNNING
    due = {(page.recipient, page.due_at) for page in play.pages()}
    assert due == {("noc", at(120)), ("duty", at(180))}, "two silent update intervals, then three quarters of restore"
    assert all(page.late_s == 0 for page in play.pages())


def test_a_rung_after_a_delay_is_paged_only_while_it_lasts() -> None:
    play = Play().tell(said(0, Phase.REPORTED)).run_to(at(269))
    assert "boss" not in {page.recipient for page in play.pages()}
    restored = Play().tell(said(0, Phase.REPORTED)).run_to(at(250)).tell(said(255, Phase.RESTORED)).run_to(at(400))
    assert "boss" not in {page.recipient for page in restored.pages()}
    assert "boss" in {page.recipient for page in play.run_to(at(271)).pages()}


def test_an_unacknowledged_outage_that_we_saw_pages_our_side() -> None:
    play = Play().tell(seen(0, Phase.REPORTED)).run_to(at(16))
    assert play.incident().witnesses == ("probes",)
    assert play.clock("acknowledge").verdict is Verdict.OVERDUE
    assert [(page.recipient, page.due_at) for page in play.pages()] == [("noc", at(15))]


def test_the_provider_joins_the_incident_that_we_saw_first() -> None:
    play = Play().tell(seen(0, Phase.REPORTED)).tell(said(20, Phase.REPORTED)).run_to(at(21))
    incidents = {one.incident_id for one in play.said if isinstance(one, IncidentDocument)}
    assert len(incidents) == 1
    clock = play.clock("acknowledge")
    assert (clock.verdict, clock.elapsed_min_s) == (Verdict.BREACHED, 20 * 60)
    assert clock.replaces is Verdict.OVERDUE
    assert play.clock("acknowledge", "claimed").verdict is Verdict.MET, "by its own times it spoke at once"


def test_a_witness_that_joins_another_record_later_leaves_a_pointer() -> None:
    """Two alerts made one incident; then the provider's record of an earlier start takes one of them."""
    first = seen(0, Phase.REPORTED)
    late = said(-5, Phase.REPORTED, received_at=at(-4))
    play = Play().tell(first).tell(late)
    merged = [one for one in play.said if isinstance(one, IncidentDocument) and one.status is IncidentStatus.MERGED]
    assert [one.merged_into for one in merged] == [play.incident().incident_id] or [
        one.merged_into for one in merged
    ] == [_told_last_open(play)]
    gone = [one for one in play.said if isinstance(one, ClockDocument) and one.incident_id == merged[0].incident_id]
    assert {one.verdict for one in {clock.clock_id: clock for clock in gone}.values()} == {Verdict.NOT_APPLICABLE}


def _told_last_open(play: Play) -> str:
    return [
        one.incident_id for one in play.said if isinstance(one, IncidentDocument) and one.status is IncidentStatus.OPEN
    ][-1]


def test_a_breach_that_an_edit_takes_back_is_shown_as_replaced() -> None:
    play = Play().tell(seen(0, Phase.REPORTED)).tell(said(20, Phase.REPORTED))
    assert play.clock("acknowledge").verdict is Verdict.BREACHED
    earlier = said(10, Phase.ACKNOWLEDGED, received_at=at(9) + timedelta(seconds=90))
    play.tell(earlier)
    clock = play.clock("acknowledge")
    assert (clock.verdict, clock.replaces, clock.caused_by) == (Verdict.MET, Verdict.BREACHED, earlier.notice_id)


def test_a_copy_changes_nothing() -> None:
    play = Play().tell(said(0, Phase.REPORTED))
    count = len(play.said)
    assert len(play.tell(said(0, Phase.REPORTED)).said) == count


def test_maintenance_is_shown_and_not_clocked() -> None:
    play = Play().tell(said(0, Phase.REPORTED, kind=Kind.MAINTENANCE)).run_to(at(3000))
    assert play.incident().kind == "maintenance"
    assert not [one for one in play.said if isinstance(one, ClockDocument)]
    assert play.pages() == []


def test_a_hazard_over_a_site_tags_the_incident_and_opens_none() -> None:
    storm = said(
        -60, Phase.REPORTED, kind=Kind.EXPOSURE, speaker=Speaker.AUTHORITY, source="weather",
        source_incident_id="storm-7", services=("mail",), claimed_end_at=at(600),
    )  # fmt: skip
    play = Play().tell(storm)
    assert play.said == []
    assert play.tell(said(0, Phase.REPORTED)).incident().exposures == ("weather/storm-7",)
    assert (
        play.tell(storm.model_copy(update={"notice_id": "n2", "phase": Phase.CANCELLED, "received_at": at(5)}))
        .incident()
        .exposures
        == ()
    )


def test_history_pages_nobody() -> None:
    """A resolved incident of last year, imported today."""
    today = NOON + timedelta(days=200)
    play = Play()
    for notice in (said(0, Phase.REPORTED), said(400, Phase.RESOLVED)):
        play.tell(notice.model_copy(update={"received_at": today}), recorded_at=today)
    assert play.clock("restore").verdict is Verdict.BREACHED
    assert play.pages() == []
    assert {rung.state for rung in play.plan().rungs} <= {RungState.SUPPRESSED, RungState.WITHDRAWN}


def test_after_an_outage_of_ours_only_the_highest_crossed_rung_is_paged_and_marked_late() -> None:
    play = Play().tell(said(0, Phase.REPORTED))
    back = at(300)
    play.tell(said(1, Phase.UPDATE, received_at=at(299)), recorded_at=back)
    by_side = {page.side: page for page in play.pages()}
    assert {side.value: page.recipient for side, page in by_side.items()} == {"provider": "duty", "customer": "boss"}
    assert len(play.pages()) == 2
    assert by_side["customer"].due_at == at(270)
    assert by_side["customer"].late_s == (back - at(270)).total_seconds()
    states = {rung.recipient + rung.condition: rung.state for rung in play.plan().rungs}
    assert RungState.SUPPRESSED in states.values()


def test_a_wake_that_comes_after_the_next_notice_changes_nothing() -> None:
    """The timer's record and the next notice may come in either order; the effects are the same."""
    words = [said(0, Phase.REPORTED), said(120, Phase.UPDATE), said(180, Phase.UPDATE), said(240, Phase.RESTORED)]
    prompt, tardy = Play(), Play()
    for word in words:
        prompt.run_to(word.received_at).tell(word)
        tardy.tell(word)
    assert prompt.pages(), "the notices come twenty seconds after rungs fell due"
    assert [one.model_dump(exclude={"issued_at", "late_s"}) for one in prompt.said] == [
        one.model_dump(exclude={"issued_at", "late_s"}) for one in tardy.said
    ]


def test_a_replay_of_what_was_stored_is_silent_and_completes_the_facts() -> None:
    """Kill between the incident's row and its members' rows: the records come again, the effects do not."""
    words = [said(0, Phase.REPORTED), said(30, Phase.UPDATE), said(250, Phase.RESTORED)]
    whole = Play()
    for word in words:
        whole.tell(word)
    torn = {key: value for key, value in whole.store() if key.startswith(b'["c"')}
    book = books(torn.items())["nimbus"]
    effects = [
        effect
        for offset, word in enumerate(words)
        for effect in book.apply(word, Entry(offset, word.received_at), whole.terms)
    ]
    assert effects == []
    next_word = said(260, Phase.RESOLVED)
    assert book.apply(next_word, Entry(3, next_word.received_at), whole.terms) == whole.book.apply(
        next_word, Entry(3, next_word.received_at), whole.terms
    )


def test_a_wake_for_an_unknown_or_moved_instant_is_ignored() -> None:
    play = Play().tell(said(0, Phase.REPORTED))
    case = next(iter(play.book.cases.values()))
    assert play.book.wake("nobody", at(5), Entry(7, at(5)), play.terms) == []
    assert case.wake_at is not None
    assert play.book.wake(case.incident_id, case.wake_at - MINUTE, Entry(8, at(5)), play.terms) == []


def test_no_agreement_no_clocks_but_the_incident_is_shown() -> None:
    play = Play()
    play.tell(said(0, Phase.REPORTED, provider="nimbus", services=("web",)))
    assert play.incident().agreement is None
    assert not [one for one in play.said if isinstance(one, ClockDocument)]


PHASES = [Phase.REPORTED, Phase.ENGAGED, Phase.UPDATE, Phase.RESTORED, Phase.REOPENED, Phase.RESOLVED]


@st.composite
def histories(draw: st.DrawFn) -> list[Notice]:
    """A few incidents told by provider and probes, in the order in which they were received."""
    found = []
    for number in range(draw(st.integers(1, 3))):
        minutes = sorted(draw(st.lists(st.integers(0, 900), min_size=1, max_size=5, unique=True)))
        witness = draw(st.booleans())
        for minute in minutes:
            phase = draw(st.sampled_from((Phase.REPORTED, Phase.RESTORED) if witness else PHASES))
            tell = seen if witness else said
            found.append(tell(minute, phase, source_incident_id=f"i{number}"))
    return sorted(found, key=lambda one: (one.received_at, one.notice_id))


@settings(max_examples=50, deadline=None)
@given(history=histories(), order=st.randoms(use_true_random=False), copies=st.lists(st.integers(0, 14), max_size=4))
def test_neither_order_nor_copies_change_what_is_said_in_the_end(
    history: list[Notice], order: Any, copies: list[int]
) -> None:
    straight, mixed = Play(), Play()
    for notice in history:
        straight.tell(notice)
    shuffled = [*history, *(history[copy % len(history)] for copy in copies)]
    order.shuffle(shuffled)
    for notice in shuffled:
        mixed.tell(notice)
    end = NOON + 24 * HOUR
    live = {
        name: one for name, one in final(straight.run_to(end).said).items() if not name.startswith(("Page", "Plan"))
    }
    other = final(mixed.run_to(end).said)
    for name, content in live.items():
        if content.get("status") is not IncidentStatus.MERGED and content.get("verdict") is not Verdict.NOT_APPLICABLE:
            assert other[name] == content


@settings(max_examples=50, deadline=None)
@given(history=histories(), restarts=st.sets(st.integers(0, 14)))
def test_a_restart_anywhere_changes_nothing(history: list[Notice], restarts: set[int]) -> None:
    steady, shaken = Play(), Play()
    for position, notice in enumerate(history):
        steady.run_to(notice.received_at).tell(notice)
        if position in restarts:
            shaken.restart()
        shaken.run_to(notice.received_at).tell(notice)
    end = NOON + 24 * HOUR
    assert _in_order(shaken.run_to(end).said) == _in_order(steady.run_to(end).said)


def _in_order(said_so_far: list[Document]) -> list[Document]:
    """Sort by document and revision: which of two incidents due at one instant is told first does not matter."""
    return sorted(said_so_far, key=lambda one: (type(one).__name__, one.document_id(), one.document_version() or 0))


@settings(max_examples=40, deadline=None)
@given(history=histories())
def test_pages_are_issued_once_and_revisions_count_up_by_one(history: list[Notice]) -> None:
    play = Play()
    for notice in history:
        play.run_to(notice.received_at).tell(notice)
    play.run_to(NOON + 24 * HOUR)
    ids = [page.page_id for page in play.pages()]
    assert len(ids) == len(set(ids))
    versions: dict[str, list[int]] = {}
    for one in play.said:
        version = one.document_version()
        if version is not None:
            versions.setdefault(f"{type(one).__name__}/{one.document_id()}", []).append(version)
    for numbers in versions.values():
        assert numbers == list(range(1, len(numbers) + 1))


def test_a_book_of_another_layout_is_refused() -> None:
    with pytest.raises(ValueError, match="layout"):
        books([(b'["c","nimbus","x"]', b'j[99,["a","b"],1,null,null,[],{}]')])


def test_an_empty_book_has_nothing_to_store() -> None:
    play = Play(book=Book("nimbus"))
    assert play.store() == []


def test_a_hazard_and_a_drill_open_no_incident() -> None:
    play = Play().tell(said(0, Phase.REPORTED, kind=Kind.HAZARD)).tell(said(1, Phase.REPORTED, flags=(Flag.TEST,)))
    assert play.said == []
    assert [case.wake_at for case in play.book.cases.values()] == [None]


def test_a_restart_keeps_what_hazards_expose() -> None:
    storm = said(-60, Phase.REPORTED, kind=Kind.EXPOSURE, source="weather", source_incident_id="storm-7")
    play = Play().tell(storm).restart().tell(said(0, Phase.REPORTED))
    assert play.incident().exposures == ("weather/storm-7",)
    late = Play().tell(storm).tell(said(0, Phase.REPORTED)).run_to(at(121))
    assert "In the time and area of: weather/storm-7." in late.pages()[0].text


def test_wakes_without_end_are_an_error_and_no_endless_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    play = Play().tell(said(0, Phase.REPORTED))
    monkeypatch.setattr("models.book.CATCH_UP_LIMIT", 1)
    with pytest.raises(RuntimeError, match="more than 1 wakes for one record"):
        play.tell(said(900, Phase.UPDATE))
