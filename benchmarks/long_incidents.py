"""Incidents to evaluate: long ones told notice by notice, real ones of a status page, and what to compare with. IO."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from pydantic import AwareDatetime, BaseModel

from benchmarks.load import notice
from feeds.series import FeedContext, replay
from models.agreement import AgreementVersion
from models.notice import Notice, Phase, Speaker
from models.raw import RawPayload

ROOT = Path(__file__).resolve().parents[1]
CORPUS = Path(os.environ.get("HOLDFAST_CORPUS", ROOT.parent / "shared" / "feeds"))
BEGIN = datetime(2026, 5, 4, 6, tzinfo=UTC)
RECEIVED_AT = datetime(2026, 5, 1, tzinfo=UTC)
"""When the real payloads count as received: after all of them."""
STEP = timedelta(minutes=7)
_LIMITS = {"acknowledge": "1h", "respond": "2h", "update": "2h", "workaround": "4h", "restore": "8h", "resolve": "2bd"}


def office_version() -> AgreementVersion:
    """Return an agreement of six targets, all in office hours of Berlin, three of them with warning stages."""
    targets: list[dict[str, Any]] = [
        {"objective": name, "p1": limit, "p2": limit, "p3": limit, "calendar": "office"}
        for name, limit in _LIMITS.items()
    ]
    for target in targets[-3:]:
        target["warn_at"] = [0.5, 0.75]
    return AgreementVersion.model_validate(
        {
            "version": "1",
            "effective_from": "2000-01-01",
            "timezone": "Europe/Berlin",
            "services": ["mail"],
            "calendars": {"office": {"hours": {"mon-fri": ["09:00-17:00"]}}},
            "evidence": {"start": "earliest", "acknowledge": "published", "restore": "observed"},
            "priorities": {
                "p1": {"severities": ["critical"]},
                "p2": {"severities": ["major"]},
                "p3": {"severities": ["minor", "none"]},
            },
            "stability_window": "10m",
            "targets": targets,
        }
    )


def talkative(count: int) -> list[Notice]:
    """Return an incident that its provider reports, takes up, and then speaks of every seven minutes."""
    opening = (Phase.REPORTED, Phase.ACKNOWLEDGED, Phase.ENGAGED)
    return [
        notice(
            1,
            number,
            opening[number] if number < len(opening) else Phase.UPDATE,
            BEGIN + STEP * number,
            text=f"We are still at it, step {number}, and shall tell you more.",
            severity="major",
        )
        for number in range(count)
    ]


def flapping(count: int, step: timedelta = STEP) -> list[Notice]:
    """Return an incident that is reported once, while a probe of ours fails and recovers in turns."""
    found = [notice(1, 0, Phase.REPORTED, BEGIN, severity="major")]
    for number in range(1, count):
        phase = Phase.REPORTED if number % 2 else Phase.RESTORED
        at = BEGIN + step * number
        more = {"speaker": Speaker.MONITOR, "source": "probe", "source_incident_id": "probe-1", "severity": None}
        found.append(notice(1, number, phase, at, **more))
    return found


class PageUpdate(BaseModel):
    """One update of a status page, typed."""

    id: str
    status: str
    body: str | None
    created_at: AwareDatetime
    updated_at: AwareDatetime
    display_at: AwareDatetime
    affected_components: list[dict[str, Any]] | None = None


class PageIncident(BaseModel):
    """One incident of a status page, typed."""

    id: str
    name: str
    status: str
    impact: str
    created_at: AwareDatetime
    updated_at: AwareDatetime
    started_at: AwareDatetime | None
    monitoring_at: AwareDatetime | None
    resolved_at: AwareDatetime | None
    incident_updates: list[PageUpdate]


class Page(BaseModel):
    """The payload of one incident."""

    page: dict[str, Any]
    incident: PageIncident


def page_payloads(limit: int) -> list[bytes]:
    """Return real payloads, one incident each; empty where they are not at hand."""
    folder = CORPUS / "statuspage" / "github_incidents"
    return [path.read_bytes() for path in sorted(folder.glob("*.json"))[:limit]] if folder.is_dir() else []


def page_notices(payload: bytes) -> list[Notice]:
    """Return the notices of one payload."""
    raw = RawPayload(feed="page", format="statuspage", body=payload, received_at=RECEIVED_AT)
    return [one for step in replay([raw], FeedContext("page", "statuspage")) for one in step.notices]


def plain_json(one: Notice) -> bytes:
    """Return a notice as JSON that ``Notice.model_validate`` reads."""
    return orjson.dumps(one.model_dump(mode="json"))
