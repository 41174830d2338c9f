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


Channel = Literal["webhook", "email", "console", "slack", "teams", "pagerduty", "opsgenie", "sms", "apprise"]
"""How a page reaches a person."""


class PageKind(StrEnum):
    """What a message to a person is about."""

    RUNG = "rung"
    """One rung of a ladder was reached for one incident."""
    EXPOSURE = "exposure"
    """A hazard's area holds sites of a provider: nothing has failed yet (measurement.md §9)."""
    ALL_CLEAR = "all_clear"
    """A hazard is over and the services that it hit hold."""
    BUNDLE = "bundle"
    """Several pages told in one message: of one hazard, of low priority, or past a person's quota."""


class Fallback(BaseModel):
    """Whom to try, and how, when a page could not be brought."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    recipient: str
    recipient_name: str
    channel: Channel
    address: str | None


class Page(Document):
    """One message to one person on one rung of an escalation ladder (measurement.md §10). Never changes."""

    page_id: str
    """Hash of (incident, policy version, rung, loop, recipient, channel); the recipient as the policy names it."""
    kind: PageKind = PageKind.RUNG
    incident_id: str
    """Of ``exposure`` and ``all_clear`` without an incident: the hazard's case; of a bundle: of its first member."""
    source: str | None = None
    """Feed whose incident ``source_incident_id`` is: an answer to the page is told of the same one."""
    source_incident_id: str
    provider: str
    services: tuple[str, ...]
    policy: str
    policy_version: str
    side: Side
    rung: int
    loop: int
    recipient: str
    """Who gets it: a contact id of the Provider document, or a member of a Rota."""
    recipient_name: str
    rota: str | None = None
    """Rota through which the recipient was found, as the policy names it."""
    channel: Channel
    address: str | None
    """E-mail address, URL, key or number; ``env:NAME`` is read where it is sent; None lets the settings decide."""
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
    answer_by: Instant | None = None
    """Until when an answer is expected before the next rung is told; None where nobody waits for one."""
    expires_at: Instant | None = None
    """Until when the page can be answered by its link or its reply address."""
    critical: bool = True
    """False for what may be told late or not at all twice: an unknown outcome is then not tried again."""
    hazard: str | None = None
    """``source/id`` of the hazard that it is grouped under: one message a person, with the list."""
    cadence_s: float | None = None
    """Of a hazard: seconds between two messages to one person about it."""
    digest_s: float | None = None
    """Of low priority: told at the next whole multiple of so many seconds since 1970, together with others."""
    quota_per_h: int | None = None
    """Messages an hour that the recipient takes on this channel; more are told together."""
    fallbacks: tuple[Fallback, ...] = ()
    """Tried in order, each as a page of its own, when this one can't be brought."""
    stands_in_for: str | None = None
    """The page that could not be brought, in whose place this one goes out."""
    members: tuple[str, ...] = ()
    """Of a bundle: the pages that it tells, by id."""

    def document_id(self) -> str:
        return self.page_id

    @property
    def postbox(self) -> str:
        """Key on the topics of pages and deliveries: all that goes to one person is in one order.

        Contact ids of a provider's people are its own; ours are the same people with every provider.
        """
        return self.recipient if self.side is Side.CUSTOMER else f"{self.provider}/{self.recipient}"

    def occurred_at(self) -> datetime:
        return self.due_at


class RungState(StrEnum):
    """State of one rung for one recipient on one channel (measurement.md §10)."""

    WAITING = "waiting"
    DUE = "due"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    SUPPRESSED = "suppressed"
    """Reached and not told, or held back until an instant; the reason says why."""
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
    """Why it is suppressed, withdrawn or reached by other means than its condition, in words."""
    rota: str | None = None
    told_at: Instant | None = None
    """When the first page of this rung was issued."""
    loop: int = 0
    """The latest repetition issued; 0 is the first page."""
    next_loop_at: Instant | None = None
    """When it is paged again if nothing happens; None where nobody is paged again."""
    acknowledged_by: str | None = None
    acknowledged_at: Instant | None = None


class Answered(BaseModel):
    """An acknowledgement of a ladder, or a mute, as the plan shows it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    action: str
    side: Side | None
    person: str
    identity: str
    at: Instant
    until: Instant | None = None
    reason: str | None = None


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
    answers: tuple[Answered, ...] = ()
    """Acknowledgements and mutes, in order of time."""
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
    """The receiver may or may not have it: a critical page is sent again with the same key."""
    BUNDLED = "bundled"
    """Told within another message, which ``bundle_id`` names; final."""


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
    proof: str | None = None
    """What the receiver gave for it: the mail server's reply, a message id, a deduplication key."""
    bundle_id: str | None = None
    failed_over_to: str | None = None
    """The page that went out in its place."""
    kind: PageKind = PageKind.RUNG
    """This and the two below are the page's own: what a person was told of is known from the deliveries alone."""
    priority: str | None = None
    hazard: str | None = None

    def document_id(self) -> str:
        return self.delivery_id

    def occurred_at(self) -> datetime:
        return self.finished_at
