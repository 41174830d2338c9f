"""When a budget burns too fast: the instant, over an hour and its last five minutes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from models.agreement import Agreement
from models.burning import PRECISION, burning
from models.fact import fact_of
from models.failures import Trouble
from models.incident import Contract
from models.notice import Kind, Phase
from tests.models.test_book import said
from tests.support.ledger import AGREEMENT

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def contract(*availability: dict[str, Any], **version: Any) -> Contract:
    first: Any = AGREEMENT["versions"][0]
    promised = list(availability) or [{"service": "mail", "objective": 99}]
    found = Agreement.model_validate({**AGREEMENT, "versions": [{**first, "availability": promised, **version}]})
    return Contract(found, found.versions[0])


def trouble(
    begin: float, end: float | None = None, name: str = "one", services: tuple[str, ...] = ("mail",)
) -> Trouble:
    words = [said(begin, Phase.REPORTED, source_incident_id=name, received_at=at(begin))]
    if end is not None:
        words.append(said(end, Phase.RESOLVED, source_incident_id=name, received_at=at(end)))
    return Trouble(name, Kind.INCIDENT, services, tuple(fact_of(word) for word in words))


def crossed(
    rate: float, *troubles: Trouble, under: Contract | None = None, now: float = 0, service: str | None = None
) -> float | None:
    """Return the minute, rounded to a tenth."""
    found = burning(troubles, under or contract(), ("mail",), at(now))(rate, service)
    return None if found is None else round((found - NOON).total_seconds() / 60, 1)


OFFICE = {"hours": "office"}
CALENDARS = {"calendars": {"office": {"hours": {"mon": ["14:00-18:00"]}}}}


def test_six_minutes_down_take_a_tenth_of_the_hour() -> None:
    assert crossed(10, trouble(0)) == 6.0
    assert crossed(5, trouble(0)) == 3.0
    assert crossed(10, trouble(0), now=60) == 6.0, "it was crossed then, whenever somebody asks"


def test_it_is_the_last_instant_of_the_search_at_most_a_second_late() -> None:
    found = burning((trouble(0),), contract(), ("mail",), NOON)(10, None)
    assert found is not None
    assert at(6) <= found <= at(6) + PRECISION


def test_what_ended_before_does_not_burn() -> None:
    assert crossed(10, trouble(0, 5), now=30) is None
    assert crossed(10, trouble(0, 5), now=5) is None, "what ends just now does not last"


def test_short_troubles_within_an_hour_add_up_but_not_beyond_it() -> None:
    assert crossed(10, trouble(-20, -16), trouble(0, name="two"), now=1) == 2.0
    assert crossed(10, trouble(-90, -86), trouble(0, name="two"), now=1) == 6.0


def test_a_rate_above_what_all_of_an_hour_can_burn_is_never_reached() -> None:
    assert crossed(101, trouble(0)) is None
    assert crossed(99, trouble(0)) == 59.4


@pytest.mark.parametrize(
    ("under", "service", "minute"),
    [
        (contract(), "mail", 6.0),
        (contract(), "web", None),
        (contract({"service": "web", "objective": 99}, services=["mail", "web"]), None, None),
        (contract({"service": "mail", "objective": 100}), None, None),
        (contract({"service": "mail", "objective": 99, **OFFICE}, **CALENDARS), None, 120.1),
    ],
    ids=[
        "the service that is named", "another one", "nothing promised for its services", "no budget at all",
        "closed hours owe nothing",
    ],
)  # fmt: skip
def test_which_budget(under: Contract, service: str | None, minute: float | None) -> None:
    found = crossed(10, trouble(0), under=under, service=service, now=90)
    assert found is None if minute is None else found == pytest.approx(minute, abs=0.2)


def test_a_trouble_of_another_service_burns_nothing() -> None:
    assert crossed(10, trouble(0, services=("web",))) is None
