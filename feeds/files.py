"""Payloads in files: single ones, directories, and series of polls, with the time each was received. IO: reads files.

When a payload was received is, in this order: the poll's own time in a ``.jsonl`` series, the time given by hand, an
ISO 8601 time at the start of the file's name (``2026-07-15T004922Z.json``), the file's modification time. Files that
have only that are one look, received at the latest of their dates: a date says when a file was copied, and must not
make one file prove that another's incidents were not listed yet.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from models.instants import parse_instant
from models.raw import RawPayload

SIZE_LIMIT = 12_000_000
"""Bytes of the largest payload taken: in base64 it still fits a 16 MiB record."""
_NAME = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)[Tt ](\d\d)[:.-]?(\d\d)(?:[:.-]?(\d\d)(?:[.,](\d{1,9}))?)?(Z|z|[+-]\d\d:?\d\d)?(?![0-9])"
)
_SERIES = (".jsonl", ".ndjson")
_TIME_KEYS = ("polled_at", "received_at", "fetched_at")
_BODY_KEYS = ("payload", "body", "data")
_IS_STATEMENT = {"source_incident_id", "phase"}
_CONTENT_TYPES = {
    ".json": "application/json",
    ".jsonl": "application/json",
    ".ndjson": "application/json",
    ".xml": "application/xml",
    ".cap": "application/cap+xml",
    ".atom": "application/atom+xml",
}


class FileError(Exception):
    """A file that can't be taken as a payload.

    Attributes:
        name: the file, with the line in a series.
        reason: a word of ``feeds.errors.REASONS``, or ``unreadable_file``.
        detail: what exactly, for a person.
    """

    def __init__(self, name: str, reason: str, detail: str) -> None:
        super().__init__(f"{name}: {reason}: {detail}")
        self.name = name
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True)
class Sheet:
    """One payload in a file: where it is and when it was received; its bytes stay on disk until ``load``."""

    path: Path
    received_at: datetime
    line: int | None = None
    """Line of a series, from 1; None for a whole file."""
    start: int = 0
    length: int | None = None
    is_dated: bool = True
    """False where nothing but the file's modification time says when it was received."""

    @property
    def name(self) -> str:
        """The file, with the line in a series."""
        return str(self.path) if self.line is None else f"{self.path}:{self.line}"

    def load(self, feed: str, format_name: str) -> RawPayload:
        """Read the payload.

        Raises:
            FileError: if the file can't be read any more.
        """
        try:
            with self.path.open("rb") as file:
                file.seek(self.start)
                body = file.read(self.length if self.length is not None else -1)
        except OSError as error:
            raise FileError(self.name, "unreadable_file", str(error)) from error
        if self.line is not None:
            body = _poll_of(body)[1]
        content_type = _CONTENT_TYPES.get(self.path.suffix.lower(), "application/octet-stream")
        return RawPayload(
            feed=feed,
            format=format_name,
            body=body,
            received_at=self.received_at,
            content_type=content_type,
            name=self.name,
        )


def sheets(
    paths: Iterable[Path], *, received_at: datetime | None = None, limit: int = SIZE_LIMIT
) -> tuple[list[Sheet], list[FileError]]:
    """Find the payloads of files and directories.

    Args:
        paths: files, or directories that are walked whole (hidden files are left out).
        received_at: given by hand; None takes the files' own times.
        limit: bytes of the largest payload.

    Returns:
        Payloads sorted by ``received_at`` (those of one instant by name and line), and the files refused.
    """
    found: list[Sheet] = []
    refused: list[FileError] = []
    for path in dict.fromkeys(one for given in paths for one in _walk(given)):
        try:
            for sheet in _of_file(path, received_at, limit):
                if isinstance(sheet, FileError):
                    refused.append(sheet)
                else:
                    found.append(sheet)
        except OSError as error:
            refused.append(FileError(str(path), "unreadable_file", str(error)))
        except FileError as error:
            refused.append(error)
    return sorted(_as_one_look(found), key=lambda one: (one.received_at, str(one.path), one.line or 0)), refused


def _as_one_look(found: Iterable[Sheet]) -> Iterator[Sheet]:
    every = list(found)
    latest = max((sheet.received_at for sheet in every if not sheet.is_dated), default=None)
    for sheet in every:
        yield sheet if sheet.is_dated or latest is None else replace(sheet, received_at=latest)


def received_in_name(name: str) -> datetime | None:
    """Return the time at the start of a file's name; None where there is none.

    Raises:
        ValueError: if there is a time that has no zone, or does not exist.

    >>> received_in_name("2021-05-18T223113Z_summary.json").isoformat()
    '2021-05-18T22:31:13+00:00'
    """
    match = _NAME.match(name)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    text = f"{year}-{month}-{day}T{hour}:{minute}:{second or '00'}.{fraction or '0'}"
    return parse_instant(text + (zone or "").upper())


def _walk(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    for one in sorted(path.rglob("*")):
        if one.is_file() and not any(part.startswith(".") for part in one.relative_to(path).parts):
            yield one


def _of_file(path: Path, given: datetime | None, limit: int) -> Iterator[Sheet | FileError]:
    status = path.stat()
    try:
        told = given or received_in_name(path.name)
    except ValueError as error:
        raise FileError(str(path), "naive_time", f"time in the file's name: {error}; or give --received-at") from error
    received_at = told or datetime.fromtimestamp(status.st_mtime, UTC)
    if path.suffix.lower() in _SERIES:
        for sheet in _of_series(path, received_at, limit):
            yield replace(sheet, is_dated=told is not None or sheet.is_dated) if isinstance(sheet, Sheet) else sheet
    elif status.st_size > limit:
        raise FileError(str(path), "too_large", f"{status.st_size} bytes, limit {limit}")
    else:
        yield Sheet(path, received_at, is_dated=told is not None)


def _of_series(path: Path, received_at: datetime, limit: int) -> Iterator[Sheet | FileError]:
    """Yield a payload per line that is not blank."""
    start = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if len(line) > limit:
                yield FileError(f"{path}:{number}", "too_large", f"{len(line)} bytes, limit {limit}")
            elif line.strip():
                polled_at = _poll_of(line)[0]
                yield Sheet(path, polled_at or received_at, number, start, len(line), is_dated=polled_at is not None)
            start += len(line)


def _poll_of(line: bytes) -> tuple[datetime | None, bytes]:
    """Return the poll's time, if the record has one, and the payload.

    ``{"polled_at": …, "summary": {…}}`` holds the payload under its one key with an object or a list, or as text under
    ``payload``, ``body`` or ``data``. Any other line is itself the payload, also one that is no JSON (its parser will
    say so), and so is a statement (format ``statements``), whatever lists it has.
    """
    try:
        record: Any = orjson.loads(line)
        key = next((name for name in _TIME_KEYS if name in record), None) if isinstance(record, dict) else None
        if key is None:
            return None, line.strip()
        polled_at = parse_instant(str(record[key]))
    except ValueError:
        return None, line.strip()
    if record.keys() >= _IS_STATEMENT:
        return polled_at, line.strip()
    nested = [value for value in record.values() if isinstance(value, dict | list)]
    if len(nested) == 1:
        return polled_at, orjson.dumps(nested[0])
    texts = [record[name] for name in _BODY_KEYS if isinstance(record.get(name), str)]
    return polled_at, texts[0].encode() if len(texts) == 1 else line.strip()
