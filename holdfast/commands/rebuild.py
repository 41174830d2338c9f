"""``holdfast rebuild``: throw the indices away and make them again from the topics."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from holdfast.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("rebuild")(rebuild)


def rebuild(yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Delete all indices of this installation and index the topics again from their beginning.

    Nothing is lost: Elasticsearch is a view of the topics. Boards show nothing until it is done.
    """
    from elastic_transport import TransportError
    from elasticsearch import ApiError

    from holdfast import kafka, logs
    from holdfast.groups import GroupBusyError
    from holdfast.settings import load

    settings = load()
    logs.configure("WARNING")
    question = f"Delete all indices {settings.prefix}-* of Holdfast on {settings.elasticsearch} and make them again?"
    if not yes and not typer.confirm(question):
        raise typer.Exit(1)
    try:
        kafka.ensure_topics(settings)
        total = _start_over(settings)
        _index_all(settings, total)
    except (kafka.KafkaUnreachableError, GroupBusyError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    except (TransportError, ApiError) as error:
        typer.echo(f"Elasticsearch at {settings.elasticsearch}: {error}; run `holdfast rebuild` again", err=True)
        raise typer.Exit(1) from error


def _start_over(settings: "Settings") -> int:
    """Forget what was indexed, then delete it; return the number of records to index.

    In this order, so that a crash in between leaves documents that are merely written again.
    """
    from consumers.bulk import INDEXED
    from consumers.indexer import GROUP
    from dashboards.install import delete_indices
    from holdfast import groups, kafka, search

    names = kafka.names(settings)
    groups.forget_group(settings, names.group(GROUP))
    deleted = delete_indices(search.client(settings), names)
    typer.echo(f"{len(deleted)} indices deleted")
    return groups.count_records(settings, [names.topic(stream) for stream in INDEXED])


def _index_all(settings: "Settings", total: int) -> None:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from holdfast.commands.index import make_indexer
    from holdfast.signals import on_terminate

    columns = (TextColumn("indexing"), BarColumn(), MofNCompleteColumn(), TextColumn("records"), TimeRemainingColumn())
    with Progress(*columns) as progress:
        task = progress.add_task("indexing", total=total)
        indexer = make_indexer(settings, lambda count: progress.advance(task, count))
        on_terminate(indexer.stop)
        indexer.run(once=True)
        finished = progress.tasks[0].completed
    if finished < total:
        typer.echo("stopped; `holdfast index` goes on from here", err=True)
        raise typer.Exit(1)
    typer.echo(f"{int(finished)} records indexed")
