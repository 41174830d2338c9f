"""Normalise: raw payloads into notices, decisions, contacts, or into the dead letters. IO: Kafka, through Faust.

The dialects are handed in as one pure function, because ``streams`` and ``feeds`` meet on topics only.
"""

import base64
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import faust

from models.communication import Communication
from models.decision import Decision
from models.document import Document
from models.documents import Documents
from models.ids import stable_id
from models.notice import Notice
from models.raw import DeadLetter, RawPayload
from models.topics import HEADER_TYPE, Stream, document_headers
from streams.batch import DurableBatch, Out, Put, Sentinel, consume
from streams.config import FEEDS_TABLE, NORMALISER, StreamConfig, make_app, raw_topic
from streams.documents import DocumentsReader
from streams.metrics import Metrics
from streams.recovery import after_recovery

log = logging.getLogger("holdfast.worker")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MAX_RAW_BYTES = 8 * 1024 * 1024
"""Bytes kept in a record's dead letter: base64 adds a third, a topic takes 16 MiB; the record stays on its topic."""


@dataclass(frozen=True, slots=True)
class Normalised:
    """What one payload said that its feed had not said before."""

    notices: tuple[Notice, ...]
    letters: tuple[DeadLetter, ...]
    memory: bytes
    """The feed's memory after this look; opaque here."""
    decisions: tuple[Decision, ...] = ()
    """Of people, about ladders."""
    communications: tuple[Communication, ...] = ()
    """Contacts between the two sides."""


@dataclass(frozen=True, slots=True)
class Handled:
    """What a batch gives."""

    outs: list[Out]
    puts: list[Put]
    reasons: list[str]
    """Of what could not be read."""


Normalise = Callable[[bytes | None, RawPayload, Documents], Normalised]
"""(memory of the feed, payload, documents in force) to what is new. Never raises on bad payloads."""


class Normaliser:
    """Turns a batch of raw records into records to send and rows to keep. No I/O."""

    def __init__(self, config: StreamConfig, normalise: Normalise) -> None:
        self._config = config
        self._normalise = normalise

    def handle(self, messages: Sequence[Any], memories: dict[bytes, bytes], documents: Documents) -> Handled:
        """Normalise a batch.

        Args:
            messages: records of the raw topic, in offset order per partition.
            memories: feed to memory, as stored before the batch.
            documents: in force.
        """
        outs: list[Out] = []
        letters: list[DeadLetter] = []
        puts: dict[bytes, Put] = {}
        for message in messages:
            try:
                raw = RawPayload.from_wire(message.value)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                letters.append(self._unreadable(message, error))
                continue
            key = raw.feed.encode()
            known = puts[key].value if key in puts else memories.get(key)
            try:
                found = self._normalise(known, raw, documents)
                outs += self._outs(found)
            except Exception as error:  # a fault of ours: the payload is kept, and the feed goes on without it
                log.exception("payload %s/%d of feed %s can't be handled", message.partition, message.offset, raw.feed)
                letters.append(_failed(raw, error))
                continue
            letters += found.letters
            puts[key] = Put(message.partition, key, found.memory)
        outs += [dead_letter_out(self._config, letter) for letter in letters]
        return Handled(outs, list(puts.values()), [letter.reason for letter in letters])

    def _outs(self, found: Normalised) -> list[Out]:
        """Return the records of what a payload said: an answer's notice before the decision that came with it."""
        return [
            *(self._out(Stream.LEDGER, one, one.provider, b"notice") for one in found.notices),
            *(self._out(Stream.LEDGER, one, one.provider, b"decision") for one in found.decisions),
            *(self._out(Stream.COMMUNICATIONS, one, one.provider) for one in found.communications),
        ]

    def _out(self, stream: Stream, document: Document, provider: str | None, kind: bytes | None = None) -> Out:
        headers = document_headers(document.document_id(), month=f"{document.occurred_at():%Y-%m}")
        return Out(
            self._config.names.topic(stream),
            (provider or "").encode(),
            document.to_wire(),
            headers if kind is None else [*headers, (HEADER_TYPE, kind)],
            self._config.clock.now().timestamp(),
        )

    def _unreadable(self, message: Any, error: Exception) -> DeadLetter:
        """Keep a record that is no envelope of ours, with where it stood."""
        return record_letter(self._config, message, "normalise", "not_an_envelope", str(error))


def dead_letter_out(config: StreamConfig, letter: DeadLetter) -> Out:
    """Return the record of a dead letter."""
    return Out(
        config.names.topic(Stream.DEAD_LETTERS),
        (letter.feed or "-").encode(),
        letter.to_wire(),
        document_headers(letter.letter_id, month=f"{letter.received_at:%Y-%m}"),
        config.clock.now().timestamp(),
    )


def _failed(raw: RawPayload, error: Exception) -> DeadLetter:
    """Keep a payload that broke the dialects; it can be replayed when they are mended."""
    return raw.refused(
        stable_id("normalise_failed", raw.payload_id), "normalise_failed", f"{type(error).__name__}: {error}"
    )


def stamp_of(message: Any) -> datetime:
    """Return a record's own stamp; one outside the calendar (a producer's microseconds, say) is the epoch."""
    try:
        return datetime.fromtimestamp(message.timestamp, UTC)
    except (ValueError, OverflowError, OSError, TypeError):
        return EPOCH


def record_letter(config: StreamConfig, message: Any, stage: Any, reason: str, detail: str) -> DeadLetter:
    """Return the dead letter of a record that could not be handled at all; its id is its place in the topic."""
    value: bytes = message.value or b""
    return DeadLetter(
        letter_id=stable_id("record", message.topic, str(message.partition), str(message.offset), reason),
        stage=stage,
        feed=None,
        format=None,
        reason=reason,
        detail=detail[:2000] if len(value) <= MAX_RAW_BYTES else f"first {MAX_RAW_BYTES} bytes kept: {detail[:1900]}",
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        content_type=None,
        name=None,
        raw=base64.b64encode(value[:MAX_RAW_BYTES]).decode(),
        received_at=stamp_of(message),
    )


def build(config: StreamConfig, normalise: Normalise, documents: DocumentsReader, metrics: Metrics) -> faust.App:
    """Return the Faust app of this stage; starting it is the caller's."""
    app = make_app(config, NORMALISER)
    topic = raw_topic(app, config.names.topic(Stream.RAW), 4)
    table = app.Table(FEEDS_TABLE, key_type=bytes, value_type=bytes, partitions=4)
    batch, sentinel, normaliser = DurableBatch(app, table, metrics), Sentinel(app), Normaliser(config, normalise)

    @app.on_partitions_assigned.connect  # type: ignore[untyped-decorator]  # Faust is untyped
    async def assigned(*_: Any, **__: Any) -> None:
        sentinel.forget()

    after_recovery(app, table)

    async def handle(stream: Any, events: Sequence[Any]) -> None:
        messages = [event.message for event in events]
        await sentinel.check(messages)
        handled = normaliser.handle(messages, table.data.data, documents.current)
        await batch.commit(stream, events, handled.outs, handled.puts)
        metrics.handled(app, messages[-1], handled.reasons)

    @app.agent(topic, concurrency=1)  # type: ignore[untyped-decorator]
    async def normalise_agent(stream: Any) -> None:
        await documents.load()
        await consume(stream, partial(handle, stream), "normalise")

    return app
