"""``holdfast credits``: what a provider's agreements pay back for a month, without servers."""

from decimal import Decimal, InvalidOperation
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

    from holdfast.availing import Credited


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("credits")(credits_)


def credits_(
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
    paid_before: Annotated[
        str, typer.Option(help="What earlier months of the contract year have paid, for a yearly cap.")
    ] = "0",
    decisions: Decisions = None,
    json: Annotated[bool, typer.Option("--json", help="One agreement version a line.")] = False,
) -> None:
    """Compute what a provider owes for a month: tier, credit, caps, and until when it can be claimed with what.

    A month that still runs is judged up to --as-of. What could not be read is told on stderr and ends in exit code 1.
    """
    from holdfast.commands._months import Options, ask, tell

    answer = ask(
        Options(
            paths, documents, provider, format_name, month, feed, as_of, known_at, what_if, feed_timezone, received_at,
            decisions or (), earlier=_money(paid_before),
        )
    )  # fmt: skip
    if json:
        for one in answer.credits:
            typer.echo(orjson.dumps(one.line()))
    else:
        from rich.console import Console

        Console(width=None if Console().is_terminal else 140).print(_table(answer.credits, what_if))
    tell(answer, len(answer.credits))


def _money(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or amount < 0:
        raise typer.BadParameter(f"{text!r} is no amount of money: write it as 1250.00")
    return amount


def _table(found: tuple["Credited", ...], what_if: str | None) -> "Table":
    from rich.markup import escape
    from rich.table import Table

    title = None if what_if is None else f"What if version {what_if} had been in force: a supposition, not a verdict"
    table = Table(title=title and escape(title))
    for name in ("agreement", "month", "service", "agreed", "tier", "credit", "limits", "claim"):
        table.add_column(name, no_wrap=True)
    for one in found:
        owed = one.credit
        for line in owed.lines:
            percent = line.found.figures[line.side].percent
            table.add_row(
                escape(f"{one.agreement.id}/{owed.period.version.version}"),
                str(owed.period.month),
                escape(line.found.promise.service),
                "-" if percent is None else f"{percent:f}",
                "-" if line.tier is None else f"< {line.tier.below}: {line.tier.credit} %",
                str(line.amount),
                "set aside: single event" if line.set_aside else "",
                "",
            )
        until = "" if owed.claim_by is None else f" until {owed.claim_by:%Y-%m-%d %H:%M} UTC"
        table.add_row(
            "", "", "to claim", "", "", escape(f"{owed.amount} {owed.currency or ''}".strip()),
            ", ".join(owed.limits), f"{owed.state.value}{until}",
            end_section=True,
        )  # fmt: skip
    return table
