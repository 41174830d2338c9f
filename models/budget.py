"""Error budgets: how much downtime an objective leaves, how fast it goes, when the next credit is due. Pure.

The budget is of the whole period, also while it runs (measurement.md §7).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from models.availability import Availability
from models.clauses import CreditTier
from models.downtime import MICROSECOND, MICROSECONDS, Stretch, blocks, weighted_s, within

HUNDRED = Fraction(100)


@dataclass(frozen=True, slots=True)
class Windows:
    """A long and a short window that are looked at together."""

    long: timedelta
    short: timedelta
    threshold: Decimal
    """Times the rate that uses the budget up exactly at the end of 30 days."""


PAIRS = (
    Windows(timedelta(hours=1), timedelta(minutes=5), Decimal("14.4")),
    Windows(timedelta(hours=6), timedelta(minutes=30), Decimal(6)),
    Windows(timedelta(days=3), timedelta(hours=6), Decimal(1)),
)
"""2 % of a 30-day budget in an hour, 5 % in six hours, 10 % in three days: the thresholds in common use."""


@dataclass(frozen=True, slots=True)
class Burn:
    """How fast the budget goes; rates None where no service was owed in a window, or there is no budget."""

    windows: Windows
    long_rate: Decimal | None
    short_rate: Decimal | None

    @property
    def is_burning(self) -> bool:
        """True if both windows exceed the threshold: much is gone, and it still goes."""
        rates = (self.long_rate, self.short_rate)
        return all(rate is not None and rate > self.windows.threshold for rate in rates)


@dataclass(frozen=True, slots=True)
class NextTier:
    """When the next credit falls due if the service stays down as it is."""

    tier: CreditTier
    at: datetime
    after: timedelta
    """From as-of, wall time."""


@dataclass(frozen=True, slots=True)
class Budget:
    """The budget of one service in one period, in weighted seconds."""

    allowed_s: Decimal
    used_s: Decimal
    burns: tuple[Burn, ...]
    next_tier: NextTier | None
    """None where it is not down, no tier is left, or the period ends before."""

    @property
    def left_s(self) -> Decimal:
        """What is left; negative where it is overdrawn."""
        return self.allowed_s - self.used_s


def budget(found: Availability, tiers: Sequence[CreditTier] = (), objective: Decimal | None = None) -> Budget:
    """Return the budget by the agreed figure.

    Args:
        found: the availability as of an instant.
        tiers: of the same version's credits.
        objective: percent; that of the promise unless given.
    """
    goal = found.promise.objective if objective is None else objective
    owed = Fraction(found.owed // MICROSECOND)
    allowed = owed * (HUNDRED - Fraction(goal)) / HUNDRED
    burns = tuple(_burn(found, pair, goal) for pair in PAIRS)
    allowed_s = Decimal(allowed.__floor__()) / MICROSECONDS
    return Budget(allowed_s, found.agreed.downtime_s, burns, next_tier(found, tiers))


def _burn(found: Availability, pair: Windows, goal: Decimal) -> Burn:
    return Burn(pair, _rate(found, pair.long, goal), _rate(found, pair.short, goal))


def _rate(found: Availability, length: timedelta, goal: Decimal) -> Decimal | None:
    """Return downtime's share of a window's service time, as a multiple of the share that the objective allows."""
    end = min(found.as_of, found.period.span[1])
    begin = max(end - length, found.period.span[0])
    owed_s = Decimal(found.calendar.elapsed(begin, end) // MICROSECOND) / MICROSECONDS
    share = (100 - goal) / 100
    if owed_s <= 0 or share == 0:
        return None
    down_s = weighted_s(within(found.agreed.stretches, [(begin, end)]))
    return (down_s / owed_s / share).quantize(Decimal("0.001"))


def breaking_point(owed: timedelta, below: Decimal, step: Decimal | None) -> Fraction:
    """Return the downtime in microseconds which a percentage must exceed (or, rounding, reach) to fall below a tier.

    With rounding the figure is below as soon as it comes to less than half a digit under the tier.
    """
    edge = Fraction(below)
    if step is not None:
        unit = Fraction(step)
        edge = ((edge / unit).__ceil__() - Fraction(1, 2)) * unit
    return Fraction(owed // MICROSECOND) * (1 - edge / HUNDRED)


def next_tier(found: Availability, tiers: Sequence[CreditTier]) -> NextTier | None:
    """Return when the next lower tier is reached if the service is down now and stays so until then."""
    now = _now_down(found)
    if now is None:
        return None
    used = Fraction(found.agreed.downtime_s * MICROSECONDS)
    ahead = [
        (limit, tier)
        for tier in tiers
        if (limit := breaking_point(found.owed, tier.below, found.promise.rounding)) >= used
    ]
    if not ahead:
        return None
    limit, tier = min(ahead, key=lambda entry: entry[0])
    needed = _needed(found, now, limit - used)
    if needed > found.calendar.elapsed(found.as_of, found.period.span[1]):
        return None
    at = found.calendar.reach(found.as_of, needed)
    return NextTier(tier, at, at - found.as_of)


def _now_down(found: Availability) -> Stretch | None:
    """Return the downtime that lasts at as-of, before quanta; None where it is up, or the period is over."""
    if found.is_final or not found.calendar.is_open(found.as_of):
        return None
    lasting = found.agreed.lasting
    return lasting[-1] if lasting and lasting[-1].end == found.as_of else None


def _needed(found: Availability, now: Stretch, left: Fraction) -> timedelta:
    """Return the service time until more than ``left`` microseconds of weighted downtime have been added."""
    weight, quantum = Fraction(now.weight), found.promise.quantum_time
    if quantum is None:
        needed = (left / weight).__floor__() + 1
    else:
        unit = quantum // MICROSECOND
        count = (left / (weight * unit)).__floor__() + 1
        needed = count * unit - _begun(found, quantum)
    return timedelta(microseconds=needed)


def _begun(found: Availability, quantum: timedelta) -> int:
    """Return how much of a quantum the present block of downtime has begun, in microseconds."""
    *_, block = blocks(found.agreed.lasting)
    return (block[-1].end - block[0].begin) % quantum // MICROSECOND
