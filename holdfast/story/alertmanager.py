"""Writes the webhook calls (version 4) of our own Alertmanager. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from holdfast.story.script import at
from models.ids import stable_id

NEVER = "0001-01-01T00:00:00Z"
"""``endsAt`` of an alert that still fires."""


@dataclass(frozen=True)
class Failing:
    """One episode in which a probe of ours fails. Instants as ``script.at`` reads them."""

    alertname: str
    service: str
    """The label that names what fails: the provider's own component."""
    site: str
    severity: str
    summary: str
    starts_at: str
    ends_at: str
    reminded_at: tuple[str, ...] = ()
    """Alertmanager says it again after ``repeat_interval``; nothing new is said."""

    def calls(self) -> tuple[tuple[datetime, bytes], ...]:
        """Return the webhook calls of this episode with the instants at which they arrive."""
        firing = [(at(self.starts_at), 30), *((at(when), 0) for when in self.reminded_at)]
        told = [(_after(instant, wait), _call(self, None)) for instant, wait in firing]
        return (*told, (_after(at(self.ends_at), 15), _call(self, self.ends_at)))


def _after(instant: datetime, seconds: int) -> datetime:
    """``group_wait`` and ``group_interval`` pass before the call goes out."""
    return datetime.fromtimestamp(instant.timestamp() + seconds, instant.tzinfo)


def _call(failing: Failing, ends_at: str | None) -> bytes:
    status = "firing" if ends_at is None else "resolved"
    labels = {
        "alertname": failing.alertname,
        "service": failing.service,
        "site": failing.site,
        "severity": failing.severity,
    }
    alert: dict[str, Any] = {
        "status": status,
        "labels": labels,
        "annotations": {"summary": failing.summary},
        "startsAt": _stamp(failing.starts_at),
        "endsAt": NEVER if ends_at is None else _stamp(ends_at),
        "generatorURL": "http://prometheus.us.example/graph",
        "fingerprint": stable_id(failing.alertname, failing.service, failing.site)[:16],
    }
    return orjson.dumps(
        {
            "version": "4",
            "groupKey": f'{{}}:{{alertname="{failing.alertname}"}}',
            "truncatedAlerts": 0,
            "status": status,
            "receiver": "holdfast",
            "groupLabels": {"alertname": failing.alertname},
            "commonLabels": labels,
            "commonAnnotations": alert["annotations"],
            "externalURL": "http://alertmanager.us.example",
            "alerts": [alert],
        }
    )


def _stamp(text: str) -> str:
    return at(text).isoformat(timespec="milliseconds").replace("+00:00", "Z")
