"""Moments and lengths known to an interval (measurement.md §4, Uncertainty)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.moment import Elapsed, Moment, judge, not_before
from models.reading import between
from models.records import Verdict

ZERO = datetime(2026, 5, 4, tzinfo=UTC)
MINUTES = st.integers(0, 500).map(lambda count: timedelta(minutes=count))


@st.composite
def moments(draw):
    earliest = ZERO + draw(MINUTES)
    return Moment(earliest, None if draw(st.booleans()) else earliest + draw(MINUTES))


@given(moments(), moments())
def test_a_length_is_never_negative_and_its_bounds_are_in_order(start, stop):
    elapsed = between(start, stop)
    assert elapsed.least >= timedelta(0)
    assert elapsed.most is None or elapsed.least <= elapsed.most


@given(moments(), moments(), st.integers(0, 100), st.integers(0, 100))
def test_every_pair_of_instants_within_lies_within_the_bounds(start, stop, first, second):
    def inside(moment, share):
        latest = moment.latest or moment.earliest + timedelta(days=9)
        return moment.earliest + (latest - moment.earliest) * share / 100

    truth = max(timedelta(0), inside(stop, second) - inside(start, first))
    elapsed = between(start, stop)
    assert elapsed.least <= truth
    assert elapsed.most is None or truth <= elapsed.most


@pytest.mark.parametrize(
    ("least", "most", "verdict"),
    [
        (5, 5, Verdict.MET),
        (3, 5, Verdict.MET),
        (3, 6, Verdict.INDETERMINATE),
        (5, 6, Verdict.INDETERMINATE),
        (6, 9, Verdict.BREACHED),
        (3, None, Verdict.INDETERMINATE),
        (6, None, Verdict.BREACHED),
    ],
)
def test_a_target_of_five_minutes(least, most, verdict):
    upper = None if most is None else timedelta(minutes=most)
    assert judge(Elapsed(timedelta(minutes=least), upper), timedelta(minutes=5)) is verdict


@given(moments(), moments())
def test_a_stop_is_cut_to_its_start(start, stop):
    cut = not_before(stop, start)
    assert cut.earliest >= start.earliest
    assert cut.latest is None or cut.latest >= cut.earliest
    assert not_before(None, start) is None
