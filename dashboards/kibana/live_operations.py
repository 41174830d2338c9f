"""The *Live operations* dashboard: what is open, what runs out next, what was lost, who was told. Pure.

Verdicts are those of the agreed basis unless a title says otherwise; every title says its window. Colours are taken
from a colour-blind-safe set (Okabe and Ito) and never carry a meaning alone.
"""

from dashboards.kibana.data_views import view_id
from dashboards.kibana.models import (
    ByTerms,
    ByTime,
    Chart,
    Color,
    Control,
    Count,
    Dashboard,
    Grid,
    Headline,
    Kql,
    Layer,
    Metric,
    Missing,
    Number,
    Panel,
    Percentile,
    RankByFigure,
    RankByName,
    Source,
    Span,
    Statistic,
    Table,
)
from models.topics import Names

OPEN = 'status : ("open" or "restored")'
AGREED = 'basis : "agreed"'
RUNNING = 'verdict : ("running" or "overdue" or "paused")'
STOPPED = 'verdict : ("met" or "breached" or "indeterminate")'
ALL = Kql(expression="")
VERMILLION, ORANGE, BLUE, PINK = (
    Color(color="#D55E00"),
    Color(color="#E69F00"),
    Color(color="#0072B2"),
    Color(color="#CC79A7"),
)


def live_operations(names: Names) -> Dashboard:
    """Return the dashboard of one installation. Same names, same dashboard."""
    return Dashboard(
        id=names.index("live-operations"),
        title=f"Live operations ({names.prefix})",
        description="Open incidents, running clocks, breaches and pages of outsourced providers.",
        time_from="now-24h",
        refresh_s=30,
        controls=(Control(data_view_id=view_id(names, "incidents-now"), field_name="provider", title="Provider"),),
        panels=(*_headlines(names), *_now(names), *_verdicts(names), *_told(names)),
    )


def _source(names: Names, view: str) -> Source:
    return Source(ref_id=view_id(names, view))


def _terms(field: str, label: str, limit: int = 10, rank_by: RankByFigure | RankByName | None = None) -> ByTerms:
    return ByTerms(fields=(field,), label=label, limit=limit, rank_by=rank_by or RankByFigure())


def _headlines(names: Names) -> tuple[Panel, ...]:
    """Six figures in a row; the first four are of this moment, whatever the time picker says."""
    whole = Number(decimals=0)
    figures = (
        ("open-incidents", "Open incidents, now", "incidents-now", OPEN,
         Headline(figure=Count(label="Open", format=whole), color=BLUE),
         Headline(figure=Count(label="without acknowledgement", filter=Kql(expression="not acknowledged_at : *"),
                               format=whole), primary=False)),
        ("overdue-clocks", "Clocks overdue, now", "clocks-now", f'{AGREED} and verdict : "overdue"',
         Headline(figure=Count(label="Overdue", format=whole), color=VERMILLION), None),
        ("due-soon", "Clocks due in 30 minutes, now", "clocks-now",
         f'{AGREED} and verdict : "running" and due_at >= "now" and due_at < "now+30m"',
         Headline(figure=Count(label="Due soon", format=whole), color=ORANGE), None),
        ("oldest-open", "Oldest open incident, now", "incidents-now", 'status : "open"',
         Headline(figure=Statistic(operation="min", field="started_at", label="Open since")), None),
        ("breaches", "Targets breached, in the chosen time", "breaches", f'{AGREED} and breached_at : *',
         Headline(figure=Count(label="Breached", format=whole), color=PINK), None),
        ("pages-lost", "Page attempts without delivery, in the chosen time", "deliveries",
         'outcome : ("failed" or "unknown")',
         Headline(figure=Count(label="Lost or unknown", format=whole), color=VERMILLION), None),
    )  # fmt: skip
    return tuple(
        Panel(
            id=panel,
            grid=Grid(x=8 * position, y=0, w=8, h=5),
            config=Metric(
                title=title, description=f"{title}. {query}", data_source=_source(names, view),
                query=Kql(expression=query), headlines=tuple(one for one in (first, second) if one is not None),
            ),
        )
        for position, (panel, title, view, query, first, second) in enumerate(figures)
    )  # fmt: skip


def _now(names: Names) -> tuple[Panel, ...]:
    """What is open, and what runs out next."""
    open_table = Table(
        title="Open incidents, now",
        description="The latest start first.",
        data_source=_source(names, "incidents-now"),
        query=Kql(expression=OPEN),
        rows=(
            _terms("source_incident_id", "Id", 25),
            _terms("provider", "Provider", 1),
            ByTerms(fields=("title.keyword",), label="Incident", limit=1, other_bucket=Missing()),
        ),
        metrics=(
            Statistic(operation="max", field="started_at", label="Since"),
            Statistic(operation="max", field="last_notice_at", label="Last notice"),
            Statistic(operation="max", field="notice_count", label="Notices", format=Number()),
            Statistic(operation="max", field="reopened_count", label="Reopened", format=Number()),
        ),
    )
    clock_table = Table(
        title="Running clocks, now, the first to fall due first",
        description="Agreed basis. A clock that is overdue has a due instant in the past.",
        data_source=_source(names, "clocks-now"),
        query=Kql(expression=f"{AGREED} and {RUNNING}"),
        rows=(
            _terms("source_incident_id", "Incident", 25, RankByFigure(direction="asc")),
            _terms("objective", "Objective", 9, RankByFigure(direction="asc")),
            _terms("provider", "Provider", 1),
        ),
        metrics=(
            Statistic(operation="min", field="due_at", label="Due"),
            Statistic(operation="max", field="target_s", label="Target", format=Span()),
        ),
    )
    return (
        Panel(id="open-table", grid=Grid(x=0, y=5, w=24, h=12), config=open_table),
        Panel(id="clock-table", grid=Grid(x=24, y=5, w=24, h=12), config=clock_table),
    )


def _verdicts(names: Names) -> tuple[Panel, ...]:
    """How often providers fail, how targets ended, and how far the two sides' words differ."""
    by_provider = Chart(
        title="Incidents by start, in the chosen time",
        description="New incidents, stacked by provider.",
        query=ALL,
        layers=(
            Layer(type="bar_stacked", data_source=_source(names, "incidents"), x=ByTime(field="@timestamp"),
                  y=(Count(label="Incidents"),), breakdown_by=_terms("provider", "Provider")),
        ),
    )  # fmt: skip
    by_objective = Chart(
        title="Verdicts by objective, stopped in the chosen time",
        description="Agreed basis.",
        query=Kql(expression=f"{AGREED} and {STOPPED}"),
        layers=(
            Layer(type="bar_horizontal_stacked", data_source=_source(names, "clocks-stopped"),
                  x=_terms("objective", "Objective", 9, RankByName()), y=(Count(label="Clocks"),),
                  breakdown_by=_terms("verdict", "Verdict", 3, RankByName())),
        ),
    )  # fmt: skip
    by_basis = Chart(
        title="The same clocks on three bases, stopped in the chosen time",
        description="Claimed is the provider's word, observed is what our witnesses and the record show.",
        query=Kql(expression=STOPPED),
        layers=(
            Layer(type="bar_stacked", data_source=_source(names, "clocks-stopped"),
                  x=_terms("basis", "Basis", 3, RankByName()), y=(Count(label="Clocks"),),
                  breakdown_by=_terms("verdict", "Verdict", 3, RankByName())),
        ),
    )  # fmt: skip
    lengths = Table(
        title="Time taken, clocks stopped in the chosen time",
        description="Agreed basis, upper bounds. Medians and 90th percentiles; a mean would hide the tail.",
        data_source=_source(names, "clocks-stopped"),
        query=Kql(expression=f"{AGREED} and {STOPPED}"),
        rows=(_terms("provider", "Provider", 20, RankByName()), _terms("objective", "Objective", 9, RankByName())),
        metrics=(
            Count(label="Clocks", format=Number()),
            Percentile(field="elapsed_max_s", percentile=50, label="Median", format=Span()),
            Percentile(field="elapsed_max_s", percentile=90, label="90th percentile", format=Span()),
            Count(label="Breached", filter=Kql(expression='verdict : "breached"'), format=Number()),
        ),
    )
    return (
        Panel(id="incidents-by-provider", grid=Grid(x=0, y=17, w=24, h=10), config=by_provider),
        Panel(id="verdicts-by-objective", grid=Grid(x=24, y=17, w=12, h=10), config=by_objective),
        Panel(id="verdicts-by-basis", grid=Grid(x=36, y=17, w=12, h=10), config=by_basis),
        Panel(id="time-taken", grid=Grid(x=0, y=27, w=24, h=11), config=lengths),
    )


def _told(names: Names) -> tuple[Panel, ...]:
    """Who spoke, who was paged, and what could not be read."""
    spoken = Chart(
        title="Notices by speaker, in the chosen time",
        description="A silent provider and a talking monitor are a finding of their own.",
        query=ALL,
        layers=(
            Layer(type="area_stacked", data_source=_source(names, "notices"), x=ByTime(field="@timestamp"),
                  y=(Count(label="Notices"),), breakdown_by=_terms("speaker", "Speaker", 4, RankByName())),
        ),
    )  # fmt: skip
    delivered = Chart(
        title="Page attempts by outcome, in the chosen time",
        description="Attempts to deliver pages, by what became of them.",
        query=Kql(expression='not outcome : "sending"'),
        layers=(
            Layer(type="bar_stacked", data_source=_source(names, "deliveries"), x=ByTime(field="@timestamp"),
                  y=(Count(label="Attempts"),), breakdown_by=_terms("outcome", "Outcome", 5, RankByName())),
        ),
    )  # fmt: skip
    paged = Table(
        title="Who was paged, in the chosen time",
        description="Pages by person and the reason; late is the worst delay from the computed instant.",
        data_source=_source(names, "pages"),
        query=ALL,
        rows=(_terms("recipient_name", "Who", 15), _terms("reason.keyword", "Why", 5)),
        metrics=(
            Count(label="Pages", format=Number()),
            Statistic(operation="max", field="late_s", label="Late", format=Span()),
        ),
    )
    unread = Table(
        title="Dead letters, in the chosen time",
        description="Of all providers: a letter names its feed. List and replay them with `holdfast dead-letters`.",
        data_source=_source(names, "dead-letters"),
        query=ALL,
        ignore_global_filters=True,
        rows=(_terms("feed", "Feed", 10), _terms("reason", "Reason", 5)),
        metrics=(
            Count(label="Letters", format=Number()),
            Statistic(operation="max", field="received_at", label="Last"),
        ),
    )
    return (
        Panel(id="notices-by-speaker", grid=Grid(x=24, y=27, w=24, h=11), config=spoken),
        Panel(id="attempts-by-outcome", grid=Grid(x=0, y=38, w=16, h=10), config=delivered),
        Panel(id="paged-people", grid=Grid(x=16, y=38, w=16, h=10), config=paged),
        Panel(id="dead-letters", grid=Grid(x=32, y=38, w=16, h=10), config=unread),
    )
