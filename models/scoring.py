"""A provider's score: shares of cases that went as agreed, in open dimensions with open weights. Pure.

A dimension below five cases has no figure (measurement.md §11): it is left out and its weight goes to the others, in
proportion, as long as these hold half of the weight. The decisions behind it: docs/adr/0028-reports.md.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from types import MappingProxyType

from models.figures import ENOUGH
from models.questions import Reference


class Dimension(StrEnum):
    """What a provider is looked at by, in the order in which reports show it."""

    RESPONSIVENESS = "responsiveness"
    """Clocks of notify, acknowledge and respond that were met."""
    RECOVERY = "recovery"
    """Clocks of workaround, restore and resolve that were met."""
    COMMUNICATION = "communication"
    """Update clocks that were met, and promises that were kept."""
    DISASTERS = "disasters"
    """Recovery of the incidents that a hazard touched."""
    STABILITY = "stability"
    """Incidents that were not reopened, and repeat no other one."""
    HONESTY = "honesty"
    """Incidents whose claimed times agree with what we saw, and were not changed afterwards."""
    EVIDENCE = "evidence"
    """Security and compliance: reports on the cause in time, reviews held in time."""
    COMMERCIAL = "commercial"
    """Services in months whose agreed availability was reached."""


WEIGHTS: Mapping[Dimension, float] = MappingProxyType({
    Dimension.RESPONSIVENESS: 20, Dimension.RECOVERY: 25, Dimension.COMMUNICATION: 15, Dimension.DISASTERS: 10,
    Dimension.STABILITY: 10, Dimension.HONESTY: 10, Dimension.EVIDENCE: 5, Dimension.COMMERCIAL: 5,
})  # fmt: skip
"""Of each dimension, of 100."""


HALF = 0.5 * (1 - 1e-9)
"""Of the weight: what less than that says is no score. A hair below, for sums of weights are rounded."""


class WeightsError(ValueError):
    """Weights that can't be used; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The cases of one dimension."""

    dimension: Dimension
    n: int
    """Judged."""
    good: int
    """Of them, those that went as agreed."""
    open: int = 0
    """Censored: not over yet."""
    unknown: int = 0
    """That can't be judged."""
    evidence: tuple[Reference, ...] = ()
    """What was judged."""

    @property
    def share(self) -> float | None:
        """Share that went as agreed; None below five."""
        return self.good / self.n if self.n >= ENOUGH else None


@dataclass(frozen=True, slots=True)
class Part:
    """One dimension in a score."""

    measured: Measured
    weight: float
    """As asked for, of the sum of all."""
    counted: float
    """Share of the score that it makes up, 0 to 1; 0 where it is left out."""


@dataclass(frozen=True, slots=True)
class Score:
    """A provider's score over a period."""

    parts: tuple[Part, ...]
    total: float | None
    """0 to 100; None where the dimensions with enough cases hold less than half of the weight."""

    @property
    def left_out(self) -> tuple[Dimension, ...]:
        """Dimensions with a weight and not enough cases."""
        return tuple(one.measured.dimension for one in self.parts if one.weight and one.measured.share is None)


def score(found: Iterable[Measured], weights: Mapping[Dimension, float] = WEIGHTS) -> Score:
    """Return the score of some dimensions.

    Args:
        found: each dimension at most once.
        weights: of each; one without a weight is shown, and does not count.
    """
    every = sorted(found, key=lambda one: tuple(Dimension).index(one.dimension))
    known = {one.dimension: weights.get(one.dimension, 0) for one in every if one.share is not None}
    whole, asked = sum(known.values()), sum(weights.get(one.dimension, 0) for one in every)
    parts = tuple(
        Part(one, weights.get(one.dimension, 0), known.get(one.dimension, 0) / whole if whole else 0.0) for one in every
    )
    if not whole or whole < HALF * asked:
        return Score(parts, None)
    return Score(parts, sum(100 * one.counted * (one.measured.share or 0.0) for one in parts))


def weights_of(told: object) -> dict[Dimension, float]:
    """Read weights as people write them: a mapping from dimensions to numbers; those left out weigh nothing.

    Raises:
        WeightsError: if that is no such mapping, names an unknown dimension, or nothing weighs anything.
    """
    if not isinstance(told, Mapping):
        raise WeightsError(f"weights are a mapping, such as `recovery: 40`; there are {', '.join(Dimension)}")
    found: dict[Dimension, float] = {}
    for name, weight in told.items():
        if name not in set(Dimension):
            raise WeightsError(f"no dimension {name!r}; there are {', '.join(Dimension)}")
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not isfinite(weight) or weight < 0:
            raise WeightsError(f"{name}: {weight!r} is no weight; write a number from 0 up")
        found[Dimension(name)] = weight
    if not sum(found.values()):
        raise WeightsError("nothing has a weight; give at least one dimension a number above 0")
    return found
