"""When each condition of a rung is reached, and the words for why it is not."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from models.clocks import measure
from models.conditions import Circumstances, never_burns, reached
from models.fact import fact_of
from models.notice import Phase
from models.policy import Condition
from models.priority import Rise
from models.records import Basis, Objective
from tests.models.test_book import said
from tests.support.ledger import documents

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def burns(rate: float, service: str | None) -> datetime | None:
    return at(6) if rate <= 14 and service in (None, "mail") else None


AROUND = Circumstances(
    rises=(Rise(at(0), "p3"), Rise(at(20), "p2"), Rise(at(40), "p1")),
    broken_at=(at(30), at(90)),
    exposed_since=at(5),
    burns=burns,
)
REACHED: dict[str, tuple[dict[str, Any], float | None, str | None]] = {
    "a promise: the first that breaks": ({"promise": "broken"}, 30, None),
    "a promise and some time past it": ({"promise": "broken", "after": "10m"}, 40, None),
    "a priority: when it was reached": ({"priority": "p2"}, 20, None),
    "a priority below all": ({"priority": "p3"}, 0, None),
    "a priority that was skipped": ({"priority": "p1", "after": "1h"}, 100, None),
    "exposure": ({"exposure": True}, 5, None),
    "a burn rate of any service": ({"burn_rate": 14}, 6, None),
    "a burn rate of one service": ({"burn_rate": 10, "service": "mail"}, 6, None),
    "a burn rate that it does not reach": ({"burn_rate": 15}, None, "the error budget does not burn so fast"),
    "silence is not decided here": ({"silence": True}, None, None),
    "a clock that is not promised": ({"objective": "restore", "breached": True}, None, "no such clock"),
}


@pytest.mark.parametrize("name", REACHED)
def test_reached(name: str) -> None:
    fields, minute, why = REACHED[name]
    found, told = reached(Condition.model_validate(fields), AROUND)
    assert found == (None if minute is None else at(minute))
    assert (told or "").startswith(why or "") if minute is not None else (why or "") in (told or "")


NOTHING = {
    "promise": ({"promise": "broken"}, "no promise is open or broken"),
    "priority": ({"priority": "p1"}, "the priority is below p1"),
    "exposure": ({"exposure": True}, "no hazard is known over its sites"),
    "burn rate": ({"burn_rate": 1}, "the error budget does not burn so fast"),
}


@pytest.mark.parametrize("name", NOTHING)
def test_where_nothing_leads_to_it_the_reason_is_told(name: str) -> None:
    fields, why = NOTHING[name]
    assert reached(Condition.model_validate(fields), Circumstances()) == (None, f"not reached: {why}")


@pytest.mark.parametrize(("over", "is_told"), [(29, False), (30, False), (30.1, True)])
def test_what_is_over_by_then_is_not_reached(over: float, is_told: bool) -> None:
    around = Circumstances(broken_at=(at(30),), ended_at=at(over))
    found, why = reached(Condition.model_validate({"promise": "broken"}), around)
    assert (found is not None) is is_told
    assert why == (None if is_told else "not reached: it was over before")


def test_nobody_computes_a_burn_rate_that_no_rung_asks_for() -> None:
    assert never_burns(1.0, None) is None


def test_the_clocks_of_an_objective_are_the_agreed_ones() -> None:
    version = documents().agreements["nimbus-sla"].versions[0]
    readings = measure([fact_of(said(0, Phase.REPORTED))], version, at(10))
    around = Circumstances.of_readings(readings)
    assert [one.basis for one in around.clocks(Objective.RESTORE)] == [Basis.AGREED]
    assert around.clocks(None) == []
