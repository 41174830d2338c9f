"""Days of a service: its downtime by three figures, and what the day leaves of the month's error budget. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from models.agreement import Agreement
from models.availability import Availability, Evidence, Side, availability, calendar_of
from models.budget import budget
from models.correlation import span_of
from models.derived import AvailabilityDay
from models.downtime import MICROSECOND, MICROSECONDS, ZERO, Span, weighted_s, within
from models.failures import Trouble
from models.instants import LATEST, to_utc
from models.matter import Matter
from models.months import Month, periods
from models.notice import Kind

SLACK = timedelta(days=2)
"""Around a month: what touches it by another basis' times than the span of its statements."""

EASTERNMOST = timedelta(hours=14)
"""So much earlier than in UTC a month begins where the day begins first."""


@dataclass(frozen=True, slots=True)
class Lasting:
    """A trouble with when it lasted, by what was said of it: most months need not look at it."""

    trouble: Trouble
    begin: datetime
    end: datetime


def lasting(matters: Iterable[Matter]) -> tuple[Lasting, ...]:
    """Return incidents and maintenances as availability counts them; those without a statement are left out."""
    found = []
    for one in matters:
        if one.facts:
            span = span_of(one.facts[0].member, one.facts)
            trouble = Trouble(one.incident.incident_id, Kind(one.incident.kind), one.incident.services, one.facts)
            found.append(Lasting(trouble, span.begin - SLACK, LATEST if span.end is None else span.end + SLACK))
    return tuple(found)


def availability_days(
    agreement: Agreement, troubles: Sequence[Lasting], span: Span, as_of: datetime
) -> Iterator[AvailabilityDay]:
    """Yield every day of an agreement's services that has begun, a month after the other.

    Args:
        agreement: whose availability clauses.
        troubles: of the provider.
        span: days that begin in it, and those before that are of its first day in another zone.
        as_of: how far the world has run; the day that runs is measured up to here.
    """
    span = (span[0] - EASTERNMOST, span[1])
    month, last = _month(agreement, span[0]), _month(agreement, min(span[1], as_of))
    while month <= last:
        for parts in _services(agreement, month, troubles, as_of):
            yield from _days(agreement, parts, span, as_of)
        month = month.following


def _month(agreement: Agreement, at: datetime) -> Month:
    """Return the month of an instant in the zone of the version in force, else of the first version."""
    version = agreement.version_at(at) or agreement.versions[0]
    local = at.astimezone(ZoneInfo(version.timezone))
    return Month(local.year, local.month)


def _services(
    agreement: Agreement, month: Month, troubles: Sequence[Lasting], as_of: datetime
) -> Iterator[list[Availability]]:
    """Yield each service's parts of a month, one for each version; the maintenance allowance runs through them."""
    found: dict[str, list[Availability]] = {}
    for part in periods(agreement, month):
        begin, end = part.span
        if as_of <= begin:
            continue
        known = Evidence(tuple(one.trouble for one in troubles if one.begin < end and one.end > begin))
        for promise in part.version.availability:
            parts = found.setdefault(promise.service, [])
            used = parts[-1].allowance_used if parts else ZERO
            parts.append(availability(known, part, promise, as_of, used))
    yield from found.values()


def _days(
    agreement: Agreement, parts: Sequence[Availability], span: Span, as_of: datetime
) -> Iterator[AvailabilityDay]:  # fmt: skip
    allowed_s = sum((budget(part).allowed_s for part in parts), Decimal(0))
    begun = parts[0].period.span[0]
    for begin, end, part in _dated(parts, as_of):
        if not span[0] <= begin < span[1]:
            continue
        spent_s = _down_s(parts, Side.AGREED, (begun, end))
        yield AvailabilityDay(
            provider=agreement.provider,
            service=part.promise.service,
            agreement=agreement.id,
            agreement_version=part.period.version.version,
            day=begin,
            service_s=float(_owed_s(part, begin, end)),
            strict_down_s=float(_down_s(parts, Side.STRICT, (begin, end))),
            provider_down_s=float(_down_s(parts, Side.PROVIDER, (begin, end))),
            agreed_down_s=float(_down_s(parts, Side.AGREED, (begin, end))),
            target_percent=float(part.promise.objective),
            budget_s=float(allowed_s),
            spent_s=float(spent_s),
            left_share=float((allowed_s - spent_s) / allowed_s) if allowed_s else 0.0,
        )


def _dated(parts: Sequence[Availability], as_of: datetime) -> Iterator[tuple[datetime, datetime, Availability]]:
    """Yield the days of each part that have begun, in the contract's zone."""
    for part in parts:
        zone = ZoneInfo(part.period.version.timezone)
        begin, end = part.period.span[0], min(part.period.span[1], as_of)
        while begin < end:
            local = begin.astimezone(zone).date()
            following = min(_midnight(local + timedelta(days=1), zone), end)
            yield begin, following, part
            begin = following


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return to_utc(datetime.combine(day, time(), zone))


def _owed_s(part: Availability, begin: datetime, end: datetime) -> Decimal:
    calendar = calendar_of(part.period.version, part.promise)
    return Decimal(calendar.elapsed(begin, end) // MICROSECOND) / MICROSECONDS


def _down_s(parts: Iterable[Availability], side: Side, span: Span) -> Decimal:
    return sum((weighted_s(within(part.figures[side].stretches, [span])) for part in parts), Decimal(0))
