"""The product's clock: real time in production, faster in the demo, and back to the pace of real time after its end."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from holdfast.clock import Clock

MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
FRIDAY = MONDAY + timedelta(days=4)
SLACK = timedelta(seconds=5)
"""What a busy machine may take between two lines; small against the days and hours told apart here."""


def ago(real_seconds: float) -> float:
    """Return the real epoch seconds of some time ago."""
    return time.time() - real_seconds


def test_without_a_text_it_is_real_time() -> None:
    assert abs(Clock.from_text("").now() - datetime.now(UTC)) < SLACK
    assert abs(Clock.from_text(None).now() - datetime.now(UTC)) < SLACK


def test_it_runs_as_many_times_faster_as_it_is_told() -> None:
    shown = Clock(ago(100.0), MONDAY, 1000.0).now()
    assert timedelta(0) <= shown - (MONDAY + timedelta(seconds=100_000)) < SLACK * 1000


def test_after_its_end_it_goes_at_the_pace_of_real_time() -> None:
    fast_s = (FRIDAY - MONDAY).total_seconds() / 1000.0
    shown = Clock(ago(fast_s + 60.0), MONDAY, 1000.0, FRIDAY).now()
    assert timedelta(0) <= shown - (FRIDAY + timedelta(seconds=60)) < SLACK


@pytest.mark.parametrize(
    "elapsed_s", [0.0, 100.0, 345.6, 400.0], ids=["at the start", "on the way", "at the end", "after"]
)
@pytest.mark.parametrize("hours", [-30, 0, 30, 95, 97, 200])
def test_the_real_time_until_an_instant_is_what_it_takes_to_get_there(elapsed_s: float, hours: int) -> None:
    clock, instant = Clock(ago(elapsed_s), MONDAY, 1000.0, FRIDAY), MONDAY + timedelta(hours=hours)
    left = clock.real_seconds_until(instant)
    there = Clock(clock.anchor_s - left, clock.origin, clock.speed, clock.until)
    assert abs(there.now() - instant) < SLACK * 1000
    assert (left > 0) == (instant > clock.now())


@pytest.mark.parametrize("until", [None, FRIDAY])
def test_its_text_is_read_back_as_the_same_clock(until: datetime | None) -> None:
    clock = Clock(1_762_000_000.25, MONDAY, 10_080.0, until)
    assert Clock.from_text(clock.to_text()) == clock


@pytest.mark.parametrize("text", ["soon", "1.0|2026-11-02T00:00:00Z", "a|2026-11-02T00:00:00Z|1.0", "1.0|monday|1.0"])
def test_another_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Clock.from_text(text)
