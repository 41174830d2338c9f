"""Partitions of pages while they are ours, and what happens when a rebalance moves them. IO: commits offsets."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from kafka import ConsumerRebalanceListener, TopicPartition
from kafka.structs import OffsetAndMetadata

from consumers.attempts import DeliveryHistory, OpenOffsets
from consumers.bundling import Reason
from models.paging import Page

if TYPE_CHECKING:
    from consumers.line import Line

log = logging.getLogger("holdfast.notify")

REVOKE_GRACE_S = 5.0
"""Half of the session timeout: kafka-python sends no heartbeats while a rebalance callback runs. An attempt that takes
longer is repeated by the next owner, marked as such."""


@dataclass
class Slot:
    """A page in hand."""

    page: Page
    offset: int
    since: datetime
    """From when on it waits, by the product's clock."""
    ready_at: datetime | None
    """From when on it need not wait for anything but its turn; None while it is held."""
    held: Reason | None = None
    behind_s: float | None = None
    """Since when it waits for others before it only, by ``time.monotonic``."""


@dataclass
class Lease:
    """A partition of pages while it is ours."""

    number: int
    history: DeliveryHistory
    ask: Callable[["Lease"], Awaitable[bool]]
    """Returns whether the partition is certainly still ours."""
    fail: Callable[[str, BaseException], None]
    """Takes what a page's work raised."""
    offsets: OpenOffsets = field(default_factory=OpenOffsets)
    slots: dict[str, Slot] = field(default_factory=dict)
    """Pages in hand, by id."""
    lines: "dict[tuple[str, str], Line]" = field(default_factory=dict)
    """By postbox and channel."""
    tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    """By page id: attempts, bundles in the making, dead letters."""
    attempting: set[str] = field(default_factory=set)
    """Pages that are with a receiver right now: these are never cut off."""
    closed: bool = False
    committed: int | None = None

    async def confirm(self) -> bool:
        """Return whether the partition is certainly still ours."""
        return await self.ask(self)

    def start(self, key: str, work: Coroutine[Any, Any, None], ended: Callable[[], None]) -> None:
        """Begin with some work; ``ended`` is called when it ends by itself."""
        task = self.tasks[key] = asyncio.get_running_loop().create_task(work)
        task.add_done_callback(lambda done: self._settle(key, done, ended))

    def _settle(self, key: str, task: asyncio.Task[None], ended: Callable[[], None]) -> None:
        self.tasks.pop(key, None)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            self.fail(key, error)
        else:
            ended()

    def finish(self, page_id: str) -> None:
        """End with a page that has a final outcome; one that has none stays open."""
        if self.history.is_final(page_id) and page_id in self.slots:
            self.offsets.finish(self.slots.pop(page_id).offset)

    def unheld(self) -> list[Slot]:
        """Return the pages in hand that do not wait to be told later."""
        return [slot for slot in list(self.slots.values()) if slot.held is None]

    def rests(self, end: int) -> bool:
        """Return whether all below an offset is finished and committed, but for pages that are held."""
        held = {slot.offset for slot in self.slots.values() if slot.held is not None}
        below = self.offsets.below(end)
        return below is not None and held.issuperset(below) and self.committed == self.offsets.committable()


class Ownership(ConsumerRebalanceListener):  # type: ignore[misc]  # kafka-python has no types
    """Hands rebalances to the notifier. Its callbacks run on the client's I/O thread."""

    def __init__(
        self,
        consumer: Any,
        release: Callable[[set[TopicPartition], float], dict[TopicPartition, int]],
        rewind: set[TopicPartition],
    ) -> None:
        """Keep the collaborators.

        Args:
            consumer: commits what is finished.
            release: gives partitions up within so many seconds and returns the offsets to commit.
            rewind: takes the partitions that are to be read from their committed offset.
        """
        self._consumer = consumer
        self._release = release
        self._rewind = rewind

    def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """End what is under way and commit; if that fails, the deliveries on record tell what is done."""
        self._rewind -= revoked
        offsets = self._release(set(revoked), REVOKE_GRACE_S)
        if offsets:
            self._consumer.commit_async(stamps(offsets))

    def on_partitions_lost(self, lost: set[TopicPartition]) -> None:
        """Drop them at once and commit nothing: they are another member's by now."""
        self._rewind -= lost
        self._release(set(lost), 0.0)

    def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Read them from their committed offset; a partition's deliveries are read when its first page comes."""
        self._rewind |= assigned
        log.info("assigned partitions=%s", sorted(partition.partition for partition in assigned))


def stamps(offsets: Mapping[TopicPartition, int]) -> dict[TopicPartition, OffsetAndMetadata]:
    """Return offsets in the form that a commit takes."""
    return {partition: OffsetAndMetadata(offset) for partition, offset in offsets.items()}
