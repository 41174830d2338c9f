"""Names of topics, and which of them are compacted (architecture.md, Flow). Pure.

Keys: ``raw`` by feed, ``documents`` by document id, everything else by provider.
"""

from dataclasses import dataclass

RAW = "holdfast.raw"
LEDGER = "holdfast.ledger"
INCIDENTS = "holdfast.incidents"
CLOCKS = "holdfast.clocks"
PLANS = "holdfast.plans"
PAGES = "holdfast.pages"
DELIVERIES = "holdfast.deliveries"
DEAD_LETTERS = "holdfast.dead-letters"
DOCUMENTS = "holdfast.documents"

DAY_MS = 86_400_000


@dataclass(frozen=True)
class Topic:
    """How one topic is created."""

    name: str
    partitions: int
    compacted: bool = False
    retention_ms: int = -1
    """-1 keeps records for ever: evidence lives as long as the contract."""


TOPICS = (
    Topic(RAW, 4),
    Topic(LEDGER, 4),
    Topic(INCIDENTS, 4),
    Topic(CLOCKS, 4),
    Topic(PLANS, 4),
    Topic(PAGES, 4),
    Topic(DELIVERIES, 4),
    Topic(DEAD_LETTERS, 1),
    Topic(DOCUMENTS, 1, compacted=True),
)

HEADER_ID = "id"
"""Record header: the document's ``_id``, ASCII."""
HEADER_VERSION = "version"
"""Record header: decimal external version; absent on documents that never change."""
HEADER_MONTH = "month"
"""Record header: ``YYYY-MM`` of the document's own time, which names its monthly index."""
HEADER_TYPE = "type"
"""Record header on the ledger: ``notice``, ``wake`` or ``decision``."""
