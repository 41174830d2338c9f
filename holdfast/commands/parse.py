"""``holdfast parse``: payload files become notices, without any server."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from holdfast.commands._formats import FORMATS_HERE, NamesFormats

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from models.notice import Notice


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("parse", cls=NamesFormats)(parse)


def parse(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files, directories, or - for stdin.")],
    format_name: Annotated[str, typer.Option("--format", "-f", help=f"One of {FORMATS_HERE}.")],
    feed_timezone: Annotated[
        str | None, typer.Option(help="IANA zone of times without offset; without it they are refused.")
    ] = None,
    received_at: Annotated[
        str | None, typer.Option(help="When the payloads were received; else the files' own times.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One notice a line.")] = False,
) -> None:
    """Show the notices in payloads as they come from a provider.

    All payloads of one call are one series of one feed, sorted by when they were received: what later payloads repeat
    is shown once, and what a summary stops listing is shown as vanished. The source is the format's name.
    """
    from feeds.series import FeedContext, replay
    from holdfast.commands._payloads import existing, format_option, instant_option, read_payloads, zone_option
    from holdfast.settings import load

    existing(paths)
    context = FeedContext(format_option(format_name), format_name, zone_option(feed_timezone))
    payloads, refused = read_payloads(paths, format_name, format_name, instant_option(received_at), load().clock)
    for error in refused:
        typer.echo(str(error), err=True)
    notices: list[Notice] = []
    unread = len(refused)
    for followed in replay(payloads, context):
        for letter in followed.problems:
            typer.echo(f"{letter.name}: {letter.reason}: {letter.detail}", err=True)
        unread += len(followed.problems)
        if json:
            _print_lines(followed.notices)
        notices.extend(followed.notices)
    if not json:
        _print_table(notices)
    if unread:
        raise typer.Exit(1)


def _print_lines(notices: "Sequence[Notice]") -> None:
    import orjson

    from models.notice import PARSE_KEYS

    for notice in notices:
        document = notice.model_dump(mode="json")
        typer.echo(orjson.dumps({key: document[key] for key in PARSE_KEYS}).decode())


def _print_table(notices: "Sequence[Notice]") -> None:
    from rich.console import Console
    from rich.table import Table

    from holdfast.commands._payloads import PIPED_WIDTH, counted

    table = Table(title=counted(len(notices), "notice"), title_justify="left")
    for column in ("published (UTC)", "phase", "incident", "title", "claimed (UTC)", "flags"):
        table.add_column(column, no_wrap=column.startswith("published"), overflow="fold")
    for notice in notices:
        claimed = [_minute(moment) for moment in (notice.claimed_at, notice.claimed_end_at) if moment]
        table.add_row(
            _minute(notice.order_at),
            notice.phase.value,
            notice.source_incident_id[:40],
            (notice.title or "")[:60],
            " to ".join(claimed),
            " ".join(flag.value for flag in notice.flags),
        )
    console = Console() if Console().is_terminal else Console(width=PIPED_WIDTH)
    console.print(table if notices else table.title)


def _minute(instant: "datetime") -> str:
    return instant.strftime("%Y-%m-%d %H:%M")
