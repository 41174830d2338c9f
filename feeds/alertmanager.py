"""Dialect ``alertmanager``: Prometheus Alertmanager's webhook, version 4, as our own witness. Pure.

One statement per alert of the group. An episode of failing is (fingerprint, startsAt): the same alert firing again
later is another episode, and the same group sent again says nothing new.
"""

from datetime import datetime
from typing import Any

from feeds.errors import PayloadError
from feeds.reading import Parsed, each, json_of, mapping, sequence, text_of, time_of
from models.ids import stable_id
from models.instants import EARLIEST, format_instant
from models.notice import Phase, Speaker, Statement

COMPONENT_LABELS = ("service", "component", "app", "job", "instance", "host")
"""Labels that name what fails; all that are present are given, in this order."""
REGION_LABELS = ("region", "zone", "availability_zone", "site", "datacenter")


def parse(body: bytes, *, zone: str | None = None) -> Parsed:
    """Read one webhook call.

    Raises:
        PayloadError: if it is no Alertmanager webhook, or none of its alerts can be read.
    """
    payload = mapping(json_of(body), "payload")
    if "alerts" not in payload:
        raise PayloadError("wrong_shape", "no alerts: not an Alertmanager webhook")
    alerts = sequence(payload["alerts"], "alerts")
    group = text_of(payload.get("status"))
    return Parsed(*each(alerts, "alert", lambda alert: [_statement(alert, group, zone)]))


def _statement(alert: dict[str, Any], group: str | None, zone: str | None) -> Statement:
    labels = _texts(alert.get("labels"))
    notes = _texts(alert.get("annotations"))
    starts_at = time_of(alert.get("startsAt"), zone)
    if starts_at is None:
        raise PayloadError("bad_time", "an alert without startsAt")
    ends_at = _ended(alert, group, zone)
    fingerprint = text_of(alert.get("fingerprint")) or stable_id(*(f"{k}={labels[k]}" for k in sorted(labels)))[:16]
    said = [notes[key] for key in ("summary", "description", "message") if key in notes]
    return Statement(
        source_incident_id=f"{fingerprint}@{format_instant(starts_at)}",
        source_update_id="resolved" if ends_at else "firing",
        speaker=Speaker.MONITOR,
        phase=Phase.RESTORED if ends_at else Phase.REPORTED,
        components=tuple(dict.fromkeys(labels[key] for key in COMPONENT_LABELS if key in labels)),
        regions=tuple(dict.fromkeys(labels[key] for key in REGION_LABELS if key in labels)),
        severity=labels.get("severity", "").lower() or None,
        title=labels.get("alertname"),
        text=" ".join(said) or None,
        claimed_at=starts_at,
        claimed_end_at=ends_at,
        heads_incident=True,
    )


def _ended(alert: dict[str, Any], group: str | None, zone: str | None) -> datetime | None:
    """Return when it ended; a firing alert's endsAt is year 1, or a time-out that has not come.

    Only ``status`` decides: the alert's own, else (in calls that were written by hand or by old versions) its group's.
    """
    if (text_of(alert.get("status")) or group or "").lower() != "resolved":
        return None
    ends_at = time_of(alert.get("endsAt"), zone)
    if ends_at is None or ends_at < EARLIEST:
        raise PayloadError("bad_time", "a resolved alert without endsAt")
    return ends_at


def _texts(value: Any) -> dict[str, str]:
    """Return the entries of a label set that are texts."""
    if not isinstance(value, dict):
        return {}
    return {str(key): text for key, content in value.items() if (text := text_of(content))}
