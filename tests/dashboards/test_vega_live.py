"""What the Vega-Lite panels draw of the seeded month: their requests, run on the real Elasticsearch."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest

from dashboards.kibana.boards import BOARDS
from dashboards.kibana.data_views import data_views
from dashboards.kibana.models import Vega
from dashboards.kibana.searches import length_of, search_of_request
from dashboards.kibana.vega import filled, rows_in
from dashboards.kibana.vega_hazards import hazard_grid
from dashboards.kibana.vega_silence import silence_map
from dashboards.kibana.vega_timeline import LINES, time_line
from models.instants import parse_instant
from models.topics import Names
from tests.support.drawings import marks, not_numbers
from tests.support.seeded import Seeded

pytestmark = pytest.mark.live

DRAWINGS = [
    pytest.param(own, panel.id, id=f"{own}/{panel.id}")
    for own, make in BOARDS.items()
    for panel in make(Names()).panels
    if isinstance(panel.config, Vega)
]


def _answer(seeded: Seeded, panel: Vega, since: datetime, controls: str = "") -> Mapping[str, Any]:
    """Return what the panel's only request is answered."""
    (request,) = panel.requests
    view = next(one for one in data_views(seeded.names) if one.id == request.data_source.ref_id)
    body = search_of_request(request, view, since, seeded.now, controls)
    return {request.name: seeded.client.search(index=view.title, body=body).body}


def _rows(seeded: Seeded, panel: Vega, controls: str = "") -> list[Any]:
    (request,) = panel.requests
    return rows_in(_answer(seeded, panel, seeded.begin, controls)[request.name], request.rows)


def _incident(seeded: Seeded) -> tuple[str, int]:
    """Return the incident with most entries, and their number."""
    return Counter(one["incident_id"] for one in seeded.wire["timelines"]).most_common(1)[0]


@pytest.mark.parametrize(("own", "panel_id"), DRAWINGS)
def test_every_vega_panel_of_every_board_draws_the_month(
    seeded: Seeded, own: str, panel_id: str, capfd: pytest.CaptureFixture[str]
) -> None:
    board = BOARDS[own](seeded.names)
    config = next(one.config for one in board.panels if one.id == panel_id)
    assert isinstance(config, Vega)
    incident = any(one.field_name == "incident_id" for one in board.controls)
    controls = f'incident_id : "{_incident(seeded)[0]}"' if incident else board.chosen()
    since = seeded.now - length_of(board.time_from.removeprefix("now-"))
    spec = filled(config, _answer(seeded, config, since, controls))
    found = marks({**spec, "width": 800, "height": 400})
    assert len(found) >= 3
    assert not_numbers(found) == []
    assert capfd.readouterr() == ("", "")


def test_the_time_line_asks_for_every_entry_of_the_chosen_incident(seeded: Seeded) -> None:
    incident, count = _incident(seeded)
    rows = _rows(seeded, time_line(seeded.names), f'incident_id : "{incident}"')
    wanted = [one for one in seeded.wire["timelines"] if one["incident_id"] == incident]
    assert len(rows) == count <= LINES
    assert sorted(row["_source"]["refers_to"] for row in rows) == sorted(one["refers_to"] for one in wanted)
    begins = [parse_instant(row["_source"]["starts_at"]) for row in rows]
    assert begins == sorted(begins)


def test_the_silence_map_has_each_hour_once(seeded: Seeded) -> None:
    rows = _rows(seeded, silence_map(seeded.names))
    found = {
        (row["key"], cell["key"]): (cell["n"]["value"], cell["breached"]["value"])
        for row in rows
        for cell in row["hours"]["buckets"]
    }
    chosen = {"tally": "hour", "objective": "update", "basis": "agreed", "service": "*", "priority": "*"}
    wanted = {
        (one["provider"], one["hour"]): (one["n"], one["breached"])
        for one in seeded.wire["scorecards"]
        if chosen.items() <= one.items() and one["hour"] is not None and one["weekday"] is None
    }
    assert found == wanted
    assert sum(n for n, _ in found.values()) > 20


def test_the_hazard_grid_has_the_hazards_that_began_in_the_chosen_time(seeded: Seeded) -> None:
    rows = _rows(seeded, hazard_grid(seeded.names))
    assert {row["_source"]["hazard"] for row in rows} == {
        one["hazard"]
        for one in seeded.wire["hazards"]
        if seeded.begin <= parse_instant(one["started_at"]) <= seeded.now
    }
    assert rows
