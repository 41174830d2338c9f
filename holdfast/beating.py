"""Heartbeats of a service: a thread of its own that asks for the service's figures and writes them. IO: Kafka, thread.

The thread beats on while the service's own loop hangs; that is no lie as long as the figures are measured from outside
the loop: ``progress_age_s`` says how long ago the work got on, ``lag_records`` is what the broker says.
"""

import asyncio
import logging
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from types import TracebackType
from typing import Any, Self

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError

from holdfast import kafka
from holdfast.settings import Settings
from models.heartbeat import Figures, Heartbeat
from models.topics import Stream

log = logging.getLogger("holdfast.beat")

ANSWER_MS = 5000
"""How long the broker may take; what it does not take by then is measured and said again at the next beat."""

LOOP_ANSWER_S = 2.0


def service_name(service: str, instance: str) -> str:
    """Return the name under which an instance beats: the first one of a kind has the plain name."""
    return service if instance in ("", "0") else f"{service}/{instance}"


class Beat:
    """The heartbeat of this process. Use as a context manager, or ``start`` it where the service never returns.

    A service whose block is left says goodbye, so that nobody looks for it; one that is killed does not.
    """

    def __init__(
        self,
        settings: Settings,
        service: str,
        figures: Callable[[], Figures] = Figures,
        reads: Mapping[str, Sequence[Stream]] | None = None,
    ) -> None:
        """Describe the service; nothing is opened yet.

        Args:
            settings: where, how often, and which instance.
            service: as ``service_name`` gives it.
            figures: what it measures of itself; called in the thread of the heartbeat, has to return within seconds.
            reads: by consumer group (without prefix), what it reads: the lag comes from the broker.
        """
        self._settings = settings
        self._topic = kafka.names(settings).topic(Stream.HEARTBEATS)
        self._service = service
        self._figures = figures
        self._lags = [GroupLag(settings, group, streams) for group, streams in (reads or {}).items()]
        self._started_at = settings.clock.now()
        self._producer: Any = None
        self._mute = False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="beat", daemon=True)

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop; say goodbye only where the service ended in order."""
        in_order = error is None or (isinstance(error, SystemExit) and not error.code)
        self.stop(goodbye=in_order)

    def start(self) -> Self:
        """Begin to beat."""
        self._thread.start()
        return self

    def stop(self, *, goodbye: bool) -> None:
        """Beat no more.

        Args:
            goodbye: whether the service ends because it was asked to: it is then not missed.
        """
        self._stopping.set()
        self._thread.join(2 * ANSWER_MS / 1000)
        if goodbye and not self._thread.is_alive() and self._producer is not None:
            with suppress(KafkaError):
                self._send(None)
        self._close()

    def _run(self) -> None:
        while True:
            self._beat()
            if self._stopping.wait(self._settings.heartbeat_every_s):
                return

    def _beat(self) -> None:
        """Beat once. Whatever fails is told in the log once and tried again at the next beat."""
        try:
            self._send(self._heartbeat().to_wire())
        except Exception as error:  # noqa: BLE001  # nothing about a heartbeat may end or hold up the service
            if not self._mute:
                log.warning("no heartbeat while Kafka does not take it: %s: %s", type(error).__name__, error)
            self._mute = True
            self._close()
        else:
            self._mute = False

    def _heartbeat(self) -> Heartbeat:
        figures = self._measured()
        return Heartbeat(
            service=self._service,
            beat_at=self._settings.clock.now(),
            started_at=self._started_at,
            pid=os.getpid(),
            every_s=self._settings.heartbeat_every_s,
            **asdict(figures),
        )

    def _measured(self) -> Figures:
        try:
            figures = self._figures()
        except Exception as error:  # a service that can't be measured is in trouble, and says so
            log.exception("figures of %s", self._service)
            return Figures(trouble=f"its figures can't be read: {type(error).__name__}")
        lags = dict(figures.lag_records)
        for lag in self._lags:
            lags.update(lag.read())
        return replace(figures, lag_records=lags)

    def _send(self, value: bytes | None) -> None:
        if self._producer is None:
            self._producer = KafkaProducer(
                **kafka.options(self._settings),
                bootstrap_timeout_ms=ANSWER_MS,
                max_block_ms=ANSWER_MS,
                request_timeout_ms=ANSWER_MS,
                delivery_timeout_ms=ANSWER_MS + 1000,
            )
        sending = self._producer.send(self._topic, key=self._service.encode(), value=value)
        sending.get(timeout=2 * ANSWER_MS / 1000)

    def _close(self) -> None:
        for lag in self._lags:
            lag.close()
        if self._producer is not None:
            with suppress(KafkaError):
                self._producer.close(timeout=1)
            self._producer = None


class Loop:
    """Asks an event loop from another thread whether it still goes round."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Keep the loop; it runs already."""
        self._loop = loop
        self._answered = time.monotonic()
        self._answer: list[str] = []

    def ask(self, question: Callable[[], list[str]]) -> tuple[float, list[str]]:
        """Put a question to it; takes ``LOOP_ANSWER_S`` where it hangs.

        Args:
            question: called on the loop.

        Returns:
            For how many real seconds it has not answered, and its last answer.
        """

        async def answer() -> list[str]:
            return question()

        asking = asyncio.run_coroutine_threadsafe(answer(), self._loop)
        try:
            self._answer = asking.result(LOOP_ANSWER_S)
            self._answered = time.monotonic()
        except TimeoutError:
            asking.cancel()
        return time.monotonic() - self._answered, self._answer


class GroupLag:
    """How many records a consumer group has not finished, as the broker knows it. Joins no group."""

    def __init__(self, settings: Settings, group: str, streams: Sequence[Stream]) -> None:
        """Keep the options.

        Args:
            settings: where.
            group: without prefix, such as ``indexer``.
            streams: that it reads.
        """
        own = kafka.names(settings)
        self._settings = settings
        self._group = own.group(group)
        self._topics = {own.topic(stream): stream.value for stream in streams}
        self._consumer: Any = None
        self._partitions: list[TopicPartition] = []

    def read(self) -> dict[str, int]:
        """Return the lag by topic (without prefix), of all partitions together.

        Raises:
            KafkaError: if the broker does not answer in time.
        """
        if self._consumer is None:
            self._connect()
        ends = self._consumer.end_offsets(self._partitions, timeout_ms=ANSWER_MS)
        first = self._consumer.beginning_offsets(self._partitions, timeout_ms=ANSWER_MS)
        lags = dict.fromkeys(self._topics.values(), 0)
        for partition in (one for one in self._partitions if ends[one] > first[one]):
            done = self._consumer.committed(partition, timeout_ms=ANSWER_MS)
            waiting = ends[partition] - (first[partition] if done is None else done)
            lags[self._topics[partition.topic]] += max(0, waiting)
        return lags

    def _connect(self) -> None:
        self._consumer = KafkaConsumer(
            **kafka.options(self._settings),
            group_id=self._group,
            enable_auto_commit=False,
            allow_auto_create_topics=False,
            bootstrap_timeout_ms=ANSWER_MS,
        )
        self._partitions = [
            TopicPartition(topic, number)
            for topic in self._topics
            for number in self._consumer.partitions_for_topic(topic) or ()
        ]

    def close(self) -> None:
        """Disconnect; ``read`` connects again."""
        if self._consumer is not None:
            with suppress(KafkaError):
                self._consumer.close(autocommit=False, timeout_ms=1000)
            self._consumer = None
