"""Availability and credits of a month, part by part: what one part used up counts in the next. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from models.availability import Availability, Evidence, availability
from models.credits import NOTHING, Credit, credit
from models.downtime import ZERO
from models.months import Period


def available(evidence: Evidence, parts: Sequence[Period], as_of: datetime) -> Iterator[list[Availability]]:
    """Yield the services of each part of a month that has begun; the maintenance allowance is used up across the parts.

    Args:
        evidence: of the provider.
        parts: of one month of one agreement, in order (``models.months.periods``).
        as_of: how far the world has run; UTC.
    """
    used: dict[str, timedelta] = {}
    for part in parts:
        if as_of <= part.span[0]:
            continue
        found = []
        for promise in part.version.availability:
            one = availability(evidence, part, promise, as_of, used.get(promise.service, ZERO))
            used[promise.service] = one.allowance_used
            found.append(one)
        if found:
            yield found


def credited(found: Iterable[list[Availability]], as_of: datetime, earlier: Decimal = NOTHING) -> Iterator[Credit]:
    """Yield the credit of each part whose version pays credits.

    Args:
        found: as of ``available``.
        as_of: how far the world has run; UTC.
        earlier: what earlier months of the contract year have paid, for a yearly cap.
    """
    for part in found:
        one = credit(part, as_of, earlier)
        if one is not None:
            earlier += one.amount
            yield one
