"""Scorecards by hand, and what holds for all of them."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.analysis.counted import Counted, Ending
from holdfast.analysis.rates import Rates, rates_of, tried_by
from holdfast.analysis.scorecards import Scope, month_after, scorecards
from models.derived import ALL, METRIC_VERSION, Scorecard, Tally
from models.records import Basis, Objective
from tests.analysis.cases import BEGIN, case, cases, month

SCOPE = Scope("nimbus", BEGIN, month(6), month(6), BEGIN - timedelta(days=400))


def cards(found: list[Counted], scope: Scope = SCOPE, rates: Rates | None = None) -> list[Scorecard]:
    return list(scorecards(found, rates or Rates(), scope))


def one(found: list[Scorecard], tally: Tally = Tally.PERIOD, **fields: Any) -> Scorecard:
    """Return the only card of a tally with these fields; service and priority are all unless named."""
    wanted = {"service": ALL, "priority": ALL, **fields}
    fitting = [
        card
        for card in found
        if card.tally is tally and all(getattr(card, key) == value for key, value in wanted.items())
    ]
    assert len(fitting) == 1, fitting
    return fitting[0]


def test_a_month_by_hand() -> None:
    minutes = [5, 6, 7, 8, 9, 10, 11, 12, 13, 40]
    card = one(cards(cases([60.0 * length for length in minutes])), Tally.MONTH)
    assert (card.n, card.met, card.breached, card.enough) == (10, 9, 1, True)
    assert (card.median_s, card.median_low_s, card.median_high_s) == (540, 360, 780)
    assert (card.p90_s, card.p90_low_s, card.p90_high_s) == (780, 660, None)
    assert (card.met_share, card.target_s) == (0.9, 900)
    assert (card.begins_at, card.ends_at) == (BEGIN, month(1))


def test_below_five_there_are_counts_and_nothing_else() -> None:
    card = one(cards([*cases([60.0] * 4), case(ending=Ending.CENSORED, length_s=10.0)]))
    assert (card.n, card.censored, card.enough) == (4, 1, False)
    unset = {"met_share", "median_s", "p90_s", "km_median_s", "target_s", "slope_per_month", "breach_ratio", "hour_p"}
    assert all(getattr(card, name) is None for name in unset)


def test_every_ending_is_counted_once() -> None:
    endings = [Ending.CENSORED, Ending.INDETERMINATE, Ending.INDETERMINATE, Ending.LEFT_OUT]
    card = one(cards([*cases([60.0] * 5), *(case(ending=ending) for ending in endings)]))
    assert (card.n, card.censored, card.indeterminate, card.left_out) == (5, 1, 2, 1)


def test_a_case_of_two_services_counts_under_each_and_once_under_all() -> None:
    found = cards([case(services=("mail", "web")), case(services=())])
    assert {(card.service, card.n) for card in found if card.tally is Tally.PERIOD and card.priority == ALL} == {
        ("mail", 1), ("web", 1), (ALL, 2),
    }  # fmt: skip


def test_a_case_without_a_priority_counts_under_all_only() -> None:
    assert {card.priority for card in cards([case(priority=None)])} == {ALL}


def test_open_cases_count_in_the_kaplan_meier_median_only() -> None:
    running = [case(ending=Ending.CENSORED, length_s=6000.0) for _ in range(4)]
    card = one(cards([*cases([100.0, 200.0, 300.0, 400.0, 500.0, 600.0]), *running]))
    assert (card.median_s, card.km_median_s) == (300, 500)


def test_hazards_are_counted_and_held_against_calm() -> None:
    storm = cases([6000.0] * 5, under_hazard=True)
    card = one(cards([*cases([60.0] * 6), *storm]))
    assert (card.common_cause, card.hazard_median_s, card.calm_median_s) == (5, 6000, 60)


def test_the_first_three_months_are_onboarding_and_the_fourth_is_not() -> None:
    scope = Scope("nimbus", BEGIN, month(6), month(6), BEGIN)
    found = cards([case(month(index)) for index in range(5)], scope)
    marked = [
        card.onboarding for card in found if card.tally is Tally.MONTH and (card.service, card.priority) == (ALL, ALL)
    ]
    assert marked == [True, True, True, False, False]
    assert not one(found).onboarding


def test_while_it_is_new_a_provider_is_judged_by_its_slope() -> None:
    learning = [case(BEGIN + timedelta(days=day), 6000.0 - 50 * day) for day in range(60)]
    card = one(cards(learning, Scope("nimbus", BEGIN, month(2), month(2), BEGIN)))
    assert card.onboarding
    assert card.slope_high < 0


def test_learning_is_no_change_of_level() -> None:
    levels = [9000.0] * 3 + [600.0] * 9
    found = [
        each
        for index, level in enumerate(levels)
        for each in cases([level, level + 1, level + 2, level, level], month(index))
    ]
    card = one(cards(found, Scope("nimbus", BEGIN, month(12), month(12), BEGIN)))
    assert (card.changed_at, card.trend_months) == (None, 12)


def test_a_change_is_told_in_seconds() -> None:
    levels = [600.0] * 6 + [1800.0] * 6
    found = [
        each for index, level in enumerate(levels) for each in cases([level + step for step in range(7)], month(index))
    ]
    card = one(cards(found, Scope("nimbus", BEGIN, month(12), month(12), BEGIN - timedelta(days=400))))
    assert (card.changed_at, card.before_s, card.after_s) == (month(6), 603, 1803)


def test_who_has_more_urgent_incidents_is_not_worse_for_it() -> None:
    """Both breach half of their p1 and a tenth of their p4; one has mostly p1."""

    def of(provider: str, urgent: int, minor: int) -> list[Counted]:
        p1 = [
            case(length_s=1000.0 if number % 2 else 60.0, provider=provider, priority="p1") for number in range(urgent)
        ]
        p4 = [
            case(length_s=60.0 if number % 10 else 1000.0, provider=provider, priority="p4") for number in range(minor)
        ]
        return [*p1, *p4]

    hurried, calm = of("nimbus", 80, 20), of("cirrus", 20, 80)
    card = one(cards(hurried, rates=rates_of(tried_by([*hurried, *calm]))))
    assert (card.breached, card.expected_breached) == (42, pytest.approx(42))
    assert card.breach_ratio == pytest.approx(1)
    assert card.breach_ratio_low < 1 < card.breach_ratio_high


def test_with_nobody_to_compare_with_there_is_no_ratio() -> None:
    alone = cases([60.0] * 9)
    assert one(cards(alone, rates=rates_of(tried_by(alone)))).breach_ratio is None


def test_hours_of_the_week_are_of_the_agreed_basis() -> None:
    found = cards([case(), case(basis=Basis.CLAIMED)])
    hours = [(card.basis, card.weekday, card.hour, card.n) for card in found if card.tally is Tally.HOUR]
    assert hours == [("agreed", 3, 0, 1), ("agreed", 3, None, 1), ("agreed", None, 0, 1)]


def test_a_card_names_the_version_of_its_definitions() -> None:
    assert {card.metric_version for card in cards([case()])} == {METRIC_VERSION}


def test_nothing_has_no_card() -> None:
    assert cards([]) == []


def test_a_month_after_december_is_january() -> None:
    assert month_after(month(11)) == month(12)


CASES = st.lists(
    st.builds(
        case,
        at=st.integers(0, 24 * 300).map(lambda hours: BEGIN + timedelta(hours=hours)),
        length_s=st.floats(0, 1e5),
        priority=st.sampled_from(["p1", "p2", None]),
        services=st.sampled_from([(), ("mail",), ("mail", "web")]),
        objective=st.sampled_from([Objective.RESTORE, Objective.UPDATE]),
        basis=st.sampled_from(list(Basis)),
        under_hazard=st.booleans(),
    )
    | st.builds(case, ending=st.sampled_from(list(Ending)), length_s=st.none() | st.floats(0, 1e5)),
    max_size=60,
)


@settings(deadline=None, max_examples=25)
@given(CASES, st.randoms())
def test_the_order_of_cases_changes_nothing(found: list[Counted], chance: Any) -> None:
    shuffled = list(found)
    chance.shuffle(shuffled)
    assert [card.to_wire() for card in cards(found)] == [card.to_wire() for card in cards(shuffled)]


@settings(deadline=None, max_examples=25)
@given(CASES)
def test_every_case_is_in_one_month_and_in_the_period(found: list[Counted]) -> None:
    every = [card for card in cards(found) if (card.service, card.priority) == (ALL, ALL)]
    for tally in (Tally.MONTH, Tally.PERIOD):
        mine = [card for card in every if card.tally is tally]
        assert sum(card.n + card.censored + card.indeterminate + card.left_out for card in mine) == len(found)
        assert all(card.n == card.met + card.breached and card.common_cause <= card.n for card in mine)
    assert len({card.document_id() for card in cards(found)}) == len(cards(found))


@settings(deadline=None, max_examples=25)
@given(CASES)
def test_figures_lie_within_their_intervals(found: list[Counted]) -> None:
    for card in cards(found):
        for name in ("met_share", "median", "p90", "km_median", "breach_ratio"):
            unit = "" if name in ("met_share", "breach_ratio") else "_s"
            value, low, high = (
                getattr(card, key) for key in (f"{name}{unit}", f"{name}_low{unit}", f"{name}_high{unit}")
            )
            assert value is None or ((low is None or low <= value) and (high is None or value <= high))
        assert card.met_share is None or 0 <= card.met_share <= 1
        assert card.enough == (card.n >= 5) == (card.met_share is not None)
