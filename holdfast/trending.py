"""What scorecards say of a provider, in words and small charts for a terminal. Pure."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import groupby

from models.derived import Scorecard, Tally
from models.lengths import length
from models.records import Objective

BARS = "▁▂▃▄▅▆▇█"
GAP = "·"
"""A month without enough cases."""
NOT_ENOUGH = "not enough data"
UNLIKELY = 0.01
"""Below it hours, or weekdays, are said to differ."""


def by_objective(cards: Iterable[Scorecard]) -> list[tuple[Objective, list[Scorecard]]]:
    """Return the cards of each objective, in the objectives' own order."""
    ordered = sorted(cards, key=lambda one: (list(Objective).index(one.objective), one.begins_at))
    return [(objective, list(mine)) for objective, mine in groupby(ordered, key=lambda one: one.objective)]


def spark(months: Sequence[Scorecard]) -> str:
    """Return the medians of months as a line of bars; the longest is full, a month of few cases a dot."""
    most = max((one.median_s or 0.0 for one in months), default=0.0)
    return "".join(_bar(one.median_s, most) for one in months)


def _bar(value: float | None, most: float) -> str:
    if value is None:
        return GAP
    return BARS[min(int(len(BARS) * value / most), len(BARS) - 1)] if most else BARS[0]


def span(value: float | None, low: float | None, high: float | None) -> str:
    """Return a length with its interval, such as ``1h30m [45m to 2h]``; a bound that cases do not give is ``?``."""
    return "" if value is None else f"{_length(value)} [{_length(low)} to {_length(high)}]"


def _length(seconds: float | None) -> str:
    return "?" if seconds is None else length(timedelta(seconds=seconds))


def percent(value: float | None, low: float | None = None, high: float | None = None) -> str:
    """Return a share with its interval in percent."""
    if value is None:
        return ""
    return f"{value:.0%}" if low is None or high is None else f"{value:.0%} [{low:.0%} to {high:.0%}]"


def remarks(month: Scorecard) -> str:
    """Return what a reader of one month has to know."""
    told = [] if month.enough else [NOT_ENOUGH]
    told += ["onboarding"] if month.onboarding else []
    told += [f"{month.common_cause} of {month.n} in a hazard"] if month.common_cause else []
    return ", ".join(told)


def sentences(period: Scorecard, hours: Sequence[Scorecard]) -> list[str]:
    """Return what the period comes to, a sentence each.

    Args:
        period: of one objective.
        hours: the same objective's cards by hour of the week, weekday and hour of the day.
    """
    if not period.enough:
        return [f"Over all: {NOT_ENOUGH} (n={period.n})."]
    return [
        _level(period),
        _slope(period),
        _change(period),
        _compared(period),
        *_season(period, hours),
        *_hazard(period),
    ]


def _level(one: Scorecard) -> str:
    told = f"Over all: n={one.n}, median {span(one.median_s, one.median_low_s, one.median_high_s)}"
    if one.censored:
        waiting = span(one.km_median_s, one.km_median_low_s, one.km_median_high_s) or "not reached"
        told += f"; with the {one.censored} still open {waiting}"
    return f"{told}; met {percent(one.met_share, one.met_share_low, one.met_share_high)}."


def _slope(one: Scorecard) -> str:
    if one.slope_per_month is None or one.slope_low is None or one.slope_high is None:
        return f"Trend: {NOT_ENOUGH} ({one.trend_months or 0} months with five cases)."
    word = "longer" if one.slope_low > 0 else "shorter" if one.slope_high < 0 else "no clear direction"
    figure = f"{one.slope_per_month:+.1%} a month [{one.slope_low:+.1%} to {one.slope_high:+.1%}]"
    return f"Trend{' of a new provider, to be judged by it' if one.onboarding else ''}: {figure}: {word}."


def _change(one: Scorecard) -> str:
    if one.changed_at is None:
        return "Change of level: none found."
    return (
        f"Change of level from {one.changed_at:%Y-%m} on: {_length(one.before_s)} before, {_length(one.after_s)} since."
    )


def _compared(one: Scorecard) -> str:
    if one.breach_ratio is None or one.breach_ratio_low is None or one.breach_ratio_high is None:
        return "Compared with others: nobody to compare with."
    word = "worse" if one.breach_ratio_low > 1 else "better" if one.breach_ratio_high < 1 else "no clear difference"
    figure = f"{one.breach_ratio:.2f} [{one.breach_ratio_low:.2f} to {one.breach_ratio_high:.2f}]"
    return (
        f"Compared with all at the same priorities: {one.breached} breached, {one.expected_breached:.1f} expected, "
        f"ratio {figure}: {word}."
    )


def _season(period: Scorecard, hours: Sequence[Scorecard]) -> list[str]:
    told = []
    for name, p_value, cells in (
        ("Hours of the day", period.hour_p, [one for one in hours if one.weekday is None]),
        ("Days of the week", period.weekday_p, [one for one in hours if one.hour is None]),
    ):
        known = [one for one in cells if one.median_s is not None]
        if p_value is None or not known:
            told.append(f"{name}: {NOT_ENOUGH}.")
        elif p_value >= UNLIKELY:
            told.append(f"{name}: no sign that they differ (p={p_value:.2f}).")
        else:
            slowest = max(known, key=lambda one: (one.median_s or 0.0, -(one.hour or 0), -(one.weekday or 0)))
            told.append(
                f"{name} differ (p={p_value:.2g}): slowest {_cell(slowest)}, median {_length(slowest.median_s)}."
            )
    return told


def _cell(one: Scorecard) -> str:
    days = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
    return f"from {one.hour:02}:00 UTC" if one.hour is not None else f"on {days[(one.weekday or 1) - 1]}"


def _hazard(one: Scorecard) -> list[str]:
    if not one.common_cause:
        return []
    storm, calm = (
        _length(value) if value is not None else NOT_ENOUGH for value in (one.hazard_median_s, one.calm_median_s)
    )
    return [f"In a hazard: {one.common_cause} of {one.n}; median {storm}, of all others {calm}."]


def chosen(cards: Iterable[Scorecard], tally: Tally) -> list[Scorecard]:
    """Return the cards of one tally."""
    return [one for one in cards if one.tally is tally]
