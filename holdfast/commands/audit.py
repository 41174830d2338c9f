"""``holdfast audit``: pages that should exist and do not, or exist and should not."""

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from holdfast.auditing import Audited
    from holdfast.settings import Settings

UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("audit")(audit)


def audit(
    since: Annotated[
        str, typer.Option(help="Compare what was issued since: an age (24h, 7d), an instant (RFC 3339), or all.")
    ] = "24h",
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Compute plans and pages once more from the ledger, and compare them with what was told; exit 1 on findings."""
    from kafka.errors import KafkaError

    from holdfast import kafka, logs
    from holdfast.settings import load

    settings = load()
    logs.configure(settings.log_level)
    start = _instant(since, settings.clock.now())
    try:
        audited = _audit(settings, start)
    except (kafka.KafkaUnreachableError, KafkaError) as error:
        typer.echo(f"{error}\nNothing was compared; try again when the broker answers", err=True)
        raise typer.Exit(1) from error
    _show(audited, as_json=json)
    if audited.faults:
        raise typer.Exit(1)


def _instant(text: str, now: datetime) -> datetime | None:
    from models.instants import parse_instant

    if text == "all":
        return None
    age = re.fullmatch(r"(\d{1,5})([mhd])", text)
    if age is not None:
        return now - timedelta(**{UNITS[age[2]]: int(age[1])})
    try:
        return parse_instant(text)
    except ValueError as error:
        raise typer.BadParameter(
            f"{text!r}: write 24h, 7d, 2026-05-04T00:00:00Z or all", param_hint="--since"
        ) from error


def _audit(settings: "Settings", since: datetime | None) -> "Audited":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from holdfast import auditing

    columns = (TextColumn("folding"), BarColumn(), MofNCompleteColumn(), TextColumn("records"), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("folding", total=auditing.ledger_records(settings))
        return auditing.audit_installation(settings, since, lambda count: progress.advance(task, count))


def _show(audited: "Audited", *, as_json: bool) -> None:
    import orjson

    if as_json:
        typer.echo(orjson.dumps(as_document(audited)).decode())
        return
    for one in audited.discrepancies:
        typer.echo(f"{one.fault.value:<16} {one.provider} {one.incident_id or '-'} {one.page_id or ''}".rstrip())
        typer.echo(f"{'':<16} {one.words}")
        typer.echo(f"{'':<16} " + (f"explained: {one.explained}" if one.explained else f"next: {one.next_step}"))
    typer.echo(
        f"{audited.ledger_records} ledger records folded, {audited.pages} pages, {audited.plans} plans, "
        f"{audited.deliveries} deliveries compared: {len(audited.faults)} findings, "
        f"{len(audited.discrepancies) - len(audited.faults)} explained by changed documents"
    )


def as_document(audited: "Audited") -> dict[str, Any]:
    """Return what ``--json`` prints."""
    from dataclasses import asdict

    from models.instants import format_instant

    return {
        "since": None if audited.since is None else format_instant(audited.since),
        "ledger_records": audited.ledger_records,
        "pages": audited.pages,
        "plans": audited.plans,
        "deliveries": audited.deliveries,
        "findings": [asdict(one) for one in audited.discrepancies],
    }
