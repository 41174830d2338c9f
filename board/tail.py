"""Follows the topics that the board shows, in a thread of its own, from where it began to look. IO: Kafka.

No consumer group: every board reads everything, and nothing is committed. A lost broker is waited for, and reading
goes on at the next unread offset. Records that can't be read are counted and left to the dead-letter guard.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from board.state import Record
from models.paging import Delivery, Page, PlanDocument
from models.records import ClockDocument, IncidentDocument
from models.topics import Names, Stream

logger = logging.getLogger(__name__)

MODELS: dict[Stream, type[Record]] = {
    Stream.INCIDENTS: IncidentDocument,
    Stream.CLOCKS: ClockDocument,
    Stream.PLANS: PlanDocument,
    Stream.PAGES: Page,
    Stream.DELIVERIES: Delivery,
}
CHECK_S = 5.0
"""Real seconds between questions for the ends of the topics: ``poll`` alone never says that the broker is gone."""
ANSWER_MS = 4000
"""How long a broker may take to say where the topics end."""
RETRY_S = 2.0


class Tail:
    """The thread. ``positioned`` is set once the place to read from is known: only then take the snapshot."""

    def __init__(
        self,
        options: dict[str, Any],
        names: Names,
        absorb: Callable[[list[Record]], None],
        report: Callable[[str | None], None],
    ) -> None:
        """Prepare; nothing is opened before ``start``.

        Args:
            options: connection options of a kafka-python consumer.
            names: of the installation.
            absorb: takes a batch of records, in the tail's thread; returns when it has them.
            report: told None whenever the broker answered, else why it did not; in the tail's thread.
        """
        self._options = {"request_timeout_ms": 10_000, "bootstrap_timeout_ms": 5_000, **options}
        self._models = {names.topic(stream): model for stream, model in MODELS.items()}
        self._absorb = absorb
        self._report = report
        self._positions: dict[TopicPartition, int] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="board-tail", daemon=True)
        self.positioned = threading.Event()
        self.counts: Counter[str] = Counter()
        """Records read by topic, and ``unreadable``."""

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop(self, timeout_s: float = 1.0) -> None:
        """Stop reading; wait a little for the thread, which holds nothing that could be lost."""
        self._stopping.set()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._follow()
            except (KafkaError, TimeoutError) as error:  # also a loop too busy to take a batch: it is read again
                logger.warning("kafka unreachable, trying again: %s", error)
                self._report(f"Kafka can't be reached: {type(error).__name__}")
                self._stopping.wait(RETRY_S)

    def _follow(self) -> None:
        consumer = KafkaConsumer(**self._options, group_id=None, enable_auto_commit=False)
        try:
            if not self._position(consumer):
                self._report("Kafka has no topics of this installation yet")
                self._stopping.wait(RETRY_S)
                return
            self.positioned.set()
            self._read(consumer)
        finally:
            consumer.close()

    def _position(self, consumer: Any) -> bool:
        """Assign every partition, new ones from their end, known ones from where reading stopped."""
        partitions = [
            TopicPartition(topic, number) for topic in self._models for number in consumer.partitions_for_topic(topic)
        ]
        if len({partition.topic for partition in partitions}) < len(self._models):
            return False
        ends = consumer.end_offsets(partitions, timeout_ms=ANSWER_MS)
        consumer.assign(partitions)
        for partition in partitions:
            offset = self._positions.setdefault(partition, ends[partition])
            consumer.seek(partition, min(offset, ends[partition]))  # a topic made anew begins below
        return True

    def _read(self, consumer: Any) -> None:
        check_at = 0.0
        while not self._stopping.is_set():
            if time.monotonic() >= check_at:
                consumer.end_offsets(list(self._positions), timeout_ms=ANSWER_MS)
                self._report(None)
                check_at = time.monotonic() + CHECK_S
            polled = consumer.poll(timeout_ms=250, max_records=1000)
            records = [record for batch in polled.values() for record in batch]
            documents = [document for record in records if (document := self._parse(record)) is not None]
            if documents:
                self._absorb(documents)
            for partition, batch in polled.items():
                self._positions[partition] = batch[-1].offset + 1

    def _parse(self, record: Any) -> Record | None:
        self.counts[record.topic] += 1
        try:
            return self._models[record.topic].from_wire(record.value)
        except (ValueError, TypeError, AttributeError):  # the latter two: JSON, but no object
            self.counts["unreadable"] += 1
            logger.warning("unreadable record: %s[%s]@%s", record.topic, record.partition, record.offset)
            return None
