"""What moves is found, and what only looks like it is not."""

from datetime import timedelta
from math import exp
from random import Random

import pytest

from holdfast.analysis.estimates import UNKNOWN
from holdfast.analysis.trends import by_month, early_slope, last_change, like, season, slope
from tests.analysis.cases import Counted, case, cases, month


def history(
    levels: list[float], *, each: int = 10, spread: float = 0.5, seed: str = "a", **fields: object
) -> list[Counted]:
    """Return so many cases a month, around the month's level in minutes, spread as lengths are: by a factor."""
    chance = Random(seed)
    found = []
    for index, level in enumerate(levels):
        lengths = [60 * level * exp(chance.gauss(0, spread)) for _ in range(each)]
        found += cases(lengths, month(index), **fields)
    return found


def test_each_priority_is_held_against_its_own_median() -> None:
    found = like([*cases([60.0] * 4 + [120.0], priority="p1"), *cases([6000.0] * 5, priority="p3")])
    assert sorted({one.times for one in found}) == [1.0, 2.0]


def test_a_priority_with_four_cases_is_left_out() -> None:
    assert like(cases([60.0] * 4)) == ()


def test_a_length_of_nothing_counts_as_a_second() -> None:
    assert {one.times for one in like(cases([0.0] * 5))} == {1.0}


def test_only_what_is_measured_as_the_latest_is_compared() -> None:
    before = cases([600.0] * 9, month(0), metric="a/around the clock")
    since = cases([60.0] * 6, month(1), metric="a/office hours")
    assert [one.at for one in like([*before, *since])] == [one.began_at for one in since]


def test_the_slope_of_a_straight_rise_is_exact() -> None:
    likes = like([one for index in range(7) for one in cases([100.0 + 10 * index] * 5, month(index))])
    found = slope(by_month(likes))
    assert found.value == pytest.approx(10 / 130)
    assert found.low == pytest.approx(found.high)


def test_four_months_have_no_slope() -> None:
    likes = like([one for index in range(4) for one in cases([100.0 + index] * 5, month(index))])
    assert slope(by_month(likes)) == UNKNOWN


def test_a_month_with_four_cases_is_no_month() -> None:
    likes = like([*cases([60.0] * 4, month(0)), *cases([60.0] * 5, month(1))])
    assert list(by_month(likes)) == [month(1)]


def test_a_new_provider_that_learns_has_a_slope_within_weeks() -> None:
    learning = [case(month(0) + timedelta(days=day), 6000.0 - 50 * day) for day in range(60)]
    assert early_slope(like(learning)).high < 0


def test_a_handful_of_early_cases_has_no_slope() -> None:
    assert early_slope(like(cases([60.0] * 24))) == UNKNOWN
    assert early_slope(like([case(month(0)) for _ in range(25)])) == UNKNOWN, "all at once"


@pytest.mark.parametrize("seed", [f"change {number}" for number in range(8)])
def test_lengths_that_double_for_good_are_a_change_from_about_that_month(seed: str) -> None:
    found = last_change(by_month(like(history([30.0] * 12 + [60.0] * 6, seed=seed))))
    assert found is not None
    assert month(11) <= found.at <= month(13)
    assert 1.5 < found.after / found.before < 2.6


def test_of_two_changes_the_latest_is_told() -> None:
    found = last_change(by_month(like(history([30.0] * 8 + [90.0] * 8 + [30.0] * 8))))
    assert found is not None
    assert found.at == month(16)


def test_of_two_hundred_steady_histories_hardly_any_has_a_change() -> None:
    told = [last_change(by_month(like(history([30.0] * 18, seed=f"steady {number}")))) for number in range(200)]
    assert sum(one is not None for one in told) <= 4


def test_another_mix_of_priorities_is_no_change() -> None:
    urgent = history([30.0] * 16, each=10, seed="p1", priority="p1")
    minor = history([600.0] * 16, each=10, seed="p4", priority="p4")
    before = [one for one in urgent if one.began_at < month(8)] + minor[::10][:8]
    since = [one for one in minor if one.began_at >= month(8)] + urgent[::10][8:]
    assert last_change(by_month(like([*before, *since]))) is None


def test_seven_months_are_too_few_for_a_change() -> None:
    assert last_change(by_month(like(history([30.0] * 4 + [300.0] * 3)))) is None


def test_lengths_that_never_vary_have_no_change() -> None:
    assert last_change(by_month(like(history([30.0] * 10, spread=0)))) is None


def test_slow_nights_are_seen_in_the_hours_and_not_in_the_days() -> None:
    chance = Random("nights")
    found = [
        case(month(0) + timedelta(hours=hour), 600.0 * chance.uniform(0.5, 1.5) * (4 if hour % 24 < 6 else 1))
        for hour in range(24 * 28)
    ]
    assert season(like(found), "hour") < 1e-6
    assert season(like(found), "weekday") > 0.01


def test_a_season_needs_two_hours_with_enough_cases() -> None:
    assert season(like([case(month(0)) for _ in range(9)]), "hour") is None


def test_lengths_that_are_all_alike_have_no_season() -> None:
    assert season(like([case(month(0) + timedelta(hours=hour % 2)) for hour in range(20)]), "hour") == 1.0
