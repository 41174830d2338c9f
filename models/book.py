"""The fold: one provider's notices and wakes, in ledger order, into incidents, clocks, plans and pages.

A ``Book`` holds one provider's facts and case states and is deterministic: no clock, no I/O. Facts are a set, so copies
and order do not change a verdict; a wake that is due before a record is applied before it, so it does not matter
whether the timer or the next notice came first.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from models.case import CaseState
from models.correlation import Span, groups, incident_id, span_of, touches
from models.document import Document
from models.fact import Fact, Member, fact_of, join
from models.ids import stable_id
from models.incident import Subject
from models.instants import format_instant
from models.notice import Kind, Notice, Phase
from models.telling import Moving, Terms, page_the_late, tell, tell_merged

INSTANT_AFTER = timedelta(microseconds=1)
"""A stop exactly at the target is met, so what falls due shows from the next microsecond on."""
CATCH_UP_LIMIT = 10_000
"""Wakes of one case applied for one record; beyond it something is wrong, and the process must not spin."""

Facts = dict[str, Fact]
"""By notice id."""


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
    changed_members: set[Member] = field(default_factory=set)
    changed_cases: set[str] = field(default_factory=set)
    """What the shell has to store; it clears both."""

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
        return self._settle(touched, fact, entry, terms)

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

    def restore(self, facts: Iterable[Fact], cases: Iterable[CaseState]) -> None:
        """Take back what was stored: after a restart or a rebalance."""
        for fact in facts:
            side = self.exposures if fact.kind is Kind.EXPOSURE else self.facts
            side.setdefault(fact.member, {})[fact.notice_id] = fact
        self.cases.update((case.incident_id, case) for case in cases)
        self.spans = {member: span_of(member, known.values()) for member, known in self.facts.items()}
        self.witnesses = sum(1 for span in self.spans.values() if span.is_witness)
        self._regroup()

    def _place(self, member: Member) -> set[str]:
        """Find the incidents that a changed member touches."""
        span, before = span_of(member, self.facts[member].values()), self.spans.get(member)
        self.spans[member] = span
        if before is None:
            self.witnesses += span.is_witness
        if before is not None and _stands(before, span):
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
        """Return the incidents in the time of a hazard."""
        return {
            name
            for name, group in self.members.items()
            if any(touches(_shadow(exposure), self.spans[member]) for member in group)
        }

    def _settle(self, touched: set[str], fact: Fact, entry: Entry, terms: Terms) -> list[Document]:
        """Tell every touched incident up to the record's instant; what was told before a crash stays told."""
        effects: list[Document] = []
        now = max(entry.recorded_at, fact.received_at)
        for name in sorted(touched):
            case = self.cases[name]
            self.changed_cases.add(name)
            if entry.offset <= case.offset:
                continue
            effects += self._run_until(case, fact.received_at, now, terms)
            case.as_of = max([case.as_of or fact.received_at, fact.received_at, *self._received(name)])
            moving = Moving(case.as_of, now, fact.notice_id)
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
        """Tell one incident as of an instant."""
        group = self.members.get(case.incident_id)
        facts = [fact for member in group or (case.seed,) for fact in self.facts.get(member, {}).values()]
        subject = Subject.of(case.incident_id, self.provider, facts, moving.as_of)
        if subject is None:
            case.wake_at = None
            return []
        if group is None:
            return tell_merged(case, subject, self.home[case.seed], moving.cause)
        return tell(case, subject, self._exposures(group, moving.as_of), moving, terms)

    def _exposures(self, group: tuple[Member, ...], as_of: datetime) -> tuple[str, ...]:
        """Return the hazards in whose area and time the provider's sites stood, as ``source/id``."""
        found = []
        for hazard, facts in self.exposures.items():
            known = [fact for fact in facts.values() if fact.received_at <= as_of]
            withdrawn = any(fact.phase is Phase.CANCELLED for fact in known)
            spans = [self.spans[member] for member in group]
            if not withdrawn and any(touches(_shadow(fact), span) for fact in known for span in spans):
                found.append("/".join(hazard))
        return tuple(sorted(found))


def _wake_id(case_id: str, due: datetime) -> str:
    return stable_id("wake", case_id, format_instant(due))


def _stands(before: Span, after: Span) -> bool:
    """Return whether a change leaves a member's place among the others as it was."""
    return (before.begin, before.end, before.services, before.first_received, before.kind, before.is_witness) == (
        after.begin, after.end, after.services, after.first_received, after.kind, after.is_witness,
    )  # fmt: skip


def _shadow(exposure: Fact) -> Span:
    """Return when and over which services a hazard stood: its own claimed interval, open where it names no end."""
    begin = exposure.claimed_at or exposure.spoken_at
    return Span(
        member=exposure.member,
        is_witness=False,
        kind=Kind.EXPOSURE,
        services=frozenset(exposure.services),
        begin=begin,
        end=exposure.claimed_end_at,
        first_received=exposure.received_at,
        last_received=exposure.received_at,
    )
