"""Dialect ``statuspage``: Atlassian Statuspage v2 (incidents, summary, unresolved, one incident, webhooks). Pure.

One statement per incident update. Of the 589 single-incident payloads of one large page that this was tested on, 335
were imported: one ``resolved`` update whose ``created_at`` is years after its ``display_at``, with ``started_at``,
``resolved_at`` and ``display_at`` all equal. Such an update says nothing of how fast the provider spoke, so it is
flagged ``backfilled``; as is any update whose ``created_at`` lies more than two minutes after its ``display_at``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from feeds.errors import PayloadError
from feeds.reading import Parsed, Problem, id_of, json_of, mapping, sequence, text_of, time_of
from models.notice import Flag, Kind, Phase, Speaker, Statement

BACKFILL_LAG = timedelta(minutes=2)
"""Written this much after the time that it shows: told afterwards (our choice; live updates differ by seconds)."""
EDIT_LAG = timedelta(seconds=1)
"""Live updates carry ``created_at`` and ``updated_at`` a few milliseconds apart."""

_MAINTENANCE = {
    "scheduled": Phase.REPORTED,
    "in_progress": Phase.ENGAGED,
    "verifying": Phase.RESTORED,
    "completed": Phase.RESOLVED,
}
_ENDED = {"resolved": Phase.RESOLVED, "postmortem": Phase.ROOT_CAUSE, "completed": Phase.RESOLVED}
_WORKING = ("investigating", "identified")


@dataclass(frozen=True)
class _Update:
    """One update, read, with what its incident says."""

    update_id: str | None
    status: str
    body: str | None
    created_at: datetime | None
    display_at: datetime | None
    updated_at: datetime | None
    components: tuple[str, ...]

    @property
    def shown_at(self) -> datetime | None:
        return self.display_at or self.created_at or self.updated_at

    @property
    def stamped_at(self) -> datetime | None:
        return self.created_at or self.display_at or self.updated_at


def parse(body: bytes, *, zone: str | None = None) -> Parsed:
    """Read one payload.

    Args:
        body: the bytes as received.
        zone: IANA zone for times without offset; without one the page's own ``time_zone`` serves.

    Returns:
        Statements of all incidents and maintenances, and problems of those that could not be read. ``listed`` is set
        for ``summary.json``, which lists all unresolved incidents and nothing else.

    Raises:
        PayloadError: if the payload as a whole is not of this format.
    """
    payload = mapping(json_of(body), "payload")
    found = _incidents(payload)
    page = payload.get("page")
    zone = zone or (text_of(page.get("time_zone")) if isinstance(page, dict) else None)
    statements: list[Statement] = []
    problems: list[Problem] = []
    for position, incident in enumerate(found):
        try:
            statements.extend(_incident(mapping(incident, f"incident {position}"), zone))
        except PayloadError as error:
            problems.append((error.reason, f"incident {position}: {error.detail}"))
    if problems and not statements and len(problems) == len(found):
        raise PayloadError(*problems[0])
    return Parsed(tuple(statements), tuple(problems), _listed(payload, found))


def _incidents(payload: dict[str, Any]) -> list[Any]:
    """Return the incidents and maintenances of any of the payload's shapes."""
    if "incident" in payload:
        return [payload["incident"]]
    if "incidents" in payload or "scheduled_maintenances" in payload:
        return [
            *sequence(payload.get("incidents"), "incidents"),
            *sequence(payload.get("scheduled_maintenances"), "scheduled_maintenances"),
        ]
    if "incident_updates" in payload:
        return [payload]
    if "page" in payload and ("component" in payload or "status" in payload or "components" in payload):
        return []
    raise PayloadError("wrong_shape", "neither incidents nor an incident: not a Statuspage v2 payload")


def _listed(payload: dict[str, Any], found: list[Any]) -> frozenset[str] | None:
    """Return the ids that a summary lists; None for payloads that list other than all unresolved incidents."""
    if not ("incidents" in payload and "status" in payload):
        return None
    return frozenset(
        str(one["id"])
        for one in found
        if isinstance(one, dict) and "id" in one and one.get("status") not in _ENDED and not _is_maintenance(one)
    )


def _is_maintenance(incident: dict[str, Any]) -> bool:
    return (
        incident.get("impact") == "maintenance"
        or incident.get("status") in _MAINTENANCE
        or bool(incident.get("scheduled_for"))
    )


def _incident(incident: dict[str, Any], zone: str | None) -> Iterator[Statement]:
    """Yield the statements of one incident or maintenance, earliest first."""
    incident_id = id_of(incident.get("id"), "incident")
    updates = [
        _update(mapping(one, "update"), incident, zone)
        for one in sequence(incident.get("incident_updates"), "incident_updates")
    ]
    if not updates:
        updates = [_update({"status": incident.get("status")}, incident, zone)]
    updates.sort(key=lambda one: (one.stamped_at is None, one.stamped_at, one.update_id or ""))
    maintenance = _is_maintenance(incident)
    earlier: list[str] = []
    for update in updates:
        phase = _maintenance_phase(update, earlier) if maintenance else _phase(update.status, earlier)
        yield _statement(incident, incident_id, update, phase, zone, is_first=not earlier, alone=len(updates) == 1)
        earlier.append(update.status)


def _update(update: dict[str, Any], incident: dict[str, Any], zone: str | None) -> _Update:
    affected = sequence(update.get("affected_components"), "affected_components")
    if not affected:
        affected = sequence(incident.get("components"), "components")
    names = [text_of(one.get("name")) if isinstance(one, dict) else text_of(one) for one in affected]
    fallback = incident.get("created_at") if "created_at" not in update and "display_at" not in update else None
    return _Update(
        update_id=text_of(update.get("id")),
        status=(text_of(update.get("status")) or text_of(incident.get("status")) or "update").lower(),
        body=text_of(update.get("body")),
        created_at=time_of(update.get("created_at"), zone) or time_of(fallback, zone),
        display_at=time_of(update.get("display_at"), zone),
        updated_at=time_of(update.get("updated_at"), zone),
        components=tuple(dict.fromkeys(name for name in names if name)),
    )


def _phase(status: str, earlier: list[str]) -> Phase:
    """Name an incident update's phase from its status and those before it (measurement.md §3)."""
    if status in _ENDED:
        return _ENDED[status]
    if status == "monitoring":
        return Phase.UPDATE if earlier[-1:] == ["monitoring"] else Phase.RESTORED
    if not earlier:
        return Phase.REPORTED
    if status not in _WORKING:
        return Phase.UPDATE
    if _is_over(earlier):
        return Phase.REOPENED
    engaged = "identified" in earlier or earlier.count("investigating") > 1
    return Phase.UPDATE if engaged and status == earlier[-1] else Phase.ENGAGED


def _is_over(earlier: list[str]) -> bool:
    """True when the last word on the state was an end or a claim of restoration."""
    said = [status for status in earlier if status in (*_WORKING, "monitoring", *_ENDED)]
    return bool(said) and said[-1] not in _WORKING


def _maintenance_phase(update: _Update, earlier: list[str]) -> Phase:
    phase = _MAINTENANCE.get(update.status, _ENDED.get(update.status, Phase.UPDATE))
    return Phase.UPDATE if earlier and earlier[-1] == update.status else phase


def _statement(
    incident: dict[str, Any],
    incident_id: str,
    update: _Update,
    phase: Phase,
    zone: str | None,
    *,
    is_first: bool,
    alone: bool,
) -> Statement:
    """Put one update into words of ours."""
    begin, end = _claims(incident, update, phase, zone, is_first=is_first)
    maintenance = _is_maintenance(incident)
    return Statement(
        source_incident_id=incident_id,
        source_update_id=update.update_id,
        speaker=Speaker.PROVIDER,
        kind=Kind.MAINTENANCE if maintenance else Kind.INCIDENT,
        phase=phase,
        components=update.components,
        severity=(text_of(incident.get("impact")) or "").lower() or None,
        title=text_of(incident.get("name")),
        text=update.body,
        claimed_at=begin,
        claimed_end_at=end,
        published_at=update.stamped_at,
        flags=_flags(incident, update, phase, alone=alone and not maintenance),
        heads_incident=is_first,
    )


def _claims(
    incident: dict[str, Any], update: _Update, phase: Phase, zone: str | None, *, is_first: bool
) -> tuple[datetime | None, datetime | None]:
    """Return the begin (or instant) and the end that this update claims."""
    if phase is Phase.REPORTED and _is_maintenance(incident):
        planned = time_of(incident.get("scheduled_for"), zone)
        return planned or update.shown_at, time_of(incident.get("scheduled_until"), zone)
    ended = time_of(incident.get("resolved_at"), zone) if phase is Phase.RESOLVED else None
    if not is_first:
        return update.shown_at, ended
    if phase is not Phase.REPORTED:  # begin and end in one statement: claimed as an interval
        ended = ended or update.shown_at
    return time_of(incident.get("started_at"), zone) or update.shown_at, ended


def _flags(incident: dict[str, Any], update: _Update, phase: Phase, *, alone: bool) -> tuple[Flag, ...]:
    flags = []
    late = update.created_at and update.display_at and update.created_at - update.display_at > BACKFILL_LAG
    if late or incident.get("backfilled") is True or (alone and phase in (Phase.RESOLVED, Phase.ROOT_CAUSE)):
        flags.append(Flag.BACKFILLED)
    if update.created_at and update.updated_at and update.updated_at - update.created_at > EDIT_LAG:
        flags.append(Flag.EDITED)
    return tuple(flags)
