"""Dialect ``ticket-log``: an incident tool's event log as CSV, a row per change of status and sub status. Pure.

The form of the Volvo IT log of the BPI Challenge 2013, with commas or semicolons. A row's ``Change Date+Time`` carries
an offset. The log holds no time of opening: its first row is the report as well. ``Completed-In Call`` is resolved
while the caller was on the line. ``SR Latest Impact`` is the last impact on every row, so no change of it is told.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from feeds.errors import PayloadError
from feeds.reading import Parsed, id_of
from feeds.tables import Row, table_time
from feeds.ticket_history import Step, Ticket, read_log
from feeds.ticket_states import Stage, stage_of

NEEDED = ("SR Number", "Change Date+Time", "Status", "Sub Status")


@dataclass(frozen=True)
class _Line:
    number: str
    at: datetime
    row: Row


def parse(body: bytes, *, zone: str | None = None) -> Parsed:
    """Read one log.

    Args:
        body: the bytes as received.
        zone: IANA zone of times without offset.

    Raises:
        PayloadError: if the payload as a whole is not of this format, or no row of it can be read.
    """
    return read_log(body, NEEDED, lambda row: _line(row, zone), _ticket)


def _line(row: Row, zone: str | None) -> _Line:
    at = table_time(row.get("Change Date+Time"), zone)
    if at is None:
        raise PayloadError("bad_time", "a row needs Change Date+Time")
    return _Line(id_of(row.get("SR Number"), "row"), at, row)


def _ticket(lines: list[_Line]) -> Ticket:
    lines = sorted(lines, key=lambda one: one.at)
    head = lines[0].row
    return Ticket(
        ticket_id=lines[0].number,
        opened_at=lines[0].at,
        steps=tuple(_steps(lines)),
        components=tuple(head[name] for name in ("Product",) if name in head),
        regions=tuple(head[name] for name in ("Country",) if name in head),
    )


def _steps(lines: list[_Line]) -> Iterator[Step]:
    for one in lines:
        status, sub = one.row.get("Status", ""), one.row.get("Sub Status", "")
        stage, reason = stage_of(sub or status)
        if stage is Stage.OTHER:
            stage, reason = stage_of(status)
        word = "-".join(part for part in (status, sub) if part)
        severity = one.row.get("SR Latest Impact", "").lower() or None
        yield Step(one.at, word, stage, reason, severity, one.row.get("Involved ST"))
