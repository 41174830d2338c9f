"""Documents on the topics other than notices: what the engine, the notifier and the guards write. Pure.

Every document carries ``schema_version`` and ``@timestamp`` on the wire; durations are seconds (``_s``) or
milliseconds (``_ms``) as named; absent is null. The indexer passes these bytes on as they are.
"""

import base64
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, Self

import orjson
from pydantic import BaseModel, ConfigDict

from models.ids import stable_id
from models.instants import Instant, format_instant
from models.notice import SCHEMA_VERSION


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


class Basis(StrEnum):
    """Whose times a clock is computed from (measurement.md §4, Three bases)."""

    CLAIMED = "claimed"
    OBSERVED = "observed"
    AGREED = "agreed"


class Objective(StrEnum):
    """What a clock measures (measurement.md §4)."""

    NOTIFY = "notify"
    ACKNOWLEDGE = "acknowledge"
    RESPOND = "respond"
    UPDATE = "update"
    WORKAROUND = "workaround"
    RESTORE = "restore"
    RESOLVE = "resolve"
    ROOT_CAUSE = "root_cause"
    RECOVERY_POINT = "recovery_point"


class Verdict(StrEnum):
    """State of a clock (measurement.md §4)."""

    PENDING = "pending"
    RUNNING = "running"
    PAUSED = "paused"
    OVERDUE = "overdue"
    """Still running, past the target."""
    MET = "met"
    BREACHED = "breached"
    """Stopped, past the target."""
    INDETERMINATE = "indeterminate"
    CANCELLED = "cancelled"
    EXCLUDED = "excluded"
    NOT_APPLICABLE = "not_applicable"


class IncidentStatus(StrEnum):
    """Where an incident stands, by the provider's and our witnesses' last word."""

    OPEN = "open"
    RESTORED = "restored"
    RESOLVED = "resolved"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    MERGED = "merged"
    """Told again under another incident: see ``merged_into``."""


class IncidentDocument(Document):
    """The current state of one incident; changes, so it carries a revision."""

    incident_id: str
    provider: str
    services: tuple[str, ...]
    source: str
    source_incident_id: str
    kind: Literal["incident", "maintenance"]
    title: str | None
    severity: str | None
    priority: str | None
    """The highest priority reached."""
    status: IncidentStatus
    phase: str
    """The latest phase."""
    started_at: Instant
    """By the agreed basis."""
    claimed_started_at: Instant | None
    observed_started_at: Instant | None
    first_published_at: Instant | None
    acknowledged_at: Instant | None
    restored_at: Instant | None
    resolved_at: Instant | None
    claimed_ended_at: Instant | None
    last_notice_at: Instant | None
    notice_count: int
    reopened_count: int
    members: tuple[str, ...] = ()
    """Whose notices make it up, each as ``source/source_incident_id``: the provider's record and our witnesses'."""
    witnesses: tuple[str, ...] = ()
    """Sources of ours (monitors) that saw it."""
    exposures: tuple[str, ...] = ()
    """Hazards whose area held the provider's sites at the time, each as ``source/source_incident_id``."""
    agreement: str | None
    agreement_version: str | None
    policy: str | None
    merged_into: str | None = None
    flags: tuple[str, ...] = ()
    revision: int
    caused_by: str | None
    """Id of the notice or wake that made this revision."""

    def document_id(self) -> str:
        return self.incident_id

    def document_version(self) -> int:
        return self.revision

    def occurred_at(self) -> datetime:
        return self.started_at


class WarningStage(BaseModel):
    """A warning stage of a clock: its share of the target and the instant it is reached."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    share: float
    at: Instant


class ClockDocument(Document):
    """One objective, on one basis, of one incident; changes, so it carries a revision."""

    clock_id: str
    incident_id: str
    source_incident_id: str
    provider: str
    services: tuple[str, ...]
    objective: Objective
    basis: Basis
    ordinal: int
    """0 for objectives with one clock; the position of the gap for ``update``."""
    priority: str | None
    agreement: str
    agreement_version: str
    started_at: Instant | None
    due_at: Instant | None
    stopped_at: Instant | None
    elapsed_min_s: float | None
    """None while running: what ages is computed, never stored."""
    elapsed_max_s: float | None
    target_s: float
    paused_s: float
    verdict: Verdict
    breached_at: Instant | None
    warnings: tuple[WarningStage, ...] = ()
    reason: str | None = None
    """Why a verdict is not simply met or breached, in words."""
    revision: int
    caused_by: str | None
    replaces: Verdict | None
    """The verdict that this revision replaces."""
    incident_started_at: Instant | None = None
    """Start of the incident by the agreed basis: dates a clock that has no time of its own."""

    def document_id(self) -> str:
        return self.clock_id

    def document_version(self) -> int:
        return self.revision

    def occurred_at(self) -> datetime:
        moment = self.started_at or self.stopped_at or self.due_at or self.incident_started_at
        if moment is None:
            raise ValueError(f"clock {self.clock_id} has no time at all")
        return moment


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
