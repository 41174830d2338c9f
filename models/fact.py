"""A fact: what a clock needs of a notice (ids, times, phase), without its text (architecture.md, Flow). Pure.

Incidents are kept as sets of facts. Joining two copies of one notice keeps the earlier look, so the order in which
copies arrive does not matter; the codec is compact because the state of an incident travels with every change.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from models.ids import stable_id
from models.instants import EARLIEST
from models.notice import Flag, Kind, Notice, Phase, Ruling, Speaker

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
COMMON_FIELDS = 16
RARE_FIELDS = 5
"""Fields at the end of a fact's row that most facts lack; then the row ends before them."""
TITLE_LENGTH = 200
"""Characters of a title kept: enough for a board; the whole text is in the notice."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One notice as the measuring core sees it. Fields as in ``models.notice.Notice``."""

    notice_id: str
    source: str
    source_incident_id: str
    update_id: str | None
    speaker: Speaker
    kind: Kind
    phase: Phase
    received_at: datetime
    received_after: datetime | None = None
    published_at: datetime | None = None
    claimed_at: datetime | None = None
    claimed_end_at: datetime | None = None
    promised_at: datetime | None = None
    severity: str | None = None
    title: str | None = None
    text_digest: str | None = None
    """First digits of the text's hash: the same text said twice is not news."""
    services: tuple[str, ...] = ()
    flags: tuple[Flag, ...] = ()
    reason: str | None = None
    ruling: Ruling | None = None
    concerns: str | None = None
    recovery_point_at: datetime | None = None
    promises: Literal["update", "restore"] | None = None

    @property
    def member(self) -> "Member":
        """The source's own incident that this speaks of."""
        return (self.source, self.source_incident_id)

    @property
    def statement(self) -> tuple[str, str, str]:
        """Equal for all versions of one statement."""
        return (self.source, self.source_incident_id, self.update_id or self.notice_id)

    @property
    def claim_usable(self) -> bool:
        """False where the claimed time is kept as raw only: in the future, or before 1990 (measurement.md §2).

        Maintenance is announced, so there the future is what it speaks of.
        """
        if self.claimed_at is None or self.claimed_at < EARLIEST:
            return False
        return self.claimed_at <= self.received_at or self.kind is Kind.MAINTENANCE

    @property
    def is_witness(self) -> bool:
        """True for our own probes and people."""
        return self.speaker in (Speaker.MONITOR, Speaker.CUSTOMER)

    @property
    def spoken_at(self) -> datetime:
        """When it was said: by the feed's stamp where that can be, else when we had it; orders time lines."""
        stamp = self.published_at
        return stamp if stamp is not None and stamp <= self.received_at else self.received_at


Member = tuple[str, str]
"""(source, source_incident_id): one incident in one source's own words."""


def fact_of(notice: Notice) -> Fact:
    """Return the fact of a notice. Same notice, same fact."""
    return Fact(
        notice_id=notice.notice_id,
        source=notice.source,
        source_incident_id=notice.source_incident_id,
        update_id=notice.source_update_id,
        speaker=notice.speaker,
        kind=notice.kind,
        phase=notice.phase,
        received_at=notice.received_at,
        received_after=notice.received_after,
        published_at=notice.published_at,
        claimed_at=notice.claimed_at,
        claimed_end_at=notice.claimed_end_at,
        promised_at=notice.promised_at,
        severity=notice.severity,
        title=notice.title[:TITLE_LENGTH] if notice.title else None,
        text_digest=stable_id(" ".join(notice.text.split()))[:8] if notice.text else None,
        services=notice.services,
        flags=notice.flags,
        reason=notice.reason,
        ruling=notice.ruling,
        concerns=notice.concerns,
        recovery_point_at=notice.recovery_point_at,
        promises=notice.promises,
    )


def join(known: Fact | None, other: Fact) -> Fact:
    """Join two copies of one notice: the earliest look wins, whichever arrived first.

    Commutative, associative and idempotent, which is what makes duplicates harmless.
    """
    if known is None or known is other:
        return other
    one, two = _look(known), _look(other)
    earlier = known if one < two or (one == two and _all_of(known) <= _all_of(other)) else other
    if known.services == other.services:
        return earlier
    return replace(earlier, services=tuple(sorted({*known.services, *other.services})))


def _look(fact: Fact) -> tuple[datetime, bool, datetime]:
    """Order copies by when we had them; of two equal, the one that knows its previous look."""
    return (fact.received_at, fact.received_after is None, fact.received_after or EPOCH)


def _all_of(fact: Fact) -> str:
    """Return every field as text: an order for copies that differ in nothing that matters."""
    return repr((fact.member, encode(fact)))


def collect(facts: Iterable[Fact]) -> dict[str, Fact]:
    """Return facts as a set by notice id, copies joined."""
    known: dict[str, Fact] = {}
    for fact in facts:
        known[fact.notice_id] = join(known.get(fact.notice_id), fact)
    return known


def known_at(facts: Mapping[str, Fact], instant: datetime) -> dict[str, Fact]:
    """Return what we had in hand at an instant (measurement.md §2: received_at <= known_at)."""
    return {key: fact for key, fact in facts.items() if fact.received_at <= instant}


def encode(fact: Fact) -> list[Any]:
    """Return the compact form of one fact: instants as microseconds since 1970, enums as their words."""
    rare = [fact.reason, fact.ruling, fact.concerns, _micros(fact.recovery_point_at), fact.promises]
    return [
        fact.notice_id,
        fact.update_id,
        fact.speaker.value,
        fact.kind.value,
        fact.phase.value,
        _micros(fact.received_at),
        _micros(fact.received_after),
        _micros(fact.published_at),
        _micros(fact.claimed_at),
        _micros(fact.claimed_end_at),
        _micros(fact.promised_at),
        fact.severity,
        fact.title,
        fact.text_digest,
        list(fact.services),
        [flag.value for flag in fact.flags],
        *(rare if any(value is not None for value in rare) else ()),
    ]


def decode(member: Member, row: list[Any]) -> Fact:
    """Read ``encode`` back.

    Raises:
        ValueError: if the row is of another form; the state was written by another version.
    """
    if len(row) not in (COMMON_FIELDS, COMMON_FIELDS + RARE_FIELDS):
        raise ValueError(f"fact of {len(row)} fields, expected {COMMON_FIELDS}, or {RARE_FIELDS} more")
    reason, ruling, concerns, recovery_point, promises = row[COMMON_FIELDS:] or (None,) * RARE_FIELDS
    received = _instant(row[5])
    if received is None:
        raise ValueError("fact without received_at")
    return Fact(
        notice_id=row[0],
        source=member[0],
        source_incident_id=member[1],
        update_id=row[1],
        speaker=Speaker(row[2]),
        kind=Kind(row[3]),
        phase=Phase(row[4]),
        received_at=received,
        received_after=_instant(row[6]),
        published_at=_instant(row[7]),
        claimed_at=_instant(row[8]),
        claimed_end_at=_instant(row[9]),
        promised_at=_instant(row[10]),
        severity=row[11],
        title=row[12],
        text_digest=row[13],
        services=tuple(row[14]),
        flags=tuple(Flag(flag) for flag in row[15]),
        reason=reason,
        ruling=Ruling(ruling) if ruling else None,
        concerns=concerns,
        recovery_point_at=_instant(recovery_point),
        promises=promises,
    )


def _micros(moment: datetime | None) -> int | None:
    return None if moment is None else (moment - EPOCH) // MICROSECOND


def _instant(micros: int | None) -> datetime | None:
    return None if micros is None else EPOCH + micros * MICROSECOND
