"""The *Disaster map* board: where hazards lie, whom they concern, and how providers do meanwhile. Pure.

The map's ground comes from Elastic's map service in the internet; the drawing beside it needs nothing from outside.
Hazards name several ``providers``, incidents and scorecards one ``provider``: the board's controls are of hazards, and
panels about incidents are of all providers.
"""

from dashboards.kibana.colors import NEUTRAL, OVERDUE, PURPLE
from dashboards.kibana.common import AGREED, LINKS_ROWS, board_id, kql, links_row, source, terms, title_of
from dashboards.kibana.data_views import view_id
from dashboards.kibana.models import (
    ALL,
    WHOLE,
    Amount,
    ByFilters,
    ByTime,
    Chart,
    Control,
    Count,
    Dashboard,
    Documents,
    Grid,
    Layer,
    Map,
    Named,
    Number,
    Panel,
    Ratio,
    Sort,
    Statistic,
    Symbol,
    Table,
    by_value,
    to_incident_page,
)
from dashboards.kibana.tiles import HIGH, row_of, tile
from dashboards.kibana.vega_hazards import hazard_grid
from models.topics import Names

OPEN = "not ended_at : *"
TOUCHING = "incident_count >= 1"
UNDER, CLEAR = "exposures : *", "not exposures : *"
EVERYBODY = "Of all providers: the board's controls are fields of hazards."
MAPS = LINKS_ROWS + HIGH
BELOW = MAPS + 16


def disaster_map(names: Names) -> Dashboard:
    """Return the dashboard of one installation. Same names, same dashboard."""
    return Dashboard(
        id=board_id(names, "disaster-map"),
        title=title_of(names, "disaster-map"),
        description="Storms, floods and fires over providers' sites, and what became of their services.",
        time_from="now-30d",
        refresh_s=300,
        controls=tuple(
            Control(data_view_id=view_id(names, "hazards-now"), field_name=field, title=title)
            for field, title in (("providers", "Provider"), ("severity", "Severity"), ("phase", "Phase"))
        ),
        panels=(links_row(names), *_headlines(names), *_maps(names), *_hazards(names), *_incidents(names)),
    )


def _headlines(names: Names) -> tuple[Panel, ...]:
    concerned = Count(label="over a provider's site", filter=kql("providers : *"), format=WHOLE)
    touched = Statistic(operation="unique_count", field="incidents", label="Incidents", format=WHOLE)
    tiles = (
        ("hazards-open", tile(names, "hazards-now", "Hazards without an end, now", kql(OPEN),
                              Count(label="Open", format=WHOLE, color=by_value(NEUTRAL, (1, OVERDUE))), concerned)),
        ("hazards-begun", tile(names, "hazards", "Hazards begun, in the chosen time", ALL,
                               Count(label="Hazards", format=WHOLE), concerned)),
        ("hazards-touching", tile(names, "hazards", "Incidents touched by hazards begun in the chosen time",
                                  kql(TOUCHING), touched, Count(label="hazards", format=WHOLE))),
        ("incidents-under", tile(names, "incidents", "Incidents under a hazard, in the chosen time", ALL,
                                 Ratio(numerator=Amount(filter=kql(UNDER)), label="Share"),
                                 Count(label="of incidents", format=WHOLE), description=EVERYBODY, free=True)),
    )  # fmt: skip
    return row_of(tiles, LINKS_ROWS)


def _maps(names: Names) -> tuple[Panel, ...]:
    shown = ("title", "severity", "phase", "started_at", "ended_at", "area", "providers", "incident_count")
    symbols = Symbol(
        label="Hazards",
        data_source=source(names, "hazards"),
        geo_field="location",
        tooltips=shown,
        color=PURPLE,
        size_field="incident_count",
    )
    ground = Map(
        title="Hazards begun in the chosen time",
        description="At the middle of their areas; larger symbols touched more incidents. "
        "The ground needs the internet; the drawing beside it does not.",
        layers=(symbols,),
    )
    return (
        Panel(id="hazard-map", grid=Grid(x=0, y=MAPS, w=24, h=16), config=ground),
        Panel(id="hazard-grid", grid=Grid(x=24, y=MAPS, w=24, h=16), config=hazard_grid(names)),
    )


def _hazards(names: Names) -> tuple[Panel, ...]:
    begun = Chart(
        title="Hazards by begin and severity, in the chosen time",
        description="In the feeds' own words for severity.",
        layers=(
            Layer(
                type="bar_stacked",
                data_source=source(names, "hazards"),
                x=ByTime(field="@timestamp"),
                y=(Count(label="Hazards", format=WHOLE),),
                breakdown_by=terms("severity", "Severity", 6, by_name=True),
            ),
        ),
    )
    concerned = Table(
        title="Providers whose sites lay inside, by hazards begun in the chosen time",
        description="A hazard may concern several providers, an incident may be touched by several hazards.",
        data_source=source(names, "hazards"),
        query=kql("providers : *"),
        rows=(terms("providers", "Provider", 25),),
        metrics=(
            Count(label="Hazards", format=WHOLE),
            Count(label="without an end", filter=kql(OPEN), format=WHOLE),
            Statistic(operation="unique_count", field="incidents", label="Incidents", format=WHOLE),
            Statistic(operation="max", field="radius_km", label="Widest", format=Number(suffix=" km")),
            Statistic(operation="max", field="started_at", label="Latest begin"),
        ),
    )
    listed = Documents(
        title="Hazards begun in the chosen time, the latest first",
        description="As the feeds tell them.",
        data_source=source(names, "hazards"),
        columns=("started_at", "ended_at", "title", "severity", "area", "providers", "incident_count"),
        sort=(Sort(name="started_at"), Sort(name="hazard", direction="asc")),
    )
    return (
        Panel(id="hazards-by-severity", grid=Grid(x=0, y=BELOW, w=24, h=10), config=begun),
        Panel(id="providers-inside", grid=Grid(x=24, y=BELOW, w=24, h=10), config=concerned),
        Panel(id="hazard-list", grid=Grid(x=0, y=BELOW + 20, w=48, h=12), config=listed),
    )


def _incidents(names: Names) -> tuple[Panel, ...]:
    """How incidents under a hazard compare: their number, and what became of recovery."""
    exposed = (Named(label="Clear of hazards", filter=kql(CLEAR)), Named(label="Under a hazard", filter=kql(UNDER)))
    by_provider = Chart(
        title="Incidents with and without a hazard, in the chosen time",
        description=f"By start. {EVERYBODY}",
        ignore_global_filters=True,
        layers=(
            Layer(
                type="bar_horizontal_stacked",
                data_source=source(names, "incidents"),
                x=terms("provider", "Provider", 15),
                y=(Count(label="Incidents", format=WHOLE),),
                breakdown_by=ByFilters(filters=exposed),
            ),
        ),
    )
    recovery = Table(
        title="Recovery against what is agreed, months begun in the chosen time",
        description="Restore clocks on the agreed basis, and how many of them ran under a hazard: common cause. "
        f"{EVERYBODY}",
        data_source=source(names, "scorecards"),
        query=kql(AGREED, 'tally : "month" and objective : "restore" and service : "*" and priority : "*"'),
        ignore_global_filters=True,
        rows=(terms("provider", "Provider", 25, by_name=True),),
        metrics=(
            Statistic(operation="sum", field="n", label="Judged", format=WHOLE),
            Statistic(operation="sum", field="breached", label="Breached", format=WHOLE),
            Statistic(operation="sum", field="common_cause", label="Under a hazard", format=WHOLE),
            Statistic(operation="sum", field="censored", label="Still running", format=WHOLE),
        ),
    )  # fmt: skip
    touched = Table(
        title="Incidents touched, by hazards begun in the chosen time",
        description="A click on an id opens the incident on our own board.",
        data_source=source(names, "hazards"),
        query=kql(TOUCHING),
        rows=(terms("title.keyword", "Hazard", 10), terms("incidents", "Incident", 20, by_name=True)),
        metrics=(
            Statistic(operation="min", field="started_at", label="Hazard since"),
            Statistic(operation="max", field="radius_km", label="Radius", format=Number(suffix=" km")),
        ),
    )
    return (
        Panel(id="incidents-by-exposure", grid=Grid(x=0, y=BELOW + 10, w=16, h=10), config=by_provider),
        Panel(id="recovery", grid=Grid(x=16, y=BELOW + 10, w=16, h=10), config=recovery),
        Panel(id="incidents-touched", grid=Grid(x=32, y=BELOW + 10, w=16, h=10), config=touched,
              drilldowns=(to_incident_page(),)),
    )  # fmt: skip
