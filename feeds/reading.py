"""Small readers shared by the dialects: JSON, fields and times out of untrusted payloads. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from feeds.errors import PayloadError
from models.instants import parse_instant
from models.notice import Statement

Problem = tuple[str, str]
"""(reason, detail) of one entry that could not be read while others could."""

TEXT_LIMIT = 20_000
"""Characters of one statement's text kept; the raw bytes keep all of it."""


@dataclass(frozen=True)
class Parsed:
    """What a dialect read out of one payload."""

    statements: tuple[Statement, ...]
    problems: tuple[Problem, ...] = ()
    listed: frozenset[str] | None = None
    """Ids of the incidents listed, where the payload is by its kind a list of all unresolved ones; else None."""


def json_of(body: bytes) -> Any:
    """Read JSON.

    Raises:
        PayloadError: ``not_json``.
    """
    try:
        return orjson.loads(body.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise PayloadError("not_json", str(error)) from error


def mapping(value: Any, what: str) -> dict[str, Any]:
    """Return a JSON object, or raise ``wrong_shape``."""
    if not isinstance(value, dict):
        raise PayloadError("wrong_shape", f"{what} is no object")
    return value


def sequence(value: Any, what: str) -> list[Any]:
    """Return a JSON array (an absent one is empty), or raise ``wrong_shape``."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise PayloadError("wrong_shape", f"{what} is no list")
    return value


def text_of(value: Any) -> str | None:
    """Return trimmed text, or None for what is absent, empty or no text."""
    if not isinstance(value, str):
        return None
    return value.strip()[:TEXT_LIMIT] or None


def id_of(value: Any, what: str) -> str:
    """Return an id as text; numbers are ids too.

    Raises:
        PayloadError: ``wrong_shape`` when there is none.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    text = text_of(value)
    if text is None:
        raise PayloadError("wrong_shape", f"{what} has no id")
    return text


def time_of(value: Any, zone: str | None) -> datetime | None:
    """Return a time in UTC; None where the field is absent or empty.

    Raises:
        PayloadError: ``bad_time``, or ``naive_time`` where there is no zone to read it in.
    """
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise PayloadError("bad_time", f"{value!r} is no time")
    try:
        return parse_instant(value, zone)
    except (ValueError, OverflowError) as error:
        reason = "naive_time" if "without zone" in str(error) else "bad_time"
        raise PayloadError(reason, str(error)) from error
