"""``holdfast explain``: the story of one verdict, from files or from the index. IO: files, Elasticsearch, Kafka."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from holdfast.commands._options import (
    AsOf,
    Decisions,
    FeedId,
    FeedTimezone,
    KnownAt,
    PayloadsFormat,
    PayloadsOf,
    PublishedDocuments,
    ReceivedAt,
)

if TYPE_CHECKING:
    from holdfast.commands._asking import Sources
    from holdfast.explaining import Explanation
    from holdfast.measuring import Question


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("explain")(explain)


def explain(
    clock: Annotated[
        str,
        typer.Argument(
            metavar="CLOCK",
            help="Clock id as in the index, or INCIDENT/objective/basis/ordinal; the last two may be left out.",
        ),
    ],
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PATH", help="Files, directories, or - for stdin; none: ask the index."),
    ] = None,
    documents: PublishedDocuments = None,
    provider: PayloadsOf = None,
    format_name: PayloadsFormat = None,
    feed: FeedId = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    feed_timezone: FeedTimezone = None,
    received_at: ReceivedAt = None,
    decisions: Decisions = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Tell the story of one verdict: whose word it rests on, what counted, what did not, and by which clause.

    With payload files it is computed from them; --documents, --provider and --format are needed then. Without any it
    is computed from the notices in Elasticsearch.
    """
    from holdfast.commands._asking import Sources, tell_problems, usage_errors
    from holdfast.commands._payloads import documents_in, existing, format_option, instant_option, zone_option
    from holdfast.measuring import Question
    from holdfast.settings import load

    at, known = instant_option(as_of) or load().clock.now(), instant_option(known_at)
    if not paths:
        _show(_indexed(clock, documents, at, known), as_json=json)
        return
    if documents is None or provider is None or format_name is None:
        raise typer.BadParameter("payload files need --documents, --provider and --format")
    existing([*paths, *(decisions or ())])
    question = Question(
        provider=provider,
        format=format_option(format_name),
        as_of=at,
        feed=feed,
        zone=zone_option(feed_timezone),
        known_at=known,
        documents=documents_in(documents),
    )
    with usage_errors():
        told, problems = _read(clock, question, Sources(paths, decisions or (), instant_option(received_at)))
    _show(told, as_json=json)
    tell_problems(problems)
    if problems:
        raise typer.Exit(1)


def _read(clock: str, question: "Question", sources: "Sources") -> "tuple[Explanation, tuple[str, ...]]":
    """Explain a clock of payloads.

    Raises:
        UnknownClockError: if none is meant, or more than one.
        UnknownNameError: if the question names what is not there.
    """
    from holdfast.commands._asking import gathered
    from holdfast.explaining import ClockName, UnknownClockError, explain, find
    from holdfast.measuring import judge
    from models.case import clock_name

    history = gathered(question, sources)
    measured = {
        name: one
        for one in judge(question, history).clocks
        for name in [ClockName(one.incident_id, one.source_incident_id, clock_name(one.reading))]
    }
    name = find(list(measured), clock)
    notices = history.about(name.incident_id)
    told = explain(name, notices, measured[name].contract, question.documents, question.as_of)
    if told is None:
        raise UnknownClockError(f"the notices of {name.path} give no such clock")
    return told, history.problems


def _indexed(clock: str, directory: Path | None, as_of: datetime, known_at: datetime | None) -> "Explanation":
    """Explain a clock of the index; what can't be had ends the command with the next step on stderr."""
    from board.store import AmbiguousIncidentError, Store, StoreError, UnknownIncidentError
    from holdfast import kafka, search
    from holdfast.commands._asking import usage_errors
    from holdfast.commands._payloads import documents_in
    from holdfast.explaining_index import explain_indexed
    from holdfast.settings import load

    settings = load()
    try:
        documents = documents_in(directory) if directory is not None else kafka.read_documents(settings)
        with usage_errors(), search.client(settings) as client:
            return explain_indexed(clock, Store(client, kafka.names(settings)), documents, as_of, known_at)
    except (StoreError, kafka.KafkaUnreachableError) as error:
        typer.echo(
            f"{error}; looked at {settings.elasticsearch}\n"
            "Next step: `holdfast up` starts servers on this machine; with payload files none are needed",
            err=True,
        )
        raise typer.Exit(1) from error
    except (UnknownIncidentError, AmbiguousIncidentError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error


def _show(told: "Explanation", *, as_json: bool) -> None:
    if as_json:
        typer.echo(orjson.dumps(told.line()))
        return
    from rich.text import Text

    from holdfast.commands._asking import console
    from holdfast.narrating import narrate

    out = console()
    reading, clock = told.story.reading, told.clock
    out.print(Text(printable(told.title or clock.source_incident_id), style="bold"))
    out.print(
        Text(
            f"{clock.path} · {told.subject.provider} {', '.join(told.subject.services)} · as of"
            f" {told.as_of:%Y-%m-%d %H:%M} · times UTC · clock id {clock.id}"
        ),
        soft_wrap=True,
    )
    for section in narrate(told):
        out.print(Text(f"\n{section.heading}", style=_style(reading.verdict.value, section.heading)))
        for line in section.lines:
            out.print(Text(f"  {printable(line)}"))


def _style(verdict: str, heading: str) -> str:
    if heading != "Verdict":
        return "bold"
    return {"met": "bold green", "breached": "bold red", "overdue": "bold red"}.get(verdict, "bold yellow")


def printable(text: str) -> str:
    """Return text without control characters: a provider's words are no commands to a terminal."""
    return "".join(character if character.isprintable() else " " for character in text)
