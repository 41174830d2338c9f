"""The auditor: each kind of finding, and what is none. Real ledger records through the real fold, no servers."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest

from models.audit import Discrepancy, Fault, Found, Scope, audit
from models.book import Entry
from models.decision import Action, Decision
from models.delivered import sent_twice
from models.document import Document
from models.instants import format_instant
from models.notice import Identity, Notice, Phase
from models.paging import Delivery, Outcome, Page, PageKind, PlanDocument, Side
from models.replaying import LedgerRecord, Replay
from models.telling import Terms
from tests.support import samples
from tests.support.ledger import HOUR, MINUTE, Play, documents

BEGIN = samples.later(2)
"""When the first notice is received."""
LATER = BEGIN + 24 * HOUR


@dataclass
class Recorded(Play):
    """A play whose ledger is kept."""

    def __post_init__(self) -> None:
        self.ledger: list[LedgerRecord] = []

    def tell(self, notice: Notice, *, recorded_at: datetime | None = None) -> "Play":
        super().tell(notice, recorded_at=recorded_at)
        at = recorded_at or notice.received_at
        self.ledger.append(LedgerRecord(0, self.offset, at, "notice", notice.to_wire()))
        return self

    def run_to(self, instant: datetime) -> "Play":
        while due := [case for case in self.book.cases.values() if case.wake_at and case.wake_at <= instant]:
            case = min(due, key=lambda one: one.wake_at or instant)
            assert case.wake_at is not None
            wake = {"provider": "nimbus", "incident_id": case.incident_id, "due_at": format_instant(case.wake_at)}
            self.ledger.append(LedgerRecord(0, self.offset + 1, case.wake_at, "wake", orjson.dumps(wake)))
            super().run_to(case.wake_at)
        return self

    def found(self) -> Found:
        """Return what is on the topics when nothing is lost and everything was delivered."""
        plans = {one.incident_id: one for one in self.said if isinstance(one, PlanDocument)}
        return Found(self.pages(), plans, [one for page in self.pages() for one in delivered(page)])


def delivered(page: Page) -> list[Delivery]:
    """Return the two records of a page that was brought at once."""
    return [delivery(page, 1, Outcome.SENDING), delivery(page, 1, Outcome.SENT)]


def delivery(page: Page, attempt: int, outcome: Outcome, **fields: Any) -> Delivery:
    """Return one record of a page's deliveries."""
    own = {"page_id": page.page_id, "recipient": page.recipient, "channel": page.channel, "finished_at": page.issued_at}
    return samples.delivery(0, attempt, outcome, **{**own, **fields})


@pytest.fixture
def played() -> Recorded:
    """An incident that nobody answers, until several pages are out."""
    play = Recorded()
    play.tell(samples.notice())
    play.run_to(BEGIN + 6 * HOUR)
    assert len(play.pages()) >= 3
    return play


def audited(play: Recorded, found: Found, **scope: Any) -> tuple[Discrepancy, ...]:
    """Audit a play."""
    replay = Replay(Terms(scope.pop("documents", documents())))
    for record in scope.pop("ledger", play.ledger):
        replay.apply(record)
    values: dict[str, Any] = {"now": LATER, "handled": {0: play.offset + 1}}
    return audit(replay.expected, found, documents(), Scope(**{**values, **scope}))


def faults(discrepancies: Iterable[Discrepancy]) -> list[tuple[Fault, str | None]]:
    """Return kinds and pages."""
    return [(one.fault, one.page_id) for one in discrepancies]


def test_a_run_that_lost_nothing_is_clean(played: Recorded) -> None:
    assert audited(played, played.found()) == ()


def test_records_that_came_twice_on_the_topics_are_no_finding(played: Recorded) -> None:
    found = played.found()
    assert audited(played, replace(found, pages=[*found.pages, *found.pages])) == ()


def test_a_page_that_was_lost_is_missing(played: Recorded) -> None:
    found = played.found()
    lost = found.pages[1]
    (one,) = audited(played, replace(found, pages=[page for page in found.pages if page is not lost]))
    assert (one.fault, one.page_id, one.explained) == (Fault.MISSING, lost.page_id, None)
    assert lost.recipient_name in one.words


def test_what_follows_from_records_that_the_engine_has_not_committed_may_not_be_out_yet(played: Recorded) -> None:
    found = Found([], {}, [])
    assert audited(played, found, handled={}) == ()
    assert audited(played, found, handled={0: 1}) != ()


def test_a_page_that_the_ledger_does_not_give_should_not_be(played: Recorded) -> None:
    found = played.found()
    stray = found.pages[0].model_copy(update={"page_id": "stray"})
    more = replace(found, pages=[*found.pages, stray], deliveries=[*found.deliveries, *delivered(stray)])
    assert faults(audited(played, more)) == [(Fault.UNEXPECTED, "stray")]


def test_a_page_of_an_incident_without_a_plan_should_not_be_and_that_is_said(played: Recorded) -> None:
    found = played.found()
    stray = found.pages[0].model_copy(update={"page_id": "stray", "incident_id": "no such incident"})
    more = replace(found, pages=[*found.pages, stray], deliveries=[*found.deliveries, *delivered(stray)])
    (one,) = audited(played, more)
    assert (one.fault, one.page_id) == (Fault.UNEXPECTED, "stray")
    assert one.words.endswith("the ledger gives no such page: the incident has no plan")


def test_a_page_of_another_version_of_the_policy_should_not_be_and_that_is_said(played: Recorded) -> None:
    found = played.found()
    stray = found.pages[0].model_copy(update={"page_id": "stray", "policy_version": "000000000000"})
    more = replace(found, pages=[*found.pages, stray], deliveries=[*found.deliveries, *delivered(stray)])
    (one,) = audited(played, more)
    assert one.fault is Fault.UNEXPECTED
    assert "000000000000" in one.words
    assert one.explained is not None


def test_a_page_in_place_of_another_and_one_that_tells_several_are_as_good_as_those() -> None:
    play = Recorded()
    play.tell(samples.notice())
    play.run_to(BEGIN + 6 * HOUR)
    found = play.found()
    first = found.pages[0]
    stand_in = first.model_copy(update={"page_id": "second try", "stands_in_for": first.page_id})
    third = first.model_copy(update={"page_id": "third try", "stands_in_for": "second try"})
    members = tuple(page.page_id for page in found.pages[:2])
    bundle = first.model_copy(update={"page_id": "bundle", "kind": PageKind.BUNDLE, "members": members})
    more = [stand_in, third, bundle]
    deliveries = [*found.deliveries, *(one for page in more for one in delivered(page))]
    assert audited(play, Found([*found.pages, *more], found.plans, deliveries)) == ()
    orphan = first.model_copy(update={"page_id": "orphan", "stands_in_for": "nothing"})
    with_orphan = Found([*found.pages, orphan], found.plans, [*found.deliveries, *delivered(orphan)])
    assert faults(audited(play, with_orphan)) == [(Fault.UNEXPECTED, "orphan")]


def test_a_page_with_another_instant_under_the_same_id_differs(played: Recorded) -> None:
    found = played.found()
    moved = found.pages[0].model_copy(update={"due_at": found.pages[0].due_at + MINUTE})
    assert faults(audited(played, replace(found, pages=[moved, *found.pages[1:]]))) == [(Fault.DIFFERS, moved.page_id)]


def test_a_page_without_an_outcome_is_undelivered_when_it_had_time_enough(played: Recorded) -> None:
    found = played.found()
    open_page = found.pages[0]
    rest = [one for one in found.deliveries if one.page_id != open_page.page_id]
    for begun in ([], [delivery(open_page, 1, Outcome.SENDING)], [delivery(open_page, 1, Outcome.RETRYING)]):
        more = replace(found, deliveries=[*rest, *begun])
        assert faults(audited(played, more)) == [(Fault.UNDELIVERED, open_page.page_id)]
    assert audited(played, replace(found, deliveries=rest), now=open_page.issued_at + 14 * MINUTE) == ()


FINAL = [(Outcome.SENT, True), (Outcome.FAILED, True), (Outcome.BUNDLED, True), (Outcome.UNKNOWN, False)]


@pytest.mark.parametrize(("outcome", "critical"), FINAL, ids=[outcome.value for outcome, _ in FINAL])
def test_a_page_with_a_final_outcome_is_done(played: Recorded, outcome: Outcome, critical: bool) -> None:
    found = played.found()
    last = found.pages[-1].model_copy(update={"critical": critical})
    rest = [one for one in found.deliveries if one.page_id != last.page_id]
    more = Found([*found.pages[:-1], last], found.plans, [*rest, delivery(last, 1, outcome)])
    assert audited(played, more) == ()


def test_a_page_that_is_held_to_be_told_with_others_has_longer(played: Recorded) -> None:
    found = played.found()
    held = found.pages[0].model_copy(update={"digest_s": 14_400.0})
    rest = [one for one in found.deliveries if one.page_id != held.page_id]
    more = Found([held, *found.pages[1:]], found.plans, rest)
    assert audited(played, more, now=held.issued_at + 4 * HOUR) == ()
    assert faults(audited(played, more, now=held.issued_at + 5 * HOUR)) == [(Fault.UNDELIVERED, held.page_id)]


def attempts(*told: tuple[int, Outcome, bool]) -> list[Delivery]:
    """Return a page's deliveries, in order, as (attempt, outcome, marked as a repeat)."""
    page = samples.page()
    return [delivery(page, attempt, outcome, repeated=repeated) for attempt, outcome, repeated in told]


SENDING, SENT, UNKNOWN, RETRYING = Outcome.SENDING, Outcome.SENT, Outcome.UNKNOWN, Outcome.RETRYING
TWICE = {
    "sent, and sent again": [(1, SENDING, False), (1, SENT, False), (2, SENDING, False), (2, SENT, False)],
    "two that sent the same attempt": [(1, SENDING, False), (1, SENDING, False), (1, SENT, False), (1, SENT, False)],
    "sent twice without a beginning": [(1, SENT, False), (1, SENT, False)],
    "again after an unknown outcome": [(1, SENDING, False), (1, UNKNOWN, False), (2, SENDING, False)],
    "again after an attempt that nobody finished": [(1, SENDING, False), (2, SENDING, False)],
}
ONCE = {
    "at once": [(1, SENDING, False), (1, SENT, False)],
    "after a refusal that the receiver can't have taken": [
        (1, SENDING, False), (1, RETRYING, False), (2, SENDING, False), (2, SENT, False)],
    "again after an unknown outcome, and marked": [
        (1, SENDING, False), (1, UNKNOWN, False), (2, SENDING, True), (2, SENT, True)],
    "cut off, recorded as unknown, and marked": [(1, SENDING, False), (1, UNKNOWN, False), (2, SENDING, True)],
}  # fmt: skip


@pytest.mark.parametrize("told", TWICE.values(), ids=TWICE)
def test_told_twice_unmarked(told: list[tuple[int, Outcome, bool]]) -> None:
    assert len(list(sent_twice(attempts(*told)))) == 1


@pytest.mark.parametrize("told", ONCE.values(), ids=ONCE)
def test_told_once_or_marked(told: list[tuple[int, Outcome, bool]]) -> None:
    assert list(sent_twice(attempts(*told))) == []


def test_a_page_sent_twice_unmarked_is_a_finding_of_the_audit(played: Recorded) -> None:
    found = played.found()
    again = delivered(found.pages[0])
    assert faults(audited(played, replace(found, deliveries=[*found.deliveries, *again]))) == [
        (Fault.TWICE, found.pages[0].page_id)
    ]


def plans_of(play: Recorded, change: dict[str, Any] | None) -> dict[str, PlanDocument]:
    """Return the newest plan, changed; none at all for None."""
    ((incident_id, plan),) = play.found().plans.items()
    return {} if change is None else {incident_id: plan.model_copy(update=change)}


PLANS = {
    "none at all": None,
    "one that is behind": {"revision": 1},
    "one that is further than the ledger": {"revision": 99},
    "one that says something else under the same revision": {"next_due_at": LATER},
}


@pytest.mark.parametrize("change", PLANS.values(), ids=PLANS)
def test_a_plan_that_is_not_what_the_ledger_gives(played: Recorded, change: dict[str, Any] | None) -> None:
    found = replace(played.found(), plans=plans_of(played, change))
    assert faults(audited(played, found)) == [(Fault.PLAN_DIFFERS, None)]


def test_what_was_before_the_scope_is_not_looked_at(played: Recorded) -> None:
    assert audited(played, Found([], {}, []), since=BEGIN + 7 * HOUR) == ()


def test_a_difference_is_explained_where_a_document_was_published_after_the_incident_began(played: Recorded) -> None:
    found = replace(played.found(), pages=played.pages()[1:])
    for key in ("Agreement/nimbus-sla", "Provider/nimbus", "EscalationPolicy/major"):
        (one,) = audited(played, found, changed_at={key: BEGIN + HOUR})
        assert one.explained is not None
        assert key in one.explained
    for key, at in (("Agreement/nimbus-sla", BEGIN - HOUR), ("Agreement/other", BEGIN + HOUR)):
        (one,) = audited(played, found, changed_at={key: at})
        assert one.explained is None


def test_a_record_that_breaks_the_fold_leaves_its_provider_unaudited_and_says_so(
    played: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> list[Document]:
        raise ZeroDivisionError

    monkeypatch.setattr("models.replaying.Book.wake", broken)
    (one,) = audited(played, played.found())
    assert (one.fault, one.provider) == (Fault.UNAUDITED, "nimbus")
    assert "0/1" in one.words


@pytest.mark.parametrize(
    ("kind", "value"),
    [("notice", b""), ("notice", b"{}"), ("wake", b"{}"), ("wake", b"[1]"), ("decision", b"\xff"), ("other", b"null")],
)
def test_what_is_no_record_of_the_ledger_is_passed_over(played: Recorded, kind: str, value: bytes) -> None:
    stray = LedgerRecord(0, played.offset + 1, LATER, kind, value)
    assert audited(played, played.found(), ledger=[*played.ledger, stray]) == ()


def test_a_notice_of_another_phase_that_ends_the_incident_is_folded_as_the_engine_does() -> None:
    play = Recorded()
    play.tell(samples.notice())
    play.run_to(BEGIN + HOUR)
    play.tell(samples.notice(90, phase=Phase.RESOLVED), recorded_at=samples.later(92) + timedelta(seconds=3))
    play.run_to(BEGIN + 12 * HOUR)
    assert audited(play, play.found()) == ()
    assert play.found().plans


def decided(play: Recorded) -> LedgerRecord:
    """Return an acknowledgement as the next record of a ledger."""
    decision = Decision(
        decision_id="d", provider="nimbus", incident_id=play.pages()[0].incident_id, action=Action.ACKNOWLEDGE,
        side=Side.CUSTOMER, person="noc", identity=Identity.TOKEN, decided_at=LATER,
    )  # fmt: skip
    return LedgerRecord(0, play.offset + 1, LATER, "decision", decision.to_wire())


def test_an_acknowledgement_is_folded_at_its_place_and_without_it_the_ledger_gives_other_plans(
    played: Recorded,
) -> None:
    record = decided(played)
    play = played
    play.said += play.book.decide(Decision.from_wire(record.value), Entry(record.offset, LATER), play.terms)
    play.offset = record.offset
    ledger = [*play.ledger, record]
    assert audited(play, play.found(), ledger=ledger, now=LATER + MINUTE) == ()
    without = audited(play, play.found(), ledger=play.ledger, now=LATER + MINUTE)
    assert Fault.PLAN_DIFFERS in {one.fault for one in without}


def test_a_decision_about_an_incident_that_never_was_changes_nothing(played: Recorded) -> None:
    stray = Decision.from_wire(decided(played).value).model_copy(update={"incident_id": "nothing"})
    record = LedgerRecord(0, played.offset + 1, LATER, "decision", stray.to_wire())
    assert audited(played, played.found(), ledger=[*played.ledger, record]) == ()
