"""Estimates against published tables and values computed by hand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.analysis.estimates import UNKNOWN, quantile, ranks, ratio, share, survival

SIX_MP_ENDED = [6, 6, 6, 7, 10, 13, 16, 22, 23]
SIX_MP_RUNNING = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
"""Weeks to relapse of 21 children on 6-mercaptopurine (Freireich 1963), the example of every textbook on survival."""

LENGTHS = st.lists(st.floats(0, 1e6), min_size=5, max_size=60).map(sorted)


@pytest.mark.parametrize(
    ("count", "of", "expected"),
    [
        (5, 0.5, (None, None)),
        (6, 0.5, (1, 6)),
        (8, 0.5, (1, 8)),
        (9, 0.5, (2, 8)),
        (10, 0.5, (2, 9)),
        (20, 0.5, (6, 15)),
        (25, 0.5, (8, 18)),
        (50, 0.5, (18, 33)),
        (35, 0.9, (28, None)),
        (36, 0.9, (29, 36)),
    ],
    ids=lambda value: str(value),
)
def test_ranks_are_those_of_the_printed_tables_of_the_binomial(
    count: int, of: float, expected: tuple[int | None, int | None]
) -> None:
    assert ranks(count, of) == expected


def test_a_quantile_is_the_length_of_a_real_case_between_two_others() -> None:
    found = quantile([1, 2, 3, 4, 5, 6, 7, 8, 9, 100], 0.5)
    assert (found.value, found.low, found.high) == (5, 2, 9)


@pytest.mark.parametrize("count", range(5))
def test_four_cases_are_not_enough_for_any_figure(count: int) -> None:
    lengths = [float(one) for one in range(count)]
    assert quantile(lengths, 0.5) == share(count, count) == survival(lengths, [1.0]) == UNKNOWN


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"),
    [(8, 10, 0.4902, 0.9433), (0, 20, 0.0, 0.1611), (20, 20, 0.8389, 1.0), (50, 100, 0.4038, 0.5962)],
)
def test_a_share_has_the_interval_of_wilson(hits: int, count: int, low: float, high: float) -> None:
    found = share(hits, count)
    assert (found.value, found.low, found.high) == (
        hits / count,
        pytest.approx(low, abs=1e-4),
        pytest.approx(high, abs=1e-4),
    )


def test_open_cases_lengthen_the_median_as_in_the_textbook() -> None:
    found = survival([float(one) for one in SIX_MP_ENDED], [float(one) for one in SIX_MP_RUNNING])
    assert (found.value, found.low, found.high) == (23, 13, None)
    assert quantile([float(one) for one in SIX_MP_ENDED], 0.5).value == 10, "without the open ones it looks short"


def test_without_open_cases_it_is_the_median() -> None:
    lengths = [float(one) for one in range(1, 21)]
    assert survival(lengths, []) == quantile(lengths, 0.5)


def test_a_curve_that_stays_above_a_half_has_no_median() -> None:
    found = survival([1.0, 2.0, 3.0, 4.0, 5.0], [10.0] * 20)
    assert (found.value, found.high) == (None, None)


@pytest.mark.parametrize(
    ("observed", "low", "high"),
    [(0, 0.0, 3.6889), (1, 0.0253, 5.5716), (10, 4.7954, 18.3904), (100, 81.3640, 121.6268)],
)
def test_counts_have_the_exact_interval_of_garwood(observed: int, low: float, high: float) -> None:
    found = ratio(observed, 2.0)
    assert found.value == observed / 2
    assert (found.low, found.high) == (pytest.approx(low / 2, abs=1e-4), pytest.approx(high / 2, abs=1e-4))


def test_where_nothing_is_expected_there_is_no_ratio() -> None:
    assert ratio(3, 0.0) == UNKNOWN


@settings(deadline=None)
@given(LENGTHS, st.sampled_from([0.5, 0.9]))
def test_an_interval_of_ranks_holds_its_quantile(lengths: list[float], of: float) -> None:
    found = quantile(lengths, of)
    assert found.value in lengths
    assert found.low is None or found.low <= found.value
    assert found.high is None or found.value <= found.high


@settings(deadline=None)
@given(LENGTHS, st.lists(st.floats(0, 1e6), max_size=20).map(sorted))
def test_the_interval_of_a_survival_median_holds_it(lengths: list[float], running: list[float]) -> None:
    found = survival(lengths, running)
    if found.value is not None:
        assert found.low is None or found.low <= found.value
        assert found.high is None or found.value <= found.high
        assert found.value >= quantile(lengths, 0.5).value or not running, "open cases never shorten it"


@settings(deadline=None)
@given(st.integers(0, 200), st.integers(5, 200))
def test_shares_and_their_bounds_lie_between_nothing_and_all(hits: int, count: int) -> None:
    found = share(min(hits, count), count)
    assert 0 <= found.low <= found.value <= found.high <= 1
