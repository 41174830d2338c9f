"""``holdfast dashboards``: Kibana dashboards as code, written to files, checked, or sent to a Kibana."""

from pathlib import Path
from typing import Annotated, Any

import typer

from holdfast.commands.sheet import sheet


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, help="Kibana dashboards as code.")
    group.command("build")(build)
    group.command("check")(check)
    group.command("load")(load)
    group.command("sheet")(sheet)
    app.add_typer(group, name="dashboards")


def build(
    directory: Annotated[Path, typer.Argument(file_okay=False, help="Where the files go.")],
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail if a file differs.")] = False,
) -> None:
    """Write data views and dashboards as JSON, the bodies that Kibana's API takes, and as saved objects (NDJSON).

    Same input, same bytes. With HOLDFAST_PUBLIC_URL rows of incidents lead to the board.
    """
    from dashboards.kibana.build import files
    from holdfast.kafka import names
    from holdfast.settings import load as load_settings

    settings = load_settings()
    written = files(names(settings), settings.public_url)
    if check:
        stale = [name for name, content in written.items() if _read(directory / name) != content]
        for name in stale:
            typer.echo(f"{directory / name} is not what the code builds: run `holdfast dashboards build`", err=True)
        raise typer.Exit(1 if stale else 0)
    directory.mkdir(parents=True, exist_ok=True)
    for name, content in written.items():
        (directory / name).write_bytes(content)
        typer.echo(f"{directory / name}")


def check(
    openapi: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Kibana's description of its dashboards API, OpenAPI as JSON."),
    ] = None,
) -> None:
    """Check all dashboards without Kibana: fields, types, places, references, and what each owes its readers.

    Exit code 1 names every finding.
    """
    from dashboards.kibana.boards import dashboards
    from dashboards.kibana.build import findings
    from holdfast.kafka import names
    from holdfast.settings import load as load_settings

    settings = load_settings()
    own, board = names(settings), settings.public_url
    found = findings(own, board) + ([] if openapi is None else _described(openapi, dashboards(own), board))
    for finding in found:
        typer.echo(finding, err=True)
    typer.echo(f"{len(dashboards(own))} dashboards, {len(found)} findings")
    raise typer.Exit(1 if found else 0)


def load(
    kibana: Annotated[str, typer.Option(help="Address of Kibana, such as https://kibana.example:5601.")],
    space: Annotated[str | None, typer.Option(help="Kibana space; the default one unless given.")] = None,
    ca: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="PEM of the authority that signed Kibana's certificate."),
    ] = None,
    ndjson: Annotated[
        bool, typer.Option("--ndjson", help="Everything as saved objects, whatever the version.")
    ] = False,
) -> None:
    """Put data views and dashboards into Kibana 8.19 or later; safe to repeat.

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
    options = search.options(settings) | ({} if ca is None else {"ca_certs": str(ca)})
    try:
        with connect(kibana, space=space, **options) as client:
            for done in load_all(client, names(settings), board=settings.public_url, ndjson=ndjson):
                typer.echo(done)
    except KibanaError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


def _described(path: Path, dashboards: Any, board: str | None) -> list[str]:
    import orjson

    from dashboards.kibana.api_schema import against

    try:
        return against(orjson.loads(path.read_bytes()), dashboards, board)
    except ImportError as error:
        typer.echo('--openapi needs a validator: pip install "openapi-schema-validator"', err=True)
        raise typer.Exit(2) from error
    except (KeyError, ValueError) as error:
        typer.echo(f"{path} is no description of Kibana's dashboards API: {error!r}", err=True)
        raise typer.Exit(2) from error


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
