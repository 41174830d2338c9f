"""What counts in each dimension of a provider's score, by all that is on record of a period. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.availability import Availability
from models.documents import Documents
from models.episode import Case
from models.honesty import checked, doubts
from models.matter import Matter
from models.notice import Kind
from models.promise_lines import JUDGED
from models.promises import Keeping, Promise, ledger
from models.questions import Reference
from models.records import Basis, ClockDocument, IncidentStatus, Objective, Verdict
from models.reviews import Review, ReviewState
from models.scoring import Dimension, Measured

RESPONDING = (Objective.NOTIFY, Objective.ACKNOWLEDGE, Objective.RESPOND)
RECOVERING = (Objective.WORKAROUND, Objective.RESTORE, Objective.RESOLVE)
RUNNING = (Verdict.PENDING, Verdict.RUNNING, Verdict.PAUSED, Verdict.OVERDUE)
REPEAT_WITHIN = timedelta(days=30)
"""An incident of the same title and a common service, so soon after another one's end, repeats it."""


@dataclass(frozen=True)
class Lookback:
    """One provider over one period."""

    provider: str
    begin: datetime
    """UTC; inclusive."""
    end: datetime
    """Exclusive."""
    as_of: datetime
    matters: tuple[Matter, ...]
    """Of the provider; those that began before the period tell what is repeated."""
    documents: Documents
    reviews: tuple[Review, ...] = ()
    """Owed by its agreements."""
    availabilities: tuple[Availability, ...] = ()
    """Of the months that end within the period."""

    @property
    def incidents(self) -> tuple[Matter, ...]:
        """Its incidents that began in the period, without false alarms and duplicates; the earliest first."""
        void = (IncidentStatus.CANCELLED, IncidentStatus.MERGED)
        found = (one for one in self.matters if one.incident.kind == "incident" and one.incident.status not in void)
        within = (one for one in found if self.begin <= one.incident.started_at < min(self.end, self.as_of))
        return tuple(sorted(within, key=lambda one: (one.incident.started_at, one.incident.incident_id)))

    def promises(self) -> Iterator[tuple[Matter, Promise]]:
        """Yield the promises made in its incidents, on the agreed basis."""
        for one in self.incidents:
            agreement = self.documents.agreements.get(one.incident.agreement or "")
            version = None if agreement is None else one.version(agreement)
            if version is not None:
                found = ledger(one.facts, version, self.as_of)
                yield from ((one, promise) for promise in found if promise.basis is Basis.AGREED)


def dimensions(look: Lookback) -> tuple[Measured, ...]:
    """Return every dimension of a provider over a period."""
    every = look.incidents
    exposed = [one for one in every if one.incident.exposures]
    return (
        clocks_of(Dimension.RESPONSIVENESS, every, RESPONDING),
        clocks_of(Dimension.RECOVERY, every, RECOVERING),
        _communication(look),
        clocks_of(Dimension.DISASTERS, exposed, RECOVERING),
        _stability(look),
        _honesty(every, look.as_of),
        _evidence(look),
        _commercial(look.availabilities),
    )


def clocks_of(dimension: Dimension, matters: Iterable[Matter], objectives: Sequence[Objective]) -> Measured:
    """Return how many clocks of some objectives were met, on the agreed basis."""
    return _of_clocks(dimension, [clock for one in matters for clock in one.agreed if clock.objective in objectives])


def _of_clocks(dimension: Dimension, clocks: Sequence[ClockDocument]) -> Measured:
    judged = [one for one in clocks if one.verdict in (Verdict.MET, Verdict.BREACHED)]
    return Measured(
        dimension,
        n=len(judged),
        good=sum(1 for one in judged if one.verdict is Verdict.MET),
        open=sum(1 for one in clocks if one.verdict in RUNNING),
        unknown=sum(1 for one in clocks if one.verdict is Verdict.INDETERMINATE),
        evidence=tuple(Reference("clocks", one.clock_id) for one in judged),
    )


def _communication(look: Lookback) -> Measured:
    updates = clocks_of(Dimension.COMMUNICATION, look.incidents, (Objective.UPDATE,))
    promises = [promise for _, promise in look.promises()]
    judged = [one for one in promises if one.keeping in JUDGED]
    return Measured(
        Dimension.COMMUNICATION,
        n=updates.n + len(judged),
        good=updates.good + sum(1 for one in judged if one.keeping is Keeping.KEPT),
        open=updates.open + sum(1 for one in promises if one.keeping is Keeping.OPEN),
        unknown=updates.unknown + sum(1 for one in promises if one.keeping is Keeping.INDETERMINATE),
        evidence=(*updates.evidence, *(Reference("notices", one.made.notice_id or "") for one in judged)),
    )


def repeats(matters: Iterable[Matter]) -> dict[str, str]:
    """Return the incidents that repeat an earlier one, each with that one, by id.

    The same title in any case, a service in common, and begun at most ``REPEAT_WITHIN`` after the other's end.
    """
    found: dict[str, str] = {}
    last: dict[tuple[str, str], Matter] = {}
    for one in sorted(matters, key=lambda one: (one.incident.started_at, one.incident.incident_id)):
        incident = one.incident
        names = [(" ".join(one.name.casefold().split()), service) for service in incident.services or ("",)]
        for name in names:
            before = last.get(name)
            if before is not None and incident.started_at - _ended(before) <= REPEAT_WITHIN:
                found.setdefault(incident.incident_id, before.incident.incident_id)
            last[name] = one
    return found


def _ended(matter: Matter) -> datetime:
    incident = matter.incident
    return incident.restored_at or incident.resolved_at or incident.last_notice_at or incident.started_at


def _stability(look: Lookback) -> Measured:
    every = look.incidents
    again = repeats(one for one in look.matters if one.incident.kind == "incident")
    good = [one for one in every if one.incident.incident_id not in again and not one.incident.reopened_count]
    named = tuple(Reference("incidents", one.incident.incident_id) for one in every)
    return Measured(Dimension.STABILITY, len(every), len(good), evidence=named)


def _honesty(matters: Iterable[Matter], as_of: datetime) -> Measured:
    cases = {one.incident.incident_id: Case.of(f for f in one.facts if f.kind is Kind.INCIDENT) for one in matters}
    judged = {key: doubts(case, as_of) for key, case in cases.items() if checked(case)}
    return Measured(
        Dimension.HONESTY,
        n=len(judged),
        good=sum(1 for found in judged.values() if not found),
        unknown=len(cases) - len(judged),
        evidence=tuple(Reference("incidents", key) for key in judged),
    )


def _evidence(look: Lookback) -> Measured:
    causes = clocks_of(Dimension.EVIDENCE, look.incidents, (Objective.ROOT_CAUSE,))
    owed = [one for one in look.reviews if look.begin <= one.owed.due_at < min(look.end, look.as_of)]
    over = [one for one in owed if one.state in (ReviewState.HELD, ReviewState.MISSED)]
    held = [one for one in over if one.state is ReviewState.HELD and one.late is None]
    minutes = tuple(Reference("communications", one.communication_id) for each in held for one in each.meetings)
    return Measured(
        Dimension.EVIDENCE, causes.n + len(over), causes.good + len(held), causes.open, causes.unknown,
        (*causes.evidence, *minutes),
    )  # fmt: skip


def _commercial(found: Iterable[Availability]) -> Measured:
    every = list(found)
    verdicts = [one.agreed.verdict(one.promise.objective) for one in every if one.is_final]
    names = {name for one in every for stretch in one.agreed.stretches for name in stretch.incident_ids}
    return Measured(
        Dimension.COMMERCIAL,
        n=sum(1 for one in verdicts if one in ("met", "missed")),
        good=verdicts.count("met"),
        open=len(every) - len(verdicts),
        unknown=verdicts.count("indeterminate"),
        evidence=tuple(Reference("incidents", name) for name in sorted(names)),
    )
