"""The fold: one provider's notices and wakes, in ledger order, into incidents, clocks, plans and pages.

A ``Book`` holds one provider's facts and case states and is deterministic: no clock, no I/O. Facts are a set, so copies
and order do not change a verdict; a wake that is due before a record is applied before it, so it does not matter
whether the timer or the next notice came first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from models.case import CaseState
from models.correlation import Span, groups, incident_id, span_of, stands, touches
from models.decision import Decision
from models.document import Document
from models.fact import Fact, Member, fact_of, join
from models.failures import Trouble
from models.hazard_pages import exposed_case
from models.ids import stable_id
from models.incident import Subject
from models.instants import format_instant
from models.notice import Kind, Notice
from models.surroundings import Surroundings, hazard_over, hazards_over, shadow
from models.telling import Merged, Moving, Terms, page_the_late, tell, tell_merged
from models.telling_hazard import Struck, tell_hazard

INSTANT_AFTER = timedelta(microseconds=1)
"""A stop exactly at the target is met, so what falls due shows from the next microsecond on."""
CATCH_UP_LIMIT = 10_000
"""Wakes of one case applied for one record; beyond it something is wrong, and the process must not spin."""

RECENTLY = timedelta(hours=2)
"""How long after its end an incident still counts for the burn rate of another: its long window, and an hour more."""

Facts = dict[str, Fact]
"""By notice id."""


class UnknownIncidentError(LookupError):
    """A decision is about an incident that the provider never had: dead-letter it."""


@dataclass(frozen=True, slots=True)
class Happening:
    """What a record brings, and when: a notice received, a decision made."""

    cause: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """Where and when a record stands in the ledger."""

    offset: int
    recorded_at: datetime
    """The ledger's own stamp, on the product's clock."""


@dataclass
class Book:
    """One provider's incidents. Mutable; owned by whoever folds."""

    provider: str
    facts: dict[Member, Facts] = field(default_factory=dict)
    exposures: dict[Member, Facts] = field(default_factory=dict)
    """Hazards over the provider's sites: they tag incidents and open none (measurement.md §9)."""
    cases: dict[str, CaseState] = field(default_factory=dict)
    members: dict[str, tuple[Member, ...]] = field(default_factory=dict)
    """By incident, first received first."""
    home: dict[Member, str] = field(default_factory=dict)
    """The incident that each member belongs to."""
    spans: dict[Member, Span] = field(default_factory=dict)
    witnesses: int = 0
    maintenance: set[Member] = field(default_factory=set)
    """Members that announce maintenance: it holds pages back."""
    decisions: dict[str, Decision] = field(default_factory=dict)
    """Of people, about all incidents of the provider; by id."""
    changed_members: set[Member] = field(default_factory=set)
    changed_cases: set[str] = field(default_factory=set)
    changed_decisions: bool = False
    """What the shell has to store; it clears these."""

    def apply(self, notice: Notice, entry: Entry, terms: Terms) -> list[Document]:
        """Apply one notice.

        Args:
            notice: of this provider; copies and late ones are harmless.
            entry: its place in the ledger.
            terms: documents in force and limits.

        Returns:
            New revisions and pages, in the order in which they came to be.
        """
        if notice.kind is Kind.HAZARD:
            return []
        fact = fact_of(notice)
        known = (self.exposures if fact.kind is Kind.EXPOSURE else self.facts).setdefault(fact.member, {})
        before = known.get(fact.notice_id)
        joined = join(before, fact)
        if joined == before:
            return []
        known[fact.notice_id] = joined
        self.changed_members.add(fact.member)
        touched = self._exposed(joined) if fact.kind is Kind.EXPOSURE else self._place(fact.member)
        return self._settle(touched, Happening(fact.notice_id, fact.received_at), entry, terms)

    def decide(self, decision: Decision, entry: Entry, terms: Terms) -> list[Document]:
        """Apply one decision of a person: it moves no clock, but who is told from then on.

        Args:
            decision: of this provider; copies are harmless.
            entry: its place in the ledger.
            terms: documents in force and limits.

        Raises:
            UnknownIncidentError: if it is about an incident that this provider never had; nothing is changed.
        """
        if decision.incident_id is None:
            self.decisions.setdefault(decision.decision_id, decision)
            self.changed_decisions = True
            names = {name for name, case in self.cases.items() if case.ladder is not None or case.wake_at is not None}
        else:
            name = self._home(decision.incident_id)
            names = {name}
            self.cases[name].decisions.setdefault(decision.decision_id, decision)
        return self._settle(names, Happening(decision.decision_id, decision.decided_at), entry, terms)

    def _home(self, incident_id: str) -> str:
        """Return the incident under which another one is told now; itself where it stands."""
        case = self.cases.get(incident_id)
        if case is None:
            raise UnknownIncidentError(f"provider {self.provider} has no incident {incident_id}")
        return incident_id if incident_id in self.members else self.home.get(case.seed, incident_id)

    def wake(self, case_id: str, due_at: datetime, entry: Entry, terms: Terms) -> list[Document]:
        """Let one incident's world run to an instant at which something falls due.

        A wake that is no longer wanted, or came twice, changes nothing.
        """
        case = self.cases.get(case_id)
        if case is None or entry.offset <= case.offset or case.wake_at is None or case.wake_at > due_at:
            return []
        now = max(entry.recorded_at, due_at)
        effects = self._run_until(case, max(now, due_at + INSTANT_AFTER), now, terms)
        effects += page_the_late(case, Moving(case.as_of or now, now, _wake_id(case_id, due_at)), terms)
        case.offset = entry.offset
        self.changed_cases.add(case_id)
        return effects

    def restore(
        self, facts: Iterable[Fact], cases: Iterable[CaseState], decisions: Iterable[Decision] = ()
    ) -> None:  # fmt: skip
        """Take back what was stored: after a restart or a rebalance."""
        for fact in facts:
            side = self.exposures if fact.kind is Kind.EXPOSURE else self.facts
            side.setdefault(fact.member, {})[fact.notice_id] = fact
        self.cases.update((case.incident_id, case) for case in cases)
        self.decisions.update((one.decision_id, one) for one in decisions)
        self.spans = {member: span_of(member, known.values()) for member, known in self.facts.items()}
        self.witnesses = sum(1 for span in self.spans.values() if span.is_witness)
        self.maintenance = {member for member, span in self.spans.items() if span.kind is Kind.MAINTENANCE}
        self._regroup()

    def _place(self, member: Member) -> set[str]:
        """Find the incidents that a changed member touches."""
        span, before = span_of(member, self.facts[member].values()), self.spans.get(member)
        self.spans[member] = span
        if span.kind is Kind.MAINTENANCE:
            self.maintenance.add(member)
        if before is None:
            self.witnesses += span.is_witness
        if before is not None and stands(before, span):
            return {self.home[member]}
        if self.witnesses:
            return self._regroup() | {self.home[member]}
        self._assign((member,))
        return {self.home[member]}

    def _regroup(self) -> set[str]:
        """Correlate all members anew; return the incidents whose members changed."""
        before = dict(self.members)
        self.members.clear()
        for group in groups(self.spans):
            self._assign(group)
        names = before.keys() | self.members.keys()
        return {name for name in names if before.get(name) != self.members.get(name)}

    def _assign(self, group: tuple[Member, ...]) -> None:
        name = incident_id(self.provider, group[0])
        self.members[name] = group
        self.home.update(dict.fromkeys(group, name))
        if name not in self.cases:
            self.cases[name] = CaseState(name, group[0])

    def _exposed(self, exposure: Fact) -> set[str]:
        """Return the incidents in the time of a hazard, and the hazard's own memory."""
        name = exposed_case(self.provider, "/".join(exposure.member))
        self.cases.setdefault(name, CaseState(name, exposure.member))
        return {*self._shaded(exposure.member), name}

    def _shaded(self, hazard: Member) -> list[str]:
        """Return the incidents in the time of a hazard, by any of its words."""
        every = [shadow(fact) for fact in self.exposures[hazard].values()]
        return [
            name
            for name, group in self.members.items()
            if any(touches(one, self.spans[member]) for one in every for member in group)
        ]

    def _struck(self, touched: set[str]) -> set[str]:
        """Return the memories of hazards that touched incidents lie in: all may be clear now."""
        spans = [self.spans[member] for name in touched for member in self.members.get(name, ())]
        return {
            exposed_case(self.provider, "/".join(hazard))
            for hazard, facts in self.exposures.items()
            if any(touches(shadow(fact), span) for fact in facts.values() for span in spans)
        } - touched

    def _settle(self, touched: set[str], happening: Happening, entry: Entry, terms: Terms) -> list[Document]:
        """Tell every touched incident up to the record's instant; what was told before a crash stays told."""
        effects: list[Document] = []
        now = max(entry.recorded_at, happening.at)
        for name in (*sorted(touched), *sorted(self._struck(touched) & self.cases.keys())):
            case = self.cases[name]
            self.changed_cases.add(name)
            if entry.offset <= case.offset:
                continue
            effects += self._run_until(case, happening.at, now, terms)
            case.as_of = max([case.as_of or happening.at, happening.at, *self._received(name)])
            moving = Moving(case.as_of, now, happening.cause)
            effects += self._tell(case, moving, terms) + page_the_late(case, moving, terms)
            case.offset = entry.offset
        return effects

    def _received(self, name: str) -> Iterable[datetime]:
        """Return when each member was last heard of: a case that members join runs on to what they knew."""
        return (self.spans[member].last_received for member in self.members.get(name, ()))

    def _run_until(self, case: CaseState, instant: datetime, now: datetime, terms: Terms) -> list[Document]:
        """Apply every wake that is due before an instant, each at its own."""
        effects: list[Document] = []
        for _ in range(CATCH_UP_LIMIT):
            due = case.wake_at
            if due is None or due >= instant:
                return effects
            case.as_of = max(case.as_of or due, due + INSTANT_AFTER)
            effects += self._tell(case, Moving(case.as_of, now, _wake_id(case.incident_id, due)), terms)
        raise RuntimeError(f"incident {case.incident_id}: more than {CATCH_UP_LIMIT} wakes for one record")

    def _tell(self, case: CaseState, moving: Moving, terms: Terms) -> list[Document]:
        """Tell one incident, or one hazard, as of an instant."""
        if case.seed in self.exposures and case.seed not in self.facts:
            return self._tell_hazard(case, moving, terms)
        group = self.members.get(case.incident_id)
        facts = [fact for member in group or (case.seed,) for fact in self.facts.get(member, {}).values()]
        subject = Subject.of(case.incident_id, self.provider, facts, moving.as_of)
        if subject is None:
            case.wake_at = None
            return []
        if group is None:
            around = self.surroundings((case.seed,), subject, moving.as_of)
            return tell_merged(case, Merged(subject, around, self.home[case.seed]), moving, terms)
        return tell(case, subject, self.surroundings(group, subject, moving.as_of), moving, terms)

    def surroundings(self, group: tuple[Member, ...], subject: Subject, as_of: datetime) -> Surroundings:
        """Return what an incident's ladder depends on besides its own facts."""
        spans = [self.spans[member] for member in group]
        works = [tuple(self.facts[member].values()) for member in sorted(self.maintenance - set(group))]
        return Surroundings(
            hazards_over(self.exposures, spans, as_of),
            tuple(self.decisions.values()),
            tuple(facts for facts in works if _concerns(facts, subject.services)),
            partial(self._troubles, subject, as_of),
        )

    def _troubles(self, subject: Subject, as_of: datetime) -> tuple[Trouble, ...]:
        """Return the other incidents that lasted within the hours before as-of."""
        found = []
        for name, group in self.members.items():
            ends = [self.spans[member].end for member in group]
            lasts = any(end is None or end > as_of - RECENTLY for end in ends)
            if name != subject.incident_id and lasts:
                every = (fact for member in group for fact in self.facts[member].values())
                facts = tuple(fact for fact in every if fact.received_at <= as_of)
                services = tuple(sorted({service for fact in facts for service in fact.services}))
                found.append(Trouble(name, self.spans[group[0]].kind, services, facts))
        return tuple(found)

    def _tell_hazard(self, case: CaseState, moving: Moving, terms: Terms) -> list[Document]:
        """Tell of a hazard over the provider's sites; what it hit has to hold before all is clear."""
        hazard = hazard_over(case.seed, self.exposures[case.seed].values(), moving.as_of)
        if hazard is None:
            case.wake_at = None
            return []
        ends = [self.spans[member].end for name in self._shaded(case.seed) for member in self.members[name]]
        known = [at for at in ends if at is not None]
        struck = Struck(self.provider, hazard, max(known, default=None), len(known) < len(ends))
        return tell_hazard(case, struck, moving, terms)


def _concerns(facts: Sequence[Fact], services: Sequence[str]) -> bool:
    """Return whether maintenance concerns any of an incident's services; naming none means all."""
    named = {service for fact in facts for service in fact.services}
    return not named or not services or bool(named & set(services))


def _wake_id(case_id: str, due: datetime) -> str:
    return stable_id("wake", case_id, format_instant(due))
