"""``holdfast retention``: delete from the index what is older than what is kept."""

from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from holdfast.commands._options import Json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticsearch import Elasticsearch

    from dashboards.retention import Keep
    from dashboards.retiring import Gone, Plan
    from holdfast.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("retention")(retention)


def retention(
    keep: Annotated[
        str, typer.Option(metavar="KIND=24m,...", help="Months (24m), years (5y) or ever, over the defaults.")
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would go, and delete nothing.")] = False,
    ilm: Annotated[
        bool, typer.Option("--ilm", help="Let the cluster delete monthly indices itself, where it has ILM.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Delete from the index what is older than what is kept; the topics keep everything.

    Monthly indices go as a whole; incidents that have been over for long go with their clocks and plans. What goes is
    shown first. A rebuild brings everything back, so run this after one.
    """
    import orjson

    from dashboards.retention import KeepError, read_keep, warnings
    from holdfast import logs
    from holdfast.settings import load

    settings = load()
    logs.configure("WARNING")
    try:
        kept = read_keep(keep)
    except KeepError as error:
        raise typer.BadParameter(str(error), param_hint="--keep") from error
    for words in warnings(kept):
        typer.echo(f"warning: {words}", err=True)
    with _client(settings) as client:
        policies = _put_policies(client, settings, kept) if ilm and not dry_run else []
        ours = {kind: months for kind, months in kept.items() if not ilm or kind == "incidents"}
        going, gone = _retire(client, settings, ours, ask=not yes, dry_run=dry_run, quiet=json)
    if json:
        told = {"going": asdict(going), "gone": None if gone is None else asdict(gone), "policies": policies}
        typer.echo(orjson.dumps(told).decode())


@contextmanager
def _client(settings: "Settings") -> "Iterator[Elasticsearch]":
    """Yield a client; what it can't do ends the command with the next step."""
    from elastic_transport import TransportError
    from elasticsearch import ApiError

    from dashboards.retiring import RetentionError
    from holdfast import search

    try:
        with search.client(settings) as client:
            yield client
    except TransportError as error:
        typer.echo(
            f"Elasticsearch at {settings.elasticsearch} can't be reached: {error}\n"
            "Next step: `holdfast up` starts one on this machine; HOLDFAST_ELASTICSEARCH names another",
            err=True,
        )
        raise typer.Exit(1) from error
    except (ApiError, RetentionError) as error:
        typer.echo(
            f"Elasticsearch at {settings.elasticsearch} refused: {error}\n"
            "Next step: run the same command again; what is gone is gone, and nothing is half deleted",
            err=True,
        )
        raise typer.Exit(1) from error


def _put_policies(client: "Elasticsearch", settings: "Settings", keep: "Keep") -> list[str]:
    from dashboards.retiring import has_ilm, put_policies
    from holdfast import kafka

    if not has_ilm(client):
        typer.echo(
            f"{settings.elasticsearch} has no index lifecycle management: run `holdfast retention` without --ilm, "
            "each month",
            err=True,
        )
        raise typer.Exit(1)
    policies = put_policies(client, kafka.names(settings), keep)
    typer.echo(f"{len(policies)} policies put; the cluster deletes monthly indices itself", err=True)
    return policies


def _retire(
    client: "Elasticsearch", settings: "Settings", keep: "Keep", *, ask: bool, dry_run: bool, quiet: bool
) -> "tuple[Plan, Gone | None]":
    """Show what goes, ask, and delete it; the second is None where nothing was deleted."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from dashboards import retiring
    from holdfast import kafka

    names = kafka.names(settings)
    going = retiring.plan(client, names, keep, settings.clock.now())
    if not quiet:
        _show(going)
    if dry_run or not going.documents:
        return going, None
    if ask and not typer.confirm(f"Delete {going.documents} documents from the index?", err=True):
        raise typer.Exit(1)
    columns = (
        TextColumn("deleting"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("documents"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("deleting", total=going.documents)
        gone = retiring.retire(client, names, going, lambda count: progress.advance(task, count))
    kept = f"; {gone.kept} changed meanwhile and stay" if gone.kept else ""
    typer.echo(f"{gone.indices} indices and {gone.documents} documents deleted{kept}", err=True)
    return going, gone


def _show(going: "Plan") -> None:
    from holdfast.commands import _tables

    if not going.documents:
        typer.echo("nothing is older than what is kept")
        return
    shown = _tables.table("Older than what is kept", "index", "goes", "documents", "size", "oldest", "newest")
    for whole, several in (("whole index", going.months), ("documents", going.cases)):
        for one in several:
            size = "-" if one.bytes is None else _size(one.bytes)
            ends = [_day(one.oldest), _day(one.newest)]
            _tables.row(shown, one.index, whole, str(one.documents), size, *ends)
    _tables.show(shown)


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB"


def _day(instant: Any) -> str:
    return "-" if instant is None else str(instant)[:10]
