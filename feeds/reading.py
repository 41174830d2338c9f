"""Small readers shared by the dialects: JSON, fields and times out of untrusted payloads. Pure."""

import re
from collections.abc import Callable, Iterable, Sequence, Sized
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
    scope: str | None = None
    """What one look at this payload covers, such as ``summary`` or ``incident:abc``; a statement that a look of the
    same scope did not show was made after that look. None for a push, which shows only itself."""


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

    Reads ISO 8601 and RFC 3339, also with a space before the offset or ``UTC`` in place of ``Z``. A date alone is no
    time: midnight would be a guess.

    Raises:
        PayloadError: ``bad_time``, or ``naive_time`` where there is no zone to read it in.
    """
    if value is None:
        return None
    if not isinstance(value, str):
        raise PayloadError("bad_time", f"a {type(value).__name__} is no time")
    text = value.strip()
    if not text:
        return None
    if len(text) > TIME_LENGTH or not _CLOCK.search(text):
        raise PayloadError("bad_time", f"{text[:TIME_LENGTH]!r} is no time of day on a date")
    text = _OFFSET.sub(r"\1", _UTC.sub("Z", text))
    moment = _instant(text, zone)
    if moment is not None:
        return moment
    if zone is None and _instant(text, "UTC") is not None:
        raise PayloadError("naive_time", f"time without zone: {text!r}; configure the feed's timezone")
    raise PayloadError("bad_time", f"{text!r} is no time")


TIME_LENGTH = 64
"""Characters of the longest text read as a time."""
_CLOCK = re.compile(r"\d[Tt ]\s*\d")
_UTC = re.compile(r"\s*(?:UTC|GMT|[Zz])$")
_OFFSET = re.compile(r"\s+([+-]\d\d:?\d\d)$")


def _instant(text: str, zone: str | None) -> datetime | None:
    try:
        return parse_instant(text, zone)
    except (ValueError, OverflowError):
        return None


def each(
    entries: Iterable[object], what: str, read: Callable[[dict[str, Any]], Iterable[Statement]]
) -> tuple[tuple[Statement, ...], tuple[Problem, ...]]:
    """Read the entries of a payload one by one: what can't be read does not take the others along.

    Args:
        entries: of the payload.
        what: their word in problems, such as ``incident``.
        read: gives an entry's statements; raises ``PayloadError``.

    Returns:
        All statements, and a problem for each entry that could not be read.

    Raises:
        PayloadError: if there were problems and nothing else.
    """
    statements: list[Statement] = []
    problems: list[Problem] = []
    for position, entry in enumerate(entries):
        try:
            statements.extend(read(mapping(entry, f"{what} {position}")))
        except PayloadError as error:
            problems.append((error.reason, f"{what} {position}: {error.detail}"))
    all_failed(statements, problems)
    return tuple(statements), tuple(problems)


def all_failed(statements: Sized, problems: Sequence[Problem]) -> None:
    """Raise the first problem when nothing at all could be read: then the payload is bad, not one of its entries.

    Raises:
        PayloadError: with the reason and detail of the first problem.
    """
    if problems and not statements:
        raise PayloadError(*problems[0])
