"""Agreements with a review, minutes of meetings and whole incidents, for reviews and handoffs. Pure."""

from datetime import UTC, datetime, timedelta
from typing import Any

from models.agreement import Agreement
from models.communication import ActionItem, Communication, CommunicationKind
from models.fact import fact_of
from models.ids import stable_id
from models.matter import Matter
from models.notice import Identity, Phase
from models.provider import Contact
from models.records import Objective, Verdict
from tests.support import samples

CONTACTS = {
    "nimbus-sm": Contact.model_validate({"name": "Service manager", "side": "provider"}),
    "us-vm": Contact.model_validate({"name": "Vendor manager", "side": "customer"}),
}


def utc(text: str) -> datetime:
    """Return an instant from ``2026-05-04 09:30`` in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def version(name: str = "2026-01-01", **fields: Any) -> dict[str, Any]:
    """Return a version of an agreement, named after its first day, with a monthly review."""
    content: dict[str, Any] = {
        "version": name,
        "effective_from": name,
        "timezone": "UTC",
        "services": ["mail"],
        "calendars": {"always": {"hours": "24x7"}},
        "priorities": {"p1": {"severities": ["major"]}},
        "targets": [{"objective": "restore", "p1": "4h"}, {"objective": "update", "p1": "1h"}],
        "review": {"every": "month", "owners": ["us-vm", "nimbus-sm"]},
    }
    return {**content, **fields}


def contract(*versions: dict[str, Any]) -> Agreement:
    """Return an agreement with these versions; one by default."""
    return Agreement.model_validate(
        {
            "apiVersion": "holdfast/v1",
            "kind": "Agreement",
            "id": "nimbus-hosting",
            "provider": "nimbus",
            "customer": "us",
            "contract": "sla",
            "versions": list(versions) or [version()],
        }
    )


def meeting(period: str, held: str, **fields: Any) -> Communication:
    """Return minutes of the review of a period, recorded an hour after they were held."""
    values: dict[str, Any] = {
        "communication_id": stable_id("meeting", period, held, str(sorted(fields))),
        "provider": "nimbus",
        "kind": CommunicationKind.REVIEW,
        "direction": "both",
        "channel": "room",
        "people": ("us-vm", "nimbus-sm"),
        "identity": Identity.TOKEN,
        "text": "We met.",
        "happened_at": utc(held),
        "clock": "told",
        "recorded_at": utc(held) + timedelta(hours=1),
        "review_period": period,
        "agreement": "nimbus-hosting",
    }
    return Communication(**{**values, **fields})


def action(name: str, **fields: Any) -> ActionItem:
    """Return an action of theirs."""
    return ActionItem(**{"action_id": name, "text": f"do {name}", "owner": "nimbus-sm", **fields})


def matter(ordinal: int = 0, **fields: Any) -> Matter:
    """Return an incident that missed its restore target, and one update; other keywords are fields of the incident."""
    incident = samples.incident(ordinal, **{"agreement_version": "2026-01-01", **fields})
    started = incident.started_at
    common = {"incident_id": incident.incident_id, "agreement_version": incident.agreement_version}
    restore = samples.clock(
        ordinal, **common, clock_id=f"restore-{ordinal}", verdict=Verdict.BREACHED, elapsed_min_s=18_000.0,
        elapsed_max_s=18_000.0, started_at=started, breached_at=started + timedelta(hours=4),
    )  # fmt: skip
    update = samples.clock(
        ordinal, **common, clock_id=f"update-{ordinal}", objective=Objective.UPDATE, verdict=Verdict.BREACHED,
        target_s=3600.0, elapsed_min_s=5400.0, elapsed_max_s=5400.0, started_at=started,
        breached_at=started + timedelta(hours=1),
    )  # fmt: skip
    said = samples.notice(
        ordinal, source_incident_id=incident.source_incident_id, phase=Phase.REPORTED, claimed_at=started,
        published_at=started, received_at=started, received_after=None, promises="update",
        promised_at=started + timedelta(minutes=30),
    )  # fmt: skip
    return Matter(incident, (restore, update), (fact_of(said),))
