"""Estimates with their intervals, all at 95 %: quantiles, shares, lengths with open cases, ratios of counts. Pure.

No bootstrap: the intervals here are exact or have a closed form, hold for small numbers and need no seed (ADR 0024).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from warnings import catch_warnings, simplefilter

import numpy as np
from scipy.stats import CensoredData, binom, binomtest, chi2, ecdf

from models.figures import ENOUGH, percentile

LEVEL = 0.95
TAIL = (1 - LEVEL) / 2
HALF = 0.5
ROUNDING = 1e-9
"""A product of shares that is a half on paper may come out a little more."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its interval; a bound of None is one that so few cases do not give."""

    value: float | None = None
    low: float | None = None
    high: float | None = None


UNKNOWN = Estimate()


def quantile(ordered: Sequence[float], share: float) -> Estimate:
    """Return a nearest-rank percentile and the two lengths that hold the true one, by their ranks.

    The interval is the order-statistic one: whatever the lengths' distribution, the number of cases below the true
    percentile is binomial. Five cases bound no median, and fewer than 36 no p90 from above.

    Args:
        ordered: lengths, ascending.
        share: such as 0.5.
    """
    if len(ordered) < ENOUGH:
        return UNKNOWN
    below, above = ranks(len(ordered), share)
    return Estimate(
        percentile(ordered, share),
        None if below is None else ordered[below - 1],
        None if above is None else ordered[above - 1],
    )


@lru_cache(maxsize=65536)
def ranks(count: int, share: float) -> tuple[int | None, int | None]:
    """Return the ranks, from 1, of the cases that bound a percentile at 95 %; None where no case does.

    >>> ranks(10, 0.5), ranks(5, 0.5)
    ((2, 9), (None, None))
    """
    low, high = (int(rank) for rank in binom.ppf((TAIL, 1 - TAIL), count, share))
    return low if low >= 1 else None, high + 1 if high + 1 <= count else None


@lru_cache(maxsize=65536)
def share(hits: int, count: int) -> Estimate:
    """Return a share with its Wilson interval; unknown below five cases."""
    if count < ENOUGH:
        return UNKNOWN
    bounds = binomtest(hits, count).proportion_ci(confidence_level=LEVEL, method="wilson")
    return Estimate(hits / count, float(bounds.low), float(bounds.high))


def survival(ended: Sequence[float], running: Sequence[float]) -> Estimate:
    """Return the median length with running cases counted as longer than they are by now (Kaplan-Meier).

    The interval is where the log-log interval of the curve (Kalbfleisch and Prentice) lies on both sides of a half.
    A curve that never comes down to a half has no median; then only the lower bound may be known.

    Args:
        ended: lengths of cases that ended, ascending; fewer than five give no figure.
        running: lengths so far of those that run.
    """
    if len(ended) < ENOUGH:
        return UNKNOWN
    if not running:  # the curve falls by one case at a time, and its median is the median
        return quantile(ended, 0.5)
    curve = ecdf(CensoredData(uncensored=ended, right=running)).sf
    with catch_warnings():  # of an interval that is undefined where the curve is 0 or 1: there it bounds nothing
        simplefilter("ignore", RuntimeWarning)
        bounds = curve.confidence_interval(confidence_level=LEVEL, method="log-log")
    return Estimate(*(_half(one) for one in (curve, bounds.low, bounds.high)))


def _half(curve: Any) -> float | None:
    """Return the first length at which a curve is down to a half; None where it never is, or nobody can say."""
    reached = np.flatnonzero(curve.probabilities <= HALF + ROUNDING)
    return float(curve.quantiles[reached[0]]) if reached.size else None


def ratio(observed: int, expected: float) -> Estimate:
    """Return observed by expected counts with the exact interval of a Poisson count (Garwood 1936).

    Args:
        observed: such as breaches.
        expected: how many there would be at the rate of all; where it is 0 nothing can be said.
    """
    if expected <= 0:
        return UNKNOWN
    low, high = _poisson(observed)
    return Estimate(observed / expected, low / expected, high / expected)


@lru_cache(maxsize=65536)
def _poisson(observed: int) -> tuple[float, float]:
    low = float(chi2.ppf(TAIL, 2 * observed)) / 2 if observed else 0.0
    return low, float(chi2.ppf(1 - TAIL, 2 * (observed + 1))) / 2
