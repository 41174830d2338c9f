"""Dead letters of the consumers: a record that can't be handled, with its bytes and the reason. Pure."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from models.document import Document
from models.ids import stable_id
from models.instants import format_instant
from models.raw import DeadLetter
from models.topics import Headers, document_headers

MAX_RAW_BYTES = 8 * 1024 * 1024
"""Bytes kept in a letter; base64 adds a third, and the topic takes 16 MiB. The record itself stays on its topic."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def letter_for(record: Any, stage: Literal["index", "notify"], reason: str, detail: str) -> DeadLetter:
    """Return the dead letter of a Kafka record: same record, same letter, on every replay.

    Args:
        record: with ``topic``, ``partition``, ``offset``, ``timestamp`` (milliseconds) and ``value``.
        stage: which consumer gives up.
        reason: short and stable.
        detail: in words; names what is to be mended.
    """
    value: bytes = record.value or b""
    if len(value) > MAX_RAW_BYTES:
        detail = f"{detail} (first {MAX_RAW_BYTES} of {len(value)} bytes kept here; all of them are on the topic)"
    return DeadLetter(
        letter_id=stable_id(stage, record.topic, str(record.partition), str(record.offset), str(record.timestamp)),
        stage=stage,
        feed=None,
        format=None,
        reason=reason,
        detail=detail,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        content_type="application/json",
        name=None,
        raw=base64.b64encode(value[:MAX_RAW_BYTES]).decode(),
        received_at=_EPOCH + timedelta(milliseconds=max(record.timestamp or 0, 0)),
    )


def headers_of(document: Document) -> Headers:
    """Return the record headers of a document, from which the indexer knows where it goes."""
    version = document.document_version()
    month = format_instant(document.occurred_at())[:7] if version is None else None
    return document_headers(document.document_id(), version=version, month=month)
