"""``holdfast analyse``: compute scorecards, days, hazards, promises and time lines anew. IO: Elasticsearch, Kafka."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from holdfast.commands._options import AnyProvider, AsOf, Json, PublishedDocuments

if TYPE_CHECKING:
    from collections.abc import Callable

    from holdfast.analysing import Outcome, Wanted
    from holdfast.settings import Settings

SHORTEST = timedelta(minutes=1)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("analyse")(analyse)


def analyse(
    provider: AnyProvider = None,
    documents: PublishedDocuments = None,
    since: Annotated[str | None, typer.Option(help="Clocks that began from then on (RFC 3339); default: all.")] = None,
    until: Annotated[str | None, typer.Option(help="Clocks that began before (RFC 3339); default: all.")] = None,
    as_of: AsOf = None,
    every: Annotated[
        str | None, typer.Option(metavar="DURATION", help="Again and again, such as every 1h, until it is stopped.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Compute and count; write and remove nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Compute what the record comes to, and write it to the index: scorecards, days, hazards, promises, time lines.

    What is no longer derived is removed. The same record gives the same documents, so running it again is harmless.
    Needs the extra ``analytics``.
    """
    from holdfast.beating import Beat, service_name
    from holdfast.commands._payloads import instant_option

    begin, end, at = (instant_option(text) for text in (since, until, as_of))
    pause = None if every is None else _pause(every)
    if pause is not None and at is not None:
        raise typer.BadParameter("a run that goes on has no fixed instant", param_hint="--as-of")
    if begin is not None and end is not None and begin >= end:
        raise typer.BadParameter("the end is not after the begin", param_hint="--until")
    settings, wanted = _ready()

    def once() -> None:
        outcome = _run(settings, wanted(at or settings.clock.now(), provider, begin, end), documents, dry_run=dry_run)
        _tell(outcome, as_json=as_json, dry_run=dry_run)

    if pause is None:
        once()
    else:
        with Beat(settings, service_name("analyse", settings.instance)):
            _until_stopped(once, pause)


def compute(settings: "Settings", as_of: datetime) -> None:
    """Compute everything as of an instant, for a command that needs it.

    Raises:
        typer.Exit: if it can't be done; why, and the next step, are told.
    """
    _, wanted = _ready()
    _run(settings, wanted(as_of), None, dry_run=False)


def _ready() -> tuple["Settings", type["Wanted"]]:
    """Return the settings, and what takes the wishes; without the extra the command ends here."""
    from holdfast import logs
    from holdfast.settings import load

    try:
        from holdfast.analysing import Wanted
    except ImportError as error:
        typer.echo(f"{error}: analyses need the extra: pip install 'holdfast[analytics]'", err=True)
        raise typer.Exit(1) from error
    settings = load()
    logs.configure("WARNING")
    return settings, Wanted


def _pause(text: str) -> timedelta:
    from models.durations import Duration

    try:
        pause = Duration.parse(text).fixed
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--every") from error
    if pause is None or pause < SHORTEST:
        raise typer.BadParameter(f"{text!r}: write a minute or longer, such as 1h", param_hint="--every")
    return pause


def _run(settings: "Settings", wanted: "Wanted", directory: Path | None, *, dry_run: bool) -> "Outcome":
    """Compute and write once; a fault ends the command with the next step."""
    from rich.console import Console
    from rich.progress import Progress

    from board.store import StoreError
    from board.store_history import HistoryStore
    from holdfast import kafka, search
    from holdfast.analysing import Target, analyse
    from holdfast.commands._payloads import documents_in

    names = kafka.names(settings)
    try:
        documents = documents_in(directory) if directory is not None else kafka.read_documents(settings)
        with search.client(settings) as client, Progress(console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("providers", total=None)
            target = Target(client, names, dry_run=dry_run)
            store = HistoryStore(client, names)
            return analyse(
                store, documents, target, wanted, lambda _, total: progress.update(task, advance=1, total=total)
            )
    except StoreError as error:
        typer.echo(
            f"{error}; looked at {settings.elasticsearch}\n"
            "Next step: mend that and run `holdfast analyse` again, it computes everything anew",
            err=True,
        )
        raise typer.Exit(1) from error
    except kafka.KafkaUnreachableError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


def _until_stopped(once: "Callable[[], None]", pause: timedelta) -> None:
    """Run again and again; a run that failed has said why, and the next one makes up for it."""
    from threading import Event

    from holdfast.signals import on_terminate

    stopping = Event()
    on_terminate(stopping.set)
    while not stopping.is_set():
        try:
            once()
        except typer.Exit:
            typer.echo(f"the next run is in {pause}", err=True)
        stopping.wait(pause.total_seconds())


def _tell(outcome: "Outcome", *, as_json: bool, dry_run: bool) -> None:
    import orjson

    from holdfast.commands._payloads import counted
    from holdfast.commands._tables import row, show, table

    kinds = sorted({*outcome.written, *outcome.removed})
    if as_json:
        told = {"written": {one: outcome.written[one] for one in kinds}}
        told["removed"] = {one: outcome.removed[one] for one in kinds}
        typer.echo(orjson.dumps({"providers": outcome.providers, "dry_run": dry_run, **told}).decode())
        return
    title = f"{counted(outcome.providers, 'provider')}{', nothing written' if dry_run else ''}"
    shown = table(title, "kind", "would be written" if dry_run else "written", "removed")
    for kind in kinds:
        row(shown, kind, str(outcome.written[kind]), str(outcome.removed[kind]))
    show(shown)
