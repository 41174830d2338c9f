"""What is remembered of a feed between two looks: just enough to tell what is new and what is gone. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

import orjson

from models.instants import format_instant, parse_instant

MEMORY_VERSION = 1
LOOKS_KEPT = 32
"""Scopes of a feed whose last look is remembered; a feed has one, unless single incidents are polled."""
EXPOSED_KEPT = 500
"""Exposures remembered, so that a cancellation without an area finds whom it concerns."""


@dataclass(frozen=True)
class Entry:
    """An unresolved incident as it was last listed: what its vanishing will be told with."""

    title: str | None = None
    severity: str | None = None
    components: tuple[str, ...] = ()


@dataclass(frozen=True)
class Exposed:
    """A provider that a hazard exposes."""

    incident_id: str
    """The hazard's ``source_incident_id`` when it was told."""
    messages: tuple[str, ...]
    """``source_update_id`` of the hazard's messages: a chain may refer to any of them."""
    provider: str
    services: tuple[str, ...]


@dataclass(frozen=True)
class FeedMemory:
    """The memory of one feed. Losing it costs a repetition of notices that are already known, and one vanishing."""

    looks: Mapping[str, datetime] = field(default_factory=dict)
    """Last successful look by scope (``feeds.reading.Parsed.scope``)."""
    listed: Mapping[str, Entry] = field(default_factory=dict)
    """Unresolved incidents of the last summary, by id."""
    known: frozenset[str] = frozenset()
    """Ids of the notices of the last payload."""
    exposed: tuple[Exposed, ...] = ()
    is_blind: bool = False
    """True after a payload that could not be read: what came then was not seen."""

    @property
    def last_look(self) -> datetime | None:
        """The last successful look of any scope."""
        return max(self.looks.values(), default=None)

    def to_wire(self) -> bytes:
        """Return the JSON bytes of it: same memory, same bytes."""
        document = {
            "version": MEMORY_VERSION,
            "looks": {scope: format_instant(look) for scope, look in sorted(self.looks.items())},
            "listed": {
                key: [one.title, one.severity, list(one.components)] for key, one in sorted(self.listed.items())
            },
            "known": sorted(self.known),
            "exposed": [
                [one.incident_id, list(one.messages), one.provider, list(one.services)] for one in self.exposed
            ],
            "is_blind": self.is_blind,
        }
        return orjson.dumps(document)

    @classmethod
    def from_wire(cls, value: bytes) -> Self:
        """Read ``to_wire`` back.

        Raises:
            ValueError: if the bytes are no memory of this version; begin with an empty one.
        """
        document: Any = orjson.loads(value)
        if not isinstance(document, dict) or document.get("version") != MEMORY_VERSION:
            raise ValueError(f"not the memory of a feed, version {MEMORY_VERSION}")
        try:
            return cls(
                looks={scope: parse_instant(look) for scope, look in document["looks"].items()},
                listed={key: Entry(row[0], row[1], tuple(row[2])) for key, row in document["listed"].items()},
                known=frozenset(document["known"]),
                exposed=tuple(Exposed(row[0], tuple(row[1]), row[2], tuple(row[3])) for row in document["exposed"]),
                is_blind=document["is_blind"],
            )
        except (KeyError, TypeError, IndexError, AttributeError) as error:
            raise ValueError(f"not the memory of a feed: {error!r}") from error
