"""``holdfast ask`` and ``holdfast search``: questions of the record, and free filters. IO: Elasticsearch, Kafka."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

from models.cells import cell_text, column_title, held_columns, plain_text

if TYPE_CHECKING:
    from dashboards.questions import Questions
    from dashboards.questions.asking import Search
    from models.questions import Answer, QuestionDescription

EVIDENCE_SHOWN = 50
"""Documents that a table lists; ``--json`` has all that the answer names."""
Json = Annotated[bool, typer.Option("--json", help="One row a line, as a JSON object.")]
Limit = Annotated[int, typer.Option(min=1, max=1000, help="Documents at most.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("ask")(ask)
    app.command("search")(search)


def ask(
    question: Annotated[str | None, typer.Argument(help="Its name; left out, all are listed.")] = None,
    inputs: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME=VALUE...", help="What it asks for; a bare value is that of its first input."),
    ] = None,
    documents: Annotated[
        Path | None,
        typer.Option(exists=True, help="Directory of agreements and providers; default: those in force."),
    ] = None,
    json: Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Rows as CSV, columns first.")] = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Rows as Markdown; of the list, its reference page.")
    ] = False,
    evidence: Annotated[bool, typer.Option("--evidence", help="List the documents that the answer rests on.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Show the searches that it took.")] = False,
) -> None:
    """Ask the record: what was said by when, who reacted, what ran out, how it compares, what it costs.

    Without a question all are listed, with what they ask for.
    """
    if question is None:
        _list(json=json, markdown=markdown)
        return
    with asking(documents) as library:
        answer, searches = library.traced(question, _given(library.descriptions(), question, inputs or []))
    if as_csv:
        typer.echo(_csv(answer), nl=False)
    elif json:
        _print_lines(answer)
    elif markdown:
        _print_markdown(answer)
    else:
        _print(answer)
    _tell_note(answer)
    if evidence:
        _print_evidence(answer, err=json or as_csv)
    if explain:
        _print_searches(searches)


def search(
    kind: Annotated[str, typer.Argument(help="Kind of document, such as notices, incidents or clocks.")],
    wanted: Annotated[
        str, typer.Argument(metavar="FILTER", help="KQL, such as 'priority : P1 and not phase : *'.")
    ] = "",
    limit: Limit = 100,
    sort: Annotated[str, typer.Option(help="Field to order by; -FIELD downwards.")] = "-@timestamp",
    json: Json = False,
) -> None:
    """Search documents by a filter in KQL: what the filter language knows is in docs/reference/filters.md."""
    given = {"kind": kind, "filter": wanted, "limit": str(limit), "sort": sort}
    with asking(None) as library:
        answer = library.ask("search", given)
    if json:
        for _, document in answer.rows:
            typer.echo(orjson.dumps(document))
    else:
        for document_id, document in answer.rows:
            typer.echo(f"{document_id}  {_shown(document)}")
    _tell_note(answer)


def _shown(document: Mapping[str, Any]) -> str:
    """Return a document on one line: its fields that hold something."""
    from holdfast.commands._tables import printable

    held = {name: value for name, value in document.items() if value not in (None, [], "") and name != "schema_version"}
    return printable("  ".join(f"{name}={plain_text(value)}" for name, value in held.items()))


@contextmanager
def asking(documents: Path | None) -> Iterator["Questions"]:
    """Yield the questions, ready to be asked; what can't be answered ends the command with the next step.

    Args:
        documents: directory of documents; None reads those in force, once a question needs them.
    """
    from dashboards.questions import QUESTIONS, Questions
    from holdfast import kafka, search
    from holdfast.commands._payloads import documents_in
    from holdfast.reader import SearchReader
    from holdfast.settings import load
    from models.questions import QuestionError

    settings = load()
    known = (lambda: documents_in(documents)) if documents is not None else (lambda: kafka.read_documents(settings))
    try:
        with search.client(settings) as client:
            reader = SearchReader(client, kafka.names(settings), settings.elasticsearch)
            yield Questions(QUESTIONS, reader, known, settings.clock.now)
    except QuestionError as error:
        typer.echo(f"{error}\nNext step: `holdfast ask` lists every question and what it asks for", err=True)
        raise typer.Exit(2) from error
    except kafka.KafkaUnreachableError as error:
        typer.echo(f"{error}\nNext step: give the documents with --documents DIR", err=True)
        raise typer.Exit(1) from error
    except OSError as error:
        typer.echo(
            f"{error}\nNext step: `holdfast up` starts one on this machine; HOLDFAST_ELASTICSEARCH names another",
            err=True,
        )
        raise typer.Exit(1) from error


def _given(descriptions: "Sequence[QuestionDescription]", question: str, written: Sequence[str]) -> dict[str, str]:
    """Return inputs by name; a bare value is that of the question's first input."""
    wanted = next((one.inputs for one in descriptions if one.name == question), ())
    names = {one.name for one in wanted}
    given: dict[str, str] = {}
    for text in written:
        name, sign, value = text.partition("=")
        if sign and (name in names or name.isidentifier()):
            given[name] = value
        elif wanted and wanted[0].name not in given:
            given[wanted[0].name] = text
        else:
            raise typer.BadParameter(f"{text!r}: inputs are written NAME=VALUE")
    return given


def _list(*, json: bool, markdown: bool) -> None:
    from dashboards.questions import QUESTIONS
    from dashboards.questions.page import page
    from holdfast.commands._tables import row, show, table

    if markdown:
        typer.echo(page(QUESTIONS), nl=False)
        return
    if json:
        for one in QUESTIONS:
            typer.echo(orjson.dumps(one.description))
        return
    listed = table("Questions", "name", "inputs", "question")
    for one in QUESTIONS:
        described = one.description
        inputs = (each.name if each.required else f"[{each.name}]" for each in described.inputs)
        row(listed, described.name, " ".join(inputs), described.title)
    show(listed)
    typer.echo("holdfast ask NAME NAME=VALUE ...; inputs in brackets may be left out", err=True)


def _print_lines(answer: "Answer") -> None:
    names = [column.name for column in answer.columns]
    for cells in answer.rows:
        typer.echo(orjson.dumps(dict(zip(names, cells, strict=True))))


def _print_markdown(answer: "Answer") -> None:
    """Print the rows as a table of Markdown; what providers wrote can't break out of its cell."""
    from holdfast.commands._tables import printable

    lines = [list(map(column_title, answer.columns)), ["---"] * len(answer.columns)]
    lines += [[cell_text(*each) for each in zip(cells, answer.columns, strict=True)] for cells in answer.rows]
    for cells in lines:
        kept = (printable(one).replace("|", "\\|").replace("\n", " ") for one in cells)
        typer.echo(f"| {' | '.join(kept)} |")


def _csv(answer: "Answer") -> str:
    """Return the rows as CSV (RFC 4180): the unit stands in the column's name, a list is joined by semicolons."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(column_title(column) for column in answer.columns)
    writer.writerows([_plain(cell) for cell in cells] for cells in answer.rows)
    return text.getvalue()


def _plain(cell: Any) -> Any:
    return "; ".join(str(one) for one in cell) if isinstance(cell, list) else cell


def _print(answer: "Answer") -> None:
    """Print a table; columns that are empty in every row are left out, and what is wide is told row by row."""
    from holdfast.commands._tables import printable, row, show, table

    asked = ", ".join(f"{name}={value}" for name, value in answer.inputs.items())
    title = f"{answer.question} ({asked})" if asked else answer.question
    held = held_columns(answer)
    rows = [[cell_text(cells[place], answer.columns[place]) for place in held] for cells in answer.rows]
    names = [column_title(answer.columns[place]) for place in held]
    if sum(max(map(len, column)) + 2 for column in zip(names, *rows, strict=True)) <= _width():
        listed = table(title, *names)
        for cells in rows:
            row(listed, *cells)
        show(listed)
    else:
        typer.echo(printable(title))
        for number, cells in enumerate(rows, 1):
            typer.echo(f"{number}.")
            for name, cell in zip(names, cells, strict=True):
                typer.echo(printable(f"   {name:<{max(map(len, names))}}  {cell}"))


def _width() -> int:
    from holdfast.commands._asking import console

    return console().width


def _tell_note(answer: "Answer") -> None:
    if answer.note is not None:
        typer.echo(answer.note, err=True)


def _print_evidence(answer: "Answer", *, err: bool) -> None:
    typer.echo(f"evidence: {answer.total} documents", err=err)
    for one in answer.evidence[:EVIDENCE_SHOWN]:
        typer.echo(f"  {one.index}/{one.document_id}", err=err)
    if answer.total > EVIDENCE_SHOWN:
        typer.echo(f"  and {answer.total - min(EVIDENCE_SHOWN, len(answer.evidence))} more", err=err)


def _print_searches(searches: "Sequence[Search]") -> None:
    """Show each search as it can be sent again, on stderr: rows stay alone on stdout."""
    for one in searches:
        typer.echo(f"GET {one.index}/_search", err=True)
        typer.echo(orjson.dumps(one.body, option=orjson.OPT_INDENT_2), err=True)
