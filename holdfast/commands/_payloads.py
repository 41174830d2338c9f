"""What commands share: times and zones given by hand, reading payload files, words of output. IO: files, stdin."""

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import typer

from feeds.files import SIZE_LIMIT, FileError, sheets
from models.documents import Documents
from models.instants import EARLIEST, parse_instant
from models.opening_spans import LAST_YEAR
from models.ports import Clock
from models.raw import RawPayload
from models.spec import check_zone

PIPED_WIDTH = 200
"""Characters of a line where the output is no terminal, so that ``grep`` finds whole titles."""


def counted(count: int, noun: str) -> str:
    """Return a count with its noun, such as ``1 error`` and ``2 errors``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def instant_option(text: str | None) -> datetime | None:
    """Read an instant given on the command line; one without zone is a usage error, never taken as UTC.

    So is one outside the years that can be measured: calendars end with 2199, and what was claimed before 1990 is no
    claim.
    """
    if text is None:
        return None
    try:
        instant = parse_instant(text)
    except (ValueError, OverflowError) as error:
        raise typer.BadParameter(f"{error}; write it as 2026-05-01T12:00:00Z") from error
    if not EARLIEST.year <= instant.year <= LAST_YEAR:
        raise typer.BadParameter(f"{text} lies outside the years {EARLIEST.year} to {LAST_YEAR} that can be measured")
    return instant


def zone_option(name: str | None) -> str | None:
    """Check an IANA zone given on the command line."""
    if name is None:
        return None
    try:
        return check_zone(name)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def documents_in(directory: Path) -> Documents:
    """Read documents, or end with every finding on stderr and exit 1."""
    from holdfast.documents import DocumentsError, load_documents

    try:
        return load_documents(directory)
    except DocumentsError as error:
        typer.echo(f"{error}\nmend the documents first (holdfast lint)", err=True)
        raise typer.Exit(1) from error


def format_option(name: str) -> str:
    """Check a format's name."""
    from feeds.registry import FORMATS

    if name not in FORMATS:
        raise typer.BadParameter(f"no format {name!r}; there are {', '.join(FORMATS)}")
    return name


def read_payloads(
    paths: Sequence[Path], feed: str, format_name: str, received_at: datetime | None, clock: Clock
) -> tuple[list[RawPayload], list[FileError]]:
    """Read payloads from files, directories and (``-``) standard input.

    Returns:
        Payloads sorted by ``received_at``, and the files refused.
    """
    found, refused = sheets([path for path in paths if str(path) != "-"], received_at=received_at)
    payloads = []
    for sheet in found:
        try:
            payloads.append(sheet.load(feed, format_name))
        except FileError as error:
            refused.append(error)
    if any(str(path) == "-" for path in paths):
        body = sys.stdin.buffer.read(SIZE_LIMIT + 1)
        if len(body) > SIZE_LIMIT:
            refused.append(FileError("stdin", "too_large", f"more than {SIZE_LIMIT} bytes"))
        else:
            at = received_at or clock.now()
            payloads.append(RawPayload(feed=feed, format=format_name, body=body, received_at=at, name="stdin"))
    return sorted(payloads, key=lambda one: one.received_at), refused


def existing(paths: Sequence[Path]) -> None:
    """Refuse paths that are not there, as a usage error."""
    for path in paths:
        if str(path) != "-" and not path.exists():
            raise typer.BadParameter(f"no such file or directory: {path}")
