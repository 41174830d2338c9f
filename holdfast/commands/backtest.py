"""``holdfast backtest``: a draft agreement judged against years of real history, beside the one there is. IO: files."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import orjson
import typer

from holdfast.commands._options import (
    AsOf,
    Decisions,
    FeedId,
    FeedTimezone,
    FormatName,
    KnownAt,
    Payloads,
    ProviderId,
    ReceivedAt,
)
from models.lengths import length

if TYPE_CHECKING:
    from rich.table import Table

    from holdfast.backtesting import Backtest, Figures, Flip, Track
    from holdfast.backtesting_months import Months
    from holdfast.measuring import Gathered
    from holdfast.supposing import Draft

Found = TypeVar("Found")
SHOWN = 40
"""Incidents and months listed for people; ``--json`` has them all."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("backtest")(backtest)


def backtest(
    paths: Payloads,
    documents: Annotated[Path, typer.Option(exists=True, help="A: directory of agreements, providers and policies.")],
    against: Annotated[Path, typer.Option(exists=True, help="B: a draft, a YAML file or a directory.")],
    provider: ProviderId,
    format_name: FormatName,
    feed: FeedId = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    feed_timezone: FeedTimezone = None,
    received_at: ReceivedAt = None,
    decisions: Decisions = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line; its kind says which.")] = False,
) -> None:
    """Judge a provider's history under two agreements, and show the difference and the incidents that make it.

    Both are suppositions, on the agreed basis; nothing is stored. An incident that began while no version of a side was
    in force is judged by the version nearest in time. Services, contacts and feeds are those of --documents.
    """
    from holdfast.backtesting_months import compare_months
    from holdfast.commands._asking import Sources, draft_in, gathered, tell_problems, usage_errors
    from holdfast.commands._payloads import documents_in, existing, format_option, instant_option, zone_option
    from holdfast.measuring import Question
    from holdfast.settings import load
    from holdfast.supposing import Draft
    from models.documents import Documents

    existing([*paths, *(decisions or ())])
    question = Question(
        provider=provider,
        format=format_option(format_name),
        as_of=instant_option(as_of) or load().clock.now(),
        feed=feed,
        zone=zone_option(feed_timezone),
        known_at=instant_option(known_at),
        documents=documents_in(documents),
        draft=Draft(Documents(), "nothing"),
    )
    with usage_errors():
        sides = (Draft(question.documents, str(documents)), draft_in(against, question))
        history = gathered(question, Sources(paths, decisions or (), instant_option(received_at)))
        found = _compare(history, sides, question.as_of)
        months = _with_bar(lambda track: compare_months(question, history, sides, question.as_of, track))
    if json:
        _print_lines(found, months)
    else:
        _print(found, months, question.as_of)
    _tell(found)
    tell_problems(found.problems)
    if found.problems:
        raise typer.Exit(1)


def _compare(history: "Gathered", sides: "tuple[Draft, Draft]", as_of: datetime) -> "Backtest":
    from holdfast.backtesting import backtest

    return _with_bar(lambda track: backtest(history, sides, as_of, track))


def _with_bar(work: "Callable[[Track], Found]") -> "Found":
    """Do long work with a progress bar on stderr."""
    from holdfast.commands._asking import progress

    with progress() as bar:
        return work(lambda what, description: bar.track(what, description=description))


def _print_lines(found: "Backtest", months: "Months") -> None:
    for line in (
        *found.lines(),
        *(one.line() for one in months.services),
        *(one.line() for one in months.credits),
        found.summary(),
    ):
        typer.echo(orjson.dumps(line))


def _print(found: "Backtest", months: "Months", as_of: datetime) -> None:
    from holdfast.backtesting_months import differing
    from holdfast.commands._asking import console
    from holdfast.commands._payloads import counted

    out = console()
    under = f"{counted(found.incidents, 'incident')} under A and under B"
    out.print(f"{under}, agreed basis, as of {as_of:%Y-%m-%d %H:%M} UTC")
    out.print("Both sides are suppositions, not verdicts.")
    if found.rows:
        out.print(_rows(found))
    if found.flips:
        out.print(_flips(found.flips))
        _more(out, len(found.flips))
    changed = differing(months.services)
    if changed:
        out.print(_services(changed))
        _more(out, len(changed))
    if any(one.a != one.b for one in months.credits):
        out.print(_credits(months))
    money = months.words()
    out.print(found.words() + (f" {money}" if money else ""), markup=False, highlight=False, soft_wrap=True)


def _more(out: Any, count: int) -> None:
    if count > SHOWN:
        out.print(f"and {count - SHOWN} more; --json has them all")


def _table(title: str, *columns: str) -> "Table":
    from rich import box
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for position, column in enumerate(columns):
        table.add_column(column, no_wrap=position > 0, overflow="fold")
    return table


def _rows(found: "Backtest") -> "Table":
    """Two lines for each objective and priority: A above B."""
    table = _table(
        "Clocks", "objective", "pri", "", "n", "met", "breached", "indeterminate", "open", "met share", "median", "p90"
    )
    for (objective, priority), sides in found.rows.items():
        for side, one in zip("AB", sides, strict=True):
            head = (objective.value, priority) if side == "A" else ("", "")
            table.add_row(*head, side, *_figures(one))
    return table


def _figures(one: "Figures") -> list[str]:
    share = "-" if one.met_share is None else f"{one.met_share:.1%}"
    counts = [str(count) for count in (one.n, one.met, one.breached, one.indeterminate, one.open)]
    return [*counts, share, _took(one.median_s), _took(one.p90_s)]


def _took(total_s: float | None) -> str:
    from datetime import timedelta

    return "too few" if total_s is None else length(timedelta(seconds=total_s))


def _flips(flips: Sequence["Flip"]) -> "Table":
    from rich.text import Text

    table = _table(
        "What makes the difference, the heaviest first", "incident", "objective", "pri", "began (UTC)", "A", "B"
    )
    for one in flips[:SHOWN]:
        began = f"{one.started_at:%Y-%m-%d %H:%M}" if one.started_at else "-"
        objective = one.objective.value + (f"/{one.ordinal}" if one.ordinal else "")
        name = Text("".join(letter if letter.isprintable() else " " for letter in one.source_incident_id))
        table.add_row(name, objective, one.priority, began, _told(one.a), _told(one.b))
    return table


def _told(reading: Any) -> str:
    """Return a verdict and how far from the limit it lies, such as ``breached, 1h over 4h``."""
    from datetime import timedelta

    from holdfast.backtesting import over_s

    if reading is None:
        return "nothing promised"
    over, limit = over_s(reading), length(reading.target)
    word = reading.verdict.value.replace("_", " ")
    if over is None:
        return f"{word} ({limit})"
    apart = length(timedelta(seconds=abs(over)))
    return f"{word}, {apart} over {limit}" if over > 0 else f"{word}, {apart} of {limit} left"


def _services(changed: Sequence[Any]) -> "Table":
    table = _table("Availability where it differs", "service", "month", "A", "B")
    for one in changed[:SHOWN]:
        a, b = ("-" if percent is None else f"{percent:f} %" for percent in (one.a_percent, one.b_percent))
        table.add_row(one.service, str(one.month), a, b)
    return table


def _credits(months: "Months") -> "Table":
    table = _table("Credits where they differ", "month", "currency", "A", "B")
    for one in months.credits:
        if one.a != one.b:
            table.add_row(str(one.month), one.currency or "-", str(one.a), str(one.b))
    return table


def _tell(found: "Backtest") -> None:
    """Say on stderr what the figures leave out or suppose."""
    from holdfast.commands._payloads import counted

    for side, uncovered, outside in zip("AB", found.uncovered, found.not_in_force, strict=True):
        if uncovered:
            typer.echo(f"{side}: {counted(uncovered, 'incident')} of services that it does not cover", err=True)
        if outside:
            began = f"{counted(outside, 'incident')} began while no version of it was in force"
            typer.echo(f"{side}: {began}; judged by the nearest one", err=True)
