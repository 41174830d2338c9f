"""``holdfast handoff``: what whoever takes over a shift has to know. IO: Elasticsearch, Kafka."""

from typing import Annotated

import orjson
import typer

from holdfast.commands._options import AsOf, Json
from holdfast.commands.reviews import DocumentsDirectory, Markdown


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("handoff")(handoff)


def handoff(
    since: Annotated[str, typer.Option(help="How long ago the shift began, such as 8h or 30m.")] = "8h",
    rota: Annotated[
        list[str] | None, typer.Option(help="Rota whose turns are told; more than once; default: all.")
    ] = None,
    documents: DocumentsDirectory = None,
    as_of: AsOf = None,
    as_json: Json = False,
    as_markdown: Markdown = False,
) -> None:
    """Sum up a shift: what is open, what falls due next, who did not answer, what was said, and who has duty."""
    from board.reviewing import handed_over
    from holdfast.commands._index import reading
    from holdfast.commands._payloads import instant_option
    from models.handoff import Shift
    from models.summing_up import handoff_sections, markdown, plain

    with reading(documents) as read:
        try:
            shift = Shift.ending(instant_option(as_of) or read.settings.clock.now(), since)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error
        told = handed_over(read.store, read.documents, shift, rota or None)
    if as_json:
        typer.echo(orjson.dumps(told.line()))
        return
    title = f"Shift handoff, {shift.since:%Y-%m-%d %H:%M} to {shift.as_of:%Y-%m-%d %H:%M} UTC"
    typer.echo((markdown if as_markdown else plain)(title, handoff_sections(told)), nl=False)
