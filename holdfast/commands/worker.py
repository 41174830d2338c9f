"""``holdfast worker``: normalise raw payloads, fold the ledger, keep time."""

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("worker")(worker)


def worker(
    stage: Annotated[
        str, typer.Option(help="normalise, track (which also keeps time), or all: both in one process.")
    ] = "all",
) -> None:
    """Run the stream worker: raw payloads to notices, notices to incidents, clocks, plans and pages."""
    if stage not in ("all", "normalise", "track"):
        raise typer.BadParameter("choose normalise, track or all", param_hint="--stage")
    from holdfast.working import run_worker

    run_worker(stage)
