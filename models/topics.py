"""Names on the wire: topics, indices, consumer groups and record headers (architecture.md, Flow). Pure.

Keys: ``raw`` and ``dead-letters`` by feed, ``documents`` by document id, ``pages`` and ``deliveries`` by the person
(``Page.postbox``), ``heartbeats`` by service, everything else by provider.
"""

from dataclasses import dataclass
from enum import StrEnum


class Stream(StrEnum):
    """What flows; a topic each, and for most of them an index."""

    RAW = "raw"
    LEDGER = "ledger"
    INCIDENTS = "incidents"
    CLOCKS = "clocks"
    PLANS = "plans"
    PAGES = "pages"
    DELIVERIES = "deliveries"
    DEAD_LETTERS = "dead-letters"
    COMMUNICATIONS = "communications"
    HEARTBEATS = "heartbeats"
    DOCUMENTS = "documents"


@dataclass(frozen=True)
class Names:
    """Names of one installation; another prefix is another installation on the same servers."""

    prefix: str = "holdfast"

    def topic(self, stream: Stream) -> str:
        """Return a topic's name, such as ``holdfast.ledger``."""
        return f"{self.prefix}.{stream.value}"

    def index(self, name: str) -> str:
        """Return an index alias, such as ``holdfast-incidents``."""
        return f"{self.prefix}-{name}"

    def group(self, service: str) -> str:
        """Return a consumer group, or Faust application id, such as ``holdfast-indexer``."""
        return f"{self.prefix}-{service}"


@dataclass(frozen=True)
class Topic:
    """How one topic is created."""

    stream: Stream
    partitions: int
    compacted: bool = False


TOPICS = (
    Topic(Stream.RAW, 4),
    Topic(Stream.LEDGER, 4),
    Topic(Stream.INCIDENTS, 4),
    Topic(Stream.CLOCKS, 4),
    Topic(Stream.PLANS, 4),
    Topic(Stream.PAGES, 4),
    Topic(Stream.DELIVERIES, 4),
    Topic(Stream.DEAD_LETTERS, 1),
    Topic(Stream.COMMUNICATIONS, 4),
    Topic(Stream.HEARTBEATS, 1, compacted=True),
    Topic(Stream.DOCUMENTS, 1, compacted=True),
)
"""Only ``documents`` and ``heartbeats`` are compacted, none expires: evidence is kept for the life of the contract."""

HEADER_ID = "id"
"""Record header: the document's ``_id``, ASCII."""
HEADER_VERSION = "version"
"""Record header: decimal external version; absent on documents that never change."""
HEADER_MONTH = "month"
"""Record header: ``YYYY-MM`` of the document's own time, which names its monthly index."""
HEADER_TYPE = "type"
"""Record header on the ledger: ``notice``, ``wake`` or ``decision``."""

Headers = list[tuple[str, bytes]]


def document_headers(document_id: str, *, version: int | None = None, month: str | None = None) -> Headers:
    """Return the headers that let the indexer pass a document on without reading it."""
    headers: Headers = [(HEADER_ID, document_id.encode())]
    if version is not None:
        headers.append((HEADER_VERSION, b"%d" % version))
    if month is not None:
        headers.append((HEADER_MONTH, month.encode()))
    return headers
