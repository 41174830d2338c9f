"""Readings: what one clock says as of an instant, from the stretches during which it ran (measurement.md §4). Pure.

Decides elapsed, due and breach instants, warning stages, the verdict and when to look again. Which stretches belong to
which objective is decided in ``models.clocks``, what of them counts in ``models.service_time``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

from models.moment import ZERO, Elapsed, Moment, judge
from models.outage import Outage, until
from models.records import Basis, Objective, Verdict
from models.service_time import WALL_TIME, ServiceTime

HOLDING = "restored, but not yet for as long as the stability window"
GONE = "the page stopped listing it and never said how it ended"
POLL_GAP = "the target lies within the gap between two looks"


@dataclass(frozen=True, slots=True)
class Reading:
    """What one clock says as of an instant. Durations as timedelta, instants UTC; None where there is none."""

    objective: Objective
    basis: Basis
    ordinal: int
    """Position of the gap for ``update``; for other objectives 0, and one more for each return of the trouble outside
    the recurrence window."""
    target: timedelta
    """In the clock's own service time."""
    started_at: datetime | None
    due_at: datetime | None
    """None also while the clock stands still: it moves."""
    stopped_at: datetime | None
    elapsed: Elapsed | None
    """None where nothing can be said; of a running clock, up to the as-of instant."""
    verdict: Verdict
    breached_at: datetime | None
    warnings: tuple[tuple[float, datetime], ...] = ()
    """(share of the target, instant at which it is reached if the clock runs on), ascending."""
    wakes: tuple[datetime, ...] = ()
    """Instants, none before as-of, just after which this reading may change by time alone."""
    reason: str | None = None
    stretches: tuple[Outage, ...] = ()
    """During which it ran; empty where nothing can be said."""
    time: ServiceTime = WALL_TIME
    """What of the stretches counts."""
    paused: timedelta = ZERO
    """Open time that was left out for pauses and exclusions."""
    priority: str | None = None
    """Whose limit it is."""

    def reaches(self, share: float, *, for_certain: bool = False) -> datetime | None:
        """Return the instant at which elapsed reaches a share of the target, if it ran on until then.

        Args:
            share: of the target, above 0; 1.0 is the due instant.
            for_certain: from the late bounds of uncertain moments: the last instant before even the kindest reading
                admits it.

        Returns:
            None where the clock stopped before (a restore that may yet not hold included), stands still, or never ran.
        """
        if not self.stretches:
            return None
        find = passes if for_certain else reach
        at = find(self.stretches, self.target * share, self.time, late=for_certain)
        stop = self.stretches[-1].end
        return None if at is None or (stop is not None and at >= stop.earliest) else at


@dataclass(frozen=True, slots=True)
class Run:
    """The stretches during which a clock ran; the last has no end while it runs."""

    stretches: tuple[Outage, ...]
    longest: tuple[Outage, ...] | None = None
    """The stretches by the reading that counts most time, where it is in doubt which restores held."""
    holds_from: datetime | None = None
    """The last stop counts only from this instant on (stability window)."""
    promised_at: datetime | None = None
    """When the provider said that it would speak again."""


@dataclass(frozen=True, slots=True)
class Which:
    """Which clock a reading is of."""

    objective: Objective
    basis: Basis
    ordinal: int
    warn_at: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Gauge:
    """What a run is read against."""

    target: timedelta
    priority: str
    time: ServiceTime = field(default=WALL_TIME)


def read(run: Run, which: Which, gauge: Gauge, as_of: datetime) -> Reading | None:
    """Turn a run into a reading as of an instant; None where it had not begun by then."""
    stretches = until(run.stretches, as_of)
    if not stretches:
        return None
    longest = stretches if run.longest is None else until(run.longest, as_of)
    target, time, end = gauge.target, gauge.time, stretches[-1].end
    held = end is not None and (end.latest is None or max(end.latest, run.holds_from or end.latest) <= as_of)
    elapsed = _elapsed(stretches, longest, time, as_of, held=held)
    verdict = judge(elapsed, target) if held else _going(elapsed, gauge, as_of, is_open=end is None)
    due, warnings = _stages(longest, gauge, which.warn_at)
    is_late = verdict in (Verdict.BREACHED, Verdict.OVERDUE)
    certain = passes(stretches, target, time, late=True) if is_late or not held else None
    return Reading(
        which.objective, which.basis, which.ordinal, target,
        started_at=stretches[0].begin.earliest,
        due_at=due,
        stopped_at=end.latest if held and end is not None else None,
        elapsed=elapsed,
        verdict=verdict,
        breached_at=certain if is_late else None,
        warnings=warnings,
        wakes=() if held else _wakes(run, end, [*(at for _, at in warnings), due, certain, *_edges(time)], as_of),
        reason=_reason(run, end, verdict, held=held),
        stretches=stretches,
        time=time,
        paused=_paused(stretches, time, as_of),
        priority=gauge.priority,
    )  # fmt: skip


def _stages(
    longest: tuple[Outage, ...], gauge: Gauge, warn_at: tuple[float, ...]
) -> tuple[datetime | None, tuple[tuple[float, datetime], ...]]:
    """Return the due instant and the warning stages; one question of the calendar where there is one stretch."""
    lengths = _lengths(gauge.target, warn_at)
    if len(longest) == 1:
        due, *ats = gauge.time.reaches(longest[0].begin.earliest, lengths)
    else:
        due, *ats = (reach(longest, length, gauge.time, late=False) for length in lengths)
    return due, tuple([(share, at) for share, at in zip(warn_at, ats, strict=True) if at is not None])


@lru_cache(maxsize=1024)
def _lengths(target: timedelta, shares: tuple[float, ...]) -> tuple[timedelta, ...]:
    """Return a target and shares of it."""
    return (target, *(target * share for share in shares))


def unknowable(
    which: Which, gauge: Gauge, verdict: Verdict, reason: str, start: Moment | None
) -> Reading:  # fmt: skip
    """Return the reading of a clock of which nothing can be said, with the reason in words."""
    begun = None if start is None else start.earliest
    due = None if begun is None else gauge.time.reach(begun, gauge.target)
    return Reading(
        which.objective, which.basis, which.ordinal, gauge.target, begun, due, None, None, verdict, None,
        reason=reason, time=gauge.time, priority=gauge.priority,
    )  # fmt: skip


def between(start: Moment, stop: Moment, time: ServiceTime = WALL_TIME) -> Elapsed:
    """Return how long it took in service time, never below zero.

    The claim of a stop before its start (a provider moved one of them) is no time, not negative time.
    """
    least = ZERO if start.latest is None else time.elapsed(start.latest, stop.earliest)
    if start.latest == start.earliest and stop.latest == stop.earliest:
        return Elapsed(least, least)
    return Elapsed(least, None if stop.latest is None else time.elapsed(start.earliest, stop.latest))


def _elapsed(
    stretches: Sequence[Outage], longest: Sequence[Outage], time: ServiceTime, as_of: datetime, *, held: bool
) -> Elapsed:  # fmt: skip
    """Add up the stretches; a running one counts up to as-of, one whose stop may not hold up to either."""
    last = stretches[-1]
    stop = last.end if last.end is not None else Moment.point(as_of)
    open_end = stop if held or last.end is None else Moment.point(as_of)
    if longest is stretches and len(stretches) == 1 and open_end is stop:
        return between(last.begin, stop, time)
    least = between(last.begin, stop, time).least
    most = between(longest[-1].begin, open_end, time).most
    for outage in stretches[:-1]:
        least += between(outage.begin, outage.end or outage.begin, time).least
    for outage in longest[:-1]:
        span = between(outage.begin, outage.end or outage.begin, time).most
        most = None if most is None or span is None else most + span
    if most is not None and open_end.latest is not None:  # where an end and a return overlap, time counts once
        most = min(most, max(least, time.elapsed(longest[0].begin.earliest, open_end.latest)))
    return Elapsed(least, most)


def reach(
    stretches: Sequence[Outage], target: timedelta, time: ServiceTime = WALL_TIME, *, late: bool
) -> datetime | None:  # fmt: skip
    """Return the earliest instant at which elapsed is a length, if the clock ran on.

    Args:
        stretches: in order, at least one.
        target: the length.
        time: what of the stretches counts.
        late: from the late bounds of uncertain moments, else from the early ones.

    Returns:
        None where the clock stands still before, nobody knows until when.
    """
    begin, left = _remaining(stretches, target, time, late=late)
    return time.reach(begin, left)


def passes(
    stretches: Sequence[Outage], target: timedelta, time: ServiceTime = WALL_TIME, *, late: bool
) -> datetime | None:  # fmt: skip
    """Return the last instant at which elapsed is still a length; as ``reach``, but for closed time that follows."""
    begin, left = _remaining(stretches, target, time, late=late)
    return time.passes(begin, left)


def _remaining(
    stretches: Sequence[Outage], target: timedelta, time: ServiceTime, *, late: bool
) -> tuple[datetime, timedelta]:  # fmt: skip
    """Return the beginning of the stretch in which the length is passed, and what is left of it there."""
    left = target
    for outage in stretches[:-1]:
        span = between(outage.begin, outage.end or outage.begin, time)
        length = span.least if late or span.most is None else span.most
        if length > left:
            return _bound(outage.begin, late=late), left
        left -= length
    return _bound(stretches[-1].begin, late=late), left


def _bound(moment: Moment, *, late: bool) -> datetime:
    return (moment.latest or moment.earliest) if late else moment.earliest


def _going(elapsed: Elapsed, gauge: Gauge, as_of: datetime, *, is_open: bool) -> Verdict:
    """Return the verdict of a clock that has not stopped for good."""
    if elapsed.least > gauge.target:
        return Verdict.OVERDUE
    return Verdict.PAUSED if is_open and gauge.time.stands_still(as_of) else Verdict.RUNNING


def _edges(time: ServiceTime) -> Iterable[datetime]:
    """Yield the instants at which a clock stops to stand still, or begins to."""
    for one in time.breaks:
        yield one.begin
        if one.end is not None:
            yield one.end


def _paused(stretches: Sequence[Outage], time: ServiceTime, as_of: datetime) -> timedelta:
    if not time.breaks:
        return ZERO
    ends = ((one.begin.earliest, as_of if one.end is None else one.end.latest or one.end.earliest) for one in stretches)
    return sum((time.paused(begin, end) for begin, end in ends), ZERO)


def _wakes(
    run: Run, end: Moment | None, ahead: Iterable[datetime | None], as_of: datetime
) -> tuple[datetime, ...]:  # fmt: skip
    """While a restore may yet not hold, only the end of its window changes anything."""
    if end is not None and end.latest is not None:
        ahead = [max(end.latest, run.holds_from or end.latest)]
    return tuple(sorted({at for at in ahead if at is not None and at >= as_of}))


def _reason(run: Run, end: Moment | None, verdict: Verdict, *, held: bool) -> str | None:
    if end is None or (held and verdict is not Verdict.INDETERMINATE):
        return None
    if not held:
        return HOLDING if run.holds_from is not None else None
    return GONE if end.latest is None else POLL_GAP
