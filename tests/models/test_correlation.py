"""Which witnesses join which of the provider's records: services, times, the nearest begin; whatever the order."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.correlation import REACH, Span, groups, home_of, touches
from models.notice import Kind

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def span(
    name: str, begin: float, end: float | None = None, *services: str, witness: bool = False, **fields: Any
) -> Span:
    """A member in trouble from a minute after noon to another; an open end is None."""
    at = NOON + timedelta(minutes=begin)
    values: dict[str, Any] = {
        "member": ("probes" if witness else "status", name),
        "is_witness": witness,
        "kind": Kind.INCIDENT,
        "services": frozenset(services),
        "begin": at,
        "end": None if end is None else NOON + timedelta(minutes=end),
        "first_received": at,
        "last_received": at,
    }
    return Span(**{**values, **fields})


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (span("a", 0, 10, "mail"), span("b", 5, 20, "mail"), True),
        (span("a", 0, 10, "mail"), span("b", 5, 20, "web"), False),
        (span("a", 0, 10), span("b", 5, 20, "web"), True),
        (span("a", 0, 10, "mail"), span("b", 40, 50, "mail"), True),
        (span("a", 0, 10, "mail"), span("b", 41, 50, "mail"), False),
        (span("a", 0, None, "mail"), span("b", 9000, None, "mail"), True),
        (span("a", 100, None, "mail"), span("b", 0, 69, "mail"), False),
    ],
    ids=[
        "overlap",
        "other service",
        "no service is all",
        "half an hour apart",
        "more apart",
        "both open",
        "ended before",
    ],
)
def test_spans_touch_where_services_and_times_meet(one: Span, other: Span, expected: bool) -> None:
    assert touches(one, other) is expected
    assert touches(other, one) is expected


def test_a_witness_joins_the_record_that_began_nearest() -> None:
    records = [span("long", -300, None, "mail"), span("near", -2, None, "mail"), span("web", 0, None, "web")]
    assert home_of(span("w", 0, None, "mail", witness=True), records) == ("status", "near")


DAY = 24 * 60


@pytest.mark.parametrize(
    ("begin", "expected"),
    [(-3 * 365 * DAY, None), (-DAY - 1, None), (-DAY, "r"), (0, "r"), (9 * DAY, "r")],
    ids=[
        "an alert left firing for years is no witness",
        "a minute more than a day before is too early",
        "a day before is not",
        "at the same time",
        "days into an incident that lasts",
    ],
)
def test_a_witness_joins_only_what_began_within_a_day_of_it_or_before(begin: int, expected: str | None) -> None:
    home = home_of(span("w", begin, None, "mail", witness=True), [span("r", 0, None, "mail")])
    assert home == (expected and ("status", expected))


def test_a_forgotten_alert_stands_alone_and_moves_no_start() -> None:
    forgotten = span("forgotten", -800 * DAY, None, "mail", witness=True)
    found = [forgotten, span("r1", 0, None, "mail"), span("w1", -5, 30, "mail", witness=True)]
    assert set(groups({one.member: one for one in found})) == {
        (("probes", "w1"), ("status", "r1")),
        (("probes", "forgotten"),),
    }


def test_a_forgotten_alert_does_not_swallow_later_ones_that_nobody_admits() -> None:
    found = [
        span("forgotten", -800 * DAY, None, "mail", witness=True),
        span("w1", 0, None, "mail", witness=True),
        span("w2", DAY - 1, None, "mail", witness=True),
        span("w3", 2 * DAY - 2, None, "mail", witness=True),
    ]
    assert {tuple(sorted(name for _, name in group)) for group in groups({one.member: one for one in found})} == {
        ("forgotten",),
        ("w1", "w2", "w3"),
    }


def test_maintenance_takes_no_witness() -> None:
    planned = span("m", 0, 60, "mail", kind=Kind.MAINTENANCE)
    assert home_of(span("w", 1, 5, "mail", witness=True), [planned]) is None


def test_witnesses_that_no_record_takes_are_one_incident_where_they_touch() -> None:
    found = [
        span("w1", 0, 10, "mail", witness=True),
        span("w2", 30, 40, "mail", witness=True),
        span("w3", 65, 70, "mail", witness=True),
        span("far", 900, 910, "mail", witness=True),
    ]
    assert {tuple(sorted(name for _, name in group)) for group in groups({one.member: one for one in found})} == {
        ("w1", "w2", "w3"),
        ("far",),
    }


def test_two_records_of_the_provider_stay_two_incidents() -> None:
    found = [span("a", 0, None, "mail"), span("b", 1, None, "mail")]
    assert len(groups({one.member: one for one in found})) == 2


@given(
    st.lists(
        st.tuples(
            st.integers(0, 500) | st.integers(0, 5000),
            st.none() | st.integers(0, 90),
            st.sampled_from(["mail", "web", ""]),
            st.booleans(),
        ),
        max_size=8,
    ),
    st.randoms(use_true_random=False),
)
def test_the_order_in_which_members_become_known_does_not_matter(
    told: list[tuple[int, int | None, str, bool]], order: Any
) -> None:
    found = [
        span(
            str(number),
            begin,
            None if length is None else begin + length,
            *([service] if service else []),
            witness=seen,
        )
        for number, (begin, length, service, seen) in enumerate(told)
    ]
    shuffled = list(found)
    order.shuffle(shuffled)
    straight = groups({one.member: one for one in found})
    for group in straight:
        records = [one for one in found if one.member in group and not one.is_witness]
        assert all(record.begin - one.begin <= REACH for record in records for one in found if one.member in group)
    assert set(straight) == set(groups({one.member: one for one in shuffled}))
    assert sorted(member for group in straight for member in group) == sorted(one.member for one in found)
