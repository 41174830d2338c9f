"""``holdfast poll``: fetch the configured feeds over HTTP into the stream. The composition of ``feeds.poller``."""

import signal
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from feeds.poller import Poller, Target
    from holdfast.kafka import Publisher
    from holdfast.settings import Settings
    from models.raw import DeadLetter, RawPayload


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("poll")(poll)


def poll(
    documents: Annotated[
        Path | None, typer.Option(exists=True, help="Directory of documents; else HOLDFAST_DOCUMENTS.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Look at every feed once, then end.")] = False,
) -> None:
    """Fetch the feeds of the Provider documents, each at its own interval, until stopped (Ctrl-C, SIGTERM)."""
    from feeds.looks import Looks
    from feeds.poller import Poller, targets_of
    from holdfast import kafka
    from holdfast.commands._payloads import documents_in
    from holdfast.logs import configure
    from holdfast.settings import load

    settings = load()
    configure(settings.log_level)
    directory = documents or settings.documents
    if directory is None:
        raise typer.BadParameter("give --documents, or set HOLDFAST_DOCUMENTS")
    targets = targets_of(documents_in(directory))
    if not targets:
        typer.echo(f"no feed in {directory} has a url: nothing to poll", err=True)
        raise typer.Exit(1)
    try:
        kafka.ensure_topics(settings)
        with kafka.Publisher(settings) as publisher:
            door = _Door(publisher)
            looks = Looks(settings.data_dir / "polls" / settings.prefix)
            poller = Poller(door.publish, door.refuse, looks, settings.clock)
            try:
                failed = _once(poller, targets) if once else _until_stopped(poller, targets, settings)
            finally:
                poller.close()
    except kafka.KafkaUnreachableError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    if failed:
        raise typer.Exit(1)


class _Door:
    """One publisher for all threads: each call returns when the broker has the record."""

    def __init__(self, publisher: "Publisher") -> None:
        self._publisher = publisher
        self._lock = threading.Lock()

    def publish(self, payload: "RawPayload") -> None:
        from models.topics import Stream

        with self._lock:
            self._publisher.send(Stream.RAW, payload.feed, payload.to_wire())
            self._publisher.flush()

    def refuse(self, letter: "DeadLetter") -> None:
        from models.topics import Stream, document_headers

        headers = document_headers(letter.letter_id, month=letter.received_at.strftime("%Y-%m"))
        with self._lock:
            self._publisher.send(Stream.DEAD_LETTERS, letter.feed or "-", letter.to_wire(), headers)
            self._publisher.flush()


def _once(poller: "Poller", targets: "Sequence[Target]") -> int:
    """Look at each feed once; return how many looks failed."""
    from feeds.poller import Outcome

    with ThreadPoolExecutor(min(8, len(targets))) as pool:
        polls = list(pool.map(poller.poll_once, targets))
    for target, polled in zip(targets, polls, strict=True):
        failed = polled.outcome is Outcome.FAILED
        typer.echo(f"{target.feed}: {polled.outcome.value} {polled.detail}".rstrip(), err=failed)
    return sum(1 for polled in polls if polled.outcome is Outcome.FAILED)


def _until_stopped(poller: "Poller", targets: "Sequence[Target]", settings: "Settings") -> int:
    from holdfast.beating import Beat, service_name
    from models.heartbeat import Figures

    began = settings.clock.now()

    def figures() -> Figures:
        return Figures(feeds=len(targets), feeds_overdue=poller.overdue(targets, began))

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    typer.echo(f"polling {', '.join(target.feed for target in targets)}", err=True)
    with Beat(settings, service_name("poll", settings.instance), figures):
        poller.run(targets, stop)
    return 0
