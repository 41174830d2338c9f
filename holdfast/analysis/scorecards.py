"""Scorecards: the figures of a provider's clocks by month, by hour of the week and over the whole period. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from holdfast.analysis.counted import Counted, Ending
from holdfast.analysis.estimates import Estimate, quantile, ratio, share, survival
from holdfast.analysis.rates import Rates
from holdfast.analysis.trends import (
    Like,
    by_month,
    early_slope,
    last_change,
    like,
    month_of,
    season,
    slope,
)
from models.derived import ALL, Scorecard, Tally
from models.figures import ENOUGH, percentile
from models.months import Month
from models.records import Basis

ONBOARDING_MONTHS = 3
CELL = ("service", "priority", "objective", "basis")
UTC_ZONE = "UTC"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose cards, over which period."""

    provider: str
    begin: datetime
    """Begin of a month, or what was asked for."""
    end: datetime
    as_of: datetime
    joined_at: datetime
    """When the provider began with us."""

    @property
    def settled_at(self) -> datetime:
        """When its onboarding is over: months that begin before are marked."""
        return month_after(self.joined_at, ONBOARDING_MONTHS) + (self.joined_at - month_of(self.joined_at))


def month_after(at: datetime, count: int = 1) -> datetime:
    """Return the begin of the month so many months after an instant's, UTC."""
    month = Month(at.year, at.month)
    for _ in range(count):
        month = month.following
    return month.bounds(UTC_ZONE)[0]


def scorecards(cases: Sequence[Counted], rates: Rates, scope: Scope) -> Iterator[Scorecard]:
    """Yield every card of one provider that has a case, ordered by what it sums up.

    By month and over the period: each service and all, each priority and all. By hour of the week: all together, and
    on the agreed basis only. A case of two services counts under each, and once under ``*``; one without a priority
    counts under ``*`` only.

    Args:
        cases: of the provider, within the period.
        rates: of all providers.
        scope: whose cards.
    """
    if not cases:
        return
    ordered = sorted(cases, key=lambda one: (one.began_at, one.clock_id))
    frame = _frame(ordered)
    cells = _cells(frame)
    for key, rows in _groups(cells, (*CELL, "month")):
        begin = key.pop("month")
        yield _card(Tally.MONTH, key, (begin, month_after(begin)), [ordered[row] for row in rows], scope)
    for key, rows in _groups(cells, CELL):
        chosen = [ordered[row] for row in rows]
        more = _over_time(chosen, rates, scope)
        yield _card(Tally.PERIOD, key, (scope.begin, scope.end), chosen, scope, more)
    yield from _seasons(frame, ordered, scope)


def _seasons(frame: pl.DataFrame, ordered: Sequence[Counted], scope: Scope) -> Iterator[Scorecard]:
    """Yield the hours of the week, the weekdays and the hours of the day."""
    agreed = frame.filter(pl.col("basis") == Basis.AGREED.value)
    alone = agreed.with_columns(service=pl.lit(ALL), priority=pl.lit(ALL))
    for by in (("weekday", "hour"), ("weekday",), ("hour",)):
        for key, rows in _groups(alone, (*CELL, *by)):
            yield _card(Tally.HOUR, key, (scope.begin, scope.end), [ordered[row] for row in rows], scope)


def _frame(cases: Sequence[Counted]) -> pl.DataFrame:
    """Return what cases are grouped by; a row leads back to its case."""
    return pl.DataFrame(
        {
            "row": range(len(cases)),
            "services": [[*sorted(set(one.services)), ALL] for one in cases],
            "priorities": [[ALL] if one.priority is None else [one.priority, ALL] for one in cases],
            "objective": [one.objective.value for one in cases],
            "basis": [one.basis.value for one in cases],
            "month": [month_of(one.began_at) for one in cases],
            "weekday": [one.began_at.isoweekday() for one in cases],
            "hour": [one.began_at.hour for one in cases],
        },
        schema_overrides={"services": pl.List(pl.String), "priorities": pl.List(pl.String)},
    )


def _cells(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.explode("services").explode("priorities").rename({"services": "service", "priorities": "priority"})


def _groups(frame: pl.DataFrame, by: Sequence[str]) -> Iterator[tuple[dict[str, Any], list[int]]]:
    grouped = frame.group_by(by).agg(pl.col("row").sort()).sort(by)
    for found in grouped.iter_rows(named=True):
        rows = found.pop("row")
        yield found, rows


def _card(
    tally: Tally, key: Mapping[str, Any], span: tuple[datetime, datetime], cases: Sequence[Counted], scope: Scope,
    more: Mapping[str, Any] | None = None,
) -> Scorecard:  # fmt: skip
    counts = Counter(one.ending for one in cases)
    judged = [one for one in cases if one.is_judged]
    last = scope.as_of if tally is Tally.PERIOD else span[0]
    return Scorecard(
        tally=tally,
        provider=scope.provider,
        **key,
        begins_at=span[0],
        ends_at=span[1],
        as_of=scope.as_of,
        n=len(judged),
        met=counts[Ending.MET],
        breached=counts[Ending.BREACHED],
        censored=counts[Ending.CENSORED],
        indeterminate=counts[Ending.INDETERMINATE],
        left_out=counts[Ending.LEFT_OUT],
        common_cause=sum(one.under_hazard for one in judged),
        onboarding=tally is not Tally.HOUR and last < scope.settled_at,
        enough=len(judged) >= ENOUGH,
        **(_figures(cases, judged) if len(judged) >= ENOUGH else {}),
        **(more or {}),
    )


def _figures(cases: Sequence[Counted], judged: Sequence[Counted]) -> dict[str, Any]:
    lengths = sorted(one.length_s for one in judged if one.length_s is not None)
    running = sorted(one.length_s for one in cases if one.ending is Ending.CENSORED and one.length_s is not None)
    met = sum(one.ending is Ending.MET for one in judged)
    return {
        **_fields("met_share", "met_share_low", "met_share_high", share(met, len(judged))),
        **_fields("median_s", "median_low_s", "median_high_s", quantile(lengths, 0.5)),
        **_fields("p90_s", "p90_low_s", "p90_high_s", quantile(lengths, 0.9)),
        **_fields("km_median_s", "km_median_low_s", "km_median_high_s", survival(lengths, running)),
        "target_s": percentile((one.target_s for one in judged), 0.5),
    }


def _fields(value: str, low: str, high: str, found: Estimate) -> dict[str, float | None]:
    return {value: found.value, low: found.low, high: found.high}


def _over_time(cases: Sequence[Counted], rates: Rates, scope: Scope) -> dict[str, Any]:
    """Return the figures of the period only; none where there are too few cases."""
    judged = [one for one in cases if one.is_judged]
    if len(judged) < ENOUGH:
        return {}
    likes = like(judged)
    measure = (cases[0].objective, cases[0].basis)
    expected = rates.expected(measure, Counter(one.priority for one in judged))
    breached = sum(one.ending is Ending.BREACHED for one in judged)
    compared = Estimate() if expected is None else ratio(breached, expected)
    hazard = [one.length_s for one in judged if one.under_hazard and one.length_s is not None]
    calm = [one.length_s for one in judged if not one.under_hazard and one.length_s is not None]
    return {
        **_moving(likes, judged, scope),
        "expected_breached": expected,
        **_fields("breach_ratio", "breach_ratio_low", "breach_ratio_high", compared),
        "hour_p": season(likes, "hour"),
        "weekday_p": season(likes, "weekday"),
        "hazard_median_s": percentile(hazard, 0.5),
        "calm_median_s": percentile(calm, 0.5),
    }


def _moving(likes: Sequence[Like], judged: Iterable[Counted], scope: Scope) -> dict[str, Any]:
    """Return slope and change; a provider that is new is judged by its slope, and learning is no change."""
    months = by_month(likes)
    settled = {at: times for at, times in months.items() if at >= scope.settled_at}
    change = last_change(settled)
    middle = percentile((one.length_s for one in judged if one.length_s is not None), 0.5)
    is_new = scope.as_of < scope.settled_at
    found: dict[str, Any] = {
        **_fields("slope_per_month", "slope_low", "slope_high", early_slope(likes) if is_new else slope(months)),
        "trend_months": len(months),
    }
    if change is not None and middle is not None:
        found |= {"changed_at": change.at, "before_s": change.before * middle, "after_s": change.after * middle}
    return found
