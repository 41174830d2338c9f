"""The small types: durations, instants and ids."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.durations import Duration
from models.ids import stable_id
from models.instants import format_instant, parse_instant, to_utc


@pytest.mark.parametrize(
    ("text", "fixed"),
    [
        ("90s", timedelta(seconds=90)),
        ("15m", timedelta(minutes=15)),
        ("4h", timedelta(hours=4)),
        ("2d", timedelta(days=2)),
        ("0s", timedelta(0)),
        ("3660d", timedelta(days=3660)),
        ("3bd", None),
        ("2eobd", None),
        ("0eobd", None),
        ("3660bd", None),
    ],
)
def test_durations_are_what_they_say(text, fixed):
    duration = Duration.parse(text)
    assert (duration.fixed, str(duration)) == (fixed, text)


@pytest.mark.parametrize(
    "text", ["", "15", "m", "1.5h", "-5m", "15 min", "15M", "1w", "3661d", "3661bd", 15, None, "٣m"]
)
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ValueError, match=r"no duration|longer than"):
        Duration.parse(text)


@given(st.datetimes(timezones=st.just(UTC)))
def test_instants_round_trip(moment):
    assert parse_instant(format_instant(moment)) == moment


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2026-05-04T12:00:00Z", None, "2026-05-04T12:00:00Z"),
        ("2026-05-04T12:00:00+02:00", None, "2026-05-04T10:00:00Z"),
        ("2026-05-04 12:00:00", "Europe/Berlin", "2026-05-04T10:00:00Z"),
        ("2026-05-04T12:00:00.123456789Z", None, "2026-05-04T12:00:00.123456Z"),
        (" 2026-05-04T12:00:00.5-07:00 ", None, "2026-05-04T19:00:00.500000Z"),
        ("2026-10-25T02:30:00", "Europe/Berlin", "2026-10-25T00:30:00Z"),
    ],
)
def test_times_are_read_in_their_own_zone(text, zone, expected):
    assert format_instant(parse_instant(text, zone)) == expected


@pytest.mark.parametrize(
    ("text", "zone", "words"),
    [
        ("2026-05-04T12:00:00", None, "time without zone"),
        ("2026-05-04T12:00:00", "Mars/Base", "unknown time zone"),
        ("soon", None, "Invalid isoformat"),
    ],
)
def test_a_time_is_never_guessed(text, zone, words):
    with pytest.raises(ValueError, match=words):
        parse_instant(text, zone)


def test_a_naive_time_is_refused():
    with pytest.raises(ValueError, match="naive"):
        to_utc(datetime(2026, 5, 4))
    assert to_utc(datetime(2026, 5, 4, tzinfo=timezone(timedelta(hours=2)))) == datetime(2026, 5, 3, 22, tzinfo=UTC)


PARTS = st.lists(st.none() | st.text(), max_size=5)


@given(PARTS, PARTS)
def test_ids_are_equal_only_for_equal_parts(one, other):
    assert (stable_id(*one) == stable_id(*other)) == (one == other)
