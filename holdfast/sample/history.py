"""The whole of a made-up history: documents, notices in the order in which we had them, and the truth. Pure.

Each month of each provider is made by itself, from a seed of its own, so that years need no memory and several
processes can share the work.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from heapq import merge
from math import exp
from random import Random

from holdfast.sample.cast import documents
from holdfast.sample.incidents import Circumstance, Scene, play
from holdfast.sample.shape import Shape, Traits, traits
from holdfast.sample.truth import IncidentTruth
from holdfast.sample.weather import Providers, exposed, hazard_name, maintenance, storms
from models.documents import Documents
from models.notice import Notice

FIXED_STATEMENTS = 5.5
"""About so many statements has an incident besides its updates."""
HIT_SHARE = 0.6
"""Of the storms over a provider's sites cause an incident."""


@dataclass(frozen=True)
class Truth:
    """What an analysis has to find again."""

    providers: Mapping[str, Traits]
    """By id."""
    incidents: tuple[IncidentTruth, ...]
    """All that began, by begin."""


@dataclass(frozen=True)
class History:
    """A made-up history."""

    shape: Shape

    @cached_property
    def documents(self) -> Documents:
        """Providers, agreements, policies and the rota."""
        return documents(self.shape)

    @cached_property
    def traits(self) -> dict[str, Traits]:
        """The characters of all providers, by id."""
        every = (traits(self.shape, index) for index in range(self.shape.providers))
        return {one.provider: one for one in every}

    @cached_property
    def truth(self) -> Truth:
        """What really happened; of years this is large."""
        found = [
            scene.truth
            for provider in self.traits
            for month in range(self.shape.months)
            for scene in self.scenes(provider, month)
        ]
        return Truth(self.traits, tuple(sorted(found, key=lambda one: (one.began_at, one.source_incident_id))))

    def scenes(self, provider: str, month: int) -> tuple[Scene, ...]:
        """Return the incidents of a provider that begin in a month, by its index."""
        one, begin, end = self.traits[provider], self.shape.month(month), self.shape.month(month + 1)
        if begin < one.joined_at:
            return ()
        chance = self.shape.chance(provider, month)
        updates = max(0.0, self.shape.notices_per_incident - FIXED_STATEMENTS)
        count = _poisson(self.shape.incidents_per_month, chance)
        begins = sorted(begin + (end - begin) * chance.random() for _ in range(count))
        if end == self.shape.end:  # so that something is open at the end
            begins.append(end - timedelta(minutes=chance.randint(20, 600)))
        found = [
            play(Circumstance(one, f"{begin:%Y%m}-{number}", at.replace(microsecond=0), updates), chance)
            for number, at in enumerate(begins, 1)
        ]
        return (*found, *self._hit(one, month, updates, chance))

    def _hit(self, one: Traits, month: int, updates: float, chance: Random) -> Iterator[Scene]:
        """Yield the incidents that storms of a month cause."""
        seen = set()
        for exposure in self._exposures(one.provider, month):
            name, onset, end = exposure.source_incident_id, exposure.claimed_at, exposure.claimed_end_at
            if name in seen or onset is None or end is None or not exposure.services:
                continue
            seen.add(name)
            if chance.random() < HIT_SHARE:
                at = (onset + (end - onset) * chance.uniform(0.2, 0.6)).replace(microsecond=0)
                about = Circumstance(one, name, at, updates, hazard_name(exposure), exposure.services)
                yield play(about, chance)

    def _exposures(self, provider: str, month: int) -> tuple[Notice, ...]:
        return exposed(self.shape, month, self._providers).get(provider, ())

    @cached_property
    def _providers(self) -> Providers:
        return Providers(self.documents)

    def of_month(self, provider: str, month: int) -> tuple[Notice, ...]:
        """Return every notice of what begins in a month at a provider, by when we had it, up to the history's end."""
        one, begin = self.traits[provider], self.shape.month(month)
        if begin < one.joined_at:
            return ()
        said = [notice for scene in self.scenes(provider, month) for notice in scene.notices]
        chance = self.shape.chance(provider, month, "maintenance")
        if chance.random() < 0.7:
            said += maintenance(one, begin, f"{begin:%Y%m}", chance)
        said += self._exposures(provider, month)
        return tuple(sorted((one for one in said if one.received_at < self.shape.end), key=_order))

    def notices(self) -> Iterator[Notice]:
        """Yield every notice in the order in which we had it, hazards among them."""
        ahead: list[Notice] = []
        for month in range(self.shape.months):
            fresh = [one for told in storms(self.shape, month) for one in told if one.received_at < self.shape.end]
            for provider in self.traits:
                fresh += self.of_month(provider, month)
            fresh.sort(key=_order)
            ready = list(merge(ahead, fresh, key=_order))
            # What begins in the next month is announced up to five days before it.
            until = self.shape.month(month + 1) - timedelta(days=6)
            ahead = [one for one in ready if one.received_at >= until]
            yield from (one for one in ready if one.received_at < until)
        yield from ahead


def history(shape: Shape) -> History:
    """Return the history of a shape; it is made as it is read."""
    return History(shape)


def _order(notice: Notice) -> tuple[datetime, str]:
    return (notice.received_at, notice.notice_id)


def _poisson(mean: float, chance: Random) -> int:
    """Return how many of something rare come about (Knuth, TAOCP 2, 3.4.1); mean below 500."""
    left, count = chance.random(), 0
    bound = exp(-mean)
    while left > bound:
        left *= chance.random()
        count += 1
    return count
