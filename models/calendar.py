"""Service hours to measure with: open time elapsed, and when it reaches a length (measurement.md §5). Pure.

A calendar is made once of an agreement's ``CalendarSpec``; its open time is laid out year by year when first asked for,
so that each question costs two bisections. What is open is for ``models.opening_spans``, what a business day is for
``models.opening_days``.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from models.calendar_spec import CalendarSpec, OpeningRules
from models.durations import Duration
from models.instants import to_utc
from models.opening_days import last_close, same_time_later
from models.opening_spans import (
    LAST_YEAR,
    CalendarRangeError,
    OpenYear,
    WallCalendar,
    to_instant,
    to_micros,
    year_of,
)

__all__ = ["ALWAYS", "Calendar", "CalendarRangeError"]

_MICROSECOND = timedelta(microseconds=1)
_ZERO = timedelta(0)


class Calendar:
    """When service is owed. Equal questions have equal answers; what is laid out is kept.

    Around the clock every question is answered; other calendars know the years 1970 to 2199 and raise
    ``CalendarRangeError`` beyond.
    """

    def __init__(self, rules: OpeningRules, zone: str) -> None:
        self.zone = zone
        self.is_always = rules.is_always
        """True if it never closes."""
        self._wall = WallCalendar(rules, zone)
        self._years: dict[int, OpenYear] = {}

    @classmethod
    def of(cls, spec: CalendarSpec, zone: str) -> "Calendar":
        """Return the calendar of an agreement's service hours, the same one for equal hours.

        Args:
            spec: read and checked.
            zone: IANA name, that of the agreement's version; used where ``spec`` names none.
        """
        return _compiled(spec.rules, spec.timezone or zone)

    def elapsed(self, begin: datetime, end: datetime) -> timedelta:
        """Return the open time in ``[begin, end)``: zero if it ends before it begins, never more than wall time.

        >>> office = Calendar.of(CalendarSpec(hours={"mon-fri": ("09:00-17:00",)}), "Europe/Berlin")
        >>> office.elapsed(datetime.fromisoformat("2026-05-08T14:00Z"), datetime.fromisoformat("2026-05-11T08:00Z"))
        datetime.timedelta(seconds=7200)

        Raises:
            CalendarRangeError: if an end lies outside the years that calendars know.
        """
        if end <= begin:
            return _ZERO
        if self.is_always:
            return end - begin
        since, until = to_micros(begin), to_micros(end)
        first, last = year_of(since), year_of(until)
        opened = self._year(last).before(until) - self._year(first).before(since)
        if first != last:
            opened += sum(self._year(year).total for year in range(first, last))
        return timedelta(0, 0, opened)

    def reach(self, begin: datetime, length: timedelta) -> datetime:
        """Return the earliest instant at which the open time from ``begin`` is ``length``; ``begin`` for zero.

        Raises:
            ValueError: for a negative length.
            CalendarRangeError: if that is beyond the years that calendars know.
        """
        return self.reaches(begin, (length,))[0]

    def reaches(self, begin: datetime, lengths: Sequence[timedelta]) -> list[datetime]:
        """Return ``reach`` of several lengths from one ``begin``: warning stages and the limit are asked together.

        Raises:
            ValueError: for a negative length.
            CalendarRangeError: if one is beyond the years that calendars know.
        """
        if min(lengths, default=_ZERO) < _ZERO:
            raise ValueError(f"{min(lengths)} is less than no time")
        if self.is_always:
            return [_later(begin, length) for length in lengths]
        since = to_micros(begin)
        year = year_of(since)
        before = self._year(year).before(since)
        return [self._reach(year, before + length // _MICROSECOND) if length else to_utc(begin) for length in lengths]

    def _reach(self, year: int, opened: int) -> datetime:
        """Return the earliest instant with so much open time between it and the beginning of a year."""
        while opened > (total := self._year(year).total):
            opened -= total
            year += 1
        return to_instant(self._year(year).reach(opened))

    def passes(self, begin: datetime, length: timedelta) -> datetime:
        """Return the last instant at which the open time from ``begin`` is still ``length``.

        It is later than ``reach`` only where the calendar closes just then: the limit passes when it opens again.

        Raises:
            ValueError: for a negative length.
            CalendarRangeError: if that is beyond the years that calendars know.
        """
        return self.next_opening(self.reach(begin, length))

    def length(self, begin: datetime, duration: Duration) -> timedelta:
        """Return the open time that a contract's duration comes to, counted from ``begin`` (ADR 0012).

        ``s``, ``m``, ``h`` and ``d`` are themselves. ``nbd`` ends at the same wall time on the n-th business day after,
        counted from the next opening if ``begin`` is closed; ``neobd`` with the last close of that day, counted from
        the date of ``begin``. Closed time after it is not in the length: ``passes`` adds it.

        Raises:
            CalendarRangeError: if that is beyond the years that calendars know.
        """
        if duration.fixed is not None:
            return duration.fixed
        if duration.unit == "eobd":
            return self.elapsed(begin, to_instant(last_close(self._wall, to_micros(begin), duration.amount)))
        opening = to_micros(self.next_opening(begin))
        return self.elapsed(begin, to_instant(same_time_later(self._wall, opening, duration.amount)))

    def next_opening(self, instant: datetime) -> datetime:
        """Return ``instant`` itself if it is open, else when the calendar opens next.

        Raises:
            CalendarRangeError: if that is beyond the years that calendars know.
        """
        if self.is_always:
            return to_utc(instant)
        micros = to_micros(instant)
        for year in range(year_of(micros), LAST_YEAR + 1):
            opening = self._year(year).next_opening(micros)
            if opening is not None:
                return to_instant(opening)
        raise _beyond()

    def is_open(self, instant: datetime) -> bool:
        """Return whether an instant counts.

        Raises:
            CalendarRangeError: outside the years that calendars know.
        """
        if self.is_always:
            return True
        micros = to_micros(instant)
        return self._year(year_of(micros)).next_opening(micros) == micros

    def intervals(self, begin: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield what of ``[begin, end)`` is open, in order; intervals neither touch nor are empty.

        Raises:
            CalendarRangeError: if an end lies outside the years that calendars know.
        """
        if end <= begin:
            return
        if self.is_always:
            yield to_utc(begin), to_utc(end)
            return
        pending: tuple[int, int] | None = None
        for since, until in self._clipped(to_micros(begin), to_micros(end)):
            # The year's turn splits a night; put it together again.
            if pending is not None and pending[1] == since:
                pending = (pending[0], until)
                continue
            if pending is not None:
                yield to_instant(pending[0]), to_instant(pending[1])
            pending = (since, until)
        if pending is not None:
            yield to_instant(pending[0]), to_instant(pending[1])

    def _clipped(self, begin: int, end: int) -> Iterator[tuple[int, int]]:
        for year in range(year_of(begin), year_of(end) + 1):
            known = self._year(year)
            for since, until in zip(known.begins, known.ends, strict=True):
                if since < end and begin < until:
                    yield max(since, begin), min(until, end)

    def _year(self, year: int) -> OpenYear:
        known = self._years.get(year)
        if known is None:
            if year > LAST_YEAR:
                raise _beyond()
            known = self._years[year] = self._wall.open_year(year)
        return known


@lru_cache(maxsize=1024)
def _compiled(rules: OpeningRules, zone: str) -> Calendar:
    return Calendar(rules, zone)


def _later(begin: datetime, length: timedelta) -> datetime:
    try:
        return to_utc(begin) + length
    except OverflowError as error:
        raise _beyond() from error


def _beyond() -> CalendarRangeError:
    return CalendarRangeError(f"that lies beyond {LAST_YEAR}, the last year that calendars know")


ALWAYS = Calendar.of(CalendarSpec(hours="24x7"), "UTC")
"""Around the clock; its business days are those of UTC."""
