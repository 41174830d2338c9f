"""The Vega-Lite panels, filled with answers and drawn: marks, no NaN, no warnings."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from dashboards.kibana.models import Vega
from dashboards.kibana.vega import filled
from dashboards.kibana.vega_hazards import hazard_grid
from dashboards.kibana.vega_silence import silence_map
from dashboards.kibana.vega_timeline import LANES, time_line
from models.derived import Lane
from models.topics import Names
from tests.support.drawings import marks, not_numbers

NAMES = Names("t")
DRAWINGS = (time_line, hazard_grid, silence_map)


def _hits(*sources: dict[str, Any]) -> dict[str, Any]:
    return {"hits": {"hits": [{"_source": source} for source in sources]}}


def _entry(lane: Lane, what: str, begin: int, end: int | None = None, incident: str = "one") -> dict[str, Any]:
    ends_at = None if end is None else f"2026-05-03T{end:02d}:00:00Z"
    return {
        "incident_id": incident, "lane": lane.value, "what": what, "who": "ana", "text": "words",
        "starts_at": f"2026-05-03T{begin:02d}:00:00Z", "ends_at": ends_at, "known_at": f"2026-05-03T{begin:02d}:00:00Z",
        "refers_to": "notices/1",
    }  # fmt: skip


def _hazard(number: int, place: dict[str, float] | None, radius_km: float | None, touched: int) -> dict[str, Any]:
    return {
        "hazard": f"weather/{number}", "title": f"Storm {number}", "severity": "severe", "phase": "ended",
        "started_at": "2026-05-03T10:00:00Z", "ended_at": None, "radius_km": radius_km, "providers": ["nimbus"],
        "incident_count": touched, "area": None, "location": place,
    }  # fmt: skip


def _hours(*cells: tuple[int, float, float]) -> dict[str, Any]:
    hours = [{"key": hour, "n": {"value": n}, "breached": {"value": late}} for hour, n, late in cells]
    return {"aggregations": {"by": {"buckets": [{"key": "nimbus", "hours": {"buckets": hours}}]}}}


FILLED: dict[Callable[[Names], Vega], dict[str, Any]] = {
    time_line: _hits(*(_entry(lane, f"word {number}", number, number + 2) for number, lane in enumerate(Lane))),
    hazard_grid: _hits(_hazard(1, {"lat": 50.1, "lon": 8.7}, 120, 3), _hazard(2, {"lat": 52, "lon": 13}, None, 0)),
    silence_map: _hours((0, 9, 3), (13, 7, 7), (23, 2, 1)),
}


def _drawn(build: Callable[[Names], Vega], answer: dict[str, Any]) -> dict[str, Any]:
    panel = build(NAMES)
    return {**filled(panel, {panel.requests[0].name: answer}), "width": 600, "height": 300}


@pytest.mark.parametrize("build", DRAWINGS)
def test_a_drawing_has_marks_and_no_nan_and_no_warning(
    build: Callable[[Names], Vega], capfd: pytest.CaptureFixture[str]
) -> None:
    found = marks(_drawn(build, FILLED[build]))
    assert len(found) >= 3
    assert not_numbers(found) == []
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("build", DRAWINGS)
def test_an_empty_index_draws_nothing_and_breaks_nothing(build: Callable[[Names], Vega]) -> None:
    found = marks(_drawn(build, {"hits": {"hits": []}}))
    assert [one for one in found if one["marktype"] not in ("rule", "line")] == []


@pytest.mark.parametrize("build", DRAWINGS)
def test_a_specification_is_strict_json_of_vega_lite_5_and_names_its_requests(build: Callable[[Names], Vega]) -> None:
    panel = build(NAMES)
    assert json.loads(json.dumps(panel.spec, allow_nan=False)) == panel.spec
    assert panel.spec["$schema"] == "https://vega.github.io/schema/vega-lite/v5.json"
    assert [panel.spec["data"]["name"]] == [one.name for one in panel.requests]
    assert "query" not in panel.requests[0].body, "Kibana puts the dashboard's filters there"


def test_spans_are_bars_and_moments_are_diamonds() -> None:
    answer = _hits(_entry(Lane.CLAIMED, "outage", 1, 3), _entry(Lane.PAGE, "paged", 2), _entry(Lane.PAGE, "paged", 3))
    assert sorted(one["marktype"] for one in marks(_drawn(time_line, answer))) == ["rect", "symbol", "symbol"]


def test_every_lane_has_a_colour_of_its_own() -> None:
    assert set(LANES) == set(Lane)
    assert len(set(LANES.values())) == len(Lane)


def test_two_incidents_are_not_mixed_but_told() -> None:
    answer = _hits(_entry(Lane.CLAIMED, "outage", 1, 3), _entry(Lane.CLAIMED, "outage", 2, 4, incident="two"))
    (told,) = marks(_drawn(time_line, answer))
    assert told["text"] == "Choose one incident at the top; these are 2"


def test_a_hazard_without_a_place_is_left_out_and_one_without_a_radius_is_drawn() -> None:
    answer = _hits(_hazard(1, None, 50, 1), _hazard(2, {"lat": 1, "lon": 2}, None, 1))
    found = marks(_drawn(hazard_grid, answer))
    assert [one["text"] for one in found if one["marktype"] == "text"] == ["Storm 2"]


def test_circles_are_round_whatever_the_panel_s_shape() -> None:
    both = (_hazard(1, {"lat": 50, "lon": 9}, 100, 1), _hazard(2, {"lat": 51, "lon": 12}, 90, 1))
    for line in _lines(marks(_drawn(hazard_grid, _hits(*both)))):
        wide = max(x for x, _ in line) - min(x for x, _ in line)
        high = max(y for _, y in line) - min(y for _, y in line)
        assert wide == pytest.approx(high, rel=0.05)


def _lines(found: list[dict[str, Any]]) -> list[list[tuple[float, float]]]:
    """Return the points of each line: a circle begins where its angle is nought, at its eastern end."""
    points = [(one["x"], one["y"]) for one in found if one["marktype"] == "line"]
    assert len(points) == 2 * 25, "two circles, a point each 15 degrees and the first again"
    return [points[:25], points[25:]]


def test_below_five_cases_an_hour_shows_its_number_and_no_share() -> None:
    found = marks(_drawn(silence_map, _hours((0, 9, 3), (23, 2, 1))))
    cells = [one["fill"] for one in found if one["marktype"] == "rect"]
    assert sorted(one["text"] for one in found if one["marktype"] == "text") == ["2", "9"]
    assert cells[1] == "#eeeeee"
    assert cells[0] != "#eeeeee"
