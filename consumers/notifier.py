"""The notifier: brings pages to people and puts on record what became of each attempt. IO: Kafka and the channels.

Pages are keyed by person, so that everything about one person is in one partition, and with one notifier. For each
page: nothing is done if a final delivery is on record. Else it takes its place in the line of its person and channel
(``consumers.line``). ``sending`` goes to the topic and is acknowledged, then the receiver is spoken to, then the
outcome goes to the topic. After a crash the deliveries of a partition are read back before its pages; an attempt
without an outcome becomes ``unknown`` and the page is sent again under the same key, marked as repeated. Offsets are
committed up to the lowest unfinished page, and a page that is held to be told with others is unfinished.

Two threads at work: the event loop runs deliveries, one worker thread polls Kafka. kafka-python calls back about
rebalances on an I/O thread of its own; those calls hop onto the loop.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import CommitFailedError, IllegalStateError, KafkaError

from consumers.bundle_page import LinkTo
from consumers.bundling import Reason
from consumers.channels import Channel
from consumers.courier import Courier, Limits, Outbox
from consumers.kafka_options import assert_fast_checksums, consumer_options, producer_options
from consumers.lease import Lease, Ownership, Slot, stamps
from consumers.letters import headers_of, letter_for
from consumers.line import Desk, Line
from consumers.metrics import NotifierMetrics
from consumers.readback import read_back
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
        links: LinkTo | None = None,
    ) -> None:
        """Connect to Kafka and join no group yet.

        Args:
            kafka: connection options of kafka-python clients.
            names: of the installation.
            channels: by ``Page.channel``.
            clock: dates deliveries; waits and latencies are real seconds.
            limits: attempts, pauses and how much goes on at once.
            metrics: where to count; a registry of its own if None.
            links: gives a page's own answer link, for messages that tell several; None: those have none.

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
        self._clock = clock
        outbox = Outbox(self._record, self._publish)
        courier = Courier(channels, clock, self._limits, outbox, self._metrics)
        self._desk = Desk(courier, outbox, clock, self._limits, self._metrics, links)
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
        self._goal: dict[TopicPartition, int] | None = None
        """Ends of the partitions up to which pages are delivered; None: for ever."""
        self._failure: BaseException | None = None
        self._stopping = False

    def stop(self) -> None:
        """End when the attempts under way have ended; safe in a signal handler."""
        self._stopping = True

    async def run(self, *, once: bool = False) -> None:
        """Deliver pages until stopped, or with ``once`` until those that are on the topic now have an outcome.

        With ``once``, pages that are held to be told later are left to the next start; what is told in place of a page,
        or of several, is delivered too.

        Raises:
            KafkaError: if a delivery can't be put on record; start again, nothing is lost.
            PartitionsDifferError: if the topics are not partitioned alike.
        """
        self._loop = asyncio.get_running_loop()
        self._goal = await self._in_thread(self._ends, self._pages) if once else None
        await self._in_thread(self._look_up_topics)
        self._consumer.subscribe(
            [self._pages], listener=Ownership(self._consumer, self._release_from_thread, self._rewind)
        )
        log.info("holdfast.notify ready channels=%s", ",".join(self._channels))
        try:
            while not self._stopping and not await self._reached():
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
        """Return how much is unfinished, for how long, and how long ago it last polled. Callable from any thread."""
        pages, age_s = self.standing()
        return Figures(progress_age_s=time.monotonic() - self._stepped_at, outbox_pages=pages, outbox_age_s=age_s)

    def standing(self) -> tuple[int, float]:
        """Return how many pages are neither delivered nor held, and for how long the oldest has been so.

        Seconds of the product's clock, from when it was issued, or need not be held any more.
        """
        ready = [slot.ready_at for lease in list(self._leases.values()) for slot in lease.unheld()]
        now = self._clock.now()
        return len(ready), max((max(0.0, (now - at).total_seconds()) for at in ready if at is not None), default=0.0)

    async def _step(self) -> None:
        self._stepped_at = time.monotonic()
        batch = await self._in_thread(self._poll)
        for partition, records in batch.items():
            lease = self._leases.get(partition) or await self._open(partition)
            for record in records:
                self._take(lease, record)
        self._measure()
        await self._commit(again=bool(batch) and self._uncertain())  # before the next poll: new pages wait for it

    def _measure(self) -> None:
        pages, age_s = self.standing()
        self._metrics.in_flight.set(pages)
        self._metrics.outbox_age.set(age_s)
        held = Counter(slot.held for lease in self._leases.values() for slot in lease.slots.values())
        for reason in Reason:
            self._metrics.held.labels(reason.value).set(held[reason])

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
        return sum(len(lease.unheld()) for lease in list(self._leases.values()))

    async def _open(self, partition: TopicPartition) -> Lease:
        """Begin with a partition: read back what became of its pages; deliveries share its key, so its number."""
        deliveries = TopicPartition(self._deliveries, partition.partition)
        history = await self._in_thread(read_back, self._kafka, self._consumer, partition, deliveries)
        lease = self._leases[partition] = Lease(partition.partition, history, self._confirm, self._fail)
        return lease

    def _take(self, lease: Lease, record: Any) -> None:
        """Begin with one page; one that is final, or in hand already, only moves the offset."""
        lease.offsets.take(record.offset)
        try:
            page = Page.from_wire(record.value or b"")
        except (ValueError, TypeError, AttributeError) as error:
            lease.start(f"{record.offset}", self._bury(record, error), lambda: lease.offsets.finish(record.offset))
            return
        key = (page.postbox, page.channel)
        line = lease.lines.get(key)
        if lease.history.is_final(page.page_id) or page.page_id in lease.slots:
            lease.offsets.finish(record.offset)
            if line is not None:
                line.saw(page, record.offset)
            return
        line = line or lease.lines.setdefault(key, Line(key, lease, self._desk))
        line.claim(lease.history.note_bundle(page))
        since = min(page.issued_at, self._clock.now())
        slot = lease.slots[page.page_id] = Slot(page, record.offset, since, since)
        line.add(slot)

    def _fail(self, key: str, error: BaseException) -> None:
        """End with everything: what can't be put on record is taken up again after a restart."""
        log.error("page %s: %s", key, error, exc_info=error)
        self._failure = self._failure or error
        self._stopping = True

    async def _bury(self, record: Any, error: Exception) -> None:
        """Dead-letter a record that is no page."""
        letter = letter_for(record, "notify", "not_a_page", str(error)[:2000])
        log.warning("no page at %s/%d@%d: %s", record.topic, record.partition, record.offset, letter.detail)
        await self._send(self._letters, b"-", letter)

    async def _record(self, number: int, postbox: str, delivery: Delivery) -> None:
        """Put a delivery on its topic, where its page is on the other, and wait until the broker has it."""
        await self._send(self._deliveries, postbox.encode(), delivery, number)

    async def _publish(self, page: Page) -> None:
        """Put a page on the topic that we read ourselves, and wait until the broker has it."""
        place = await self._send(self._pages, page.postbox.encode(), page)
        if self._goal is not None:
            partition = TopicPartition(self._pages, place.partition)
            self._goal[partition] = max(self._goal.get(partition, 0), place.offset + 1)

    async def _send(self, topic: str, key: bytes, document: Document, partition: int | None = None) -> Any:
        acknowledged: asyncio.Future[Any] = self._loop.create_future()

        def settle(place: Any, error: BaseException | None) -> None:
            if acknowledged.done():
                return
            if error is None:
                acknowledged.set_result(place)
            else:
                acknowledged.set_exception(error)

        sending = self._producer.send(topic, document.to_wire(), key, headers_of(document), partition)
        sending.add_callback(lambda place: self._loop.call_soon_threadsafe(settle, place, None))
        sending.add_errback(lambda error: self._loop.call_soon_threadsafe(settle, None, error))
        return await acknowledged

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
            for line in list(lease.lines.values()):
                line.close()
            for key, task in list(lease.tasks.items()):
                if key in lease.attempting:
                    ending.append(task)
                else:
                    task.cancel()
        if ending:
            await asyncio.wait(ending, timeout=grace_s)
        return self._committable(leases)

    async def _reached(self) -> bool:
        """Return whether up to the goal all is finished here, or held, or committed by another member."""
        for partition, end in list((self._goal or {}).items()):
            lease = self._leases.get(partition)
            if lease is not None and not lease.rests(end):
                return False
            if lease is None and (await self._in_thread(self._consumer.committed, partition) or 0) < end:
                return False
        return self._goal is not None

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
