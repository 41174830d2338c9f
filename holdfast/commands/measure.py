"""``holdfast measure``: payloads in files to clocks and verdicts, without servers."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

if TYPE_CHECKING:
    from rich.table import Table

    from holdfast.measuring import Answer, Measured, Question
    from models.documents import Documents

PIPED_WIDTH = 140
"""Columns of the table where no terminal says how wide it is."""
MANY_FILES = 20
"""From this many on a progress bar is shown."""
PROBLEMS_SHOWN = 50


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("measure")(measure)


def measure(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files, directories, or - for stdin.")],
    documents: Annotated[Path, typer.Option(exists=True, help="Directory of agreements, providers and policies.")],
    provider: Annotated[str, typer.Option(help="Id of the provider that the payloads speak of.")],
    format_name: Annotated[str, typer.Option("--format", "-f", help="statuspage, google-cloud, cap or alertmanager.")],
    feed: Annotated[
        str | None, typer.Option(help="Id of the feed; default: the provider's only one of the format.")
    ] = None,
    as_of: Annotated[str | None, typer.Option(help="How far the world has run (RFC 3339); default: now.")] = None,
    known_at: Annotated[
        str | None, typer.Option(help="Only what was received by then (RFC 3339); default: all.")
    ] = None,
    what_if: Annotated[str | None, typer.Option(help="Judge by this agreement version, whatever was in force.")] = None,
    feed_timezone: Annotated[str | None, typer.Option(help="IANA zone of times without offset.")] = None,
    received_at: Annotated[
        str | None, typer.Option(help="When the payloads were received; default: file names' times, else their dates.")
    ] = None,
    decisions: Annotated[
        list[Path] | None,
        typer.Option(metavar="PATH", help="What our own people decided, in format statements; more than once."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One clock a line.")] = False,
) -> None:
    """Measure a provider's incidents against its agreement.

    Files are judged as of now unless --as-of says otherwise: an incident that a file shows open is still open. What
    could not be read is told on stderr and ends in exit code 1; the rest is measured.
    """
    from holdfast.commands._payloads import existing, format_option, instant_option, zone_option
    from holdfast.measuring import Question
    from holdfast.settings import load

    existing([*paths, *(decisions or ())])
    question = Question(
        provider=provider,
        format=format_option(format_name),
        as_of=instant_option(as_of) or load().clock.now(),
        feed=feed,
        zone=zone_option(feed_timezone),
        known_at=instant_option(known_at),
        what_if=what_if,
        documents=_documents(documents),
    )
    answer = _answer(question, paths, decisions or (), instant_option(received_at))
    if json:
        for one in answer.clocks:
            typer.echo(orjson.dumps(one.line()))
    else:
        _print(answer, what_if)
    _tell(answer, asked=what_if)
    if answer.problems:
        raise typer.Exit(1)


def _answer(
    question: "Question", paths: Sequence[Path], decisions: Sequence[Path], received_at: datetime | None
) -> "Answer":
    """Read and measure, with a progress bar on stderr where there is much to read."""
    from rich.console import Console
    from rich.progress import Progress

    from holdfast.commands._payloads import read_payloads
    from holdfast.measuring import UnknownNameError, answer
    from holdfast.settings import load

    try:
        context = question.context()
        payloads, refused = read_payloads(paths, context.feed, context.format, received_at, load().clock)
        decided, unread = read_payloads(decisions, context.feed, "statements", received_at, load().clock)
        stderr = Console(stderr=True)
        hidden = len(payloads) < MANY_FILES or not stderr.is_terminal
        with Progress(console=stderr, disable=hidden, transient=True) as progress:
            return answer(question, progress.track(payloads, description="reading"), [*refused, *unread], decided)
    except UnknownNameError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error


def _documents(directory: Path) -> "Documents":
    from holdfast.documents import DocumentsError, load_documents

    try:
        return load_documents(directory)
    except DocumentsError as error:
        typer.echo(str(error), err=True)
        typer.echo("nothing measured: mend the documents first (holdfast lint)", err=True)
        raise typer.Exit(1) from error


def _print(answer: "Answer", what_if: str | None) -> None:
    from rich.console import Console

    console = Console()
    if not console.is_terminal:
        console = Console(width=PIPED_WIDTH)
    if answer.clocks:
        console.print(_table(answer.clocks, what_if))
    counts = Counter((one.reading.objective, one.reading.basis, one.reading.verdict) for one in answer.clocks)
    for (objective, basis, verdict), count in sorted(counts.items()):
        if basis == "agreed":
            console.print(f"{objective.value:<12} {basis.value}  {verdict.value:<14} {count}")


def _table(clocks: Sequence["Measured"], what_if: str | None) -> "Table":
    """Return a table with a row per clock and a column per basis."""
    from rich.markup import escape
    from rich.table import Table

    title = None if what_if is None else f"What if version {what_if} had been in force: a supposition, not a verdict"
    table = Table(title=title and escape(title))
    for name in ("incident", "objective", "priority", "started (UTC)", "target", "claimed", "observed", "agreed"):
        table.add_column(name, no_wrap=name != "incident", min_width=12 if name == "incident" else None)
    rows: dict[tuple[str, str, int], dict[str, Measured]] = {}
    for one in clocks:
        key = (one.incident_id, one.reading.objective.value, one.reading.ordinal)
        rows.setdefault(key, {})[one.reading.basis.value] = one
    for bases in rows.values():
        one = bases.get("agreed") or next(iter(bases.values()))
        started = one.reading.started_at
        table.add_row(
            escape(one.source_incident_id),
            one.reading.objective.value,
            one.priority,
            f"{started:%Y-%m-%d %H:%M}" if started else "-",
            _length(one.reading.target.total_seconds()),
            *(_cell(bases.get(basis)) for basis in ("claimed", "observed", "agreed")),
        )
    return table


def _cell(one: "Measured | None") -> str:
    if one is None:
        return "-"
    elapsed = one.reading.elapsed
    if elapsed is None:
        return one.reading.verdict.value
    least, most = elapsed.least.total_seconds(), elapsed.most.total_seconds() if elapsed.most is not None else None
    span = _length(least) if least == most else f"{_length(least)} to {_length(most) if most is not None else '?'}"
    return f"{one.reading.verdict.value} {span}"


def _length(total_s: float) -> str:
    """Return a length as people say it, in its two largest units; ``--json`` has it exactly.

    >>> _length(5400.0), _length(93.0)
    ('1h30m', '1m33s')
    """
    left, parts = round(total_s), []
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts[:2]) or "0s"


def _tell(answer: "Answer", *, asked: str | None) -> None:
    """Say on stderr what the figures leave out, and the next step."""
    if answer.without_agreement:
        hint = "" if asked else "; --what-if VERSION measures them by a version of your choice"
        typer.echo(f"{answer.without_agreement} incidents began while no agreement was in force{hint}", err=True)
    for problem in answer.problems[:PROBLEMS_SHOWN]:
        typer.echo(problem, err=True)
    if len(answer.problems) > PROBLEMS_SHOWN:
        typer.echo(f"and {len(answer.problems) - PROBLEMS_SHOWN} more problems", err=True)
