"""Scenes for the tests of months: a promise, a period, downtime of so many seconds, without any incident's story."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from models.availability import Availability, Evidence, availability
from models.fact import Fact
from models.failures import Trouble
from models.ids import stable_id
from models.months import Month, Period
from models.notice import Kind, Phase, Speaker
from tests.support.timeline import agreement

PROMISE = {"service": "vm", "objective": "99.9", "rounding": "0.01"}


def said(at: datetime, phase: Phase, name: str = "a", **fields: Any) -> Fact:
    """Return a provider's statement, received as it was made."""
    values = {"source": "status", "source_incident_id": name, "update_id": None, "kind": Kind.INCIDENT, **fields}
    values = {"received_at": at, "published_at": at, "speaker": Speaker.PROVIDER, **values}
    return Fact(notice_id=stable_id(repr((at, phase, sorted(values.items(), key=str)))), phase=phase, **values)


def outage(
    begin: datetime, length: timedelta | None, name: str = "a", severity: str = "major", **fields: Any
) -> Trouble:
    """Return an incident from ``begin`` on, claimed and published at its instants; no length while it lasts."""
    services = fields.pop("services", ("vm",))
    facts = [said(begin, Phase.REPORTED, name, claimed_at=begin, severity=severity)]
    if length is not None:
        end = begin + length
        facts.append(said(end, Phase.RESOLVED, name, claimed_at=end, severity=severity))
    return Trouble(name, Kind.INCIDENT, services, tuple(facts))


def measured(
    troubles: list[Trouble], month: str = "2026-05", as_of: datetime | None = None, **changes: Any
) -> list[Availability]:
    """Return what each promise of an agreement comes to in a month that is over, unless as-of says otherwise."""
    promises = changes.pop("availability", [PROMISE])
    blind = changes.pop("blind", ())
    terms = {"services": ["vm", "disk"], "currency": "EUR", **changes}
    version = agreement(availability=promises, **terms)
    when = Month.parse(month)
    period = Period(when, version, when.bounds(version.timezone))
    evidence = Evidence(tuple(troubles), blind)
    at = as_of or period.span[1] + timedelta(days=1)
    return [availability(evidence, period, promise, at) for promise in version.availability]


def promise(**changes: Any) -> dict[str, Any]:
    """Return a promise as documents write it."""
    return {**PROMISE, **changes}


def seconds(count: float) -> timedelta:
    """Return so many seconds."""
    return timedelta(seconds=count)


def money(text: str) -> Decimal:
    """Return an amount."""
    return Decimal(text)
