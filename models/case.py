"""What is kept of one incident between records: revisions, pages, how far its world has run. Pure.

Facts are kept per member (``models.book``); everything here can be computed again from them except the counts of
revisions, which pages were issued, what people decided and which policy is pinned: these travel in the engine's table.
"""

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b

from models.clocks import Reading
from models.decision import Decision
from models.document import Document
from models.fact import Member
from models.ids import stable_id
from models.ladder import Ladder
from models.moment import Elapsed
from models.plan import Told
from models.records import ClockDocument, IncidentDocument, Verdict, WarningStage

RUNNING = (Verdict.PENDING, Verdict.RUNNING, Verdict.PAUSED, Verdict.OVERDUE)


@dataclass(slots=True)
class Revision:
    """How often a document changed, and what it said last."""

    number: int
    digest: str
    verdict: Verdict | None = None
    """Of a clock; None for other documents."""
    target_s: float = 0.0
    """Of a clock, in seconds."""


@dataclass(slots=True)
class CaseState:
    """One incident's memory. Mutable; owned by a ``Book``."""

    incident_id: str
    seed: Member
    """The member after which the incident is named."""
    offset: int = -1
    """Highest ledger offset applied: an earlier one is a replay, its effects are out already."""
    as_of: datetime | None = None
    wake_at: datetime | None = None
    """The next instant at which time alone changes something; None when nothing does."""
    revisions: dict[str, Revision] = field(default_factory=dict)
    """By document: ``incident``, ``plan``, or ``objective|basis|ordinal``."""
    pages: dict[str, Told] = field(default_factory=dict)
    """By page id: what became of it."""
    decisions: dict[str, Decision] = field(default_factory=dict)
    """Of people, by id."""
    pin: tuple[str, str] | None = None
    """(id, version) of the policy that was in force when it began; an edit does not change who is told of it."""
    ladder: Ladder | None = None
    """Cache, never stored: the ladders as told last."""
    heading: "Heading | None" = None
    said: dict[str, Reading] = field(default_factory=dict)
    """Cache, never stored: the last reading per clock under ``heading``, so that an unchanged one costs nothing."""


def digest_of(document: Document) -> str:
    """Return the digest of what a document says, apart from its revision and cause."""
    return blake2b(document.model_dump_json().encode(), digest_size=8).hexdigest()


def clock_name(reading: Reading) -> str:
    """Return the name of a reading's clock inside its incident, such as ``restore|agreed|0``."""
    return f"{reading.objective.value}|{reading.basis.value}|{reading.ordinal}"


def same_reading(one: Reading, other: Reading) -> bool:
    """Return whether two readings make the same document: the age of a running clock does not count."""
    return (
        one.verdict is other.verdict
        and one.due_at == other.due_at
        and one.started_at == other.started_at
        and one.stopped_at == other.stopped_at
        and one.target == other.target
        and one.breached_at == other.breached_at
        and one.warnings == other.warnings
        and one.reason == other.reason
        and one.priority == other.priority
        and (one.verdict in RUNNING or one.paused == other.paused)
        and (one.verdict in RUNNING or one.elapsed == other.elapsed)
    )


@dataclass(frozen=True, slots=True)
class Heading:
    """What every clock document of one incident repeats."""

    incident_id: str
    source_incident_id: str
    provider: str
    services: tuple[str, ...]
    priority: str | None
    agreement: str
    agreement_version: str
    incident_started_at: datetime

    @classmethod
    def of(cls, incident: IncidentDocument) -> "Heading":
        """Return the heading of an incident's clocks; the incident has an agreement and a priority, or had."""
        return cls(
            incident.incident_id,
            incident.source_incident_id,
            incident.provider,
            incident.services,
            incident.priority,
            incident.agreement or "",
            incident.agreement_version or "",
            incident.started_at,
        )


def clock_document(heading: Heading, reading: Reading) -> ClockDocument:
    """Return the document of one reading, with revision 0: the caller counts revisions."""
    running = reading.verdict in RUNNING
    elapsed = None if running else reading.elapsed
    return ClockDocument(
        clock_id=clock_id(heading.incident_id, clock_name(reading)),
        incident_id=heading.incident_id,
        source_incident_id=heading.source_incident_id,
        provider=heading.provider,
        services=heading.services,
        objective=reading.objective,
        basis=reading.basis,
        ordinal=reading.ordinal,
        priority=reading.priority or heading.priority,
        agreement=heading.agreement,
        agreement_version=heading.agreement_version,
        incident_started_at=heading.incident_started_at,
        started_at=reading.started_at,
        due_at=reading.due_at,
        stopped_at=reading.stopped_at,
        elapsed_min_s=elapsed.least.total_seconds() if elapsed else None,
        elapsed_max_s=elapsed.most.total_seconds() if elapsed and elapsed.most is not None else None,
        target_s=reading.target.total_seconds(),
        paused_s=0.0 if running else reading.paused.total_seconds(),
        verdict=reading.verdict,
        breached_at=reading.breached_at,
        warnings=tuple(WarningStage(share=share, at=at) for share, at in reading.warnings),
        reason=reading.reason,
        revision=0,
        caused_by=None,
        replaces=None,
        used_share=_share(reading, elapsed),
        over_s=_over(reading, elapsed),
    )


def _share(reading: Reading, elapsed: Elapsed | None) -> float | None:
    if elapsed is None or not reading.target:
        return None
    return round(elapsed.least / reading.target, 6)


def _over(reading: Reading, elapsed: Elapsed | None) -> float | None:
    if elapsed is None or reading.verdict is not Verdict.BREACHED:
        return None
    return max(0.0, (elapsed.least - reading.target).total_seconds())


def clock_id(incident_id: str, name: str) -> str:
    """Return the id of one clock: of (incident, objective, basis, ordinal)."""
    return stable_id("clock", incident_id, name)
