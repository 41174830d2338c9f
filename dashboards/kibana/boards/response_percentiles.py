"""The *Response percentiles* board: how long providers take, in the tail and not on average. Pure.

Lengths are the lower bounds of clocks that have stopped, without pauses; what still runs is counted beside them, for it
is longer than it is by now. Percentiles are Elasticsearch's: between neighbours, estimated above some thousand values.
The months at the end come from the scorecards, which have the intervals and the open cases in them.
"""

from dashboards.kibana.colors import BREACHED, GREY, MET, OVERDUE, VERDICTS
from dashboards.kibana.common import (
    AGREED,
    LINKS_ROWS,
    STILL_OPEN,
    board_id,
    common_controls,
    kql,
    links_row,
    source,
    terms,
    title_of,
)
from dashboards.kibana.models import (
    PERCENT,
    WHOLE,
    Bucket,
    ByRange,
    ByTerms,
    ByTime,
    Chart,
    Color,
    Control,
    Count,
    Dashboard,
    Figure,
    Grid,
    Headline,
    Layer,
    Metric,
    Missing,
    Number,
    Panel,
    Percentile,
    PercentileRank,
    Range,
    ReferenceLines,
    Span,
    Statistic,
    Table,
    Threshold,
    ToDashboard,
    by_value,
    to_incident_page,
)
from models.topics import Names

JUDGED = 'verdict : ("met" or "breached")'
MINUTE_S, HOUR_S, DAY_S = 60.0, 3600.0, 86400.0
PERCENTILES = (50.0, 90.0, 95.0, 99.0)
FIRST = ("acknowledge", "respond", "restore")
N = Count(label="Clocks", format=WHOLE)
BEHIND = Count(label="Clocks", format=WHOLE, color=Color(color=GREY))
"""As bars behind the lines."""
WEEK = ByTime(field="stopped_at", suggested_interval="1w")
ROW = LINKS_ROWS + 7
"""First row below the tiles."""


def response_percentiles(names: Names) -> Dashboard:
    """Return the dashboard of one installation. Same names, same dashboard."""
    return Dashboard(
        id=board_id(names, "response-percentiles"),
        title=title_of(names, "response-percentiles"),
        description="Percentiles of the time to acknowledge, respond, update, restore, and what was agreed.",
        time_from="now-90d",
        refresh_s=0,
        controls=tuple(_control(one) for one in common_controls(names, "clocks-now")),
        panels=(links_row(names), *_tiles(names), *_weeks(names), *_spread(names), *_tables(names), *_cases(names)),
    )


def _control(one: Control) -> Control:
    """Return a control; of objectives those that answer a call are chosen from the start: others take another scale."""
    return one.model_copy(update={"selected_options": FIRST}) if one.field_name == "objective" else one


def _percentile(percent: float, field: str = "elapsed_min_s", label: str | None = None) -> Percentile:
    words = label or ("Median" if percent == 50 else f"{percent:g}th percentile")
    return Percentile(field=field, percentile=percent, label=words, format=Span())


def _tiles(names: Names) -> tuple[Panel, ...]:
    """Two rows of tiles, one tile for each objective."""
    return tuple(
        Panel(
            id=own,
            grid=Grid(x=24 * position, y=LINKS_ROWS, w=24, h=7),
            config=Metric(
                title=f"{words} by objective, stopped in the chosen time",
                description="Of clocks that were met or breached, with their number.",
                data_source=source(names, "clocks-stopped"),
                query=kql(JUDGED),
                headlines=(Headline(figure=_percentile(percent)), Headline(figure=N, primary=False)),
                breakdown_by=ByTerms(fields=("objective",), label="Objective", limit=9),
            ),
        )
        for position, (own, words, percent) in enumerate(
            (("median-tiles", "Median", 50.0), ("tail-tiles", "95th percentile", 95.0))
        )
    )


def _weeks(names: Names) -> tuple[Panel, ...]:
    """Weeks begin on Monday; the first and the last may be cut off by the chosen time."""
    stopped = source(names, "clocks-stopped")
    bars = Layer(type="bar", data_source=stopped, x=WEEK, y=(BEHIND,), axis="y2")
    used = Chart(
        title="Share of the target used by week, stopped in the chosen time",
        description="Percentiles of the chosen objectives alike; above the line a target is breached. Bars: clocks.",
        query=kql(JUDGED),
        layers=(
            bars,
            Layer(type="line", data_source=stopped, x=WEEK, y=tuple(_used(percent) for percent in PERCENTILES)),
            ReferenceLines(data_source=stopped, thresholds=(
                Threshold(value=1, label="Target", color=Color(color=BREACHED)),)),
        ),
    )  # fmt: skip
    charts = [
        Panel(
            id=own,
            grid=Grid(x=24 * position, y=ROW + 10, w=24, h=10),
            config=Chart(
                title=f"{words} by week and objective, stopped in the chosen time",
                description="Each with the median of its targets beside it. Bars: the clocks.",
                query=kql(JUDGED),
                layers=(
                    bars,
                    Layer(type="line", data_source=stopped, x=WEEK, y=(_percentile(percent), _target()),
                          breakdown_by=terms("objective", "Objective", 9, by_name=True)),
                ),
            ),
        )
        for position, (own, words, percent) in enumerate(
            (("median-by-week", "Median", 50.0), ("tail-by-week", "95th percentile", 95.0))
        )
    ]  # fmt: skip
    return (Panel(id="used-by-week", grid=Grid(x=0, y=ROW, w=24, h=10), config=used), *charts)


def _used(percent: float) -> Percentile:
    share = _percentile(percent, "used_share")
    return share.model_copy(update={"format": PERCENT})


def _target() -> Percentile:
    return _percentile(50, "target_s", "Target")


def _spread(names: Names) -> tuple[Panel, ...]:
    """How lengths are spread, and which are not over yet."""
    bounds = (5 * MINUTE_S, 15 * MINUTE_S, 30 * MINUTE_S, HOUR_S, 2 * HOUR_S, 4 * HOUR_S, 8 * HOUR_S, DAY_S)
    labels = ("below 5 min", "5 to 15 min", "15 to 30 min", "30 to 60 min", "1 to 2 h", "2 to 4 h", "4 to 8 h",
              "8 to 24 h", "1 day and more")  # fmt: skip
    ranges = tuple(
        Range(label=label, low=low, high=high)
        for label, low, high in zip(labels, (None, *bounds), (*bounds, None), strict=True)
    )
    lengths = Chart(
        title="Lengths, stopped in the chosen time",
        description="Clocks that were met or breached, by how long they took at least.",
        query=kql(JUDGED),
        layers=(
            Layer(type="bar_stacked", data_source=source(names, "clocks-stopped"),
                  x=ByRange(field="elapsed_min_s", ranges=ranges), y=(N,),
                  breakdown_by=terms("objective", "Objective", 9, by_name=True)),
        ),
    )  # fmt: skip
    still = Chart(
        title="Not stopped yet, now",
        description="In no percentile here: each of them is longer than it is by now.",
        query=kql(STILL_OPEN),
        layers=(
            Layer(type="bar_horizontal_stacked", data_source=source(names, "clocks-now"),
                  x=terms("objective", "Objective", 9, by_name=True), y=(N,),
                  breakdown_by=terms("verdict", "Verdict", 3, by_name=True, colors=VERDICTS)),
        ),
    )  # fmt: skip
    return (
        Panel(id="lengths", grid=Grid(x=24, y=ROW, w=14, h=10), config=lengths),
        Panel(id="still-open", grid=Grid(x=38, y=ROW, w=10, h=10), config=still),
    )


def _tables(names: Names) -> tuple[Panel, ...]:
    """The same figures by priority, by provider, and by month with their intervals."""
    in_time = PercentileRank(field="used_share", rank=1, label="In time", format=PERCENT)
    figures: tuple[Figure, ...] = (N, *(_percentile(percent) for percent in PERCENTILES), _target(), in_time)
    priority = ByTerms(fields=("priority",), label="Priority", limit=6, other_bucket=Missing())
    objective, provider = (terms(one, one.title(), 20, by_name=True) for one in ("objective", "provider"))
    tables: tuple[tuple[str, str, int, tuple[Bucket, ...]], ...] = (
        ("by-priority", "Objectives by priority", ROW + 20, (objective, priority)),
        ("by-provider", "Providers by objective", ROW + 31, (provider, objective)),
    )
    shown = [
        Panel(
            id=own,
            grid=Grid(x=0, y=y, w=48, h=11),
            config=Table(
                title=f"{words}, stopped in the chosen time",
                description="In time: the share that used at most the whole target, estimated.",
                data_source=source(names, "clocks-stopped"),
                query=kql(JUDGED),
                rows=rows,
                metrics=figures,
            ),
            drilldowns=(ToDashboard(dashboard_id=board_id(names, "breach-trend"), label="Breach trend"),),
        )
        for own, words, y, rows in tables
    ]
    return (*shown, Panel(id="months", grid=Grid(x=0, y=ROW + 42, w=48, h=12), config=_months(names)))


def _months(names: Names) -> Table:
    """One scorecard is one row: the largest of its values is the value."""
    columns = (
        ("median_s", "Median"), ("median_low_s", "from"), ("median_high_s", "to"), ("p90_s", "90th percentile"),
        ("p90_low_s", "from"), ("p90_high_s", "to"), ("km_median_s", "Median with open cases"),
    )  # fmt: skip
    return Table(
        title="Months with their intervals, in the chosen time",
        description=(
            "Scorecards of all services and priorities, agreed basis: no control narrows them. Intervals at 95 %; "
            "empty where fewer than five were judged. Open cases count as longer than they are by now (Kaplan-Meier)."
        ),
        data_source=source(names, "scorecards"),
        query=kql(AGREED, 'tally : "month"', 'service : "*"', 'priority : "*"'),
        ignore_global_filters=True,
        rows=(
            terms("provider", "Provider", 20, by_name=True),
            terms("objective", "Objective", 9, by_name=True),
            ByTime(field="begins_at", suggested_interval="1M", label="Month"),
        ),
        metrics=(
            Statistic(operation="sum", field="n", label="Judged", format=WHOLE),
            Statistic(operation="sum", field="censored", label="Open", format=WHOLE),
            *(Statistic(operation="max", field=field, label=label, format=Span()) for field, label in columns),
        ),
    )  # fmt: skip


def _cases(names: Names) -> tuple[Panel, ...]:
    slowest = Table(
        title="Slowest cases, stopped in the chosen time",
        description="Those that used most of their target. A click on an incident leads to its page or its time line.",
        data_source=source(names, "clocks-stopped"),
        query=kql(JUDGED),
        rows=(
            ByTerms(fields=("incident_id",), label="Incident", limit=20),
            terms("provider", "Provider", 1),
            terms("objective", "Objective", 3),
        ),
        metrics=(
            Statistic(operation="max", field="used_share", label="Used", format=Number(type="percent"),
                      color=by_value(MET, (0.75, OVERDUE), (1, BREACHED))),
            Statistic(operation="max", field="elapsed_min_s", label="Took", format=Span()),
            Statistic(operation="max", field="target_s", label="Target", format=Span()),
        ),
    )  # fmt: skip
    ways = (
        to_incident_page(),
        ToDashboard(dashboard_id=board_id(names, "postmortem-timeline"), label="Postmortem timeline"),
    )
    return (Panel(id="slowest", grid=Grid(x=0, y=ROW + 54, w=48, h=12), config=slowest, drilldowns=ways),)
