"""Writes what a Statuspage v2 page shows at an instant: its incidents and its scheduled maintenances. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from holdfast.story.script import Edited, at
from models.ids import stable_id

COMPONENTS = {"Virtual machines Frankfurt": "3m9p2k7xw1tq", "Block storage Frankfurt": "8d4v6n0zr5jc"}
"""The page's components and their codes."""
_WORST = {"critical": "major_outage", "major": "major_outage", "minor": "degraded_performance", "none": "operational"}


@dataclass(frozen=True)
class PageUpdate:
    """One entry of an incident: what is said, from when on it stands there."""

    at: str
    status: str
    body: str
    display_at: str | None = None
    """The time that the page prints beside it, where it is another than that of writing."""


@dataclass(frozen=True)
class PageIncident:
    """One incident as its provider tells it. Instants as ``script.at`` reads them."""

    incident_id: str
    name: str
    impact: Edited[str]
    started_at: Edited[str]
    components: tuple[str, ...]
    updates: tuple[PageUpdate, ...]

    def changed_at(self) -> tuple[datetime, ...]:
        """Return every instant at which the page changes."""
        return tuple(at(one.at) for one in self.updates) + self.impact.edited_at() + self.started_at.edited_at()


@dataclass(frozen=True)
class PageMaintenance:
    """One announced maintenance."""

    incident_id: str
    name: str
    scheduled_for: str
    scheduled_until: str
    components: tuple[str, ...]
    updates: tuple[PageUpdate, ...]

    def changed_at(self) -> tuple[datetime, ...]:
        """Return every instant at which the page changes."""
        return tuple(at(one.at) for one in self.updates)


def incidents_json(incidents: Iterable[PageIncident], instant: datetime) -> bytes:
    """Return ``incidents.json`` as it reads at an instant: all incidents, newest first, their last update first."""
    shown = [one for one in incidents if at(one.updates[0].at) <= instant]
    shown.sort(key=lambda one: at(one.updates[0].at), reverse=True)
    return orjson.dumps({"page": _page(shown, instant), "incidents": [_incident(one, instant) for one in shown]})


def maintenances_json(maintenances: Iterable[PageMaintenance], instant: datetime) -> bytes:
    """Return ``scheduled-maintenances.json`` as it reads at an instant."""
    shown = [one for one in maintenances if at(one.updates[0].at) <= instant]
    rows = [_maintenance(one, instant) for one in shown]
    return orjson.dumps({"page": _page(shown, instant), "scheduled_maintenances": rows})


def _page(shown: Iterable[PageIncident | PageMaintenance], instant: datetime) -> dict[str, Any]:
    changed = [change for one in shown for change in one.changed_at() if change <= instant]
    return {
        "id": "6qx0c2m8v1hf",
        "name": "Nimbus Cloud",
        "url": "https://status.nimbus.example",
        "time_zone": "Etc/UTC",
        "updated_at": _stamp(max(changed, default=instant)),
    }


def _incident(incident: PageIncident, instant: datetime) -> dict[str, Any]:
    said = [one for one in incident.updates if at(one.at) <= instant]
    impact = incident.impact.shown_at(instant)
    return {
        **_common(incident, said, instant),
        "monitoring_at": _first(said, "monitoring"),
        "resolved_at": _first(said, "resolved"),
        "impact": impact,
        "started_at": _stamp(at(incident.started_at.shown_at(instant))),
        "incident_updates": [_update(incident, one, _WORST[impact]) for one in reversed(said)],
        "components": [],
        "reminder_intervals": None,
    }


def _maintenance(maintenance: PageMaintenance, instant: datetime) -> dict[str, Any]:
    said = [one for one in maintenance.updates if at(one.at) <= instant]
    return {
        **_common(maintenance, said, instant),
        "monitoring_at": None,
        "resolved_at": _first(said, "completed"),
        "impact": "maintenance",
        "scheduled_for": _stamp(at(maintenance.scheduled_for)),
        "scheduled_until": _stamp(at(maintenance.scheduled_until)),
        "incident_updates": [_update(maintenance, one, "under_maintenance") for one in reversed(said)],
        "components": [{"id": COMPONENTS[name], "name": name} for name in maintenance.components],
    }


def _common(one: PageIncident | PageMaintenance, said: list[PageUpdate], instant: datetime) -> dict[str, Any]:
    changed = [change for change in one.changed_at() if change <= instant]
    return {
        "id": one.incident_id,
        "page_id": "6qx0c2m8v1hf",
        "name": one.name,
        "status": said[-1].status,
        "created_at": _stamp(at(said[0].at)),
        "updated_at": _stamp(max(changed)),
        "shortlink": f"https://stspg.example/{one.incident_id[:6]}",
    }


def _update(incident: PageIncident | PageMaintenance, update: PageUpdate, worst: str) -> dict[str, Any]:
    over = update.status in ("monitoring", "resolved", "postmortem", "completed", "scheduled")
    state = "operational" if over else worst
    return {
        "id": stable_id(incident.incident_id, update.at)[:12],
        "incident_id": incident.incident_id,
        "status": update.status,
        "body": update.body,
        "created_at": _stamp(at(update.at)),
        "updated_at": _stamp(at(update.at)),
        "display_at": _stamp(at(update.display_at or update.at)),
        "affected_components": [
            {"code": COMPONENTS[name], "name": name, "old_status": "operational", "new_status": state}
            for name in incident.components
        ],
        "deliver_notifications": True,
        "custom_tweet": None,
        "tweet_id": None,
    }


def _first(said: list[PageUpdate], status: str) -> str | None:
    """Return when a status was first shown, by the time that the page prints."""
    return next((_stamp(at(one.display_at or one.at)) for one in said if one.status == status), None)


def _stamp(instant: datetime) -> str:
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")
