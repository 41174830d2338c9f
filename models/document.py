"""What every document on a topic shares: frozen, closed to unknown keys, versioned on the wire. Pure.

Every document carries ``schema_version`` and ``@timestamp`` on the wire; durations are seconds (``_s``) or
milliseconds (``_ms``) as named; absent is null. The indexer passes these bytes on as they are.
"""

from datetime import datetime
from typing import Self

import orjson
from pydantic import BaseModel, ConfigDict

from models.instants import format_instant

SCHEMA_VERSION = 1
"""Of every document on a topic; raised with a codec that still reads the old one."""


class Document(BaseModel):
    """A record's value: frozen, closed to unknown keys, versioned on the wire."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def document_id(self) -> str:
        """Return the Elasticsearch ``_id``: deterministic, the same on every replay."""
        raise TypeError(f"{type(self).__name__} has no identity of its own")

    def document_version(self) -> int | None:
        """Return the external version of a document that changes; None for one that never does."""
        return None

    def occurred_at(self) -> datetime:
        """Return the document's own time: its ``@timestamp``, and the month of its index."""
        raise TypeError(f"{type(self).__name__} has no time of its own")

    def to_wire(self) -> bytes:
        """Return the JSON bytes that travel on topics and into the index."""
        document = self.model_dump(mode="json")
        document["@timestamp"] = format_instant(self.occurred_at())
        document["schema_version"] = SCHEMA_VERSION
        return orjson.dumps(document)

    @classmethod
    def from_wire(cls, value: bytes) -> Self:
        """Read ``to_wire`` bytes back.

        Raises:
            ValueError: if the bytes are no document of a known schema version; dead-letter them.
        """
        document = orjson.loads(value)
        if not isinstance(document, dict):
            raise ValueError("a document is a JSON object")  # noqa: TRY004 - unreadable bytes are one kind of error
        version = document.pop("schema_version", None)
        if version != SCHEMA_VERSION:
            raise ValueError(f"document of schema version {version!r}, this build reads {SCHEMA_VERSION}")
        document.pop("@timestamp", None)
        return cls.model_validate(document)
