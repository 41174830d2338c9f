"""``holdfast doctor``: what is wrong with this machine and its servers, and the next step."""

from typing import TYPE_CHECKING, Annotated

import orjson
import typer

if TYPE_CHECKING:
    from holdfast.stack.checks import Finding


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor")(doctor)


def doctor(json: Annotated[bool, typer.Option("--json", help="One finding a line.")] = False) -> None:
    """Look at Python, Java, memory, disk, ports, jars, Kafka, topics, readers and Elasticsearch; exit 1 on problems."""
    from holdfast.settings import load
    from holdfast.stack import checks

    settings = load()
    found = []

    def tell(finding: "Finding") -> None:
        found.append(finding)
        typer.echo(orjson.dumps(finding).decode() if json else as_text(finding))

    for finding in checks.machine(settings):
        tell(finding)
    tell(checks.place_of_documents(settings))
    if checks.packages().state is checks.State.OK:
        from holdfast.stack.server_checks import servers

        for finding in servers(settings):
            tell(finding)
    problems = sum(finding.state is checks.State.PROBLEM for finding in found)
    if not json:
        typer.echo(f"\n{problems} problem{'' if problems == 1 else 's'}" if problems else "\nNo problem found.")
    if problems:
        raise typer.Exit(1)


def as_text(finding: "Finding") -> str:
    """Return a finding as one line, and its next step as a second one."""
    line = f"{finding.state.value:<8} {finding.check:<14} {finding.message}"
    return f"{line}\n{'':<8} {'':<14} next: {finding.next_step}" if finding.next_step else line
