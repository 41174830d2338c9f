"""What really happened in a made-up history, beside what was said of it. Pure."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PromiseTruth:
    """A time that the provider named for its next word."""

    said_at: datetime
    promised_at: datetime
    is_kept: bool
    """Whether the next word was published by then; receiving it takes up to five minutes more."""


@dataclass(frozen=True, slots=True)
class IncidentTruth:
    """One incident. Instants UTC; those after the history's end would have come, and nobody has heard of them."""

    provider: str
    source: str
    """The provider's feed; of an incident that only our probes saw, theirs."""
    source_incident_id: str
    services: tuple[str, ...]
    component: str
    cause: str
    priority: str
    began_at: datetime
    first_word_at: datetime | None
    """When the provider published its first statement; None: it never admitted it."""
    engaged_at: datetime | None
    restored_at: datetime
    """For the last time."""
    resolved_at: datetime | None
    is_false_alarm: bool = False
    is_rewritten: bool = False
    """Its begin was moved later, long afterwards."""
    is_reopened: bool = False
    is_probed: bool = False
    hazard: str | None = None
    """``source/id`` of the hazard that caused it."""
    promises: tuple[PromiseTruth, ...] = ()
