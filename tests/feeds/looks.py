"""Payloads and looks for the tests of feeds: short builders; every keyword replaces one field."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from feeds.series import FeedContext, Followed, follow
from models.raw import RawPayload

T0 = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
"""When the tests' first incident begins."""


def at(minutes: float) -> datetime:
    """Return an instant so many minutes after ``T0``."""
    return T0 + timedelta(minutes=minutes)


def stamp(minutes: float) -> str:
    """Return the same as RFC 3339 text."""
    return at(minutes).isoformat().replace("+00:00", "Z")


def payload(
    body: Any, received: float, *, feed: str = "nimbus", format_name: str = "statuspage", **fields: Any
) -> RawPayload:
    """Return a payload as received so many minutes after ``T0``; a body that is no bytes becomes JSON."""
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    return RawPayload(feed=feed, format=format_name, body=raw, received_at=at(received), **fields)


def context(format_name: str = "statuspage", **fields: Any) -> FeedContext:
    """Return a feed's context."""
    return FeedContext("nimbus", format_name, **fields)


def followed(*payloads: RawPayload, **fields: Any) -> list[Followed]:
    """Follow payloads one after the other, as the worker does."""
    memory, steps = None, []
    for raw in payloads:
        step = follow(memory, raw, context(raw.format, **fields))
        memory = step.memory
        steps.append(step)
    return steps


def update(status: str, minutes: float, **fields: Any) -> dict[str, Any]:
    """Return a Statuspage update, written when it is shown."""
    said = {"created_at": stamp(minutes), "updated_at": stamp(minutes), "display_at": stamp(minutes)}
    return {"id": f"u-{status}-{minutes}", "status": status, "body": f"{status} at {minutes}", **said, **fields}


def incident(*updates: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Return a Statuspage incident; its updates are given oldest first and listed newest first."""
    status = updates[-1]["status"] if updates else "investigating"
    return {
        "id": "inc-1",
        "name": "Mail is delayed",
        "status": status,
        "impact": "major",
        "created_at": stamp(0),
        "started_at": stamp(0),
        "resolved_at": updates[-1]["display_at"] if status == "resolved" else None,
        "incident_updates": list(reversed(updates)),
        "components": [{"id": "c1", "name": "SMTP relay", "status": "major_outage"}],
        **fields,
    }


def summary(*incidents: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Return a ``summary.json``."""
    return {"page": PAGE, "status": {"indicator": "none"}, "components": [], "incidents": list(incidents), **fields}


def history(*incidents: dict[str, Any]) -> dict[str, Any]:
    """Return an ``incidents.json``."""
    return {"page": PAGE, "incidents": list(incidents)}


PAGE = {"id": "p1", "name": "Nimbus", "url": "https://status.example", "time_zone": "Europe/Berlin"}
