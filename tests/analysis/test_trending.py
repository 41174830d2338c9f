"""Sentences about trends say no more than the figures do."""

from typing import Any

import pytest

from holdfast.trending import by_objective, percent, remarks, sentences, span, spark
from models.derived import ALL, Scorecard, Tally
from models.records import Basis, Objective
from tests.analysis.cases import month


def card(**fields: Any) -> Scorecard:
    values: dict[str, Any] = {
        "tally": Tally.PERIOD, "provider": "nimbus", "service": ALL, "priority": ALL, "objective": Objective.RESTORE,
        "basis": Basis.AGREED, "begins_at": month(0), "ends_at": month(12), "as_of": month(12), "n": 40, "met": 30,
        "breached": 10, "censored": 0, "indeterminate": 0, "left_out": 0, "common_cause": 0, "onboarding": False,
        "enough": True, "median_s": 3600.0, "median_low_s": 1800.0, "median_high_s": 5400.0, "met_share": 0.75,
        "met_share_low": 0.6, "met_share_high": 0.86,
    }  # fmt: skip
    return Scorecard(**{**values, **fields})


def test_below_five_nothing_is_said_but_how_many() -> None:
    assert sentences(card(n=3, enough=False), []) == ["Over all: not enough data (n=3)."]


def test_what_is_not_known_is_said_to_be_unknown() -> None:
    assert sentences(card(), []) == [
        "Over all: n=40, median 1h [30m to 1h30m]; met 75% [60% to 86%].",
        "Trend: not enough data (0 months with five cases).",
        "Change of level: none found.",
        "Compared with others: nobody to compare with.",
        "Hours of the day: not enough data.",
        "Days of the week: not enough data.",
    ]


@pytest.mark.parametrize(
    ("low", "high", "word"), [(0.01, 0.09, "longer"), (-0.09, -0.01, "shorter"), (-0.01, 0.09, "no clear direction")]
)
def test_a_trend_is_named_only_where_its_interval_is_on_one_side(low: float, high: float, word: str) -> None:
    assert sentences(card(slope_per_month=0.04, slope_low=low, slope_high=high), [])[1].endswith(f": {word}.")


@pytest.mark.parametrize(
    ("low", "high", "word"), [(1.1, 3.0, "worse"), (0.2, 0.9, "better"), (0.9, 3.0, "no clear difference")]
)
def test_others_are_better_only_where_the_interval_says_so(low: float, high: float, word: str) -> None:
    told = sentences(card(expected_breached=5.0, breach_ratio=2.0, breach_ratio_low=low, breach_ratio_high=high), [])
    assert told[3].endswith(f": {word}.")


def test_the_slowest_hour_is_named_where_hours_differ() -> None:
    hours = [card(tally=Tally.HOUR, hour=hour, median_s=60.0 * (hour + 1)) for hour in (3, 15)]
    days = [card(tally=Tally.HOUR, weekday=7, median_s=60.0)]
    told = sentences(card(hour_p=1e-5, weekday_p=0.5), [*hours, *days])
    assert told[4:] == [
        "Hours of the day differ (p=1e-05): slowest from 15:00 UTC, median 16m.",
        "Days of the week: no sign that they differ (p=0.50).",
    ]


def test_change_open_cases_and_hazards_are_told() -> None:
    told = sentences(
        card(changed_at=month(6), before_s=60.0, after_s=120.0, censored=4, km_median_s=7200.0, common_cause=6,
             hazard_median_s=9000.0), [],
    )  # fmt: skip
    assert "with the 4 still open 2h [? to ?]" in told[0]
    assert told[2] == "Change of level from 2025-07 on: 1m before, 2m since."
    assert told[-1] == "In a hazard: 6 of 40; median 2h30m, of all others not enough data."


def test_a_month_of_few_cases_is_a_dot() -> None:
    months = [card(median_s=60.0), card(median_s=None), card(median_s=480.0)]
    assert spark(months) == "▂·█"
    assert spark([card(median_s=0.0)]) == "▁"


def test_a_month_says_what_a_reader_has_to_know() -> None:
    few = card(tally=Tally.MONTH, n=2, enough=False, onboarding=True, common_cause=1)
    assert remarks(few) == "not enough data, onboarding, 1 of 2 in a hazard"


def test_objectives_stand_in_their_own_order() -> None:
    cards = [card(objective=Objective.RESTORE), card(objective=Objective.NOTIFY)]
    assert [one for one, _ in by_objective(cards)] == [Objective.NOTIFY, Objective.RESTORE]


def test_nothing_is_shown_as_nothing() -> None:
    assert (span(None, None, None), percent(None), percent(0.5)) == ("", "", "50%")
