"""What commands about reports share: options, and writing one in the forms asked for. IO: writes files."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

if TYPE_CHECKING:
    from holdfast.reports.blocks import Report

MarkdownFile = Annotated[Path | None, typer.Option("--markdown", dir_okay=False, help="Write it as Markdown.")]
HtmlFile = Annotated[Path | None, typer.Option("--html", dir_okay=False, help="Write it as one HTML file.")]
PdfFile = Annotated[Path | None, typer.Option("--pdf", dir_okay=False, help="Write it as PDF.")]


@contextmanager
def extras() -> Iterator[None]:
    """End the command with the next step where the extra for charts is not installed."""
    try:
        yield
    except ImportError as error:
        typer.echo(f"{error}: charts and PDF need the extra: pip install 'holdfast[charts]'", err=True)
        raise typer.Exit(1) from error


def tell(report: "Report", files: "tuple[Path | None, Path | None, Path | None]", *, as_json: bool) -> None:
    """Write a report in the forms asked for; without a file as Markdown, or JSON, to stdout.

    Args:
        report: to show.
        files: for Markdown, HTML and PDF; None of each not asked for.
        as_json: JSON to stdout, besides any files.
    """
    from holdfast.reports.data import data
    from holdfast.reports.markdown import markdown

    as_markdown, as_html, as_pdf = files
    if as_json:
        typer.echo(orjson.dumps(data(report)))
    elif files == (None, None, None):
        typer.echo(markdown(report), nl=False)
    if as_markdown is not None:
        write(as_markdown, markdown(report).encode())
    with extras():
        for path, form in ((as_html, html_bytes), (as_pdf, pdf_bytes)):
            if path is not None:
                write(path, form(report))


def html_bytes(report: "Report") -> bytes:
    """Return a report as an HTML file."""
    from holdfast.drawing import svg
    from holdfast.reports.html import html

    return html(report, svg).encode()


def pdf_bytes(report: "Report") -> bytes:
    """Return a report as a PDF file."""
    from holdfast.drawing import svg
    from holdfast.reports.pdf import pdf

    return pdf(report, svg)


FORMS: "dict[str, Callable[[Report], bytes]]" = {"html": html_bytes, "pdf": pdf_bytes}
"""By the ending of the file; those that need the extra."""


def write(path: Path, body: bytes) -> None:
    """Write a file, and say so on stderr; a fault ends the command."""
    try:
        path.write_bytes(body)
    except OSError as error:
        typer.echo(f"{path} can't be written: {error}; name a file in a directory that is there", err=True)
        raise typer.Exit(1) from error
    typer.echo(f"written: {path}", err=True)
