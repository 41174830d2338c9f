"""The *Live operations* board: what is open, what runs out next, what was lost, who was told. Pure.

Verdicts are those of the agreed basis. What asks for the present reads data views without a time field, so that the
time picker does not hide an incident of last week that is still open.
"""

from dashboards.kibana.colors import BREACHED, LOST, MET, NEUTRAL, OUTCOMES, OVERDUE
from dashboards.kibana.common import (
    AGREED,
    LINKS_ROWS,
    LOST_ATTEMPT,
    STILL_OPEN,
    board_id,
    common_controls,
    kql,
    links_row,
    source,
    terms,
    title_of,
)
from dashboards.kibana.data_views import view_id
from dashboards.kibana.models import (
    WHOLE,
    ByTerms,
    ByTime,
    Chart,
    Color,
    Count,
    Dashboard,
    Documents,
    Figure,
    Grid,
    Headline,
    Layer,
    Metric,
    Missing,
    Panel,
    Sort,
    Span,
    Statistic,
    Steps,
    Table,
    ToDashboard,
    by_value,
    to_incident_page,
    to_notices,
)
from models.topics import Names

OPEN = 'status : ("open" or "restored")'
EVERYBODY = "Of all providers: its documents have no service and no priority to choose by."
ROW = LINKS_ROWS + 5
"""First row below the headlines."""


def live_operations(names: Names) -> Dashboard:
    """Return the dashboard of one installation. Same names, same dashboard."""
    return Dashboard(
        id=board_id(names, "live-operations"),
        title=title_of(names, "live-operations"),
        description="Open incidents, running clocks, breaches and pages of outsourced providers.",
        time_from="now-24h",
        refresh_s=30,
        controls=common_controls(names, "incidents-now", "provider", "services", "priority"),
        panels=(links_row(names), *_headlines(names), *_providers(names), *_now(names), *_told(names)),
    )


def _headlines(names: Names) -> tuple[Panel, ...]:
    """Six figures in a row; the first four are of this moment, whatever the time picker says."""
    without, acknowledge, before = (
        Count(label="without acknowledgement", filter=kql("not acknowledged_at : *"), format=WHOLE),
        Count(label="to acknowledge", filter=kql('objective : "acknowledge"'), format=WHOLE),
        Count(label="the day before", time_shift="1d", format=WHOLE),
    )
    overdue = f'{AGREED} and verdict : "overdue"'
    soon = f'{AGREED} and verdict : "running" and due_at >= "now" and due_at < "now+30m"'
    lost = _count("Failed or unknown", by_value(MET, (1, LOST)))
    figures: tuple[tuple[str, Metric], ...] = (
        ("open-incidents", _metric(names, "Open incidents, now", "incidents-now", OPEN,
                                   _count("Open", Color(color=NEUTRAL)), without)),
        ("overdue-clocks", _metric(names, "Clocks overdue, now", "clocks-now", overdue,
                                   _count("Overdue", by_value(MET, (1, OVERDUE))), acknowledge)),
        ("due-soon", _metric(names, "Clocks due in 30 minutes, now", "clocks-now", soon,
                             _count("Due soon", by_value(MET, (1, OVERDUE))))),
        ("oldest-open", _metric(names, "Oldest open incident, now", "incidents-now", 'status : "open"',
                                Statistic(operation="min", field="started_at", label="Open since"))),
        ("breaches", _metric(names, "Targets breached, in the chosen time", "breaches", AGREED,
                             _count("Breached", by_value(MET, (1, BREACHED))), before)),
        ("pages-lost", _metric(names, "Page attempts without delivery, in the chosen time", "deliveries", LOST_ATTEMPT,
                               lost, free=True)),
    )  # fmt: skip
    onward = ToDashboard(dashboard_id=board_id(names, "breach-trend"), label="Breach trend")
    return tuple(
        Panel(id=panel, grid=Grid(x=8 * position, y=LINKS_ROWS, w=8, h=5), config=config,
              drilldowns=(onward,) if panel == "breaches" else ())
        for position, (panel, config) in enumerate(figures)
    )  # fmt: skip


def _count(label: str, color: Color | Steps) -> Count:
    return Count(label=label, format=WHOLE, color=color)


def _metric(names: Names, title: str, view: str, query: str, *figures: Figure, free: bool = False) -> Metric:
    headlines = tuple(Headline(figure=figure, primary=figure is figures[0]) for figure in figures)
    words = f"{query}. {EVERYBODY}" if free else query
    return Metric(
        title=title, description=words, data_source=source(names, view), query=kql(query), headlines=headlines,
        ignore_global_filters=True if free else None,
    )  # fmt: skip


def _providers(names: Names) -> tuple[Panel, ...]:
    """Who has open incidents, how grave they are, and which hazards lie over whom."""
    tiles = Metric(
        title="Open incidents by provider, now",
        description="One tile for each provider that has any.",
        data_source=source(names, "incidents-now"),
        query=kql(OPEN),
        headlines=(
            Headline(figure=Count(label="Open", format=WHOLE, color=by_value(NEUTRAL, (3, OVERDUE), (10, BREACHED)))),
        ),
        breakdown_by=terms("provider", "Provider", 12),
    )
    graveness = Chart(
        title="Open incidents by priority, now",
        description="The highest priority that each reached, stacked by status.",
        query=kql(OPEN),
        layers=(
            Layer(type="bar_horizontal_stacked", data_source=source(names, "incidents-now"),
                  x=ByTerms(fields=("priority",), label="Priority", limit=6, other_bucket=Missing()),
                  y=(Count(label="Incidents", format=WHOLE),), breakdown_by=terms("status", "Status", 2)),
        ),
    )  # fmt: skip
    hazards = Table(
        title="Hazards that lie over a provider's sites, now",
        description=f"Weather, earthquakes, fires that have not ended. {EVERYBODY}",
        data_source=source(names, "hazards-now"),
        query=kql("providers : *", "not ended_at : *"),
        ignore_global_filters=True,
        rows=(terms("title.keyword", "Hazard", 10), terms("providers", "Provider", 5)),
        metrics=(
            Statistic(operation="min", field="started_at", label="Since"),
            Statistic(operation="max", field="incident_count", label="Incidents touched", format=WHOLE),
        ),
    )
    return (
        Panel(id="provider-tiles", grid=Grid(x=0, y=ROW, w=20, h=9), config=tiles),
        Panel(id="open-by-priority", grid=Grid(x=20, y=ROW, w=12, h=9), config=graveness),
        Panel(id="active-hazards", grid=Grid(x=32, y=ROW, w=16, h=9), config=hazards),
    )


def _now(names: Names) -> tuple[Panel, ...]:
    """What is open, and what runs out next."""
    open_table = Table(
        title="Open incidents, now",
        description="The latest start first. A click on the id leads to the incident's page or to its notices.",
        data_source=source(names, "incidents-now"),
        query=kql(OPEN),
        rows=(
            ByTerms(fields=("incident_id",), label="Incident", limit=25),
            ByTerms(fields=("source_incident_id",), label="Id of the provider", limit=1),
            terms("provider", "Provider", 1),
            ByTerms(fields=("title.keyword",), label="Title", limit=1, other_bucket=Missing()),
        ),
        metrics=(
            Statistic(operation="max", field="started_at", label="Since"),
            Statistic(operation="max", field="last_notice_at", label="Last notice"),
            Statistic(operation="max", field="notice_count", label="Notices", format=WHOLE),
            Statistic(operation="max", field="reopened_count", label="Reopened", format=WHOLE),
        ),
    )
    clock_table = Documents(
        title="Running clocks, now, the first to fall due first",
        description="Agreed basis. A clock that is overdue has a due instant in the past.",
        data_source=source(names, "clocks-now"),
        query=kql(AGREED, STILL_OPEN),
        columns=("due_at", "provider", "source_incident_id", "objective", "priority", "verdict", "target_s"),
        sort=(Sort(name="due_at", direction="asc"),),
    )
    ways = (
        to_incident_page(),
        to_notices(view_id(names, "notices")),
        ToDashboard(dashboard_id=board_id(names, "postmortem-timeline"), label="Postmortem timeline"),
    )
    return (
        Panel(id="open-table", grid=Grid(x=0, y=ROW + 9, w=24, h=12), config=open_table, drilldowns=ways),
        Panel(id="clock-table", grid=Grid(x=24, y=ROW + 9, w=24, h=12), config=clock_table),
    )


def _told(names: Names) -> tuple[Panel, ...]:
    """How much is new, who was paged, and what could not be delivered or read."""
    by_provider = Chart(
        title="Incidents by start, in the chosen time",
        description="New incidents, stacked by provider.",
        layers=(
            Layer(type="bar_stacked", data_source=source(names, "incidents"), x=ByTime(field="@timestamp"),
                  y=(Count(label="Incidents", format=WHOLE),), breakdown_by=terms("provider", "Provider")),
        ),
    )  # fmt: skip
    delivered = Chart(
        title="Page attempts by outcome, in the chosen time",
        description=f"Attempts to deliver pages, by what became of them. {EVERYBODY}",
        query=kql('not outcome : "sending"'),
        ignore_global_filters=True,
        layers=(
            Layer(type="bar_stacked", data_source=source(names, "deliveries"), x=ByTime(field="@timestamp"),
                  y=(Count(label="Attempts", format=WHOLE),),
                  breakdown_by=terms("outcome", "Outcome", 5, by_name=True, colors=OUTCOMES)),
        ),
    )  # fmt: skip
    paged = Table(
        title="Who was paged, in the chosen time",
        description="Pages by person and the reason; late is the worst delay from the computed instant.",
        data_source=source(names, "pages"),
        rows=(terms("recipient_name", "Who", 15), terms("reason.keyword", "Why", 5)),
        metrics=(
            Count(label="Pages", format=WHOLE),
            Statistic(operation="max", field="late_s", label="Late", format=Span()),
        ),
    )
    unread = Table(
        title="Dead letters, in the chosen time",
        description="Of all providers: a letter names its feed. List and replay them with `holdfast dead-letters`.",
        data_source=source(names, "dead-letters"),
        ignore_global_filters=True,
        rows=(terms("feed", "Feed", 10), terms("reason", "Reason", 5)),
        metrics=(
            Count(label="Letters", format=WHOLE),
            Statistic(operation="max", field="received_at", label="Last"),
        ),
    )
    panels = (
        ("incidents-by-provider", 0, 21, 24, by_provider),
        ("attempts-by-outcome", 24, 21, 24, delivered),
        ("paged-people", 0, 31, 24, paged),
        ("dead-letters", 24, 31, 24, unread),
    )
    return tuple(Panel(id=own, grid=Grid(x=x, y=ROW + y, w=w, h=10), config=config) for own, x, y, w, config in panels)
