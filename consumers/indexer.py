"""The indexer: a consumer group that brings every document on the topics into Elasticsearch. IO: Kafka, Elasticsearch.

The order is the guarantee: poll, write until each document is stored or has a dead letter that the broker has
acknowledged, then commit the offsets. A crash anywhere before the commit writes the same documents again, under the
same ids and versions, which changes nothing.

Two batches are written at once, so that neither side waits for the other, and one while templates are not known to be
there; versions, not order, decide which revision stays, and offsets are committed in the order in which batches were
fetched. While Elasticsearch is in trouble the partitions are paused and polling goes on, so the group neither fetches
more nor takes this consumer for dead. A partition that is taken away meanwhile takes its half-written records with it.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any

from elasticsearch import Elasticsearch
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.consumer.subscription_state import AsyncConsumerRebalanceListener
from kafka.errors import CommitFailedError, IllegalStateError, KafkaError
from kafka.structs import OffsetAndMetadata

from consumers.backoff import Backoff
from consumers.bulk import Addresses, Operation, Refusal
from consumers.kafka_options import assert_fast_checksums, consumer_options, producer_options
from consumers.letters import headers_of, letter_for
from consumers.metrics import IndexerMetrics
from consumers.writer import PAUSES, BulkWriter
from models.heartbeat import Figures
from models.topics import Names, Stream

log = logging.getLogger("holdfast.index")

GROUP = "indexer"
POLL_MS = 500
MAX_POLL_RECORDS = 4000
FLIGHTS = 2
"""Batches written at once: while Elasticsearch works on one, the next is fetched and put together."""
PATIENCE_S = 5.0
"""A batch that is not written after so long is taken for trouble: the partitions are paused."""
HOLD_POLL_MS = 50
LETTER_TIMEOUT_S = 120
"""Above the producer's own delivery timeout, which then names the cause."""
Offsets = dict[TopicPartition, int]


class StoppedError(Exception):
    """Asked to end while work was under way; what is not committed is done again by the next indexer."""


@dataclass(frozen=True)
class Connections:
    """What an indexer works with.

    Attributes:
        kafka: connection options of kafka-python clients.
        names: of the installation.
        elasticsearch: client with ``max_retries=0``.
        prepare: puts the index templates; safe to repeat.
    """

    kafka: Mapping[str, Any]
    names: Names
    elasticsearch: Elasticsearch
    prepare: Callable[[], None]


@dataclass(eq=False)
class Flight:
    """One batch on its way into the index."""

    batch: Mapping[TopicPartition, list[Any]]
    written: "Future[list[Refusal]]"
    refused: list[Refusal]
    """What was refused before it was sent."""
    taken: set[TopicPartition] = field(default_factory=set)
    """Partitions that went away since it was fetched."""
    started: float = field(default_factory=time.monotonic)


class Indexer:
    """One member of the indexing group."""

    def __init__(
        self,
        connections: Connections,
        metrics: IndexerMetrics | None = None,
        on_progress: Callable[[int], None] = lambda _: None,
        pauses: Backoff = PAUSES,
    ) -> None:
        """Connect to Kafka and join no group yet.

        Args:
            connections: see there.
            metrics: where to count; a registry of its own if None.
            on_progress: called with the number of records finished by each batch.
            pauses: while Elasticsearch is in trouble.

        Raises:
            KafkaError: if no broker answers.
        """
        assert_fast_checksums()
        names = connections.names
        self._metrics = metrics or IndexerMetrics()
        self._addresses = Addresses(names)
        self._letters_topic = names.topic(Stream.DEAD_LETTERS)
        self._on_progress = on_progress
        self._stopping = threading.Event()
        self._flights: deque[Flight] = deque()
        self._ready = threading.Event()
        self._writers = deque(
            BulkWriter(connections.elasticsearch, connections.prepare, self._rest, pauses, self._ready)
            for _ in range(FLIGHTS)
        )
        """The next one to be used first: it is free, as flights land in the order in which they began."""
        self._threads = ThreadPoolExecutor(FLIGHTS, thread_name_prefix="bulk")
        self._consumer = KafkaConsumer(
            **consumer_options(connections.kafka, names.group(GROUP)), max_poll_records=MAX_POLL_RECORDS
        )
        self._producer = KafkaProducer(**producer_options(connections.kafka))
        self._listener = _Ownership(self._consumer, self._flights)
        self._letters_sent = False
        self._stepped_at = time.monotonic()

    def figures(self) -> Figures:
        """Return how long ago its work last got on: not while Elasticsearch is in trouble. Callable from any thread."""
        return Figures(progress_age_s=time.monotonic() - self._stepped_at)

    def stop(self) -> None:
        """End after the batch under way, or at once while waiting for Elasticsearch; safe in a signal handler."""
        self._stopping.set()

    def run(self, *, once: bool = False) -> None:
        """Index until stopped, or to the present end of the topics.

        Args:
            once: return when everything that is on the topics now, and every dead letter that comes of it, is indexed.

        Raises:
            KafkaError: if a dead letter can't be published; nothing is committed, start again.
        """
        goal = self._ends(self._addresses.topics) if once else None
        self._consumer.subscribe(self._addresses.topics, listener=self._listener)
        log.info("holdfast.index ready topics=%d", len(self._addresses.topics))
        try:
            while not self._stopping.is_set() and not self._reached(goal):
                self._step()
            while self._flights:
                self._land()
        except StoppedError:
            log.info("stopped while waiting for elasticsearch; the batch under way is indexed by the next start")
        finally:
            self._stopping.set()
            self._threads.shutdown()
            self._consumer.close(autocommit=False)
            self._producer.close()

    def _step(self) -> None:
        """Fetch a batch and have it written; see the oldest through to its committed offsets where it is time."""
        self._commit()
        self._stepped_at = time.monotonic()
        batch: dict[TopicPartition, list[Any]] = self._consumer.poll(timeout_ms=0 if self._flights else POLL_MS)
        self._measure(batch)
        if batch:
            self._flights.append(self._launch(batch))
        room = FLIGHTS if self._ready.is_set() else 1
        if self._flights and (not batch or len(self._flights) >= room):
            self._land()

    def _launch(self, batch: Mapping[TopicPartition, list[Any]]) -> Flight:
        """Begin to write a batch."""
        operations: list[Operation] = []
        refused: list[Refusal] = []
        for records in batch.values():
            for record in records:
                outcome = self._addresses.operation(record)
                if isinstance(outcome, Operation):
                    operations.append(outcome)
                elif outcome is not None:
                    refused.append(outcome)
        self._writers.rotate(-1)
        return Flight(batch, self._threads.submit(self._write, self._writers[0], operations), refused)

    def _write(self, writer: BulkWriter, operations: list[Operation]) -> list[Refusal]:
        """Write on a thread of its own."""
        indexed, retried = writer.indexed_count, writer.retry_count
        try:
            return writer.write(operations)
        finally:
            self._metrics.indexed.inc(writer.indexed_count - indexed)
            self._metrics.retries.inc(writer.retry_count - retried)

    def _land(self) -> None:
        """Take the oldest flight through to its committed offsets."""
        flight = self._flights[0]
        if not wait([flight.written], PATIENCE_S).done:
            self._hold(flight.written)
        self._publish(flight.batch, flight.refused + flight.written.result())
        self._metrics.batch_seconds.observe(time.monotonic() - flight.started)
        self._flights.popleft()
        for partition, records in flight.batch.items():
            if partition not in flight.taken:
                self._listener.finished[partition] = records[-1].offset + 1
        self._commit()
        self._on_progress(sum(len(records) for records in flight.batch.values()))

    def _publish(self, batch: Mapping[TopicPartition, list[Any]], refused: list[Refusal]) -> None:
        """Publish dead letters and wait until the broker has them."""
        if not refused:
            return
        records = {(one.topic, one.partition, one.offset): one for several in batch.values() for one in several}
        pending = []
        for refusal in refused:
            topic, partition, offset = refusal.place
            log.warning("refused %s/%d@%d reason=%s: %s", topic, partition, offset, refusal.reason, refusal.detail)
            self._metrics.dead_letters.labels(refusal.reason).inc()
            if topic == self._letters_topic:
                continue  # a letter about a letter would go round for ever; it stays readable on its topic
            letter = letter_for(records[refusal.place], "index", refusal.reason, refusal.detail)
            pending.append(self._producer.send(self._letters_topic, letter.to_wire(), b"-", headers_of(letter)))
        for future in pending:
            future.get(timeout=LETTER_TIMEOUT_S)
        self._letters_sent = self._letters_sent or bool(pending)

    def _commit(self) -> None:
        """Commit what is finished; a failure only means that it may be done again."""
        offsets = dict(self._listener.finished)
        if not offsets:
            return
        try:
            self._consumer.commit(_stamps(offsets))
        except (CommitFailedError, IllegalStateError):
            log.info("partitions moved before their offsets were committed; their records are indexed again")
        except KafkaError as error:
            log.warning("offsets not committed, trying again: %s", error)
            return
        self._listener.forget(offsets)

    def _rest(self, seconds: float) -> None:
        """Wait between two attempts, on a thread that writes.

        Raises:
            StoppedError: if the process is to end.
        """
        if self._stopping.wait(seconds):
            raise StoppedError

    def _hold(self, written: "Future[list[Refusal]]") -> None:
        """Wait for a batch with all partitions paused, still a living member of the group."""
        self._listener.holding = True
        try:
            while not written.done():
                self._consumer.pause(*self._consumer.assignment())
                for partition, records in self._consumer.poll(timeout_ms=HOLD_POLL_MS).items():
                    self._consumer.seek(partition, records[0].offset)  # came before the pause: fetch it again later
        finally:
            self._listener.holding = False
            self._consumer.resume(*self._consumer.paused())

    def _reached(self, goal: Offsets | None) -> bool:
        """Return whether everything up to the goal is committed, here or by another member."""
        if goal is None:
            return False
        own = self._consumer.assignment()
        for partition, end in goal.items():
            if partition in own:
                done = self._consumer.position(partition) >= end
            else:
                done = (self._consumer.committed(partition) or 0) >= end
            if not done:
                return False
        if self._letters_sent:
            goal.update(self._ends([self._letters_topic]))
            self._letters_sent = False
            return self._reached(goal)
        return not self._flights and not self._listener.finished

    def _ends(self, topics: list[str]) -> Offsets:
        partitions = [
            TopicPartition(topic, number)
            for topic in topics
            for number in self._consumer.partitions_for_topic(topic) or ()
        ]
        ends: Offsets = {partition: end for partition, end in self._consumer.end_offsets(partitions).items() if end}
        return ends

    def _measure(self, batch: Mapping[TopicPartition, list[Any]]) -> None:
        for partition, records in batch.items():
            highwater = self._consumer.highwater(partition)
            if highwater is not None:
                lag = max(0, highwater - records[-1].offset - 1)
                self._metrics.lag.labels(partition.topic, str(partition.partition)).set(lag)


class _Ownership(AsyncConsumerRebalanceListener):  # type: ignore[misc]  # kafka-python has no types
    """Knows which finished offsets are ours to commit. Its callbacks run on the client's I/O thread."""

    def __init__(self, consumer: Any, flights: deque[Flight]) -> None:
        self._consumer = consumer
        self._flights = flights
        self.finished: Offsets = {}
        self.holding = False

    def forget(self, offsets: Offsets) -> None:
        """Drop offsets that are committed, unless more has been finished since."""
        for partition, offset in offsets.items():
            if self.finished.get(partition) == offset:
                del self.finished[partition]

    def _take(self, partitions: set[TopicPartition]) -> None:
        for flight in tuple(self._flights):
            flight.taken |= set(partitions)

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        self._take(revoked)
        offsets = {partition: self.finished.pop(partition) for partition in revoked if partition in self.finished}
        if offsets:
            try:
                await self._consumer.commit_async(_stamps(offsets))
            except KafkaError as error:
                log.info("offsets not committed before partitions moved: %s", error)

    async def on_partitions_lost(self, lost: set[TopicPartition]) -> None:
        self._take(lost)
        for partition in lost:
            self.finished.pop(partition, None)

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        if self.holding:
            self._consumer.pause(*assigned)


def _stamps(offsets: Offsets) -> dict[TopicPartition, OffsetAndMetadata]:
    return {partition: OffsetAndMetadata(offset) for partition, offset in offsets.items()}
