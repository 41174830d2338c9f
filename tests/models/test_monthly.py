"""A month in parts: an allowance and a yearly cap are used up once, and a part that is to come is no part."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from models.agreement import AgreementVersion
from models.availability import Evidence
from models.failures import Trouble
from models.monthly import available, credited
from models.months import Month, Period
from models.notice import Kind, Phase
from tests.models.months import outage, promise, said
from tests.support.timeline import agreement

MAY = Month(2026, 5)
BEGIN, MIDDLE, END = (datetime(2026, *day, tzinfo=UTC) for day in ((5, 1), (5, 16), (6, 1)))
HOUR = timedelta(hours=1)
AFTER = END + timedelta(days=1)
FEE = {"tiers": [{"below": "99.9", "credit": "10"}], "monthly_fee": "1000.00"}
PAYS = {"currency": "EUR", "credits": FEE}
DOWN = (outage(BEGIN + 9 * HOUR, 9 * HOUR, "a"), outage(MIDDLE + 9 * HOUR, 9 * HOUR, "b"))


def version(name: str = "1", **terms: Any) -> AgreementVersion:
    """Return a version that promises one service, unless the terms say otherwise."""
    return agreement(version=name, **{"availability": [promise()], **terms})


def halves(first: AgreementVersion, second: AgreementVersion) -> tuple[Period, ...]:
    """Return May, its first 15 days under one version and the other 16 under another."""
    return Period(MAY, first, (BEGIN, MIDDLE)), Period(MAY, second, (MIDDLE, END))


def work(name: str, begin: datetime) -> Trouble:
    """Return three hours of work that was announced and done."""
    end = begin + 3 * HOUR
    told = [(BEGIN - 10 * 24 * HOUR, Phase.REPORTED), (begin, Phase.ENGAGED), (end, Phase.RESOLVED)]
    facts = [
        said(at, phase, name, kind=Kind.MAINTENANCE, severity="maintenance",
             claimed_at=begin if at < begin else at, claimed_end_at=end)
        for at, phase in told
    ]  # fmt: skip
    return Trouble(name, Kind.MAINTENANCE, ("vm",), tuple(facts))


def test_an_allowance_for_work_is_used_up_across_the_parts_of_a_month() -> None:
    terms = {"maintenance": {"notice": "5d", "monthly_allowance": "4h"}}
    evidence = Evidence((work("m1", BEGIN + 48 * HOUR), work("m2", MIDDLE + 48 * HOUR)), ())
    (first,), (second,) = available(evidence, halves(version("1", **terms), version("2", **terms)), AFTER)
    assert (first.allowance_used, first.agreed.downtime_s) == (3 * HOUR, 0)
    assert (second.allowance_used, second.agreed.downtime_s) == (4 * HOUR, 2 * 3600)


@pytest.mark.parametrize(
    ("as_of", "promised", "found"),
    [
        (BEGIN, ("vm",), []),
        (MIDDLE, ("vm",), [["vm"]]),
        (MIDDLE + HOUR, ("vm",), [["vm"], ["vm"]]),
        (AFTER, ("vm", "disk"), [["vm", "disk"], ["vm", "disk"]]),
        (AFTER, (), []),
    ],
    ids=["none has begun", "the second begins just now", "both run", "two promises each", "nothing is promised"],
)
def test_the_parts_that_have_begun_and_promise_something_are_told(
    as_of: datetime, promised: tuple[str, ...], found: list[list[str]]
) -> None:
    terms = {"availability": [promise(service=one) for one in promised], "services": ["vm", "disk"]}
    told = available(Evidence(DOWN, ()), halves(version("1", **terms), version("2", **terms)), as_of)
    assert [[one.promise.service for one in part] for part in told] == found


@pytest.mark.parametrize(
    ("first", "second", "earlier", "amounts"),
    [
        (PAYS, PAYS, "0.00", ["48.39", "51.61"]),
        (PAYS, {}, "0.00", ["48.39"]),
        ({}, PAYS, "0.00", ["51.61"]),
        ({}, {}, "0.00", []),
        ("capped", "capped", "60.00", ["48.39", "11.61"]),
        ("capped", "capped", "120.00", ["0.00", "0.00"]),
    ],
    ids=[
        "each pays by its share of the month", "only the first pays", "only the second pays", "neither pays",
        "the first part leaves the second what is left of the year", "the year was used up before",
    ],
)  # fmt: skip
def test_a_credit_of_one_part_counts_for_the_yearly_cap_of_the_next(
    first: Any, second: Any, earlier: str, amounts: list[str]
) -> None:
    capped = {"currency": "EUR", "credits": {**FEE, "cap_year": "1"}}
    one, two = (
        version(name, **(capped if terms == "capped" else terms)) for name, terms in (("1", first), ("2", second))
    )
    found = available(Evidence(DOWN, ()), halves(one, two), AFTER)
    assert [str(credit.amount) for credit in credited(found, AFTER, Decimal(earlier))] == amounts
