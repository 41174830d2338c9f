"""Downtime: what several incidents come to on one service, at each instant by the largest weight. Pure.

Plain intervals in, plain intervals out (measurement.md §7). Which incidents were down when is read by
``models.failures``; what is excused, by ``models.maintenance`` and ``models.claims``.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from models.calendar import Calendar

ZERO = timedelta(0)
MICROSECOND = timedelta(microseconds=1)
MICROSECONDS = Decimal(1_000_000)

Span = tuple[datetime, datetime]
"""Half-open, UTC."""


@dataclass(frozen=True, slots=True)
class Down:
    """A service was down, or partly, because of one incident: ``[begin, end)``, weight above 0 and up to 1."""

    begin: datetime
    end: datetime
    weight: Decimal
    incident_id: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of downtime; stretches of one service never overlap."""

    begin: datetime
    end: datetime
    weight: Decimal
    """The largest of all incidents that last then."""
    incident_ids: tuple[str, ...]
    """Every incident that lasts then, whatever its weight; sorted."""

    @property
    def length(self) -> timedelta:
        """Wall time, not weighted."""
        return self.end - self.begin


def union(downs: Iterable[Down], period: Span) -> tuple[Stretch, ...]:
    """Return the union of downtime within a period, in order; instants of weight 0 are left out.

    Order and copies do not matter. Cost grows with the number of downs times how many overlap.
    """
    clipped = [
        replace(down, begin=max(down.begin, period[0]), end=min(down.end, period[1]))
        for down in set(downs)
        if down.weight > 0
    ]
    clipped = sorted((one for one in clipped if one.begin < one.end), key=lambda one: one.begin)
    edges = sorted({edge for one in clipped for edge in (one.begin, one.end)})
    found: list[Stretch] = []
    lasting: list[Down] = []
    position = 0
    for begin, end in pairwise(edges):
        while position < len(clipped) and clipped[position].begin <= begin:
            lasting.append(clipped[position])
            position += 1
        lasting = [one for one in lasting if one.end > begin]
        if lasting:
            names = tuple(sorted({one.incident_id for one in lasting}))
            found.append(Stretch(begin, end, max(one.weight for one in lasting), names))
    return tuple(_joined(found))


def _joined(stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    """Join neighbours that differ in nothing."""
    last: Stretch | None = None
    for one in stretches:
        if last is not None and (last.end, last.weight, last.incident_ids) == (one.begin, one.weight, one.incident_ids):
            last = replace(last, end=one.end)
            continue
        if last is not None:
            yield last
        last = one
    if last is not None:
        yield last


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return the union of intervals: disjoint, in order; empty ones are left out."""
    found: list[Span] = []
    for begin, end in sorted(spans):
        if begin >= end:
            continue
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return tuple(found)


def within(stretches: Iterable[Stretch], spans: Iterable[Span]) -> tuple[Stretch, ...]:
    """Return what of the stretches lies in the intervals, which may overlap."""
    kept = merged(spans)
    return tuple(
        replace(one, begin=max(one.begin, begin), end=min(one.end, end))
        for one in stretches
        for begin, end in kept
        if begin < one.end and one.begin < end
    )


def gaps(spans: Iterable[Span], period: Span) -> tuple[Span, ...]:
    """Return what of a period lies in none of the intervals."""
    found, at = [], period[0]
    for begin, end in merged(spans):
        if begin >= period[1]:
            break
        if begin > at:
            found.append((at, begin))
        at = max(at, end)
    return (*found, (at, period[1])) if at < period[1] else tuple(found)


def without(stretches: Iterable[Stretch], spans: Iterable[Span]) -> tuple[Stretch, ...]:
    """Return what of the stretches lies in none of the intervals."""
    out = merged(spans)
    return tuple(
        replace(one, begin=begin, end=end) for one in stretches for begin, end in gaps(out, (one.begin, one.end))
    )


def in_service(stretches: Iterable[Stretch], calendar: Calendar) -> tuple[Stretch, ...]:
    """Return what of the stretches lies in open time."""
    if calendar.is_always:
        return tuple(stretches)
    return tuple(
        replace(one, begin=begin, end=end) for one in stretches for begin, end in calendar.intervals(one.begin, one.end)
    )


def blocks(stretches: Iterable[Stretch]) -> Iterator[list[Stretch]]:
    """Yield contiguous blocks of downtime, whatever their weights."""
    block: list[Stretch] = []
    for one in stretches:
        if block and block[-1].end != one.begin:
            yield block
            block = []
        block.append(one)
    if block:
        yield block


def quantised(stretches: Iterable[Stretch], quantum: timedelta | None) -> tuple[Stretch, ...]:
    """Count each contiguous block in whole quanta from its begin; what is left over is dropped.

    >>> from models.instants import parse_instant as at
    >>> down = Stretch(at("2026-05-04T10:00Z"), at("2026-05-04T10:02:59Z"), Decimal(1), ("i",))
    >>> quantised([down], timedelta(minutes=1))[0].length
    datetime.timedelta(seconds=120)
    """
    if quantum is None:
        return tuple(stretches)
    kept: list[Stretch] = []
    for block in blocks(stretches):
        begin = block[0].begin
        whole = (block[-1].end - begin) // quantum * quantum
        kept.extend(within(block, [(begin, begin + whole)]))
    return tuple(kept)


def weighted_s(stretches: Iterable[Stretch]) -> Decimal:
    """Return downtime in seconds, each instant by its weight; exact to the microsecond."""
    return sum((one.weight * (one.length // MICROSECOND) for one in stretches), Decimal(0)) / MICROSECONDS
