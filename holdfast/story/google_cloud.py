"""Writes what a Google Cloud style ``incidents.json`` shows at an instant. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from holdfast.story.script import Edited, at

PRODUCTS = {"Wide area network": "Qm7wX2pLk9TzRc4VbN1s", "Voice": "Hd5yJ8fGt3UeOa6WiZ0q"}
LOCATIONS = {"eu-gothenburg": "Gothenburg", "eu-aalborg": "Aalborg"}


@dataclass(frozen=True)
class CloudUpdate:
    """One entry: what is said, from when on it stands there."""

    at: str
    status: str
    """``SERVICE_OUTAGE``, ``SERVICE_DISRUPTION``, ``SERVICE_INFORMATION`` or ``AVAILABLE``."""
    text: Edited[str]


@dataclass(frozen=True)
class CloudIncident:
    """One incident as its provider tells it. Instants as ``script.at`` reads them."""

    incident_id: str
    number: str
    begin: Edited[str]
    end: Edited[str | None]
    severity: str
    description: str
    product: str
    location: str
    updates: tuple[CloudUpdate, ...]

    def changed_at(self) -> tuple[datetime, ...]:
        """Return every instant at which the page changes."""
        edits = (edit for one in self.updates for edit in one.text.edited_at())
        return (*(at(one.at) for one in self.updates), *edits, *self.begin.edited_at(), *self.end.edited_at())


def incidents_json(incidents: Iterable[CloudIncident], instant: datetime) -> bytes:
    """Return ``incidents.json`` as it reads at an instant: newest incident first, its newest update first."""
    shown = [one for one in incidents if at(one.updates[0].at) <= instant]
    shown.sort(key=lambda one: at(one.updates[0].at), reverse=True)
    return orjson.dumps([_incident(one, instant) for one in shown])


def _incident(incident: CloudIncident, instant: datetime) -> dict[str, Any]:
    said = [one for one in incident.updates if at(one.at) <= instant]
    end = incident.end.shown_at(instant)
    updates = [_update(incident, one, instant) for one in reversed(said)]
    record = {
        "id": incident.incident_id,
        "number": incident.number,
        "begin": _stamp(at(incident.begin.shown_at(instant))),
        "created": _stamp(at(said[0].at)),
        "modified": _stamp(max(change for change in incident.changed_at() if change <= instant)),
        "external_desc": incident.description,
        "updates": updates,
        "most_recent_update": updates[0],
        "status_impact": "AVAILABLE" if end else said[-1].status,
        "severity": incident.severity,
        "service_key": "zall",
        "service_name": "Multiple Products",
        "affected_products": [{"title": incident.product, "id": PRODUCTS[incident.product]}],
        "uri": f"incidents/{incident.incident_id}",
        "currently_affected_locations": [] if end else [_location(incident.location)],
        "previously_affected_locations": [_location(incident.location)] if end else [],
    }
    if end is not None:
        record["end"] = _stamp(at(end))
    return record


def _update(incident: CloudIncident, update: CloudUpdate, instant: datetime) -> dict[str, Any]:
    changed = [change for change in update.text.edited_at() if change <= instant]
    return {
        "created": _stamp(at(update.at)),
        "modified": _stamp(max(changed, default=at(update.at))),
        "when": _stamp(at(update.at)),
        "text": update.text.shown_at(instant),
        "status": update.status,
        "affected_locations": [_location(incident.location)] if update.status != "AVAILABLE" else [],
    }


def _location(name: str) -> dict[str, str]:
    return {"title": f"{LOCATIONS[name]} ({name})", "id": name}


def _stamp(instant: datetime) -> str:
    return instant.isoformat(timespec="seconds")
