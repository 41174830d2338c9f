"""The *Breach trend* board: which targets are broken, how narrowly others are met, and whether it gets better. Pure.

A clock counts in the week in which it was breached or stopped. A near miss is a clock that was met and used three
quarters of its target or more. The hours of the week come from the scorecards, which follow no control.
"""

from dashboards.kibana.colors import BREACHED, GREY, INDETERMINATE, MET, OVERDUE, SKY, VERDICTS, YELLOW
from dashboards.kibana.common import (
    AGREED,
    LINKS_ROWS,
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
    Amount,
    ByRange,
    ByTerms,
    ByTime,
    Chart,
    Color,
    Count,
    Dashboard,
    Figure,
    Grid,
    Headline,
    Heatmap,
    Layer,
    Metric,
    Panel,
    Percentile,
    Range,
    RankByFigure,
    RankByName,
    Ratio,
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
ENDED = 'verdict : ("met" or "breached" or "indeterminate")'
NEAR_MISS = 'verdict : "met" and used_share >= 0.75'
USUAL_SHARE = 0.95
"""A line to compare with: our agreements promise every single target, contracts that add them up mostly this share."""
MINUTE_S, HOUR_S, DAY_S = 60.0, 3600.0, 86400.0
ROW = LINKS_ROWS + 5
"""First row below the headlines."""


def breach_trend(names: Names) -> Dashboard:
    """Return the dashboard of one installation. Same names, same dashboard."""
    return Dashboard(
        id=board_id(names, "breach-trend"),
        title=title_of(names, "breach-trend"),
        description="Breaches and near misses by week, objective, hour of the week, provider and service.",
        time_from="now-90d",
        refresh_s=0,
        controls=common_controls(names, "clocks-now"),
        panels=(links_row(names), *_headlines(names), *_weeks(names), *_margins(names), *_rankings(names)),
    )


def met_share(label: str = "Met") -> Ratio:
    """Return the share of the judged clocks that was met."""
    return Ratio(label=label, numerator=Amount(filter=kql('verdict : "met"')), denominator=Amount(filter=kql(JUDGED)))


def _headlines(names: Names) -> tuple[Panel, ...]:
    """Six figures in a row."""
    judged = Count(label="judged", filter=kql(JUDGED), format=WHOLE)
    over = Statistic(operation="median", field="over_s", label="Over", format=Span())
    share = met_share().model_copy(update={"color": by_value(BREACHED, (0.9, OVERDUE), (USUAL_SHARE, MET))})
    tiles: tuple[tuple[str, str, str, str, Figure, Figure], ...] = (
        ("breached", "Targets breached, in the chosen time", "breaches", "",
         Count(label="Breached", format=WHOLE, color=by_value(MET, (1, BREACHED))),
         Statistic(operation="unique_count", field="incident_id", label="incidents", format=WHOLE)),
        ("met-share", "Targets met, stopped in the chosen time", "clocks-stopped", JUDGED, share, judged),
        ("near-misses", "Near misses, stopped in the chosen time", "clocks-stopped", 'verdict : "met"',
         Count(label="Three quarters used", filter=kql(NEAR_MISS), format=WHOLE, color=Color(color=YELLOW)),
         Count(label="met", format=WHOLE)),
        ("over-target", "Median time over the target, breached in the chosen time", "breaches", "over_s : *",
         over, Count(label="breached and stopped", format=WHOLE)),
        ("undecided", "Without a verdict, stopped in the chosen time", "clocks-stopped", ENDED,
         Count(label="Indeterminate", filter=kql('verdict : "indeterminate"'), format=WHOLE,
               color=Color(color=INDETERMINATE)), Count(label="stopped", format=WHOLE)),
        ("overdue", "Overdue, now", "clocks-now", 'verdict : ("running" or "overdue")',
         Count(label="Overdue", filter=kql('verdict : "overdue"'), format=WHOLE, color=by_value(MET, (1, OVERDUE))),
         Count(label="running", format=WHOLE)),
    )  # fmt: skip
    return tuple(
        Panel(
            id=own,
            grid=Grid(x=8 * position, y=LINKS_ROWS, w=8, h=5),
            config=Metric(
                title=title,
                description=f"By the chosen basis. {query or 'Every clock that ran past its target.'}",
                data_source=source(names, view),
                query=kql(query),
                headlines=(Headline(figure=first), Headline(figure=second, primary=False)),
            ),
        )
        for position, (own, title, view, query, first, second) in enumerate(tiles)
    )


def _weeks(names: Names) -> tuple[Panel, ...]:
    """Weeks begin on Monday; the first and the last may be cut off by the chosen time."""
    breaches = Chart(
        title="Breaches by week and objective, in the chosen time",
        description="By the instant of the breach. The first and the last week may be incomplete.",
        layers=(
            Layer(type="bar_stacked", data_source=source(names, "breaches"),
                  x=ByTime(field="breached_at", suggested_interval="1w"), y=(Count(label="Breaches", format=WHOLE),),
                  breakdown_by=terms("objective", "Objective", 9, by_name=True)),
        ),
    )  # fmt: skip
    stopped = source(names, "clocks-stopped")
    week = ByTime(field="stopped_at", suggested_interval="1w")
    judged = Count(label="Judged", format=WHOLE, color=Color(color=GREY))
    share = Chart(
        title="Share of targets met by week, stopped in the chosen time",
        description=f"Of those judged, whose number the bars are. The line at {USUAL_SHARE:.0%} is to compare with.",
        query=kql(JUDGED),
        layers=(
            Layer(type="bar", data_source=stopped, x=week, y=(judged,), axis="y2"),
            Layer(type="line", data_source=stopped, x=week, y=(met_share(),)),
            ReferenceLines(data_source=stopped, thresholds=(
                Threshold(value=USUAL_SHARE, label=f"{USUAL_SHARE:.0%}", color=Color(color=BREACHED)),)),
        ),
    )  # fmt: skip
    return (
        Panel(id="breaches-by-week", grid=Grid(x=0, y=ROW, w=24, h=10), config=breaches),
        Panel(id="met-by-week", grid=Grid(x=24, y=ROW, w=24, h=10), config=share),
    )


def _margins(names: Names) -> tuple[Panel, ...]:
    """How close it was, on either side of the target."""
    objective = terms("objective", "Objective", 9, by_name=True)
    used = ByRange(
        field="used_share",
        ranges=(
            Range(label="below 25 %", high=0.25),
            Range(label="25 to 50 %", low=0.25, high=0.5),
            Range(label="50 to 75 %", low=0.5, high=0.75),
            Range(label="75 to 100 %", low=0.75, high=1),
            Range(label="100 to 150 %", low=1, high=1.5),
            Range(label="150 % and more", low=1.5),
        ),
    )
    over = ByRange(
        field="over_s",
        ranges=(
            Range(label="below 5 min", high=5 * MINUTE_S),
            Range(label="5 to 15 min", low=5 * MINUTE_S, high=15 * MINUTE_S),
            Range(label="15 to 60 min", low=15 * MINUTE_S, high=HOUR_S),
            Range(label="1 to 4 h", low=HOUR_S, high=4 * HOUR_S),
            Range(label="4 to 24 h", low=4 * HOUR_S, high=DAY_S),
            Range(label="1 day and more", low=DAY_S),
        ),
    )
    count = (Count(label="Clocks", format=WHOLE),)
    charts = (
        ("used-share", "Share of the target that was used, stopped in the chosen time", JUDGED, "clocks-stopped", used,
         "At least, by the lower bounds of what was measured. 75 to 100 % are the near misses."),
        ("over-lengths", "Time over the target, breached in the chosen time", "over_s : *", "breaches", over,
         "At least, of breached clocks that have stopped."),
    )  # fmt: skip
    drawn = [
        Panel(
            id=own,
            grid=Grid(x=16 * position, y=ROW + 10, w=16, h=10),
            config=Chart(
                title=title,
                description=words,
                query=kql(query),
                layers=(Layer(type="bar_stacked", data_source=source(names, view), x=x, y=count,
                              breakdown_by=objective),),
            ),
        )
        for position, (own, title, query, view, x, words) in enumerate(charts)
    ]  # fmt: skip
    return (*drawn, Panel(id="hours-of-week", grid=Grid(x=32, y=ROW + 10, w=16, h=10), config=_hours(names)))


def _hours(names: Names) -> Heatmap:
    return Heatmap(
        title="Breaches by hour of the week, whole period of the scorecards",
        description="UTC; day 1 is Monday. Of all providers and services on the agreed basis: no control narrows it.",
        data_source=source(names, "scorecards-now"),
        query=kql(AGREED, 'tally : "hour"', 'service : "*"', 'priority : "*"'),
        ignore_global_filters=True,
        x=ByTerms(fields=("hour",), label="Hour", limit=24, rank_by=RankByName()),
        y=ByTerms(fields=("weekday",), label="Day", limit=7, rank_by=RankByName()),
        metric=Statistic(operation="sum", field="breached", label="Breaches", format=WHOLE,
                         color=by_value(SKY, (3, YELLOW), (6, OVERDUE), (10, BREACHED))),
    )  # fmt: skip


def _rankings(names: Names) -> tuple[Panel, ...]:
    """Who breaks most, and where."""
    figures = (
        Count(label="Breached", filter=kql('verdict : "breached"'), format=WHOLE),
        Count(label="Judged", filter=kql(JUDGED), format=WHOLE),
        met_share(),
        Count(label="Near misses", filter=kql(NEAR_MISS), format=WHOLE),
        Percentile(field="over_s", percentile=90, label="Over, 90th percentile", format=Span()),
    )
    rankings = (("by-provider", "Providers", terms("provider", "Provider", 20)),
                ("by-service", "Services", terms("services", "Service", 20)))  # fmt: skip
    tables = [
        Panel(
            id=own,
            grid=Grid(x=24 * position, y=ROW + 20, w=24, h=10),
            config=Table(
                title=f"{what} by breaches, stopped in the chosen time",
                description="The most breaches first. A clock of several services counts for each of them.",
                data_source=source(names, "clocks-stopped"),
                query=kql(JUDGED),
                rows=(row,),
                metrics=figures,
            ),
            drilldowns=(ToDashboard(dashboard_id=board_id(names, "response-percentiles"), label="How long it takes"),),
        )
        for position, (own, what, row) in enumerate(rankings)
    ]
    return (*tables, *_worst(names))


def _worst(names: Names) -> tuple[Panel, ...]:
    worst = Table(
        title="Furthest over the target, breached in the chosen time",
        description="The longest overrun first. A click on an incident leads to its page or to its time line.",
        data_source=source(names, "breaches"),
        query=kql("over_s : *"),
        rows=(
            ByTerms(fields=("incident_id",), label="Incident", limit=20, rank_by=RankByFigure()),
            terms("provider", "Provider", 1),
            terms("objective", "Objective", 9),
        ),
        metrics=(
            Statistic(operation="max", field="over_s", label="Over", format=Span()),
            Statistic(operation="max", field="used_share", label="Used", format=PERCENT),
            Statistic(operation="max", field="target_s", label="Target", format=Span()),
        ),
    )
    reasons = Chart(
        title="Verdicts by objective, stopped in the chosen time",
        description="What is indeterminate is neither met nor breached: the record leaves it open.",
        query=kql(ENDED),
        layers=(
            Layer(type="bar_horizontal_stacked", data_source=source(names, "clocks-stopped"),
                  x=terms("objective", "Objective", 9, by_name=True), y=(Count(label="Clocks", format=WHOLE),),
                  breakdown_by=terms("verdict", "Verdict", 3, by_name=True, colors=VERDICTS)),
        ),
    )  # fmt: skip
    ways = (
        to_incident_page(),
        ToDashboard(dashboard_id=board_id(names, "postmortem-timeline"), label="Postmortem timeline"),
    )
    return (
        Panel(id="worst", grid=Grid(x=0, y=ROW + 30, w=32, h=12), config=worst, drilldowns=ways),
        Panel(id="verdicts", grid=Grid(x=32, y=ROW + 30, w=16, h=12), config=reasons),
    )
