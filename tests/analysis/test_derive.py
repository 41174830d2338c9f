"""From a small record to all that is derived: days add up, open clocks count as long as they ran, order is nothing."""

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from holdfast.analysis import Evidence, derive
from holdfast.analysis.counted import Ending, counted
from holdfast.sample import Shape, history
from models.derived import DERIVED, AvailabilityDay, PromiseDocument
from models.document import Document
from models.records import Basis
from tests.support.evidence import evidence_of

SHAPE = Shape(seed=2, providers=1, begin=datetime(2026, 4, 1, tzinfo=UTC), months=1, incidents_per_month=8)
MIDDLE = datetime(2026, 4, 16, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return evidence_of(history(SHAPE))


@pytest.fixture(scope="module")
def derived(evidence: Evidence) -> list[Document]:
    return list(derive(evidence, SHAPE.end))


def test_every_kind_is_there_and_every_id_once(derived: list[Document]) -> None:
    assert {type(one) for one in derived} == set(DERIVED.values())
    assert len({(type(one), one.document_id()) for one in derived}) == len(derived)


def test_order_and_copies_change_nothing(evidence: Evidence, derived: list[Document]) -> None:
    shuffled = replace(
        evidence,
        matters=(*reversed(evidence.matters), evidence.matters[0]),
        notices=(*reversed(evidence.notices), *evidence.notices[:3]),
        communications=tuple(reversed(evidence.communications)),
    )
    assert [one.to_wire() for one in derive(shuffled, SHAPE.end)] == [one.to_wire() for one in derived]


def test_days_of_a_month_add_up(derived: list[Document]) -> None:
    by_service = defaultdict(list)
    for one in derived:
        if isinstance(one, AvailabilityDay) and one.day < SHAPE.end - timedelta(days=1):
            by_service[one.service].append(one)
    assert by_service
    for days in by_service.values():
        months = defaultdict(list)
        for one in sorted(days, key=lambda day: day.day):
            months[one.budget_s, (one.day + timedelta(hours=14)).month].append(one)
        spent = [day.spent_s for day in days]
        assert max(spent) == pytest.approx(max(sum(day.agreed_down_s for day in mine) for mine in months.values()))
        assert all(day.left_share == pytest.approx(1 - day.spent_s / day.budget_s) for day in days)
        assert all(0 <= day.agreed_down_s <= day.service_s <= 86400 + 3600 for day in days)


def test_what_stopped_later_ran_then_for_as_long_as_it_had(evidence: Evidence) -> None:
    stops = {clock.clock_id: clock for matter in evidence.matters for clock in matter.clocks}
    at_end = {one.clock_id: one for one in counted(evidence.standing, evidence.documents, SHAPE.end)}
    for clock_id, one in at_end.items():
        stopped, before = stops[clock_id].stopped_at, stops[clock_id].started_at
        if not one.is_judged or stopped is None or before is None or stopped - before < timedelta(hours=2):
            continue
        then = {
            early.clock_id: early
            for early in counted(evidence.standing, evidence.documents, stopped - timedelta(minutes=1))
        }[clock_id]
        assert then.ending is Ending.CENSORED
        assert then.length_s is None or then.length_s <= one.length_s
        return
    pytest.fail("the history has no clock that ran for two hours")


def test_nothing_that_began_later_is_counted(evidence: Evidence) -> None:
    found = list(counted(evidence.standing, evidence.documents, MIDDLE))
    assert found
    assert all(one.began_at < MIDDLE for one in found)


def test_without_the_agreement_an_open_clock_has_no_length(evidence: Evidence) -> None:
    unsigned = replace(evidence.documents, agreements={})
    running = [one for one in counted(evidence.standing, unsigned, MIDDLE) if one.ending is Ending.CENSORED]
    assert {one.length_s for one in running} <= {None}
    assert {one.metric for one in counted(evidence.standing, unsigned, SHAPE.end)} <= {
        f"{one.incident.agreement}/{one.incident.agreement_version}" for one in evidence.matters
    }


def test_versions_that_differ_in_targets_only_measure_alike(evidence: Evidence) -> None:
    metrics = {one.metric for one in counted(evidence.standing, evidence.documents, SHAPE.end)}
    assert {one.incident.agreement_version for one in evidence.matters} >= {"1", "2"}
    assert len(metrics) == 1


def test_promises_are_told_on_all_bases(derived: list[Document]) -> None:
    promises = [one for one in derived if isinstance(one, PromiseDocument)]
    assert {one.basis for one in promises} == set(Basis)
    assert all((one.late_s is not None) == (one.keeping == "late") for one in promises)


def test_nothing_gives_nothing() -> None:
    assert list(derive(Evidence(history(SHAPE).documents), SHAPE.end)) == []
