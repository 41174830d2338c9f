"""What became of each piece of a clock's time: counted, closed, paused, excluded, or quiet between outages. Pure.

The pieces tile the time from the clock's start to its stop, or to as-of; what counts for certain adds up to the least
elapsed time of the reading. Nothing here judges; ``models.reading`` does.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

from models.moment import ZERO
from models.outage import Outage
from models.reading import Reading
from models.service_time import Break, ServiceTime


class SpanKind(StrEnum):
    """What became of a piece of time."""

    COUNTED = "counted"
    CLOSED = "closed"
    """Outside the service hours of the clock's calendar."""
    PAUSED = "paused"
    EXCLUDED = "excluded"
    QUIET = "quiet"
    """Between an end and a return of the trouble, left out by the reopen rule."""


@dataclass(frozen=True, slots=True)
class Span:
    """A piece ``[begin, end)`` of a clock's time; instants UTC."""

    begin: datetime
    end: datetime
    kind: SpanKind
    length: timedelta
    """Service time of it; wall time where the calendar is closed or it was quiet."""
    is_certain: bool = True
    """False where an endpoint is known only to an interval, or a restore may yet not hold."""
    reason: str | None = None
    notice_ids: tuple[str, ...] = ()
    """Of the statements that make it a break."""


def spans(reading: Reading, as_of: datetime, clauses: Collection[str] = ()) -> tuple[Span, ...]:
    """Return the pieces of a clock's time, in order, without gaps.

    Args:
        reading: as of ``as_of``; one that never ran has no pieces.
        as_of: how far the world has run; UTC.
        clauses: exclusions that the agreement knows; other breaks are pauses.
    """
    found: list[Span] = []
    for rough in _pieces(reading, as_of):
        found += [rough] if rough.kind is SpanKind.QUIET else _cut(rough, reading.time, clauses)
    return tuple(found)


def _pieces(reading: Reading, as_of: datetime) -> Iterator[Span]:
    """Yield the stretches, parted where they are certain and where they are not, and the quiet between them."""
    following: Sequence[Outage | None] = (*reading.stretches[1:], None)
    reached: datetime | None = None
    for one, after in zip(reading.stretches, following, strict=False):  # a clock that never ran has no stretches
        if reached is not None and reached < one.begin.earliest:
            yield Span(reached, one.begin.earliest, SpanKind.QUIET, one.begin.earliest - reached)
        begin, end = one.begin.earliest, _stop(one, after, as_of, is_held=reading.stopped_at is not None)
        sure_from = min(one.begin.latest or end, end)
        sure_to = max(sure_from, end if one.end is None else min(one.end.earliest, end))
        for (since, until), certain in zip(
            pairwise((begin, sure_from, sure_to, end)), (False, True, False), strict=True
        ):
            if since < until:
                yield Span(since, until, SpanKind.COUNTED, until - since, certain)
        reached = end


def _stop(one: Outage, after: Outage | None, as_of: datetime, *, is_held: bool) -> datetime:
    """Return until when a stretch may have lasted."""
    if after is not None:
        end = one.end.latest if one.end is not None else None
        return max(one.begin.earliest, min(end or as_of, after.begin.earliest))
    stop = one.end.latest if one.end is not None and is_held else None
    return max(one.begin.earliest, stop or as_of)


def _cut(rough: Span, time: ServiceTime, clauses: Collection[str]) -> Iterator[Span]:
    """Take the breaks out of a piece, then the closed hours."""
    at = rough.begin
    for one in time.breaks:
        begin, end = max(one.begin, at), rough.end if one.end is None else min(one.end, rough.end)
        if end <= begin:
            continue
        yield from _opened(replace(rough, begin=at, end=begin), time)
        yield _broken(replace(rough, begin=begin, end=end), one, time, clauses)
        at = end
    yield from _opened(replace(rough, begin=at), time)


def _broken(piece: Span, one: Break, time: ServiceTime, clauses: Collection[str]) -> Span:
    kind = SpanKind.EXCLUDED if set(one.reason.split(", ")) & set(clauses) else SpanKind.PAUSED
    length = time.calendar.elapsed(piece.begin, piece.end)
    return replace(piece, kind=kind, length=length, reason=one.reason, notice_ids=one.notice_ids)


def _opened(piece: Span, time: ServiceTime) -> Iterator[Span]:
    at = piece.begin
    for begin, end in time.calendar.intervals(piece.begin, piece.end):
        if at < begin:
            yield replace(piece, begin=at, end=begin, kind=SpanKind.CLOSED, length=begin - at)
        yield replace(piece, begin=begin, end=end, length=end - begin)
        at = end
    if at < piece.end:
        yield replace(piece, begin=at, kind=SpanKind.CLOSED, length=piece.end - at)


@dataclass(frozen=True, slots=True)
class DayOfService:
    """What one local date brought to a clock. Service time; closed hours are the rest of the day."""

    day: date
    counted: timedelta
    paused: timedelta
    """Left out for pauses and exclusions."""


def by_day(found: Iterable[Span], zone: str) -> tuple[DayOfService, ...]:
    """Sum the pieces by local date of the calendar's zone, the date on which they begin.

    Dates without any service time are left out.
    """
    local = ZoneInfo(zone)
    sums: dict[date, tuple[timedelta, timedelta]] = {}
    for one in found:
        if one.kind in (SpanKind.CLOSED, SpanKind.QUIET) or not one.length:
            continue
        day = one.begin.astimezone(local).date()
        counted, paused = sums.get(day, (ZERO, ZERO))
        is_counted = one.kind is SpanKind.COUNTED
        sums[day] = (counted + one.length, paused) if is_counted else (counted, paused + one.length)
    return tuple(DayOfService(day, *both) for day, both in sorted(sums.items()))
