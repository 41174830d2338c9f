"""What holds of every calendar, whatever its hours, zone and holidays."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import assume, given, reject
from hypothesis import strategies as st

from models.calendar import Calendar, CalendarRangeError
from models.calendar_spec import CalendarSpec
from models.durations import Duration
from models.opening import DAYS
from tests.models import calendar_oracle as oracle

ZONES = ("UTC", "Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "Africa/Casablanca", "America/St_Johns",
         "Pacific/Chatham", "Asia/Tehran", "America/Havana")  # fmt: skip


def hhmm(minute):
    return f"{minute // 60:02}:{minute % 60:02}"


@st.composite
def windows(draw, last=1440):
    """Draw windows of one date that do not overlap; the last may close on the next day."""
    cuts = sorted(draw(st.sets(st.integers(0, last), min_size=2, max_size=6)))
    drawn = [f"{hhmm(opens)}-{hhmm(closes)}" for opens, closes in zip(cuts[::2], cuts[1::2], strict=False)]
    if len(cuts) % 2 and cuts[-1] < 1440:
        drawn.append(f"{hhmm(cuts[-1])}-{hhmm(draw(st.integers(0, cuts[0])))}")
    return drawn


@st.composite
def hours(draw):
    """Draw weekly hours; nights run only into days that open no earlier."""
    days = draw(st.dictionaries(st.sampled_from(DAYS), windows(), min_size=1, max_size=7))
    try:
        CalendarSpec(hours=days)
    except ValueError:
        assume(False)
    return days


INSTANTS = st.datetimes(datetime(2016, 1, 2), datetime(2026, 12, 30), timezones=st.just(UTC))
SPANS = st.timedeltas(timedelta(0), timedelta(days=20))
LENGTHS = st.timedeltas(timedelta(0), timedelta(days=60))
DATES = st.dictionaries(st.dates(date(2016, 1, 1), date(2026, 12, 31)), windows() | st.just([]), max_size=4)


@st.composite
def calendars(draw):
    """Draw a calendar with what the oracle needs: zone, hours, dates."""
    zone, weekly, dates = draw(st.sampled_from(ZONES)), draw(hours()), draw(DATES)
    holidays = [{"date": str(day), "hours": own} for day, own in dates.items()]
    spec = CalendarSpec.model_validate({"hours": weekly, "holidays": holidays})
    return Calendar.of(spec, zone), zone, weekly, dates


@given(calendars(), INSTANTS, st.timedeltas(timedelta(0), timedelta(days=3)))
def test_elapsed_is_what_the_oracle_counts(drawn, begin, span):
    calendar, *known = drawn
    assert calendar.elapsed(begin, begin + span) == oracle.elapsed(begin, begin + span, *known)


@given(calendars(), INSTANTS, st.timedeltas(timedelta(0), timedelta(days=2)), st.data())
def test_a_date_with_hours_of_its_own_is_open_as_the_oracle_says(drawn, begin, span, data):
    _, zone, weekly, _ = drawn
    own = data.draw(windows())
    day = begin.date()
    spec = CalendarSpec.model_validate({"hours": weekly, "holidays": [{"date": str(day), "hours": own}]})
    calendar = Calendar.of(spec, zone)
    assert calendar.elapsed(begin, begin + span) == oracle.elapsed(begin, begin + span, zone, weekly, {day: own})
    assert calendar.is_open(begin) == oracle.is_open(begin, zone, weekly, {day: own})


@given(calendars(), INSTANTS, SPANS, SPANS)
def test_elapsed_is_monotone_additive_and_at_most_wall_time(drawn, begin, first, second):
    calendar = drawn[0]
    middle, end = begin + first, begin + first + second
    whole = calendar.elapsed(begin, end)
    assert timedelta(0) <= calendar.elapsed(begin, middle) <= whole <= end - begin
    assert calendar.elapsed(begin, middle) + calendar.elapsed(middle, end) == whole


@given(calendars(), INSTANTS, LENGTHS)
def test_a_limit_is_reached_at_the_first_and_passed_after_the_last_instant_of_its_length(drawn, begin, length):
    calendar, tick = drawn[0], timedelta(microseconds=1)
    try:
        reached, passed = calendar.reach(begin, length), calendar.passes(begin, length)
    except CalendarRangeError:  # a minute a week makes a century of seven days
        reject()
    assert begin <= reached <= passed
    assert calendar.elapsed(begin, reached) == calendar.elapsed(begin, passed) == length
    assert calendar.elapsed(begin, passed + tick) == length + tick
    if length:
        assert calendar.elapsed(begin, reached - tick) == length - tick


@given(calendars(), INSTANTS, SPANS)
def test_intervals_are_the_open_time_in_pieces(drawn, begin, span):
    calendar = drawn[0]
    pieces = list(calendar.intervals(begin, begin + span))
    assert sum((until - since for since, until in pieces), timedelta(0)) == calendar.elapsed(begin, begin + span)
    assert all(since < until for since, until in pieces)
    assert all(earlier[1] < later[0] for earlier, later in pairwise(pieces))
    for since, until in pieces:
        assert calendar.is_open(since)
        assert until == begin + span or not calendar.is_open(until)


@given(calendars(), INSTANTS, st.integers(0, 6), st.sampled_from(["bd", "eobd"]))
def test_one_business_day_more_is_never_less(drawn, begin, count, unit):
    calendar = drawn[0]
    less, more = (calendar.length(begin, Duration(number, unit)) for number in (count, count + 1))
    assert timedelta(0) <= less <= more


@given(calendars(), INSTANTS, st.integers(0, 6))
def test_the_end_of_a_business_day_is_a_close(drawn, begin, count):
    calendar = drawn[0]
    end = calendar.reach(begin, calendar.length(begin, Duration(count, "eobd")))
    assert begin < end
    assert calendar.is_open(end - timedelta(microseconds=1))
