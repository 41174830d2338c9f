"""Saved objects: shapes as Kibana's own builder writes them, references that hold in both directions, Vega's data."""

from typing import Any

import orjson
import pytest

from dashboards.kibana import models as m
from dashboards.kibana.boards import BOARDS, dashboards
from dashboards.kibana.build import findings, objects
from dashboards.kibana.common import TITLES, board_id
from dashboards.kibana.lens import lens
from dashboards.kibana.lens_columns import columns, palette
from dashboards.kibana.ndjson import only_saved, saved_objects, to_ndjson
from dashboards.kibana.references import broken
from dashboards.kibana.saved_parts import CORE, TYPED, vega_spec
from models.topics import Names

NAMES = Names()
VIEW = m.DataView(id="clocks-view", index="clocks", name="Clocks", title="holdfast-clocks", time_field="stopped_at")
SOURCE = m.Source(ref_id="clocks-view")
FIELDS = {"provider": "keyword", "due_at": "date", "elapsed_max_s": "double", "verdict": "keyword", "at": "geo_point"}
TYPES = {"clocks": FIELDS}
PLACE = m.Grid(x=0, y=0, w=24, h=10)
SAID = {"title": "Said, in the chosen time", "description": "Words."}


def _board(*configs: Any, controls: tuple[m.Control, ...] = (), drilldowns: tuple[Any, ...] = ()) -> m.Dashboard:
    panels = tuple(
        m.Panel(id=f"panel-{number}", grid=PLACE, config=config, drilldowns=drilldowns)
        for number, config in enumerate(configs)
    )
    return m.Dashboard(
        id="board", title="Board", description="", time_from="now-1d", refresh_s=0, controls=controls, panels=panels
    )


def _saved(*configs: Any, **fields: Any) -> dict[str, dict[str, Any]]:
    return {one["id"]: one for one in saved_objects([_board(*configs, **fields)], [VIEW], TYPES, None)}


def _table(**fields: Any) -> m.Table:
    rows = (m.ByTerms(fields=("provider",), label="Provider", limit=5, rank_by=m.RankByFigure()),)
    return m.Table(data_source=SOURCE, rows=rows, metrics=(m.Count(label="n"),), **SAID, **fields)


def test_the_boards_have_every_reference_that_they_name_and_name_every_one_that_they_have() -> None:
    assert broken(objects(NAMES, "https://holdfast.example")) == []


def test_the_same_names_give_the_same_bytes_and_one_object_a_line() -> None:
    written = to_ndjson(objects(NAMES, None))
    assert written == to_ndjson(objects(NAMES, None))
    assert [orjson.loads(line)["id"] for line in written.splitlines()] == [one["id"] for one in objects(NAMES, None)]


def test_every_object_says_the_versions_of_its_shape() -> None:
    for one in objects(NAMES, None):
        assert (one["coreMigrationVersion"], one["typeMigrationVersion"]) == (CORE, TYPED[one["type"]])


def test_the_numbers_of_lens_are_those_of_the_panel() -> None:
    buckets = (
        m.ByTime(field="stopped_at", suggested_interval="1w"),
        m.ByTerms(fields=("provider",), limit=3, rank_by=m.RankByName(), other_bucket=m.Missing()),
        m.ByRange(field="elapsed_max_s", ranges=(m.Range(label="short", high=60.0),)),
    )
    figures = (
        m.Count(time_shift="1d"),
        m.Percentile(field="elapsed_max_s", percentile=90, format=m.Span()),
        m.PercentileRank(field="elapsed_max_s", rank=900),
        m.LastValue(field="verdict", time_field="due_at"),
        m.Statistic(operation="min", field="due_at", filter=m.Kql(expression='verdict : "met"')),
        m.Ratio(numerator=m.Amount(filter=m.Kql(expression='verdict : "met"')), complement=True),
    )
    found = columns(buckets, figures, FIELDS)
    assert list(found) == [f"bucket-{n}" for n in range(3)] + [f"figure-{n}" for n in range(6)]
    assert found["bucket-0"]["params"]["interval"] == "1w"
    assert found["bucket-1"]["params"]["missingBucket"] is True
    assert found["bucket-1"]["params"]["orderBy"] == {"type": "alphabetical", "fallback": False}
    assert found["bucket-2"]["params"]["ranges"] == [{"from": None, "to": 60.0, "label": "short"}]
    assert (found["figure-0"]["sourceField"], found["figure-0"]["timeShift"]) == ("___records___", "1d")
    assert found["figure-1"]["params"]["percentile"] == 90
    assert found["figure-1"]["params"]["format"]["params"]["fromUnit"] == "seconds"
    assert found["figure-2"]["params"]["value"] == 900
    assert found["figure-3"]["filter"] == {"language": "kuery", "query": '"verdict": *'}
    assert found["figure-3"]["dataType"] == "string"
    assert (found["figure-4"]["dataType"], found["figure-4"]["filter"]["query"]) == ("date", 'verdict : "met"')
    assert found["figure-5"]["params"]["formula"] == "1 - count(kql='verdict : \"met\"') / count()"
    assert found["figure-5"]["references"] == []


def test_colours_by_value_begin_where_the_ones_before_end() -> None:
    found = palette(m.by_value("#009E73", (1, "#E69F00"), (5, "#D55E00")))["params"]
    assert [one["stop"] for one in found["colorStops"]] == [None, 1.0, 5.0]
    assert [one["stop"] for one in found["stops"]] == [1.0, 5.0, 6.0]


def test_a_chart_holds_its_layers_and_its_target_line() -> None:
    layer = m.Layer(
        type="line", data_source=SOURCE, x=m.ByTime(field="stopped_at"), y=(m.Count(),), axis="y2",
        breakdown_by=m.ByTerms(fields=("verdict",), colors=(("met", "#009E73"),)),
    )  # fmt: skip
    line = m.ReferenceLines(
        data_source=SOURCE, thresholds=(m.Threshold(value=0.95, label="Target", color=m.Color(color="#000000")),)
    )
    panel = m.Panel(id="chart", grid=PLACE, config=m.Chart(layers=(line, layer), **SAID))
    found = lens(panel, {"clocks-view": FIELDS})
    drawn = found["state"]["visualization"]["layers"]
    assert [(one["layerId"], one["layerType"]) for one in drawn] == [("layer-0", "data"), ("layer-1", "referenceLine")]
    assert drawn[0]["splitAccessor"] == "bucket-1"
    assert drawn[0]["yConfig"] == [{"forAccessor": "figure-0", "axisMode": "right"}]
    assert drawn[0]["colorMapping"]["assignments"][0]["color"] == {"type": "colorCode", "colorCode": "#009E73"}
    layers = found["state"]["datasourceStates"]["formBased"]["layers"]
    assert layers["layer-1"]["columns"]["figure-0"]["params"] == {"value": "0.95"}
    assert [one["name"] for one in found["references"]] == [f"indexpattern-datasource-layer-layer-{n}" for n in (0, 1)]


@pytest.mark.parametrize(
    ("config", "kind", "named"),
    [
        (m.Metric(data_source=SOURCE, headlines=(m.Headline(figure=m.Count()),), **SAID), "lnsMetric", "figure-0"),
        (m.Gauge(data_source=SOURCE, metric=m.Count(), high=10, goal=5, **SAID), "lnsGauge", "figure-0"),
        (
            m.Heatmap(data_source=SOURCE, x=m.ByTime(field="stopped_at"), y=m.ByTerms(fields=("provider",)),
                      metric=m.Count(), **SAID),
            "lnsHeatmap", "figure-0",
        ),
    ],
)  # fmt: skip
def test_every_accessor_of_a_chart_is_one_of_its_columns(config: Any, kind: str, named: str) -> None:
    found = lens(m.Panel(id="one", grid=PLACE, config=config), {"clocks-view": FIELDS})
    own = found["state"]["datasourceStates"]["formBased"]["layers"]["layer-0"]["columns"]
    accessors = {value for key, value in found["state"]["visualization"].items() if key.endswith("Accessor")}
    assert found["visualizationType"] == kind
    assert named in accessors
    assert accessors == set(own)


def test_a_panel_refers_to_its_data_view_and_a_control_to_its_own() -> None:
    control = m.Control(data_view_id="clocks-view", field_name="provider", title="Provider")
    board = _saved(_table(), controls=(control,))["board"]
    assert board["references"] == [
        {"type": "index-pattern", "id": "clocks-view", "name": "panel-0:indexpattern-datasource-layer-layer-0"},
        {"type": "index-pattern", "id": "clocks-view", "name": "controlGroup_control-provider:optionsListDataView"},
    ]


def test_documents_are_a_session_of_their_own() -> None:
    config = m.Documents(
        data_source=SOURCE, columns=("provider",), sort=(m.Sort(name="due_at", direction="asc"),), **SAID
    )
    found = _saved(config)
    session, (panel,) = found["board-panel-0"], orjson.loads(found["board"]["attributes"]["panelsJSON"])
    assert (session["type"], session["attributes"]["sort"]) == ("search", [["due_at", "asc"]])
    assert (panel["type"], panel["panelRefName"]) == ("search", "panel_panel-0")
    assert found["board"]["references"] == [{"name": "panel-0:panel_panel-0", "type": "search", "id": "board-panel-0"}]


def _vega(spec: dict[str, Any]) -> m.Vega:
    request = m.Request(
        name="clocks", data_source=SOURCE, query=m.Kql(expression='verdict : "met"'),
        body={"size": 5, "_source": ["due_at"]}, rows="hits.hits",
    )  # fmt: skip
    return m.Vega(spec=spec, requests=(request,), **SAID)


@pytest.mark.parametrize(
    "spec",
    [
        {"data": {"name": "clocks"}, "mark": "bar"},
        {"layer": [{"data": {"name": "clocks"}, "mark": "bar"}]},
        {"data": [{"name": "clocks", "transform": []}, {"name": "other", "values": []}]},
    ],
)
def test_the_requests_of_a_drawing_fill_its_data_wherever_it_is_named(spec: dict[str, Any]) -> None:
    """The dashboard's filters and time narrow it; the spec of the panel itself stays as it was."""
    before = orjson.dumps(spec)
    filled = orjson.dumps(vega_spec(_vega(spec), {VIEW.id: VIEW})).decode()
    assert filled.count('"index":"holdfast-clocks"') == 1
    assert '{"range":{"stopped_at":{"%timefilter%":true}}}' in filled
    assert filled.count("%dashboard_context-") == 3
    assert '"format":{"property":"hits.hits"}' in filled
    assert orjson.dumps(spec) == before


def test_drawings_and_maps_are_saved_objects_only_and_words_in_the_api() -> None:
    layer = m.Symbol(label="Hazards", data_source=SOURCE, geo_field="at", tooltips=("provider",), color="#D55E00",
                     color_field="verdict", colors=(("met", "#009E73"),), size_field="elapsed_max_s")  # fmt: skip
    board = _board(_vega({"data": {"name": "clocks"}}), m.Map(layers=(layer,), **SAID))
    assert only_saved(board)
    assert [panel["type"] for panel in board.to_api()["panels"]] == ["markdown", "markdown"]
    found = saved_objects([board], [VIEW], TYPES, None)
    assert [one["type"] for one in found] == ["index-pattern", "visualization", "map", "dashboard"]
    assert broken(found) == []
    layers = orjson.loads(found[2]["attributes"]["layerListJSON"])
    assert layers[1]["sourceDescriptor"]["indexPatternRefName"] == found[2]["references"][0]["name"]
    assert layers[1]["style"]["properties"]["iconSize"]["options"]["field"]["name"] == "elapsed_max_s"


def test_a_way_to_our_board_is_left_out_where_it_has_no_address() -> None:
    ways = (m.to_incident_page(), m.ToDashboard(dashboard_id="other", label="Other"))
    board = _board(_table(), drilldowns=ways)
    without, there = (saved_objects([board], [VIEW], TYPES, at)[1] for at in (None, "https://holdfast.example"))

    def events(one: dict[str, Any]) -> list[dict[str, Any]]:
        (panel,) = orjson.loads(one["attributes"]["panelsJSON"])
        found: list[dict[str, Any]] = panel["embeddableConfig"]["enhancements"]["dynamicActions"]["events"]
        return found

    assert [one["action"]["factoryId"] for one in events(without)] == ["DASHBOARD_TO_DASHBOARD_DRILLDOWN"]
    assert events(there)[0]["action"]["config"]["url"] == {
        "template": "https://holdfast.example/incidents/{{event.value}}"
    }
    assert broken([without]) != []  # the other dashboard is not among them


def test_a_reference_that_nothing_holds_is_found() -> None:
    found = list(_saved(_table()).values())
    assert broken(found) == []
    lost = [one for one in found if one["type"] != "index-pattern"]
    assert broken(lost) == ["dashboard board refers to index-pattern clocks-view, which is not there"]
    found[1]["references"][0]["name"] = "panel_0"
    assert any("no reference is called 'panel-0:indexpattern" in one for one in broken(found))
    assert any("nothing uses the reference 'panel_0'" in one for one in broken(found))


def test_there_are_nine_boards_and_nothing_is_wrong_with_them() -> None:
    assert findings(NAMES) == []
    assert list(BOARDS) == list(TITLES)
    assert [one.id for one in dashboards(NAMES)] == [board_id(NAMES, own) for own in TITLES]
