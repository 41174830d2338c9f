"""Figures of clocks for a summary: n, median, p90, the share met, and what is still open (measurement.md §11). Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil
from typing import Any

from models.records import ClockDocument, Objective, Verdict

ENOUGH = 5
"""Below so many cases there is no figure, only the count."""
CENSORED = (Verdict.PENDING, Verdict.RUNNING, Verdict.PAUSED, Verdict.OVERDUE)


@dataclass(frozen=True, slots=True)
class Figures:
    """What the clocks of one objective came to."""

    objective: Objective
    n: int
    """Met or breached: stopped, and judged."""
    met: int
    breached: int
    open: int
    """Censored: still running, of them ``overdue`` past the target."""
    overdue: int
    indeterminate: int
    left_out: int
    """Cancelled, excluded, not applicable."""
    median_s: float | None
    p90_s: float | None

    @property
    def met_share(self) -> float | None:
        """Share met of those judged; None below five."""
        return None if self.n < ENOUGH else self.met / self.n

    def line(self) -> dict[str, Any]:
        """Return its JSON object."""
        names = ("n", "met", "breached", "open", "overdue", "indeterminate", "left_out", "met_share")
        return {
            "objective": self.objective.value,
            **{name: getattr(self, name) for name in names},
            "median_s": self.median_s,
            "p90_s": self.p90_s,
        }


def figures(clocks: Iterable[ClockDocument]) -> tuple[Figures, ...]:
    """Return the figures of clocks of one basis, an objective each, in the objectives' own order."""
    by_objective: dict[Objective, list[ClockDocument]] = {}
    for clock in clocks:
        by_objective.setdefault(clock.objective, []).append(clock)
    return tuple(_of(one, by_objective[one]) for one in Objective if one in by_objective)


def _of(objective: Objective, clocks: list[ClockDocument]) -> Figures:
    counts = Counter(clock.verdict for clock in clocks)
    judged = [clock for clock in clocks if clock.verdict in (Verdict.MET, Verdict.BREACHED)]
    lengths = [clock.elapsed_max_s for clock in judged if clock.elapsed_max_s is not None]
    stopped = counts[Verdict.MET] + counts[Verdict.BREACHED]
    still = sum(counts[verdict] for verdict in CENSORED)
    return Figures(
        objective=objective,
        n=stopped,
        met=counts[Verdict.MET],
        breached=counts[Verdict.BREACHED],
        open=still,
        overdue=counts[Verdict.OVERDUE],
        indeterminate=counts[Verdict.INDETERMINATE],
        left_out=len(clocks) - stopped - still - counts[Verdict.INDETERMINATE],
        median_s=percentile(lengths, 0.5),
        p90_s=percentile(lengths, 0.9),
    )


def percentile(lengths: Iterable[float], share: float) -> float | None:
    """Return the nearest-rank percentile, the length of a real case; None below five.

    >>> percentile([1, 2, 3, 4, 10], 0.5), percentile([1, 2, 3, 4], 0.5)
    (3, None)
    """
    ordered = sorted(lengths)
    return None if len(ordered) < ENOUGH else ordered[max(ceil(share * len(ordered)) - 1, 0)]
