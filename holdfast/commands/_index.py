"""What commands about the index share: the store, the documents, how faults end. IO: Elasticsearch, Kafka."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from holdfast.reports.reading import ReportStore
    from holdfast.settings import Settings
    from models.communication import Communication
    from models.documents import Documents
    from models.raw import RawPayload


@dataclass(frozen=True)
class Reading:
    """What a command reads from."""

    settings: "Settings"
    store: "ReportStore"
    documents: "Documents"


@contextmanager
def reading(directory: Path | None) -> Iterator[Reading]:
    """Yield the index and the documents; what can't be had, or is not there, ends the command with the next step.

    Args:
        directory: of documents; None reads those that were published with ``holdfast apply``.
    """
    from board.reviewing import UnknownReviewError
    from board.store import AmbiguousIncidentError, StoreError, UnknownIncidentError
    from holdfast import kafka, search
    from holdfast.commands._payloads import documents_in
    from holdfast.reports.reading import ReportStore
    from holdfast.reports.record import UnknownThenError
    from holdfast.settings import load
    from models.meetings import MeetingError

    settings = load()
    try:
        documents = documents_in(directory) if directory is not None else kafka.read_documents(settings)
        with search.client(settings) as client:
            yield Reading(settings, ReportStore(client, kafka.names(settings)), documents)
    except StoreError as error:
        typer.echo(
            f"{error}; looked at {settings.elasticsearch}\n"
            "Next step: `holdfast up` starts one on this machine; HOLDFAST_ELASTICSEARCH names another",
            err=True,
        )
        raise typer.Exit(1) from error
    except kafka.KafkaUnreachableError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    except (
        UnknownReviewError, MeetingError, UnknownIncidentError, AmbiguousIncidentError, UnknownThenError,
    ) as error:  # fmt: skip
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error


def put_on_record(settings: "Settings", told: "Communication") -> None:
    """Send a contact into the stream, and wait until the broker has it; a fault ends the command."""
    from models.meetings import as_payload

    send_raw(settings, as_payload(told))


def send_raw(settings: "Settings", payload: "RawPayload") -> None:
    """Send what somebody said into the stream, and wait until the broker has it; a fault ends the command."""
    from kafka.errors import KafkaError

    from holdfast import kafka
    from models.topics import Stream

    try:
        kafka.ensure_topics(settings)
        with kafka.Publisher(settings) as publisher:
            publisher.send(Stream.RAW, payload.feed, payload.to_wire())
    except (kafka.KafkaUnreachableError, KafkaError) as error:
        typer.echo(f"{error}\nnothing may be on record: run the same command again (it is safe with --at)", err=True)
        raise typer.Exit(1) from error
