"""What came in: a payload with its bytes, and a dead letter where it could not be handled. Pure."""

import base64
from datetime import datetime
from typing import Any, Literal, Self

import orjson
from pydantic import BaseModel, ConfigDict

from models.document import Document
from models.ids import stable_id
from models.instants import Instant, format_instant

DETAIL_LIMIT = 2_000
"""Characters of a dead letter's detail."""


class DeadLetter(Document):
    """Something that could not be handled: why, where, and its bytes. Never changes; can be replayed."""

    letter_id: str
    stage: Literal["ingest", "normalise", "track", "index", "notify"]
    feed: str | None
    format: str | None
    reason: str
    """Short and stable, such as ``not_json``; ``detail`` has the words."""
    detail: str
    topic: str | None
    partition: int | None
    offset: int | None
    content_type: str | None
    name: str | None
    """File name or URL that the bytes came from."""
    raw: str
    """The bytes as received, base64."""
    received_at: Instant
    received_after: Instant | None = None

    def document_id(self) -> str:
        return self.letter_id

    def occurred_at(self) -> datetime:
        return self.received_at

    def raw_bytes(self) -> bytes:
        """Return the bytes as they were received."""
        return base64.b64decode(self.raw)


class RawPayload(BaseModel):
    """A payload as it came, with who fetched it when: a CloudEvents 1.0 structured envelope on the wire."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    feed: str
    format: str
    body: bytes
    received_at: Instant
    received_after: Instant | None = None
    content_type: str = "application/octet-stream"
    name: str | None = None

    @property
    def payload_id(self) -> str:
        """Deterministic: the same bytes of the same look are one payload."""
        body = stable_id(self.body.hex())
        return stable_id(self.feed, self.format, format_instant(self.received_at), body)

    def refused(self, letter_id: str, reason: str, detail: str) -> DeadLetter:
        """Return the dead letter of this payload at the stage ``normalise``, with its bytes for a replay.

        Args:
            letter_id: deterministic, one for each reason that a payload is refused for.
            reason: short and stable, as in docs/reference/dead-letters.md.
            detail: in words; cut at ``DETAIL_LIMIT``.
        """
        return DeadLetter(
            letter_id=letter_id,
            stage="normalise",
            feed=self.feed,
            format=self.format,
            reason=reason,
            detail=detail[:DETAIL_LIMIT],
            topic=None,
            partition=None,
            offset=None,
            content_type=self.content_type,
            name=self.name,
            raw=base64.b64encode(self.body).decode(),
            received_at=self.received_at,
            received_after=self.received_after,
        )

    def to_wire(self) -> bytes:
        """Return the CloudEvents JSON envelope; the bytes travel as ``data_base64``."""
        event: dict[str, Any] = {
            "specversion": "1.0",
            "id": self.payload_id,
            "source": f"/feeds/{self.feed}",
            "type": f"org.holdfast.raw.{self.format}",
            "time": format_instant(self.received_at),
            "datacontenttype": self.content_type,
            "data_base64": base64.b64encode(self.body).decode(),
        }
        if self.received_after is not None:
            event["receivedafter"] = format_instant(self.received_after)
        if self.name is not None:
            event["subject"] = self.name
        return orjson.dumps(event)

    @classmethod
    def from_wire(cls, value: bytes) -> Self:
        """Read an envelope back.

        Raises:
            ValueError: if it is no CloudEvents envelope of ours; dead-letter it.
        """
        event = orjson.loads(value)
        if not isinstance(event, dict) or event.get("specversion") != "1.0":
            raise ValueError("not a CloudEvents 1.0 envelope")
        kind, source = str(event.get("type", "")), str(event.get("source", ""))
        if not kind.startswith("org.holdfast.raw.") or not source.startswith("/feeds/"):
            raise ValueError(f"not a raw payload: type {kind!r}, source {source!r}")
        return cls(
            feed=source.removeprefix("/feeds/"),
            format=kind.removeprefix("org.holdfast.raw."),
            body=base64.b64decode(event["data_base64"], validate=True),
            received_at=event["time"],
            received_after=event.get("receivedafter"),
            content_type=event.get("datacontenttype", "application/octet-stream"),
            name=event.get("subject"),
        )
