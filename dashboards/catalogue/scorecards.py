"""Figures of the clocks. Pure."""

from dataclasses import replace
from functools import partial

from dashboards.catalogue import common
from dashboards.catalogue.fields import (
    Field,
    FieldType,
    Kind,
    Unit,
    Writes,
    count,
    instant,
    keyword,
    number,
    yes_or_no,
)
from models.derived import Tally

_figure = partial(Field, type=FieldType.DOUBLE, nullable=True, absent=True)
_seconds = partial(_figure, unit=Unit.SECONDS)
_share = partial(_figure, unit=Unit.SHARE)
_ratio = partial(_figure, unit=Unit.RATIO)
_per_month = partial(_figure, unit=Unit.PER_MONTH)


def _interval(figure: Field, low: str, high: str, examples: tuple[float, float]) -> tuple[Field, ...]:
    """Return a figure and the two ends of its interval, by their names."""
    ends = zip((low, high), ("Lower", "Upper"), examples, strict=True)
    return figure, *(
        replace(figure, name=name, meaning=f"{end} end of the 95 % interval of `{figure.name}`.", example=example)
        for name, end, example in ends
    )


_COUNTS = (
    count(name="n", meaning="Clocks that were judged: met or breached.", example=12),
    count(name="met", meaning="Of them, met.", example=9),
    count(name="breached", meaning="Of them, breached.", example=3),
    count(
        name="censored",
        meaning="Still running: counted in the Kaplan-Meier figures, in no other.",
        example=1,
    ),
    count(name="indeterminate", meaning="Where the verdict lies within the gap between two looks.", example=0),
    count(name="left_out", meaning="Cancelled, excluded, not applicable.", example=2),
    count(name="common_cause", meaning="Of `n`, those while a hazard lay over the provider's sites.", example=1),
)

_FIGURES = (
    *_interval(
        _share(name="met_share", meaning="Share met of those judged.", example=0.75),
        "met_share_low",
        "met_share_high",
        (0.4677, 0.9111),
    ),
    *_interval(
        _seconds(name="median_s", meaning="Median length of the clocks that were judged.", example=9000.0),
        "median_low_s",
        "median_high_s",
        (5400.0, 12600.0),
    ),
    *_interval(
        _seconds(name="p90_s", meaning="90th percentile of the lengths, nearest rank.", example=16200.0),
        "p90_low_s",
        "p90_high_s",
        (12600.0, 21600.0),
    ),
    *_interval(
        _seconds(
            name="km_median_s",
            meaning="Median by Kaplan-Meier: open cases are counted as longer than they are by now.",
            example=9600.0,
        ),
        "km_median_low_s",
        "km_median_high_s",
        (5400.0, 14400.0),
    ),
    _seconds(name="target_s", meaning="Median of the targets.", example=14400.0),
)

_TREND = (
    *_interval(
        _per_month(
            name="slope_per_month",
            meaning="Of `period`: Theil-Sen slope of the monthly medians, as a share of the period's median.",
            example=0.04,
        ),
        "slope_low",
        "slope_high",
        (-0.01, 0.09),
    ),
    instant(
        name="changed_at",
        meaning="Of `period`: begin of the month from which on lengths are at another level; null: no change is seen.",
        example="2026-03-01T00:00:00Z",
        nullable=True,
        absent=True,
    ),
    _seconds(name="before_s", meaning="Median before the change.", example=7200.0),
    _seconds(name="after_s", meaning="Median after the change.", example=10800.0),
    _figure(
        name="expected_breached",
        unit=Unit.COUNT,
        meaning="Of `period`: breaches if each priority were breached as often as by all providers together.",
        example=2.4,
    ),
    *_interval(
        _ratio(
            name="breach_ratio",
            meaning="Breached by expected: above 1 is worse than the others at the same mix of priorities.",
            example=1.25,
        ),
        "breach_ratio_low",
        "breach_ratio_high",
        (0.26, 3.65),
    ),
    count(
        name="trend_months",
        meaning="Of `period`: months with enough cases, that slope and change rest on.",
        example=11,
        nullable=True,
        absent=True,
    ),
    _share(
        name="hour_p",
        meaning="Of `period`: Kruskal-Wallis over the hours of the day, UTC: how likely such differences are where "
        "there are none.",
        example=0.03,
    ),
    _share(name="weekday_p", meaning="Of `period`: the same over the days of the week.", example=0.41),
    _seconds(
        name="hazard_median_s",
        meaning="Median of the clocks while a hazard lay over the provider's sites.",
        example=14000.0,
    ),
    _seconds(name="calm_median_s", meaning="Median of all others.", example=8800.0),
    keyword(
        name="metric_version",
        meaning="Version of the definitions that the figures rest on; raised with any that changes a figure.",
        example="1",
        absent=True,
    ),
)

SCORECARDS = Kind(
    name="scorecards",
    meaning="Figures of the clocks by provider, service, priority, objective, basis and month; computed.",
    writes=Writes.DERIVED,
    identity=(
        "tally",
        "provider",
        "service",
        "priority",
        "objective",
        "basis",
        "begins_at",
        "weekday",
        "hour",
    ),
    dated_by=("begins_at",),
    keep_months=None,
    fields=(
        keyword(
            name="tally",
            meaning="What it sums up: a calendar month, an hour of the week (or of every day), or the whole period.",
            example="month",
            words=Tally,
        ),
        common.provider(),
        keyword(name="service", meaning="The service; `*` is all of them together.", example="*"),
        keyword(name="priority", meaning="The priority; `*` is all of them together.", example="*"),
        common.objective(ecs="rule.name"),
        common.basis(),
        instant(
            name="begins_at",
            meaning="Begin of the month, or of the period.",
            example="2026-05-01T00:00:00Z",
            ecs="event.start",
        ),
        instant(name="ends_at", meaning="End of the same.", example="2026-06-01T00:00:00Z", ecs="event.end"),
        instant(name="as_of", meaning="What was known by then was counted.", example="2026-06-01T00:00:00Z"),
        number(
            name="weekday",
            meaning="Of `hour`: 1 is Monday, 7 Sunday, UTC; null: all days.",
            example=1,
            nullable=True,
            absent=True,
        ),
        number(name="hour", meaning="Of `hour`: 0 to 23, UTC; null: all hours.", example=9, nullable=True, absent=True),
        *_COUNTS,
        yes_or_no(
            name="onboarding",
            meaning="True within the provider's first three months with us: to be judged by its slope.",
            example=False,
        ),
        yes_or_no(
            name="enough",
            meaning="False below five judged clocks: there are counts then, and no figures.",
            example=True,
        ),
        *_FIGURES,
        *_TREND,
    ),
)
