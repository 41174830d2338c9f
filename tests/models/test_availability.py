"""Three figures of a month: best and worst, service hours, zones, versions, exclusions, weights."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.agreement import Agreement
from models.availability import Evidence, Figure, Side, availability, percent, rounded
from models.failures import Trouble
from models.months import Month, Period, periods
from models.notice import Kind, Phase, Ruling, Speaker
from tests.models.months import measured, outage, promise, said, seconds
from tests.support.timeline import agreement

HOUR = timedelta(hours=1)


def at(day, hour=10, minute=0, month=5):
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def down_s(found, side="agreed"):
    return found.figures[Side(side)].downtime_s


@pytest.mark.parametrize(
    ("month", "zone", "hours"),
    [
        ("2026-02", "UTC", 672),
        ("2028-02", "UTC", 696),
        ("2026-03", "Europe/Berlin", 743),
        ("2026-10", "Europe/Berlin", 745),
        ("2026-04", "Australia/Lord_Howe", 720.5),
        ("2026-12", "Asia/Tokyo", 744),
    ],
    ids=["February", "a leap February", "clocks go forward", "clocks go back", "by half an hour", "December"],
)
def test_the_denominator_is_the_local_month(month, zone, hours):
    (found,) = measured([], month, timezone=zone)
    assert found.owed == timedelta(hours=hours)
    assert found.agreed.percent == 100


def test_an_outage_over_the_end_of_the_month_is_split_in_the_contracts_zone():
    trouble = [outage(datetime(2026, 5, 31, 21, tzinfo=UTC), 3 * HOUR)]
    assert [down_s(measured(trouble, month, timezone="Europe/Berlin")[0]) for month in ("2026-05", "2026-06")] == [
        3600,
        7200,
    ]


@pytest.mark.parametrize(
    ("value", "step", "expected"),
    [
        ("99.99", "0.01", "99.99"),
        ("99.989999999999", None, "99.9899999999"),
        ("99.985", "0.01", "99.99"),
        ("99.98499999999999999999999999999999999", "0.01", "99.98"),
        ("0", "0.01", "0.00"),
    ],
    ids=["exact", "cut off where nothing is rounded", "half up", "never twice", "nothing left"],
)
def test_percentages_are_rounded_once(value, step, expected):
    assert str(rounded(Fraction(value), None if step is None else Decimal(step))) == expected


def test_without_service_hours_there_is_no_percentage():
    assert percent(timedelta(0), Decimal(0), None) is None
    found = Figure(Side.AGREED, (), (), (), (), None, None)
    assert found.verdict(Decimal(99)) == "not_applicable"


@pytest.mark.parametrize(
    ("best", "worst", "verdict"),
    [("99.9", "99.9", "met"), ("99.9", "99.89", "indeterminate"), ("99.89", "99.0", "missed")],
)
def test_the_certain_figure_is_judged(best, worst, verdict):
    found = Figure(Side.AGREED, (), (), (), (), Decimal(best), Decimal(worst))
    assert found.verdict(Decimal("99.9")) == verdict


def test_only_service_hours_count():
    calendars = {"office": {"hours": {"mon-fri": ["09:00-17:00"]}}}
    (found,) = measured([outage(at(4, 16), 2 * HOUR)], calendars=calendars, availability=[promise(hours="office")])
    assert (down_s(found), found.owed) == (3600, timedelta(hours=21 * 8))


def test_a_month_that_runs_is_measured_so_far():
    (found,) = measured([outage(at(4), None)], as_of=at(4, 11))
    assert (down_s(found), found.is_final, found.owed_so_far) == (3600, False, timedelta(days=3, hours=11))
    assert str(found.agreed.percent) == "98.80"


def test_another_service_is_not_concerned():
    vm, disk = measured([outage(at(4), HOUR)], availability=[promise(), promise(service="disk")])
    assert (down_s(vm), down_s(disk)) == (3600, 0)


@pytest.mark.parametrize(
    ("weights", "severity", "expected"),
    [
        ({}, "minor", 3600),
        ({"major": "0.9", "minor": "0.3"}, "minor", 1080),
        ({"outage": "1.0", "degraded": "0.3"}, "major", 3600),
        ({"outage": "1.0", "degraded": "0.3"}, "minor", 1080),
        ({"outage": "1.0", "degraded": "0.3"}, "strange", 1080),
        ({"outage": "1.0", "strange": "0.7"}, "strange", 2520),
        ({"outage": "1.0"}, "minor", 0),
        ({"outage": "1.0"}, None, 0),
    ],
    ids=[
        "no weights count whole",
        "the word itself",
        "another word of its priority",
        "another word of the lower priority",
        "an unknown word is of the lowest priority",
        "a word that only the weights know",
        "a priority without a weight counts nothing",
        "no severity is the lowest priority",
    ],
)
def test_weights_are_contract_terms(weights, severity, expected):
    priorities = {"p1": {"severities": ["major", "outage"]}, "p2": {"severities": ["minor", "degraded"]}}
    one = outage(at(4), HOUR, severity=severity)
    (found,) = measured([one], priorities=priorities, availability=[promise(weights=weights)])
    assert down_s(found) == expected


def test_the_weight_follows_the_severity_from_when_it_rose():
    one = outage(at(4), 2 * HOUR, severity="minor")
    rose = said(at(4, 11), Phase.UPDATE, severity="major")
    (found,) = measured(
        [replace(one, facts=(*one.facts, rose))], availability=[promise(weights={"major": "1", "minor": "0.5"})]
    )
    assert down_s(found) == 1800 + 3600


def test_a_false_alarm_and_what_lies_ahead_count_nothing():
    cancelled = outage(at(4), None)
    cancelled = replace(cancelled, facts=(*cancelled.facts, said(at(4, 12), Phase.CANCELLED)))
    (found,) = measured([cancelled, outage(at(20), HOUR, "b")], as_of=at(10))
    assert down_s(found) == 0


def test_a_quiet_gap_counts_only_within_the_stability_window():
    facts = (
        said(at(4, 10), Phase.REPORTED, claimed_at=at(4, 10)),
        said(at(4, 11), Phase.RESTORED, claimed_at=at(4, 11)),
        said(at(4, 11, 10), Phase.REOPENED),
        said(at(4, 12), Phase.RESOLVED, claimed_at=at(4, 12)),
    )
    one = Trouble("a", Kind.INCIDENT, (), facts)
    assert [down_s(measured([one], stability_window=window)[0]) for window in (None, "15m")] == [6600, 7200]


def test_uncertain_ends_give_a_best_and_a_worst_case():
    begin = said(at(4, 10), Phase.REPORTED)
    end = said(at(4, 12), Phase.RESOLVED, published_at=None, received_after=at(4, 11))
    (found,) = measured([Trouble("a", Kind.INCIDENT, (), (begin, end))], availability=[promise(objective="99.8")])
    strict = found.figures[Side.STRICT]
    assert (strict.downtime_s, strict.possible_s, strict.verdict(Decimal("99.8"))) == (3600, 7200, "indeterminate")


def test_an_outage_shorter_than_our_looks_is_possible_and_not_certain():
    begin = said(at(4, 11), Phase.REPORTED, published_at=None, received_after=at(4, 10))
    end = said(at(4, 11, 30), Phase.RESOLVED, published_at=None, received_after=at(4, 10, 30))
    (found,) = measured([Trouble("a", Kind.INCIDENT, (), (begin, end))])
    assert (down_s(found, "strict"), found.figures[Side.STRICT].possible_s) == (0, 5400)


def test_blind_time_is_down_in_the_worst_case_only():
    (found,) = measured([outage(at(4), HOUR)], blind=[(at(4), at(4, 13))])
    assert (found.agreed.downtime_s, found.agreed.possible_s) == (3600, 3 * 3600)
    assert found.figures[Side.PROVIDER].possible_s == 3600


@pytest.mark.parametrize(
    ("ruling", "clause", "interval", "expected"),
    [
        (None, "force_majeure", False, (7200, 0, 7200)),
        (Ruling.ACCEPTED, "force_majeure", False, (7200, 0, 0)),
        (Ruling.REJECTED, "force_majeure", False, (7200, 0, 7200)),
        (Ruling.DISPUTED, "force_majeure", False, (7200, 0, 7200)),
        (Ruling.ACCEPTED, "force_majeure", True, (7200, 3600, 3600)),
        (Ruling.ACCEPTED, "bad_luck", False, (7200, 7200, 7200)),
    ],
    ids=["proposed", "accepted", "rejected", "disputed", "accepted for an hour", "a clause that the contract lacks"],
)
def test_exclusions_are_claims(ruling, clause, interval, expected):
    one = outage(at(4), 2 * HOUR)
    times = {"claimed_at": at(4, 10), "claimed_end_at": at(4, 11)} if interval else {}
    claim = said(at(4, 13), Phase.EXCLUDED, reason=clause, update_id="claim", **times)
    facts = [*one.facts, claim]
    if ruling is not None:
        words = {"reason": clause, "ruling": ruling, "concerns": "claim", "speaker": Speaker.CUSTOMER}
        facts.append(said(at(4, 14), Phase.EXCLUDED, source="desk", **words))
    (found,) = measured([replace(one, facts=tuple(facts))], exclusions=["force_majeure"])
    assert tuple(down_s(found, side) for side in Side) == expected


def test_what_another_incident_fails_is_not_excused_by_a_claim():
    one = outage(at(4), 2 * HOUR)
    claim = said(at(4, 13), Phase.EXCLUDED, reason="force_majeure", source="desk", speaker=Speaker.CUSTOMER)
    (found,) = measured(
        [replace(one, facts=(*one.facts, claim)), outage(at(4), HOUR, "b")], exclusions=["force_majeure"]
    )
    assert down_s(found) == 3600


def contract(*starts, end=None):
    versions = []
    for number, start in enumerate(starts):
        last = {"effective_to": end} if end and number == len(starts) - 1 else {}
        version = agreement(version=str(number), effective_from=start, availability=[promise()])
        versions.append({**version.model_dump(mode="json", exclude_none=True), **last})
    words = {"apiVersion": "holdfast/v1", "kind": "Agreement", "id": "a", "provider": "p", "customer": "us"}
    return Agreement.model_validate({**words, "contract": "sla", "versions": versions})


@pytest.mark.parametrize(
    ("starts", "end", "expected"),
    [
        (("2026-01-01",), None, [("0", 31)]),
        (("2026-01-01", "2026-05-11"), None, [("0", 10), ("1", 21)]),
        (("2026-01-01", "2026-06-01"), None, [("0", 31)]),
        (("2026-05-20",), "2026-05-25", [("0", 5)]),
        (("2026-07-01",), None, []),
    ],
    ids=["one version", "two versions", "the next one begins later", "a short one", "none yet"],
)
def test_a_month_is_split_by_version(starts, end, expected):
    found = periods(contract(*starts, end=end), Month.parse("2026-05"))
    assert [(one.version.version, (one.span[1] - one.span[0]).days) for one in found] == expected


@pytest.mark.parametrize("text", ["2026-13", "2026-00", "26-05", "2026-5", "1989-12", "2200-01", "May"])
def test_a_bad_month_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match="write it as 2026-05"):
        Month.parse(text)


def test_months_follow_each_other():
    assert [str(Month(2026, 12).following), str(Month(2026, 5).following)] == ["2027-01", "2026-06"]
    assert date(2026, 5, 1) == Month(2026, 5).bounds("UTC")[0].date()


OUTAGES = st.lists(
    st.builds(
        lambda begin, length, name, severity: outage(
            at(1) + seconds(begin), length and seconds(length), name, severity
        ),
        st.integers(0, 35 * 86400),
        st.none() | st.integers(1, 10 * 86400),
        st.uuids().map(str),
        st.sampled_from(["major", "minor", None]),
    ),
    max_size=5,
)


@given(OUTAGES, st.integers(1, 30 * 86400), st.randoms(use_true_random=False))
def test_order_and_copies_change_no_figure_and_splitting_adds_up(troubles, cut, chance):
    version = agreement(availability=[promise(weights={"major": "1", "minor": "0.3"})])
    begin, end = Month.parse("2026-05").bounds("UTC")

    def whole(known, first=begin, last=end):
        period = Period(Month.parse("2026-05"), version, (first, last))
        return availability(Evidence(known), period, version.availability[0], at(20, month=6))

    shuffled = [*troubles, *troubles[:2]]
    chance.shuffle(shuffled)
    assert whole(shuffled).figures == whole(troubles).figures
    middle = begin + seconds(cut)
    parts = [whole(troubles, begin, middle), whole(troubles, middle, end)]
    assert sum(map(down_s, parts)) == down_s(whole(troubles))
    assert 0 <= down_s(whole(troubles)) <= Decimal((end - begin).total_seconds())


@given(OUTAGES, st.lists(st.tuples(st.integers(0, 30), st.integers(1, 20)), max_size=3))
def test_agreed_downtime_never_exceeds_the_strict_one_of_the_same_basis(troubles, works):
    rules = {"maintenance": {"monthly_allowance": "4h"}, "evidence": {"start": "published", "restore": "published"}}
    announced = [
        Trouble(f"m{day}", Kind.MAINTENANCE, (), (
            said(at(1, month=4), Phase.REPORTED, f"m{day}", kind=Kind.MAINTENANCE,
                 claimed_at=at(1) + timedelta(days=day), claimed_end_at=at(1) + timedelta(days=day, hours=length)),
        ))
        for day, length in works
    ]  # fmt: skip
    (found,) = measured([*troubles, *announced], as_of=at(20, month=6), **rules)
    assert down_s(found) <= down_s(found, "strict")
    assert all(figure.possible_s >= figure.downtime_s for figure in found.figures.values())
