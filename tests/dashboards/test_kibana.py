"""The dashboard as code: its parts fit each other, the index templates, the published API and the committed files."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from openapi_schema_validator import OAS30Validator
from pydantic import ValidationError

import dashboards.kibana.lint
from dashboards.kibana.boards import dashboards as all_dashboards
from dashboards.kibana.boards.live_operations import live_operations
from dashboards.kibana.data_views import data_views
from dashboards.kibana.lint import flatten, lint
from dashboards.kibana.load import files
from dashboards.kibana.models import ByTerms, Dashboard, Grid, Kql, Source, Statistic
from dashboards.kibana.readings import readings_of
from dashboards.templates import KINDS, mapping
from models.topics import Names
from tests.support.corpus import corpus_dir

NAMES = Names()
FIELDS = {kind: flatten(mapping(kind)["properties"]) for kind in KINDS}
GENERATED = Path(dashboards.kibana.lint.__file__).parent / "generated"
API_DESCRIPTION = "dashboards-openapi-2026-05-11.json"


def _with(panel_id: str, **fields: Any) -> Dashboard:
    """Return the dashboard with one panel changed."""
    whole = live_operations(NAMES)
    panels = tuple(one.model_copy(update=fields) if one.id == panel_id else one for one in whole.panels)
    return whole.model_copy(update={"panels": panels})


def _config(panel_id: str, **fields: Any) -> Dashboard:
    panel = next(one for one in live_operations(NAMES).panels if one.id == panel_id)
    return _with(panel_id, config=panel.config.model_copy(update=fields))


def test_nothing_is_wrong_with_the_dashboards() -> None:
    for dashboard in all_dashboards(NAMES):
        assert lint(dashboard, data_views(NAMES), FIELDS) == []


@pytest.mark.parametrize(
    ("dashboard", "finding"),
    [
        (_with("open-table", grid=Grid(x=1, y=17, w=24, h=12)), "open-table and clock-table overlap"),
        (_with("clock-table", grid=Grid(x=25, y=17, w=24, h=12)), "clock-table: reaches past column 48"),
        (_with("clock-table", id="open-table"), "two parts have the id 'open-table'"),
        (_config("open-table", data_source=Source(ref_id="nothing")), "open-table: no data view 'nothing'"),
        (_config("open-table", query=Kql(expression='state : "open"')), "no field 'state'"),
        (_config("open-table", query=Kql(expression='title : "open"')), "'title' is analysed text"),
        (_config("dead-letters", ignore_global_filters=None), "control 'Provider' would empty it"),
        (_config("open-table", query=Kql(expression="status : 'open'")), "quotation marks are double"),
        (_config("open-table", rows=(ByTerms(fields=("title",)),)), "terms does not take 'title', a text"),
        (
            _config("open-table", metrics=(Statistic(operation="max", field="provider"),)),
            "max does not take 'provider', a keyword",
        ),
    ],
)
def test_seeded_faults_are_found(dashboard: Dashboard, finding: str) -> None:
    assert any(finding in one for one in lint(dashboard, data_views(NAMES), FIELDS))


def test_a_time_field_is_a_date_and_a_control_a_keyword() -> None:
    whole = live_operations(NAMES)
    views = [view.model_copy(update={"time_field": "provider"}) for view in data_views(NAMES) if view.time_field]
    control = whole.controls[0].model_copy(update={"field_name": "started_at"})
    findings = lint(whole.model_copy(update={"controls": (control,)}), [*data_views(NAMES), *views[:1]], FIELDS)
    assert any("is no date" in one for one in findings)
    assert any("no keyword 'started_at'" in one for one in findings)


@pytest.mark.parametrize(
    "bad", [{"x": 0, "y": 0, "w": 60, "h": 5}, {"x": -1, "y": 0, "w": 8, "h": 5}, {"x": 0, "y": 0}]
)
def test_a_place_outside_the_grid_can_not_be_written(bad) -> None:
    with pytest.raises(ValidationError):
        Grid(**bad)


def test_what_asks_for_the_present_is_not_narrowed_by_the_time_picker() -> None:
    """An incident of last week that is still open must stay on the dashboard."""
    untimed = {view.id for view in data_views(NAMES) if view.time_field is None}
    present = [panel for panel in live_operations(NAMES).panels if ", now" in panel.config.title]
    assert len(present) == 9
    for panel in present:
        assert {reading.source.ref_id for reading in readings_of(panel)} <= untimed, panel.id


def test_the_committed_files_are_what_the_code_builds() -> None:
    """Run `holdfast dashboards build dashboards/kibana/generated` after a change."""
    built = files(NAMES)
    assert {path.name: path.read_bytes() for path in GENERATED.iterdir()} == built
    assert files(NAMES) == built


def test_another_prefix_is_another_dashboard() -> None:
    other = Names("lab")
    assert b"holdfast" not in b"".join(files(other).values()).replace(b"`holdfast dead-letters`", b"")
    assert lint(live_operations(other), data_views(other), FIELDS) == []


@pytest.mark.corpus
def test_the_dashboard_fits_the_published_description_of_the_api() -> None:
    """Skipped where the description is not at hand: its licence lets us read it, not ship it."""
    path = corpus_dir("../kibana") / API_DESCRIPTION
    schemas = orjson.loads(path.read_bytes())["components"]
    _relax(schemas)
    schema = {"$ref": "#/components/schemas/kbn-dashboard-data", "components": schemas}
    validator = OAS30Validator(schema)
    for dashboard in all_dashboards(NAMES):
        assert [error.message[:300] for error in validator.iter_errors(dashboard.to_api())] == []
    body = live_operations(NAMES).to_api()
    body["panels"][1]["config"]["metrics"][0]["operation"] = "number_of"
    assert list(validator.iter_errors(body)) != []


def _relax(node: Any) -> None:
    """Drop references from ``required``: the published description lists every optional one there."""
    if isinstance(node, dict):
        properties = node.get("properties")
        if isinstance(node.get("required"), list) and isinstance(properties, dict):
            node["required"] = [name for name in node["required"] if "$ref" not in properties.get(name, {})]
        for child in node.values():
            _relax(child)
    elif isinstance(node, list):
        for child in node:
            _relax(child)
