"""How lengths of like cases move: by month, at a change, by hour and weekday. Pure.

Like is compared with like (measurement.md §11): each length is divided by the median of its own priority over the
period, and of each priority only the cases that were measured as the latest are taken. So neither another mix of
priorities nor another calendar of the contract looks like a change of the provider.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from math import log

import numpy as np
from ruptures import Pelt
from scipy.stats import kruskal, mannwhitneyu, theilslopes

from holdfast.analysis.counted import Counted
from holdfast.analysis.estimates import LEVEL, UNKNOWN, Estimate
from models.figures import ENOUGH, percentile

ENOUGH_MONTHS = 5
"""Months with enough cases that a slope needs."""
MONTHS_FOR_A_CHANGE = 8
SHORTEST = 3
"""Months on one level: fewer are an episode, no change."""
PENALTY = 3.0
"""Of one more change, times the months' variance and the logarithm of their number (as BIC, Yao 1988)."""
SURE = 0.001
"""How unlikely the difference of cases before and after must be (Mann-Whitney), for a change to be told."""
LEAST_S = 1.0
"""Shorter lengths count as this: a multiple needs a logarithm."""
MONTH_S = 86400 * 365.25 / 12


@dataclass(frozen=True, slots=True)
class Like:
    """A length as a multiple of its own priority's median."""

    at: datetime
    times: float


@dataclass(frozen=True, slots=True)
class Change:
    """From a month on, lengths are at another level; in multiples of the period's median."""

    at: datetime
    before: float
    after: float


def like(cases: Iterable[Counted]) -> tuple[Like, ...]:
    """Return the judged cases of one objective and basis as multiples, the earliest first.

    Left out are priorities with fewer than five cases, and cases that were measured otherwise than the latest one of
    their priority.
    """
    by_priority: dict[str | None, list[Counted]] = defaultdict(list)
    for one in sorted(cases, key=lambda case: (case.began_at, case.clock_id)):
        if one.is_judged and one.length_s is not None:
            by_priority[one.priority].append(one)
    found = (one for same in by_priority.values() for one in _multiples(same))
    return tuple(sorted(found, key=lambda one: (one.at, one.times)))


def _multiples(cases: Sequence[Counted]) -> Iterator[Like]:
    alike = [(one.began_at, one.length_s or 0.0) for one in cases if one.metric == cases[-1].metric]
    middle = percentile((length for _, length in alike), 0.5)
    if middle is not None:
        for at, length in alike:
            yield Like(at, max(length, LEAST_S) / max(middle, LEAST_S))


def month_of(at: datetime) -> datetime:
    """Return the begin of an instant's calendar month, UTC."""
    return at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def months_between(begin: datetime, end: datetime) -> int:
    """Return how many months later one month begins than another."""
    return 12 * (end.year - begin.year) + end.month - begin.month


Months = Mapping[datetime, tuple[float, ...]]
"""Multiples by begin of the month, the earliest first; of months with enough cases only."""


def by_month(likes: Iterable[Like]) -> Months:
    """Return the multiples of each month that has enough of them."""
    found: dict[datetime, list[float]] = defaultdict(list)
    for one in likes:
        found[month_of(one.at)].append(one.times)
    return {at: tuple(found[at]) for at in sorted(found) if len(found[at]) >= ENOUGH}


def slope(months: Months) -> Estimate:
    """Return by which share of the period's median lengths grow in a month (Theil-Sen, with its interval)."""
    if len(months) < ENOUGH_MONTHS:
        return UNKNOWN
    first = next(iter(months))
    return _theil_sen([(months_between(first, at), _median(times)) for at, times in months.items()])


def early_slope(likes: Sequence[Like]) -> Estimate:
    """Return the same of a provider in its first months: medians of five cases in a row stand for months."""
    runs = [likes[start : start + ENOUGH] for start in range(0, len(likes) - ENOUGH + 1, ENOUGH)]
    if len(runs) < ENOUGH_MONTHS:
        return UNKNOWN
    first = likes[0].at
    points = [
        ((run[ENOUGH // 2].at - first).total_seconds() / MONTH_S, _median([one.times for one in run])) for run in runs
    ]
    return _theil_sen(points)


def _theil_sen(points: Sequence[tuple[float, float]]) -> Estimate:
    when, level = zip(*points, strict=True)
    if len(set(when)) < 2:
        return UNKNOWN
    found = theilslopes(level, when, alpha=LEVEL)
    return Estimate(float(found.slope), float(found.low_slope), float(found.high_slope))


def last_change(months: Months) -> Change | None:
    """Return the latest lasting change of level; None where there is none, or there are too few months to tell.

    Found by PELT on the logarithms of the monthly medians (Killick 2012), with a penalty from the differences of
    neighbouring months, which a change hardly touches; then held against the single cases. Both are needed: months
    alone are few, and single cases alone take a month that was odd by chance for a change.
    """
    if len(months) < MONTHS_FOR_A_CHANGE:
        return None
    at, times = list(months), list(months.values())
    level = np.array([log(_median(one)) for one in times])
    penalty = PENALTY * log(len(level)) * max(float(np.mean(np.diff(level) ** 2)) / 2, 1e-12)
    cuts = Pelt(model="l2", min_size=SHORTEST, jump=1).fit(level.reshape(-1, 1)).predict(pen=penalty)
    edges = [0, *cuts]
    for begin, cut, end in reversed([*zip(edges, edges[1:], edges[2:], strict=False)]):
        before, after = (sorted(x for one in times[low:high] for x in one) for low, high in pairwise((begin, cut, end)))
        if mannwhitneyu(before, after).pvalue < SURE:
            return Change(at[cut], _median(before), _median(after))
    return None


def season(likes: Iterable[Like], unit: str) -> float | None:
    """Return how likely differences between hours, or weekdays, as large as these are where there are none.

    Args:
        likes: of the whole period.
        unit: ``hour`` or ``weekday``, UTC.

    Returns:
        The p-value of Kruskal and Wallis over those with enough cases; None where fewer than two have.
    """
    groups: dict[int, list[float]] = defaultdict(list)
    for one in likes:
        groups[one.at.hour if unit == "hour" else one.at.isoweekday()].append(one.times)
    enough = [group for _, group in sorted(groups.items()) if len(group) >= ENOUGH]
    if len(enough) < 2:
        return None
    if len({x for group in enough for x in group}) == 1:
        return 1.0
    return float(kruskal(*enough).pvalue)


def _median(times: Sequence[float]) -> float:
    """Return the nearest-rank median of at least five multiples."""
    middle = percentile(times, 0.5)
    assert middle is not None, "callers have at least five"
    return middle
