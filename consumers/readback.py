"""What is read back of a partition: its deliveries, and the bundles past its committed offset. IO: Kafka."""

from collections.abc import Iterator, Mapping
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from consumers.attempts import REMEMBERED, DeliveryHistory
from models.paging import Page, PageKind

HISTORY_RECORDS = 2_000_000
"""Delivery records read back for a partition at most; what is older is final and far below the committed offset."""
BUNDLE = PageKind.BUNDLE.value.encode()


def read_back(
    kafka: Mapping[str, Any], member: Any, pages: TopicPartition, deliveries: TopicPartition
) -> DeliveryHistory:
    """Return what became of the pages of a partition.

    Pages that are held keep the committed offset low, so much may lie past it that is final: all of it is remembered.
    A bundle that is there has told its members, whether or not their deliveries say so.

    Args:
        kafka: connection options.
        member: the consumer whose group committed the offset.
        pages: the partition.
        deliveries: the one with the same number.

    Raises:
        KafkaError: if the broker does not answer.
    """
    reader = KafkaConsumer(**kafka, group_id=None, enable_auto_commit=False)
    try:
        begin, end = _bounds(reader, pages)
        begin = max(begin, member.committed(pages) or 0)
        history = DeliveryHistory(max(REMEMBERED, end - begin))
        first, last = _bounds(reader, deliveries)
        for record in _records(reader, deliveries, max(first, last - HISTORY_RECORDS), last):
            history.note_wire(record.value or b"", (record.key or b"").decode(errors="replace"))
        for record in _records(reader, pages, begin, end):
            if BUNDLE in (record.value or b""):
                _note_bundle(history, record.value)
    finally:
        reader.close()
    return history


def _note_bundle(history: DeliveryHistory, value: bytes) -> None:
    try:
        history.note_bundle(Page.from_wire(value))
    except (ValueError, TypeError, AttributeError):
        return  # no page: dead-lettered when its turn comes


def _bounds(reader: Any, partition: TopicPartition) -> tuple[int, int]:
    return reader.beginning_offsets([partition])[partition], reader.end_offsets([partition])[partition]


def _records(reader: Any, partition: TopicPartition, begin: int, end: int) -> Iterator[Any]:
    reader.assign([partition])
    reader.seek(partition, begin)
    while reader.position(partition) < end:
        for records in reader.poll(timeout_ms=500).values():
            yield from (record for record in records if record.offset < end)
