"""Pages, the plans they come from, and what became of each attempt to deliver them. Pure."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

from models.document import Document
from models.instants import Instant
from models.records import Objective


class Side(StrEnum):
    """On whose side of the contract a person stands."""

    PROVIDER = "provider"
    CUSTOMER = "customer"


class Page(Document):
    """One message to one person on one rung of an escalation ladder (measurement.md §10). Never changes."""

    page_id: str
    """Hash of (incident, policy version, rung, loop, recipient, channel)."""
    incident_id: str
    source_incident_id: str
    provider: str
    services: tuple[str, ...]
    policy: str
    policy_version: str
    side: Side
    rung: int
    loop: int
    recipient: str
    """Contact id in the Provider document."""
    recipient_name: str
    channel: Literal["webhook", "email", "console"]
    address: str | None
    """E-mail address, or URL of the webhook; None lets the notifier's settings decide."""
    priority: str | None
    objective: Objective | None
    reason: str
    """The rung's condition in words: why this page exists."""
    title: str
    text: str
    due_at: Instant
    """The computed instant of the rung, not the moment that somebody looked."""
    issued_at: Instant
    """Instant up to which the world had run when the page was issued."""
    late_s: float
    """Seconds from ``due_at`` to ``issued_at``."""

    def document_id(self) -> str:
        return self.page_id

    def occurred_at(self) -> datetime:
        return self.due_at


class RungState(StrEnum):
    """State of one rung for one recipient on one channel (measurement.md §10)."""

    WAITING = "waiting"
    DUE = "due"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    SUPPRESSED = "suppressed"
    WITHDRAWN = "withdrawn"


class PlannedPage(BaseModel):
    """One rung of a ladder, for one recipient on one channel, with its computed instant."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    page_id: str
    side: Side
    rung: int
    condition: str
    objective: Objective | None
    recipient: str
    recipient_name: str
    channel: str
    due_at: Instant | None
    """None where the condition can't be reached any more, or nothing runs towards it."""
    state: RungState
    reason: str | None = None
    """Why it is suppressed or withdrawn, in words."""


class PlanDocument(Document):
    """Who is told when about one incident: every rung of both ladders; changes, so it carries a revision."""

    incident_id: str
    source_incident_id: str
    provider: str
    services: tuple[str, ...]
    policy: str
    policy_version: str
    started_at: Instant
    next_due_at: Instant | None
    rungs: tuple[PlannedPage, ...]
    revision: int
    caused_by: str | None

    def document_id(self) -> str:
        return self.incident_id

    def document_version(self) -> int:
        return self.revision

    def occurred_at(self) -> datetime:
        return self.started_at


class Outcome(StrEnum):
    """What became of one attempt to deliver a page."""

    SENDING = "sending"
    """Written before the attempt; if nothing follows it, the outcome is unknown."""
    SENT = "sent"
    FAILED = "failed"
    """Given up: refused for good, or attempts exhausted."""
    RETRYING = "retrying"
    UNKNOWN = "unknown"
    """The receiver may or may not have it: the page is sent again with the same key."""


class Delivery(Document):
    """One attempt to deliver one page, and its outcome. Never changes."""

    delivery_id: str
    page_id: str
    """Also the idempotency key that the receiver gets."""
    incident_id: str
    provider: str
    recipient: str
    channel: str
    attempt: int
    """From 1."""
    outcome: Outcome
    repeated: bool = False
    """True where an earlier attempt's outcome is unknown: the receiver may get it twice."""
    status_code: int | None
    error: str | None
    started_at: Instant
    finished_at: Instant
    latency_ms: float

    def document_id(self) -> str:
        return self.delivery_id

    def occurred_at(self) -> datetime:
        return self.finished_at
