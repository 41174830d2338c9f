"""The *Availability and budget* board: what was up, whose figure says so, and how much downtime is left. Pure.

Each document is one service on one day of its contract's calendar, dated by the day's begin. Three figures stand side
by side: *strict* has observed outages and excuses nothing, *provider's* goes by the provider's own times and claims,
*agreed* by the contract. The budget is that of the month, by the agreed figure.
"""

from dashboards.kibana.colors import BREACHED, GREEN, GREY, MET, ORANGE, OVERDUE, SKY, YELLOW
from dashboards.kibana.common import LINKS_ROWS, board_id, common_controls, kql, links_row, source, terms, title_of
from dashboards.kibana.data_views import view_id
from dashboards.kibana.models import (
    WHOLE,
    Amount,
    ByTime,
    Chart,
    Color,
    Control,
    Count,
    Dashboard,
    Documents,
    Figure,
    Grid,
    Headline,
    LastValue,
    Layer,
    Metric,
    Number,
    Panel,
    Ratio,
    ReferenceLines,
    Sort,
    Span,
    Statistic,
    Steps,
    Table,
    Threshold,
    ToDashboard,
    by_value,
)
from models.topics import Names

BASES = (
    ("agreed", "agreed_down_s", "Agreed", SKY),
    ("strict", "strict_down_s", "Strict", ORANGE),
    ("provider", "provider_down_s", "Provider's", GREEN),
)
"""(own word, field of the downtime, label, colour)."""
EXACT = Number(type="percent", decimals=3)
DAYS_A_MONTH = 365.25 / 12
"""A day's share of the month's budget is one of so many."""
SERVICE_DAYS = Count(label="days of services", format=WHOLE)
ROW = LINKS_ROWS + 5
"""First row below the headlines."""


def availability_and_budget(names: Names) -> Dashboard:
    """Return the dashboard of one installation. Same names, same dashboard."""
    own = Control(data_view_id=view_id(names, "availability-now"), field_name="service", title="Service")
    return Dashboard(
        id=board_id(names, "availability-and-budget"),
        title=title_of(names, "availability-and-budget"),
        description="Availability on three figures, error budgets, and how fast they are spent.",
        time_from="now-30d",
        refresh_s=0,
        controls=(*common_controls(names, "availability-now", "provider"), own),
        panels=(links_row(names), *_headlines(names), *_days(names), *_budgets(names), *_side_by_side(names)),
    )


def availability(field: str, label: str, **options: Steps | Color | None) -> Ratio:
    """Return one less the downtime in the time that was owed."""
    return Ratio(
        label=label,
        numerator=Amount(of="sum", field=field),
        denominator=Amount(of="sum", field="service_s"),
        complement=True,
        format=EXACT,
        **options,
    )


def left_colors() -> Steps:
    """Return colours of what is left of a budget: spent, below a quarter, below a half, more."""
    return by_value(BREACHED, (0, OVERDUE), (0.25, YELLOW), (0.5, MET))


def _headlines(names: Names) -> tuple[Panel, ...]:
    """Availability on the three figures, and the budgets."""
    days = source(names, "availability")
    tiles: list[tuple[str, str, Figure, Figure]] = [
        (f"availability-{own}", f"Availability, {label.lower()} figure, in the chosen time",
         availability(field, label, color=Color(color=color)), SERVICE_DAYS)
        for own, field, label, color in BASES
    ]  # fmt: skip
    overspent = kql("left_share < 0")
    tiles += [
        ("downtime", "Downtime, agreed figure, in the chosen time",
         Statistic(operation="sum", field="agreed_down_s", label="Down", format=Span()), SERVICE_DAYS),
        ("days-down", "Days with downtime, in the chosen time",
         Count(label="Agreed figure", filter=kql("agreed_down_s > 0"), format=WHOLE, color=by_value(MET, (1, OVERDUE))),
         SERVICE_DAYS),
        ("overspent", "Budgets overspent, in the chosen time",
         Statistic(operation="unique_count", field="service", label="Services", filter=overspent, format=WHOLE,
                   color=by_value(MET, (1, BREACHED))),
         Count(label="days at the end of which one was", filter=overspent, format=WHOLE)),
    ]  # fmt: skip
    return tuple(
        Panel(
            id=own,
            grid=Grid(x=8 * position, y=LINKS_ROWS, w=8, h=5),
            config=Metric(
                title=title,
                description="Of all chosen services together, each by its own service hours.",
                data_source=days,
                headlines=(Headline(figure=first), Headline(figure=second, primary=False)),
            ),
        )
        for position, (own, title, first, second) in enumerate(tiles)
    )


def _days(names: Names) -> tuple[Panel, ...]:
    """What each day was like."""
    days, day = source(names, "availability"), ByTime(field="day", suggested_interval="1d")
    target = Ratio(label="Target, mean", numerator=Amount(of="sum", field="target_percent"), scale=0.01, format=EXACT)
    figures = (availability(field, label, color=Color(color=color)) for _, field, label, color in BASES)
    owed = Count(label="Services", format=WHOLE, color=Color(color=GREY))
    lines = Chart(
        title="Availability by day on three figures, in the chosen time",
        description="Where they part, somebody claims other times or an exclusion. Bars: services that were owed.",
        fits=True,
        layers=(
            Layer(type="bar", data_source=days, x=day, y=(owed,), axis="y2"),
            Layer(type="line", data_source=days, x=day, y=(*figures, target)),
        ),
    )  # fmt: skip
    down = Chart(
        title="Downtime by day and service, agreed figure, in the chosen time",
        description="Length of the outages of each day, those of several providers' services of one name together.",
        query=kql("agreed_down_s > 0"),
        layers=(
            Layer(type="bar_stacked", data_source=days, x=day,
                  y=(Statistic(operation="sum", field="agreed_down_s", label="Down", format=Span()),),
                  breakdown_by=terms("service", "Service", 12)),
        ),
    )  # fmt: skip
    return (
        Panel(id="availability-by-day", grid=Grid(x=0, y=ROW, w=24, h=10), config=lines),
        Panel(id="downtime-by-day", grid=Grid(x=24, y=ROW, w=24, h=10), config=down),
    )


def _budgets(names: Names) -> tuple[Panel, ...]:
    """What is left, and how fast it goes."""
    days = source(names, "availability")
    burned = Chart(
        title="Budget left by day, in the chosen time",
        description="Of the month, by the end of each day; it begins anew each month. The lowest of a service's name.",
        layers=(
            Layer(type="line", data_source=days, x=ByTime(field="day", suggested_interval="1d"),
                  y=(Statistic(operation="min", field="left_share", label="Left", format=Number(type="percent")),),
                  breakdown_by=terms("service", "Service", 12, by_name=True)),
            ReferenceLines(data_source=days, thresholds=(
                Threshold(value=0, label="Spent", color=Color(color=BREACHED)),)),
        ),
    )  # fmt: skip
    rows = (terms("provider", "Provider", 20, by_name=True), terms("service", "Service", 20, by_name=True))
    left = Table(
        title="Budgets by the last day of the chosen time",
        description="Of the last day in the chosen time: what is left of the month's downtime.",
        data_source=days,
        rows=rows,
        metrics=(
            _last("left_share", "Left").model_copy(
                update={"format": Number(type="percent"), "color": left_colors()}),
            _last("spent_s", "Spent"),
            _last("budget_s", "Budget"),
            _last("target_percent", "Target %").model_copy(update={"format": Number(decimals=3)}),
        ),
    )  # fmt: skip
    rates = Table(
        title="Burn rates, ending with the chosen time: last 1 day, 3 days, 7 days, 28 days",
        description="1 spends the month's budget in a month; agreed figure, whole days by their begin.",
        data_source=days,
        rows=rows,
        metrics=(*(_burn(span) for span in ("1d", "3d", "7d", "28d")), SERVICE_DAYS),
    )
    return (
        Panel(id="budget-by-day", grid=Grid(x=0, y=ROW + 10, w=24, h=12), config=burned),
        Panel(id="budgets", grid=Grid(x=24, y=ROW + 10, w=24, h=12), config=left,
              drilldowns=(ToDashboard(dashboard_id=board_id(names, "breach-trend"), label="Breach trend"),)),
        Panel(id="burn-rates", grid=Grid(x=0, y=ROW + 22, w=24, h=12), config=rates),
    )  # fmt: skip


def _last(field: str, label: str) -> LastValue:
    return LastValue(field=field, time_field="day", label=label, format=Span())


def _burn(span: str) -> Ratio:
    return Ratio(
        label=span,
        numerator=Amount(of="sum", field="agreed_down_s"),
        denominator=Amount(of="sum", field="budget_s"),
        scale=DAYS_A_MONTH,
        reduced_time_range=span,
        format=Number(decimals=2),
        color=by_value(MET, (1, OVERDUE), (6, BREACHED)),
    )


def _side_by_side(names: Names) -> tuple[Panel, ...]:
    """The three figures for each service, and the days that cost most."""
    days = source(names, "availability")
    lengths = (
        Statistic(operation="sum", field=field, label=f"Down, {label.lower()}", format=Span())
        for _, field, label, _ in BASES
    )
    table = Table(
        title="Three figures of each service, in the chosen time",
        description="The most downtime by the agreed figure first.",
        data_source=days,
        rows=(terms("provider", "Provider", 20), terms("service", "Service", 20)),
        metrics=(*lengths, availability("agreed_down_s", "Availability, agreed"), SERVICE_DAYS),
    )
    worst = Documents(
        title="Days with the longest downtime, in the chosen time",
        description="By the agreed figure; seconds.",
        data_source=days,
        query=kql("strict_down_s > 0"),
        columns=("day", "provider", "service", "agreed_down_s", "strict_down_s", "provider_down_s", "left_share"),
        sort=(Sort(name="agreed_down_s"), Sort(name="day")),
        rows_per_page=50,
    )
    onward = ToDashboard(dashboard_id=board_id(names, "provider-scorecard"), label="Provider scorecard")
    return (
        Panel(id="three-figures", grid=Grid(x=24, y=ROW + 22, w=24, h=12), config=table, drilldowns=(onward,)),
        Panel(id="worst-days", grid=Grid(x=0, y=ROW + 34, w=48, h=10), config=worst),
    )
