"""Plays a scenario through a book in virtual time, and says what of it did not come out as told. Pure.

What falls due at an instant comes before what is said at it; then what that makes due. The world runs to the last time
that the scenario names.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from models.agreement import Agreement
from models.book import Book, Entry
from models.decision import Decision
from models.document import Document
from models.documents import AnyDocument, Documents
from models.notice import Notice
from models.paging import Page, PlanDocument, PlannedPage
from models.policy import EscalationPolicy
from models.provider import Provider
from models.records import ClockDocument
from models.rota import Rota
from models.shelf import books, rows
from models.telling import Terms
from tests.scenarios.accounts import accounted, told_at
from tests.scenarios.grammar import Deed, Edit, Hazard, Judged, Planned, Tracker, Woken, Word, Works
from tests.scenarios.language import Event, Scenario
from tests.scenarios.records import PROVIDER_ID, decision_of, notice_of
from tests.support.ledger import AGREEMENT, PROVIDER

POLICY = {"apiVersion": "holdfast/v1", "kind": "EscalationPolicy", "id": "major"}


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What must not change anything."""

    restarts: bool = False
    """The engine starts again from its stored rows after every record."""
    copies: bool = False
    """Every record comes twice."""


@dataclass
class Papers:
    """The documents in force, as a scenario edits them."""

    policy: dict[str, Any]
    provider: dict[str, Any]
    agreement: dict[str, Any]
    rotas: dict[str, Any]
    former: list[EscalationPolicy] = field(default_factory=list)

    @classmethod
    def of(cls, scenario: Scenario) -> "Papers":
        """Lay what a scenario says over the small documents that all of them share."""
        header = scenario.header
        version: Any = AGREEMENT["versions"][0]
        return cls(
            laid_over(POLICY, header.policy),
            laid_over(PROVIDER, header.provider),
            {**AGREEMENT, "versions": [laid_over(version, header.agreement)]},
            dict(header.rotas),
        )

    def edit(self, edit: Edit) -> None:
        """Edit one of them."""
        self.policy = laid_over(self.policy, edit.policy or {})
        self.provider = laid_over(self.provider, edit.provider or {})
        self.rotas = laid_over(self.rotas, edit.rotas or {})

    def in_force(self) -> Documents:
        """Return them to decide by; policies that were in force stay known."""
        policy = EscalationPolicy.model_validate(self.policy)
        self.former.append(policy)
        head = {"apiVersion": "holdfast/v1", "kind": "Rota"}
        rotas = [Rota.model_validate({**head, "id": name, **body}) for name, body in self.rotas.items()]
        papers: list[AnyDocument] = [
            Agreement.model_validate(self.agreement),
            Provider.model_validate(self.provider),
            policy,
            *rotas,
        ]
        return Documents.of(papers, self.former)


def laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return a mapping with another one laid over it; a list takes the place of a list."""
    found = dict(below)
    for key, value in above.items():
        under = found.get(key)
        both = isinstance(under, Mapping) and isinstance(value, Mapping)
        found[key] = laid_over(under, value) if both else value  # type: ignore[arg-type]  # both are mappings
    return found


@dataclass
class Stage:
    """One scenario as it is played."""

    scenario: Scenario
    disturbance: Disturbance = field(default_factory=Disturbance)
    book: Book = field(default_factory=lambda: Book(PROVIDER_ID))
    said: list[Document] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    stored: dict[bytes, bytes] = field(default_factory=dict)
    waiting: list[Notice | Decision] = field(default_factory=list)
    """Said while the tracker was down."""
    is_down: bool = False
    offset: int = -1
    wakes: int = 0

    def __post_init__(self) -> None:
        self.papers = Papers.of(self.scenario)
        self.terms = Terms(self.papers.in_force())

        self.clock: datetime | None = None

    def play(self) -> "Stage":
        """Play the whole time line, then hold every message against what was expected."""
        for event in (one for one in self.scenario.events if one.until is None):
            at = self.scenario.instant(event.at)
            self._run_to(at)
            self.clock = at
            self._act(event, at)
            self._run_to(at)
            self._look(event)
        self._run_to(self.scenario.instant(self.scenario.ends))
        self.faults += accounted(self.scenario, self.pages())
        return self

    def pages(self) -> list[Page]:
        """Return all messages, in order of time."""
        pages = [one for one in self.said if isinstance(one, Page)]
        return sorted(pages, key=lambda one: (told_at(one), one.side, one.rung))

    def _act(self, event: Event, at: datetime) -> None:
        match event.entry:
            case Word() | Works() | Hazard():
                self._record(notice_of(self.scenario, event, at), at)
            case Deed():
                self._record(decision_of(self.scenario, event, at), at)
            case Edit():
                self.papers.edit(event.entry)
                self.terms = Terms(self.papers.in_force())
            case Tracker(tracker="restarts"):
                self._restart()
            case Tracker():
                self.is_down = event.entry.tracker == "down"
                waiting, self.waiting = ([], self.waiting) if self.is_down else (self.waiting, [])
                for record in waiting:
                    self._record(record, at)
            case _:
                pass

    def _record(self, record: Notice | Decision, at: datetime) -> None:
        """Write one record to the ledger, stamped when it is written, and fold it."""
        if self.is_down:
            self.waiting.append(record)
            return
        for _ in range(2 if self.disturbance.copies else 1):
            self.offset += 1
            entry = Entry(self.offset, at)
            if isinstance(record, Notice):
                self.said += self.book.apply(record, entry, self.terms)
            else:
                self.said += self.book.decide(record, entry, self.terms)
            self._disturb()

    def _run_to(self, instant: datetime) -> None:
        """Let time pass: each wake that falls due is a record of its own, stamped when the tracker is there to."""
        while not self.is_down and (due := self._next()) is not None and due[0] <= instant:
            self.wakes += 1
            for _ in range(2 if self.disturbance.copies else 1):
                self.offset += 1
                stamp = max(due[0], self.clock or due[0])
                self.said += self.book.wake(due[1], due[0], Entry(self.offset, stamp), self.terms)
                self._disturb()

    def _next(self) -> tuple[datetime, str] | None:
        """Return when the engine looks next, and at which incident."""
        return min(((one.wake_at, name) for name, one in self.book.cases.items() if one.wake_at), default=None)

    def _disturb(self) -> None:
        if self.disturbance.restarts:
            self._restart()

    def _restart(self) -> None:
        """Forget everything but what was stored."""
        self.stored.update(rows(self.book))
        self.book = books(self.stored.items()).get(PROVIDER_ID, Book(PROVIDER_ID))

    def _look(self, event: Event) -> None:
        """Hold what plans and clocks say by now against what was expected."""
        entry = event.entry
        found: str | None = None
        if isinstance(entry, Planned):
            found = self._plan_fault(entry)
        elif isinstance(entry, Judged):
            found = self._clock_fault(entry)
        elif isinstance(entry, Woken) and self.disturbance == Disturbance() and entry.wakes != self.wakes:
            found = f"{self.wakes} wakes by now, not {entry.wakes}"
        if found is not None:
            self.faults.append(f"{self.scenario.place(event)}: {found}")

    def _plan_fault(self, expected: Planned) -> str | None:
        plans = [one for one in self.said if isinstance(one, PlanDocument)]
        mine = [one for one in plans if expected.incident in (None, one.source_incident_id)]
        rungs = [one for one in mine[-1].rungs if _is_planned(expected, one)] if mine else []
        if not rungs:
            return f"the plan has no rung {expected.rung} for {expected.plan}"
        rung = rungs[0]
        asked = {"state": expected.state}
        told: dict[str, object] = {"state": rung.state}
        for name, wanted, there in (
            ("due", self._instant(expected.due), rung.due_at),
            ("again", self._instant(expected.again), rung.next_loop_at),
            ("acknowledged", expected.acknowledged, rung.acknowledged_by),
        ):
            if wanted is not None:
                asked[name], told[name] = wanted, there  # type: ignore[assignment]  # compared, whatever they are
        if expected.because is not None and expected.because not in (rung.reason or ""):
            asked["because"], told["because"] = expected.because, rung.reason  # type: ignore[assignment]
        return None if asked == told else f"the plan says {told}, not {asked} ({rung.reason})"

    def _clock_fault(self, expected: Judged) -> str | None:
        clocks = [
            one
            for one in self.said
            if isinstance(one, ClockDocument)
            and (one.objective, one.basis) == (expected.clock, "agreed")
            and expected.incident in (None, one.source_incident_id)
        ]
        verdict = clocks[-1].verdict.value if clocks else "not there"
        return None if verdict == expected.verdict else f"the clock of {expected.clock} is {verdict}"

    def _instant(self, at: timedelta | None) -> datetime | None:
        return None if at is None else self.scenario.instant(at)


def _is_planned(expected: Planned, rung: PlannedPage) -> bool:
    return (
        expected.plan in (rung.recipient, rung.rota)
        and rung.rung == expected.rung
        and expected.by in (None, rung.channel)
    )
