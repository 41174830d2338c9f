"""A notice: one normalised statement by one speaker about one happening (measurement.md §2 and §3). Pure."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field

from models.document import Document
from models.ids import stable_id
from models.instants import EARLIEST, Instant


class Speaker(StrEnum):
    """Whose word a notice is."""

    PROVIDER = "provider"
    CUSTOMER = "customer"
    """Our own people."""
    MONITOR = "monitor"
    """Our own probes."""
    AUTHORITY = "authority"
    """Weather, seismic, civil protection."""


class Kind(StrEnum):
    """What a notice is about."""

    INCIDENT = "incident"
    MAINTENANCE = "maintenance"
    HAZARD = "hazard"
    EXPOSURE = "exposure"
    """A provider's site lies inside a hazard's area (measurement.md §9); derived by us, opens no clock."""


class Phase(StrEnum):
    """Phases of an incident, in rank order: the tie-break at one instant (measurement.md §3)."""

    REPORTED = "reported"
    ACKNOWLEDGED = "acknowledged"
    ENGAGED = "engaged"
    UPDATE = "update"
    MITIGATED = "mitigated"
    RESTORED = "restored"
    RESOLVED = "resolved"
    CLOSED = "closed"
    REOPENED = "reopened"
    CANCELLED = "cancelled"
    PAUSED = "paused"
    RESUMED = "resumed"
    SEVERITY_CHANGED = "severity_changed"
    PROMISED = "promised"
    ROOT_CAUSE = "root_cause"
    EXCLUDED = "excluded"

    @property
    def rank(self) -> int:
        """Position in the order of measurement.md §3, from 0."""
        return _RANKS[self]


OWN_TIMES = (Phase.PAUSED, Phase.RESUMED, Phase.SEVERITY_CHANGED, Phase.PROMISED, Phase.EXCLUDED)
"""Times claimed with these are of the pause, the change or the claim, and never of the incident."""

_RANKS = {phase: rank for rank, phase in enumerate(Phase)}


class Ruling(StrEnum):
    """What a statement says of a claim: a pause, an exclusion, a lower severity (measurement.md §4 and §8)."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    DISPUTED = "disputed"


class Identity(StrEnum):
    """How sure it is that a person said something; recorded, and shown wherever it counts."""

    TOKEN = "token"  # noqa: S105 - a word, no secret
    """Through our own API or command line, with the installation's token."""
    VERIFIED_LINK = "verified_link"
    """By the signed link of a page that was sent to this person."""
    PLATFORM = "platform"
    """By a button, signed by the chat or paging platform that the page was sent through."""
    DKIM = "dkim"
    """By a mail with the page's reply address, signed by the domain of the person's own address."""
    UNVERIFIED = "unverified"
    """By a mail with the page's reply address, and nothing more."""


class Flag(StrEnum):
    """What a reader must know about a notice before trusting its times."""

    BACKFILLED = "backfilled"
    """Written after the fact: says nothing about how fast the provider spoke."""
    HISTORICAL = "historical"
    """From a list of past events: what it does not say of them will not be said any more."""
    EDITED = "edited"
    """The feed says that this statement was changed after it was first published."""
    VANISHED = "vanished"
    """Derived by us: the page stopped listing an incident without ever resolving it."""
    CLAIM_IN_FUTURE = "claim_in_future"
    """``claimed_at`` lies after ``received_at``: kept as raw, not used for a clock."""
    CLAIM_TOO_OLD = "claim_too_old"
    """``claimed_at`` lies before 1990: kept as raw, not used for a clock."""
    END_BEFORE_BEGIN = "end_before_begin"
    AUTOMATIC_REPLY = "automatic_reply"
    """A robot's receipt, not an acknowledgement (RFC 3834)."""
    TEST = "test"
    """Exercise, test or draft: kept, never acted upon."""


class Area(BaseModel):
    """Where a hazard is. WGS 84 degrees; at least one of the members is not empty."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    description: str | None = None
    polygons: tuple[tuple[tuple[float, float], ...], ...] = ()
    """Rings of (latitude, longitude), first point equal to the last, as CAP writes them."""
    circles: tuple[tuple[float, float, float], ...] = ()
    """(latitude, longitude, radius in kilometres)."""
    geocodes: tuple[tuple[str, str], ...] = ()
    """(scheme, code), such as ("EMMA_ID", "PL805")."""


class Notice(Document):
    """One statement. ``notice_id`` is the identity; everything else is what was said and when we had it."""

    notice_id: str
    source: str
    """Feed id, or the format's name where no feed is configured (``holdfast parse``)."""
    source_incident_id: str
    source_update_id: str | None = None
    """The source's own id of this statement: equal ids are versions (edits) of one statement."""
    speaker: Speaker
    kind: Kind = Kind.INCIDENT
    phase: Phase
    provider: str | None = None
    services: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    severity: str | None = None
    """The speaker's own word, raw, lower case."""
    title: str | None = None
    text: str | None = None
    claimed_at: Instant | None = None
    """When the speaker says the thing happened: the begin for ``reported``, the end for ``restored`` and
    ``resolved``; with ``claimed_end_at`` the begin of the claimed interval."""
    claimed_end_at: Instant | None = None
    published_at: Instant | None = None
    received_at: Instant
    received_after: Instant | None = None
    """The last successful look before ``received_at``; None when there was none."""
    promised_at: Instant | None = None
    area: Area | None = None
    flags: tuple[Flag, ...] = ()
    reason: str | None = None
    """Why: of a pause or its end as agreements list it (``awaiting_customer``), of an exclusion its clause."""
    ruling: Ruling | None = None
    """What this says of a claim; None on the claim itself, which is then proposed."""
    concerns: str | None = None
    """The claim ruled upon: its ``source_update_id`` or ``notice_id``; None is every claim of the phase and reason."""
    recovery_point_at: Instant | None = None
    """The last recoverable point that the evidence names."""
    promises: Literal["update", "restore"] | None = None
    """What ``promised_at`` is a promise of; None reads as ``update``."""
    person: str | None = None
    """Contact id of who said it, where that is known: an answer to a page, a note of our own people."""
    identity: Identity | None = None
    """How sure it is that this person said it."""
    phrase: str | None = None
    """The words of ``text`` from which ``promised_at`` was read; None where the feed has a field for it."""
    attachment_digest: str | None = None
    """SHA-256, in hex, of a document that came with it, such as a report on the cause."""

    @property
    def order_at(self) -> datetime:
        """The instant shown on time lines: published, else received."""
        return self.published_at or self.received_at

    def document_id(self) -> str:
        return self.notice_id

    def occurred_at(self) -> datetime:
        return self.order_at


def oddities(
    begin: datetime | None, end: datetime | None, received_at: datetime, *, is_plan: bool = False
) -> tuple[Flag, ...]:
    """Return flags about claimed times (measurement.md §2).

    Args:
        begin: the claimed instant, or the begin of the claimed interval.
        end: its end.
        received_at: when we had it.
        is_plan: it speaks of what is to come (a warning, planned maintenance): a time ahead is no oddity there.
    """
    claims = [moment for moment in (begin, end) if moment is not None]
    flags = []
    if not is_plan and any(moment > received_at for moment in claims):
        flags.append(Flag.CLAIM_IN_FUTURE)
    if any(moment < EARLIEST for moment in claims):
        flags.append(Flag.CLAIM_TOO_OLD)
    if begin is not None and end is not None and end < begin:
        flags.append(Flag.END_BEFORE_BEGIN)
    return tuple(flags)


PARSE_KEYS = (
    "notice_id", "source", "source_incident_id", "source_update_id", "speaker", "kind", "phase", "provider",
    "services", "components", "regions", "severity", "title", "text", "claimed_at", "claimed_end_at",
    "published_at", "received_at", "promised_at", "area", "flags",
)  # fmt: skip
"""The keys of ``holdfast parse --json``, in order (architecture.md, part of the product's interface)."""


SINCE_FIRST_RELEASE = (
    "reason",
    "ruling",
    "concerns",
    "recovery_point_at",
    "promises",
    "person",
    "identity",
    "attachment_digest",
)
"""Fields that count for a statement's digest only where they say something."""


class Statement(BaseModel):
    """What a dialect reads out of a payload, before we know who received it when.

    A dialect returns statements; ``to_notice`` stamps them. Fields as in ``Notice``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source_incident_id: str
    source_update_id: str | None = None
    speaker: Speaker
    kind: Kind = Kind.INCIDENT
    phase: Phase
    components: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    severity: str | None = None
    title: str | None = None
    text: str | None = None
    claimed_at: Instant | None = None
    claimed_end_at: Instant | None = None
    published_at: Instant | None = None
    promised_at: Instant | None = None
    area: Area | None = None
    flags: tuple[Flag, ...] = ()
    reason: str | None = None
    ruling: Ruling | None = None
    concerns: str | None = None
    recovery_point_at: Instant | None = None
    promises: Literal["update", "restore"] | None = None
    person: str | None = None
    identity: Identity | None = None
    phrase: str | None = None
    attachment_digest: str | None = None
    heads_incident: bool = Field(default=False, exclude=True)
    """True on the statement that carries the record's own fields (begin, severity, title): only there do
    edits of those fields make a new notice, so one renamed incident does not re-issue all its updates."""

    def digest(self) -> str:
        """Return the digest of what was said, without what merely repeats the incident's own fields."""
        content = self.model_dump(mode="json", exclude={"source_incident_id", "source_update_id", "flags", "phrase"})
        for name in SINCE_FIRST_RELEASE:  # absent, they leave the ids of what was said before they existed alone
            if content[name] is None:
                del content[name]
        if not self.heads_incident:
            del content["title"], content["severity"]
        return stable_id(orjson.dumps(content, option=orjson.OPT_SORT_KEYS).decode())
