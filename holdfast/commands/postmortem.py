"""``holdfast postmortem``: the blameless report of one incident. IO: Elasticsearch, Kafka; writes files."""

from typing import Annotated

import typer

from holdfast.commands._options import Json, PublishedDocuments
from holdfast.commands._reports import HtmlFile, MarkdownFile, PdfFile


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("postmortem")(postmortem)


def postmortem(
    incident: Annotated[str, typer.Argument(metavar="INCIDENT", help="Incident id, or a unique beginning of it.")],
    markdown: MarkdownFile = None,
    html: HtmlFile = None,
    pdf: PdfFile = None,
    as_of: Annotated[
        str | None,
        typer.Option(help="Only what was known by then, clocks read anew (RFC 3339); default: all, as of now."),
    ] = None,
    documents: PublishedDocuments = None,
    as_json: Json = False,
) -> None:
    """Tell what happened in an incident, blameless: claims beside what was seen, clocks, pages, decisions, cost.

    Without a file it goes to stdout as Markdown. HTML and PDF need the extra ``charts``. With --as-of the same record
    gives the same bytes.
    """
    from holdfast.commands._index import reading
    from holdfast.commands._payloads import instant_option
    from holdfast.commands._reports import tell
    from holdfast.reports.postmortem import postmortem as report_of
    from holdfast.reports.reading import record_at, record_of

    then = instant_option(as_of)
    with reading(documents) as read:
        found = read.store.resolve(incident)
        if then is None:
            record = record_of(read.store, read.documents, found, read.settings.clock.now())
        else:
            record = record_at(read.store, read.documents, found, then)
    tell(report_of(record, read.settings.public_url), (markdown, html, pdf), as_json=as_json)
