"""Dialect ``servicenow-log``: ServiceNow's incident log as CSV, one row per update. Pure.

Columns as in the public log of the UCI archive (tested on its first 890 incidents). Times are day-month-year in whole
minutes without offset, so the feed needs a zone. ``opened_at`` is when our people reported; each row's
``sys_updated_at`` is when its state began to hold. ``resolved_at`` and ``closed_at`` are not read: an export repeats
their last values on every row, also on those from before, and the rows themselves say when. Nor are ``made_sla`` (the
desk's own verdict) and ``assigned_to``: a named colleague is no news to us, a change of group is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from feeds.errors import PayloadError
from feeds.reading import Parsed, id_of
from feeds.tables import Row, table_time
from feeds.ticket_history import Step, Ticket, read_log
from feeds.ticket_states import stage_of

NEEDED = ("number", "incident_state", "sys_updated_at", "opened_at")
LOST_STATE = "-100"
"""Written by the tool where it lost the state: then the one before still holds."""
_COUNT = re.compile(r"[0-9]{1,9}")


def parse(body: bytes, *, zone: str | None = None) -> Parsed:
    """Read one log.

    Args:
        body: the bytes as received.
        zone: IANA zone of its times.

    Raises:
        PayloadError: if the payload as a whole is not of this format, or no row of it can be read.
    """
    return read_log(body, NEEDED, lambda row: _line(row, zone), _ticket)


@dataclass(frozen=True)
class _Line:
    number: str
    opened_at: datetime
    updated_at: datetime
    count: int
    """The tool's count of changes: the order within a minute."""
    row: Row


def _line(row: Row, zone: str | None) -> _Line:
    opened, updated = table_time(row.get("opened_at"), zone), table_time(row.get("sys_updated_at"), zone)
    if opened is None or updated is None:
        raise PayloadError("bad_time", "a row needs opened_at and sys_updated_at")
    count = row.get("sys_mod_count", "")
    return _Line(id_of(row.get("number"), "row"), opened, updated, int(count) if _COUNT.fullmatch(count) else 0, row)


def _ticket(lines: list[_Line]) -> Ticket:
    lines = sorted(lines, key=lambda one: (one.updated_at, one.count))
    head = lines[0].row
    return Ticket(
        ticket_id=lines[0].number,
        opened_at=lines[0].opened_at,
        steps=tuple(_steps(lines)),
        title=" / ".join(head[name] for name in ("category", "subcategory") if name in head) or None,
        text=head.get("u_symptom"),
        components=tuple(head[name] for name in ("cmdb_ci", "category") if name in head),
        regions=tuple(head[name] for name in ("location",) if name in head),
    )


def _steps(lines: list[_Line]) -> Iterator[Step]:
    word = "New"
    for one in lines:
        told = one.row.get("incident_state")
        word = word if told is None or told == LOST_STATE else told
        stage, reason = stage_of(word)
        severity = one.row.get("priority", "").lower() or None
        yield Step(one.updated_at, word, stage, reason, severity, one.row.get("assignment_group"))
