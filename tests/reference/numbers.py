"""What a figure of a panel is, over the values that documents have of a field, in plain Python.

Percentiles are those between neighbours (type 7 of Hyndman and Fan: the place ``share * (n - 1)``, read on a straight
line between the two values around it). Elasticsearch's digest keeps every value up to 2,000 of them and gives exactly
these; above that it joins neighbours, and a comparison has to allow for a distance in rank. How it counts equal values
in a percentile rank it does not say, so there only the bounds can be held against it.
"""

from collections.abc import Sequence

KEPT = 2000
"""So many values a digest keeps as they are, at its default compression of 100."""
RANKS = 0.01
"""By how much of all values a digest above that may be off; measured at 0.004 with 3,000 values in three shards."""
EXACT = 1e-9
"""Relative: sums are added up in another order there."""


class Between:
    """Equal to every number within two bounds."""

    def __init__(self, least: float, most: float) -> None:
        """Keep the bounds, both inclusive."""
        slack = EXACT * max(abs(least), abs(most))
        self.least, self.most = least - slack, most + slack

    @property
    def middle(self) -> float:
        """Return what to sort it by."""
        return (self.least + self.most) / 2

    def __eq__(self, other: object) -> bool:
        return isinstance(other, int | float) and self.least <= other <= self.most

    __hash__ = None  # type: ignore[assignment]  # equal to many numbers: no set can hold it

    def __repr__(self) -> str:
        return f"{self.least:g} to {self.most:g}"


def near(number: float) -> Between:
    """Return what equals a number, but for the last digits of its sum."""
    return Between(number, number)


def percentile(found: Sequence[float], percent: float) -> Between | None:
    """Return a percentile; None of nothing.

    >>> percentile([10, 20, 30, 40], 50) == 25.0
    True
    """
    if not found:
        return None
    ordered, share = sorted(found), percent / 100
    allowed = 0.0 if len(ordered) <= KEPT else RANKS
    return Between(between(ordered, max(share - allowed, 0.0)), between(ordered, min(share + allowed, 1.0)))


def between(ordered: Sequence[float], share: float) -> float:
    """Return the value at a share of the way through ordered values, on a straight line between two of them."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def rank(found: Sequence[float], value: float) -> Between | None:
    """Return the share of the values that are no more than a value, equal neighbours counted or not; None of nothing.

    >>> rank([10, 20, 20, 30], 20)
    0.25 to 0.75
    """
    if not found:
        return None
    below = max((one for one in found if one <= value), default=min(found))
    above = min((one for one in found if one >= value), default=max(found))
    allowed = 0.0 if len(found) <= KEPT else RANKS
    least = sum(one < below for one in found) / len(found)
    most = sum(one <= above for one in found) / len(found)
    if value < below:
        least = most = 0.0
    return Between(least - allowed, most + allowed)
