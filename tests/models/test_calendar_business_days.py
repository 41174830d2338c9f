"""What ``nbd`` and ``neobd`` come to (ADR 0012)."""

from datetime import UTC, datetime, timedelta

import pytest

from models.calendar import ALWAYS, CalendarRangeError
from models.durations import Duration
from tests.models.calendars import BERLIN_HOLIDAYS, NIGHTS, OFFICE, WHOLE_DAYS, calendar, local

HOUR = timedelta(hours=1)

DAYS = {
    "a fixed time is itself": ("2026-05-04 10:00", "4h", "2026-05-04 14:30", 4),
    "a day is 24 hours of open time": ("2026-05-04 10:00", "1d", "2026-05-06 15:30", 24),
    "the same time three days on": ("2026-05-04 10:00", "3bd", "2026-05-07 10:00", 28.5),
    "friday's next business day is monday": ("2026-05-08 14:00", "1bd", "2026-05-11 14:00", 6.5),
    "a holiday is no business day": ("2026-05-13 10:00", "1bd", "2026-05-15 10:00", 9.5),
    "a half-day is one, and its close is the limit": ("2026-12-23 15:00", "1bd", "2026-12-24 12:00", 7),
    "after hours it counts from the next opening": ("2026-05-04 20:00", "1bd", "2026-05-05 18:00", 9.5),
    "at a weekend it counts from monday": ("2026-05-09 11:00", "1bd", "2026-05-11 18:00", 9.5),
    "no business days are no time": ("2026-05-09 11:00", "0bd", "2026-05-09 11:00", 0),
    "the end of the second business day": ("2026-05-04 10:00", "2eobd", "2026-05-06 18:00", 26.5),
    "the end of friday is early": ("2026-05-07 10:00", "1eobd", "2026-05-08 15:00", 14.5),
    "after hours the own date is not counted": ("2026-05-04 20:00", "1eobd", "2026-05-05 18:00", 9.5),
    "at a weekend monday is the first": ("2026-05-09 11:00", "1eobd", "2026-05-11 18:00", 9.5),
    "the end of a half-day is at noon": ("2026-12-23 15:00", "1eobd", "2026-12-24 12:00", 7),
    "holidays and weekends between are not counted": ("2026-12-23 15:00", "2eobd", "2026-12-28 18:00", 16.5),
    "the end of the same business day": ("2026-05-04 10:00", "0eobd", "2026-05-04 18:00", 7.5),
    "the same business day, when it is over, is the next": ("2026-05-04 20:00", "0eobd", "2026-05-05 18:00", 9.5),
}


@pytest.mark.parametrize("case", DAYS)
def test_in_an_office(case):
    begin, duration, reached, hours = DAYS[case]
    office = calendar(OFFICE, holidays=BERLIN_HOLIDAYS)
    length = office.length(local(begin), Duration.parse(duration))
    assert (length, office.reach(local(begin), length)) == (hours * HOUR, local(reached))


def test_a_limit_that_ends_with_a_closed_time_passes_after_it():
    office = calendar(OFFICE, holidays=BERLIN_HOLIDAYS)
    weekend, half_day = local("2026-05-09 11:00"), local("2026-12-23 15:00")
    assert office.passes(weekend, office.length(weekend, Duration(1, "bd"))) == local("2026-05-12 08:00")
    assert office.passes(half_day, office.length(half_day, Duration(1, "bd"))) == local("2026-12-28 08:00")


def test_an_agreed_pause_moves_the_deadline_by_open_hours():
    office, begin = calendar(OFFICE, holidays=BERLIN_HOLIDAYS), local("2026-05-04 10:00")
    assert office.reach(begin, office.length(begin, Duration(3, "bd")) + 2 * HOUR) == local("2026-05-07 12:00")


def test_after_hours_a_business_day_passes_at_the_opening_of_the_one_after_next():
    office, begin = calendar(OFFICE, holidays=BERLIN_HOLIDAYS), local("2026-05-04 20:00")
    assert office.passes(begin, office.length(begin, Duration(1, "bd"))) == local("2026-05-06 08:00")


NIGHT_DAYS = {
    "after midnight it is still the day before": ("2026-05-05 03:00", "1bd", "2026-05-06 03:00"),
    "after midnight of friday's night monday's comes next": ("2026-05-09 03:00", "1bd", "2026-05-12 03:00"),
    "a night ends with the window that began on its date": ("2026-05-05 03:00", "1eobd", "2026-05-06 06:00"),
    "the night that runs is the same business day": ("2026-05-05 03:00", "0eobd", "2026-05-05 06:00"),
    "between two nights it is the local date": ("2026-05-05 12:00", "1eobd", "2026-05-07 06:00"),
    "between two nights the one to come is the same day": ("2026-05-05 12:00", "0eobd", "2026-05-06 06:00"),
}


@pytest.mark.parametrize("case", NIGHT_DAYS)
def test_in_a_night_shift(case):
    begin, duration, expected = NIGHT_DAYS[case]
    nights = calendar(NIGHTS)
    assert nights.reach(local(begin), nights.length(local(begin), Duration.parse(duration))) == local(expected)


CHANGES = {
    "a time that is skipped is the first one after it": (
        "24x7", "Europe/Berlin", "2026-03-28 02:30", "1bd", "2026-03-29 03:00"),
    "a time that comes twice is the first of the two": (
        "24x7", "Europe/Berlin", "2026-10-24 02:30", "1bd", "2026-10-25 02:30"),
    "a begin in the second of the two": ("24x7", "Europe/Berlin", "2026-10-25 02:30*", "1bd", "2026-10-26 02:30"),
    "a midnight that is skipped": ("24x7", "America/Sao_Paulo", "2018-11-03 00:00", "1bd", "2018-11-04 01:00"),
    "a day that is skipped is no business day": (
        WHOLE_DAYS, "Pacific/Apia", "2011-12-29 10:00", "1bd", "2011-12-31 10:00"),
    "nor has it an end": (WHOLE_DAYS, "Pacific/Apia", "2011-12-29 10:00", "1eobd", "2012-01-01 00:00"),
    "a date with no window but in the gap is none": (
        {"sun": ["02:00-03:00"]}, "Europe/Berlin", "2026-03-22 02:30", "1bd", "2026-04-05 02:30"),
}  # fmt: skip


@pytest.mark.parametrize("case", CHANGES)
def test_over_changes_of_the_clocks(case):
    hours, zone, begin, duration, expected = CHANGES[case]
    one, start = calendar(hours, zone), local(begin, zone)
    assert one.reach(start, one.length(start, Duration.parse(duration))) == local(expected, zone)


def test_around_the_clock_business_days_are_dates():
    begin = datetime(2026, 5, 9, 11, tzinfo=UTC)
    assert ALWAYS.length(begin, Duration(3, "bd")) == 72 * HOUR
    assert ALWAYS.length(begin, Duration(1, "eobd")) == 37 * HOUR


@pytest.mark.parametrize("unit", ["bd", "eobd"])
def test_business_days_beyond_all_calendars_are_an_error(unit):
    with pytest.raises(CalendarRangeError, match="beyond 2199"):
        calendar({"mon": ["08:00-09:00"]}).length(datetime(2199, 6, 1, tzinfo=UTC), Duration(50, unit))
