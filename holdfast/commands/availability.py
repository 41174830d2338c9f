"""``holdfast availability``: a month of a provider's services, by three figures, without servers."""

from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from holdfast.commands._options import (
    AgreementsDirectory,
    AsOf,
    Decisions,
    FeedId,
    FeedTimezone,
    FormatName,
    KnownAt,
    MonthByVersion,
    MonthText,
    Payloads,
    ProviderId,
    ReceivedAt,
)

if TYPE_CHECKING:
    from rich.table import Table

    from holdfast.availing import Availed

BAR = 10
"""Characters of the budget's bar."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("availability")(availability)


def availability(
    paths: Payloads,
    documents: AgreementsDirectory,
    provider: ProviderId,
    format_name: FormatName,
    month: MonthText,
    feed: FeedId = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    what_if: MonthByVersion = None,
    feed_timezone: FeedTimezone = None,
    received_at: ReceivedAt = None,
    blind: Annotated[
        list[str] | None, typer.Option(help="BEGIN/END when we did not look: down in the worst case. Repeatable.")
    ] = None,
    decisions: Decisions = None,
    json: Annotated[bool, typer.Option("--json", help="One service and agreement version a line.")] = False,
) -> None:
    """Measure a month of a provider's services: strict, provider's and agreed figure, and the error budget.

    A month that still runs is measured up to --as-of and says so. What could not be read is told on stderr and ends in
    exit code 1; the rest is measured.
    """
    from holdfast.commands._months import Options, ask, tell

    answer = ask(
        Options(
            paths, documents, provider, format_name, month, feed, as_of, known_at, what_if, feed_timezone, received_at,
            tuple(decisions or ()), tuple(blind or ()),
        )
    )  # fmt: skip
    if json:
        for one in answer.services:
            typer.echo(orjson.dumps(one.line()))
    else:
        from rich.console import Console

        Console(width=None if Console().is_terminal else 140).print(_table(answer.services, what_if))
    tell(answer, len(answer.services))


def _table(services: tuple["Availed", ...], what_if: str | None) -> "Table":
    from rich.markup import escape
    from rich.table import Table

    title = None if what_if is None else f"What if version {what_if} had been in force: a supposition, not a verdict"
    table = Table(title=title and escape(title))
    for name in ("agreement", "service", "month", "objective", "strict", "provider's", "agreed", "verdict", "budget"):
        table.add_column(name, no_wrap=True)
    for one in services:
        found = one.found
        table.add_row(
            escape(f"{one.agreement.id}/{found.period.version.version}"),
            escape(found.promise.service),
            f"{found.period.month}{'' if found.is_final else ' (runs)'}",
            str(found.promise.objective),
            *(_cell(one, side) for side in found.figures),
            found.agreed.verdict(found.promise.objective),
            bar(one),
        )
    return table


def _cell(one: "Availed", side: str) -> str:
    figure = next(figure for figure in one.found.figures.values() if figure.side == side)
    if figure.percent is None or figure.worst is None:
        return "-"
    best, worst = (f"{value:f}".rstrip("0").rstrip(".") for value in (figure.percent, figure.worst))
    return best if best == worst else f"{worst} to {best}"


def bar(one: "Availed") -> str:
    """Return what is left of the budget as a bar and a share."""
    spent = one.budget
    if spent.allowed_s <= 0:
        return "none allowed"
    left = max(0, int(BAR * spent.left_s / spent.allowed_s))
    return f"{'█' * left}{'░' * (BAR - left)} {int(100 * spent.left_s / spent.allowed_s)}% left"
