"""Clocks: each objective of an agreement against what happened, on three bases (measurement.md §4). Pure.

``measure`` is the one entry: a function of (facts, agreement version, as-of), with no memory. Calendars other than
24x7, pauses and exclusions are not computed yet: targets that need them are listed by ``unmeasured`` and make no
clock, so nothing is judged by a rule that is not there (ADR 0006).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from models.agreement import AgreementVersion
from models.episode import Case, Outage, Word, holds_at, outages, resolution, settle, speaking, start_of
from models.fact import Fact
from models.moment import ZERO, Elapsed, Moment, between, judge
from models.notice import Flag, Phase
from models.records import Basis, Objective, Verdict

MEASURED = (
    Objective.NOTIFY,
    Objective.ACKNOWLEDGE,
    Objective.RESPOND,
    Objective.UPDATE,
    Objective.WORKAROUND,
    Objective.RESTORE,
    Objective.RESOLVE,
)
"""Objectives that this version computes; ``root_cause`` and ``recovery_point`` need calendars and evidence records."""

ENGAGED = (Phase.ENGAGED, Phase.MITIGATED, Phase.RESTORED, Phase.RESOLVED, Phase.CLOSED, Phase.REOPENED)
WORKED_ROUND = (Phase.MITIGATED, Phase.RESTORED, Phase.RESOLVED)
NOT_MEASURABLE = "written after the fact: when the provider first spoke is not known"


@dataclass(frozen=True, slots=True)
class Reading:
    """What one clock says as of an instant. Durations as timedelta, instants UTC; None where there is none."""

    objective: Objective
    basis: Basis
    ordinal: int
    target: timedelta
    started_at: datetime | None
    due_at: datetime | None
    stopped_at: datetime | None
    elapsed: Elapsed | None
    """None where nothing can be said; of a running clock, up to the as-of instant."""
    verdict: Verdict
    breached_at: datetime | None
    warnings: tuple[tuple[float, datetime], ...] = ()
    """(share of the target, instant at which it is reached), ascending."""
    wakes: tuple[datetime, ...] = ()
    """Instants at which this reading would change by time alone."""
    reason: str | None = None
    stretches: tuple[Outage, ...] = ()
    """During which it ran; empty where nothing can be said."""

    def reaches(self, share: float, *, for_certain: bool = False) -> datetime | None:
        """Return the instant at which elapsed reaches a share of the target, if it ran on until then.

        Args:
            share: of the target, above 0; 1.0 is the due instant.
            for_certain: from the late bounds of uncertain moments: what even the kindest reading admits.

        Returns:
            None where the clock stopped before, or never ran.
        """
        if not self.stretches:
            return None
        at = _reach(self.stretches, self.target * share, late=for_certain)
        stops = self.stretches[-1].end
        return None if self.stopped_at is not None and stops is not None and at >= stops.earliest else at


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch or several during which a clock ran; the last has no end while it runs."""

    stretches: tuple[Outage, ...]
    target: timedelta
    tentative_until: datetime | None = None
    """A stop that counts only from this instant on (stability window)."""
    promised_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What the clocks need to know of an incident's contract: the pinned version and the priority."""

    version: AgreementVersion
    priority: str
    warn_at: Mapping[Objective, tuple[float, ...]] = field(default_factory=dict)


def priority_of(facts: Iterable[Fact], version: AgreementVersion) -> str:
    """Return the highest priority reached; lowering one has no effect without our acceptance (measurement.md §4).

    The provider's severities count; our monitors' only while the provider has named none. Words that the agreement
    does not know leave the lowest priority.
    """
    ranked = list(version.priorities)
    known = list(facts)
    for speakers in (False, True):
        found = {
            version.priority_of(fact.severity) for fact in known if fact.is_witness is speakers and fact.severity
        } - {None}
        if found:
            return min((name for name in found if name is not None), key=ranked.index)
    return ranked[-1]


def unmeasured(version: AgreementVersion) -> tuple[str, ...]:
    """Return the version's targets that this release makes no clock for, each with the reason in words."""
    found = []
    for target in version.targets:
        for priority in target.durations:
            why = _why_not(version, target.objective, priority)
            if why is not None:
                found.append(f"{target.objective.value} {priority}: {why}")
    return tuple(found)


def _why_not(version: AgreementVersion, objective: Objective, priority: str) -> str | None:
    if objective not in MEASURED:
        return "objective not measured yet"
    duration = version.target(objective, priority)
    if duration is None or duration.fixed is None:
        return f"{duration} needs a business calendar"
    if not version.is_always(objective, priority):
        return "calendar other than 24x7"
    return None


def measure(facts: Iterable[Fact], version: AgreementVersion, as_of: datetime) -> tuple[Reading, ...]:
    """Measure one incident under one agreement version.

    Args:
        facts: the incident's facts, any order, copies allowed; those not yet known are left out by the caller.
        version: the version in force at the incident's start.
        as_of: how far the world has run; UTC. Later stops count as not yet happened.

    Returns:
        One reading per objective and basis, and one per gap for ``update``; ordered by objective, basis, ordinal.
        The same set of facts gives the same readings.
    """
    known = [fact for fact in facts if fact.received_at <= as_of]
    case = Case.of(known)
    if not case.spoken and not case.witnessed:
        return ()
    terms = Terms(version, priority_of(known, version))
    readings: list[Reading] = []
    for objective in MEASURED:
        duration = version.target(objective, terms.priority)
        if duration is None or duration.fixed is None or _why_not(version, objective, terms.priority):
            continue
        for basis in Basis:
            readings.extend(_read(case, objective, basis, duration.fixed, terms, as_of))
    return tuple(readings)


def _read(
    case: Case, objective: Objective, basis: Basis, target: timedelta, terms: Terms, as_of: datetime
) -> Iterator[Reading]:
    """Yield the readings of one objective on one basis."""
    warn_at = terms.version.warn_at(objective)
    for ordinal, run in enumerate(_runs(case, objective, basis, target, terms.version)):
        if isinstance(run, str):
            yield _unknowable(objective, basis, target, run)
            continue
        reading = _judge_run(run, Clocked(objective, basis, ordinal), warn_at, as_of)
        yield replace(reading, verdict=Verdict.CANCELLED, wakes=()) if case.is_cancelled else reading


def _unknowable(objective: Objective, basis: Basis, target: timedelta, reason: str) -> Reading:
    verdict = Verdict.INDETERMINATE if reason == NOT_MEASURABLE else Verdict.NOT_APPLICABLE
    return Reading(objective, basis, 0, target, None, None, None, None, verdict, None, reason=reason)


def _runs(
    case: Case, objective: Objective, basis: Basis, target: timedelta, version: AgreementVersion
) -> Iterator[Run | str]:
    """Yield the clock's runs, or in words why there is none."""
    start = start_of(case, basis, version.evidence)
    if start is None:
        yield "no start is known"
    elif objective is Objective.NOTIFY:
        yield _notify(case, basis, target, version)
    elif objective is Objective.UPDATE:
        yield from _gaps(case, basis, target, version)
    elif objective in (Objective.RESTORE, Objective.RESOLVE):
        yield _recovery(case, objective, basis, start, target, version)
    else:
        yield _first(case, objective, basis, start, target, version)


def _notify(case: Case, basis: Basis, target: timedelta, version: AgreementVersion) -> Run | str:
    """From our witnesses' onset, else the claimed begin, to the provider's first word."""
    onset, claimed = case.onset(), case.claimed_begin()
    begin = (claimed or onset) if basis is Basis.CLAIMED else (onset or claimed)
    if begin is None:
        return "neither an onset that we saw nor a claimed begin"
    if case.spoken and not case.spoken[0].is_measurable:
        return NOT_MEASURABLE
    return Run((Outage(begin, case.first_published(basis, version.evidence)),), target)


def _first(
    case: Case, objective: Objective, basis: Basis, start: Moment, target: timedelta, version: AgreementVersion
) -> Run | str:
    """From the start to the first provider statement that fulfils the objective."""
    fulfilling = [word for word in case.spoken if _fulfils(word, objective, version)]
    if case.spoken and all(not word.is_measurable for word in case.spoken):
        return NOT_MEASURABLE
    stops = [speaking(word, basis, version.evidence) for word in fulfilling]
    return Run((Outage(start, min(stops, key=lambda moment: moment.order, default=None)),), target)


def _fulfils(word: Word, objective: Objective, version: AgreementVersion) -> bool:
    if objective is Objective.ACKNOWLEDGE:
        return version.evidence.automatic_replies_count or Flag.AUTOMATIC_REPLY not in word.first.flags
    return word.first.phase in (ENGAGED if objective is Objective.RESPOND else WORKED_ROUND)


def _recovery(
    case: Case, objective: Objective, basis: Basis, start: Moment, target: timedelta, version: AgreementVersion
) -> Run | str:
    """From the start to restored (and still so after the stability window), or to resolved."""
    window = version.stability
    found = settle(outages(case, basis, version.evidence, start), window)
    if objective is Objective.RESOLVE:
        if not case.spoken:
            return Run((Outage(start, None),), target)
        stretches = _counted(found, version)
        end = resolution(case, basis, version.evidence)
        return Run((*stretches[:-1], Outage(stretches[-1].begin, end)), target)
    end = found[-1].end
    until = None if end is None or end.latest is None else holds_at(end, window)
    return Run(_counted(found, version), target, tentative_until=until if window else None)


def _counted(found: tuple[Outage, ...], version: AgreementVersion) -> tuple[Outage, ...]:
    """Apply the reopen rule: ``continue`` leaves the quiet gaps out, ``inclusive`` counts them."""
    if version.reopen.rule == "inclusive" and len(found) > 1:
        return (Outage(found[0].begin, found[-1].end),)
    return found


def _gaps(case: Case, basis: Basis, target: timedelta, version: AgreementVersion) -> Iterator[Run]:
    """One run per gap between substantive statements while unresolved; the last one is open while unresolved."""
    said = list(_substantive(case.spoken))
    for position, word in enumerate(said):
        if word.phase in (Phase.RESOLVED, Phase.CLOSED, Phase.CANCELLED):
            continue
        begin = speaking(word, basis, version.evidence)
        after = speaking(said[position + 1], basis, version.evidence) if position + 1 < len(said) else None
        if after is None and case.vanished:
            last = case.vanished[-1].first
            after = Moment(last.received_after or last.received_at, None, last.notice_id)
        yield Run((Outage(begin, after),), target, promised_at=word.last.promised_at)


def _substantive(spoken: Iterable[Word]) -> Iterator[Word]:
    """Leave out what says nothing new: repeats, copies on a second channel, robots, what was written afterwards.

    Edits are versions of one statement already. After the resolution only a reopening starts the cadence again.
    """
    texts: set[str] = set()
    over = False
    for word in spoken:
        fact = word.first
        if not word.is_measurable or Flag.AUTOMATIC_REPLY in fact.flags:
            continue
        if fact.text_digest is not None and fact.text_digest in texts and word.phase is Phase.UPDATE:
            continue
        if over and word.phase is not Phase.REOPENED:
            continue
        texts.add(fact.text_digest or "")
        over = word.phase in (Phase.RESOLVED, Phase.CLOSED, Phase.CANCELLED)
        yield word


@dataclass(frozen=True, slots=True)
class Clocked:
    """Which clock a reading is of."""

    objective: Objective
    basis: Basis
    ordinal: int


def _judge_run(run: Run, which: Clocked, warn_at: tuple[float, ...], as_of: datetime) -> Reading:
    """Turn a run into a reading as of an instant."""
    stretches = _until(run.stretches, as_of)
    target = _target(run, stretches[0].begin)
    last = stretches[-1]
    stopped = last.end is not None and (run.tentative_until is None or run.tentative_until <= as_of)
    elapsed = _elapsed(stretches, as_of, stopped=stopped)
    due, certain = _reach(stretches, target, late=False), _reach(stretches, target, late=True)
    verdict = _state(elapsed, target, stopped=stopped)
    warnings = tuple((share, _reach(stretches, target * share, late=False)) for share in warn_at)
    ahead: list[datetime] = [] if stopped else [*(at for _, at in warnings), due, certain]
    wakes = [at for at in (*ahead, run.tentative_until if last.end else None) if at is not None and at >= as_of]
    return Reading(
        which.objective, which.basis, which.ordinal, target,
        started_at=stretches[0].begin.earliest,
        due_at=due,
        stopped_at=(last.end.latest or None) if stopped and last.end else None,
        elapsed=elapsed,
        verdict=verdict,
        breached_at=certain if verdict in (Verdict.BREACHED, Verdict.OVERDUE) else None,
        warnings=warnings,
        wakes=tuple(sorted(set(wakes))),
        reason=_reason(last, verdict, stopped=stopped),
        stretches=stretches,
    )  # fmt: skip


def _until(stretches: tuple[Outage, ...], as_of: datetime) -> tuple[Outage, ...]:
    """Leave out what lies after the as-of instant: a later stop has not happened yet."""
    kept = [outage for outage in stretches if outage.begin.earliest <= as_of] or [stretches[0]]
    last = kept[-1]
    if last.end is not None and last.end.earliest > as_of:
        kept[-1] = Outage(last.begin, None)
    return tuple(kept)


def _target(run: Run, begin: Moment) -> timedelta:
    """The interval, or the time that the provider promised where that is earlier."""
    if run.promised_at is None or run.promised_at <= begin.earliest:
        return run.target
    return min(run.target, run.promised_at - begin.earliest)


def _elapsed(stretches: tuple[Outage, ...], as_of: datetime, *, stopped: bool) -> Elapsed:
    """Add up the stretches; a running one counts up to the as-of instant."""
    total = Elapsed(ZERO, ZERO)
    for outage in stretches[:-1]:
        total += between(outage.begin, outage.end or outage.begin)
    last = stretches[-1]
    return total + between(last.begin, last.end if stopped and last.end is not None else Moment.point(as_of))


def _reach(stretches: tuple[Outage, ...], target: timedelta, *, late: bool) -> datetime:
    """Return the instant at which elapsed reaches a length, if the clock ran on; from the late or early bounds."""
    left = target
    for outage in stretches[:-1]:
        span = between(outage.begin, outage.end or outage.begin)
        length = span.least if late or span.most is None else span.most
        begin = (outage.begin.latest or outage.begin.earliest) if late else outage.begin.earliest
        if length > left:
            return begin + left
        left -= length
    last = stretches[-1].begin
    return ((last.latest or last.earliest) if late else last.earliest) + left


def _state(elapsed: Elapsed, target: timedelta, *, stopped: bool) -> Verdict:
    if stopped:
        return judge(elapsed, target)
    return Verdict.OVERDUE if elapsed.least > target else Verdict.RUNNING


def _reason(last: Outage, verdict: Verdict, *, stopped: bool) -> str | None:
    if last.end is not None and not stopped:
        return "restored, but not yet for as long as the stability window"
    if verdict is not Verdict.INDETERMINATE or last.end is None:
        return None
    if last.end.latest is None:
        return "the page stopped listing it and never said how it ended"
    return "the target lies within the gap between two looks"
