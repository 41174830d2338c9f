"""When a calendar is open, asked of every single minute; and what business days come to."""

import json
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FIXED = {"m": 1, "h": 60, "d": 1440}
HORIZON = 24 * 1440
"""Minutes that are looked at: no generated deadline lies later."""


def clock_time(text):
    """Return ``HH:MM`` as minutes since midnight; 24:00 is allowed."""
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def windows_of(calendar, day: date):
    """Return (open, close) minutes of wall time that belong to a date; close before open means over midnight."""
    for holiday in calendar.get("holidays", ()):
        if str(holiday["date"]) == day.isoformat():
            return [tuple(map(clock_time, span.split("-"))) for span in holiday.get("hours", ())]
    found = []
    for names, spans in calendar["hours"].items():
        first, _, last = names.partition("-")
        if DAYS.index(first) <= day.weekday() <= DAYS.index(last or first):
            found += [tuple(map(clock_time, span.split("-"))) for span in spans]
    return found


def is_open(calendar, wall: datetime):
    """Tell whether a wall time lies in a window of its date, or in one that began the evening before."""
    now, today = wall.hour * 60 + wall.minute, wall.date()
    if any((begin <= now < end) if begin < end else now >= begin for begin, end in windows_of(calendar, today)):
        return True
    return any(now < end <= begin for begin, end in windows_of(calendar, today - timedelta(days=1)))


class Hours:
    """One calendar over the minutes from a base: ``open[m]`` tells of minute m."""

    def __init__(self, calendar, zone, base):
        """Ask the calendar about every minute."""
        self.calendar, self.base = calendar, base
        self.zone = ZoneInfo(calendar.get("timezone") or zone)
        self.always = calendar["hours"] == "24x7"
        self.open = [self.always or is_open(calendar, self.wall(minute)) for minute in range(HORIZON)]

    def wall(self, minute):
        """Return the local time at the beginning of a minute."""
        return (self.base + minute * MINUTE).astimezone(self.zone).replace(tzinfo=None)

    def minute_of(self, wall):
        """Return the first minute at which the local clock shows a wall time, or more on a date that lacks it."""
        return next(minute for minute in range(HORIZON) if self.wall(minute) >= wall)

    def is_business_day(self, day):
        """Tell whether any window belongs to a date."""
        return self.always or bool(windows_of(self.calendar, day))

    def business_day_after(self, day, count):
        """Return the count-th business day after a date."""
        while count:
            day += timedelta(days=1)
            count -= self.is_business_day(day)
        return day

    def count(self, begin, end):
        """Return the open minutes from one minute to before another."""
        return sum(self.open[minute] for minute in range(begin, end))

    def length(self, begin, duration):
        """Return what a contract's duration, counted from a minute, comes to in open minutes."""
        amount, unit = int(duration.rstrip("smhdbeo")), duration.lstrip("0123456789")
        if unit in FIXED:
            return amount * FIXED[unit]
        return self.count(begin, self._day_end(begin, amount) if unit == "eobd" else self._same_time(begin, amount))

    def _business_day_of(self, minute):
        """Return the date to which a minute belongs: in a night that runs, the one on which its window opened."""
        wall = self.wall(minute)
        today = [(0, 1440)] if self.always else windows_of(self.calendar, wall.date())
        now = wall.hour * 60 + wall.minute
        if not self.open[minute] or any(begin <= now < (end if begin < end else 1440) for begin, end in today):
            return wall.date()
        return wall.date() - timedelta(days=1)

    def _same_time(self, begin, amount):
        first = next(minute for minute in range(begin, HORIZON) if self.open[minute])
        day = self._business_day_of(first)
        since_midnight = self.wall(first) - datetime.combine(day, datetime.min.time())
        return self.minute_of(
            datetime.combine(self.business_day_after(day, amount), datetime.min.time()) + since_midnight
        )

    def _day_end(self, begin, amount):
        day = self.business_day_after(self._business_day_of(begin), amount)
        spans = [(0, 1440)] if self.always else windows_of(self.calendar, day)
        last = max(end if begin < end else end + 1440 for begin, end in spans)
        return self.minute_of(datetime.combine(day, datetime.min.time()) + timedelta(minutes=last))


@lru_cache(maxsize=256)
def _cached(calendar, zone, base):
    return Hours(json.loads(calendar), zone, base)


def hours(calendar, zone, base):
    """Return the minutes of a calendar."""
    return _cached(json.dumps(calendar, sort_keys=True, default=str), zone, base)
