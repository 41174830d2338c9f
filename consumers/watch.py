"""Listens to the heartbeats of all services. IO: Kafka.

Reads the whole compacted topic once and follows it, without a group: every watcher hears everything. How long ago a
service was heard is counted by a steady clock from the arrival of its beat, so that a stepped clock changes nothing;
only what was on the topic before the watcher came is dated by the record's own stamp.
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from models.heartbeat import Heartbeat
from models.topics import Names, Stream
from models.watch import Seen

log = logging.getLogger("holdfast.watch")

REMEMBERED_S = 60.0
"""Beats of the last minute are kept: a figure is compared with itself a minute ago."""
MOST_BEATS = 200
FORGOTTEN_S = 86_400.0
"""A service that was not heard for a day is not expected any more by its having been there once."""
ANSWER_MS = 5000
"""How long the broker may take to answer before it counts as gone."""


class Heard:
    """The beats of each service, as they came."""

    def __init__(self) -> None:
        self._beats: dict[str, deque[tuple[float, Heartbeat]]] = {}

    def take(self, key: str, value: bytes | None, came_at: float) -> None:
        """Take in one record.

        Args:
            key: the service.
            value: its beat; None says goodbye: it ended in order, or somebody took it off the list.
            came_at: on the steady clock, seconds.
        """
        if value is None:
            self._beats.pop(key, None)
            return
        try:
            beat = Heartbeat.from_wire(value)
        except ValueError as error:
            log.warning("not a heartbeat under key %r: %s", key, error)
            return
        beats = self._beats.setdefault(key, deque(maxlen=MOST_BEATS))
        beats.append((came_at, beat))
        while beats[0][0] < came_at - REMEMBERED_S:
            beats.popleft()

    def seen(self, now: float) -> dict[str, Seen]:
        """Return what is known of each service; ``now`` on the steady clock."""
        return {
            service: Seen(tuple(beat for _, beat in beats), max(0.0, now - beats[-1][0]))
            for service, beats in self._beats.items()
            if now - beats[-1][0] < FORGOTTEN_S
        }


class Ear:
    """Follows the topic of heartbeats over broken connections."""

    def __init__(self, kafka: Mapping[str, Any], names: Names, real_now: Callable[[], datetime]) -> None:
        """Keep the options; connects when it first listens.

        Args:
            kafka: connection options of kafka-python clients.
            names: of the installation.
            real_now: wall clock, with which records are stamped.
        """
        self._kafka = kafka
        self._partition = TopicPartition(names.topic(Stream.HEARTBEATS), 0)
        self._real_now = real_now
        self._consumer: Any = None
        self._next: int | None = None
        self._old_below = 0
        """Beats below this offset were on the topic before we listened: their own stamps say how old they are."""
        self.heard = Heard()

    def listen(self) -> None:
        """Take in what has come since, up to the topic's end as of now.

        Raises:
            KafkaError: if the broker does not answer in time; listen again later.
        """
        if self._consumer is None:
            self._connect()
        consumer = self._consumer
        try:
            end = consumer.end_offsets([self._partition], timeout_ms=ANSWER_MS)[self._partition]
        except KafkaError:
            self.close()
            raise
        ends = time.monotonic() + ANSWER_MS / 1000
        while consumer.position(self._partition, timeout_ms=ANSWER_MS) < end and time.monotonic() < ends:
            for records in consumer.poll(timeout_ms=200).values():
                self._take(records)

    def seen(self) -> dict[str, Seen]:
        """Return what is known of each service now."""
        return self.heard.seen(time.monotonic())

    def close(self) -> None:
        """Disconnect; ``listen`` connects again and goes on where it was."""
        if self._consumer is not None:
            with suppress(KafkaError):
                self._consumer.close(timeout_ms=1000)
            self._consumer = None

    def _connect(self) -> None:
        consumer = KafkaConsumer(
            **self._kafka,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            bootstrap_timeout_ms=ANSWER_MS,
        )
        try:
            consumer.assign([self._partition])
            if self._next is None:
                consumer.seek_to_beginning(self._partition)
            else:
                consumer.seek(self._partition, self._next)
            self._old_below = consumer.end_offsets([self._partition], timeout_ms=ANSWER_MS)[self._partition]
        except KafkaError:
            consumer.close()
            raise
        self._consumer = consumer

    def _take(self, records: list[Any]) -> None:
        came_at, real = time.monotonic(), self._real_now().timestamp()
        for record in records:
            is_fresh = record.offset >= self._old_below
            age_s = 0.0 if is_fresh else max(0.0, real - record.timestamp / 1000)
            self._next = record.offset + 1
            key = (record.key or b"").decode(errors="replace")
            self.heard.take(key, record.value, came_at - age_s)
