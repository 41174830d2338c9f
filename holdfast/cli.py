"""The command line: collects the commands of ``holdfast.commands``.

Exit codes: 0 done, 1 findings or partial failure (what and where on stderr), 2 usage.
"""

import sys
from importlib import import_module
from importlib.util import find_spec
from typing import Annotated

import typer

MODULES = (
    "demo", "up", "doctor", "worker", "index", "notify", "mailbox", "poll", "serve", "watch", "audit", "documents",
    "ingest", "parse", "measure", "explain", "plan", "backtest", "availability", "credits", "incidents", "decide",
    "communications", "promises", "ask", "reviews", "postmortem", "scorecard", "handoff", "rota",
    "dead_letters", "rebuild", "retention", "analyse", "trends", "sample", "dashboards", "findings",
)  # fmt: skip
"""Modules of ``holdfast.commands``, in the order that ``--help`` shows; each has ``register(app)``."""


def build() -> typer.Typer:
    """Return the application with all commands."""
    app = typer.Typer(
        name="holdfast",
        help="Holds providers to the recovery that was agreed: who said what when, what we saw, and the difference.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    app.callback()(_options)
    for name in MODULES:
        if find_spec(f"holdfast.commands.{name}") is not None:
            import_module(f"holdfast.commands.{name}").register(app)
    return app


def _version(wanted: bool) -> None:
    """Say which version this is, and end; a checkout that was never installed knows it too."""
    if wanted:
        from holdfast import VERSION

        typer.echo(f"holdfast {VERSION}")
        raise typer.Exit


def _options(
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")] = False,
) -> None:
    """Take the options that come before any command; what help says of the whole is in ``build``."""


def main() -> None:
    """Run the command line."""
    from holdfast.settings import SettingsError

    try:
        build()(prog_name="holdfast")
    except SettingsError as error:
        typer.echo(
            f"{error}\nNext step: correct the environment or .env; docs/reference/settings.md tells each variable",
            err=True,
        )
        sys.exit(2)
    except KeyboardInterrupt:  # before a command began to listen for it
        sys.exit("Stopped.")
