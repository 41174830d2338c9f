"""Partitions of pages while they are ours, and what happens when a rebalance moves them. IO: commits offsets."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kafka import ConsumerRebalanceListener, TopicPartition
from kafka.structs import OffsetAndMetadata

from consumers.attempts import DeliveryHistory, OpenOffsets

log = logging.getLogger("holdfast.notify")

REVOKE_GRACE_S = 5.0
"""Half of the session timeout: kafka-python sends no heartbeats while a rebalance callback runs. An attempt that takes
longer is repeated by the next owner, marked as such."""


@dataclass
class Lease:
    """A partition of pages while it is ours."""

    history: DeliveryHistory
    ask: Callable[["Lease"], Awaitable[bool]]
    """Returns whether the partition is certainly still ours."""
    offsets: OpenOffsets = field(default_factory=OpenOffsets)
    tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    """By page id."""
    attempting: set[str] = field(default_factory=set)
    """Pages that are with a receiver right now: these are never cut off."""
    closed: bool = False
    committed: int | None = None

    async def confirm(self) -> bool:
        """Return whether the partition is certainly still ours."""
        return await self.ask(self)


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
