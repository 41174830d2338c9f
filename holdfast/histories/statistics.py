"""Figures of many clocks: n, median, p90, share met, and what is open or can't be judged (measurement.md §11). Pure.

No means. Below five cases there is no figure, only the count. Percentiles are nearest-rank, so each is the length of a
real case; a clock whose length is known to an interval counts with the longest that our looks admit.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from math import ceil
from typing import Any

from models.clocks import Reading
from models.records import Basis, Objective, Verdict

ENOUGH = 5
"""Cases below which there is no figure."""
OPEN = (Verdict.PENDING, Verdict.RUNNING, Verdict.PAUSED)
"""Censored: still going, and within the target."""

Figures = dict[str, Any]


def percentile(lengths: Iterable[float], share: float) -> float | None:
    """Return the nearest-rank percentile; None below five cases.

    >>> percentile([1, 2, 3, 4, 10], 0.5), percentile([1, 2, 3, 4], 0.5)
    (3, None)
    """
    ordered = sorted(lengths)
    return None if len(ordered) < ENOUGH else ordered[max(ceil(share * len(ordered)) - 1, 0)]


def spread(lengths: Iterable[float]) -> Figures:
    """Return n, median and p90 of lengths in seconds."""
    known = list(lengths)
    return {"n": len(known), "median_s": percentile(known, 0.5), "p90_s": percentile(known, 0.9)}


def curve(lengths: Iterable[float]) -> list[float]:
    """Return the percentiles from 1 to 100, for a chart; empty below five cases."""
    ordered = sorted(lengths)
    if len(ordered) < ENOUGH:
        return []
    return [ordered[max(ceil(step * len(ordered) / 100) - 1, 0)] for step in range(1, 101)]


def share(part: int, whole: int) -> float | None:
    """Return a share between 0 and 1; None below five cases."""
    return None if whole < ENOUGH else round(part / whole, 4)


def length_of(reading: Reading) -> float | None:
    """Return in seconds how long a stopped clock ran; None while it runs, and where nothing bounds it."""
    if reading.stopped_at is None or reading.elapsed is None or reading.elapsed.most is None:
        return None
    return reading.elapsed.most.total_seconds()


def summary(readings: Sequence[Reading]) -> Figures:
    """Return the figures of clocks of one objective on one basis.

    The share met is of those judged: met, breached, and overdue ones, which can't be met any more.
    """
    counts = Counter(one.verdict for one in readings)
    judged = counts[Verdict.MET] + counts[Verdict.BREACHED] + counts[Verdict.OVERDUE]
    lengths = [length for one in readings if (length := length_of(one)) is not None]
    return {
        "clocks": len(readings),
        **spread(lengths),
        "met": counts[Verdict.MET],
        "breached": counts[Verdict.BREACHED],
        "overdue": counts[Verdict.OVERDUE],
        "open": sum(counts[verdict] for verdict in OPEN),
        "indeterminate": counts[Verdict.INDETERMINATE],
        "other": counts[Verdict.CANCELLED] + counts[Verdict.EXCLUDED] + counts[Verdict.NOT_APPLICABLE],
        "judged": judged,
        "met_share": share(counts[Verdict.MET], judged),
    }


def on(readings: Iterable[Reading], objective: Objective, basis: Basis = Basis.AGREED) -> tuple[Reading, ...]:
    """Return the clocks of one objective on one basis."""
    return tuple(one for one in readings if one.objective is objective and one.basis is basis)
