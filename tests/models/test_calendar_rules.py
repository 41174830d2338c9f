"""What counts as open time, rule by rule (measurement.md §5)."""

from datetime import UTC, datetime, timedelta

import pytest

from models.calendar import ALWAYS, Calendar, CalendarRangeError
from models.calendar_spec import CalendarSpec
from tests.models.calendars import BERLIN_HOLIDAYS, NIGHTS, OFFICE, WHOLE_DAYS, calendar, local, office

HOUR = timedelta(hours=1)

OPEN_HOURS = {
    "lunch is not counted": (OFFICE, "2026-05-04 12:00", "2026-05-04 14:00", 1.5),
    "a weekend is not counted": (OFFICE, "2026-05-08 14:00", "2026-05-11 09:00", 2),
    "a day that is not named is closed": (OFFICE, "2026-05-09 00:00", "2026-05-10 24:00", 0),
    "seconds are kept": (OFFICE, "2026-05-04 17:59:30", "2026-05-05 08:00:15", 45 / 3600),
    "a night runs into the next day": (NIGHTS, "2026-05-04 21:00", "2026-05-05 07:00", 8),
    "friday's night runs into saturday": (NIGHTS, "2026-05-08 12:00", "2026-05-10 12:00", 8),
    "a closing time of 00:00 is midnight": ({"mon": ["22:00-00:00"]}, "2026-05-04 00:00", "2026-05-06 00:00", 2),
    "windows that touch are one": ({"mon": ["08:00-12:00", "12:00-18:00"]}, "2026-05-04 11:00", "2026-05-04 13:00", 2),
    "a spring gap shortens a night": (WHOLE_DAYS, "2026-03-29 00:00", "2026-03-30 00:00", 23),
    "an autumn overlap lengthens a night": (WHOLE_DAYS, "2026-10-25 00:00", "2026-10-26 00:00", 25),
    "a window inside the gap never opens": ({"sun": ["02:00-03:00"]}, "2026-03-29 00:00", "2026-03-30 00:00", 0),
    "a window inside the overlap opens twice": ({"sun": ["02:00-03:00"]}, "2026-10-25 00:00", "2026-10-26 00:00", 2),
    "half of the overlap is open twice": ({"sun": ["01:00-02:30"]}, "2026-10-25 00:00", "2026-10-26 00:00", 2),
    "a night of the spring change is shorter": ({"sat": ["22:00-06:00"]}, "2026-03-28 12:00", "2026-03-29 12:00", 7),
    "a night of the autumn change is longer": ({"sat": ["22:00-06:00"]}, "2026-10-24 12:00", "2026-10-25 12:00", 9),
    "an hour of the second pass counts": (WHOLE_DAYS, "2026-10-25 02:30", "2026-10-25 02:30*", 1),
    "a night goes over the turn of the year": ({"mon-sun": ["22:00-06:00"]}, "2025-12-31 12:00", "2026-01-01 12:00", 8),
    "a time that ends before it begins is none": (OFFICE, "2026-05-04 12:00", "2026-05-04 09:00", 0),
    "years are added up": ({"mon": ["08:00-09:00"]}, "2023-01-01 00:00", "2026-01-01 00:00", 52 + 53 + 52),
}  # fmt: skip


@pytest.mark.parametrize("case", OPEN_HOURS)
def test_of_weekly_windows(case):
    hours, begin, end, expected = OPEN_HOURS[case]
    begin, end = (instant.replace("24:00", "23:59:59.999999") for instant in (begin, end))
    assert calendar(hours).elapsed(local(begin), local(end)) == expected * HOUR


ZONES = {
    "Lord Howe's clocks go forward by half an hour": ("Australia/Lord_Howe", "2025-10-05", "2025-10-06", 23.5),
    "and back by half an hour": ("Australia/Lord_Howe", "2026-04-05", "2026-04-06", 24.5),
    "Apia had no 30 December 2011": ("Pacific/Apia", "2011-12-29", "2011-12-31", 24),
    "Casablanca leaves its summer time for Ramadan": ("Africa/Casablanca", "2025-02-23", "2025-02-24", 25),
    "and comes back to it": ("Africa/Casablanca", "2025-04-06", "2025-04-07", 23),
    "Sao Paulo's summer began at a midnight that was not": ("America/Sao_Paulo", "2018-11-04 01:00", "2018-11-05", 23),
    "and ended by doing the last hour again": ("America/Sao_Paulo", "2018-02-17", "2018-02-18", 25),
    "Beirut's midnight is skipped in spring": ("Asia/Beirut", "2025-03-30 01:00", "2025-03-31", 23),
    "Havana's first hour comes twice in autumn": ("America/Havana", "2025-11-02", "2025-11-03", 25),
    "Kathmandu has no summer time": ("Asia/Kathmandu", "2026-03-29", "2026-03-30", 24),
}


@pytest.mark.parametrize("case", ZONES)
def test_of_days_in_zones(case):
    zone, begin, end, expected = ZONES[case]
    assert calendar(WHOLE_DAYS, zone).elapsed(local(begin, zone), local(end, zone)) == expected * HOUR


MORE = [{"date": "2026-12-25", "hours": ["09:00-10:00"]}, {"date": "2026-05-09", "hours": ["10:00-14:00"]}]
HOLIDAYS = {
    "a public holiday is closed": (OFFICE, BERLIN_HOLIDAYS, "2026-05-14", "2026-05-15", 0),
    "a holiday of another part of the country is not": (OFFICE, BERLIN_HOLIDAYS, "2026-06-04", "2026-06-05", 9.5),
    "a holiday of this part of the country is": (OFFICE, BERLIN_HOLIDAYS, "2027-03-08", "2027-03-09", 0),
    "a half-day's hours replace the weekday's": (OFFICE, BERLIN_HOLIDAYS, "2026-12-24", "2026-12-25", 4),
    "a date without hours is closed": (OFFICE, [{"date": "2026-05-04"}], "2026-05-04", "2026-05-05", 0),
    "a named date goes before a public holiday": (OFFICE, BERLIN_HOLIDAYS + MORE, "2026-12-25", "2026-12-26", 1),
    "a named date may open a weekend": (OFFICE, MORE, "2026-05-09", "2026-05-10", 4),
    "around the clock with holidays is closed on them": ("24x7", BERLIN_HOLIDAYS, "2026-05-13", "2026-05-16", 48),
    "a substitute holiday is closed": ({"mon": ["09:00-17:00"]}, [{"country": "GB"}], "2026-12-28", "2026-12-29", 0),
    "a holiday closes the night that begins on it": (
        NIGHTS, [{"date": "2026-05-05"}], "2026-05-05 12:00", "2026-05-06 12:00", 0),
    "but not the rest of the night before": (
        NIGHTS, [{"date": "2026-05-05"}], "2026-05-04 12:00", "2026-05-05 12:00", 8),
    "half-day hours and the night before are counted once": (
        NIGHTS, [{"date": "2026-05-05", "hours": ["05:00-09:00"]}], "2026-05-04 12:00", "2026-05-05 12:00", 11),
}  # fmt: skip


@pytest.mark.parametrize("case", HOLIDAYS)
def test_of_holidays(case):
    hours, holidays, begin, end, expected = HOLIDAYS[case]
    assert calendar(hours, holidays=holidays).elapsed(local(begin), local(end)) == expected * HOUR


REACHED = {
    "within a window": ("2026-05-04 09:00", 2, "2026-05-04 11:00", "2026-05-04 11:00"),
    "over lunch": ("2026-05-04 12:00", 1, "2026-05-04 13:30", "2026-05-04 13:30"),
    "at a close it passes when it opens again": ("2026-05-04 12:00", 0.5, "2026-05-04 12:30", "2026-05-04 13:00"),
    "at a week's end it passes on monday": ("2026-05-08 14:00", 1, "2026-05-08 15:00", "2026-05-11 08:00"),
    "no time is reached at once and passes at the opening": (
        "2026-05-09 14:00", 0, "2026-05-09 14:00", "2026-05-11 08:00"),
    "no time passes at once where it is open": ("2026-05-04 09:00", 0, "2026-05-04 09:00", "2026-05-04 09:00"),
    "over the turn of the year": ("2026-12-31 17:00", 2, "2027-01-04 09:00", "2027-01-04 09:00"),
    "after the year's last close": ("2026-12-31 19:00", 1, "2027-01-04 09:00", "2027-01-04 09:00"),
}  # fmt: skip


@pytest.mark.parametrize("case", REACHED)
def test_a_length_is_reached(case):
    begin, hours, reached, passed = REACHED[case]
    assert office().reach(local(begin), hours * HOUR) == local(reached)
    assert office().passes(local(begin), hours * HOUR) == local(passed)


def test_a_limit_at_the_last_close_of_a_year_passes_in_the_next():
    hours = calendar({"thu": ["08:00-18:00"]}, "UTC")
    close = datetime(2026, 12, 31, 18, tzinfo=UTC)
    assert hours.passes(close - HOUR, HOUR) == datetime(2027, 1, 7, 8, tzinfo=UTC)


def test_intervals_are_joined_over_the_turn_of_the_year_and_clipped():
    hours = calendar({"mon-sun": ["22:00-06:00"]}, "UTC")
    begin, end = datetime(2025, 12, 30, 23, tzinfo=UTC), datetime(2026, 1, 1, 23, tzinfo=UTC)
    found = [f"{since:%m-%d %H} {until:%m-%d %H}" for since, until in hours.intervals(begin, end)]
    assert found == ["12-30 23 12-31 06", "12-31 22 01-01 06", "01-01 22 01-01 23"]
    assert list(hours.intervals(end, begin)) == []
    assert list(hours.intervals(local("2026-05-04 12:00"), local("2026-05-04 13:00"))) == []


def test_windows_are_half_open():
    open_at = {text: office().is_open(local(f"2026-05-04 {text}")) for text in ("07:59", "08:00", "12:30", "18:00")}
    assert open_at == {"07:59": False, "08:00": True, "12:30": False, "18:00": False}


def test_around_the_clock_is_wall_time():
    begin, end = local("2026-03-29 00:00"), local("2026-03-30 00:00")
    assert ALWAYS.elapsed(begin, end) == end - begin == 23 * HOUR
    assert ALWAYS.reach(begin, 23 * HOUR) == ALWAYS.passes(begin, 23 * HOUR) == end
    assert list(ALWAYS.intervals(begin, end)) == [(begin, end)]
    assert list(ALWAYS.intervals(end, begin)) == []
    assert ALWAYS.is_open(begin)
    assert ALWAYS.is_always
    assert not office().is_always


def test_equal_hours_are_one_calendar_and_the_versions_zone_is_the_default():
    hours = {"mon": ["08:00-12:00"]}
    assert calendar(hours) is calendar(dict(hours))
    named = CalendarSpec(hours=hours, timezone="Asia/Tokyo")
    assert Calendar.of(named, "UTC").zone == "Asia/Tokyo"
    assert calendar(hours).zone == "Europe/Berlin"


FAR = datetime(2199, 12, 30, tzinfo=UTC)
BEYOND = {
    "a length that no life is long enough for": lambda c: c.reach(FAR, timedelta(days=365)),
    "an opening after the last year": lambda c: c.next_opening(datetime(2199, 12, 31, 23, tzinfo=UTC)),
    "an end after the last year": lambda c: c.elapsed(FAR, datetime(9999, 1, 1, tzinfo=UTC)),
    "a begin before the first year": lambda c: c.elapsed(datetime(1969, 12, 31, tzinfo=UTC), FAR),
    "an instant before the first year": lambda c: c.is_open(datetime(1900, 1, 1, tzinfo=UTC)),
    "an end of time around the clock": lambda c: ALWAYS.reach(datetime(9999, 1, 1, tzinfo=UTC), timedelta(days=3660)),
}


@pytest.mark.parametrize("case", BEYOND)
def test_what_no_calendar_knows_is_an_error_and_not_infinity(case):
    with pytest.raises(CalendarRangeError, match=r"know"):
        BEYOND[case](calendar({"mon": ["08:00-09:00"]}))


@pytest.mark.parametrize("hours", ["24x7", OFFICE])
def test_a_negative_length_is_refused(hours):
    with pytest.raises(ValueError, match="less than no time"):
        calendar(hours).reach(local("2026-05-04 09:00"), -HOUR)
