"""Every worker holds all documents: reads the compacted topic whole, then follows it. IO: Kafka."""

import asyncio
import logging

from aiokafka import AIOKafkaConsumer

from models.documents import AnyDocument, Documents, documents_of, from_wire
from models.topics import Stream
from streams.config import StreamConfig
from streams.ending import EXIT_FAILED, die

log = logging.getLogger("holdfast.worker")


class DocumentsReader:
    """Follows ``holdfast.documents``. ``current`` is complete once ``load`` has returned."""

    def __init__(self, config: StreamConfig) -> None:
        self._config = config
        self._known: dict[bytes, AnyDocument] = {}
        self._task: asyncio.Task[None] | None = None
        self._loading: asyncio.Lock | None = None
        self.current = Documents()

    async def load(self) -> None:
        """Read the topic to its end as of now, then go on following it in the background. Safe to call again."""
        self._loading = self._loading or asyncio.Lock()
        async with self._loading:
            if self._task is not None:
                return
            consumer = AIOKafkaConsumer(
                self._config.names.topic(Stream.DOCUMENTS),
                bootstrap_servers=self._config.kafka,
                auto_offset_reset="earliest",
                enable_auto_commit=False,
            )
            await consumer.start()
            try:
                await self._catch_up(consumer)
            except BaseException:
                await consumer.stop()
                raise
            self._task = asyncio.create_task(self._follow(consumer))
        log.info("documents: %d in force", len(list(self.current)))

    async def _catch_up(self, consumer: AIOKafkaConsumer) -> None:
        ends = await consumer.end_offsets(consumer.assignment())
        for partition, end in ends.items():
            while await consumer.position(partition) < end:
                self._take(await consumer.getmany(partition, timeout_ms=500))

    async def _follow(self, consumer: AIOKafkaConsumer) -> None:
        try:
            while True:
                before = self.current
                self._take(await consumer.getmany(timeout_ms=1000))
                if self.current is not before:
                    log.info("documents changed, %d in force", len(list(self.current)))
        except asyncio.CancelledError:
            await consumer.stop()
            raise
        except BaseException:  # noqa: BLE001  # agreements that silently stay as they were would be measured by
            die(EXIT_FAILED, "documents can't be followed any more")

    def _take(self, batches: dict[object, list[object]]) -> None:
        """Keep the newest of each document; one that can't be read leaves the last good one in force."""
        changed = False
        for record in (record for records in batches.values() for record in records):
            key, value = record.key, record.value  # type: ignore[attr-defined]  # aiokafka is untyped
            try:
                if value is None:
                    self._known.pop(key, None)
                else:
                    self._known[key] = from_wire(value)
                changed = True
            except Exception as error:  # noqa: BLE001  # whatever is wrong with it, the others must stay in force
                log.warning("document %r can't be read, the last good one stays: %s", key, error)
        if changed:
            self.current = documents_of({key.decode(errors="replace"): one for key, one in self._known.items()})

    async def stop(self) -> None:
        """Stop following."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
