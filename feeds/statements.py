"""Dialect ``statements``: what our own people say, as JSON lines or a JSON array, one statement an object. Pure.

Keys are the fields of ``models.notice.Statement``; only ``source_incident_id`` and ``phase`` must be there. ``speaker``
is ``customer`` unless told. ``source`` names the feed whose incident it concerns, and ``services`` those of our
agreement. The lines of ``holdfast parse --json`` can be read back: ``notice_id`` and ``provider`` are not read, both
follow from the rest, and ``received_at`` stands in for a missing ``published_at``, since it had been said by then.

Times need an offset, or a zone for the feed. What can't be read is a problem with its line; the rest is read.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from feeds.errors import PayloadError
from feeds.reading import TEXT_LIMIT, Parsed, Problem, all_failed, id_of, json_of, mapping, time_of
from feeds.stamp import Attributed
from models.notice import Speaker, Statement

TIMES = ("claimed_at", "claimed_end_at", "published_at", "promised_at", "recovery_point_at", "received_at")
NOT_READ = ("notice_id", "provider")
KEYS = frozenset(Attributed.model_fields) - {"heads_incident"} | {"received_at", *NOT_READ}
_CUT = ("title", "text")
_REASON = re.compile(r"[a-z0-9_]{1,80}")


def parse(body: bytes, *, zone: str | None = None) -> Parsed:
    """Read statements.

    Args:
        body: the bytes as received.
        zone: IANA zone of times without offset.

    Raises:
        PayloadError: if nothing of the payload can be read.
    """
    statements: list[Statement] = []
    problems: list[Problem] = []
    for place, entry in _entries(body):
        try:
            told = json_of(entry) if isinstance(entry, bytes) else entry
            statements.append(_statement(mapping(told, "statement"), zone))
        except PayloadError as error:
            problems.append((error.reason, f"{place}{error.detail}"))
    all_failed(statements, problems)
    return Parsed(tuple(statements), tuple(problems))


def _entries(body: bytes) -> Iterator[tuple[str, Any]]:
    """Yield where each statement stands, in words, with its object or, of several lines, its line."""
    body = body.removeprefix(b"\xef\xbb\xbf")
    lines = [(number, line) for number, line in enumerate(body.split(b"\n"), 1) if line.strip()]
    try:
        whole = json_of(body)
    except PayloadError:
        if len(lines) < 2:
            raise
        yield from ((f"line {number}: ", line) for number, line in lines)
        return
    if isinstance(whole, list):
        yield from ((f"statement {number}: ", entry) for number, entry in enumerate(whole, 1))
    else:
        yield "", whole


def _statement(entry: dict[str, Any], zone: str | None) -> Attributed:
    if unknown := [name for name in entry if name not in KEYS]:
        raise PayloadError("wrong_shape", f"unknown key {', '.join(unknown)[:80]}")
    fields = {name: value for name, value in entry.items() if value is not None and name not in NOT_READ}
    fields["source_incident_id"] = id_of(fields.get("source_incident_id"), "statement")
    times = {name: _time(name, fields.pop(name, None), zone) for name in TIMES}
    received_at = times.pop("received_at")
    times["published_at"] = times["published_at"] or received_at
    for name in _CUT:
        if isinstance(fields.get(name), str):
            fields[name] = fields[name].strip()[:TEXT_LIMIT] or None
    if isinstance(fields.get("severity"), str):
        fields["severity"] = fields["severity"].strip().lower() or None
    try:
        statement = Attributed.model_validate({"speaker": Speaker.CUSTOMER, **fields, **times, "heads_incident": True})
    except ValidationError as error:
        raise PayloadError("wrong_shape", _words(error)) from error
    if statement.reason is not None and not _REASON.fullmatch(statement.reason):
        raise PayloadError("wrong_shape", f"reason: {statement.reason[:40]!r} is not written like awaiting_customer")
    return statement


def _time(name: str, value: Any, zone: str | None) -> datetime | None:
    try:
        return time_of(value, zone)
    except PayloadError as error:
        raise PayloadError(error.reason, f"{name}: {error.detail}") from error


def _words(error: ValidationError) -> str:
    """Return the first fault in words, without the links that the validator adds."""
    fault = error.errors(include_url=False, include_context=False)[0]
    where = ".".join(str(part) for part in fault["loc"])
    told = f", not {fault['input'][:40]!r}" if isinstance(fault["input"], str) else ""
    return f"{where}: {fault['msg']}{told}"
