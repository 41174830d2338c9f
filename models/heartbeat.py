"""Heartbeats: what each service says of itself, so that the tracker can watch itself. Pure."""

from dataclasses import dataclass, field
from datetime import datetime

from pydantic import Field

from models.document import Document
from models.instants import Instant


class Heartbeat(Document):
    """One sign of life of one service; the newest by ``beat_at`` counts."""

    service: str
    """Such as ``worker``, ``notify``, ``index``, ``serve``, ``poll``, ``mailbox``; with ``/instance`` where several."""
    beat_at: Instant
    started_at: Instant
    pid: int
    every_s: float
    """How often it beats; real seconds."""
    lag_records: dict[str, int] = Field(default_factory=dict)
    """By topic (without prefix): records that wait to be handled."""
    oldest_due_s: float = 0.0
    """Age of the oldest instant that fell due and was not applied yet, seconds of the product's clock."""
    armed_wakes: int = 0
    outbox_pages: int = 0
    """Pages taken and unfinished."""
    outbox_age_s: float = 0.0
    """Age of the oldest of them, from its due instant; held ones (digest, quota) do not count."""
    trouble: str | None = None
    """What the service itself knows to be wrong."""
    progress_age_s: float | None = None
    """Real seconds since its work last got on, or had nothing to do; None where nothing is measured. A sign of life
    comes from a thread of its own: that one comes does not say that the work goes on, this does."""
    feeds: int = 0
    """Of the poller: how many feeds it looks at."""
    feeds_overdue: int = 0
    """How many of them it has not seen for three of their intervals."""

    def document_id(self) -> str:
        return self.service

    def occurred_at(self) -> datetime:
        return self.beat_at


@dataclass(frozen=True, slots=True)
class Figures:
    """What a service measures of itself for one heartbeat; fields as there."""

    progress_age_s: float | None = None
    lag_records: dict[str, int] = field(default_factory=dict)
    oldest_due_s: float = 0.0
    armed_wakes: int = 0
    outbox_pages: int = 0
    outbox_age_s: float = 0.0
    feeds: int = 0
    feeds_overdue: int = 0
    trouble: str | None = None
