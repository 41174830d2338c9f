"""The dashboard as code: its parts fit each other, the index templates, the published API and the committed files."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

import dashboards.kibana.lint
from dashboards.kibana import models as m
from dashboards.kibana.api_schema import against
from dashboards.kibana.boards import dashboards as all_dashboards
from dashboards.kibana.boards.live_operations import live_operations
from dashboards.kibana.build import files
from dashboards.kibana.common import AGREED, CONTROLS, common_controls
from dashboards.kibana.data_views import data_views
from dashboards.kibana.lint import flatten, lint
from dashboards.kibana.models import ByTerms, Dashboard, Grid, Kql, Panel, Source, Statistic
from dashboards.kibana.readings import Reading, readings_of
from dashboards.kibana.searches import search_of
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


def _metric(title: str, *figures: Any, view: str = "clocks-stopped", query: str = AGREED) -> m.Metric:
    headlines = tuple(m.Headline(figure=figure, primary=figure is figures[0]) for figure in figures)
    source = Source(ref_id=f"holdfast-{view}")
    return m.Metric(
        title=title, description="Words.", data_source=source, query=Kql(expression=query), headlines=headlines
    )


CHOSEN = "Clocks, in the chosen time"
SHARE = m.Ratio(numerator=m.Amount(filter=Kql(expression='verdict : "met"')))
LONG = m.Percentile(field="elapsed_max_s", percentile=90)


@pytest.mark.parametrize(
    ("config", "finding"),
    [
        (_metric("Clocks", m.Count()), "neither title nor description says its window"),
        (_metric("Clocks, now", m.Count()), "the time picker narrows 'holdfast-clocks-stopped'"),
        (_metric(CHOSEN, m.Count(), view="clocks-now"), "its title says the chosen time, which does not narrow"),
        (_metric(CHOSEN, SHARE), "ratio without its n"),
        (_metric(CHOSEN, LONG), "percentile without its n"),
        (_metric(CHOSEN, Statistic(operation="median", field="elapsed_max_s")), "median without its n"),
        (_metric(CHOSEN, m.Count(), query=""), "it mixes the three bases"),
        (_metric("Clocks, now", m.Count(time_shift="1d"), view="clocks-now"), "nothing can be shifted or reduced"),
    ],
)  # fmt: skip
def test_a_panel_says_its_window_its_n_and_its_basis(config: m.Metric, finding: str) -> None:
    found = lint(_with("overdue-clocks", config=config), data_views(NAMES), FIELDS)
    assert any(one.startswith("overdue-clocks: ") and finding in one for one in found), found


def test_a_share_beside_its_n_is_no_finding() -> None:
    for figure in (SHARE, LONG):
        config = _metric(CHOSEN, figure, m.Count(label="n"))
        assert lint(_with("overdue-clocks", config=config), data_views(NAMES), FIELDS) == []


def test_a_board_has_its_links_at_the_top_and_neither_too_few_nor_too_many_panels() -> None:
    whole = live_operations(NAMES)
    found = lint(whole.model_copy(update={"panels": whole.panels[1:7]}), data_views(NAMES), FIELDS)
    assert {"6 panels: a board has 8 to 16", "a board has one row of links, at its top"} <= set(found)


def test_a_common_control_is_there_wherever_every_panel_can_follow_it() -> None:
    whole = live_operations(NAMES)
    without = whole.model_copy(update={"controls": whole.controls[1:]})
    assert lint(without, data_views(NAMES), FIELDS) == ["control 'Provider' is missing: every panel could follow it"]
    basis = common_controls(NAMES, "clocks", "basis")
    found = lint(whole.model_copy(update={"controls": (*whole.controls, *basis)}), data_views(NAMES), FIELDS)
    assert "overdue-clocks: it has a basis of its own: the control 'Basis' would empty it" in found


def test_what_the_controls_choose_from_the_start_is_a_filter() -> None:
    whole = live_operations(NAMES).model_copy(update={"controls": common_controls(NAMES, "clocks")})
    assert whole.chosen() == 'basis : ("agreed")'
    assert [one.field_name for one in whole.controls] == list(CONTROLS)


def test_kibana_ranks_no_terms_by_a_ratio() -> None:
    found = lint(_config("paged-people", metrics=(SHARE, m.Count())), data_views(NAMES), FIELDS)
    assert "paged-people: Kibana ranks no terms by ratio: 'recipient_name'" in found


def test_the_fields_of_a_drawings_requests_are_checked() -> None:
    body = {"_source": ["due_at", "no_such"], "sort": [{"no_sort": "asc"}], "aggs": {"a": {"max": {"field": "no_max"}}}}
    asked = {"data_source": Source(ref_id="holdfast-clocks-now"), "query": Kql(expression=AGREED)}
    request = m.Request(name="rows", rows="hits.hits", body=body, **asked)
    config = m.Vega(title="Drawn, now", description="Words.", spec={"data": {"name": "rows"}}, requests=(request,))
    found = [one for one in lint(_with("clock-table", config=config), data_views(NAMES), FIELDS) if "no field" in one]
    assert found == [
        f"clock-table: no field {name!r}, in the request 'rows'" for name in ("no_max", "no_sort", "no_such")
    ]


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


def test_percentiles_of_a_field_are_one_digest_and_only_what_is_shown_is_computed() -> None:
    view = next(one for one in data_views(NAMES) if one.index == "clocks")
    at = datetime(2026, 5, 1, tzinfo=UTC)
    two, slow = (m.Percentile(field="elapsed_min_s", percentile=percent) for percent in (50, 95))
    target = m.Percentile(field="target_s", percentile=50)
    whom = ByTerms(fields=("provider",), rank_by=m.RankByFigure(metric_index=1))
    what = ByTerms(fields=("objective",), rank_by=m.RankByName())
    reading = Reading(Source(ref_id=view.id), Kql(expression=""), (what, whom), (two, slow, target))
    outer = search_of(reading, view, at, at)["aggs"]["b"]
    assert set(outer["aggs"]) == {"b"}
    inner = outer["aggs"]["b"]
    assert inner["terms"]["order"] == {"f0.95": "desc"}
    assert {name: body["percentiles"]["percents"] for name, body in inner["aggs"].items()} == {
        "f0": [50, 95],
        "f2": [50],
    }


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
    assert b"holdfast" not in re.sub(rb"`holdfast [\w -]+`", b"", b"".join(files(other).values()))
    assert lint(live_operations(other), data_views(other), FIELDS) == []


@pytest.mark.corpus
def test_every_board_and_kind_of_panel_fits_the_published_description_of_the_api() -> None:
    """Skipped where the description is not at hand: its licence lets us read it, not ship it."""
    description = orjson.loads((corpus_dir("../kibana") / API_DESCRIPTION).read_bytes())
    every = live_operations(NAMES).model_copy(update={"panels": _every_kind()})
    assert against(description, [*all_dashboards(NAMES), every], "https://holdfast.example") == []
    wrong = _config("open-table", metrics=(Statistic.model_construct(operation="number_of", field="notice_count"),))
    assert [one.split(": ")[1] for one in against(description, [wrong], None)] == ["open-table"]


def _every_kind() -> tuple[Panel, ...]:
    """Return a panel of each kind with every option that it has: more than any board uses."""
    here, said = Source(ref_id="holdfast-clocks"), {"title": "All, now", "description": "Words."}
    met = Kql(expression='verdict : "met"')
    shares = m.by_value("#D55E00", (0.9, "#009E73"))
    figures = (
        m.Count(label="n", filter=met, time_shift="1w", reduced_time_range="1d", format=m.WHOLE, color=shares),
        *(Statistic(operation=one, field="target_s") for one in ("min", "max", "average", "median", "sum")),
        Statistic(operation="unique_count", field="provider"),
        m.Percentile(field="target_s", percentile=99.5, format=m.Span()),
        m.PercentileRank(field="target_s", rank=900, format=m.PERCENT),
        m.LastValue(field="verdict", time_field="due_at"),
        m.Ratio(numerator=m.Amount(of="sum", field="paused_s", filter=met), complement=True, scale=20, color=shares),
    )
    buckets = (
        m.ByTime(field="due_at", suggested_interval="1M", label="Month"),
        ByTerms(fields=("verdict",), other_bucket=m.Missing(), colors=(("met", "#009E73"),)),
        m.ByFilters(filters=(m.Named(label="met", filter=met),)),
        m.ByRange(field="target_s", ranges=(m.Range(label="short", high=60), m.Range(label="long", low=60))),
    )
    line = m.Threshold(value=0.95, label="Target", color=m.Color(color="#000000"))
    layers = tuple(
        m.Layer(type=kind, data_source=here, x=buckets[0], y=(m.Count(color=m.Color(color="#000000")),), axis="y2",
                breakdown_by=buckets[1])
        for kind in ("line", "area", "area_stacked", "area_percentage", "bar", "bar_stacked", "bar_percentage",
                     "bar_horizontal", "bar_horizontal_stacked", "bar_horizontal_percentage")
    )  # fmt: skip
    by_kind = tuple(m.Layer(type="bar", data_source=here, x=bucket, y=figures[1:-1]) for bucket in buckets)
    configs = (
        m.Metric(
            data_source=here,
            breakdown_by=ByTerms(fields=("provider",)),
            ignore_global_filters=True,
            **said,
            headlines=(m.Headline(figure=figures[-1], subtitle="of all"), m.Headline(figure=m.Count(), primary=False)),
        ),
        m.Chart(layers=(*layers, m.ReferenceLines(data_source=here, thresholds=(line,))), **said),
        m.Chart(layers=by_kind, ignore_global_filters=True, **said),
        m.Table(data_source=here, rows=buckets, metrics=figures, split_metrics_by=(buckets[2],), **said),
        m.Heatmap(data_source=here, x=buckets[0], y=buckets[3], metric=figures[0], **said),
        m.Gauge(data_source=here, metric=figures[0], high=10, goal=5, subtitle="of all", **said),
        m.Documents(data_source=here, columns=("provider",), sort=(m.Sort(name="due_at"),), **said),
        m.Markdown(content="Words", hide_title=True, **said),
    )
    ways = (m.to_incident_page(), m.to_notices("holdfast-notices"), m.ToDashboard(dashboard_id="other", label="Other"))
    return tuple(
        Panel(id=f"kind-{number}", grid=Grid(x=0, y=number, w=48, h=1), config=config,
              drilldowns=ways if isinstance(config, m.Asking) else ())
        for number, config in enumerate(configs)
    )  # fmt: skip
