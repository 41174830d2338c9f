"""When an error budget burns too fast: the instant, not the moment that somebody looked. Pure.

Rules: measurement.md §7 and §10. An hour and its last five minutes, both above the threshold. What is down now is
taken to stay down; a wake at the computed instant, or the next notice, corrects it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from models.availability import calendar_of
from models.calendar import Calendar
from models.clauses import AvailabilitySpec
from models.downtime import Down, Stretch, in_service, union, weighted_s, within
from models.failures import Trouble, failure
from models.incident import Contract
from models.records import Basis

LONG, SHORT = timedelta(hours=1), timedelta(minutes=5)
PRECISION = timedelta(seconds=1)
MOMENT = timedelta(microseconds=1)
"""Looked beyond as-of: what begins just then has a length, and what ends just then does not last."""


def burning(
    troubles: Sequence[Trouble], contract: Contract, services: Iterable[str], as_of: datetime
) -> Callable[[float, str | None], datetime | None]:
    """Return what answers when the budget of a service begins to burn so many times too fast.

    Args:
        troubles: the incident itself and others that may have taken of the same hour.
        contract: that governs the incident.
        services: of the incident.
        as_of: how far the world has run.
    """
    mine = set(services)

    def reached(rate: float, service: str | None) -> datetime | None:
        promises = [
            one
            for one in contract.version.availability
            if one.service in (mine or {one.service}) and service in (None, one.service)
        ]
        found = [_reached(troubles, contract, promise, Decimal(str(rate)), as_of) for promise in promises]
        return min((at for at in found if at is not None), default=None)

    return reached


def _reached(
    troubles: Sequence[Trouble], contract: Contract, promise: AvailabilitySpec, rate: Decimal, as_of: datetime
) -> datetime | None:
    share = (100 - promise.objective) / 100
    if share == 0:
        return None
    calendar = calendar_of(contract.version, promise)
    seen = as_of + MOMENT
    downs = [
        _lasting(down, seen)
        for one in troubles
        if one.concerns(promise.service)
        for down in failure(one, contract.version, promise, Basis.AGREED, seen).certain
    ]
    if not downs:
        return None
    period = (min(down.begin for down in downs) - LONG, seen + LONG)
    stretches = in_service(union(downs, period), calendar)
    for stretch in stretches:
        at = _crossing(stretches, stretch, calendar, rate * share)
        if at is not None:
            return at
    return None


def _lasting(down: Down, seen: datetime) -> Down:
    """Return downtime that reaches to the end of what is seen as if it lasted for another hour."""
    return replace(down, end=seen + LONG) if down.end == seen else down


def _crossing(
    stretches: Sequence[Stretch], within_one: Stretch, calendar: Calendar, limit: Decimal
) -> datetime | None:  # fmt: skip
    """Return when both windows pass a share of downtime during one stretch; None where they do not.

    While it is down the share only grows until the hour is full, so halving finds the instant.
    """

    def burns(at: datetime) -> bool:
        return all(_share(stretches, (at - length, at), calendar) > limit for length in (LONG, SHORT))

    low, high = within_one.begin, min(within_one.end, within_one.begin + LONG)
    if not burns(high):
        return None
    while high - low > PRECISION:
        middle = low + (high - low) / 2
        low, high = (low, middle) if burns(middle) else (middle, high)
    return high


def _share(stretches: Sequence[Stretch], span: tuple[datetime, datetime], calendar: Calendar) -> Decimal:
    owed = calendar.elapsed(*span)  # never zero: a span that is asked for ends while it is down in open time
    return weighted_s(within(stretches, [span])) / Decimal(owed.total_seconds())
