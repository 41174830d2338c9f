"""Heartbeats as they are heard: what is kept, for how long, and what a goodbye does."""

from datetime import UTC, datetime, timedelta

from consumers.watch import FORGOTTEN_S, REMEMBERED_S, Heard
from models.heartbeat import Heartbeat

START = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def wire(number: int) -> bytes:
    """Return the bytes of a beat."""
    at = START + timedelta(seconds=5 * number)
    return Heartbeat(service="worker", beat_at=at, started_at=START, pid=1, every_s=5).to_wire()


def test_silence_is_counted_from_when_the_beat_came_whatever_it_says() -> None:
    heard = Heard()
    heard.take("worker", wire(0), came_at=100.0)
    assert heard.seen(now=107.5)["worker"].heard_s == 7.5


def test_the_beats_of_the_last_minute_are_kept_in_the_order_in_which_they_came() -> None:
    heard = Heard()
    for number in range(100):
        heard.take("worker", wire(number), came_at=5.0 * number)
    beats = heard.seen(now=500.0)["worker"].beats
    assert len(beats) == REMEMBERED_S / 5 + 1
    assert beats[-1].beat_at - beats[0].beat_at == timedelta(seconds=REMEMBERED_S)


def test_who_says_goodbye_is_not_missed_and_who_falls_silent_is_for_a_day() -> None:
    heard = Heard()
    heard.take("worker", wire(0), came_at=0.0)
    heard.take("index", wire(0), came_at=0.0)
    heard.take("worker", None, came_at=1.0)
    assert set(heard.seen(now=FORGOTTEN_S - 1)) == {"index"}
    assert heard.seen(now=FORGOTTEN_S + 1) == {}


def test_bytes_that_are_no_heartbeat_are_passed_over() -> None:
    heard = Heard()
    for value in (b"", b"{}", b"\xff", b"[1]", b"null"):
        heard.take("worker", value, came_at=0.0)
    assert heard.seen(now=0.0) == {}
