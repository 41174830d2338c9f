"""Opening hours on the UTC line: when the wall clock of a zone shows a time inside a window. Pure.

An instant is open if the wall clock then shows an open time; so a spring gap shortens a window, an hour that comes
twice counts twice, and a day that a zone skips has no opening. All in whole microseconds since 1970 (UTC) or since the
same date on the wall, so that nothing is rounded.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from zoneinfo import ZoneInfo

from models.calendar_spec import OpeningRules
from models.opening import DAYS, Windows

SECOND = 1_000_000
MINUTE = 60 * SECOND
DAY = 86_400 * SECOND
FIRST_YEAR, LAST_YEAR = 1970, 2199
"""What a calendar knows. Farther away nobody has promised anything, and zones are guesswork."""
MARGIN_DAYS = 3
"""Beyond a year's ends: a window lasts less than two days, and wall clocks differ from UTC by less than one."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
YEAR_BEGINS = tuple((date(year, 1, 1).toordinal() - _EPOCH_ORDINAL) * DAY for year in range(FIRST_YEAR, LAST_YEAR + 2))
"""Midnight (UTC) of each known 1 January and of the one after, in microseconds."""

Span = tuple[int, int]
"""Half-open."""


class CalendarRangeError(ValueError):
    """An instant, or the end of a time that is counted, lies outside the years that a calendar knows."""


def to_micros(instant: datetime) -> int:
    """Return microseconds since 1970 of an aware datetime."""
    since = instant - _EPOCH
    return (since.days * 86_400 + since.seconds) * SECOND + since.microseconds


def to_instant(micros: int) -> datetime:
    """Return the instant, in UTC."""
    return _EPOCH + timedelta(0, 0, micros)


def year_of(micros: int) -> int:
    """Return the UTC year of an instant.

    Raises:
        CalendarRangeError: outside the known years.
    """
    index = bisect_right(YEAR_BEGINS, micros)
    if not 0 < index < len(YEAR_BEGINS):
        raise CalendarRangeError(f"calendars know the years {FIRST_YEAR} to {LAST_YEAR}, and this is outside of them")
    return FIRST_YEAR + index - 1


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which a zone keeps one offset from UTC."""

    begin: int
    end: int
    offset: int
    """Wall time minus UTC."""


@lru_cache(maxsize=4096)
def stretches(zone: str, year: int) -> tuple[Stretch, ...]:
    """Return what a zone keeps to from some days before a UTC year to some days after it, in order.

    Looks once per day: since 1970 no zone has changed twice within less than six days.
    """
    rules = ZoneInfo(zone)
    first = (date(year, 1, 1).toordinal() - _EPOCH_ORDINAL - MARGIN_DAYS) * 86_400
    last = (date(year + 1, 1, 1).toordinal() - _EPOCH_ORDINAL + MARGIN_DAYS) * 86_400
    found: list[Stretch] = []
    begin, offset = first, _offset(rules, first)
    for second in range(first + 86_400, last + 1, 86_400):
        if (after := _offset(rules, second)) != offset:
            changed = _change(rules, second - 86_400, second)
            found.append(Stretch(begin * SECOND, changed * SECOND, offset * SECOND))
            begin, offset = changed, after
    return (*found, Stretch(begin * SECOND, last * SECOND, offset * SECOND))


def _offset(zone: ZoneInfo, second: int) -> int:
    moment = _EPOCH + timedelta(seconds=second)
    since = moment.astimezone(zone).replace(tzinfo=UTC) - moment
    return since.days * 86_400 + since.seconds


def _change(zone: ZoneInfo, before: int, after: int) -> int:
    """Return the first second of the new offset, of a day that begins in the old one."""
    old = _offset(zone, before)
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (middle, after) if _offset(zone, middle) == old else (before, middle)
    return after


@dataclass(frozen=True, slots=True)
class OpenYear:
    """The open time of one UTC year: merged spans in order, with the open time before each."""

    begins: tuple[int, ...]
    ends: tuple[int, ...]
    opened: tuple[int, ...]
    """Open time of the year up to each span's begin, and last the whole of it."""

    @classmethod
    def of(cls, spans: list[Span]) -> "OpenYear":
        """Index spans that are sorted, do not touch and are not empty."""
        opened = accumulate((end - begin for begin, end in spans), initial=0)
        return cls(tuple(begin for begin, _ in spans), tuple(end for _, end in spans), tuple(opened))

    @property
    def total(self) -> int:
        """Open time of the whole year."""
        return self.opened[-1]

    def before(self, instant: int) -> int:
        """Return the open time of the year that lies before an instant of it. O(log n)."""
        index = bisect_right(self.begins, instant) - 1
        if index < 0:
            return 0
        return self.opened[index] + min(instant, self.ends[index]) - self.begins[index]

    def reach(self, length: int) -> int:
        """Return the earliest instant that has ``length`` of the year's open time before it; 0 < length <= total."""
        index = bisect_left(self.opened, length) - 1
        return self.begins[index] + length - self.opened[index]

    def next_opening(self, instant: int) -> int | None:
        """Return an instant itself if it is open, else the next opening of the year; None after the last."""
        index = bisect_right(self.begins, instant)
        if index and instant < self.ends[index - 1]:
            return instant
        return self.begins[index] if index < len(self.begins) else None


@dataclass(frozen=True, slots=True)
class WallCalendar:
    """Opening rules in a zone."""

    rules: OpeningRules
    zone: str

    def windows(self, day: int) -> Windows:
        """Return the windows that open on a date, given as days since 1970."""
        ordinal = day + _EPOCH_ORDINAL
        own = _dates(self.rules, date.fromordinal(ordinal).year)
        found = own.get(ordinal)
        return self.rules.week[(ordinal - 1) % len(DAYS)] if found is None else found

    def open_year(self, year: int) -> OpenYear:
        """Return the open time of a UTC year."""
        begin, end = YEAR_BEGINS[year - FIRST_YEAR], YEAR_BEGINS[year - FIRST_YEAR + 1]
        known = stretches(self.zone, year)
        days = range(begin // DAY - MARGIN_DAYS, end // DAY + MARGIN_DAYS)
        clipped = ((max(b, begin), min(e, end)) for day in days for b, e in self._spans(day, known))
        return OpenYear.of(_merged(span for span in clipped if span[0] < span[1]))

    def spans(self, day: int) -> list[Span]:
        """Return when the windows that open on a date are open, in UTC; empty on a date without any opening."""
        return list(self._spans(day, stretches(self.zone, year_of(day * DAY))))

    def _spans(self, day: int, known: tuple[Stretch, ...]) -> Iterator[Span]:
        midnight = day * DAY
        for window in self.windows(day):
            opens, closes = midnight + window.opens * MINUTE, midnight + window.closes * MINUTE
            for stretch in known:
                begin, end = max(opens - stretch.offset, stretch.begin), min(closes - stretch.offset, stretch.end)
                if begin < end:
                    yield begin, end

    def wall(self, instant: int) -> int:
        """Return what the wall clock shows at an instant."""
        return wall_at(self.zone, instant)

    def first_at(self, wall: int) -> int:
        """Return the first instant at which the wall clock shows a time or, where that time is skipped, a later one."""
        return first_at(self.zone, wall)


def wall_at(zone: str, instant: int) -> int:
    """Return what the wall clock of a zone shows at an instant."""
    known = stretches(zone, year_of(instant))
    return next(instant + stretch.offset for stretch in known if instant < stretch.end)


@lru_cache(maxsize=16384)
def first_at(zone: str, wall: int) -> int:
    """Return the first instant at which a zone's wall clock shows a time or, where that is skipped, a later one."""
    known = stretches(zone, year_of(wall))
    begins = ((max(stretch.begin, wall - stretch.offset), stretch.end) for stretch in known)
    return next(begin for begin, end in begins if begin < end)


@lru_cache(maxsize=4096)
def _dates(rules: OpeningRules, year: int) -> dict[int, Windows]:
    return rules.year(year)


def _merged(spans: Iterator[Span]) -> list[Span]:
    """Join spans that touch or overlap, as half-day hours may with the night before."""
    merged: list[Span] = []
    for begin, end in sorted(spans):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged
