"""The indexer: a consumer group that brings every document on the topics into Elasticsearch. IO: Kafka, Elasticsearch.

The order is the guarantee: poll, write until each document is stored or has a dead letter that the broker has
acknowledged, then commit the offsets. A crash anywhere before the commit writes the same documents again, under the
same ids and versions, which changes nothing.

While Elasticsearch is in trouble the partitions are paused and polling goes on, so the group neither fetches more nor
takes this consumer for dead. A partition that is taken away meanwhile takes its half-written records with it.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
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
MAX_POLL_RECORDS = 2000
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
        self._writer = BulkWriter(connections.elasticsearch, connections.prepare, self._hold, pauses)
        self._consumer = KafkaConsumer(
            **consumer_options(connections.kafka, names.group(GROUP)), max_poll_records=MAX_POLL_RECORDS
        )
        self._producer = KafkaProducer(**producer_options(connections.kafka))
        self._listener = _Ownership(self._consumer)
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
        except StoppedError:
            log.info("stopped while waiting for elasticsearch; the batch under way is indexed by the next start")
        finally:
            self._consumer.close(autocommit=False)
            self._producer.close()

    def _step(self) -> None:
        """Take one batch from the topics through to its committed offsets."""
        self._commit()
        self._stepped_at = time.monotonic()
        batch: dict[TopicPartition, list[Any]] = self._consumer.poll(timeout_ms=POLL_MS)
        self._measure(batch)
        if not batch:
            return
        self._listener.taken.clear()
        started = time.monotonic()
        self._publish(batch, self._index(batch))
        self._metrics.batch_seconds.observe(time.monotonic() - started)
        for partition, records in batch.items():
            if partition not in self._listener.taken:
                self._listener.finished[partition] = records[-1].offset + 1
        self._commit()
        self._on_progress(sum(len(records) for records in batch.values()))

    def _index(self, batch: Mapping[TopicPartition, list[Any]]) -> list[Refusal]:
        operations: list[Operation] = []
        refused: list[Refusal] = []
        for records in batch.values():
            for record in records:
                outcome = self._addresses.operation(record)
                if isinstance(outcome, Operation):
                    operations.append(outcome)
                elif outcome is not None:
                    refused.append(outcome)
        indexed, retried = self._writer.indexed_count, self._writer.retry_count
        try:
            return refused + self._writer.write(operations)
        finally:
            self._metrics.indexed.inc(self._writer.indexed_count - indexed)
            self._metrics.retries.inc(self._writer.retry_count - retried)

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

    def _hold(self, seconds: float) -> None:
        """Wait with all partitions paused, still a living member of the group.

        Raises:
            StoppedError: if the process is to end.
        """
        ends = time.monotonic() + seconds
        self._listener.holding = True
        try:
            while (left := ends - time.monotonic()) > 0:
                if self._stopping.is_set():
                    raise StoppedError
                self._consumer.pause(*self._consumer.assignment())
                for partition, records in self._consumer.poll(timeout_ms=int(min(left, 0.5) * 1000) + 1).items():
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
        return not self._listener.finished

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

    def __init__(self, consumer: Any) -> None:
        self._consumer = consumer
        self.finished: Offsets = {}
        self.taken: set[TopicPartition] = set()
        """Partitions that went away since the batch under way was fetched."""
        self.holding = False

    def forget(self, offsets: Offsets) -> None:
        """Drop offsets that are committed, unless more has been finished since."""
        for partition, offset in offsets.items():
            if self.finished.get(partition) == offset:
                del self.finished[partition]

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        self.taken |= set(revoked)
        offsets = {partition: self.finished.pop(partition) for partition in revoked if partition in self.finished}
        if offsets:
            try:
                await self._consumer.commit_async(_stamps(offsets))
            except KafkaError as error:
                log.info("offsets not committed before partitions moved: %s", error)

    async def on_partitions_lost(self, lost: set[TopicPartition]) -> None:
        self.taken |= set(lost)
        for partition in lost:
            self.finished.pop(partition, None)

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        if self.holding:
            self._consumer.pause(*assigned)


def _stamps(offsets: Offsets) -> dict[TopicPartition, OffsetAndMetadata]:
    return {partition: OffsetAndMetadata(offset) for partition, offset in offsets.items()}
