"""``holdfast rebuild``: throw the indices away, make them again from the topics, and prove that they are the same."""

from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from holdfast.commands._options import Json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from holdfast.proving import Compared, Proof
    from holdfast.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("rebuild")(rebuild)


def rebuild(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    no_digest: Annotated[
        bool, typer.Option("--no-digest", help="Compare nothing: for indices that can't be read any more.")
    ] = False,
    json: Json = False,
) -> None:
    """Delete all indices of this installation, index the topics again from their beginning, and compare both states.

    Nothing is lost: Elasticsearch is a view of the topics. Boards show nothing until it is done. Exit code 1: an index
    had not been what the topics give; it is now.
    """
    from elastic_transport import TransportError
    from elasticsearch import ApiError

    from holdfast import kafka, logs
    from holdfast.groups import GroupBusyError
    from holdfast.settings import load

    settings = load()
    logs.configure("WARNING")
    question = f"Delete all indices {settings.prefix}-* of Holdfast on {settings.elasticsearch} and make them again?"
    if not yes and not typer.confirm(question, err=True):
        raise typer.Exit(1)
    try:
        kafka.ensure_topics(settings)
        with TemporaryDirectory() as folder:
            proof = _rebuild(settings, None if no_digest else Path(folder))
    except (kafka.KafkaUnreachableError, GroupBusyError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    except (TransportError, ApiError) as error:
        typer.echo(
            f"Elasticsearch at {settings.elasticsearch}: {error}; run `holdfast rebuild` again, "
            "with --no-digest where the old indices can't be read",
            err=True,
        )
        raise typer.Exit(1) from error
    _tell(proof, as_json=json)


def _rebuild(settings: "Settings", folder: Path | None) -> "Proof | None":
    """Do it; return the comparison, or None where there is no folder to keep the old state in.

    The offsets are forgotten first: a crash later leaves documents that are merely written again.
    """
    from consumers.bulk import INDEXED
    from consumers.indexer import GROUP
    from dashboards.install import delete_indices
    from dashboards.templates import DERIVED
    from holdfast import groups, kafka, search
    from holdfast.proving import EVIDENCE, Prover

    names = kafka.names(settings)
    topics = [names.topic(stream) for stream in INDEXED]
    waiting = groups.count_waiting(settings, names.group(GROUP), topics)
    begun = groups.count_records(settings, topics)
    groups.forget_group(settings, names.group(GROUP))
    client = search.client(settings)
    prover = None if folder is None else Prover(client, names, folder)
    as_of = None
    if prover is not None:
        as_of = prover.computed_as_of()
        kinds = EVIDENCE if as_of is None else (*EVIDENCE, *DERIVED)
        with _progress("digest before", prover.count(kinds)) as advance:
            prover.look(kinds, advance)
    typer.echo(f"{len(delete_indices(client, names))} indices deleted", err=True)
    _index_all(settings, groups.count_records(settings, topics))
    if prover is None:
        return None
    if as_of is None or not _compute(settings, as_of):
        kinds = EVIDENCE
        typer.echo("scorecards and what else is computed are not there now: run `holdfast analyse`", err=True)
    came = waiting + groups.count_records(settings, topics) - begun
    with _progress("digest after", prover.count(kinds)) as advance:
        return prover.compare(kinds, came, advance)


def _compute(settings: "Settings", as_of: "datetime") -> bool:
    """Compute what was there before, as of the same instant; return whether that worked, why not is told."""
    from holdfast.commands.analyse import compute

    try:
        compute(settings, as_of)
    except typer.Exit:
        return False
    return True


def _index_all(settings: "Settings", total: int) -> None:
    from holdfast.commands.index import make_indexer
    from holdfast.signals import on_terminate

    finished = 0

    def done(count: int) -> None:
        nonlocal finished
        finished += count
        advance(count)

    with _progress("indexing", total) as advance:
        indexer = make_indexer(settings, done)
        on_terminate(indexer.stop)
        indexer.run(once=True)
    if finished < total:
        typer.echo("stopped; `holdfast index` goes on from here", err=True)
        raise typer.Exit(1)
    typer.echo(f"{finished} records indexed", err=True)


@contextmanager
def _progress(words: str, total: int) -> "Iterator[Callable[[int], None]]":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(f"{words:<13}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(words, total=total)
        yield lambda count: progress.advance(task, count)


def _tell(proof: "Proof | None", *, as_json: bool) -> None:
    """Show what was compared, and end with 1 if an index was not what the topics give."""
    import orjson

    if as_json:
        typer.echo(orjson.dumps({"proof": None if proof is None else proof.as_document()}).decode())
    elif proof is not None:
        _show(proof)
    if proof is not None and proof.faults:
        raise typer.Exit(1)


def _show(proof: "Proof") -> None:
    from holdfast.commands import _tables

    shown = _tables.table("Rebuilt from the topics", "index", "before", "after", "same")
    for one in proof.compared:
        counts = [str(state.documents) if state is not None else "-" for state in (one.before, one.after)]
        _tables.row(shown, one.index, *counts, _verdict(one, proof.came))
    _tables.show(shown)
    if proof.came:
        typer.echo(f"{proof.came} records were not indexed before, or came meanwhile")
    for one in proof.faults:
        assert one.difference is not None
        for words in ("lost", "changed", "added", "newer"):
            ids = getattr(one.difference, words)
            if ids:
                typer.echo(f"{one.index}: {one.difference.counts[words]} {words}: {' '.join(ids)}")
    if proof.faults:
        typer.echo(f"{len(proof.faults)} indices had not been what the topics give; they are now")


def _verdict(one: "Compared", came: int) -> str:
    if one.is_computed and not one.is_equal:
        return "computed anew, differs"
    if one.before is None:
        return "new"
    if one.is_equal:
        return "yes"
    return "NO" if one.is_fault(came) else "yes, and what came since"
