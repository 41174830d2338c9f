"""Times out of untrusted payloads: liberal in form, never guessing a zone or a time of day."""

from typing import Any

import pytest

from feeds.errors import PayloadError
from feeds.reading import time_of
from tests.feeds.looks import at


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-04T09:00:00Z", "2026-05-04t09:00:00z", "2026-05-04T09:00Z", "2026-05-04 09:00:00 UTC",
        "2026-05-04 09:00:00 GMT", "2026-05-04 11:00:00 +0200", "2026-05-04T11:00:00+02:00", "20260504T090000Z",
        "2026-05-04T09:00:00-00:00", "2026-05-04T09:00:00.000000000Z", "2026-05-04T09:00:00,000Z",
        " 2026-05-04T09:00Z ",
    ],
)  # fmt: skip
def test_forms_of_one_instant(text: str) -> None:
    assert time_of(text, None) == at(0)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("2026-05-04T09:00:00", "naive_time"),
        ("2026-05-04 09:00", "naive_time"),
        ("2026-05-04", "bad_time"),
        ("2026-05-04Z", "bad_time"),
        ("09:00:00", "bad_time"),
        ("without zone", "bad_time"),
        ("yesterday", "bad_time"),
        ("2026-02-30T09:00:00Z", "bad_time"),
        ("0001-01-01T00:00:00+05:00", "bad_time"),
        ("2026-05-04T09:00:00Z" * 1000, "bad_time"),
        (1777885200, "bad_time"),
        (1e300, "bad_time"),
        (True, "bad_time"),
        ({"a": 1}, "bad_time"),
    ],
)
def test_what_is_no_time_is_told_apart_from_what_lacks_a_zone(value: Any, reason: str) -> None:
    with pytest.raises(PayloadError) as caught:
        time_of(value, None)
    assert caught.value.reason == reason
    assert len(caught.value.detail) < 300


@pytest.mark.parametrize("value", [None, "", "  "])
def test_an_absent_time_is_none(value: Any) -> None:
    assert time_of(value, None) is None


def test_naive_times_are_read_in_the_zone_given() -> None:
    assert time_of("2026-05-04 11:00:00", "Europe/Berlin") == at(0)
