"""``holdfast dashboards``: Kibana dashboards as code, written to files or sent to a Kibana."""

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, help="Kibana dashboards as code.")
    group.command("build")(build)
    group.command("load")(load)
    app.add_typer(group, name="dashboards")


def build(
    directory: Annotated[Path, typer.Argument(file_okay=False, help="Where the files go.")],
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail if a file differs.")] = False,
) -> None:
    """Write data views and dashboards as JSON, the bodies that Kibana's API takes; same input, same bytes."""
    from dashboards.kibana.load import files
    from holdfast.kafka import names
    from holdfast.settings import load as load_settings

    written = files(names(load_settings()))
    if check:
        stale = [name for name, content in written.items() if _read(directory / name) != content]
        for name in stale:
            typer.echo(f"{directory / name} is not what the code builds: run `holdfast dashboards build`", err=True)
        raise typer.Exit(1 if stale else 0)
    directory.mkdir(parents=True, exist_ok=True)
    for name, content in written.items():
        (directory / name).write_bytes(content)
        typer.echo(f"{directory / name}")


def load(
    kibana: Annotated[str, typer.Option(help="Address of Kibana, such as http://localhost:5601.")],
    space: Annotated[str | None, typer.Option(help="Kibana space; the default one unless given.")] = None,
) -> None:
    """Put data views and dashboards into Kibana 9.4 or later; safe to repeat.

    The credentials are Elasticsearch's: HOLDFAST_ELASTICSEARCH_API_KEY, or _USER and _PASSWORD, and _CA.
    """
    from dashboards.kibana.load import KibanaError, connect
    from dashboards.kibana.load import load as load_all
    from holdfast import search
    from holdfast.kafka import names
    from holdfast.settings import load as load_settings

    settings = load_settings()
    if not kibana.startswith(("http://", "https://")):
        typer.echo(f"--kibana is an address with http:// or https://, not {kibana!r}", err=True)
        raise typer.Exit(2)
    try:
        with connect(kibana, space=space, **search.options(settings)) as client:
            for done in load_all(client, names(settings)):
                typer.echo(done)
    except KibanaError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
