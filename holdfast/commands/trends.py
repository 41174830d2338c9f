"""``holdfast trends``: how a provider gets on, month by month, from the scorecards. IO: Elasticsearch."""

from typing import TYPE_CHECKING, Annotated

import typer

from holdfast.commands._options import Json

if TYPE_CHECKING:
    from enum import StrEnum

    from models.derived import Scorecard


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("trends")(trends)


def trends(
    provider: Annotated[str, typer.Option(help="Id of the provider.")],
    objective: Annotated[str | None, typer.Option(help="Only of this objective, such as restore.")] = None,
    service: Annotated[str, typer.Option(help="Of this service; * is all.")] = "*",
    priority: Annotated[str, typer.Option(help="Of this priority; * is all.")] = "*",
    basis: Annotated[str, typer.Option(help="Whose times: claimed, observed or agreed.")] = "agreed",
    as_json: Json = False,
) -> None:
    """Show how long a provider takes, month by month: intervals, trend, changes, and how others do.

    Shows what `holdfast analyse` wrote last; docs/explanation/trends.md tells what each figure means.
    """
    from holdfast.commands.incidents import index_of
    from holdfast.settings import load
    from models.records import Basis, Objective

    wanted = {"provider": provider, "service": service, "priority": priority, "basis": _word(basis, Basis, "--basis")}
    if objective is not None:
        wanted["objective"] = _word(objective, Objective, "--objective")
    with index_of(load()) as store:
        found = store.scorecards(**wanted)
    if as_json:
        for one in found:
            typer.echo(one.to_wire().decode())
    elif found:
        _show(provider, found)
    if not found:
        typer.echo(f"no scorecard of {provider} fits; `holdfast analyse` makes them", err=True)
        raise typer.Exit(1)


def _word(text: str, closed: "type[StrEnum]", option: str) -> str:
    """Return a word of a closed list; another is a usage error that names them."""
    if text not in set(closed):
        raise typer.BadParameter(f"{text!r} is none of {', '.join(closed)}", param_hint=option)
    return text


def _show(provider: str, cards: "list[Scorecard]") -> None:
    from holdfast.commands._tables import row, show, table
    from holdfast.trending import by_objective, chosen, percent, remarks, sentences, span, spark
    from models.derived import Tally

    for objective, mine in by_objective(cards):
        months = chosen(mine, Tally.MONTH)
        title = f"{provider}, {objective.value} {spark(months)}"
        shown = table(title, "month", "n", "open", "median", "p90", "met", "remarks")
        for one in months:
            median = span(one.median_s, one.median_low_s, one.median_high_s)
            p90 = span(one.p90_s, one.p90_low_s, one.p90_high_s)
            met = percent(one.met_share, one.met_share_low, one.met_share_high)
            row(shown, f"{one.begins_at:%Y-%m}", str(one.n), str(one.censored), median, p90, met, remarks(one))
        show(shown)
        for period in chosen(mine, Tally.PERIOD):
            for line in sentences(period, chosen(mine, Tally.HOUR)):
                typer.echo(line)
        typer.echo()
