"""``holdfast sample``: a made-up history, to try boards and questions without any provider."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from holdfast.sample import History, Shape
    from holdfast.settings import Settings
    from models.months import Month

NOTICES_AN_INCIDENT = 9.3
"""Of the default shape, those of our probes among them."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("sample")(sample)


def sample(
    months: Annotated[int, typer.Option(min=1, max=240, help="Calendar months.")] = 3,
    providers: Annotated[int, typer.Option(min=1, max=1000, help="How many providers.")] = 6,
    seed: Annotated[int, typer.Option(help="Another seed is another history of the same shape.")] = 1,
    begin: Annotated[
        str | None, typer.Option(metavar="YYYY-MM", help="First month; default: so that the last one has just ended.")
    ] = None,
    notices: Annotated[int | None, typer.Option(min=1, help="About so many in all; default: 110 a month each.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write documents, notices and the truth to this directory.")] = None,
    to_topics: Annotated[bool, typer.Option("--to-topics", help="Put records on the topics of an empty one.")] = False,
    to_index: Annotated[bool, typer.Option("--index", help="Put documents into the index of an empty one.")] = False,
) -> None:
    """Make up a history: providers, agreements, incidents, probes, pages, and what really happened.

    Name one of --out, --to-topics and --index. An installation that holds anything is left as it is: give the made-up
    history one of its own (HOLDFAST_PREFIX), and run no notifier there.
    """
    from holdfast.settings import load

    if (out is not None) + to_topics + to_index != 1:
        raise typer.BadParameter("name one of --out, --to-topics and --index")
    settings = load()
    made = _history(_shape(settings, months, providers, seed, begin, notices))
    if out is not None:
        _write(made, out)
    else:
        _put(settings, made, to_index=to_index)


def _history(shape: "Shape") -> "History":
    from holdfast.sample import history

    return history(shape)


def _shape(
    settings: "Settings", months: int, providers: int, seed: int, begin: str | None, notices: int | None
) -> "Shape":  # fmt: skip
    """Return what was asked for; a month that is none ends the command."""
    from holdfast.sample import Shape
    from models.months import Month

    try:
        first = _ago(settings, months) if begin is None else Month.parse(begin)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--begin") from error
    shape = Shape(seed, providers, first.bounds("UTC")[0], months)
    if notices is None:
        return shape
    return replace(shape, incidents_per_month=notices / (months * providers * NOTICES_AN_INCIDENT))


def _ago(settings: "Settings", months: int) -> "Month":
    """Return the month so many before this one."""
    from models.months import Month

    now = settings.clock.now()
    number = now.year * 12 + now.month - 1 - months
    return Month(number // 12, number % 12 + 1)


def _write(made: "History", directory: Path) -> None:
    from holdfast.sampling import write_files

    try:
        count = write_files(made, directory)
    except OSError as error:
        typer.echo(f"{directory} can't be written: {error}; name another with --out", err=True)
        raise typer.Exit(1) from error
    typer.echo(f"{directory}: {len(list(made.documents))} documents, {count} notices, the truth of each incident")


def _put(settings: "Settings", made: "History", *, to_index: bool) -> None:
    """Fold, and put what comes of it where it belongs."""
    from elastic_transport import TransportError
    from elasticsearch import ApiError
    from kafka.errors import KafkaError
    from rich.progress import track

    from holdfast import logs, sampling
    from holdfast.kafka import KafkaUnreachableError

    logs.configure("WARNING")
    put = sampling.index if to_index else sampling.publish
    try:
        count = 0
        for portion in track(put(settings, made), "providers", total=len(made.traits) + 1):
            count += portion
    except sampling.NotEmptyError as error:
        typer.echo(f"{error}; made-up records need an installation of their own: set HOLDFAST_PREFIX", err=True)
        raise typer.Exit(1) from error
    except (KafkaUnreachableError, KafkaError, TransportError, ApiError, OSError) as error:
        where = f"; looked at {settings.elasticsearch}" if isinstance(error, TransportError | ApiError) else ""
        typer.echo(
            f"{error}{where}\nwhat is there is incomplete: choose another HOLDFAST_PREFIX and try again", err=True
        )
        raise typer.Exit(1) from error
    typer.echo(f"{count} records of {len(made.traits)} providers")
