"""What months pay back by the incidents on record, for reports: the yearly cap is not looked at. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from models.agreement import Agreement
from models.availability import Availability, Evidence
from models.credits import Credit
from models.failures import Trouble
from models.matter import Matter
from models.monthly import available, credited
from models.months import Month, periods
from models.notice import Kind

MONTHS_AT_MOST = 12


def months_between(begin: datetime, end: datetime, zone: str) -> tuple[Month, ...]:
    """Return the calendar months of a zone that an interval touches, in order; the first twelve at most."""
    local, last = begin.astimezone(ZoneInfo(zone)), end.astimezone(ZoneInfo(zone))
    found = [Month(local.year, local.month)]
    while found[-1] < Month(last.year, last.month) and len(found) < MONTHS_AT_MOST:
        found.append(found[-1].following)
    return tuple(found)


def available_in(
    agreement: Agreement, months: Iterable[Month], matters: Sequence[Matter], as_of: datetime
) -> tuple[Availability, ...]:
    """Return the availability of each service in each month, or part of one, of an agreement."""
    evidence = Evidence(tuple(_troubles(agreement, matters)))
    return tuple(
        one for month in months for part in available(evidence, periods(agreement, month), as_of) for one in part
    )


def credits_of(
    agreement: Agreement, months: Iterable[Month], matters: Sequence[Matter], as_of: datetime
) -> tuple[Credit, ...]:
    """Return what months of an agreement pay back.

    Args:
        agreement: whose credits.
        months: in its zone.
        matters: of the provider that touch the months; others are left out.
        as_of: how far the world has run; UTC.
    """
    evidence = Evidence(tuple(_troubles(agreement, matters)))
    return tuple(
        one for month in months for one in credited(available(evidence, periods(agreement, month), as_of), as_of)
    )


def _troubles(agreement: Agreement, matters: Sequence[Matter]) -> Iterator[Trouble]:
    for one in matters:
        incident = one.incident
        if incident.provider == agreement.provider and one.facts:
            kind = Kind.MAINTENANCE if incident.kind == "maintenance" else Kind.INCIDENT
            yield Trouble(incident.incident_id, kind, incident.services, one.facts)
