"""The *Provider scorecard* board: how each provider keeps its agreement, beside its own past and the others. Pure.

Verdicts are those of the agreed basis; lengths are upper bounds. The long trend is that of ``holdfast analyse``, whose
figures have intervals and are silent where there are fewer than five cases.
"""

from dashboards.kibana.boards.live_operations import ROW
from dashboards.kibana.colors import BREACHED, GREEN, MET, NEUTRAL, OVERDUE, VERDICTS
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
    ByTime,
    Chart,
    Color,
    Count,
    Dashboard,
    Figure,
    Grid,
    Headline,
    Layer,
    Metric,
    Number,
    Panel,
    Percentile,
    Ratio,
    Span,
    Statistic,
    Table,
    ToDashboard,
    by_value,
)
from models.topics import Names

JUDGED = 'verdict : ("met" or "breached")'
STOPPED = 'verdict : ("met" or "breached" or "indeterminate")'
RESTORE = kql('objective : "restore"')
SHADES = by_value(BREACHED, (0.9, OVERDUE), (0.97, GREEN))
"""Of shares: below 90 %, below 97 %, from there on."""
TOGETHER = 'service : "*" and priority : "*"'
PAST = "30d"


def provider_scorecard(names: Names) -> Dashboard:
    """Return the dashboard of one installation. Same names, same dashboard."""
    return Dashboard(
        id=board_id(names, "provider-scorecard"),
        title=title_of(names, "provider-scorecard"),
        description="How each provider keeps its agreement, beside its own past and the other providers.",
        time_from="now-30d",
        refresh_s=300,
        controls=common_controls(names, "incidents-now", "provider", "services", "priority"),
        panels=(links_row(names), *_headlines(names), *_providers(names), *_words(names), *_history(names)),
    )


def _met(label: str = "Met", shift: str | None = None) -> Ratio:
    """Return the share of judged clocks that were met."""
    return Ratio(
        numerator=Amount(filter=kql('verdict : "met"')),
        denominator=Amount(filter=kql(JUDGED)),
        label=label,
        color=SHADES,
        time_shift=shift,
    )


def _n(label: str = "n", shift: str | None = None) -> Count:
    return Count(label=label, format=WHOLE, time_shift=shift)


def _headlines(names: Names) -> tuple[Panel, ...]:
    """Six figures in a row, each with how many cases it rests on."""
    kept = Ratio(
        numerator=Amount(filter=kql('keeping : "kept"')),
        denominator=Amount(filter=kql('keeping : ("kept" or "late" or "broken")')),
        label="Kept",
        color=SHADES,
    )
    median = Percentile(field="elapsed_max_s", percentile=50, label="Median", format=Span(), color=Color(color=NEUTRAL))
    overdue = Count(label="Overdue", filter=kql('verdict : "overdue"'), format=WHOLE, color=by_value(MET, (1, OVERDUE)))
    lately = {"reduced_time_range": "7d"}
    judged, restored = f"{AGREED} and {JUDGED}", f'{AGREED} and {JUDGED} and objective : "restore"'
    figures: tuple[tuple[str, str, str, str, Figure, Figure], ...] = (
        ("share-met", "Targets met, in the chosen time", "clocks-stopped", judged, _met(), _n()),
        ("share-met-lately", "Targets met, in the last 7 days of the chosen time", "clocks-stopped", judged,
         _met().model_copy(update=lately), _n().model_copy(update=lately)),
        ("incident-count", "Incidents by start, in the chosen time", "incidents", 'kind : "incident"',
         Count(label="Incidents", format=WHOLE, color=Color(color=NEUTRAL)), _n("30 days earlier", PAST)),
        ("restore-median", "Time to restore, in the chosen time", "clocks-stopped", restored, median, _n()),
        ("promises-kept", "Promises kept, in the chosen time", "promises",
         f'{AGREED} and keeping : ("kept" or "late" or "broken")', kept, _n()),
        ("overdue-clocks", "Clocks overdue, now", "clocks-now",
         f'{AGREED} and verdict : ("running" or "overdue")', overdue, _n("running")),
    )  # fmt: skip
    return tuple(
        Panel(
            id=own,
            grid=Grid(x=8 * position, y=LINKS_ROWS, w=8, h=5),
            config=Metric(
                title=title, description=query, data_source=source(names, view), query=kql(query),
                headlines=tuple(Headline(figure=one, primary=one is first) for one in (first, n)),
            ),
        )
        for position, (own, title, view, query, first, n) in enumerate(figures)
    )  # fmt: skip


def _providers(names: Names) -> tuple[Panel, ...]:
    """One line for each provider, and one for each of its objectives."""
    lines = Table(
        title="Providers, clocks stopped in the chosen time",
        description="Agreed basis. Median and 90th percentile are of the time to restore.",
        data_source=source(names, "clocks-stopped"),
        query=kql(AGREED, JUDGED),
        rows=(terms("provider", "Provider", 25),),
        metrics=(
            _n(),
            _met(),
            _met("Met 30 days earlier", PAST),
            Count(label="Breached", filter=kql('verdict : "breached"'), format=WHOLE),
            Count(label="Restored", filter=RESTORE, format=WHOLE),
            Percentile(field="elapsed_max_s", percentile=50, filter=RESTORE, label="Restore, median", format=Span()),
            Percentile(field="elapsed_max_s", percentile=90, filter=RESTORE, label="Restore, p90", format=Span()),
        ),
    )
    cells = Table(
        title="Objectives by provider, clocks stopped in the chosen time",
        description="Agreed basis, upper bounds. Fewer than five cases are no ground for a judgement.",
        data_source=source(names, "clocks-stopped"),
        query=kql(AGREED, JUDGED),
        rows=(terms("provider", "Provider", 25, by_name=True), terms("objective", "Objective", 9, by_name=True)),
        metrics=(
            _n(),
            _met(),
            Percentile(field="elapsed_max_s", percentile=50, label="Median", format=Span()),
            Percentile(field="elapsed_max_s", percentile=90, label="p90", format=Span()),
        ),
    )
    onward = ToDashboard(dashboard_id=board_id(names, "response-percentiles"), label="Response percentiles")
    return (
        Panel(id="providers", grid=Grid(x=0, y=ROW, w=28, h=12), config=lines, drilldowns=(onward,)),
        Panel(id="objectives", grid=Grid(x=28, y=ROW, w=20, h=12), config=cells, drilldowns=(onward,)),
    )


def _words(names: Names) -> tuple[Panel, ...]:
    """What the provider claims beside what we saw, how often it comes back, and whom it cost sleep."""
    bases = Chart(
        title="The same clocks on three bases, stopped in the chosen time",
        description="Claimed is the provider's word, observed is what our witnesses and the record show.",
        query=kql(STOPPED),
        layers=(
            Layer(type="bar_horizontal_percentage", data_source=source(names, "clocks-stopped"),
                  x=terms("basis", "Basis", 3, by_name=True), y=(_n("Clocks"),),
                  breakdown_by=terms("verdict", "Verdict", 3, by_name=True, colors=VERDICTS)),
        ),
    )  # fmt: skip
    repeats = Table(
        title="Incidents that came back, by start in the chosen time",
        description="Reopened at least once; and how many a witness of ours saw.",
        data_source=source(names, "incidents"),
        query=kql('kind : "incident"'),
        rows=(terms("provider", "Provider", 25),),
        metrics=(
            _n(),
            Ratio(numerator=Amount(filter=kql('reopened_count >= "1"')), label="Reopened"),
            Ratio(numerator=Amount(filter=kql("witnesses : *")), label="Seen by us"),
            Ratio(numerator=Amount(filter=kql("acknowledged_at : *")), label="Acknowledged"),
        ),
    )
    paged = Chart(
        title="Pages, in the chosen time",
        description="Pages that each provider caused, by side: its own people's or ours.",
        layers=(
            Layer(type="bar_horizontal_stacked", data_source=source(names, "pages"),
                  x=terms("provider", "Provider", 25),
                  y=(_n("Pages"),), breakdown_by=terms("side", "Side", 2, by_name=True)),
        ),
    )  # fmt: skip
    return (
        Panel(id="verdicts-by-basis", grid=Grid(x=0, y=ROW + 12, w=16, h=10), config=bases),
        Panel(id="repeats", grid=Grid(x=16, y=ROW + 12, w=16, h=10), config=repeats),
        Panel(id="pages-by-provider", grid=Grid(x=32, y=ROW + 12, w=16, h=10), config=paged),
    )


def _history(names: Names) -> tuple[Panel, ...]:
    """The long trend, as ``holdfast analyse`` computed it. The controls do not reach it: it compares all providers."""
    share = Number(decimals=2)
    trend = Table(
        title="Trend and comparison, all providers, whole period on record",
        description=(
            "Agreed basis, all services and priorities, of all providers. Slope: of the monthly medians, as a share of "
            "the median a month. Ratio: breaches to those expected at the others' pace with the same priorities."
        ),
        data_source=source(names, "scorecards-now"),
        query=kql(AGREED, 'tally : "period"', TOGETHER),
        ignore_global_filters=True,
        rows=(terms("provider", "Provider", 25, by_name=True), terms("objective", "Objective", 9, by_name=True)),
        metrics=(
            Statistic(operation="max", field="n", label="n", format=WHOLE),
            Statistic(operation="max", field="censored", label="Still open", format=WHOLE),
            Statistic(operation="max", field="met_share", label="Met", format=PERCENT, color=SHADES),
            Statistic(operation="max", field="met_share_low", label="At least", format=PERCENT),
            Statistic(operation="max", field="met_share_high", label="At most", format=PERCENT),
            Statistic(operation="max", field="median_s", label="Median", format=Span()),
            Statistic(operation="max", field="p90_s", label="p90", format=Span()),
            Statistic(operation="max", field="slope_per_month", label="Slope a month", format=PERCENT),
            Statistic(operation="max", field="breach_ratio", label="Ratio to others", format=share),
            Statistic(operation="max", field="changed_at", label="Changed"),
        ),
    )
    monthly = 'tally : "month" and objective : "restore"'
    months = Chart(
        title="Restore targets met by month, all providers, whole period",
        description="Agreed basis, of all providers; the bars are n. A month with fewer than five cases has no share.",
        query=kql(AGREED, monthly, TOGETHER),
        ignore_global_filters=True,
        layers=(
            Layer(type="line", data_source=source(names, "scorecards-now"),
                  x=ByTime(field="begins_at", suggested_interval="1M", label="Month"),
                  y=(Statistic(operation="max", field="met_share", label="Met", format=PERCENT),),
                  breakdown_by=terms("provider", "Provider", 10, by_name=True)),
            Layer(type="bar_stacked", data_source=source(names, "scorecards-now"), axis="y2",
                  x=ByTime(field="begins_at", suggested_interval="1M", label="Month"),
                  y=(Statistic(operation="sum", field="n", label="n", format=WHOLE),),
                  breakdown_by=terms("provider", "Provider", 10, by_name=True)),
        ),
    )  # fmt: skip
    return (
        Panel(id="trend", grid=Grid(x=0, y=ROW + 22, w=28, h=14), config=trend),
        Panel(id="months", grid=Grid(x=28, y=ROW + 22, w=20, h=14), config=months),
    )
