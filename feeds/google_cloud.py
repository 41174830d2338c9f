"""Dialect ``google-cloud``: Google Cloud's incidents.json, old schema (2020) and new. Pure.

Updates carry no id; their ``created`` stamp names them, so an edited text is a new version of one statement. The
stamp ``modified`` is when the text was last changed (in one poll of 157 incidents 543 updates had been), not when
the provider spoke: ``published_at`` is always ``created``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from feeds.errors import PayloadError
from feeds.promises import promise_in, told_by
from feeds.reading import Parsed, each, id_of, json_of, mapping, sequence, text_of, time_of
from models.instants import format_instant
from models.notice import Flag, Phase, Speaker, Statement

END_SLACK = timedelta(minutes=2)
"""``end`` is often stamped seconds after the closing update (in the 2022 history by 6 s on median)."""

_REPORT = re.compile(r"incident report|root cause:|mini[- ]incident|preliminary (analysis|root)|post-?mortem", re.I)
_WORKING = re.compile(r"investigat|engineer\w* (team|is|are|has|have)|working (on|to)|mitigation work|identified", re.I)
_MITIGATED = re.compile(r"\b(has|have) been (fully |completely )?mitigated\b|mitigation (is|has been) complete", re.I)


@dataclass(frozen=True)
class _Update:
    created_at: datetime
    modified_at: datetime | None
    when: datetime | None
    status: str | None
    text: str | None
    regions: tuple[str, ...]


@dataclass(frozen=True)
class _Record:
    """The incident's own fields."""

    zone: str | None
    """Of times without one, in its texts too."""
    incident_id: str
    begin: datetime | None
    end: datetime | None
    severity: str | None
    title: str | None
    products: tuple[str, ...]


def parse(body: bytes, *, zone: str | None = None) -> Parsed:
    """Read one payload: a list of incidents, or one incident.

    Raises:
        PayloadError: if the payload as a whole is not of this format.
    """
    payload = json_of(body)
    found = [payload] if isinstance(payload, dict) and "updates" in payload else payload
    if not isinstance(found, list):
        raise PayloadError("wrong_shape", "not a list of Google Cloud incidents")
    statements, problems = each(found, "incident", lambda incident: _incident(incident, zone))
    return Parsed(statements, problems, scope="incidents" if isinstance(payload, list) else None)


def _incident(incident: dict[str, Any], zone: str | None) -> Iterator[Statement]:
    """Yield the statements of one incident, earliest first."""
    if "begin" not in incident and "updates" not in incident:
        raise PayloadError("wrong_shape", "neither begin nor updates: not a Google Cloud incident")
    record = _record(incident, zone)
    rows = sequence(incident.get("updates"), "updates")
    if not rows:
        rows = [incident.get("most_recent_update") or incident.get("most-recent-update") or _headline(incident)]
    updates = sorted(
        (_update(mapping(row, "update"), zone) for row in rows), key=lambda one: (one.created_at, one.text or "")
    )
    closing = _closing(updates, record.end)
    seen: dict[str, int] = {}
    for position, update in enumerate(updates):
        stamp = format_instant(update.created_at)
        seen[stamp] = seen.get(stamp, 0) + 1
        name = stamp if seen[stamp] == 1 else f"{stamp}#{seen[stamp]}"
        phase = _phase(updates, position, closing)
        yield _statement(record, update, name, phase, is_first=position == 0)


def _headline(incident: dict[str, Any]) -> dict[str, Any]:
    """An incident without any update still says something: its own description, when it was created."""
    return {"created": incident.get("created") or incident.get("begin"), "text": incident.get("external_desc")}


def _record(incident: dict[str, Any], zone: str | None) -> _Record:
    products = [
        text_of(one.get("title")) if isinstance(one, dict) else text_of(one)
        for one in sequence(incident.get("affected_products"), "affected_products")
    ]
    names: list[str | None] = [name for name in products if name] or [text_of(incident.get("service_name"))]
    return _Record(
        zone=zone,
        incident_id=_incident_id(incident),
        begin=time_of(incident.get("begin"), zone),
        end=time_of(incident.get("end"), zone),
        severity=(text_of(incident.get("severity")) or "").lower() or None,
        title=text_of(incident.get("external_desc")) or text_of(incident.get("service_name")),
        products=tuple(dict.fromkeys(name for name in names if name)),
    )


def _incident_id(incident: dict[str, Any]) -> str:
    """Return the id; of the old schema the service's key and the number, which is unique only within a service.

    Of the 155 incidents of the 2020 history, 143 share their number with an incident of another service.
    """
    if incident.get("id"):
        return id_of(incident["id"], "incident")
    number = id_of(incident.get("number"), "incident")
    service = text_of(incident.get("service_key"))
    return f"{service}/{number}" if service else number


def _update(row: dict[str, Any], zone: str | None) -> _Update:
    created = time_of(row.get("created"), zone) or time_of(row.get("when"), zone)
    if created is None:
        raise PayloadError("bad_time", "an update without created or when")
    regions = [
        text_of(one.get("id")) or text_of(one.get("title"))
        for one in sequence(row.get("affected_locations"), "affected_locations")
        if isinstance(one, dict)
    ]
    return _Update(
        created_at=created,
        modified_at=time_of(row.get("modified"), zone),
        when=time_of(row.get("when"), zone),
        status=(text_of(row.get("status")) or "").upper() or None,
        text=text_of(row.get("text")),
        regions=tuple(dict.fromkeys(region for region in regions if region)),
    )


def _closing(updates: list[_Update], end: datetime | None) -> int | None:
    """Return the position of the update that closes the incident; None while it is open.

    Of an ended incident: the first AVAILABLE that no disruption follows; without statuses the first update at or
    after the end, else the last one. Of one without ``end``: a closing AVAILABLE only if it is the last word.
    Google may set the status of an update back to a disruption when it publishes its report days later: a report
    does not close an incident that was told of after its end.
    """
    disrupted = [position for position, update in enumerate(updates) if _is_disrupted(update)]
    after = (disrupted[-1] + 1) if disrupted else 0
    available = [position for position in range(after, len(updates)) if updates[position].status == "AVAILABLE"]
    if available:
        closing = available[0]
        told = closing > 0 and end is not None and updates[closing - 1].created_at >= end - END_SLACK
        return closing - 1 if told and _REPORT.search(updates[closing].text or "") else closing
    if end is None:
        return None
    late = [position for position, update in enumerate(updates) if update.created_at >= end - END_SLACK]
    return late[0] if late else len(updates) - 1


def _is_disrupted(update: _Update) -> bool:
    return update.status is not None and update.status != "AVAILABLE"


def _phase(updates: list[_Update], position: int, closing: int | None) -> Phase:
    """Name an update's phase (measurement.md §3)."""
    update = updates[position]
    if position == closing:
        return Phase.RESOLVED
    if closing is not None and position > closing:
        return Phase.ROOT_CAUSE if _REPORT.search(update.text or "") else Phase.UPDATE
    if position == 0:
        return Phase.REPORTED
    earlier = [one.status for one in updates[:position] if one.status]
    if update.status == "AVAILABLE":
        return Phase.UPDATE if earlier[-1:] == ["AVAILABLE"] else Phase.RESTORED
    if _is_disrupted(update) and earlier[-1:] == ["AVAILABLE"]:
        return Phase.REOPENED
    if _MITIGATED.search(update.text or ""):
        return Phase.MITIGATED
    return Phase.ENGAGED if _WORKING.search(update.text or "") else Phase.UPDATE


def _statement(record: _Record, update: _Update, name: str, phase: Phase, *, is_first: bool) -> Statement:
    """Put one update into words of ours."""
    closes = phase is Phase.RESOLVED
    begin = record.begin if is_first else (record.end if closes else update.when)
    flags = []
    if is_first and record.end is not None and update.created_at >= record.end:
        flags.append(Flag.BACKFILLED)
    if update.modified_at is not None and update.modified_at != update.created_at:
        flags.append(Flag.EDITED)
    return Statement(
        source_incident_id=record.incident_id,
        source_update_id=name,
        speaker=Speaker.PROVIDER,
        phase=phase,
        components=record.products,
        regions=update.regions,
        severity=record.severity,
        title=record.title,
        text=update.text,
        claimed_at=begin or update.created_at,
        claimed_end_at=(record.end or update.created_at) if closes else None,
        published_at=update.created_at,
        **told_by(promise_in(update.text, update.created_at, record.zone)),
        flags=tuple(flags),
        heads_incident=is_first,
    )
