"""``holdfast measure``: payloads in files to clocks and verdicts, without servers."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from holdfast.commands._formats import FORMATS_HERE, NamesFormats
from holdfast.commands._options import AsOf, Decisions, FeedId, FeedTimezone, KnownAt, Payloads, ProviderId, ReceivedAt
from models.lengths import length

if TYPE_CHECKING:
    from rich.table import Table

    from holdfast.measuring import Answer, Gathered, Measured, Question
    from models.documents import Documents

REASONS_SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("measure", cls=NamesFormats)(measure)


def measure(
    paths: Payloads,
    documents: Annotated[Path, typer.Option(exists=True, help="Directory of agreements, providers and policies.")],
    provider: ProviderId,
    format_name: Annotated[str, typer.Option("--format", "-f", help=f"One of {FORMATS_HERE}.")],
    feed: FeedId = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    what_if: Annotated[
        str | None,
        typer.Option(
            metavar="VERSION|FILE",
            help="Judge by this agreement version, or by the draft in a file or directory, whatever was in force.",
        ),
    ] = None,
    feed_timezone: FeedTimezone = None,
    received_at: ReceivedAt = None,
    decisions: Decisions = None,
    objective: Annotated[list[str] | None, typer.Option(help="Only clocks of this objective; more than once.")] = None,
    incident: Annotated[
        list[str] | None, typer.Option(help="Only this incident, by the source's own id; more than once.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One clock a line.")] = False,
) -> None:
    """Measure a provider's incidents against its agreement.

    Files are judged as of now unless --as-of says otherwise: an incident that a file shows open is still open. What
    could not be read is told on stderr and ends in exit code 1; the rest is measured.
    """
    from holdfast.commands._asking import Sources, gathered, supposing, usage_errors
    from holdfast.commands._payloads import existing, format_option, instant_option, zone_option
    from holdfast.measuring import Question, judge
    from holdfast.settings import load

    existing([*paths, *(decisions or ())])
    wanted = _objectives(objective or ())
    question = Question(
        provider=provider,
        format=format_option(format_name),
        as_of=instant_option(as_of) or load().clock.now(),
        feed=feed,
        zone=zone_option(feed_timezone),
        known_at=instant_option(known_at),
        documents=_documents(documents),
    )
    with usage_errors():
        question = supposing(question, what_if)
        history = gathered(question, Sources(paths, decisions or (), instant_option(received_at)))
        answer = _only(judge(question, history), wanted, incident or ())
    if json:
        for one in answer.clocks:
            typer.echo(orjson.dumps(one.line()))
    else:
        _print(answer, question, history, is_whole=not wanted and not incident)
    _tell(answer, asked=what_if)
    if answer.problems:
        raise typer.Exit(1)


def _objectives(names: Sequence[str]) -> set[str]:
    """Check the objectives asked for."""
    from models.records import Objective

    for name in names:
        if name not in set(Objective):
            raise typer.BadParameter(f"no objective {name!r}; there are {', '.join(Objective)}")
    return set(names)


def _only(answer: "Answer", objectives: set[str], incidents: Sequence[str]) -> "Answer":
    """Leave out the clocks that were not asked for.

    Raises:
        UnknownNameError: if no clock is of an incident asked for.
    """
    from dataclasses import replace

    from holdfast.measuring import UnknownNameError

    for name in incidents:
        if not any(name in (one.source_incident_id, one.incident_id) for one in answer.clocks):
            raise UnknownNameError(f"no clock is of an incident {name!r}; measure without --incident lists them")
    kept = [
        one
        for one in answer.clocks
        if (not objectives or one.reading.objective.value in objectives)
        and (not incidents or one.source_incident_id in incidents or one.incident_id in incidents)
    ]
    return replace(answer, clocks=tuple(kept))


def _documents(directory: Path) -> "Documents":
    from holdfast.documents import DocumentsError, load_documents

    try:
        return load_documents(directory)
    except DocumentsError as error:
        typer.echo(str(error), err=True)
        typer.echo("nothing measured: mend the documents first (holdfast lint)", err=True)
        raise typer.Exit(1) from error


def _print(answer: "Answer", question: "Question", history: "Gathered", *, is_whole: bool) -> None:
    """Print the clocks, then what they come to on the agreed basis."""
    from holdfast.commands._asking import console

    out, supposed = console(), _supposed(question)
    if answer.clocks:
        out.print(_table(answer.clocks, supposed))
    if answer.clocks and supposed:
        out.print(f"{supposed}. Summary:", markup=False, highlight=False)
    counts = Counter((one.reading.objective, one.reading.basis, one.reading.verdict) for one in answer.clocks)
    for (objective, basis, verdict), count in sorted(counts.items()):
        if basis == "agreed":
            out.print(f"{objective.value:<14} {basis.value}  {verdict.value:<14} {count}")
    for line in (*_promises(question, history, is_whole=is_whole), *_reasons(answer.clocks)):
        out.print(line, markup=False, highlight=False, soft_wrap=True)


def _supposed(question: "Question") -> str | None:
    """Return the label of a supposition; None where what was in force is judged by."""
    if question.draft is not None:
        return f"What if {question.draft.name} had been in force: a supposition, not a verdict"
    if question.what_if is not None:
        return f"What if version {question.what_if} had been in force: a supposition, not a verdict"
    return None


def _promises(question: "Question", history: "Gathered", *, is_whole: bool) -> Iterator[str]:
    """Yield what came of the times that the provider named, where it named any and all of it was asked for."""
    from holdfast.measuring import promises

    counts = promises(question, history) if is_whole else Counter()
    if counts:
        told = ", ".join(f"{counts[one]} {one.value}" for one in sorted(counts) if one != "kept")
        yield f"promises       kept {counts['kept']} of {counts.total()}" + (f" ({told})" if told else "")  # type: ignore[index]


def _reasons(clocks: Sequence["Measured"]) -> Iterator[str]:
    """Yield why clocks are indeterminate on the agreed basis, the most frequent reason first."""
    why: dict[str, list[str]] = {}
    for one in clocks:
        reading = one.reading
        if reading.basis == "agreed" and reading.verdict == "indeterminate":
            named = f"{one.source_incident_id}/{reading.objective.value}"
            why.setdefault(reading.reason or "not known", []).append(named)
    for reason, clocks_so in sorted(why.items(), key=lambda entry: (-len(entry[1]), entry[0]))[:REASONS_SHOWN]:
        others = f" and {len(clocks_so) - 3} more" if len(clocks_so) > 3 else ""
        yield f"indeterminate  {len(clocks_so)}: {reason} ({', '.join(clocks_so[:3])}{others})"


def _table(clocks: Sequence["Measured"], title: str | None) -> "Table":
    """Return a table with a row per clock and a column per basis; pauses only where there are any."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=title and escape(title))
    has_pauses = any(one.reading.paused for one in clocks)
    columns = ("incident", "objective", "pri", "started (UTC)", "target", "claimed", "observed", "agreed")
    for name in (*columns, "paused") if has_pauses else columns:
        table.add_column(name, no_wrap=name != "incident", overflow="fold", min_width=_WIDTHS.get(name))
    rows: dict[tuple[str, str, int], dict[str, Measured]] = {}
    for one in clocks:
        key = (one.incident_id, one.reading.objective.value, one.reading.ordinal)
        rows.setdefault(key, {})[one.reading.basis.value] = one
    for bases in rows.values():
        one = bases.get("agreed") or next(iter(bases.values()))
        reading = one.reading
        cells = [
            escape(one.source_incident_id),
            reading.objective.value + (f"/{reading.ordinal}" if reading.ordinal else ""),
            reading.priority or one.priority,
            f"{reading.started_at:%Y-%m-%d %H:%M}" if reading.started_at else "-",
            length(reading.target),
            *(_cell(bases.get(basis)) for basis in ("claimed", "observed", "agreed")),
        ]
        table.add_row(*cells, *([length(reading.paused) if reading.paused else "-"] if has_pauses else []))
    return table


_WIDTHS = {"incident": 12}


def _cell(one: "Measured | None") -> str:
    if one is None:
        return "-"
    word, elapsed = one.reading.verdict.value, one.reading.elapsed
    if elapsed is None:
        return word
    least, most = length(elapsed.least), "?" if elapsed.most is None else length(elapsed.most)
    return f"{word} {least}" if least == most else f"{word} {least} to {most}"


def _tell(answer: "Answer", *, asked: str | None) -> None:
    """Say on stderr what the figures leave out, and the next step."""
    from holdfast.commands._asking import tell_problems

    if answer.without_agreement:
        hint = "" if asked else "; --what-if VERSION measures them by a version of your choice"
        typer.echo(f"{answer.without_agreement} incidents began while no agreement was in force{hint}", err=True)
    tell_problems(answer.problems)
