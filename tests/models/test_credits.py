"""What a month pays back: the worked examples of docs/explanation/availability.md, and the rules one by one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from models.clauses import CreditTier
from models.credits import ClaimState, credit, money, tier_of
from tests.models.months import measured, outage, promise, seconds

TIERS = [{"below": "99.5", "credit": "10"}, {"below": "99.0", "credit": "25"}, {"below": "95.0", "credit": "100"}]
ZONES = [{"below": "99.99", "credit": "10"}, *TIERS[1:]]
TEASEL = [{"below": "99.9", "credit": "10"}, {"below": "99.0", "credit": "25"}]
LATER = datetime(2026, 12, 1, tzinfo=UTC)


def at(month, day=4, hour=10):
    return datetime(2026, month, day, hour, tzinfo=UTC)


def paid(troubles, month, tiers, fee, *, promised=None, earlier="0", as_of=LATER, **clauses):
    terms = {"tiers": tiers, "monthly_fee": fee, **clauses}
    found = measured(troubles, month, availability=promised or [promise()], credits=terms, currency="EUR")
    return credit(found, as_of, Decimal(earlier))


def test_larkspur_one_machine():
    found = paid([outage(at(4), timedelta(hours=4))], "2026-04", TIERS, "840.00", promised=[promise(objective="99.5")])
    assert (str(found.lines[0].found.agreed.percent), str(found.amount)) == ("99.44", "84.00")
    assert found.lines[0].incident_ids == {"a"}


@pytest.mark.parametrize(
    ("length_s", "rounding", "percent", "amount"),
    [
        (259.2, None, "99.9900000000", "0.00"),
        (259.200001, None, "99.9899999999", "84.00"),
        (300, "0.01", "99.99", "0.00"),
        (300, "0.0001", "99.9884", "84.00"),
    ],
    ids=["exactly 99.9900", "a microsecond more", "rounded to 0.01", "rounded to 0.0001"],
)
def test_larkspur_machines_in_two_zones(length_s, rounding, percent, amount):
    promised = [promise(objective="99.99", rounding=rounding)]
    found = paid([outage(at(4), seconds(length_s))], "2026-04", ZONES, "840.00", promised=promised)
    assert (str(found.lines[0].found.agreed.percent), str(found.amount)) == (percent, amount)


@pytest.mark.parametrize(
    ("lengths", "percent", "amount"),
    [([59] * 30, "100.00", "0.00"), ([29 * 60 + 30], "99.94", "100.00")],
    ids=["thirty blocks of 59 seconds count as none", "one block of 29 min 30 s counts 29 minutes"],
)
def test_marram_consecutive_minutes(lengths, percent, amount):
    troubles = [outage(at(5, day), seconds(length), f"i{day}") for day, length in enumerate(lengths, start=1)]
    tiers = [{"below": "99.95", "credit": "10"}, {"below": "99.0", "credit": "25"}]
    found = paid(troubles, "2026-05", tiers, "1000.00", promised=[promise(objective="99.95", quantum="60s")])
    assert (str(found.lines[0].found.agreed.percent), str(found.amount)) == (percent, amount)


@pytest.mark.parametrize(
    ("clauses", "earlier", "amount", "limits"),
    [
        ({}, "0", "12000.00", ()),
        ({"cap_month": "50"}, "0", "6000.00", ("cap_month",)),
        ({"cap_month": "50", "cap_year": "5"}, "4000.00", "3200.00", ("cap_month", "cap_year")),
        ({"cap_year": "5"}, "9000.00", "0.00", ("cap_year",)),
    ],
    ids=["without caps", "capped by the month", "capped by the year, too", "the year is used up"],
)
def test_sedge_a_total_loss(clauses, earlier, amount, limits):
    found = paid([outage(at(2), timedelta(hours=40))], "2026-02", TIERS, "12000.00", earlier=earlier, **clauses)
    assert str(found.lines[0].found.agreed.percent) == "94.05"
    assert (str(found.sum), str(found.amount), found.limits) == ("12000.00", amount, limits)


@pytest.mark.parametrize(
    ("names", "clause", "amount", "limits"),
    [
        (("a",), "heaviest", "1250.00", ("single_event",)),
        (("a",), None, "2500.00", ()),
        (("a", "b"), "heaviest", "2500.00", ()),
    ],
    ids=["one event pays once", "without the clause each pays", "two events pay twice"],
)
def test_teasel_one_event(names, clause, amount, limits):
    both = [promise(service="vm"), promise(service="disk")]
    pairs = zip(("vm", "disk"), names * 2, strict=False)
    if names == ("a",):
        troubles = [outage(at(5), timedelta(hours=8), services=("vm", "disk"))]
    else:
        troubles = [outage(at(5), timedelta(hours=8), name, services=(service,)) for service, name in pairs]
    found = paid(troubles, "2026-05", TEASEL, "5000.00", promised=both, single_event=clause)
    assert [str(line.found.agreed.percent) for line in found.lines] == ["98.92", "98.92"]
    assert (str(found.amount), found.limits) == (amount, limits)
    assert sum(line.set_aside for line in found.lines) == len(limits)


def test_the_fee_is_never_exceeded():
    both = [promise(service="vm"), promise(service="disk")]
    troubles = [outage(at(5), timedelta(hours=80), services=())]
    found = paid(troubles, "2026-05", TIERS, "500.00", promised=both)
    assert (str(found.sum), str(found.amount), found.limits) == ("1000.00", "500.00", ("fee",))


def test_rush_too_little_is_not_paid():
    found = paid([outage(at(5), timedelta(hours=6))], "2026-05", TIERS, "20.00", minimum_payout="5.00")
    assert (str(found.sum), str(found.amount), found.limits) == ("2.00", "0.00", ("minimum_payout",))
    assert found.state is ClaimState.NOTHING_TO_CLAIM


@pytest.mark.parametrize(
    ("as_of", "state"),
    [
        ("2026-05-31T21:59:59Z", "not_yet"),
        ("2026-05-31T22:00:00Z", "open"),
        ("2026-06-30T22:00:00Z", "open"),
        ("2026-06-30T22:00:01Z", "expired"),
    ],
    ids=["the month still runs", "from its end", "until the last instant", "and no longer"],
)
def test_the_claim_window_runs_from_the_end_of_the_month_in_the_contracts_zone(as_of, state):
    terms = {"tiers": TIERS, "monthly_fee": "100.00", "claim_within": "30d"}
    instant = datetime.fromisoformat(as_of)
    found = measured([outage(at(5), timedelta(hours=6))], "2026-05", timezone="Europe/Berlin", credits=terms)
    owed = credit(found, instant)
    assert (owed.claim_by, owed.state.value) == (datetime(2026, 6, 30, 22, tzinfo=UTC), state)


def test_no_credits_clause_pays_none():
    assert credit(measured([]), LATER) is None


def test_nothing_failed_nothing_to_claim():
    found = paid([], "2026-05", TIERS, "100.00", claim_within="30d", single_event="heaviest")
    assert (str(found.amount), found.claim_by, found.state) == ("0.00", None, ClaimState.NOTHING_TO_CLAIM)


@pytest.mark.parametrize(
    ("percent", "credit_percent"),
    [
        ("99.99", None),
        ("99.9899", "10"),
        ("99.0", "10"),
        ("98.9999", "25"),
        ("95", "25"),
        ("94.9", "100"),
        (None, None),
    ],
)
def test_tiers_are_half_open_and_not_cumulative(percent, credit_percent):
    tiers = [CreditTier.model_validate(one) for one in ZONES]
    found = tier_of(None if percent is None else Decimal(percent), tiers)
    assert (None if found is None else str(found.credit)) == credit_percent


@pytest.mark.parametrize(
    ("first_day", "last_day", "fee"),
    [(1, 11, "4000.00"), (11, 32, "8400.00")],
    ids=["ten of 31 days", "the other 21 days"],
)
def test_a_version_that_governs_part_of_a_month_owes_its_share_of_the_fee(first_day, last_day, fee):
    begin = datetime(2026, 5, 1, tzinfo=UTC)
    terms = {"tiers": TIERS, "monthly_fee": "12400.00"}
    (whole,) = measured([outage(at(5), timedelta(hours=80))], credits=terms)
    span = (begin + timedelta(days=first_day - 1), begin + timedelta(days=last_day - 1))
    found = credit([replace(whole, period=replace(whole.period, span=span))], LATER)
    assert (str(found.fee), str(found.amount)) == (fee, fee)


def test_half_a_cent_is_a_cent():
    assert [str(money(Decimal(one))) for one in ("0.005", "0.0049", "1.115")] == ["0.01", "0.00", "1.12"]
