"""``holdfast rota``: who has duty when, and when nobody has. IO: Kafka, where no directory of documents is named."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import orjson
import typer

from models.durations import Duration
from models.instants import format_instant
from models.rota import Rota

NOW = "now"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("rota")(rota_)


@dataclass(frozen=True)
class Turn:
    """Who has duty in a rota from when until when; until is None where only an instant was asked about."""

    rota: Rota
    begin: datetime
    end: datetime | None
    member: str | None

    @property
    def name(self) -> str | None:
        """The person's name; None where nobody has duty."""
        return None if self.member is None else self.rota.members[self.member].name

    def line(self) -> dict[str, Any]:
        """Return the turn for other programs."""
        end = None if self.end is None else format_instant(self.end)
        return {
            "rota": self.rota.id, "from": format_instant(self.begin), "until": end, "member": self.member,
            "name": self.name, "is_gap": self.member is None,
        }  # fmt: skip


def rota_(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="now|ROTA", help="Ids; default: all. now: only who has duty now."),
    ] = None,
    documents: Annotated[
        Path | None, typer.Option(exists=True, help="Directory of documents; else those published with apply.")
    ] = None,
    begin: Annotated[str | None, typer.Option("--from", help="From when on (RFC 3339); default: now.")] = None,
    length: Annotated[str, typer.Option("--for", help="For how long, such as 14d or 12h.")] = "14d",
    as_json: Annotated[bool, typer.Option("--json", help="One turn a line.")] = False,
) -> None:
    """Show who has duty when, in each rota's own zone and in UTC; exit 1 if at some time nobody has."""
    from holdfast.commands._payloads import instant_option
    from holdfast.settings import load

    wanted = names or []
    only_now = wanted[:1] == [NOW]
    rotas = _rotas(documents, wanted[1:] if only_now else wanted)
    since, lasts = instant_option(begin) or load().clock.now(), _length(length)
    turns = [Turn(one, *turn) for one in rotas for turn in one.turns(since, since + lasts)]
    if only_now:
        turns = [Turn(one, since, None, one.on_duty(since)) for one in rotas]
    if as_json:
        for turn in turns:
            typer.echo(orjson.dumps(turn.line()))
    else:
        _print(turns)
    if any(turn.member is None for turn in turns):
        raise typer.Exit(1)


def _length(text: str) -> timedelta:
    try:
        length = Duration.parse(text).fixed
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    if not length:
        raise typer.BadParameter(f"{text} is no length of time here; write one such as 14d")
    return length


def _rotas(directory: Path | None, names: Sequence[str]) -> list[Rota]:
    """Return the rotas asked for; what can't be had ends the command with the next step."""
    from holdfast import kafka
    from holdfast.commands._payloads import documents_in
    from holdfast.settings import load

    try:
        known = (documents_in(directory) if directory is not None else kafka.read_documents(load())).rotas
    except kafka.KafkaUnreachableError as error:
        typer.echo(f"{error}\nor name a directory of documents with --documents", err=True)
        raise typer.Exit(1) from error
    unknown = [name for name in names if name not in known]
    if unknown or not known:
        there = (
            f"there are {', '.join(sorted(known))}" if known else "there is none; docs/how-to/write-a-rota.md shows one"
        )
        raise typer.BadParameter(f"no rota {', '.join(unknown)}; {there}" if unknown else f"no Rota document: {there}")
    return [known[name] for name in names or sorted(known)]


def _print(turns: Sequence[Turn]) -> None:
    from rich.markup import escape
    from rich.table import Table

    from holdfast.commands._asking import console

    table = Table()
    for heading in ("rota", "on duty", "from", "until", "zone", "from (UTC)", "until (UTC)"):
        table.add_column(heading, no_wrap=True)
    for turn in turns:
        zone = turn.rota.layers[-1].timezone
        who = "NOBODY" if turn.name is None else f"{turn.name} ({turn.member})"
        local, utc = (_shown(turn, ZoneInfo(name)) for name in (zone, "UTC"))
        table.add_row(*(escape(text) for text in (turn.rota.id, who, *local, zone, *utc)))
    console().print(table)


def _shown(turn: Turn, zone: ZoneInfo) -> tuple[str, str]:
    """Return a turn's ends on the wall clock of a zone."""
    begin, end = (None if at is None else f"{at.astimezone(zone):%a %Y-%m-%d %H:%M}" for at in (turn.begin, turn.end))
    return begin or "", end or ""
