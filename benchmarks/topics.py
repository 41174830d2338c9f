"""Writes records as the feeds and the normaliser do, and reads the pages as they come. IO: Kafka."""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from holdfast import kafka
from holdfast.clock import Clock
from holdfast.settings import Settings
from models.documents import Documents, document_key, to_wire
from models.notice import Notice
from models.paging import Page
from models.raw import RawPayload
from models.topics import HEADER_TYPE, Headers, Stream, document_headers
from streams.config import changelogs


def clock_before(instant: datetime) -> str:
    """Return the setting of a clock that runs at its usual pace and stands a day before an instant now."""
    day = 86_400.0
    return Clock(time.time(), datetime.fromtimestamp(instant.timestamp() - day, UTC)).to_text()


def prepare(settings: Settings, documents: Documents) -> None:
    """Create the changelogs and publish the documents, as ``holdfast apply`` does."""
    kafka.ensure_topics(settings, changelogs(kafka.names(settings)))
    with kafka.Publisher(settings) as publisher:
        for document in documents:
            publisher.send(Stream.DOCUMENTS, document_key(document), to_wire(document))


def ledger_headers(notice: Notice) -> Headers:
    """Return the headers of a notice on the ledger."""
    return [*document_headers(notice.notice_id, month=f"{notice.order_at:%Y-%m}"), (HEADER_TYPE, b"notice")]


class Writer:
    """Writes notices to the ledger, stamped with their own time, and payloads to the raw topic."""

    def __init__(self, settings: Settings) -> None:
        self._names = kafka.names(settings)
        self._producer = KafkaProducer(**kafka.options(settings), linger_ms=1, max_request_size=kafka.MAX_RECORD_BYTES)

    def __enter__(self) -> Self:
        """Return self."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Wait until everything is written."""
        self._producer.close()

    def notices(self, notices: Iterable[Notice]) -> None:
        """Write notices and wait until the broker has them."""
        topic = self._names.topic(Stream.LEDGER)
        futures = [
            self._producer.send(
                topic,
                key=(one.provider or "").encode(),
                value=one.to_wire(),
                headers=ledger_headers(one),
                timestamp_ms=int(one.received_at.timestamp() * 1000),
            )
            for one in notices
        ]
        for future in futures:
            future.get(timeout=60)

    def payloads(self, payloads: Iterable[RawPayload]) -> None:
        """Write payloads and wait until the broker has them."""
        topic = self._names.topic(Stream.RAW)
        futures = [self._producer.send(topic, key=one.feed.encode(), value=one.to_wire()) for one in payloads]
        for future in futures:
            future.get(timeout=60)


@dataclass(frozen=True, slots=True)
class Seen:
    """A page as an independent reader saw it."""

    page: Page
    received_s: float
    """Epoch seconds at which the reader had the record."""

    @property
    def late_ms(self) -> float:
        """Milliseconds from the due instant until the reader had the page."""
        return (self.received_s - self.page.due_at.timestamp()) * 1000

    @property
    def issued_late_ms(self) -> float:
        """Milliseconds from the due instant until the ledger's stamp on the wake that issued it."""
        return (self.page.issued_at - self.page.due_at).total_seconds() * 1000


class PageReader:
    """Reads the pages from now on in a thread of its own; of copies the first counts. Use as a context manager."""

    def __init__(self, settings: Settings) -> None:
        topic = kafka.names(settings).topic(Stream.PAGES)
        self._consumer = KafkaConsumer(
            **kafka.options(settings), group_id=None, enable_auto_commit=False, fetch_max_wait_ms=100
        )
        parts = [TopicPartition(topic, number) for number in self._consumer.partitions_for_topic(topic) or ()]
        self._consumer.assign(parts)
        self._consumer.seek_to_end(*parts)
        for part in parts:
            self._consumer.position(part)
        self._found: list[tuple[float, bytes]] = []
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._read, name="pages", daemon=True)

    def __enter__(self) -> Self:
        """Begin to read."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop reading."""
        self._done.set()
        self._thread.join()
        self._consumer.close()

    def _read(self) -> None:
        while not self._done.is_set():
            batches: dict[Any, list[Any]] = self._consumer.poll(timeout_ms=50)
            now = time.time()
            self._found += [(now, record.value) for records in batches.values() for record in records]

    def seen(self) -> list[Seen]:
        """Return the pages so far, in the order in which they came."""
        first: dict[str, Seen] = {}
        for received_s, value in list(self._found):
            page = Page.from_wire(value)
            first.setdefault(page.page_id, Seen(page, received_s))
        return list(first.values())

    def wait_for(self, count: int, timeout_s: float, beside: Callable[[], object] = lambda: None) -> list[Seen]:
        """Wait for so many pages.

        Args:
            count: how many.
            timeout_s: at most so long.
            beside: called every half second meanwhile.

        Raises:
            RuntimeError: if they do not come in time: a page is missing, so the figures would be false.
        """
        ends = time.monotonic() + timeout_s
        while len(found := self.seen()) < count:
            if time.monotonic() > ends:
                raise RuntimeError(f"{len(found)} of {count} pages came in {timeout_s:.0f} s")
            beside()
            time.sleep(0.5)
        return found
