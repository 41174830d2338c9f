"""``holdfast dashboards sheet``: pictures of all boards without Kibana. IO: Elasticsearch, writes files."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from holdfast.commands._options import AsOf

if TYPE_CHECKING:
    from holdfast.sheets import Sheet

WHOLE = "contact-sheet"
ACROSS, WIDTH = 3, 280
"""Pictures in a row of the contact sheet, and their width there."""


def sheet(
    out: Annotated[Path, typer.Option(file_okay=False, help="Directory; each board becomes a PNG in it.")],
    board: Annotated[list[str] | None, typer.Option(help="Only this board; more than once. Default: all.")] = None,
    sample: Annotated[
        bool, typer.Option("--sample", help="Of a made-up month, which is in the index while it is drawn.")
    ] = False,
    as_of: AsOf = None,
    incident: Annotated[
        str | None, typer.Option(help="Id, for the board about one. Default: the one with the longest time line.")
    ] = None,
) -> None:
    """Draw the boards from what their panels find in the index, and all of them on one contact sheet, as PNG.

    No Kibana is asked: it shows the same panels with the same numbers, drawn its own way. Same index and --as-of, same
    bytes. Needs the extras ``charts`` and ``analytics``.
    """
    from dashboards.kibana.boards import BOARDS
    from holdfast.commands._asking import progress

    wanted = _wanted(board)
    with _drawing(sample, as_of, incident) as drawer, progress() as bar:
        out.mkdir(parents=True, exist_ok=True)
        drawn = {own: drawer.picture(BOARDS[own](drawer.names)) for own in bar.track(wanted, description="drawing")}
    if not board:
        drawn[WHOLE] = _whole([(_title(own), picture) for own, picture in drawn.items()])
    for own, picture in drawn.items():
        (out / f"{own}.png").write_bytes(picture)
        typer.echo(f"{out / own}.png")


def _whole(pictures: list[tuple[str, bytes]]) -> bytes:
    from dashboards.kibana import picture

    return picture.png(picture.sheet("Holdfast: the nine boards", pictures, ACROSS, WIDTH))


def _title(own: str) -> str:
    from dashboards.kibana.common import TITLES

    return TITLES[own]


def _wanted(board: list[str] | None) -> list[str]:
    from dashboards.kibana.boards import BOARDS

    unknown = [one for one in board or [] if one not in BOARDS]
    if unknown:
        raise typer.BadParameter(f"no board {', '.join(unknown)}; there are {', '.join(BOARDS)}")
    return [own for own in BOARDS if not board or own in board]


@contextmanager
def _drawing(sample: bool, as_of: str | None, incident: str | None) -> "Iterator[Sheet]":
    """Yield what draws; what can't be had ends the command with the next step."""
    from elasticsearch import ApiError, TransportError

    from holdfast import search
    from holdfast.commands._payloads import instant_option
    from holdfast.kafka import names as own_names
    from holdfast.sample_index import NOW, TakenError, sample_index
    from holdfast.settings import load
    from holdfast.sheets import Sheet, fullest_incident

    settings = load()
    with _extras(), search.client(settings) as client:
        try:
            with sample_index(client) if sample else nullcontext(own_names(settings)) as names:
                now = NOW if sample else instant_option(as_of) or settings.clock.now()
                yield Sheet(client, names, now, incident or fullest_incident(client, names))
        except TakenError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from error
        except (ApiError, TransportError) as error:
            where = f"looked at {settings.elasticsearch}; `holdfast up` starts one on this machine"
            typer.echo(f"{error}; {where}", err=True)
            raise typer.Exit(1) from error


@contextmanager
def _extras() -> Iterator[None]:
    """Turn a missing extra into words and exit code 1."""
    try:
        yield
    except ImportError as error:
        typer.echo(f"{error}: drawing needs the extras: pip install 'holdfast[charts,analytics]'", err=True)
        raise typer.Exit(1) from error
