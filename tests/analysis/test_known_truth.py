"""A made-up history whose truth is known: what was put in is found, and nothing else."""

from collections import defaultdict
from datetime import UTC, datetime

import pytest

from holdfast.analysis.rates import rates_of, tried_by
from holdfast.analysis.scorecards import Scope, scorecards
from holdfast.analysis.trends import month_of
from holdfast.sample import History, Shape, history
from models.derived import ALL, Scorecard, Tally
from tests.analysis.cases import restored

SHAPE = Shape(seed=5, providers=6, begin=datetime(2024, 1, 1, tzinfo=UTC), months=24, incidents_per_month=25)
USUAL, SLOWER, NIGHTS, NEW, GRAVE, UNWATCHED = range(6)
"""Characters of the sample's providers, in order."""


@pytest.fixture(scope="module")
def past() -> History:
    return history(SHAPE)


@pytest.fixture(scope="module")
def periods(past: History) -> list[Scorecard]:
    """Return the card of restorations over the whole period of each provider, in order, by their true lengths."""
    cases = defaultdict(list)
    for one in past.truth.incidents:
        if not one.is_false_alarm:
            cases[one.provider].append(restored(one))
    rates = rates_of(tried_by(case for mine in cases.values() for case in mine))
    found = []
    for name, character in past.truth.providers.items():
        joined = character.joined_at if character.onboarding_months else datetime(2020, 1, 1, tzinfo=UTC)
        scope = Scope(name, SHAPE.begin, SHAPE.end, SHAPE.end, joined)
        cards = [card for card in scorecards(cases[name], rates, scope) if card.tally is Tally.PERIOD]
        found += [card for card in cards if (card.service, card.priority) == (ALL, ALL)]
    return found


def test_who_got_slower_is_told_from_which_month_on_and_by_how_much(past: History, periods: list[Scorecard]) -> None:
    character, card = list(past.truth.providers.values())[SLOWER], periods[SLOWER]
    assert card.changed_at is not None
    assert card.changed_at == month_of(character.slower_at)
    assert card.after_s / card.before_s == pytest.approx(character.slower_by, rel=0.3)
    assert card.slope_low > 0


@pytest.mark.parametrize("index", [USUAL, NIGHTS, NEW, GRAVE, UNWATCHED])
def test_nobody_else_changed(periods: list[Scorecard], index: int) -> None:
    assert periods[index].changed_at is None


def test_only_slow_nights_of_weekends_are_a_season(periods: list[Scorecard]) -> None:
    assert periods[NIGHTS].weekday_p < 0.01
    assert all(periods[index].weekday_p > 0.001 for index in (USUAL, GRAVE, UNWATCHED))


def test_more_grave_incidents_at_the_usual_rates_are_not_worse(periods: list[Scorecard]) -> None:
    grave, usual = periods[GRAVE], periods[USUAL]
    assert grave.breached / grave.n > usual.breached / usual.n, "which looks worse, before it is adjusted"
    assert grave.breach_ratio_low < 1 < grave.breach_ratio_high or grave.breach_ratio < 1
    assert periods[SLOWER].breach_ratio_low > 1
