"""What counts on a clock: breaks united, and time between and inside them."""

from datetime import timedelta

import pytest

from models.service_time import Break, ServiceTime, united
from tests.support.timeline import at

HOUR = timedelta(hours=1)


def pause(begin, end, reason="lunch", *notices):
    return Break(at(begin), None if end is None else at(end), reason, notices)


def test_breaks_that_meet_are_one_with_all_reasons_and_notices():
    one, other, third = pause("10:00", "12:00", "a", "n1"), pause("11:00", "13:00", "b", "n2"), pause("13:00", "14:00", "a", "n1", "n3")  # fmt: skip # noqa: E501
    assert united([third, other, one]) == (pause("10:00", "14:00", "a, b", "n1", "n2", "n3"),)


def test_a_break_inside_another_does_not_shorten_it():
    assert united([pause("10:00", "14:00"), pause("11:00", "12:00")]) == (pause("10:00", "14:00"),)


@pytest.mark.parametrize("parts", [[("10:00", None), ("11:00", "12:00")], [("10:00", "11:30"), ("11:00", None)]])
def test_a_union_with_what_never_ends_never_ends(parts):
    assert united([pause(*part) for part in parts]) == (pause("10:00", None),)


@pytest.mark.parametrize(
    ("instant", "stands"), [("09:59", False), ("10:00", True), ("10:59", True), ("11:00", False), ("12:00", True)]
)
def test_a_clock_stands_still_from_the_begin_of_a_break_until_its_end(instant, stands):
    time = ServiceTime(breaks=(pause("10:00", "11:00"), pause("12:00", None)))
    assert time.stands_still(at(instant)) is stands


@pytest.mark.parametrize(
    ("begin", "end", "elapsed"),
    [("09:00", "12:00", 2), ("10:00", "11:00", 0), ("10:30", "13:30", 2), ("11:00", "13:00", 2), ("11:00", "15:00", 3)],
)
def test_breaks_are_taken_out_wherever_the_time_begins(begin, end, elapsed):
    time = ServiceTime(breaks=(pause("10:00", "11:00"), pause("13:00", "14:00")))
    assert time.elapsed(at(begin), at(end)) == elapsed * HOUR


@pytest.mark.parametrize(
    ("begin", "hours", "reached"),
    [("09:00", 1, "10:00"), ("09:00", 2, "12:00"), ("10:00", 1, "12:00"), ("10:30", 2, "13:00"), ("11:00", 3, "15:00")],
)
def test_a_length_is_reached_between_the_breaks(begin, hours, reached):
    time = ServiceTime(breaks=(pause("10:00", "11:00"), pause("13:00", "14:00")))
    assert time.reach(at(begin), hours * HOUR) == at(reached)
