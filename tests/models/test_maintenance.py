"""Planned maintenance: excused only as announced, in time, in the window, within the allowance (rules 27 and 28)."""

from datetime import UTC, datetime, timedelta

import pytest

from models.failures import Trouble
from models.maintenance import allowed, announcements, excused_windows, why_not
from models.notice import Flag, Kind, Phase, Speaker
from tests.models.months import measured, outage, promise
from tests.models.months import said as told
from tests.support.timeline import agreement

SUNDAY = datetime(2026, 5, 10, tzinfo=UTC)
EARLY = SUNDAY - timedelta(days=9)
TERMS = {"notice": "5d", "monthly_allowance": "4h"}
LATER = SUNDAY + timedelta(days=60)


def at(hour, minute=0):
    return SUNDAY + timedelta(hours=hour, minutes=minute)


def said(when, phase, **fields):
    return told(when, phase, "m", kind=Kind.MAINTENANCE, severity="maintenance", **fields)


def announce(when, begin, end, phase=Phase.REPORTED, **fields):
    return said(when, phase, claimed_at=at(begin), claimed_end_at=at(end), **fields)


def work(begin, end):
    return (
        said(at(begin), Phase.ENGAGED, claimed_at=at(begin)),
        said(at(end), Phase.RESOLVED, claimed_at=at(end)),
    )


def works(*facts, services=("vm",), name="m"):
    return Trouble(name, Kind.MAINTENANCE, services, tuple(facts))


def hours(*troubles, terms=TERMS, **changes):
    """Return (strict, provider's, agreed) downtime in hours."""
    (found,) = measured(list(troubles), maintenance=terms, **changes)
    return tuple(float(figure.downtime_s) / 3600 for figure in found.figures.values())


@pytest.mark.parametrize(
    ("facts", "expected", "reason"),
    [
        ((announce(EARLY, 1, 3), *work(1, 3)), (2, 0, 0), None),
        ((announce(EARLY, 1, 3), *work(1, 4)), (3, 0, 1), None),
        ((announce(EARLY, 1, 3), *work(0, 3)), (3, 0, 1), None),
        ((announce(SUNDAY - timedelta(days=4), 1, 3), *work(1, 3)), (2, 0, 2), "announced_late"),
        ((announce(at(1) - timedelta(days=5), 1, 3), *work(1, 3)), (2, 0, 0), None),
        ((announce(at(5), 1, 3), *work(1, 3)), (2, 0, 2), "announced_late"),
        (work(1, 3), (2, 0, 2), "not_announced"),
        ((announce(EARLY, 1, 6), *work(1, 6)), (5, 0, 1), None),
        ((announce(EARLY, 1, 3),), (0, 0, 0), None),
        ((announce(EARLY, 1, 3), said(at(4), Phase.RESOLVED, claimed_at=at(4))), (3, 0, 1), None),
    ],
    ids=[
        "inside the window it is excused",
        "its overrun counts",
        "what begins too early counts until the window",
        "announced too late",
        "announced at the last instant that is early enough",
        "declared after the fact",
        "never announced",
        "beyond the monthly allowance",
        "announced and not begun is no downtime",
        "only its end is told: it began as announced",
    ],
)
def test_what_of_maintenance_is_excused(facts, expected, reason):
    assert hours(works(*facts)) == expected
    assert why_not(facts, agreement(maintenance=TERMS), LATER) == reason


@pytest.mark.parametrize(
    ("revision", "expected"),
    [
        (announce(EARLY + timedelta(days=1), 5, 7), (1, 1, 1)),
        (announce(at(0), 25, 27), (1, 1, 1)),
        (announce(at(0), 1, 9), (1, 0, 0)),
        (announce(at(0), 2, 3), (1, 1, 1)),
        (said(at(0), Phase.CANCELLED), (1, 1, 1)),
    ],
    ids=[
        "rescheduled in time: an outage in the old window is downtime",
        "rescheduled too late: neither window is excused",
        "prolonged too late: the old window stays excused",
        "shortened too late: only what is left",
        "cancelled: an outage in the window is downtime",
    ],
)
def test_the_last_revision_by_stamp_wins(revision, expected):
    planned = works(announce(EARLY, 1, 3), revision)
    assert hours(planned, outage(at(1), timedelta(hours=1))) == expected


def test_an_incident_inside_a_qualifying_window_is_excused_and_one_of_another_service_is_not():
    planned = works(announce(EARLY, 1, 3), services=("vm",))
    both = outage(at(1), timedelta(hours=1), services=("vm", "disk"))
    promises = [promise(), promise(service="disk")]
    vm, disk = measured([planned, both], maintenance=TERMS, availability=promises)
    assert (vm.agreed.downtime_s, disk.agreed.downtime_s) == (0, 3600)


def test_only_the_contracts_weekly_windows_are_excused_in_its_zone():
    terms = {"notice": "5d", "windows": {"sun": ["00:00-04:00"]}}
    facts = (announce(EARLY, 1, 3), *work(1, 3))
    assert hours(works(*facts), terms=terms, timezone="Europe/Berlin") == (2, 0, 1)
    tuesday = {"windows": {"tue": ["00:00-04:00"]}}
    assert why_not(facts, agreement(maintenance=tuesday), LATER) == "outside_windows"


def test_without_an_allowance_there_is_no_bound_and_without_a_clause_nothing_is_excused():
    facts = (announce(EARLY, 1, 9), *work(1, 9))
    assert hours(works(*facts), terms={}) == (8, 0, 0)
    assert hours(works(*facts), terms=None) == (8, 0, 8)
    assert why_not(facts, agreement(), LATER) is None


def test_the_allowance_is_used_up_in_order_of_time():
    first = works(announce(EARLY, 1, 4), *work(1, 4))
    later = [
        told(one.received_at + timedelta(days=7 if one.phase is not Phase.REPORTED else 0), one.phase, "n",
             kind=Kind.MAINTENANCE, severity="maintenance",
             claimed_at=one.claimed_at and one.claimed_at + timedelta(days=7),
             claimed_end_at=one.claimed_end_at and one.claimed_end_at + timedelta(days=7))
        for one in first.facts
    ]  # fmt: skip
    (found,) = measured([works(*later, name="n"), first], maintenance=TERMS)
    assert found.agreed.downtime_s == 2 * 3600
    assert found.allowance_used == timedelta(hours=4)
    assert found.agreed.stretches[0].begin == at(2) + timedelta(days=7)


def test_what_earlier_parts_of_the_month_used_is_gone():
    (found,) = measured([outage(at(1), timedelta(hours=3))])
    windows = [(at(0), at(5))]
    left = allowed(found.agreed.stretches, windows, timedelta(hours=4), timedelta(hours=3))
    assert left == ((at(1), at(2)),)
    assert allowed(found.agreed.stretches, windows, timedelta(hours=4), timedelta(hours=9)) == ()


def test_a_cancellation_that_lies_ahead_has_not_happened():
    facts = (announce(EARLY, 1, 3), said(at(5), Phase.CANCELLED))
    version = agreement(maintenance=TERMS)
    assert excused_windows(facts, version, at(4)) == ((at(1), at(3)),)
    assert excused_windows(facts, version, at(5)) == ()
    assert why_not(facts, version, at(5)) == "cancelled"
    assert excused_windows(facts, version, EARLY - timedelta(days=1)) == ()


def test_an_edit_counts_from_when_we_first_had_it():
    first = announce(EARLY, 1, 3, update_id="u1")
    edited = announce(EARLY, 1, 9, update_id="u1", received_at=at(2))
    assert [one.said_at for one in announcements([edited, first, first])] == [EARLY, EARLY, at(2)]


@pytest.mark.parametrize(
    ("fields", "count"),
    [
        ({}, 1),
        ({"speaker": Speaker.CUSTOMER}, 0),
        ({"flags": (Flag.TEST,)}, 0),
        ({"claimed_end_at": at(1)}, 0),
        ({"claimed_end_at": None}, 0),
        ({"kind": Kind.INCIDENT}, 0),
    ],
    ids=["a window", "not the provider's word", "a test", "an empty window", "no end", "no maintenance"],
)
def test_only_the_providers_windows_are_announcements(fields, count):
    values = {"kind": Kind.MAINTENANCE, "claimed_at": at(1), "claimed_end_at": at(3), **fields}
    assert len(announcements([told(EARLY, Phase.REPORTED, "m", **values)])) == count


def test_a_stamp_that_our_looks_contradict_is_not_believed():
    backdated = announce(EARLY, 1, 3, received_after=at(0), received_at=at(0, 5))
    assert announcements([backdated])[0].said_at == at(0, 5)


@pytest.mark.parametrize(
    ("severity", "expected"),
    [("maintenance", 2.0), ("minor", 0.6), ("major", 2.0)],
    ids=["an unmapped word counts whole", "a mapped one by its weight", "another mapped one"],
)
def test_maintenance_weighs_by_its_severity(severity, expected):
    facts = (told(at(1), Phase.ENGAGED, "m", kind=Kind.MAINTENANCE, severity=severity, claimed_at=at(1)),
             told(at(3), Phase.RESOLVED, "m", kind=Kind.MAINTENANCE, severity=severity, claimed_at=at(3)))  # fmt: skip
    promised = [promise(weights={"major": "1.0", "minor": "0.3"})]
    assert hours(works(*facts), terms=None, availability=promised)[0] == pytest.approx(expected)
