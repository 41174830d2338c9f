"""A made-up history as records of the topics, with the headers that services write. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from holdfast.sample.history import History
from holdfast.sample.telling import told
from holdfast.sample.weather import storms
from models.communication import Communication
from models.document import Document
from models.instants import format_instant
from models.notice import Notice
from models.paging import Delivery, Page, PlanDocument
from models.raw import DeadLetter
from models.records import ClockDocument, IncidentDocument
from models.topics import HEADER_TYPE, Headers, Stream, document_headers

STREAMS: dict[type[Document], Stream] = {
    Notice: Stream.LEDGER,
    IncidentDocument: Stream.INCIDENTS,
    ClockDocument: Stream.CLOCKS,
    PlanDocument: Stream.PLANS,
    Page: Stream.PAGES,
    Delivery: Stream.DELIVERIES,
    Communication: Stream.COMMUNICATIONS,
    DeadLetter: Stream.DEAD_LETTERS,
}


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a topic."""

    stream: Stream
    key: str
    document_id: str
    version: int | None
    month: str
    value: bytes

    @classmethod
    def of(cls, document: Document) -> "Record":
        """Return the record of a document."""
        month = format_instant(document.occurred_at())[:7]
        return cls(
            STREAMS[type(document)],
            _key(document),
            document.document_id(),
            document.document_version(),
            month,
            document.to_wire(),
        )

    def headers(self) -> Headers:
        """Return the record's headers."""
        month = None if self.version is not None else self.month
        own = document_headers(self.document_id, version=self.version, month=month)
        return [*own, (HEADER_TYPE, b"notice")] if self.stream is Stream.LEDGER else own


def records(history: History, provider: str) -> Iterator[Record]:
    """Yield the notices of one provider, and then all that is told of it."""
    for month in range(history.shape.months):
        yield from map(Record.of, history.of_month(provider, month))
    yield from map(Record.of, told(history, providers=(provider,)))


def hazard_records(history: History) -> Iterator[Record]:
    """Yield the notices of storms, which belong to no provider."""
    for month in range(history.shape.months):
        yield from (Record.of(one) for hazard in storms(history.shape, month) for one in hazard)


def _key(document: Document) -> str:
    """Return the record's key, as ``models.topics`` tells it."""
    if isinstance(document, Page):
        return document.postbox
    if isinstance(document, Delivery):
        theirs = document.recipient.startswith(f"{document.provider}-")
        return f"{document.provider}/{document.recipient}" if theirs else document.recipient
    if isinstance(document, DeadLetter):
        return document.feed or "-"
    if isinstance(document, Notice):
        return document.provider or document.source
    provider: str = getattr(document, "provider", "-")
    return provider
