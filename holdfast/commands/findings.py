"""``holdfast findings``: real histories, measured, as figures, tables and charts. IO: reads and writes files."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

if TYPE_CHECKING:
    from holdfast.histories.blocks import Report
    from holdfast.histories.table import History

PAGE, IMAGES = "findings.md", Path("images", "findings")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("findings")(findings)


def findings(
    documents: Annotated[Path, typer.Option(exists=True, help="Directory of the histories' agreements and providers.")],
    corpus: Annotated[Path, typer.Option(exists=True, file_okay=False, help="Directory of the histories' payloads.")],
    history: Annotated[list[str] | None, typer.Option(help="Only this history; more than once. Default: all.")] = None,
    out: Annotated[
        Path | None,
        typer.Option(exists=True, file_okay=False, help="Fill DIR/findings.md and draw DIR/images/findings/*.svg."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="All figures as one JSON object, by history.")] = False,
) -> None:
    """Measure real histories and tell what they show: the tables of docs/findings.md.

    With --out the page and its charts are brought up to date (needs the extra ``charts``).
    """
    from holdfast.commands._payloads import documents_in
    from holdfast.histories.report import report
    from holdfast.measuring import UnknownNameError

    chosen = _chosen(history or [])
    if out is not None and history:
        raise typer.BadParameter("--out tells of all histories; leave --history out")
    try:
        found = report(chosen, corpus, documents_in(documents))
    except (UnknownNameError, FileNotFoundError) as error:
        typer.echo(
            f"{error}\nname the right --documents and --corpus; docs/findings.md tells what lies where", err=True
        )
        raise typer.Exit(1) from error
    if json:
        typer.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2))
    elif out is None:
        typer.echo(_tables(found))
    if out is not None:
        _write(found, out)


def _chosen(names: list[str]) -> "list[History]":
    from holdfast.histories.table import BY_ID, HISTORIES

    unknown = [name for name in names if name not in BY_ID]
    if unknown:
        raise typer.BadParameter(f"no history {', '.join(unknown)}; there are {', '.join(BY_ID)}")
    return [BY_ID[name] for name in names] or list(HISTORIES)


def _tables(found: "Report") -> str:
    from holdfast.histories.blocks import BLOCKS

    tables = ((name, table) for name, block in BLOCKS.items() if (table := block(found)))
    return "\n\n".join(f"## {name}\n\n{table}" for name, table in tables)


def _write(found: "Report", out: Path) -> None:
    """Write the page and the charts, all or nothing."""
    from holdfast.drawing import svg
    from holdfast.histories.charts import charts
    from holdfast.histories.page import PageError, refresh

    page = out / PAGE
    try:
        text = refresh(page.read_text(encoding="utf-8"), found)
        drawn = {name: svg(spec) for name, spec in charts(found).items()}
    except (PageError, FileNotFoundError) as error:
        typer.echo(f"{page}: {error}", err=True)
        raise typer.Exit(1) from error
    except ImportError as error:
        typer.echo(f"{error}: drawing needs the extra: pip install 'holdfast[charts]'", err=True)
        raise typer.Exit(1) from error
    (out / IMAGES).mkdir(parents=True, exist_ok=True)
    page.write_text(text, encoding="utf-8")
    for name, image in drawn.items():
        (out / IMAGES / f"{name}.svg").write_text(image, encoding="utf-8")
    typer.echo(f"{page} and {len(drawn)} charts in {out / IMAGES}", err=True)
