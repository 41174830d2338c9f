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
from feeds.promises import promise_in, told_by
from feeds.reading import Parsed, each, id_of, json_of, mapping, sequence, text_of, time_of
from feeds.statuspage_phases import ENDED, MAINTENANCE, incident_phase, maintenance_phase
from models.notice import Flag, Kind, Phase, Speaker, Statement

BACKFILL_LAG = timedelta(minutes=2)
"""Written this much after the time that it shows: told afterwards (our choice; live updates differ by seconds)."""
EDIT_LAG = timedelta(seconds=1)
"""Live updates carry ``created_at`` and ``updated_at`` a few milliseconds apart."""

_STAMPS = {
    "investigating": "created_at",
    "scheduled": "created_at",
    "monitoring": "monitoring_at",
    "resolved": "resolved_at",
}
"""The incident's own field that dates an update of this status, for updates that carry no time at all."""


@dataclass(frozen=True)
class _Record:
    """The incident's own fields."""

    zone: str | None
    """Of times without one, in its texts too."""
    incident_id: str
    is_maintenance: bool
    is_backfilled: bool
    title: str | None
    severity: str | None
    components: tuple[str, ...]
    started_at: datetime | None
    resolved_at: datetime | None
    scheduled_for: datetime | None
    scheduled_until: datetime | None


@dataclass(frozen=True)
class _Update:
    """One update, read."""

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
        zone: IANA zone for times without offset. The page's own ``time_zone`` is not used for it: it names the zone
            that the page is shown in, and the API's own times always carry offsets.

    Returns:
        Statements of all incidents and maintenances, and problems of those that could not be read. ``listed`` is set
        for ``summary.json``, which lists all unresolved incidents and nothing else.

    Raises:
        PayloadError: if the payload as a whole is not of this format.
    """
    payload = mapping(json_of(body), "payload")
    found = _incidents(payload)
    statements, problems = each(found, "incident", lambda incident: _incident(incident, zone))
    return Parsed(statements, problems, _listed(payload, found), _scope(payload, found))


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
        listed_id
        for one in found
        if isinstance(one, dict) and (listed_id := _id_or_none(one))
        if _status(one) not in ENDED and not _is_maintenance(one)
    )


def _id_or_none(incident: dict[str, Any]) -> str | None:
    try:
        return id_of(incident.get("id"), "incident")
    except PayloadError:
        return None


def _status(incident: dict[str, Any]) -> str:
    return (text_of(incident.get("status")) or "").lower()


def _scope(payload: dict[str, Any], found: list[Any]) -> str | None:
    """Name what a look at this payload covers; None for a webhook, and for one that holds no incidents by its kind."""
    if "meta" in payload:
        return None
    if "incidents" in payload:
        return "summary" if "status" in payload else "incidents"
    if "scheduled_maintenances" in payload:
        return "maintenances"
    return f"incident:{id_of(found[0].get('id'), 'incident')}" if found else None


def _is_maintenance(incident: dict[str, Any]) -> bool:
    return (
        incident.get("impact") == "maintenance"
        or _status(incident) in MAINTENANCE
        or bool(incident.get("scheduled_for"))
    )


def _incident(incident: dict[str, Any], zone: str | None) -> Iterator[Statement]:
    """Yield the statements of one incident or maintenance, earliest first."""
    record = _record(incident, zone)
    rows = sequence(incident.get("incident_updates"), "incident_updates") or [{"status": incident.get("status")}]
    updates = _in_order([_update(mapping(row, "update"), incident, zone) for row in rows])
    said = [ENDED.get(update.status) for update in updates]
    resolved = [position for position, phase in enumerate(said) if phase is Phase.RESOLVED]
    ended = resolved or [position for position, phase in enumerate(said) if phase is not None]
    earlier: list[str] = []
    known: tuple[str, ...] = ()
    for position, update in enumerate(updates):
        phase = (
            maintenance_phase(update.status, earlier)
            if record.is_maintenance
            else incident_phase(update.status, earlier)
        )
        known = tuple(dict.fromkeys((*known, *update.components)))
        role = _Role(position == 0, position == ended[-1] if ended else False, len(updates) == 1)
        yield _statement(record, update, phase, update.components or known or record.components, role)
        earlier.append(update.status)


@dataclass(frozen=True)
class _Role:
    """An update's place among the updates of its incident."""

    is_first: bool
    ends: bool
    is_alone: bool


def _in_order(updates: list[_Update]) -> list[_Update]:
    """Order updates as they were said: the page lists the newest first.

    By when they were written; where all were written after the last time shown (a history that was imported), by the
    time shown, because then the order of writing says nothing.
    """
    updates = updates[::-1]
    written = [update.created_at for update in updates if update.created_at]
    shown = [update.display_at for update in updates if update.display_at]
    if written and shown and min(written) > max(shown) + BACKFILL_LAG:
        return sorted(updates, key=lambda one: (one.shown_at is None, one.shown_at))
    return sorted(updates, key=lambda one: (one.stamped_at is None, one.stamped_at))


def _record(incident: dict[str, Any], zone: str | None) -> _Record:
    return _Record(
        zone=zone,
        incident_id=id_of(incident.get("id"), "incident"),
        is_maintenance=_is_maintenance(incident),
        is_backfilled=incident.get("backfilled") is True,
        title=text_of(incident.get("name")),
        severity=(text_of(incident.get("impact")) or "").lower() or None,
        components=_names(incident.get("components")),
        started_at=time_of(incident.get("started_at"), zone),
        resolved_at=time_of(incident.get("resolved_at"), zone),
        scheduled_for=time_of(incident.get("scheduled_for"), zone),
        scheduled_until=time_of(incident.get("scheduled_until"), zone),
    )


def _names(value: Any) -> tuple[str, ...]:
    names = [
        text_of(one.get("name")) if isinstance(one, dict) else text_of(one) for one in sequence(value, "components")
    ]
    return tuple(dict.fromkeys(name for name in names if name))


def _update(update: dict[str, Any], incident: dict[str, Any], zone: str | None) -> _Update:
    status = (text_of(update.get("status")) or _status(incident) or "update").lower()
    created = time_of(update.get("created_at"), zone)
    displayed = time_of(update.get("display_at"), zone)
    if created is None and displayed is None and status in _STAMPS:
        created = time_of(incident.get(_STAMPS[status]), zone)
    return _Update(
        update_id=text_of(update.get("id")),
        status=status,
        body=text_of(update.get("body")),
        created_at=created,
        display_at=displayed,
        updated_at=time_of(update.get("updated_at"), zone),
        components=_names(update.get("affected_components")),
    )


def _statement(record: _Record, update: _Update, phase: Phase, components: tuple[str, ...], role: _Role) -> Statement:
    """Put one update into words of ours."""
    begin, end = _claims(record, update, phase, role)
    return Statement(
        source_incident_id=record.incident_id,
        source_update_id=update.update_id,
        speaker=Speaker.PROVIDER,
        kind=Kind.MAINTENANCE if record.is_maintenance else Kind.INCIDENT,
        phase=phase,
        components=components,
        severity=record.severity,
        title=record.title,
        text=update.body,
        claimed_at=begin,
        claimed_end_at=end,
        published_at=update.stamped_at,
        **told_by(promise_in(update.body, update.stamped_at, record.zone)),
        flags=_flags(record, update, phase, role),
        heads_incident=role.is_first,
    )


def _claims(record: _Record, update: _Update, phase: Phase, role: _Role) -> tuple[datetime | None, datetime | None]:
    """Return the begin (or instant) and the end that this update claims.

    ``resolved_at`` is the incident's last end: of an incident that was reopened, only its last resolving update
    claims it. A ``started_at`` later than the first time shown is the moment of writing, so the shown one counts.
    """
    if phase is Phase.REPORTED and record.is_maintenance:
        return record.scheduled_for or update.shown_at, record.scheduled_until
    ended = None
    if phase in (Phase.RESOLVED, Phase.ROOT_CAUSE) and role.ends:
        ended = record.resolved_at or (update.shown_at if phase is Phase.RESOLVED else None)
    if not role.is_first:
        return update.shown_at, ended if phase is Phase.RESOLVED else None
    if phase is Phase.RESTORED:  # begin and end in one statement: claimed as an interval
        ended = update.shown_at
    begins = [moment for moment in (record.started_at, update.shown_at) if moment is not None]
    return min(begins, default=None), ended


def _flags(record: _Record, update: _Update, phase: Phase, role: _Role) -> tuple[Flag, ...]:
    flags = []
    late = update.created_at and update.display_at and update.created_at - update.display_at > BACKFILL_LAG
    alone = role.is_alone and not record.is_maintenance and phase in (Phase.RESOLVED, Phase.ROOT_CAUSE)
    if late or record.is_backfilled or alone:
        flags.append(Flag.BACKFILLED)
    if update.created_at and update.updated_at and update.updated_at - update.created_at > EDIT_LAG:
        flags.append(Flag.EDITED)
    return tuple(flags)
