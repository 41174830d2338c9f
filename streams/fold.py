"""Folds ledger records into books, batch by batch; a record that can't be folded is set aside. No I/O.

The books live in memory and are stored as rows; what is in memory is always what the rows and the records since say, so
after any doubt the rows are read again.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from models.book import Book, Entry, UnknownIncidentError
from models.decision import Decision
from models.document import Document
from models.documents import Documents
from models.instants import format_instant, parse_instant
from models.notice import Kind, Notice
from models.paging import Page
from models.shelf import books, rows
from models.telling import Terms
from models.topics import HEADER_TYPE, Stream, document_headers
from streams.batch import Out, Put
from streams.config import StreamConfig
from streams.heap import Case
from streams.normalise import dead_letter_out, record_letter, stamp_of

log = logging.getLogger("holdfast.worker")

STREAM_OF = {
    "IncidentDocument": Stream.INCIDENTS,
    "ClockDocument": Stream.CLOCKS,
    "PlanDocument": Stream.PLANS,
    "Page": Stream.PAGES,
}


def wake_value(case: Case, due: datetime) -> bytes:
    """Return the ledger record that says that an instant fell due."""
    provider, incident_id = case
    return orjson.dumps({"provider": provider, "incident_id": incident_id, "due_at": format_instant(due)})


@dataclass(frozen=True, slots=True)
class Folded:
    """What a batch gives."""

    outs: list[Out]
    puts: list[Put]
    armed: list[tuple[Case, datetime | None]]
    """Touched incidents with their next due instants."""
    reasons: list[str]
    """Of records set aside."""


class _PoisonError(Exception):
    """A record made the fold raise: the books in memory may be half changed."""

    def __init__(self, message: Any, cause: Exception) -> None:
        super().__init__(repr(cause))
        self.place = (message.partition, message.offset)


class Folder:
    """The books of the partitions that this worker has."""

    def __init__(self, config: StreamConfig) -> None:
        self._config = config
        self._books: dict[int, dict[str, Book]] = {}

    def rebuild(self, stored: Mapping[bytes, bytes], partition_of: Mapping[bytes, int]) -> list[tuple[Case, datetime]]:
        """Read all books from their rows; return every instant that is waited for."""
        shelves: dict[int, list[tuple[bytes, bytes]]] = {}
        for key, value in stored.items():
            shelves.setdefault(partition_of.get(key, 0), []).append((key, value))
        self._books = {partition: books(shelf) for partition, shelf in shelves.items()}
        return [
            ((book.provider, name), case.wake_at)
            for shelf in self._books.values()
            for book in shelf.values()
            for name, case in book.cases.items()
            if case.wake_at is not None
        ]

    def fold(
        self,
        messages: Sequence[Any],
        documents: Documents,
        stored: Mapping[bytes, bytes],
        partition_of: Mapping[bytes, int],
    ) -> Folded:
        """Fold a batch.

        Args:
            messages: ledger records, in offset order per partition.
            documents: in force.
            stored: the rows as they were before the batch: what is read again when a record breaks the fold.
            partition_of: of each row.
        """
        terms = Terms(documents, self._config.late_after)
        poison: dict[tuple[int, int], str] = {}
        while True:
            try:
                return self._fold(messages, terms, poison)
            except _PoisonError as error:
                log.exception("ledger record %s breaks the fold, set aside", error.place)
                poison[error.place] = str(error)
                self.rebuild(stored, partition_of)

    def _fold(self, messages: Sequence[Any], terms: Terms, poison: Mapping[tuple[int, int], str]) -> Folded:
        outs: list[Out] = []
        reasons: list[str] = []
        for message in messages:
            broken = poison.get((message.partition, message.offset))
            reason = ("fold_failed", broken) if broken else None
            if reason is None:
                try:
                    outs += [self._out(document) for document in self._apply(message, terms)]
                except _UnreadableError as error:
                    reason = ("not_a_ledger_record", str(error))
                except Exception as error:  # the fold is pure: what it raises is the record's doing
                    raise _PoisonError(message, error) from error
            if reason is not None:
                outs.append(dead_letter_out(self._config, record_letter(self._config, message, "track", *reason)))
                reasons.append(reason[0])
        touched = [(partition, book) for partition, shelf in self._books.items() for book in shelf.values()]
        armed = [
            ((book.provider, name), book.cases[name].wake_at) for _, book in touched for name in book.changed_cases
        ]
        puts = [Put(partition, *row) for partition, book in touched for row in rows(book)]
        return Folded(outs, puts, armed, reasons)

    def _apply(self, message: Any, terms: Terms) -> Iterable[Document]:
        """Apply one record to its provider's book."""
        entry = Entry(message.offset, stamp_of(message))
        kind = dict(message.headers or ()).get(HEADER_TYPE, b"notice")
        if kind == b"wake":
            provider, incident_id, due = _wake_of(message.value)
            return self._book(message.partition, provider).wake(incident_id, due, entry, terms)
        if kind == b"decision":
            return self._decide(message, entry, terms)
        try:
            notice = Notice.from_wire(message.value)
        except (ValueError, TypeError, AttributeError) as error:
            raise _UnreadableError(str(error)) from error
        if notice.kind is Kind.HAZARD:
            return ()  # of no provider: whom it exposes is told to them in notices of their own
        if not notice.provider:
            raise _UnreadableError("a notice without provider")
        return self._book(message.partition, notice.provider).apply(notice, entry, terms)

    def _decide(self, message: Any, entry: Entry, terms: Terms) -> Iterable[Document]:
        """Apply what a person decided about a ladder."""
        try:
            decision = Decision.from_wire(message.value)
            return self._book(message.partition, decision.provider).decide(decision, entry, terms)
        except (ValueError, TypeError, AttributeError) as error:
            raise _UnreadableError(str(error)) from error
        except UnknownIncidentError as error:
            raise _UnreadableError(str(error)) from error

    def _book(self, partition: int, provider: str) -> Book:
        shelf = self._books.setdefault(partition, {})
        return shelf.setdefault(provider, Book(provider))

    def _out(self, document: Document) -> Out:
        stream = STREAM_OF[type(document).__name__]
        month = f"{document.occurred_at():%Y-%m}" if isinstance(document, Page) else None
        headers = document_headers(document.document_id(), version=document.document_version(), month=month)
        provider: str = document.provider  # type: ignore[attr-defined]  # every document of STREAM_OF has one
        return Out(
            self._config.names.topic(stream),
            (document.postbox if isinstance(document, Page) else provider).encode(),
            document.to_wire(),
            headers,
            self._config.clock.now().timestamp(),
        )


class _UnreadableError(ValueError):
    """The bytes are no record of the ledger."""


def _wake_of(value: bytes) -> tuple[str, str, datetime]:
    try:
        content = orjson.loads(value)
        return content["provider"], content["incident_id"], parse_instant(content["due_at"])
    except (ValueError, KeyError, TypeError) as error:
        raise _UnreadableError(f"not a wake: {error}") from error
