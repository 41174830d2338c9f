"""Consumer groups as seen from outside: how far they have to go, and starting one over. IO: Kafka."""

import time
from collections.abc import Iterable

from kafka import KafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from holdfast.kafka import options
from holdfast.settings import Settings

BUSY_TIMEOUT_S = 15.0
"""Longer than the session timeout, after which a killed member is forgotten."""
_RETRY_S = 1.0


class GroupBusyError(Exception):
    """A group still has members; the message says what to stop."""


def forget_group(settings: Settings, group: str, timeout_s: float = BUSY_TIMEOUT_S) -> None:
    """Delete a group's committed offsets, so that it starts from the beginning of its topics.

    Args:
        settings: where.
        group: its name; one that does not exist is fine.
        timeout_s: real seconds to wait for its last member to leave.

    Raises:
        GroupBusyError: if it still has members then.
        KafkaError: if the broker refuses for another reason.
    """
    ends = time.monotonic() + timeout_s
    admin = KafkaAdminClient(**options(settings))
    try:
        while True:
            answer = admin.delete_groups([group])[group]
            if answer in ("OK", "GroupIdNotFoundError"):
                return
            if answer != "NonEmptyGroupError":
                raise KafkaError(f"group {group} not deleted: {answer}")
            if time.monotonic() >= ends:
                raise GroupBusyError(f"{group} has running members: stop every `holdfast index` first, then try again")
            time.sleep(_RETRY_S)
    finally:
        admin.close()


def count_waiting(settings: Settings, group: str, topics: Iterable[str]) -> int:
    """Return how many records a group has still to read; all of them where it has read none."""
    consumer = KafkaConsumer(**options(settings), group_id=group, enable_auto_commit=False)
    try:
        partitions = _partitions(consumer, topics)
        first, last = consumer.beginning_offsets(partitions), consumer.end_offsets(partitions)
        done = {one: consumer.committed(one) for one in partitions}
        return sum(last[one] - max(first[one], done[one] or 0) for one in partitions)
    finally:
        consumer.close()


def count_records(settings: Settings, topics: Iterable[str]) -> int:
    """Return how many records topics hold now."""
    consumer = KafkaConsumer(**options(settings), group_id=None, enable_auto_commit=False)
    try:
        partitions = _partitions(consumer, topics)
        first, last = consumer.beginning_offsets(partitions), consumer.end_offsets(partitions)
        return sum(last[partition] - first[partition] for partition in partitions)
    finally:
        consumer.close()


def _partitions(consumer: KafkaConsumer, topics: Iterable[str]) -> list[TopicPartition]:
    return [TopicPartition(topic, number) for topic in topics for number in consumer.partitions_for_topic(topic) or ()]
