"""What the engine says of incidents and clocks: documents that change, by revision. Pure."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

from models.document import Document
from models.instants import Instant


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
    used_share: float | None = None
    """Elapsed at least, as a share of the target: 0.75 to 1 is a near miss. None while running."""
    over_s: float | None = None
    """By how much at least a breached clock ran over its target; None of any other."""

    def document_id(self) -> str:
        return self.clock_id

    def document_version(self) -> int:
        return self.revision

    def occurred_at(self) -> datetime:
        moment = self.started_at or self.stopped_at or self.due_at or self.incident_started_at
        if moment is None:
            raise ValueError(f"clock {self.clock_id} has no time at all")
        return moment
