"""Error budgets: what is left, how fast it goes, when the next credit is due if the service stays down."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from models.budget import PAIRS, budget
from models.clauses import CreditTier
from tests.models.months import measured, outage, promise, seconds

TIERS = [CreditTier(below=Decimal(below), credit=Decimal(10)) for below in ("99.9", "99.0")]


def at(day, hour=0, minute=0, second=0):
    return datetime(2026, 5, day, hour, minute, second, tzinfo=UTC)


def spent(troubles, as_of, tiers=TIERS, **changes):
    (found,) = measured(troubles, as_of=as_of, availability=[promise(**changes)])
    return budget(found, tiers)


def test_the_budget_is_of_the_whole_month():
    found = spent([outage(at(4), timedelta(hours=1))], at(5))
    assert (found.allowed_s, found.used_s, found.left_s) == (Decimal("2678.4"), 3600, Decimal("-921.6"))


def test_both_windows_must_exceed():
    over = spent([outage(at(4, 10), timedelta(minutes=30))], at(4, 10, 40))
    hour, six_hours, days = over.burns
    assert [burn.windows for burn in over.burns] == list(PAIRS)
    assert (hour.long_rate, hour.short_rate, hour.is_burning) == (Decimal("500.000"), 0, False)
    assert six_hours.short_rate == Decimal("666.667")
    assert six_hours.is_burning
    assert days.is_burning


def test_exactly_at_the_threshold_it_does_not_burn():
    """3.6 s of an hour are a thousandth: rate 1, the threshold of the longest pair."""
    found = spent([outage(at(20), seconds(21.6)), outage(at(17, 12), seconds(237.6), "b")], at(20, 6), tiers=())
    assert (found.burns[2].long_rate, found.burns[2].short_rate, found.burns[2].is_burning) == (1, 1, False)


def test_without_a_budget_there_is_no_rate():
    assert spent([], at(4), objective="100").burns[0].long_rate is None


@pytest.mark.parametrize(
    ("rounding", "quantum", "weight", "expected"),
    [
        (None, None, "1", at(4, 10, 44, 38) + timedelta(microseconds=400_001)),
        ("0.01", None, "1", at(4, 10, 46, 52) + timedelta(microseconds=320_001)),
        ("0.01", "60s", "1", at(4, 10, 47)),
        ("0.01", "60s", "0.5", at(4, 11, 34)),
    ],
    ids=["exact", "rounded", "in whole minutes", "half as fast at half the weight"],
)
def test_the_next_tier_comes_at_the_first_instant_at_which_the_month_falls_below(rounding, quantum, weight, expected):
    changes = {"rounding": rounding, "quantum": quantum, "weights": {"major": weight}}
    ahead = spent([outage(at(4, 10), None)], at(4, 10, 10, 30), **changes).next_tier
    assert (ahead.tier.below, ahead.at, ahead.after) == (Decimal("99.9"), expected, expected - at(4, 10, 10, 30))
    end = datetime(2026, 6, 2, tzinfo=UTC)
    for length, is_below in ((expected - at(4, 10), True), (expected - at(4, 10) - seconds(0.000001), False)):
        (found,) = measured([outage(at(4, 10), length)], as_of=end, availability=[promise(**changes)])
        assert (found.agreed.percent < Decimal("99.9")) is is_below


def test_after_the_first_tier_comes_the_second():
    ahead = spent([outage(at(4), None)], at(4, 2)).next_tier
    assert ahead.tier.below == Decimal("99.0")
    assert ahead.at == at(4) + seconds(2678400 * 0.01005) + timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("troubles", "as_of"),
    [
        ([outage(at(4), timedelta(hours=1))], at(4, 2)),
        ([outage(at(31, 23, 50), None)], at(31, 23, 55)),
        ([outage(at(4), None)], at(20)),
        ([outage(at(4), None)], datetime(2026, 6, 1, tzinfo=UTC)),
    ],
    ids=["it is up again", "the month ends before", "no tier is left", "the month is over"],
)
def test_else_there_is_no_next_tier(troubles, as_of):
    assert spent(troubles, as_of).next_tier is None


def test_the_next_tier_waits_for_service_hours():
    (found,) = measured(
        [outage(at(4, 16, 50), None)],
        as_of=at(4, 16, 55),
        calendars={"office": {"hours": {"mon-fri": ["09:00-17:00"]}}},
        availability=[promise(hours="office", rounding=None)],
    )
    assert budget(found, TIERS).next_tier.at == at(5, 9, 0, 4) + timedelta(microseconds=800_001)
    (closed,) = measured(
        [outage(at(4, 16, 50), None)],
        as_of=at(4, 18),
        calendars={"office": {"hours": {"mon-fri": ["09:00-17:00"]}}},
        availability=[promise(hours="office")],
    )
    assert budget(closed, TIERS).next_tier is None
