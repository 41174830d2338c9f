"""Track and keep time: the ledger into incidents, clocks, plans and pages. IO: Kafka, through Faust.

One agent folds (``streams.fold``) and makes each batch durable (``streams.batch``). One ticker waits for the earliest
due instant and writes a wake into the same ledger, again until the fold has applied it: state changes only while a
record is handled, and every replay decides the same.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from heapq import heappop, heappush
from time import monotonic
from typing import Any

import faust

from models.topics import HEADER_TYPE, Stream
from streams.batch import DurableBatch, Sentinel, consume
from streams.config import ENGINE, INCIDENTS_TABLE, StreamConfig, make_app, raw_topic
from streams.documents import DocumentsReader
from streams.ending import EXIT_FAILED, die
from streams.fold import Folder, wake_value
from streams.heap import Case, DueHeap
from streams.metrics import Metrics
from streams.recovery import after_recovery

log = logging.getLogger("holdfast.worker")

TICK_S = 0.05
"""Longest nap of the ticker, real seconds."""
RESEND_AFTER_S = 2.0
"""A wake that the fold has not applied by then is sent again, real seconds; doubles each time."""
LONGEST_RESEND_S = 300.0
"""A wake that breaks the fold leaves a dead letter each time: the ledger and the letters are kept for ever."""


class TimeKeeper:
    """Sends wakes for what falls due. Duplicates and late ones are harmless: the fold decides."""

    def __init__(self, app: Any, config: StreamConfig, heap: DueHeap, metrics: Metrics) -> None:
        self._app = app
        self._config = config
        self._heap = heap
        self._sent: list[tuple[float, int, Case, datetime]] = []
        """What to look at again: when, how often it was sent, which."""
        self._times: dict[tuple[Case, datetime], int] = {}
        """How often what is due again was sent."""
        self.armed = asyncio.Event()
        metrics.oldest_due_s = self.oldest_due_s
        metrics.armed_wakes = heap.__len__

    def oldest_due_s(self) -> float:
        """Return the age of the oldest instant that fell due and is not applied yet, in the product's seconds.

        Sent is not applied: a wake that the fold does not read counts on. Safe to call from any thread.
        """
        waiting = [due for *_, case, due in self._sent.copy() if self._heap.is_armed(case, due)]
        ahead = self._heap.earliest()
        oldest = min(waiting if ahead is None else [*waiting, ahead], default=None)
        return max(0.0, (self._config.clock.now() - oldest).total_seconds()) if oldest else 0.0

    async def run(self) -> None:
        """Tick until the app stops; silent while partitions move."""
        while not self._app.should_stop:
            if not self._app.rebalancing:
                try:
                    await self._tick()
                except asyncio.CancelledError:
                    raise
                except BaseException:  # noqa: BLE001  # a dead ticker would be silence at 3 a.m.: start the process anew
                    die(EXIT_FAILED, "keep time: a wake could not be sent")
            self.armed.clear()
            try:
                await asyncio.wait_for(self.armed.wait(), self._nap())
            except TimeoutError:
                continue

    def _nap(self) -> float:
        due = self._heap.next_due()
        left = TICK_S if due is None else self._config.clock.real_seconds_until(due)
        return min(TICK_S, max(0.001, left))

    async def _tick(self) -> None:
        now = self._config.clock.now()
        self._resend()
        due = self._heap.take_due(now)
        futures = [await self._send(case, at) for case, at in due]
        if futures:
            await asyncio.wait_for(asyncio.gather(*futures), 30.0)
        for case, at in due:
            times = self._times.pop((case, at), 0)
            pause = min(RESEND_AFTER_S * 2**times, LONGEST_RESEND_S)
            heappush(self._sent, (monotonic() + pause, times + 1, case, at))

    async def _send(self, case: Case, due: datetime) -> Any:
        return await self._app.producer.send(
            self._config.names.topic(Stream.LEDGER),
            case[0].encode(),
            wake_value(case, due),
            None,
            self._config.clock.now().timestamp(),
            [(HEADER_TYPE, b"wake")],
        )

    def _resend(self) -> None:
        """Give back what was sent long enough ago and is still not applied."""
        while self._sent and self._sent[0][0] <= monotonic():
            _, times, case, due = heappop(self._sent)
            if self._heap.is_armed(case, due):
                self._times[case, due] = min(times, 20)
                self._heap.again(case, due)


class Tracker:
    """Folds batches and makes them durable; keeps the heap in step with what was folded."""

    def __init__(
        self, app: Any, table: Any, config: StreamConfig, documents: DocumentsReader, metrics: Metrics
    ) -> None:
        self._app = app
        self._table = table
        self._documents = documents
        self._metrics = metrics
        self._batch = DurableBatch(app, table, metrics)
        self._folder = Folder(config)
        self.sentinel = Sentinel(app)
        self.heap = DueHeap()
        self.keeper = TimeKeeper(app, config, self.heap, metrics)

    def recovered(self) -> None:
        """Rebuild books and heap from the table, after a start or a rebalance."""
        store = self._table.data
        began = monotonic()
        armed = self._folder.rebuild(store.data, store._key_partition)
        read = monotonic()
        self.heap.rebuild(armed)
        log.info(
            "recovered %d rows, %d incidents wait for time; books %.1f ms, heap %.1f ms",
            *(len(store.data), len(self.heap), (read - began) * 1000, (monotonic() - read) * 1000),
        )

    async def handle(self, stream: Any, events: Sequence[Any]) -> None:
        """Take one batch from the ledger to durable, acknowledged effects."""
        messages = [event.message for event in events]
        await self.sentinel.check(messages)
        store = self._table.data
        folded = self._folder.fold(messages, self._documents.current, store.data, store._key_partition)
        await self._batch.commit(stream, events, folded.outs, folded.puts)
        for case, due in folded.armed:
            self.heap.arm(case, due)
        self.keeper.armed.set()
        self._metrics.handled(self._app, messages[-1], folded.reasons)


def build(config: StreamConfig, documents: DocumentsReader, metrics: Metrics) -> faust.App:
    """Return the Faust app of this stage; starting it is the caller's."""
    app = make_app(config, ENGINE)
    topic = raw_topic(app, config.names.topic(Stream.LEDGER), 4)
    table = app.Table(INCIDENTS_TABLE, key_type=bytes, value_type=bytes, partitions=4)
    tracker = Tracker(app, table, config, documents, metrics)

    @app.on_partitions_assigned.connect  # type: ignore[untyped-decorator]  # Faust is untyped
    async def assigned(*_: Any, **__: Any) -> None:
        tracker.sentinel.forget()

    after_recovery(app, table, tracker.recovered)

    @app.task  # type: ignore[untyped-decorator]
    async def keep_time() -> None:
        await tracker.keeper.run()

    @app.agent(topic, concurrency=1)  # type: ignore[untyped-decorator]
    async def track(stream: Any) -> None:
        await documents.load()
        await consume(stream, partial(tracker.handle, stream), "track")

    return app
