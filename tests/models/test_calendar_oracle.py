"""Every change of the clocks of 44 zones in eleven years, against an oracle that walks minute by minute."""

from datetime import timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

import pytest

from models.calendar import Calendar
from models.calendar_spec import CalendarSpec
from tests.models.calendar_oracle import NAMES, open_flags, transitions, wall_minutes

MINUTE = timedelta(minutes=1)
AROUND = 36 * 60
"""Minutes before and after each change."""

ZONES = (
    "Africa/Cairo", "Africa/Casablanca", "Africa/Juba", "Africa/Khartoum", "Africa/Sao_Tome", "Africa/Windhoek",
    "America/Asuncion", "America/Caracas", "America/Chicago", "America/Godthab", "America/Halifax", "America/Havana",
    "America/Los_Angeles", "America/Mexico_City", "America/New_York", "America/Santiago", "America/Sao_Paulo",
    "America/St_Johns", "America/Whitehorse", "Antarctica/Macquarie", "Antarctica/Troll", "Asia/Almaty",
    "Asia/Amman", "Asia/Beirut", "Asia/Damascus", "Asia/Gaza", "Asia/Jerusalem", "Asia/Pyongyang", "Asia/Tehran",
    "Atlantic/Azores", "Australia/Adelaide", "Australia/Lord_Howe", "Australia/Sydney", "Europe/Berlin",
    "Europe/Dublin", "Europe/Istanbul", "Europe/London", "Pacific/Apia", "Pacific/Auckland", "Pacific/Chatham",
    "Pacific/Easter", "Pacific/Fiji", "Pacific/Norfolk", "Pacific/Tongatapu",
)  # fmt: skip
SKIPS = {"Pacific/Apia": 2011}
"""Zones with a change before 2016 that is worth the look: Apia left out a day."""


def daily(*windows, days=NAMES):
    """Return weekly hours with the same windows on each day."""
    return {day: list(windows) for day in days}


HOURS = {
    "24x7": daily("00:00-24:00"),
    "whole days but sunday": daily("00:00-24:00", days=NAMES[:6]),
    "office with lunch": daily("08:00-12:30", "13:00-18:00", days=NAMES[:5]),
    "nights": daily("22:00-06:00"),
    "pieces of the night": daily("00:00-00:30", "01:30-02:15", "02:30-03:00", "23:15-23:45"),
}


def calendars(zone, changes):
    """Yield calendars as the product and as the oracle know them: the last is closed where clocks change."""
    for name, hours in HOURS.items():
        spec = CalendarSpec.model_validate({"hours": "24x7" if name == "24x7" else hours})
        yield name, Calendar.of(spec, zone), hours, {}
    days = sorted({change.astimezone(ZoneInfo(zone)).date() for change in changes})
    dates = {day: () if number % 2 else ("01:15-02:45", "20:00-01:30") for number, day in enumerate(days)}
    holidays = [{"date": str(day), "hours": windows} for day, windows in dates.items()]
    spec = CalendarSpec.model_validate({"hours": HOURS["nights"], "holidays": holidays})
    yield "nights, not on these dates", Calendar.of(spec, zone), HOURS["nights"], dates


@pytest.mark.parametrize("zone", ZONES)
def test_every_minute_around_every_change_of_the_clocks_is_open_or_closed_as_the_wall_clock_says(zone):
    changes = transitions(zone, SKIPS.get(zone, 2016), 2026)
    assert changes
    known = list(calendars(zone, changes))
    for change in changes:
        begin = change - AROUND * MINUTE
        walls = wall_minutes(begin, 2 * AROUND, zone)
        for name, calendar, hours, dates in known:
            flags = open_flags(walls, hours, dates)
            where = f"{name} in {zone} around {change}"
            assert flags_of(calendar, begin) == flags, where
            opened = [0, *accumulate(flags)]
            for step in (*range(0, 2 * AROUND, 181), *range(AROUND - 90, AROUND + 91, 15), 2 * AROUND):
                assert calendar.elapsed(begin, begin + step * MINUTE) == opened[step] * MINUTE, where
                assert calendar.elapsed(change, begin + step * MINUTE) == max(0, opened[step] - opened[AROUND]) * MINUTE
            assert calendar.reach(begin, opened[-1] * MINUTE) == begin + flags.rindex(1) * MINUTE + MINUTE, where


def flags_of(calendar, begin):
    """Return what a calendar has open, as the oracle writes it."""
    flags = bytearray(2 * AROUND)
    for since, until in calendar.intervals(begin, begin + 2 * AROUND * MINUTE):
        first, last = (since - begin) // MINUTE, (until - begin) // MINUTE
        flags[first:last] = b"\1" * (last - first)
    return bytes(flags)


def test_the_zones_are_as_many_as_promised_and_as_odd():
    assert len(set(ZONES)) >= 40
    assert sum(len(transitions(zone, SKIPS.get(zone, 2016), 2026)) for zone in ZONES) > 500
    assert len(transitions("Pacific/Apia", 2011, 2011)) == 3
