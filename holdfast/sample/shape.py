"""What a made-up history is to look like, and what is known of it beforehand. Pure.

Chance comes from ``random.Random`` seeded by names: the Mersenne Twister and its seeding by text are the same in every
release of Python, so one shape is one history everywhere.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

PRIORITIES = ("p1", "p2", "p3", "p4")
KINDS = ("cloud", "carrier", "hosting", "saas")
STEMS = (
    "arbor", "birch", "cedar", "delta", "ember", "fjord", "garnet", "harbor",
    "indigo", "juniper", "krypton", "lumen", "meridian", "north", "onyx", "prairie",
    "quartz", "ridge", "summit", "tundra", "umbra", "vertex", "willow", "zephyr",
)  # fmt: skip
MIX = (0.08, 0.27, 0.45, 0.20)
"""Shares of the priorities, most providers."""
WORSE_MIX = (0.30, 0.40, 0.20, 0.10)
MOST_MONTHS = 240
MOST_PROVIDERS = 1000


@dataclass(frozen=True)
class Shape:
    """How much history, and from when.

    Attributes:
        seed: another seed is another history of the same shape.
        providers: how many, 1 to 1000; each of twelve in a row has its own character (``traits``).
        begin: midnight UTC of the first day of a month.
        months: calendar months, 1 to 240.
        incidents_per_month: of each provider, on average.
        notices_per_incident: by the provider, about; those of our probes come on top.
    """

    seed: int = 1
    providers: int = 6
    begin: datetime = datetime(2026, 5, 1, tzinfo=UTC)
    months: int = 1
    incidents_per_month: float = 12.0
    notices_per_incident: float = 8.0

    def __post_init__(self) -> None:
        """Refuse what is no history.

        Raises:
            ValueError: saying what to change.
        """
        if not 1 <= self.months <= MOST_MONTHS or not 1 <= self.providers <= MOST_PROVIDERS:
            raise ValueError(f"a history has 1 to {MOST_MONTHS} months and 1 to {MOST_PROVIDERS} providers")
        if self.incidents_per_month <= 0 or self.notices_per_incident < 1:
            raise ValueError("a history has incidents, and an incident at least one notice")
        if self.begin != self.begin.replace(day=1, hour=0, minute=0, second=0, microsecond=0, tzinfo=UTC):
            raise ValueError("a history begins at midnight UTC on the first day of a month")

    def month(self, index: int) -> datetime:
        """Return the begin of a month of the history, UTC; index ``months`` is its end."""
        number = self.begin.month - 1 + index
        return self.begin.replace(year=self.begin.year + number // 12, month=number % 12 + 1)

    @property
    def end(self) -> datetime:
        """The first instant after it, UTC."""
        return self.month(self.months)

    def chance(self, *names: object) -> random.Random:
        """Return the chance of one part of the history: parts do not depend on each other."""
        return random.Random("/".join(map(str, (self.seed, *names))))  # noqa: S311 - made-up data, no secret


@dataclass(frozen=True)
class Traits:
    """One provider's character: what an analysis has to find again.

    Attributes:
        provider: its id.
        kind: ``cloud``, ``carrier``, ``hosting`` or ``saas``.
        joined_at: begin of its first month with us, UTC.
        pace: its lengths over those of the usual provider; 1 is usual.
        slower_at: begin of the month from which on its lengths are ``slower_by`` times as long; None: never.
        slower_by: as said.
        slow_at: weekdays (ISO, 1 is Monday) on which from 00:00 to 06:00 UTC begun incidents take three times as long.
        onboarding_months: in its first months it is slow, and gets faster month by month to its pace.
        mix: shares of the priorities p1 to p4; rates of breach at one priority do not depend on it.
        probed: whether probes of ours watch it.
    """

    provider: str
    kind: str
    joined_at: datetime
    pace: float = 1.0
    slower_at: datetime | None = None
    slower_by: float = 1.0
    slow_at: tuple[int, ...] = ()
    onboarding_months: int = 0
    mix: Sequence[float] = MIX
    probed: bool = True


SLOWER_BY = 2.5
SEASON_BY = 3.0
SEASON_HOURS = range(6)
ONBOARDING_MONTHS = 3
ONBOARDING_BY = 2.0


def traits(shape: Shape, index: int) -> Traits:
    """Return the character of a provider, by its number from 0: twelve characters in turn."""
    stem, round_ = STEMS[index % len(STEMS)], index // len(STEMS)
    kind = KINDS[index % len(KINDS)]
    provider = f"{stem}-{kind}" if round_ == 0 else f"{stem}-{kind}-{round_ + 1}"
    base = Traits(provider, kind, shape.begin)
    turn = index % 12
    if turn == 1 and shape.months > 1:
        return _but(base, slower_at=shape.month(shape.months - max(1, shape.months // 3)), slower_by=SLOWER_BY)
    if turn == 2:
        return _but(base, slow_at=(6, 7))
    if turn == 3 and shape.months > 1:
        return _but(base, joined_at=shape.month(shape.months // 4), onboarding_months=ONBOARDING_MONTHS)
    if turn == 4:
        return _but(base, mix=WORSE_MIX)
    if turn == 5:
        return _but(base, probed=False)
    return base if turn == 0 else _but(base, pace=round(0.8 + 0.05 * turn, 2))


def _but(base: Traits, **others: object) -> Traits:
    return Traits(**{**base.__dict__, **others})


def slowness(one: Traits, at: datetime) -> float:
    """Return how many times the usual an incident of a provider takes that begins at an instant."""
    factor = one.pace
    if one.slower_at is not None and at >= one.slower_at:
        factor *= one.slower_by
    if at.isoweekday() in one.slow_at and at.hour in SEASON_HOURS:
        factor *= SEASON_BY
    passed = (at.year - one.joined_at.year) * 12 + at.month - one.joined_at.month
    if passed < one.onboarding_months:
        factor *= 1 + (ONBOARDING_BY - 1) * (1 - passed / one.onboarding_months)
    return factor
