"""A slow reading of service hours that shares nothing with ``models.calendar``: it asks the wall clock every minute.

An instant is open if the wall clock of the zone shows a time in a window of that date, or in a window of the date
before that runs past midnight, and the date on which the window opens is no holiday.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

NAMES = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
MINUTES = 1440


def clock(text):
    """Return minutes of ``HH:MM``."""
    return int(text[:2]) * 60 + int(text[3:])


def wall_minutes(begin, count, zone):
    """Return what the wall clock shows at ``count`` UTC minutes from ``begin``, in minutes since the year 1."""
    rules = ZoneInfo(zone)
    first = int(begin.timestamp())
    shown = (datetime.fromtimestamp(first + 60 * step, rules) for step in range(count))
    return [moment.toordinal() * MINUTES + moment.hour * 60 + moment.minute for moment in shown]


def open_flags(walls, hours, dates):
    """Return one byte per wall minute: 1 where open.

    Args:
        walls: as ``wall_minutes`` returns them.
        hours: windows by single day, such as ``{"mon": ["08:00-12:00"]}``.
        dates: windows by date, instead of the weekday's; none for a closed one.
    """
    base = (min(walls) // MINUTES - 2) * MINUTES
    days = max(walls) // MINUTES - base // MINUTES + 1
    table = bytearray((days + 2) * MINUTES)
    for number in range(days):
        day = date.fromordinal(base // MINUTES + number)
        for window in dates.get(day, hours.get(NAMES[day.weekday()], ())):
            opens, closes = (clock(text) for text in window.split("-"))
            length = closes - opens if closes > opens else closes - opens + MINUTES
            table[number * MINUTES + opens : number * MINUTES + opens + length] = b"\1" * length
    return bytes(table[wall - base] for wall in walls)


def is_open(instant, zone, hours, dates):
    """Return whether an instant is open; seconds do not matter, windows begin and end with minutes."""
    minute = instant.replace(second=0, microsecond=0)
    return bool(open_flags(wall_minutes(minute, 1, zone), hours, dates)[0])


def elapsed(begin, end, zone, hours, dates):
    """Return open time by adding up minutes, the first and the last in part."""
    first = begin.replace(second=0, microsecond=0)
    count = max(0, int((end - first) / timedelta(minutes=1)) + 1)
    flags = open_flags(wall_minutes(first, count, zone), hours, dates) if count else b""
    total = timedelta(0)
    for number, flag in enumerate(flags):
        since = max(begin, first + timedelta(minutes=number))
        until = min(end, first + timedelta(minutes=number + 1))
        total += max(until - since, timedelta(0)) * flag
    return total


def transitions(zone, first_year, last_year):
    """Return the minutes (UTC) at which a zone's clocks change, hour by hour and then minute by minute."""
    rules = ZoneInfo(zone)
    step, found = timedelta(hours=6), []
    moment = datetime(first_year, 1, 1, tzinfo=UTC)
    offset = moment.astimezone(rules).utcoffset()
    while moment.year <= last_year:
        after = (moment + step).astimezone(rules).utcoffset()
        if after != offset:
            minutes = (moment + timedelta(minutes=number) for number in range(361))
            found.append(next(one for one in minutes if one.astimezone(rules).utcoffset() == after))
        moment, offset = moment + step, after
    return found
