"""Clocks: each objective of an agreement against what happened, on three bases (measurement.md §4). Pure.

``measure`` is the one entry: a function of (facts, agreement version, as-of), with no memory.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count, pairwise

from models.agreement import AgreementVersion
from models.claims import Claim, claims_of, excused
from models.episode import Case
from models.fact import Fact, collect
from models.instants import EARLIEST, LATEST
from models.limits import Limits
from models.notice import Flag, Kind, Phase
from models.objectives import UNKNOWN, View, runs
from models.outage import Outage, recurrences, until
from models.pauses import Pause, breaks_of, pauses_of
from models.priority import Scale, priority_of
from models.reading import Gauge, Reading, Run, Which, read, unknowable
from models.records import Basis, Objective, Verdict
from models.service_time import Break, united

__all__ = ["Reading", "measure", "priority_of"]

STILL_GOING = (Verdict.RUNNING, Verdict.OVERDUE, Verdict.PAUSED)


def measure(facts: Iterable[Fact], version: AgreementVersion, as_of: datetime) -> tuple[Reading, ...]:
    """Measure one incident under one agreement version.

    Args:
        facts: the incident's facts, any order, copies allowed; what is not to be known yet is left out by the caller
            (``models.fact.known_at``). Maintenance and test messages make no clocks.
        version: the version in force at the incident's start.
        as_of: how far the world has run; UTC. What happened later, or may have, counts as not yet happened.

    Returns:
        One reading per objective and basis, and one per gap for ``update``; ordered by objective, basis, ordinal.
        The same set of facts gives the same readings. Linear in the number of facts, but for sorting them.

    Raises:
        CalendarRangeError: if an instant lies outside the years that a calendar of the agreement knows.
    """
    known = [fact for fact in collect(facts).values() if measurable(fact)]
    case = Case.of(known)
    if not case.spoken and not case.witnessed:
        return ()
    sides = sides_of(known, case, version, as_of)
    promised = {target.objective for target in version.targets}
    found = [
        reading
        for objective in Objective
        if objective in promised
        for side in sides
        for reading in side.readings(objective)
    ]
    return tuple(found)


def measurable(fact: Fact) -> bool:
    """Return whether a fact makes clocks: maintenance and test messages make none."""
    return fact.kind is Kind.INCIDENT and Flag.TEST not in fact.flags


def _cancelled(reading: Reading) -> Reading:
    """Keep what a clock had stopped at; one that was still running has no length worth telling."""
    elapsed = None if reading.verdict in STILL_GOING else reading.elapsed
    return replace(reading, verdict=Verdict.CANCELLED, elapsed=elapsed, breached_at=None, wakes=(), reason=None)


@dataclass(frozen=True, slots=True)
class Stops:
    """What may stop the clocks of one view."""

    pauses: tuple[Pause, ...]
    claims: tuple[Claim, ...]

    def paused(self, version: AgreementVersion, which: Which, stretches: tuple[Outage, ...]) -> tuple[Break, ...]:
        """Return the breaks that the pauses make on one clock."""
        if not self.pauses:
            return ()
        return breaks_of(self.pauses, version, which.objective, which.basis, stretches)


@dataclass(frozen=True, slots=True)
class Side:
    """One incident on one basis: its views, one for each return of the trouble, and what stops its clocks."""

    basis: Basis
    version: AgreementVersion
    views: tuple[View, ...]
    scales: tuple[Scale, ...]
    """The priorities of each view: a return of the trouble outside the recurrence window has its own."""
    pauses: tuple[tuple[Pause, ...], ...]
    """Of each view: none outlasts the trouble that it was stated in."""
    claims: tuple[tuple[Claim, ...], ...]
    """Of each view: one that names no interval excuses no other trouble than the one that it was made in."""
    first_heard_at: datetime
    as_of: datetime

    def readings(self, objective: Objective) -> Iterator[Reading]:
        """Yield the readings of one objective's clocks; none where nothing is promised."""
        warn_at, ordinal = self.version.warn_at(objective), count()
        for view, scale, pauses, claims in zip(self.views, self.scales, self.pauses, self.claims, strict=True):
            limits = Limits.of(self.version, objective, scale)
            if limits is None:
                continue
            is_cancelled = view.case.was_cancelled(self.as_of)
            for run in runs(view, objective, self.version):
                which = Which(objective, self.basis, next(ordinal), warn_at)
                if isinstance(run, str):
                    reading: Reading | None = self._unknown(run, view, which, limits)
                else:
                    reading = self._read(run, which, limits, Stops(pauses, claims))
                if reading is not None:
                    yield _cancelled(reading) if is_cancelled else reading

    def _unknown(self, why: str, view: View, which: Which, limits: Limits) -> Reading:
        verdict = Verdict.INDETERMINATE if why in UNKNOWN else Verdict.NOT_APPLICABLE
        begun = self.first_heard_at if view.start is None else view.start.earliest
        return unknowable(which, limits.gauge(begun), verdict, why, view.start)

    def _read(self, run: Run, which: Which, limits: Limits, stops: "Stops") -> Reading | None:
        """Read one run by its limit, less its breaks; say so where all of it is excused."""
        whole = until(run.stretches, self.as_of)
        if not whole:
            return None
        excuses = excused(stops.claims, self.basis, whole) if stops.claims else ()
        paused = stops.paused(self.version, which, whole)
        timed = limits.timed(run, (*paused, *excuses))
        stretches = () if timed is None else until(timed.run.stretches, self.as_of)
        if timed is None or not stretches:
            return None
        timed, time = timed.less((*paused, *excuses))
        reading = read(timed.run, which, Gauge(timed.target, timed.limit.priority, time), self.as_of)
        why = _excuse(excuses, stretches, self.as_of)
        if reading is None or why is None:
            return reading
        return replace(reading, verdict=Verdict.EXCLUDED, breached_at=None, reason=why)


def sides_of(facts: Sequence[Fact], case: Case, version: AgreementVersion, as_of: datetime) -> tuple[Side, ...]:
    """Look at an incident on each basis.

    Args:
        facts: of the incident, at least one.
        case: made of them.
        version: whose rules these are.
        as_of: how far the world has run.
    """
    parts = recurrences(case, version)
    named = tuple(_parted(facts, parts, version))
    is_lowered = any(fact.phase is Phase.SEVERITY_CHANGED for fact in facts)
    heard_at = min(fact.spoken_at for fact in facts)
    scales: tuple[Scale, ...] = ()
    found = []
    for basis in Basis:
        if not scales or is_lowered:  # only a lowering counts on one basis and not on another
            scales = tuple(Scale.of(one, version, basis, as_of) for one in named)
        views = tuple(View.of(part, basis, version.evidence, as_of) for part in parts)
        claims = _claims(case, parts, version, basis, as_of)
        pauses = _pauses(case, parts, version, basis, as_of)
        found.append(Side(basis, version, views, scales, pauses, claims, heard_at, as_of))
    return tuple(found)


def _pauses(
    case: Case, parts: Sequence[Case], version: AgreementVersion, basis: Basis, as_of: datetime
) -> tuple[tuple[Pause, ...], ...]:
    """Return the pauses of each part: those that began in its time or, of the first, before."""
    if not case.decided:
        return ((),) * len(parts)
    stated = pauses_of(case, basis, version.evidence, as_of)
    bounds = _bounds(parts)
    return tuple(
        tuple(pause for pause in stated if begin <= pause.begin < end) for begin, end in pairwise(bounds)
    )  # fmt: skip


def _claims(
    case: Case, parts: Sequence[Case], version: AgreementVersion, basis: Basis, as_of: datetime
) -> tuple[tuple[Claim, ...], ...]:
    """Return the claims that may excuse each part: those made in its time, and all that name when they begin."""
    if not case.decided:
        return ((),) * len(parts)
    made = claims_of(case, version, basis, as_of)
    return tuple(
        tuple(claim for claim in made if claim.begin is not None or begin <= claim.said_at < end)
        for begin, end in pairwise(_bounds(parts))
    )


def _bounds(parts: Sequence[Case]) -> list[datetime]:
    """Return where the parts of an incident begin, and where the last one ends."""
    return [EARLIEST, *(part.spoken[0].stamped.earliest for part in parts[1:]), LATEST]


def _parted(
    facts: Sequence[Fact], parts: Sequence[Case], version: AgreementVersion
) -> Iterator[Sequence[Fact]]:  # fmt: skip
    """Yield the facts that name the priorities of each part: those of its time, else of all before."""
    for begin, end in pairwise(_bounds(parts)):
        within = [fact for fact in facts if begin <= fact.spoken_at < end]
        named = any(version.priority_of(fact.severity) is not None for fact in within)
        yield within if named else [fact for fact in facts if fact.spoken_at < end]


def _excuse(excuses: Iterable[Break], stretches: tuple[Outage, ...], as_of: datetime) -> str | None:
    """Name the clauses that excuse all of a clock; None where they do not."""
    begin, end = stretches[0].begin.earliest, stretches[-1].end
    stop = as_of if end is None else end.latest or end.earliest
    for one in united(excuses):
        if one.begin <= begin and (one.end is None or one.end >= stop):
            return f"excluded: {one.reason}"
    return None
