"""The durable batch: outputs, then state, then the offset, each awaited before the next (ADR 0003).

Faust acknowledges what an agent raises on, does not wait for its changelog and swallows failed writes to it. Here
nothing is acknowledged before everything that follows from it is on disk, and any failure of infrastructure ends the
process without an acknowledgement: whoever supervises it starts it again, and the records come again. Nothing is
written while the partitions may be another worker's (``streams.fence``).

IO: Kafka, through the app's producer. Uses private API of Faust 0.15.3, guarded by ``tests/streams/test_contract.py``.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

from models.topics import Headers
from streams.ending import EXIT_FAILED, EXIT_GAP, die
from streams.fence import Fence
from streams.metrics import Metrics

DURABLE_TIMEOUT_S = 30.0
BATCH_SIZE = 500
BATCH_WITHIN_S = 0.02


@dataclass(frozen=True, slots=True)
class Out:
    """One record to send."""

    topic: str
    key: bytes
    value: bytes
    headers: Headers
    timestamp_s: float | None = None
    """Stamp on the record, epoch seconds on the product's clock; None lets the broker's client stamp it."""


@dataclass(frozen=True, slots=True)
class Put:
    """One row of the table to write."""

    partition: int
    key: bytes
    value: bytes


class DurableBatch:
    """Makes the effects of a batch durable, in the one order that loses nothing."""

    def __init__(self, app: Any, table: Any, metrics: Metrics) -> None:
        self._app = app
        self._table = table
        self._metrics = metrics
        self._fence = Fence(app)

    async def commit(self, stream: Any, events: Sequence[Any], outs: Iterable[Out], puts: Sequence[Put]) -> None:
        """Send, store, acknowledge. Returns when all of it is durable.

        Raises:
            Exception: whatever Kafka raised, or a timeout; the caller must ``die`` and not acknowledge.
        """
        began = monotonic()
        self._fence.stand()
        await self._durable([await self._send(out) for out in outs])
        sent = monotonic()
        await self._store(puts)
        stored = monotonic()
        for event in events:
            await stream.ack(event)
        self._metrics.batch(len(events), outputs_s=sent - began, state_s=stored - sent)

    async def _send(self, out: Out) -> Any:
        return await self._app.producer.send(out.topic, out.key, out.value, None, out.timestamp_s, out.headers)

    async def _store(self, puts: Sequence[Put]) -> None:
        """Write rows to the changelog and to memory; move the recovery offset past our own writes."""
        store = self._table.data
        futures = []
        for put in puts:
            futures.append(self._table.send_changelog(put.partition, put.key, put.value, "raw", "raw"))
            store.data[put.key] = put.value
            store._key_partition[put.key] = put.partition
        await self._durable(futures)
        offsets = self._app.tables.recovery.active_offsets
        for future in futures:
            written = future.result()
            known = offsets.get(written.topic_partition)
            offsets[written.topic_partition] = max(written.offset, -1 if known is None else known)

    async def _durable(self, futures: Sequence[Any]) -> None:
        if futures:
            await asyncio.wait_for(asyncio.gather(*futures), DURABLE_TIMEOUT_S)


class Sentinel:
    """Ends the process when offsets jump forward: Faust takes a record lost in a rebalance for compaction.

    The topics that it watches are never compacted nor transactional, so a gap is always a loss in the client.
    """

    def __init__(self, app: Any) -> None:
        self._app = app
        self._expected: dict[Any, int] = {}

    def forget(self) -> None:
        """Start anew, after partitions were handed out."""
        self._expected.clear()

    async def check(self, messages: Iterable[Any]) -> None:
        """Take note of records' offsets, in order; does not return if records before one of them are missing."""
        for message in messages:
            expected = self._expected.get(message.tp)
            if expected is None:
                expected = await self._first(message.tp)
            if message.offset > expected:
                die(EXIT_GAP, f"{message.tp}: offset {message.offset} came where {expected} was expected")
            self._expected[message.tp] = message.offset + 1

    async def _first(self, tp: Any) -> int:
        """Return where a partition just assigned must go on: what its group committed, else its beginning.

        Without the beginning, a record lost before the first commit would go unseen (ADR 0003 has the measurement).
        """
        committed = self._app.consumer._committed_offset.get(tp)
        if committed is not None:
            return int(committed)
        return int((await self._app.consumer.earliest_offsets(tp))[tp])


async def consume(stream: Any, handle: Callable[[Sequence[Any]], Awaitable[None]], stage: str) -> None:
    """Hand batches of events to a handler that makes them durable; end the process on whatever it raises.

    Args:
        stream: of a Faust agent.
        handle: returns when the batch is durable and acknowledged.
        stage: named in the log.
    """
    async for events in stream.noack_take(BATCH_SIZE, within=BATCH_WITHIN_S):
        try:
            await handle(events)
        except (asyncio.CancelledError, GeneratorExit):
            raise
        except BaseException:  # noqa: BLE001  # whatever it is, nothing may be acknowledged after it
            die(EXIT_FAILED, f"{stage}: batch not durable, ending without acknowledging it")
