"""How often each priority is breached by all providers together, and what one provider would have at those rates. Pure.

Indirect standardisation: a provider with many p1 is held against how often anybody breaches a p1.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from holdfast.analysis.counted import Counted, Ending
from models.figures import ENOUGH
from models.records import Basis, Objective

Measure = tuple[Objective, Basis]
Stratum = tuple[Objective, Basis, str | None]
"""With the priority."""


@dataclass(frozen=True, slots=True)
class Tried:
    """How many were judged, and how many of them breached."""

    n: int = 0
    breached: int = 0

    def __add__(self, other: "Tried") -> "Tried":
        """Return both together."""
        return Tried(self.n + other.n, self.breached + other.breached)


@dataclass(frozen=True)
class Rates:
    """What all providers together came to."""

    strata: Mapping[Stratum, Tried] = field(default_factory=dict)
    providers: Mapping[Measure, int] = field(default_factory=dict)
    """How many have enough judged cases to be compared with."""

    def expected(self, measure: Measure, judged: Mapping[str | None, int]) -> float | None:
        """Return how many of these would be breached at everybody's rates; None where there is nobody to compare with.

        Args:
            measure: objective and basis.
            judged: cases by priority.
        """
        if self.providers.get(measure, 0) < 2:
            return None
        found = 0.0
        for priority in sorted(judged, key=str):
            tried = self.strata.get((*measure, priority), Tried())
            found += judged[priority] * tried.breached / tried.n if tried.n else 0.0
        return found


def rates_of(tried: Iterable[tuple[str, Stratum, Tried]]) -> Rates:
    """Add up what providers came to.

    Args:
        tried: (provider, stratum, counts); one stratum may come in parts.
    """
    strata: dict[Stratum, Tried] = defaultdict(Tried)
    each: Counter[tuple[str, Measure]] = Counter()
    for provider, stratum, counts in tried:
        strata[stratum] += counts
        each[(provider, stratum[:2])] += counts.n
    return Rates(dict(strata), Counter(measure for (_, measure), n in each.items() if n >= ENOUGH))


def tried_by(cases: Iterable[Counted]) -> Iterable[tuple[str, Stratum, Tried]]:
    """Yield each judged case as counts of its provider and stratum."""
    for one in cases:
        if one.is_judged:
            breached = one.ending is Ending.BREACHED
            yield one.provider, (one.objective, one.basis, one.priority), Tried(1, int(breached))
