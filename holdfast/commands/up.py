"""``holdfast up``, ``down`` and ``status``: the local servers and all services of one installation."""

import json as json_text
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from holdfast.settings import Settings
    from holdfast.stack.supervise import Supervisor


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("up")(up)
    app.command("down")(down)
    app.command("status")(status)


def up(
    stack_only: Annotated[bool, typer.Option("--stack-only", help="Kafka and Elasticsearch, no services.")] = False,
) -> None:
    """Run Kafka, Elasticsearch and all services here until Ctrl-C or `holdfast down`. Data stays."""
    from holdfast.kafka import KafkaUnreachableError
    from holdfast.settings import load
    from holdfast.stack import running
    from holdfast.stack.errors import StackError
    from holdfast.stack.supervise import Supervisor, services

    settings = load()
    names = [] if stack_only else services(settings)
    try:
        with running.stoppable(), running.alone(settings.data_dir):
            _check_ports(settings, names)
            with Supervisor(settings, names, say=_say, on_change=running.describe) as supervisor:
                _say(_where_to_look(supervisor, names))
                supervisor.run()
    except KeyboardInterrupt:
        _say("Stopped; data stays in " + str(settings.data_dir))
    except (StackError, KafkaUnreachableError) as error:
        typer.echo(f"holdfast up: {error}", err=True)
        raise typer.Exit(1) from error


def down() -> None:
    """End what `holdfast up` has started here, from another terminal. Data stays."""
    from holdfast.settings import load
    from holdfast.stack import running
    from holdfast.stack.errors import StackError

    settings = load()
    try:
        ended = running.end(settings.data_dir)
    except StackError as error:
        typer.echo(f"holdfast down: {error}", err=True)
        raise typer.Exit(1) from error
    _say("Stopped." if ended else f"Nothing runs with the data directory {settings.data_dir}.")


def status(json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False) -> None:
    """Show what `holdfast up` runs here; exit code 1 when nothing runs or something is down."""
    from holdfast.settings import load
    from holdfast.stack import running

    settings = load()
    found = running.find(settings.data_dir)
    children = found.children if found is not None else []
    if json:
        pid = found.pid or None if found is not None else None
        typer.echo(json_text.dumps({"running": found is not None, "pid": pid, "children": children}))
    elif found is None:
        typer.echo(f"Nothing runs with the data directory {settings.data_dir}; `holdfast up` starts it.")
    elif not children:
        typer.echo(
            f"Holdfast is just starting with the data directory {settings.data_dir}; ask again in a few seconds."
        )
    else:
        _print_table(settings, found.pid, children)
    if not children or not all(child["pid"] for child in children):
        raise typer.Exit(1)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _check_ports(settings: "Settings", names: list[str]) -> None:
    from holdfast.stack import ports

    if "serve" in names:
        ports.require_free([ports.board_port(settings)])


def _where_to_look(supervisor: "Supervisor", names: list[str]) -> str:
    settings = supervisor.settings
    lines = ["", f"Kafka          {settings.kafka}", f"Elasticsearch  {settings.elasticsearch}"]
    if "serve" in names:
        lines.append(f"Board          http://{settings.board_host}:{settings.board_port}")
    lines += [
        f"Logs           {supervisor.logs()}",
        "",
        "Ctrl-C, or `holdfast down` elsewhere, ends everything; data stays.",
    ]
    return "\n".join(lines)


def _print_table(settings: "Settings", pid: int, children: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("what", "state", "pid", "restarts", title=f"holdfast up, pid {pid}, prefix {settings.prefix}")
    for child in children:
        table.add_row(child["name"], child["state"], str(child["pid"] or "-"), str(child["restarts"]))
    console = Console()
    console.print(table)
    console.print(f"Logs: {settings.data_dir / 'logs'}", soft_wrap=True)
