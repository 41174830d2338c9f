"""``holdfast ingest``: payload files into the stream, by the same way as live polling."""

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from holdfast.commands._formats import FORMATS_HERE, NamesFormats

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from feeds.files import FileError
    from holdfast.kafka import Publisher
    from holdfast.settings import Settings
    from models.documents import Documents
    from models.raw import RawPayload

FLUSH_BYTES = 16_000_000
"""Sent at most before waiting for the broker."""
FEEDS_NAMED = 10
"""Feeds named at most where none is near what was written."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("ingest", cls=NamesFormats)(ingest)


def ingest(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files, directories, or - for stdin.")],
    feed: Annotated[str, typer.Option(help="Id of the feed that they came from.")],
    format_name: Annotated[
        str | None,
        typer.Option("--format", "-f", help=f"One of {FORMATS_HERE}; without it, as the documents configure the feed."),
    ] = None,
    documents: Annotated[
        Path | None, typer.Option(exists=True, help="Directory of documents that configure the feed.")
    ] = None,
    received_at: Annotated[
        str | None,
        typer.Option("--received-at", "--known-at", help="When they were received; else the files' own times."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Counts as one JSON object.")] = False,
) -> None:
    """Put payloads into the stream as they are; the worker reads them and dead-letters what it can't.

    A feed that no document names is refused before anything is sent; where no document is applied yet all is sent, and
    exit code 1 says what to do.

    Saved replies to pages are brought with --feed answers --format answer-mail; they count as unverified.

    A payload's time is, in this order: that of its record in a .jsonl series of polls, --received-at, an ISO time at
    the start of the file's name, the file's modification time.
    """
    from kafka.errors import KafkaError

    from consumers.pages_known import NotCaughtUpError
    from holdfast import kafka
    from holdfast.commands._mails import mail_format
    from holdfast.commands._payloads import counted, existing, format_option, instant_option, read_payloads
    from holdfast.settings import load

    settings = load()
    existing(paths)
    chosen = mail_format(feed, format_name) or format_option(
        format_name or _configured(feed, documents or settings.documents)
    )
    payloads, refused = read_payloads(paths, feed, chosen, instant_option(received_at), settings.clock)
    for error in refused:
        typer.echo(str(error), err=True)
    try:
        kafka.ensure_topics(settings)
        payloads, unnamed = _ready(payloads, feed, documents or settings.documents, settings)
        with kafka.Publisher(settings) as publisher:
            _send(publisher, payloads)
            _send_refused(publisher, refused, feed, chosen, settings.clock.now())
    except (kafka.KafkaUnreachableError, KafkaError, NotCaughtUpError) as error:
        typer.echo(
            f"{error}\nsome payloads may not be in the stream: run the same command again (it is safe)", err=True
        )
        raise typer.Exit(1) from error
    size = sum(len(payload.body) for payload in payloads)
    counts = {"feed": feed, "format": chosen, "payloads": len(payloads), "bytes": size, "refused": len(refused)}
    text = (
        f"{counted(len(payloads), 'payload')} ({size} bytes) of feed {feed} sent, "
        f"{counted(len(refused), 'file')} refused\n"
        f"What can't be read of them: `holdfast dead-letters list --feed {feed}`"
    )
    typer.echo(orjson.dumps(counts).decode() if json else text)
    if unnamed is not None:
        typer.echo(unnamed, err=True)
    if refused or unnamed is not None:
        raise typer.Exit(1)


def _configured(feed: str, documents: Path | None) -> str:
    """Return the feed's format by the documents, or end with what to do."""
    from holdfast.commands._payloads import documents_in

    if documents is None:
        raise typer.BadParameter("give --format, or --documents with a Provider document that configures the feed")
    found = documents_in(documents).feed(feed)
    if found is None:
        raise typer.BadParameter(f"no Provider document in {documents} has a feed {feed!r}; add it or give --format")
    return found[1].format


def _ready(
    payloads: "list[RawPayload]", feed: str, directory: Path | None, settings: "Settings"
) -> "tuple[list[RawPayload], str | None]":
    """Return what goes into the stream, and what to do where no document names the feed yet."""
    from holdfast import kafka
    from holdfast.commands._mails import with_envelopes
    from models.answers import ANSWERS_FEED

    if feed == ANSWERS_FEED:
        return with_envelopes(payloads, settings), None
    return payloads, _unnamed(feed, directory, kafka.read_documents(settings))


def _unnamed(feed: str, directory: Path | None, in_force: "Documents") -> str | None:
    """Return what to do where no document names the feed yet; refuse it where documents are in force that do not.

    Args:
        feed: id as given.
        directory: documents that are not necessarily applied; a feed of theirs is no slip of the pen.
        in_force: what the worker goes by.
    """
    from holdfast.commands._payloads import documents_in

    if in_force.feed(feed) is not None:
        return None
    if directory is not None and documents_in(directory).feed(feed) is not None:
        typer.echo(f"feed {feed!r} is not in force yet: `holdfast apply {directory}` before a worker runs", err=True)
        return None
    known = [one.id for provider in in_force.providers.values() for one in provider.feeds]
    if not known:
        return (
            f"no document in force names a feed {feed!r}, so a worker keeps these payloads as dead letters: `holdfast "
            f"apply` a Provider document that does, then `holdfast dead-letters replay --feed {feed}`"
        )
    near = get_close_matches(feed, known, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(sorted(known)[:FEEDS_NAMED])}."
    raise typer.BadParameter(
        f"no document in force names a feed {feed!r}, nothing was sent; {hint} A new one is for a Provider document, "
        "and for `holdfast apply`, first"
    )


def _send(publisher: "Publisher", payloads: "Sequence[RawPayload]") -> None:
    """Publish in order, showing progress on stderr; waits for the broker every few megabytes."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from models.topics import Stream

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("ingesting", total=len(payloads))
        waiting = 0
        for payload in payloads:
            publisher.send(Stream.RAW, payload.feed, payload.to_wire())
            waiting += len(payload.body)
            if waiting >= FLUSH_BYTES:
                publisher.flush()
                waiting = 0
            progress.advance(task)
        publisher.flush()


def _send_refused(
    publisher: "Publisher", refused: "Sequence[FileError]", feed: str, format_name: str, now: "datetime"
) -> None:
    """Leave a dead letter for each file that was not taken, so that it can be found again."""
    from models.ids import stable_id
    from models.raw import DeadLetter
    from models.topics import Stream, document_headers

    for error in refused:
        letter = DeadLetter(
            letter_id=stable_id(feed, error.name, error.reason, error.detail),
            stage="ingest",
            feed=feed,
            format=format_name,
            reason=error.reason,
            detail=f"{error.detail}; nothing of it was kept",
            topic=None,
            partition=None,
            offset=None,
            content_type=None,
            name=error.name,
            raw="",
            received_at=now,
        )
        headers = document_headers(letter.letter_id, month=letter.received_at.strftime("%Y-%m"))
        publisher.send(Stream.DEAD_LETTERS, feed, letter.to_wire(), headers)
