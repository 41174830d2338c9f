"""Downtime of one service: the union over incidents, the largest weight at each instant, whole quanta."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calendar import ALWAYS, Calendar
from models.calendar_spec import CalendarSpec
from models.downtime import Down, gaps, in_service, merged, quantised, union, weighted_s, within, without

BEGIN = datetime(2026, 5, 4, tzinfo=UTC)
PERIOD = (BEGIN, BEGIN + timedelta(days=1))


def minute(count):
    return BEGIN + timedelta(minutes=count)


def down(begin, end, weight="1.0", incident="a"):
    return Down(minute(begin), minute(end), Decimal(weight), incident)


def table(stretches):
    """Return (begin, end, weight) in minutes."""
    return [
        ((one.begin - BEGIN) / timedelta(minutes=1), (one.end - BEGIN) / timedelta(minutes=1), str(one.weight))
        for one in stretches
    ]


@pytest.mark.parametrize(
    ("downs", "expected"),
    [
        ([down(0, 10), down(5, 15, incident="b")], [(0, 5, "1.0"), (5, 10, "1.0"), (10, 15, "1.0")]),
        ([down(0, 10, "0.3"), down(5, 15, incident="b")], [(0, 5, "0.3"), (5, 10, "1.0"), (10, 15, "1.0")]),
        ([down(0, 10), down(0, 10)], [(0, 10, "1.0")]),
        ([down(0, 10), down(10, 20)], [(0, 20, "1.0")]),
        ([down(0, 10, "0")], []),
        ([down(-30, 10)], [(0, 10, "1.0")]),
        ([down(1430, 1500)], [(1430, 1440, "1.0")]),
        ([down(1500, 1600), down(10, 10)], []),
    ],
    ids=[
        "two that overlap count once",
        "the larger weight counts where two overlap",
        "a copy changes nothing",
        "what touches is one",
        "degraded may weigh nothing",
        "what began before the period is cut",
        "what ends after the period is cut",
        "what lies outside and what is empty is left out",
    ],
)
def test_downtime_is_the_union_by_the_largest_weight(downs, expected):
    assert table(union(downs, PERIOD)) == expected


def test_every_incident_that_lasts_is_named_whatever_its_weight():
    found = union([down(0, 10, "0.3", "b"), down(0, 10, "1.0", "a")], PERIOD)
    assert [one.incident_ids for one in found] == [("a", "b")]


@pytest.mark.parametrize(
    ("length_s", "quantum_s", "counted_s"),
    [(59.999999, 60, 0), (60, 60, 60), (119, 60, 60), (120, 60, 120), (299, 300, 0), (90, None, 90)],
    ids=[
        "less than a minute is dropped",
        "a whole minute counts",
        "a partial minute is dropped",
        "two minutes count",
        "less than five consecutive minutes is dropped",
        "without a quantum every second counts",
    ],
)
def test_each_block_counts_in_whole_quanta(length_s, quantum_s, counted_s):
    one = Down(BEGIN, BEGIN + timedelta(seconds=length_s), Decimal(1), "a")
    quantum = None if quantum_s is None else timedelta(seconds=quantum_s)
    assert weighted_s(quantised(union([one], PERIOD), quantum)) == counted_s


def test_two_halves_of_a_minute_apart_make_no_minute_and_together_one():
    half = timedelta(seconds=30)
    apart = [Down(minute(at), minute(at) + half, Decimal(1), "a") for at in (0, 5)]
    joined = [Down(BEGIN, BEGIN + half, Decimal(1), "a"), Down(BEGIN + half, minute(1), Decimal("0.5"), "b")]
    assert weighted_s(quantised(union(apart, PERIOD), timedelta(minutes=1))) == 0
    assert weighted_s(quantised(union(joined, PERIOD), timedelta(minutes=1))) == 45


def test_only_service_hours_count():
    office = Calendar.of(CalendarSpec(hours={"mon": ("09:00-12:30", "13:00-18:00")}), "UTC")
    found = union([down(12 * 60, 14 * 60)], PERIOD)
    assert table(in_service(found, office)) == [(720, 750, "1.0"), (780, 840, "1.0")]
    assert in_service(found, ALWAYS) == found


def test_what_is_excused_is_taken_out():
    found = union([down(0, 60)], PERIOD)
    spans = [(minute(10), minute(20)), (minute(15), minute(30)), (minute(5), minute(5))]
    assert table(without(found, spans)) == [(0, 10, "1.0"), (30, 60, "1.0")]
    assert table(within(found, spans)) == [(10, 30, "1.0")]
    assert gaps([(minute(-5), minute(5)), (minute(2000), minute(2001))], PERIOD) == ((minute(5), minute(1440)),)
    assert gaps([PERIOD], PERIOD) == ()


DOWNS = st.lists(
    st.builds(
        lambda begin, length, weight, name: down(begin, begin + length, weight, name),
        st.integers(-100, 1500),
        st.integers(0, 400),
        st.sampled_from(["0", "0.3", "0.5", "1"]),
        st.sampled_from("abc"),
    ),
    max_size=8,
)
SPANS = st.lists(st.tuples(st.integers(-10, 1450), st.integers(0, 300)), max_size=4).map(
    lambda pairs: [(minute(at), minute(at + length)) for at, length in pairs]
)


@given(DOWNS)
def test_the_union_never_exceeds_the_sum_or_the_period(downs):
    found = union(downs, PERIOD)
    total = sum((one.weight * Decimal((one.end - one.begin).total_seconds()) for one in downs), Decimal(0))
    assert weighted_s(found) <= min(total, Decimal(86400))
    assert all(one.end <= other.begin for one, other in pairwise(found))


@given(DOWNS, st.randoms(use_true_random=False))
def test_order_and_copies_do_not_matter(downs, chance):
    shuffled = [*downs, *downs[:3]]
    chance.shuffle(shuffled)
    assert union(shuffled, PERIOD) == union(downs, PERIOD)


@given(DOWNS, st.integers(1, 1439))
def test_splitting_a_period_adds_up(downs, at):
    parts = [union(downs, (PERIOD[0], minute(at))), union(downs, (minute(at), PERIOD[1]))]
    assert sum(map(weighted_s, parts)) == weighted_s(union(downs, PERIOD))


@given(DOWNS, SPANS)
def test_inside_and_outside_of_what_is_excused_add_up(downs, spans):
    found = union(downs, PERIOD)
    assert weighted_s(within(found, spans)) + weighted_s(without(found, spans)) == weighted_s(found)
    assert merged(merged(spans)) == merged(spans)


@given(DOWNS, st.integers(1, 30))
def test_quanta_only_take_away(downs, minutes):
    found = union(downs, PERIOD)
    assert weighted_s(quantised(found, timedelta(minutes=minutes))) <= weighted_s(found)


@given(DOWNS)
def test_each_minute_has_the_largest_weight_of_what_lasts_then(downs):
    """A slow model that shares no code: minute by minute."""
    slow = sum(
        (max((one.weight for one in downs if one.begin <= at < one.end), default=Decimal(0)) * 60)
        for at in map(minute, range(1440))
    )
    assert weighted_s(union(downs, PERIOD)) == slow
