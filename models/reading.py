"""Readings: what one clock says as of an instant, from the stretches during which it ran (measurement.md §4). Pure.

Decides elapsed, due and breach instants, warning stages, the verdict and when to look again. Which stretches belong to
which objective is decided in ``models.clocks``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.moment import Elapsed, Moment, between, judge
from models.outage import Outage, until
from models.records import Basis, Objective, Verdict

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
    started_at: datetime | None
    due_at: datetime | None
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

    def reaches(self, share: float, *, for_certain: bool = False) -> datetime | None:
        """Return the instant at which elapsed reaches a share of the target, if it ran on until then.

        Args:
            share: of the target, above 0; 1.0 is the due instant.
            for_certain: from the late bounds of uncertain moments: what even the kindest reading admits.

        Returns:
            None where the clock stopped before (a restore that may yet not hold included), or never ran.
        """
        if not self.stretches:
            return None
        at = reach(self.stretches, self.target * share, late=for_certain)
        stop = self.stretches[-1].end
        return None if stop is not None and at >= stop.earliest else at


@dataclass(frozen=True, slots=True)
class Run:
    """The stretches during which a clock ran; the last has no end while it runs."""

    stretches: tuple[Outage, ...]
    target: timedelta
    longest: tuple[Outage, ...] | None = None
    """The stretches by the reading that counts most time, where it is in doubt which restores held."""
    holds_from: datetime | None = None
    """The last stop counts only from this instant on (stability window)."""


@dataclass(frozen=True, slots=True)
class Which:
    """Which clock a reading is of."""

    objective: Objective
    basis: Basis
    ordinal: int
    warn_at: tuple[float, ...]


def read(run: Run, which: Which, as_of: datetime) -> Reading | None:
    """Turn a run into a reading as of an instant; None where it had not begun by then."""
    stretches = until(run.stretches, as_of)
    if not stretches:
        return None
    longest = stretches if run.longest is None else until(run.longest, as_of)
    target, end = run.target, stretches[-1].end
    held = end is not None and (end.latest is None or max(end.latest, run.holds_from or end.latest) <= as_of)
    elapsed = _elapsed(stretches, longest, as_of, held=held)
    due, certain = reach(longest, target, late=False), reach(stretches, target, late=True)
    verdict = _verdict(elapsed, target, held=held)
    warnings = tuple((share, reach(longest, target * share, late=False)) for share in which.warn_at)
    return Reading(
        which.objective, which.basis, which.ordinal, target,
        started_at=stretches[0].begin.earliest,
        due_at=due,
        stopped_at=end.latest if held and end is not None else None,
        elapsed=elapsed,
        verdict=verdict,
        breached_at=certain if verdict in (Verdict.BREACHED, Verdict.OVERDUE) else None,
        warnings=warnings,
        wakes=() if held else _wakes(run, end, [*(at for _, at in warnings), due, certain], as_of),
        reason=_reason(run, end, verdict, held=held),
        stretches=stretches,
    )  # fmt: skip


def unknowable(which: Which, target: timedelta, verdict: Verdict, reason: str, start: Moment | None) -> Reading:
    """Return the reading of a clock of which nothing can be said, with the reason in words."""
    begun = None if start is None else start.earliest
    due = None if begun is None else begun + target
    return Reading(
        which.objective, which.basis, which.ordinal, target, begun, due, None, None, verdict, None, reason=reason
    )  # fmt: skip


def _elapsed(stretches: Sequence[Outage], longest: Sequence[Outage], as_of: datetime, *, held: bool) -> Elapsed:
    """Add up the stretches; a running one counts up to as-of, one whose stop may not hold up to either."""
    last = stretches[-1]
    stop = last.end if last.end is not None else Moment.point(as_of)
    open_end = stop if held else Moment.point(as_of)
    least = between(last.begin, stop).least
    most = between(longest[-1].begin, open_end).most
    for outage in stretches[:-1]:
        least += between(outage.begin, outage.end or outage.begin).least
    for outage in longest[:-1]:
        span = between(outage.begin, outage.end or outage.begin).most
        most = None if most is None or span is None else most + span
    if most is not None and open_end.latest is not None:  # where an end and a return overlap, time counts once
        most = min(most, max(least, open_end.latest - longest[0].begin.earliest))
    return Elapsed(least, most)


def reach(stretches: Sequence[Outage], target: timedelta, *, late: bool) -> datetime:
    """Return the instant at which elapsed reaches a length, if the clock ran on.

    Args:
        stretches: in order, at least one.
        target: the length.
        late: from the late bounds of uncertain moments, else from the early ones.
    """
    left = target
    for outage in stretches[:-1]:
        span = between(outage.begin, outage.end or outage.begin)
        length = span.least if late or span.most is None else span.most
        if length > left:
            return _bound(outage.begin, late=late) + left
        left -= length
    return _bound(stretches[-1].begin, late=late) + left


def _bound(moment: Moment, *, late: bool) -> datetime:
    return (moment.latest or moment.earliest) if late else moment.earliest


def _verdict(elapsed: Elapsed, target: timedelta, *, held: bool) -> Verdict:
    if held:
        return judge(elapsed, target)
    return Verdict.OVERDUE if elapsed.least > target else Verdict.RUNNING


def _wakes(run: Run, end: Moment | None, ahead: list[datetime], as_of: datetime) -> tuple[datetime, ...]:
    """While a restore may yet not hold, only the end of its window changes anything."""
    if end is not None and end.latest is not None:
        ahead = [max(end.latest, run.holds_from or end.latest)]
    return tuple(sorted({at for at in ahead if at >= as_of}))


def _reason(run: Run, end: Moment | None, verdict: Verdict, *, held: bool) -> str | None:
    if end is None or (held and verdict is not Verdict.INDETERMINATE):
        return None
    if not held:
        return HOLDING if run.holds_from is not None else None
    return GONE if end.latest is None else POLL_GAP
