"""Hazards as documents: where they are, and what came of them."""

from datetime import timedelta
from typing import Any

import pytest

from holdfast.analysis.hazards import circle, hazards
from models.derived import HazardDocument
from models.exposure import distance_km
from models.notice import Area, Flag, Kind, Notice, Phase, Speaker
from tests.support.samples import STARTED, later, notice

SQUARE = ((50.0, 10.0), (50.0, 12.0), (52.0, 12.0), (52.0, 10.0), (50.0, 10.0))


def warning(ordinal: int = 0, **fields: Any) -> Notice:
    values: dict[str, Any] = {
        "source": "weather",
        "source_incident_id": "storm",
        "speaker": Speaker.AUTHORITY,
        "kind": Kind.HAZARD,
        "provider": None,
        "title": "Storm",
        "severity": "severe",
        "claimed_at": STARTED,
        "claimed_end_at": later(600),
        "area": Area(description="The north", polygons=(SQUARE,)),
    }
    return notice(ordinal, **{**values, **fields})


def told(*notices: Notice, touched: dict[str, list[str]] | None = None) -> list[HazardDocument]:
    return list(hazards(notices, touched or {}, STARTED + timedelta(days=2)))


def test_a_hazard_names_whom_it_exposes_and_what_it_touched() -> None:
    exposed = warning(1, kind=Kind.EXPOSURE, provider="nimbus", area=None)
    (found,) = told(warning(), exposed, exposed, touched={"weather/storm": ["b", "a", "b"]})
    assert (found.hazard, found.providers, found.incidents, found.incident_count) == (
        "weather/storm", ("nimbus",), ("a", "b"), 2,
    )  # fmt: skip
    assert (found.started_at, found.ended_at, found.area) == (STARTED, later(600), "The north")


def test_its_last_word_counts_and_its_first_begin() -> None:
    second = warning(
        1, phase=Phase.UPDATE, severity="extreme", claimed_at=later(60), claimed_end_at=later(900), area=None
    )
    (found,) = told(second, warning())
    assert (found.phase, found.severity, found.started_at, found.ended_at) == ("update", "extreme", STARTED, later(900))
    assert found.location is not None, "the update names no area: the one before holds"


def test_a_warning_that_was_cancelled_ended_when_it_was() -> None:
    cancelled = warning(1, phase=Phase.CANCELLED)
    (found,) = told(warning(), cancelled)
    assert (found.phase, found.ended_at) == ("cancelled", cancelled.received_at)


def test_exercises_and_what_is_not_known_yet_are_left_out() -> None:
    assert told(warning(flags=(Flag.TEST,)), warning(1, received_at=STARTED + timedelta(days=3))) == []


def test_an_area_of_codes_only_has_no_place() -> None:
    (found,) = told(warning(area=Area(geocodes=(("EMMA_ID", "PL805"),))))
    assert (found.location, found.radius_km) == (None, None)


@pytest.mark.parametrize(
    ("area", "middle", "radius_km"),
    [
        (Area(circles=((60.0, 10.0, 100.0),)), (60.0, 10.0), 100.0),
        (Area(polygons=(SQUARE,)), (51.0, 11.0), distance_km(51.0, 11.0, 50.0, 10.0)),
        (Area(circles=((0.0, 179.0, 50.0), (0.0, -179.0, 50.0))), (0.0, 180.0), distance_km(0, 180, 0, 179) + 50),
        (
            Area(polygons=(((-1.0, 179.0), (-1.0, -179.0), (1.0, -179.0), (1.0, 179.0), (-1.0, 179.0)),)),
            (0.0, 180.0),
            distance_km(0, 180, 1, 179),
        ),
    ],
    ids=["a circle", "a square", "circles on both sides of the date line", "a square over the date line"],
)
def test_the_middle_and_a_circle_that_holds_the_area(area: Area, middle: tuple[float, float], radius_km: float) -> None:
    location, radius = circle(area)
    assert location is not None
    assert location.lat == pytest.approx(middle[0], abs=0.01)
    assert location.lon % 360 == pytest.approx(middle[1] % 360, abs=0.01)
    assert radius == pytest.approx(radius_km, rel=0.01)
