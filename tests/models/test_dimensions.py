"""What counts in each dimension of a score: clocks, promises, repeats, honesty, reviews, availability."""

from dataclasses import replace
from datetime import timedelta

import pytest

from models.availability import Evidence, availability
from models.dimensions import Lookback, dimensions, repeats
from models.documents import Documents
from models.months import Month, periods
from models.records import IncidentStatus, Objective, Verdict
from models.reviews import reviews
from models.scoring import Dimension
from tests.support import samples
from tests.support.reviews import contract, matter, meeting, utc, version

BEGIN, END, AS_OF = utc("2026-05-01 00:00"), utc("2026-06-01 00:00"), utc("2026-07-20 00:00")


def look(*matters, **fields):
    """Return a look back on May."""
    values = {"documents": Documents.of([contract()]), **fields}
    return Lookback("nimbus", BEGIN, END, AS_OF, tuple(matters), **values)


def incident(ordinal, *clocks, **fields):
    """Return an incident with these clocks, each (objective, verdict)."""
    base = matter(ordinal, **{"title": f"Trouble {ordinal}", "restored_at": samples.later(60), **fields})
    made = tuple(
        samples.clock(
            number, clock_id=f"{ordinal}-{number}", incident_id=base.incident.incident_id, objective=objective,
            verdict=verdict,
        )
        for number, (objective, verdict) in enumerate(clocks)
    )  # fmt: skip
    return replace(base, clocks=made)


def found(dimension, told):
    """Return one dimension as (n, good, open, unknown)."""
    (one,) = [one for one in dimensions(told) if one.dimension is dimension]
    return one.n, one.good, one.open, one.unknown


@pytest.mark.parametrize(
    ("dimension", "objective"),
    [
        (Dimension.RESPONSIVENESS, Objective.NOTIFY),
        (Dimension.RESPONSIVENESS, Objective.ACKNOWLEDGE),
        (Dimension.RESPONSIVENESS, Objective.RESPOND),
        (Dimension.RECOVERY, Objective.WORKAROUND),
        (Dimension.RECOVERY, Objective.RESTORE),
        (Dimension.RECOVERY, Objective.RESOLVE),
        (Dimension.EVIDENCE, Objective.ROOT_CAUSE),
    ],
)
def test_each_objective_counts_in_its_dimension_by_its_verdict(dimension, objective):
    verdicts = (
        Verdict.MET,
        Verdict.BREACHED,
        Verdict.RUNNING,
        Verdict.OVERDUE,
        Verdict.INDETERMINATE,
        Verdict.EXCLUDED,
    )
    told = look(incident(0, *((objective, one) for one in verdicts)))
    assert found(dimension, told) == (2, 1, 2, 1)


def test_recovery_of_incidents_under_a_hazard_is_a_dimension_of_its_own():
    clocks = ((Objective.RESTORE, Verdict.MET),)
    told = look(incident(0, *clocks), incident(1, *clocks, exposures=("storms/s-1",)))
    assert found(Dimension.DISASTERS, told) == (1, 1, 0, 0)
    assert found(Dimension.RECOVERY, told) == (2, 2, 0, 0)


def test_communication_is_update_clocks_and_promises():
    told = look(incident(0, (Objective.UPDATE, Verdict.MET)))
    assert found(Dimension.COMMUNICATION, told) == (2, 1, 0, 0)  # the sample's promise is broken
    unknown = look(incident(0, (Objective.UPDATE, Verdict.MET)), documents=Documents())
    assert found(Dimension.COMMUNICATION, unknown) == (1, 1, 0, 0)


@pytest.mark.parametrize(
    ("fields", "counts"),
    [
        ({}, True),
        ({"status": IncidentStatus.CANCELLED}, False),
        ({"status": IncidentStatus.MERGED}, False),
        ({"kind": "maintenance"}, False),
        ({"started_at": utc("2026-04-30 23:59")}, False),
        ({"started_at": END}, False),
    ],
    ids=["in May", "called off", "a duplicate", "maintenance", "before", "after"],
)
def test_incidents_that_began_in_the_period_count(fields, counts):
    assert (len(look(incident(0, **fields)).incidents) == 1) is counts


def test_what_begins_after_as_of_has_not_happened():
    early = replace(look(incident(0)), as_of=samples.STARTED)
    assert early.incidents == ()


def at(ordinal, days, **fields):
    """Return an incident that began so many days after the first, and lasted an hour."""
    started = samples.STARTED + timedelta(days=days)
    return incident(
        ordinal,
        **{"title": "Mail  is Delayed", "started_at": started, "restored_at": started + timedelta(hours=1), **fields},
    )


def test_the_same_title_soon_after_is_a_repeat():
    one, two, late = at(0, 0), at(1, 10, title="mail is delayed"), at(2, 60)
    assert repeats([two, one, late]) == {two.incident.incident_id: one.incident.incident_id}
    other = at(3, 5, title="Other")
    elsewhere = at(4, 5, services=("web",))
    assert repeats([one, other, elsewhere]) == {}
    nameless = [at(number, number, services=(), restored_at=None) for number in (5, 6)]
    assert len(repeats(nameless)) == 1


def test_stability_is_neither_repeated_nor_reopened():
    told = look(at(0, 0), at(1, 1), incident(2, reopened_count=1), incident(3))
    assert found(Dimension.STABILITY, told)[:2] == (4, 2)


def test_a_repeat_of_an_incident_before_the_period_counts():
    told = look(at(0, -10), at(1, 0))
    assert found(Dimension.STABILITY, told)[:2] == (1, 0)


def test_honesty_counts_incidents_that_can_be_checked():
    bare = replace(incident(1), facts=())
    assert found(Dimension.HONESTY, look(incident(0), bare)) == (1, 1, 0, 1)


def test_reviews_in_time_are_evidence_and_those_ahead_are_not():
    agreement = contract(version("2026-03-01"))
    held = meeting("2026-04", "2026-05-03 10:00")
    told = look(reviews=reviews(agreement, [held], AS_OF))
    assert found(Dimension.EVIDENCE, told) == (1, 1, 0, 0)
    assert found(Dimension.EVIDENCE, replace(told, reviews=reviews(agreement, [], AS_OF))) == (1, 0, 0, 0)
    late = meeting("2026-04", "2026-05-20 10:00")
    assert found(Dimension.EVIDENCE, replace(told, reviews=reviews(agreement, [late], AS_OF))) == (1, 0, 0, 0)


def test_services_and_months_that_are_over_are_judged_by_their_availability():
    agreement = contract(version(availability=[{"service": "mail", "objective": "99.9"}]))
    (part,) = periods(agreement, Month(2026, 5))
    promise = part.version.availability[0]
    over = availability(Evidence(), part, promise, AS_OF)
    running = availability(Evidence(), part, promise, utc("2026-05-10 00:00"))
    assert found(Dimension.COMMERCIAL, look(availabilities=(over, running))) == (1, 1, 1, 0)


def test_every_dimension_is_there_once_and_order_changes_nothing():
    matters = [incident(number, (Objective.RESTORE, Verdict.MET)) for number in range(4)]
    one, other = dimensions(look(*matters)), dimensions(look(*matters[::-1]))
    assert [each.dimension for each in one] == list(Dimension)
    assert one == other
