"""Kafka for the command line and the composition root: connection options, topics, publishing. IO: Kafka."""

import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any, Self

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import KafkaError, TopicAlreadyExistsError

from holdfast.settings import Settings
from holdfast.stack import ports
from models.documents import AnyDocument, Documents, documents_of, from_wire
from models.topics import TOPICS, Headers, Names, Stream

SEND_TIMEOUT_S = 30
LISTEN_PATIENCE_S = 3.0
"""How long a broker that is just being restarted may take to listen."""
BOOTSTRAP_TIMEOUT_MS = 15_000
"""How long a server that listens may take to answer as a broker; a busy one needs seconds."""
TOPICS_READY_MS = 60_000
"""How long new topics may take; the client's own ten seconds are too few for a broker on a busy machine."""
MAX_RECORD_BYTES = 16 * 1024 * 1024
"""Largest record: a provider's whole history in one payload fits."""


class KafkaUnreachableError(Exception):
    """No broker answers; the message says where it was looked for and what to do."""


def options(settings: Settings) -> dict[str, Any]:
    """Return connection options that every kafka-python client of this installation shares."""
    return {"bootstrap_servers": settings.kafka.split(",")}


def names(settings: Settings) -> Names:
    """Return the names of this installation's topics, indices and groups."""
    return Names(settings.prefix)


def ensure_topics(settings: Settings, extra: Iterable[tuple[str, int, bool]] = (), replication: int = 1) -> list[str]:
    """Create the topics that are missing; existing ones are left as they are.

    Args:
        settings: where.
        extra: further (name, partitions, compacted), such as the engine's changelogs.
        replication: copies of each partition; 3 on a real cluster.

    Returns:
        Names of the topics created now.

    Raises:
        KafkaUnreachableError: if no broker answers.
    """
    own = names(settings)
    wanted = [(own.topic(topic.stream), topic.partitions, topic.compacted) for topic in TOPICS] + list(extra)
    await_broker(settings)
    try:
        admin = KafkaAdminClient(**options(settings), bootstrap_timeout_ms=BOOTSTRAP_TIMEOUT_MS)
    except KafkaError as error:
        raise KafkaUnreachableError(_where(settings, f"what listens there does not answer as one: {error}")) from error
    try:
        known = set(admin.list_topics())
        missing = [entry for entry in wanted if entry[0] not in known]
        for name, partitions, compacted in missing:
            try:
                admin.create_topics([NewTopic(name, partitions, replication, topic_configs=_config(compacted))])
            except TopicAlreadyExistsError:
                continue  # another service came first
        created = [entry[0] for entry in missing]
        # a reader that comes before the brokers agree would find no partitions
        admin.wait_for_topics(created, timeout_ms=TOPICS_READY_MS)
        return created
    finally:
        admin.close()


def _config(compacted: bool) -> dict[str, str]:
    common = {"max.message.bytes": str(MAX_RECORD_BYTES)}
    if compacted:
        return {**common, "cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0.05", "segment.ms": "600000"}
    return {**common, "cleanup.policy": "delete", "retention.ms": "-1"}


def await_broker(settings: Settings) -> None:
    """Wait until one of the bootstrap servers takes connections; creates nothing.

    The client itself would go on trying for half a minute, and log each time.

    Raises:
        KafkaUnreachableError: if none does in ``LISTEN_PATIENCE_S``.
    """
    ends = time.monotonic() + LISTEN_PATIENCE_S
    while not any(ports.answers(host, port) for host, port in ports.kafka_addresses(settings)):
        if time.monotonic() >= ends:
            raise KafkaUnreachableError(_where(settings, "nothing listens there"))
        time.sleep(0.2)


def _where(settings: Settings, what: object) -> str:
    return (
        f"no Kafka broker at {settings.kafka}: {what}\n"
        "Next step: `holdfast up` starts one on this machine; HOLDFAST_KAFKA names another"
    )


class Publisher:
    """Sends records and waits until the broker has them. Use as a context manager; ``close`` flushes."""

    def __init__(self, settings: Settings) -> None:
        await_broker(settings)
        try:
            self._producer = KafkaProducer(**options(settings), linger_ms=5, max_request_size=MAX_RECORD_BYTES)
        except KafkaError as error:
            raise KafkaUnreachableError(_where(settings, error)) from error
        self._names = names(settings)
        self._pending: list[Any] = []

    def __enter__(self) -> Self:
        """Return self."""
        return self

    def __exit__(self, *_: object) -> None:
        """Flush and close."""
        self.close()

    def send(self, stream: Stream, key: str, value: bytes | None, headers: Headers | None = None) -> None:
        """Queue a record, a tombstone where the value is None; ``flush`` waits for it."""
        self._pending.append(
            self._producer.send(self._names.topic(stream), key=key.encode(), value=value, headers=headers or [])
        )

    def flush(self) -> None:
        """Wait until every queued record is acknowledged by all replicas.

        Raises:
            KafkaError: if one is not; none of the queued records may be taken as sent.
        """
        for future in self._pending:
            future.get(timeout=SEND_TIMEOUT_S)
        self._pending.clear()

    def close(self) -> None:
        """Flush and disconnect."""
        self.flush()
        self._producer.close()


def read_documents(settings: Settings) -> Documents:
    """Return the documents in force: the last good version of each on the compacted topic.

    Raises:
        KafkaUnreachableError: if no broker answers.
    """
    await_broker(settings)
    known: dict[bytes, AnyDocument] = {}
    try:
        for record in read_all(settings, names(settings).topic(Stream.DOCUMENTS)):
            if record.value is None:
                known.pop(record.key, None)
                continue
            with suppress(ValueError):  # as the worker, keep the last good one
                known[record.key] = from_wire(record.value)
    except KafkaError as error:
        raise KafkaUnreachableError(_where(settings, error)) from error
    return documents_of({key.decode(errors="replace"): one for key, one in known.items()})


def read_all(settings: Settings, topic: str) -> Iterator[Any]:
    """Yield every record of a topic from its beginning to its end as of now, partition by partition.

    A topic that does not exist has no records, and is not created by being looked at.

    Raises:
        KafkaUnreachableError: if what listens there is no broker.
    """
    own = {"enable_auto_commit": False, "group_id": None, "allow_auto_create_topics": False}
    try:
        consumer = KafkaConsumer(**options(settings), **own)
    except KafkaError as error:
        raise KafkaUnreachableError(_where(settings, error)) from error
    try:
        partitions = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
        ends = consumer.end_offsets(partitions)
        for partition in partitions:
            consumer.assign([partition])
            consumer.seek_to_beginning(partition)
            while consumer.position(partition) < ends[partition]:
                for records in consumer.poll(timeout_ms=500).values():
                    yield from (record for record in records if record.offset < ends[partition])
    finally:
        consumer.close()
