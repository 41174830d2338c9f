"""Service time: the open hours of a calendar less the breaks in which a clock stands still (measurement.md §4). Pure.

Which pauses and exclusions make breaks is decided in ``models.pauses`` and ``models.claims``; here they are only taken
out: their union, and of it only what the calendar has open.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.calendar import ALWAYS, Calendar

ZERO = timedelta(0)


@dataclass(frozen=True, slots=True)
class Break:
    """A stretch ``[begin, end)`` in which a clock stands still; ``end`` None while it lasts."""

    begin: datetime
    end: datetime | None
    reason: str
    """The pause's reason or the exclusion's clause; several, where they overlap, joined by commas."""
    notice_ids: tuple[str, ...]
    """Of the statements that make it count."""


def united(breaks: Iterable[Break]) -> tuple[Break, ...]:
    """Return the union of breaks: disjoint, in order, at most the last without an end. Empty ones are left out."""
    stated = list(breaks)
    if not stated:
        return ()
    merged: list[Break] = []
    for one in sorted(stated, key=lambda brk: (brk.begin, brk.reason, brk.notice_ids)):
        if one.end is not None and one.end <= one.begin:
            continue
        last = merged[-1] if merged else None
        if last is None or (last.end is not None and last.end < one.begin):
            merged.append(one)
        else:
            merged[-1] = _joined(last, one)
    return tuple(merged)


def _joined(last: Break, one: Break) -> Break:
    end = None if last.end is None or one.end is None else max(last.end, one.end)
    reasons = dict.fromkeys((*last.reason.split(", "), *one.reason.split(", ")))
    return Break(last.begin, end, ", ".join(reasons), tuple(dict.fromkeys((*last.notice_ids, *one.notice_ids))))


@dataclass(frozen=True, slots=True)
class ServiceTime:
    """What counts on one clock."""

    calendar: Calendar = ALWAYS
    breaks: tuple[Break, ...] = ()
    """Disjoint and in order, as ``united`` returns them."""

    def elapsed(self, begin: datetime, end: datetime) -> timedelta:
        """Return how much of ``[begin, end)`` counts; zero if it ends before it begins."""
        if end <= begin:
            return ZERO
        counted = self.calendar.elapsed(begin, end)
        return counted - self.paused(begin, end) if self.breaks else counted

    def paused(self, begin: datetime, end: datetime) -> timedelta:
        """Return how much open time of ``[begin, end)`` lies in breaks."""
        return sum(
            (
                self.calendar.elapsed(max(one.begin, begin), end if one.end is None else min(one.end, end))
                for one in self.breaks
            ),
            ZERO,
        )

    def stands_still(self, instant: datetime) -> bool:
        """Return whether an instant lies in a break."""
        return any(one.begin <= instant and (one.end is None or instant < one.end) for one in self.breaks)

    def reach(self, begin: datetime, length: timedelta) -> datetime | None:
        """Return the earliest instant at which what counted since ``begin`` is ``length``.

        None where a break without an end comes first: it moves on for as long as the clock stands still.
        """
        if not self.breaks:
            return self.calendar.reach(begin, length)
        for at, until, left in self._between_breaks(begin, length):
            if until is None or self.calendar.elapsed(at, until) >= left:
                return self.calendar.reach(at, left)
        return None

    def reaches(self, begin: datetime, lengths: Sequence[timedelta]) -> Sequence[datetime | None]:
        """Return ``reach`` of several lengths from one ``begin``."""
        if not self.breaks:
            return self.calendar.reaches(begin, lengths)
        return [self.reach(begin, length) for length in lengths]

    def passes(self, begin: datetime, length: timedelta) -> datetime | None:
        """Return the last instant at which what counted since ``begin`` is still ``length``; None as for ``reach``."""
        if not self.breaks:
            return self.calendar.passes(begin, length)
        for at, until, left in self._between_breaks(begin, length):
            if until is None or self.calendar.elapsed(at, until) > left:
                return self.calendar.passes(at, left)
        return None

    def _between_breaks(
        self, begin: datetime, length: timedelta
    ) -> Iterator[tuple[datetime, datetime | None, timedelta]]:
        """Yield each stretch that counts, from ``begin`` on, with what is left of the length at its beginning."""
        at, left = begin, length
        for one in self.breaks:
            if one.end is not None and one.end <= at:
                continue
            if one.begin > at:
                yield at, one.begin, left
                left -= self.calendar.elapsed(at, one.begin)
            if one.end is None:
                return
            at = one.end
        yield at, None, left


WALL_TIME = ServiceTime()
