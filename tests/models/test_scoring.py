"""Scores: shares of cases with open weights, dimensions with few cases left out, never more than what was measured."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.scoring import WEIGHTS, Dimension, Measured, WeightsError, score, weights_of


def measured(dimension=Dimension.RECOVERY, n=10, good=5):
    """Return a dimension with so many cases."""
    return Measured(dimension, n, good)


def test_the_built_in_weights_name_every_dimension_and_make_a_hundred():
    assert set(WEIGHTS) == set(Dimension)
    assert sum(WEIGHTS.values()) == 100


@pytest.mark.parametrize(("n", "good", "share"), [(5, 5, 1.0), (5, 0, 0.0), (10, 7, 0.7), (4, 4, None), (0, 0, None)])
def test_a_share_needs_five_cases(n, good, share):
    assert measured(n=n, good=good).share == share


def test_the_score_is_the_weighted_share():
    found = score([measured(Dimension.RECOVERY, 10, 10), measured(Dimension.COMMUNICATION, 10, 0)])
    assert found.total == pytest.approx(100 * 25 / 40)
    assert [one.counted for one in found.parts] == [25 / 40, 15 / 40]


def test_the_weight_of_a_dimension_with_few_cases_goes_to_the_others_in_proportion():
    few = measured(Dimension.RESPONSIVENESS, 4, 0)
    found = score([few, measured(Dimension.RECOVERY, 10, 10), measured(Dimension.COMMUNICATION, 10, 0)])
    assert found.left_out == (Dimension.RESPONSIVENESS,)
    assert [one.counted for one in found.parts] == [0, 25 / 40, 15 / 40]
    assert found.total == pytest.approx(62.5)


def test_without_enough_cases_anywhere_there_is_no_score():
    found = score([measured(n=4, good=4)])
    assert found.total is None
    assert [one.counted for one in found.parts] == [0]


def test_what_holds_less_than_half_of_the_weight_is_no_score():
    few = measured(Dimension.RESPONSIVENESS, 4, 0)
    found = score([few, measured(Dimension.EVIDENCE, 10, 10)])
    assert found.total is None
    assert [one.counted for one in found.parts] == [0, 1]
    even = {Dimension.RESPONSIVENESS: 0.3, Dimension.EVIDENCE: 0.1, Dimension.RECOVERY: 0.2}
    half = score([few, measured(Dimension.EVIDENCE, 10, 10), measured(Dimension.RECOVERY, 10, 10)], even)
    assert half.total == pytest.approx(100)


def test_a_dimension_without_a_weight_is_shown_and_does_not_count():
    found = score([measured(), measured(Dimension.HONESTY, 10, 0)], {Dimension.RECOVERY: 1})
    assert found.total == pytest.approx(50)
    assert [one.measured.dimension for one in found.parts] == [Dimension.RECOVERY, Dimension.HONESTY]
    assert found.left_out == ()


CASES = st.lists(
    st.builds(
        lambda dimension, n, good: Measured(dimension, n, min(good, n)),
        st.sampled_from(list(Dimension)), st.integers(0, 30), st.integers(0, 30),
    ),
    unique_by=lambda one: one.dimension,
)  # fmt: skip
WEIGHED = st.dictionaries(st.sampled_from(list(Dimension)), st.floats(0, 100), min_size=1)


@given(CASES, WEIGHED)
def test_a_score_lies_between_the_lowest_and_the_highest_share_that_counts(found, weights):
    told = score(found, weights)
    shares = [100 * (one.measured.share or 0) for one in told.parts if one.counted]
    counted = sum(one.weight for one in told.parts if one.counted)
    if told.total is None:
        assert not shares or counted < sum(one.weight for one in told.parts) / 2
    if told.total is not None:
        assert min(shares) - 1e-6 <= told.total <= max(shares) + 1e-6
        assert sum(one.counted for one in told.parts) == pytest.approx(1)


@given(CASES, WEIGHED, st.floats(0.1, 10))
def test_only_the_proportion_of_weights_counts(found, weights, factor):
    one, other = score(found, weights), score(found, {key: weight * factor for key, weight in weights.items()})
    assert (one.total is None) == (other.total is None) or sum(weights.values()) < 1e-300
    if one.total is not None and other.total is not None:
        assert one.total == pytest.approx(other.total)


@given(CASES.flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))))
def test_order_changes_nothing(pair):
    assert score(pair[0]) == score(pair[1])


def test_weights_are_read_as_people_write_them():
    assert weights_of({"recovery": 40, "honesty": 2.5}) == {Dimension.RECOVERY: 40, Dimension.HONESTY: 2.5}


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (["recovery"], "a mapping"),
        ({"speed": 1}, "no dimension 'speed'; there are responsiveness"),
        ({"recovery": "much"}, "'much' is no weight"),
        ({"recovery": True}, "True is no weight"),
        ({"recovery": -1}, "-1 is no weight"),
        ({"recovery": float("inf")}, "inf is no weight"),
        ({"recovery": 0}, "nothing has a weight"),
        ({}, "nothing has a weight"),
    ],
)
def test_weights_that_can_not_be_used_say_why(told, words):
    with pytest.raises(WeightsError, match=words):
        weights_of(told)
