"""Business days: dates on which a calendar opens, and what ``3bd`` and ``2eobd`` come to (ADR 0012). Pure.

A window belongs to the date on which it opens, so at 03:00 in a night shift the business day is still yesterday's.
"""

from collections.abc import Iterator

from models.opening_spans import DAY, LAST_YEAR, MINUTE, YEAR_BEGINS, CalendarRangeError, WallCalendar


def same_time_later(calendar: WallCalendar, begin: int, count: int) -> int:
    """Return the instant at which the wall clock shows the same time on the ``count``-th business day after.

    Args:
        calendar: decides what a business day is.
        begin: an open instant.
        count: business days, 0 or more.
    """
    day = business_day(calendar, begin)
    time = calendar.wall(begin) - day * DAY
    return calendar.first_at(_day_after(calendar, day, count) * DAY + time)


def last_close(calendar: WallCalendar, begin: int, count: int) -> int:
    """Return the last close of the ``count``-th business day after that of ``begin``, which is not counted.

    Args:
        calendar: decides what a business day is.
        begin: any instant, open or closed.
        count: 0 is the first business day that has not ended yet, today or later.
    """
    day = business_day(calendar, begin)
    if count:
        return _close(calendar, _day_after(calendar, day, count))
    return next(close for one in _business_days(calendar, day) if (close := _close(calendar, one)) > begin)


def business_day(calendar: WallCalendar, instant: int) -> int:
    """Return the date of the window that is open at an instant, as days since 1970; the local date if none is."""
    wall = calendar.wall(instant)
    today = wall // DAY
    for day in (today, today - 1):
        minutes = (wall - day * DAY) // MINUTE
        if any(window.opens <= minutes < window.closes for window in calendar.windows(day)):
            return day
    return today


def _close(calendar: WallCalendar, day: int) -> int:
    return max(end for _, end in calendar.spans(day))


def _day_after(calendar: WallCalendar, day: int, count: int) -> int:
    if not count:
        return day
    return next(one for number, one in enumerate(_business_days(calendar, day + 1), 1) if number == count)


def _business_days(calendar: WallCalendar, first: int) -> Iterator[int]:
    """Yield dates with an opening, from ``first`` on.

    Raises:
        CalendarRangeError: past the years that a calendar knows.
    """
    for day in range(first, YEAR_BEGINS[-1] // DAY - 1):
        if calendar.spans(day):
            yield day
    raise CalendarRangeError(f"so many business days lie beyond {LAST_YEAR}, the last year that calendars know")
