"""Dead letters back onto the topics: which record a letter becomes. IO: Kafka, to find the record that it was."""

from types import TracebackType
from typing import Any, Self

from kafka import KafkaConsumer, TopicPartition

from holdfast.kafka import options
from holdfast.settings import Settings
from models.raw import DeadLetter, RawPayload
from models.topics import Headers, Names, Stream

READ_MS = 10_000


class NotReplayableError(Exception):
    """A letter that lacks what a replay needs; the message says what."""


class Originals:
    """Reads single records again. A context manager."""

    def __init__(self, settings: Settings) -> None:
        """Connect on first use only."""
        self._settings = settings
        self._consumer: Any = None

    def __enter__(self) -> Self:
        """Return self."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Disconnect."""
        if self._consumer is not None:
            self._consumer.close()

    def read(self, topic: str, partition: int, offset: int) -> Any:
        """Return one record; None if it is not on the topic any more."""
        if self._consumer is None:
            self._consumer = KafkaConsumer(**options(self._settings), group_id=None, enable_auto_commit=False)
        place = TopicPartition(topic, partition)
        if partition not in (self._consumer.partitions_for_topic(topic) or ()):
            return None
        if not self._consumer.beginning_offsets([place])[place] <= offset < self._consumer.end_offsets([place])[place]:
            return None
        self._consumer.assign([place])
        self._consumer.seek(place, offset)
        for record in self._consumer.poll(timeout_ms=READ_MS, max_records=1).get(place, ()):
            if record.offset == offset:
                return record
        return None


def record_for(letter: DeadLetter, names: Names, originals: Originals) -> tuple[Stream, str, bytes, Headers]:
    """Return the record that gives a letter another try, as the arguments of ``Publisher.send``.

    A payload that never became notices is a raw payload again, received when it first was, so its notices carry true
    times and ids. Any other letter is its record again: same topic, key, bytes and headers.

    Raises:
        NotReplayableError: if the letter does not tell enough.
    """
    if letter.stage in ("ingest", "normalise"):
        return _payload(letter)
    if letter.topic is None or letter.partition is None or letter.offset is None:
        raise NotReplayableError("it does not say which record it was")
    stream = next((one for one in Stream if names.topic(one) == letter.topic), None)
    if stream is None:
        raise NotReplayableError(f"topic {letter.topic} is not of this installation")
    record = originals.read(letter.topic, letter.partition, letter.offset)
    if record is None:
        raise NotReplayableError(f"{letter.topic}/{letter.partition}@{letter.offset} is not on the topic any more")
    return stream, (record.key or b"-").decode(errors="replace"), record.value or b"", list(record.headers)


def _payload(letter: DeadLetter) -> tuple[Stream, str, bytes, Headers]:
    if letter.feed is None or letter.format is None:
        raise NotReplayableError("its feed or format is unknown; use `show --raw` and `holdfast ingest`")
    payload = RawPayload(
        feed=letter.feed,
        format=letter.format,
        body=letter.raw_bytes(),
        received_at=letter.received_at,
        received_after=letter.received_after,
        content_type=letter.content_type or "application/octet-stream",
        name=letter.name,
    )
    return Stream.RAW, letter.feed, payload.to_wire(), []
