"""Dialect ``oe417``: major outages of the United States (DOE form OE-417) as the public CSV lists them. Pure.

Date and time stand in separate columns, in local time without offset: a feed needs the zone of its rows, so cut a list
of several zones into feeds. Written after the fact, so every statement is flagged ``backfilled`` (ADR 0007): how long
an outage lasted can be judged, how soon the provider spoke can't. A missing restoration is no end. A row without a
begin is a problem, the rest is read.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from feeds.errors import PayloadError
from feeds.reading import Parsed, Problem, all_failed, id_of, time_of
from feeds.tables import Row, rows_of
from models.notice import Flag, Phase, Speaker, Statement

NEEDED = ("OBS", "OUTAGE.START.DATE", "OUTAGE.START.TIME", "OUTAGE.RESTORATION.DATE", "OUTAGE.RESTORATION.TIME")
_DATE = re.compile(r"(?:[A-Za-z]+,\s*)?([A-Za-z]+) (\d{1,2}), (\d{4})")
_TIME = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d))? ([AP])M", re.I)
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip


def parse(body: bytes, *, zone: str | None = None) -> Parsed:
    """Read one list.

    Args:
        body: the bytes as received.
        zone: IANA zone of its times.

    Raises:
        PayloadError: if the payload as a whole is not of this format, or no row of it can be read.
    """
    problems: list[Problem] = []
    statements: list[Statement] = []
    for line, row in rows_of(body, NEEDED, problems):
        try:
            statements.extend(list(_outage(row, zone)))
        except PayloadError as error:
            problems.append((error.reason, f"line {line}: {error.detail}"))
    all_failed(statements, problems)
    return Parsed(tuple(statements), tuple(problems))


def _outage(row: Row, zone: str | None) -> Iterator[Statement]:
    begin, end = _moment(row, "START", zone), _moment(row, "RESTORATION", zone)
    if begin is None:
        raise PayloadError("bad_time", "an outage needs a begin")
    shared: dict[str, Any] = {
        "source_incident_id": id_of(row.get("OBS"), "row"),
        "speaker": Speaker.PROVIDER,
        "components": tuple(row[name] for name in ("U.S._STATE",) if name in row),
        "regions": tuple(row[name] for name in ("NERC.REGION",) if name in row),
        "title": row.get("CAUSE.CATEGORY"),
        "flags": (Flag.BACKFILLED, Flag.HISTORICAL),
    }
    text = "; ".join(row[name] for name in ("CAUSE.CATEGORY.DETAIL", "HURRICANE.NAMES") if name in row) or None
    yield Statement(
        **shared, source_update_id="begin", phase=Phase.REPORTED, text=text, claimed_at=begin, heads_incident=True
    )
    if end is not None:
        yield Statement(**shared, source_update_id="end", phase=Phase.RESOLVED, claimed_at=end, claimed_end_at=end)


def _moment(row: Row, which: str, zone: str | None) -> datetime | None:
    day, clock = row.get(f"OUTAGE.{which}.DATE"), row.get(f"OUTAGE.{which}.TIME")
    if day is None:
        return None
    date, time = _DATE.fullmatch(day), _TIME.fullmatch(clock or "")
    if date is None or time is None or date[1].lower() not in _MONTHS or not 1 <= int(time[1]) <= 12:
        raise PayloadError("bad_time", f"{day[:40]!r} {(clock or '')[:20]!r} is no time")
    month = _MONTHS.index(date[1].lower()) + 1
    hour = int(time[1]) % 12 + (12 if time[4].upper() == "P" else 0)
    return time_of(f"{date[3]}-{month:02}-{int(date[2]):02}T{hour:02}:{time[2]}:{time[3] or '00'}", zone)
