"""The notifier: brings pages to people and puts on record what became of each attempt. IO: Kafka and the channels.

For each page: nothing is done if a final delivery is on record. Else ``sending`` goes to the topic and is acknowledged,
then the receiver is spoken to, then the outcome goes to the topic. After a crash the deliveries of a partition are read
back before its pages; an attempt without an outcome becomes ``unknown`` and the page is sent again under the same key,
marked as repeated. Offsets are committed up to the lowest unfinished page.

Two threads at work: the event loop runs deliveries, one worker thread polls Kafka. kafka-python calls back about
rebalances on an I/O thread of its own; those calls hop onto the loop.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import CommitFailedError, IllegalStateError, KafkaError

from consumers.attempts import DeliveryHistory
from consumers.channels import Channel
from consumers.courier import Courier, Limits
from consumers.kafka_options import assert_fast_checksums, consumer_options, producer_options
from consumers.lease import Lease, Ownership, stamps
from consumers.letters import headers_of, letter_for
from consumers.metrics import NotifierMetrics
from models.document import Document
from models.heartbeat import Figures
from models.paging import Delivery, Page
from models.ports import Clock
from models.topics import Names, Stream

log = logging.getLogger("holdfast.notify")

GROUP = "notifier"
POLL_MS = 200
CERTAIN_S = 6.0
"""How long after a commit that the broker accepted a partition is certainly still ours: less than the session timeout
without one heartbeat interval. A process that was frozen for longer has to ask before it sends a page."""
ASK_AGAIN_S = 0.05
HISTORY_RECORDS = 2_000_000
"""Delivery records read back for a partition at most; what is older is final and far below the committed offset."""


class PartitionsDifferError(Exception):
    """Pages and deliveries are not partitioned alike; the message says what to do."""


class Notifier:
    """One member of the notifying group."""

    def __init__(
        self,
        kafka: Mapping[str, Any],
        names: Names,
        channels: Mapping[str, Channel],
        clock: Clock,
        limits: Limits | None = None,
        metrics: NotifierMetrics | None = None,
    ) -> None:
        """Connect to Kafka and join no group yet.

        Args:
            kafka: connection options of kafka-python clients.
            names: of the installation.
            channels: by ``Page.channel``.
            clock: dates deliveries; waits and latencies are real seconds.
            limits: attempts, pauses and how much goes on at once.
            metrics: where to count; a registry of its own if None.

        Raises:
            KafkaError: if no broker answers.
        """
        assert_fast_checksums()
        self._kafka = kafka
        self._pages = names.topic(Stream.PAGES)
        self._deliveries = names.topic(Stream.DELIVERIES)
        self._letters = names.topic(Stream.DEAD_LETTERS)
        self._limits = limits or Limits()
        self._metrics = metrics or NotifierMetrics()
        self._channels = channels
        self._courier = Courier(channels, clock, self._limits, self._record, self._metrics)
        self._leases: dict[TopicPartition, Lease] = {}
        self._consumer = KafkaConsumer(**consumer_options(kafka, names.group(GROUP)))
        self._producer = KafkaProducer(**producer_options(kafka))
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="notify-poll")
        self._certain_at = -CERTAIN_S
        """When a commit that the broker accepted was sent, by ``time.monotonic``."""
        self._asking = asyncio.Lock()
        self._rewind: set[TopicPartition] = set()
        """Partitions given to us by a rebalance and not yet read from their committed offset."""
        self._stepped_at = time.monotonic()
        self._failure: BaseException | None = None
        self._stopping = False

    def stop(self) -> None:
        """End when the attempts under way have ended; safe in a signal handler."""
        self._stopping = True

    async def run(self, *, once: bool = False) -> None:
        """Deliver pages until stopped, or until those that are on the topic now have an outcome.

        Raises:
            KafkaError: if a delivery can't be put on record; start again, nothing is lost.
            PartitionsDifferError: if the topics are not partitioned alike.
        """
        self._loop = asyncio.get_running_loop()
        goal = await self._in_thread(self._ends, self._pages) if once else None
        for topic in (self._deliveries, self._letters):
            await self._in_thread(
                self._producer.partitions_for, topic
            )  # so that no send waits for metadata on the loop
        self._consumer.subscribe(
            [self._pages], listener=Ownership(self._consumer, self._release_from_thread, self._rewind)
        )
        log.info("holdfast.notify ready channels=%s", ",".join(self._channels))
        try:
            while not self._stopping and not await self._reached(goal):
                await self._step()
        finally:
            await self._close()
        if self._failure is not None:
            raise self._failure

    def _look_up_topics(self) -> None:
        """Fetch metadata now, so that no send has to wait for it on the event loop."""
        counts = [len(self._producer.partitions_for(topic)) for topic in (self._pages, self._deliveries)]
        self._producer.partitions_for(self._letters)
        if counts[0] != counts[1]:
            raise PartitionsDifferError(
                f"{self._pages} has {counts[0]} partitions and {self._deliveries} {counts[1]}; they have to be equal, "
                "or a page's deliveries can't be found again: add partitions to the smaller one"
            )

    def figures(self) -> Figures:
        """Return how many pages are unfinished and how long ago it last polled. Callable from any thread."""
        return Figures(progress_age_s=time.monotonic() - self._stepped_at, outbox_pages=self._in_flight())

    async def _step(self) -> None:
        self._stepped_at = time.monotonic()
        batch = await self._in_thread(self._poll)
        for partition, records in batch.items():
            lease = self._leases.get(partition) or await self._open(partition)
            for record in records:
                self._take(lease, record)
        self._metrics.in_flight.set(self._in_flight())
        await self._commit(again=bool(batch) and self._uncertain())  # before the next poll: new pages wait for it

    def _poll(self) -> dict[TopicPartition, list[Any]]:
        """Poll on the worker thread; with enough in flight only to stay a member of the group."""
        if self._in_flight() >= self._limits.in_flight:
            self._consumer.pause(*self._consumer.assignment())
        else:
            self._consumer.resume(*self._consumer.paused())
        batch: dict[TopicPartition, list[Any]] = self._consumer.poll(timeout_ms=POLL_MS)
        for partition in list(self._rewind):
            batch.pop(partition, None)
            self._go_back(partition)
        return batch

    def _go_back(self, partition: TopicPartition) -> None:
        """Read a partition from its committed offset on.

        kafka-python keeps the position of a partition that a rebalance takes and gives back, past pages that were
        dropped when it was taken.
        """
        try:
            committed = self._consumer.committed(partition)
            if committed is None:
                self._consumer.seek_to_beginning(partition)
            else:
                self._consumer.seek(partition, committed)
        except KafkaError as error:
            log.warning("partition %d not read yet, trying again: %s", partition.partition, error)
        else:
            self._rewind.discard(partition)

    def _in_flight(self) -> int:
        return sum(len(lease.offsets) for lease in list(self._leases.values()))

    async def _open(self, partition: TopicPartition) -> Lease:
        """Begin with a partition: read its deliveries back first; they share its key, so its number."""
        history = await self._in_thread(self._read_history, partition.partition)
        lease = self._leases[partition] = Lease(history, self._confirm)
        return lease

    def _read_history(self, number: int) -> DeliveryHistory:
        history = DeliveryHistory()
        partition = TopicPartition(self._deliveries, number)
        reader = KafkaConsumer(**self._kafka, group_id=None, enable_auto_commit=False)
        try:
            reader.assign([partition])
            end = reader.end_offsets([partition])[partition]
            reader.seek(partition, max(reader.beginning_offsets([partition])[partition], end - HISTORY_RECORDS))
            while reader.position(partition) < end:
                for records in reader.poll(timeout_ms=500).values():
                    for record in records:
                        history.note_wire(record.value or b"")
        finally:
            reader.close()
        return history

    def _take(self, lease: Lease, record: Any) -> None:
        """Begin with one page; one that is final, or in hand already, only moves the offset."""
        lease.offsets.take(record.offset)
        try:
            page = Page.from_wire(record.value or b"")
        except (ValueError, TypeError, AttributeError) as error:
            key, work = f"{record.offset}", self._bury(record, error)
        else:
            if lease.history.is_final(page.page_id) or page.page_id in lease.tasks:
                lease.offsets.finish(record.offset)
                return
            key, work = page.page_id, self._courier.bring(page, lease)
        task = lease.tasks[key] = self._loop.create_task(work)
        task.add_done_callback(lambda done: self._settle(lease, key, record.offset, done))

    def _settle(self, lease: Lease, key: str, offset: int, task: "asyncio.Task[None]") -> None:
        lease.tasks.pop(key, None)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            log.error("page %s: %s", key, error, exc_info=error)
            self._failure = self._failure or error
            self._stopping = True
        elif not lease.closed or lease.history.is_final(key):
            lease.offsets.finish(offset)

    async def _bury(self, record: Any, error: Exception) -> None:
        """Dead-letter a record that is no page."""
        letter = letter_for(record, "notify", "not_a_page", str(error)[:2000])
        log.warning("no page at %s/%d@%d: %s", record.topic, record.partition, record.offset, letter.detail)
        await self._send(self._letters, b"-", letter)

    async def _record(self, delivery: Delivery) -> None:
        """Put a delivery on its topic and wait until the broker has it."""
        await self._send(self._deliveries, delivery.provider.encode(), delivery)

    async def _send(self, topic: str, key: bytes, document: Document) -> None:
        acknowledged: asyncio.Future[None] = self._loop.create_future()

        def settle(error: BaseException | None) -> None:
            if acknowledged.done():
                return
            if error is None:
                acknowledged.set_result(None)
            else:
                acknowledged.set_exception(error)

        sending = self._producer.send(topic, document.to_wire(), key, headers_of(document))
        sending.add_callback(lambda _: self._loop.call_soon_threadsafe(settle, None))
        sending.add_errback(lambda error: self._loop.call_soon_threadsafe(settle, error))
        await acknowledged

    async def _confirm(self, lease: Lease) -> bool:
        """Return whether a partition is certainly still ours; asks the broker if it has not been for a while.

        A commit carries the group's generation, so the broker refuses it from a member that was thought dead.
        """
        while not lease.closed and self._uncertain():
            async with self._asking:
                if not lease.closed and self._uncertain():
                    await self._commit(again=True)
            if self._uncertain():
                await asyncio.sleep(ASK_AGAIN_S)
        return not lease.closed

    def _uncertain(self) -> bool:
        return time.monotonic() - self._certain_at > CERTAIN_S

    async def _commit(self, *, again: bool = False) -> None:
        """Commit what is finished; ``again`` also what is committed already."""
        offsets = self._committable(self._leases, again=again)
        if not offsets:
            return
        asked_at = time.monotonic()
        try:
            await self._in_thread(self._consumer.commit, stamps(offsets))
        except (CommitFailedError, IllegalStateError):
            log.info("partitions moved before their offsets were committed; the deliveries on record tell what is done")
        except KafkaError as error:
            log.warning("offsets not committed, trying again: %s", error)
            return
        else:
            self._certain_at = asked_at
        for partition, offset in offsets.items():
            if partition in self._leases:
                self._leases[partition].committed = offset

    @staticmethod
    def _committable(leases: Mapping[TopicPartition, Lease], *, again: bool = False) -> dict[TopicPartition, int]:
        found = {}
        for partition, lease in leases.items():
            offset = lease.offsets.committable()
            if offset is not None and (again or offset != lease.committed):
                found[partition] = offset
        return found

    async def _release(self, partitions: set[TopicPartition], grace_s: float) -> dict[TopicPartition, int]:
        """Give partitions up: waiting pages are dropped, attempts under way end and are put on record.

        Args:
            partitions: to give up.
            grace_s: how long to wait for attempts under way, real seconds; they are not cut off after it.

        Returns:
            The offsets to commit for them.
        """
        leases = {one: self._leases.pop(one) for one in partitions if one in self._leases}
        ending = []
        for lease in leases.values():
            lease.closed = True
            for key, task in list(lease.tasks.items()):
                if key in lease.attempting:
                    ending.append(task)
                else:
                    task.cancel()
        if ending:
            await asyncio.wait(ending, timeout=grace_s)
        return self._committable(leases)

    async def _reached(self, goal: dict[TopicPartition, int] | None) -> bool:
        """Return whether everything up to the goal is committed, here or by another member."""
        if goal is None:
            return False
        for partition, end in goal.items():
            lease = self._leases.get(partition)
            done = lease.committed if lease else await self._in_thread(self._consumer.committed, partition)
            if (done or 0) < end:
                return False
        return True

    def _ends(self, topic: str) -> dict[TopicPartition, int]:
        partitions = [TopicPartition(topic, number) for number in self._consumer.partitions_for_topic(topic) or ()]
        return {partition: end for partition, end in self._consumer.end_offsets(partitions).items() if end}

    async def _close(self) -> None:
        log.info("stopping: %d pages in flight, attempts under way are finished", self._in_flight())
        offsets = await self._release(set(self._leases), self._limits.grace_s)
        try:
            if offsets:
                await self._in_thread(self._consumer.commit, stamps(offsets))
        except KafkaError as error:
            log.info("offsets not committed at the end: %s", error)
        await self._in_thread(self._consumer.close, False)
        await self._in_thread(self._producer.close)
        for channel in self._channels.values():
            await channel.close()
        self._thread.shutdown()

    async def _in_thread(self, call: Callable[..., Any], *arguments: Any) -> Any:
        return await self._loop.run_in_executor(self._thread, call, *arguments)

    def _release_from_thread(self, partitions: set[TopicPartition], grace_s: float) -> dict[TopicPartition, int]:
        """Release partitions from kafka-python's I/O thread and wait for it; the loop itself never waits for Kafka."""
        releasing = asyncio.run_coroutine_threadsafe(self._release(partitions, grace_s), self._loop)
        return releasing.result(timeout=grace_s + 1.0)
