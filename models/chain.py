"""Chains of agreements: our provider's own suppliers, and whether their promises carry the one made to us. Pure.

An agreement B underpins A where B's customer is A's provider. Each is measured by itself (measurement.md §6); here the
promises are held against each other. What a supplier's services are to the provider's is in no document, so all of B
is taken to underpin all of A.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import prod
from typing import NamedTuple

from models.agreement import Agreement, AgreementVersion
from models.calendar import Calendar, CalendarRangeError
from models.durations import Duration
from models.records import Objective
from models.spec import Loc

STEP = timedelta(hours=5, minutes=30)
"""Between starts that are tried: in eleven weeks they come to every half hour of the week."""
SAMPLE = timedelta(days=366)
"""How long starts are tried from when both versions are in force: a year's holidays and changes of the clocks."""


class Pair(NamedTuple):
    """A version of the agreement above and one of the agreement that underpins it, both in force from ``begin``."""

    above: AgreementVersion
    below: AgreementVersion
    position: int
    """Of ``below`` in its agreement."""
    begin: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Weakness:
    """Where an agreement does not carry what the one above it promises."""

    agreement: str
    """Id of the agreement that underpins."""
    loc: Loc
    """Where in its document."""
    message: str


def underpinned(agreements: Iterable[Agreement]) -> tuple[tuple[Agreement, Agreement], ...]:
    """Return pairs of (agreement, one that underpins it), by their ids."""
    every = sorted(agreements, key=lambda one: one.id)
    return tuple((above, below) for above in every for below in every if below.customer == above.provider)


def cycles(agreements: Iterable[Agreement]) -> tuple[tuple[Agreement, ...], ...]:
    """Return chains that come back to where they began, each once, from the lowest id on.

    Such promises carry themselves. A provider that is its own customer is the shortest.
    """
    every = sorted(agreements, key=lambda one: one.id)
    found: list[tuple[Agreement, ...]] = []
    closed: set[str] = set()
    for first in every:
        if first.id not in closed:
            path = _way_back(first, every)
            closed.update(one.id for one in path)
            if path:
                found.append(path)
    return tuple(found)


def _way_back(first: Agreement, every: Sequence[Agreement]) -> tuple[Agreement, ...]:
    """Return the shortest chain from an agreement down to one whose provider is its own customer; empty for none."""
    paths: list[tuple[Agreement, ...]] = [(first,)]
    seen = {first.id}
    while paths:
        path = paths.pop(0)
        if path[-1].provider == first.customer:
            return path
        for below in every:
            if below.customer == path[-1].provider and below.id not in seen:
                seen.add(below.id)
                paths.append((*path, below))
    return ()


def weaknesses(agreements: Iterable[Agreement]) -> Iterator[Weakness]:
    """Yield where a supplier's promises are longer, fewer or lower than those that rest on them."""
    every = tuple(agreements)
    for above, below in underpinned(every):
        for pair in _pairs(above, below):
            yield from _targets(above, below, pair)
    for above in sorted(every, key=lambda one: one.id):
        yield from _availability(above, [below for top, below in underpinned(every) if top is above])


def _pairs(above: Agreement, below: Agreement) -> Iterator[Pair]:
    """Yield versions that are in force together."""
    ends = {id(version): _end(one, version) for one in (above, below) for version in one.versions}
    for upper in above.versions:
        for index, lower in enumerate(below.versions):
            begin = max(upper.begins_at(), lower.begins_at())
            known = [end for end in (ends[id(upper)], ends[id(lower)]) if end is not None]
            end = min(known, default=None)
            if end is None or begin < end:
                yield Pair(upper, lower, index, begin, end)


def _end(agreement: Agreement, version: AgreementVersion) -> datetime | None:
    """Return when a version stops being in force: its own end, else the next one's begin."""
    later = [one.begins_at() for one in agreement.versions if one.effective_from > version.effective_from]
    own = version.ends_at()
    return min([*later, *([own] if own else [])], default=None)


def _targets(above: Agreement, below: Agreement, pair: Pair) -> Iterator[Weakness]:
    """Yield targets of the supplier that are longer than the same ones above, and those that are not there."""
    at: Loc = ("versions", pair.position, "targets")
    names = f"{above.id} {pair.above.version}"
    known = {target.objective: index for index, target in enumerate(pair.below.targets)}
    for target in pair.above.targets:
        missing: list[str] = []
        for priority, promised in target.durations.items():
            theirs = pair.below.target(target.objective, priority)
            if theirs is None:
                missing.append(f"{priority} {promised}")
                continue
            told = _longer(target.objective, priority, (promised, theirs), pair)
            if told is not None:
                message = f"{target.objective.value} {priority}: {told} ({names})"
                yield Weakness(below.id, (*at, known[target.objective], priority), message)
        if missing:
            loc = (*at, known[target.objective]) if target.objective in known else at
            message = f"no {target.objective.value} target for what {names} promises: {', '.join(missing)}"
            yield Weakness(below.id, loc, message)


def _longer(objective: Objective, priority: str, lengths: tuple[Duration, Duration], pair: Pair) -> str | None:
    """Return in words how a supplier's target is longer than the promise that rests on it; None if it is not."""
    promised, theirs = lengths
    ours, lower = pair.above.calendar(objective, priority), pair.below.calendar(objective, priority)
    if _alike(ours, lower) and (promised.unit == theirs.unit or None not in (promised.fixed, theirs.fixed)):
        is_longer = _amount(theirs) > _amount(promised)
        return f"{theirs} is longer than the {promised} that rest on it" if is_longer else None
    try:
        late = _latest(pair, (ours, promised), (lower, theirs))
    except CalendarRangeError as error:
        return f"{theirs} can't be compared with {promised}: {error}"
    if late is None:
        return None
    start, excess = late
    return (
        f"{theirs} may end {_length(excess)} after the {promised} that rest on it, "
        f"such as for a start on {start.astimezone(UTC):%a %Y-%m-%d %H:%M} UTC"
    )


def _alike(first: Calendar, second: Calendar) -> bool:
    """Return whether two calendars are the same: equal hours in an equal zone are compiled once."""
    return first is second or (first.is_always and second.is_always)


def _amount(duration: Duration) -> float:
    return duration.amount if duration.fixed is None else duration.fixed.total_seconds()


def _latest(
    pair: Pair, ours: tuple[Calendar, Duration], theirs: tuple[Calendar, Duration]
) -> tuple[datetime, timedelta] | None:
    """Return the start after which the supplier's deadline is latest past ours, and by how much; None if never.

    Starts of a year are tried, every five and a half hours.
    """
    end = min(pair.end or pair.begin + SAMPLE, pair.begin + SAMPLE)
    worst: tuple[datetime, timedelta] | None = None
    start = pair.begin
    while start < end:
        excess = _deadline(theirs, start) - _deadline(ours, start)
        if excess > (worst[1] if worst else timedelta(0)):
            worst = (start, excess)
        start += STEP
    return worst


def _deadline(term: tuple[Calendar, Duration], start: datetime) -> datetime:
    calendar, duration = term
    return calendar.reach(start, calendar.length(start, duration))


def _length(span: timedelta) -> str:
    """Return a length in its two largest units."""
    minutes = max(1, span // timedelta(minutes=1))
    days, hours = divmod(minutes // 60, 24)
    parts = [(days, "d"), (hours, "h"), (minutes % 60, "m")]
    return "".join(f"{count}{unit}" for count, unit in [part for part in parts if part[0]][:2])


def _availability(above: Agreement, suppliers: Sequence[Agreement]) -> Iterator[Weakness]:
    """Yield where what suppliers promise, all in series, is less available than what is promised on top of it."""
    for upper in above.versions if suppliers else ():
        pairs = [(below, pair) for below in suppliers for pair in _pairs(above, below) if pair.above is upper]
        if not upper.availability:
            continue
        highest = max(promise.objective for promise in upper.availability)
        names = f"{above.id} {upper.version}"
        for below, pair in pairs:
            if not pair.below.availability:
                message = f"no availability promise, and {highest} % rest on it ({names})"
                yield Weakness(below.id, ("versions", pair.position), message)
        yield from _in_series(names, highest, pairs)


def _in_series(names: str, highest: Decimal, pairs: Sequence[tuple[Agreement, Pair]]) -> Iterator[Weakness]:
    """Yield a finding at the last supplier for each instant of change at which the product is too low."""
    for begin in sorted({pair.begin for _, pair in pairs}):
        now = [(below, pair) for below, pair in pairs if pair.begin <= begin and (not pair.end or begin < pair.end)]
        serial = [
            (promise.objective, below, pair.position, position)
            for below, pair in now
            for position, promise in enumerate(pair.below.availability)
        ]
        product = prod((share / 100 for share, *_ in serial), start=Decimal(1)) * 100
        if product >= highest:
            continue
        share, below, index, position = min(serial, key=lambda one: (one[0], one[1].id, one[2], one[3]))
        figure = f"{share} %" if len(serial) == 1 else f"{' x '.join(str(one[0]) for one in serial)} = {product:.4f} %"
        message = f"{figure} is less than the {highest} % that rest on it ({names})"
        yield Weakness(below.id, ("versions", index, "availability", position, "objective"), message)
