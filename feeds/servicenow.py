"""Dialect ``servicenow``: ServiceNow's incidents, as JSON of its Table API (``result``) or exported as CSV. Pure.

A record tells only the present state. That there is trouble is our own people's word (``opened_at``), the state is the
desk's. ``resolved_at`` and ``closed_at`` say when it was done and are read only where the record is; all else holds
since ``sys_updated_on`` at the latest, which a record read once can't make any closer: then ``respond`` may look later
than it was. Poll the table, or read ``servicenow-log``. What is first seen when done is flagged ``backfilled``: it does
not show when the desk first spoke.

A record that is on hold is a pause; one that is worked on is none, so it also says ``resumed``. Codes of states and
hold reasons are those of the product as delivered; words may stand instead. Times are UTC in the Table API and without
offset, so the feed needs a zone. A query may be filtered, so what it does not list has not vanished.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from feeds.errors import PayloadError
from feeds.reading import Parsed, Problem, all_failed, each, id_of, json_of, mapping, text_of
from feeds.tables import is_absent, rows_of, table_time
from feeds.ticket_states import DONE, Stage, reason_of, stage_of
from models.instants import format_instant
from models.notice import Flag, Phase, Speaker, Statement

NEEDED = ("number", "opened_at", "sys_updated_on")
STATES = {
    "1": "New",
    "2": "In Progress",
    "3": "On Hold",
    "6": "Resolved",
    "7": "Closed",
    "8": "Canceled",
}
HOLD_REASONS = {
    "1": "Awaiting Caller",
    "2": "Awaiting Evidence",
    "3": "Awaiting Problem",
    "4": "Awaiting Vendor",
    "5": "Awaiting Change",
}

Record = dict[str, str]
"""Fields that say something."""


def parse(body: bytes, *, zone: str | None = None) -> Parsed:
    """Read the records of one answer or export.

    Args:
        body: the bytes as received.
        zone: IANA zone of its times.

    Raises:
        PayloadError: if the payload as a whole is not of this format, or no record of it can be read.
    """
    if body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{":
        payload = mapping(json_of(body), "payload")
        result = payload.get("result")
        if not isinstance(result, dict | list):
            raise PayloadError("wrong_shape", "no result: not of the Table API")
        entries = result if isinstance(result, list) else [result]
        return Parsed(*each(entries, "record", lambda entry: _incident(_plain(entry), zone)))
    problems: list[Problem] = []
    statements: list[Statement] = []
    for line, row in rows_of(body, NEEDED, problems):
        try:
            statements.extend(list(_incident(row, zone)))
        except PayloadError as error:
            problems.append((error.reason, f"line {line}: {error.detail}"))
    all_failed(statements, problems)
    return Parsed(tuple(statements), tuple(problems))


def _plain(entry: dict[str, Any]) -> Record:
    """Return the fields of a JSON record as text; of value and display value the words, but of a time the value."""
    record = {}
    for name, value in entry.items():
        kinds = ("value", "display_value") if name.endswith(("_at", "_on", "_time")) else ("display_value", "value")
        values = [value.get(kind) for kind in kinds] if isinstance(value, dict) else [value]
        texts = (str(one) if isinstance(one, int) else text_of(one) for one in values)
        told = next((text for text in texts if text), None)
        if told is not None and not is_absent(told):
            record[name] = told
    return record


def _incident(record: Record, zone: str | None) -> Iterator[Statement]:
    """Yield the report, and what the present state says."""
    opened, updated = _time(record, "opened_at", zone), _time(record, "sys_updated_on", zone)
    if opened is None or updated is None:
        raise PayloadError("bad_time", "a record needs opened_at and sys_updated_on")
    word = _state(record)
    shared: dict[str, Any] = {
        "source_incident_id": id_of(record.get("number"), "record"),
        "components": tuple(record[name] for name in ("cmdb_ci", "business_service", "category") if name in record),
        "regions": tuple(record[name] for name in ("location",) if name in record),
        "severity": record["priority"].lower() if "priority" in record else None,
        "title": record.get("short_description"),
    }
    yield Statement(
        **shared,
        source_update_id="opened",
        speaker=Speaker.CUSTOMER,
        phase=Phase.REPORTED,
        claimed_at=opened,
        published_at=opened,
        heads_incident=True,
    )
    shared = {**shared, "speaker": Speaker.PROVIDER, "text": word, "published_at": updated}
    is_done = stage_of(word)[0] in DONE
    yield from _ended(record, zone, shared) if is_done else _going_on(record, zone, shared)


def _state(record: Record) -> str:
    told = record.get("state") or record.get("incident_state")
    if told is None:
        raise PayloadError("wrong_shape", "a record needs state or incident_state")
    return STATES.get(told, told)


def _ended(record: Record, zone: str | None, shared: dict[str, Any]) -> Iterator[Statement]:
    """Yield the ends of a record that is done, each named after how often it had been opened again."""
    stage, updated = stage_of(shared["text"])[0], shared["published_at"]
    resolved, closed = _time(record, "resolved_at", zone), _time(record, "closed_at", zone)
    ends = {}
    if stage is Stage.CANCELLED:
        ends[Phase.CANCELLED] = closed or updated
    elif stage is Stage.RESOLVED or resolved is not None:
        told = resolved or updated  # later than the closing it was written over: what is closed was resolved by then
        ends[Phase.RESOLVED] = min(told, closed) if stage is Stage.CLOSED and closed else told
    if stage is Stage.CLOSED:
        ends[Phase.CLOSED] = closed or updated
    for phase, at in ends.items():
        yield Statement(
            **{**shared, "published_at": at},
            source_update_id=f"{phase.value}/{record.get('reopen_count', '0')}",
            phase=phase,
            claimed_at=at,
            flags=(Flag.BACKFILLED,),
        )


def _going_on(record: Record, zone: str | None, shared: dict[str, Any]) -> Iterator[Statement]:
    """Yield what a record says that is not done. A new one, in the queue, says no more than that it was reported."""
    stage, waits_for = stage_of(shared["text"])
    updated = shared["published_at"]
    if (count := record.get("reopen_count", "0")) != "0":
        at = _time(record, "reopened_time", zone) or updated
        yield Statement(**{**shared, "published_at": at}, source_update_id=f"reopened/{count}", phase=Phase.REOPENED)
    name = format_instant(updated)
    if stage is Stage.WAITING:
        told = record.get("hold_reason")
        reason = reason_of(HOLD_REASONS.get(told, told)) if told else waits_for
        yield Statement(**shared, source_update_id=f"{name}/paused", phase=Phase.PAUSED, reason=reason)
    elif stage is not Stage.QUEUED:
        phase = {Stage.WORKING: Phase.ENGAGED, Stage.ASSIGNED: Phase.ACKNOWLEDGED}.get(stage, Phase.UPDATE)
        yield Statement(**shared, source_update_id=phase.value, phase=phase)
        yield Statement(**shared, source_update_id=f"{name}/resumed", phase=Phase.RESUMED)


def _time(record: Record, name: str, zone: str | None) -> datetime | None:
    try:
        return table_time(record.get(name), zone)
    except PayloadError as error:
        raise PayloadError(error.reason, f"{name}: {error.detail}") from error
