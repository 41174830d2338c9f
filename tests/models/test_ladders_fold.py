"""Ladders through the fold, whatever happens in whatever order: told once, never taken back, the same in the end."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.agreement import Agreement
from models.book import Entry, UnknownIncidentError
from models.correlation import incident_id
from models.decision import Action, Decision
from models.documents import Documents
from models.ids import stable_id
from models.notice import Flag, Kind, Notice, Phase, Speaker
from models.paging import PlanDocument, RungState, Side
from models.policy import EscalationPolicy
from models.provider import Provider
from models.telling import Terms
from tests.models.test_book import said, seen
from tests.support.ledger import AGREEMENT, POLICY, PROVIDER, Play, final

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
Record = Notice | Decision


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def decided(minute: float, action: Action, **fields: Any) -> Decision:
    values: dict[str, Any] = {
        "decision_id": stable_id("decided", str(minute), action.value, str(sorted(fields.items()))),
        "provider": "nimbus", "incident_id": incident_id("nimbus", ("status", "inc-1")), "action": action,
        "side": Side.CUSTOMER, "person": "noc", "identity": "token", "decided_at": at(minute),
    }  # fmt: skip
    return Decision(**{**values, **fields})


def applied(play: Play, record: Record) -> Play:
    """Apply a record when it comes, after everything that fell due before."""
    if isinstance(record, Notice):
        return play.run_to(record.received_at).tell(record)
    play.run_to(record.decided_at)
    play.offset += 1
    play.said += play.book.decide(record, Entry(play.offset, record.decided_at), play.terms)
    return play


def comes_at(record: Record) -> datetime:
    return record.received_at if isinstance(record, Notice) else record.decided_at


@dataclass(frozen=True)
class Course:
    """A policy, and what happens under it."""

    policy: EscalationPolicy
    records: tuple[Record, ...]

    def play(self) -> Play:
        return Play(terms=Terms(Documents.of([*Play().terms.documents, self.policy])))


WAY = {"via": ["webhook"]}
CONDITIONS: tuple[dict[str, Any], ...] = (
    {"objective": "acknowledge", "breached": True},
    {"objective": "restore", "share": 0.25},
    {"objective": "restore", "share": 0.5, "after": "7m"},
    {"objective": "update", "missed": 1},
    {"promise": "broken"},
    {"priority": "p1"},
    {"exposure": True},
    {"silence": True},
)


@st.composite
def policies(draw: st.DrawFn) -> EscalationPolicy:
    def ladder(who: str) -> list[dict[str, Any]]:
        return [
            {
                "when": draw(st.sampled_from(CONDITIONS)),
                "notify": [who],
                "via": ["webhook"],
                "acknowledge_within": "13m",
            }
            for _ in range(draw(st.integers(0, 3)))
        ]

    repeat: dict[str, Any] = {"every": "40m", "loops": draw(st.integers(0, 4)), "floor": "3h"}
    if draw(st.booleans()):
        repeat["acknowledgement_holds"] = "90m"
    ladders = {"provider_ladder": ladder("duty"), "customer_ladder": ladder("noc")}
    return EscalationPolicy.model_validate({**POLICY, **ladders, "repeat": repeat, "applies_to": {}})


@st.composite
def courses(draw: st.DrawFn) -> Course:
    """An incident of the provider with what is said and decided about it, at whole quarters of an hour."""
    records: list[Record] = [said(0, Phase.REPORTED, received_at=at(0))]
    quarters = st.integers(1, 40).map(lambda one: one * 15)
    for number, minute in enumerate(draw(st.lists(quarters, max_size=6))):
        what = draw(st.sampled_from(["word", "word", "seen", "storm", "acknowledge", "mute", "unmute"]))
        side = draw(st.sampled_from(Side))
        if what == "word":
            phase = draw(st.sampled_from([Phase.UPDATE, Phase.ENGAGED, Phase.RESTORED, Phase.REOPENED, Phase.RESOLVED]))
            promised = at(minute + 20) if phase is Phase.UPDATE else None
            records.append(said(minute, phase, received_at=at(minute), promised_at=promised, text=f"word {number}"))
        elif what == "seen":
            phase = draw(st.sampled_from([Phase.REPORTED, Phase.RESTORED]))
            records.append(seen(minute, phase, received_at=at(minute)))
        elif what == "storm":
            over = {
                "kind": Kind.EXPOSURE,
                "speaker": Speaker.AUTHORITY,
                "source": "weather",
                "source_incident_id": "s7",
            }
            until_when = {"claimed_end_at": at(minute + 200), "received_at": at(minute)}
            records.append(said(minute, Phase.REPORTED, **over, **until_when))
        elif what == "acknowledge":
            records.append(decided(minute, Action.ACKNOWLEDGE, side=side))
        else:
            until = at(minute + 50) if what == "mute" else None
            records.append(decided(minute, Action(what), side=side, until=until))
    return Course(draw(policies()), tuple(sorted(records, key=comes_at)))


END = 900


@settings(max_examples=30)
@given(course=courses())
def test_a_page_is_told_once_and_what_became_of_it_never_changes(course: Course) -> None:
    play = course.play()
    known: dict[str, Any] = {}
    for record in course.records:
        applied(play, record)
        now = {name: told for case in play.book.cases.values() for name, told in case.pages.items()}
        assert known.items() <= now.items()
        known = now
    ids = [page.page_id for page in play.run_to(at(END)).pages()]
    assert len(ids) == len(set(ids))
    assert all(page.late_s == 0 for page in play.pages()), "time was never behind"


@settings(max_examples=30)
@given(course=courses(), dice=st.randoms(use_true_random=False))
def test_what_comes_at_one_instant_may_come_in_any_order_and_twice(course: Course, dice: Any) -> None:
    straight, mixed = course.play(), course.play()
    for record in course.records:
        applied(straight, record)
    for _, together in groupby(course.records, key=comes_at):
        shuffled = list(together)
        shuffled += dice.sample(shuffled, dice.randint(0, len(shuffled)))
        first = next((one for one in shuffled if one is course.records[0]), None)
        dice.shuffle(shuffled)
        if first is not None:
            shuffled.insert(0, first)  # what is decided is about something
        for record in shuffled:
            applied(mixed, record)
    assert _ends(mixed) == _ends(straight)


@settings(max_examples=20)
@given(course=courses(), where=st.sets(st.integers(0, 6)))
def test_the_fold_of_stored_rows_goes_on_as_if_nothing_had_been(course: Course, where: set[int]) -> None:
    steady, shaken = course.play(), course.play()
    for position, record in enumerate(course.records):
        applied(steady, record)
        if position in where:
            shaken.restart()
        applied(shaken, record)
    steady.run_to(at(END)), shaken.restart().run_to(at(END))
    assert _ends(shaken) == _ends(steady)
    assert [one.page_id for one in shaken.pages()] == [one.page_id for one in steady.pages()]


def _ends(play: Play) -> dict[str, Any]:
    """Return what plans and pages say in the end."""
    play.run_to(at(END))
    return {name: one for name, one in final(play.said).items() if name.startswith(("Plan", "Page"))}


def test_a_decision_about_an_incident_that_never_was_is_refused() -> None:
    play = Play().tell(said(0, Phase.REPORTED))
    with pytest.raises(UnknownIncidentError, match="provider nimbus has no incident nowhere"):
        applied(play, decided(5, Action.ACKNOWLEDGE, incident_id="nowhere"))
    assert play.book.changed_decisions is False


def test_a_decision_about_all_incidents_is_stored_once() -> None:
    play = Play().tell(said(0, Phase.REPORTED))
    play.store()
    applied(play, decided(5, Action.MUTE, incident_id=None, side=None, until=at(200)))
    assert [key[:4] for key, _ in play.store()] == [b'["c"', b'["d"']
    assert play.restart().run_to(at(199)).pages() == []
    assert len(play.run_to(at(201)).pages()) == 2


def test_an_acknowledgement_of_a_page_whose_reason_went_away_starts_no_silence() -> None:
    rungs = [
        {
            "when": {"objective": "update", "missed": 1},
            "notify": ["noc"],
            "via": ["webhook"],
            "acknowledge_within": "30m",
        },
        {"when": {"silence": True}, "notify": ["boss"], "via": ["email"]},
    ]
    policy = EscalationPolicy.model_validate({**POLICY, "provider_ladder": [], "customer_ladder": rungs})
    play = Course(policy, ()).play().tell(said(0, Phase.REPORTED)).run_to(at(70))
    play.tell(said(50, Phase.UPDATE, received_at=at(75))).run_to(at(100))
    assert [(page.recipient, page.due_at) for page in play.pages()] == [("noc", at(60))]


WITHIN = {
    "no agreement for its service": (["mail"], True, 0),
    "a priority outside the policy's scope": (["mail", "web"], False, 0),
    "a ladder": (["mail", "web"], True, 1),
}


@pytest.mark.parametrize("name", WITHIN)
def test_an_incident_that_joins_another_says_so_on_its_plan_if_it_still_has_one(name: str) -> None:
    """Two alerts apart in services, and a record of the provider that covers both."""
    services, applies, plans = WITHIN[name]
    play = Play(terms=_terms(["mail", "web"], applies=True)).tell(seen(0, Phase.REPORTED))
    play.tell(seen(1, Phase.REPORTED, source_incident_id="web@noon", services=("web",)))
    play.terms = _terms(services, applies=applies)
    play.tell(said(5, Phase.REPORTED, services=("mail", "web")))
    merged = incident_id("nimbus", ("probes", "web@noon"))
    mine = [one for one in play.said if isinstance(one, PlanDocument) and one.incident_id == merged]
    assert {rung.state for rung in mine[0].rungs} >= {RungState.WAITING}
    assert len(mine) == 1 + plans
    if plans:
        assert {rung.state for rung in mine[-1].rungs} <= {RungState.SUPPRESSED, RungState.WITHDRAWN}
        assert mine[-1].next_due_at is None


def test_an_incident_that_joins_another_without_a_plan_makes_none() -> None:
    play = Play(terms=_terms(["mail"], applies=True)).tell(seen(0, Phase.REPORTED))
    play.tell(seen(1, Phase.REPORTED, source_incident_id="web@noon", services=("web",)))
    play.tell(said(5, Phase.REPORTED, services=("mail", "web")))
    merged = incident_id("nimbus", ("probes", "web@noon"))
    assert not [one for one in play.said if isinstance(one, PlanDocument) and one.incident_id == merged]


def _terms(services: list[str], *, applies: bool) -> Terms:
    first: Any = AGREEMENT["versions"][0]
    version = {**first, "services": services}
    policy = {**POLICY, "applies_to": {"priorities": ["p1" if applies else "p2"]}, "id": "major"}
    papers = [Agreement.model_validate({**AGREEMENT, "versions": [version]}), Provider.model_validate(PROVIDER)]
    return Terms(Documents.of([*papers, EscalationPolicy.model_validate(policy)]))


def test_a_hazard_of_which_only_a_test_message_is_known_waits_for_nothing() -> None:
    play = Play().tell(said(0, Phase.REPORTED, kind=Kind.EXPOSURE, source="weather", flags=(Flag.TEST,)))
    assert [case.wake_at for case in play.book.cases.values()] == [None]
    assert play.tell(said(1, Phase.REPORTED)).incident().exposures == ()
