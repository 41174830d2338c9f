"""What the page of a token shows: the incident as far as it is known, what is due, claims to rule on. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from board.standing import TICKING, judge_all, standing_of
from board.state import Dossier
from models.answers import AnswerAction, rights
from models.communication import Communication
from models.documents import Documents
from models.notice import Notice, Phase, Ruling, Speaker
from models.records import IncidentDocument
from models.tokens import Claims

CLAIM_PHASES = (Phase.PAUSED, Phase.EXCLUDED, Phase.SEVERITY_CHANGED)
CLAIMS_AT_MOST = 10
PHASE_WORDS = {
    Phase.PAUSED: "pause",
    Phase.EXCLUDED: "exclusion",
    Phase.SEVERITY_CHANGED: "lower severity",
}


@dataclass(frozen=True)
class Due:
    """One clock of the agreed basis that still runs."""

    objective: str
    due_at: datetime
    is_over: bool


@dataclass(frozen=True)
class OpenClaim:
    """One claim of the provider's, and how it stands."""

    claim: str
    """Its phase."""
    what: str
    reason: str | None
    concerns: str
    said_at: datetime
    text: str | None
    ruling: str | None
    """Our last word on it; None while nobody ruled."""


@dataclass(frozen=True)
class Known:
    """What is known beyond the token; all of it may be missing."""

    title: str | None = None
    priority: str | None = None
    dues: tuple[Due, ...] = ()
    claims: tuple[OpenClaim, ...] | None = None
    """None where the index can't be asked: then a ruling names its claim by kind and reason."""
    reasons: tuple[str, ...] = ()
    """Reasons of pauses that the agreement lists."""
    zone: str = "UTC"
    """In which the person reads times, as the documents say."""


@dataclass(frozen=True)
class Asked:
    """What a page asks for, under which token."""

    claims: Claims
    token: str
    rights: tuple[AnswerAction, ...]

    @classmethod
    def of(cls, claims: Claims, token: str) -> "Asked":
        """Return what the holder of a token is asked for; receipts are of machines."""
        return cls(claims, token, tuple(one for one in rights(claims) if one is not AnswerAction.RECEIPT))


def dues_of(dossier: Dossier, now: datetime) -> tuple[Due, ...]:
    """Return the agreed clocks that run, the first to fall due first."""
    found = [
        Due(one.agreed.objective.value, one.agreed.due_at, one.agreed.due_at < now)
        for one in judge_all(dossier.clocks)
        if one.agreed.due_at is not None and standing_of(one.agreed, now) in TICKING
    ]
    return tuple(sorted(found, key=lambda one: (one.due_at, one.objective)))


def reasons_of(documents: Documents, incident: IncidentDocument) -> tuple[str, ...]:
    """Return the reasons of pauses that an incident's pinned agreement lists; empty where it is not known."""
    agreement = documents.agreements.get(incident.agreement or "")
    versions = agreement.versions if agreement is not None else ()
    pinned = [one for one in versions if one.version == incident.agreement_version]
    return tuple(dict.fromkeys(pause.reason for version in pinned for pause in version.pauses))


def zone_of(documents: Documents, claims: Claims) -> str:
    """Return the zone of the person's contact, UTC where the documents name none."""
    provider = documents.providers.get(claims.provider)
    known = [provider.contacts] if provider is not None else []
    known += [rota.members for rota in documents.rotas.values()]
    zones = (people[claims.recipient].timezone for people in known if claims.recipient in people)
    return next((zone for zone in zones if zone is not None), "UTC")


def claims_of(notices: Iterable[Notice]) -> tuple[OpenClaim, ...]:
    """Return what the provider claims, the latest first, with our last word on each."""
    said = sorted(notices, key=lambda one: (one.order_at, one.notice_id))
    rulings = [one for one in said if one.ruling is not None and one.speaker is Speaker.CUSTOMER]
    claims = [one for one in said if one.phase in CLAIM_PHASES and one.speaker is Speaker.PROVIDER]
    return tuple(
        OpenClaim(
            one.phase.value,
            PHASE_WORDS[one.phase],
            one.reason,
            one.source_update_id or one.notice_id,
            one.order_at,
            one.text,
            _ruling_on(one, rulings),
        )
        for one in reversed(claims[-CLAIMS_AT_MOST:])
    )


def _ruling_on(claim: Notice, rulings: Sequence[Notice]) -> str | None:
    """Return our last word on a claim: by its id, or of its kind and reason after it was made (ADR 0013)."""
    last: Ruling | None = None
    for one in rulings:
        same = one.phase is claim.phase and one.reason in (None, claim.reason) and one.order_at >= claim.order_at
        if one.concerns in (claim.source_update_id, claim.notice_id) if one.concerns else same:
            last = one.ruling
    return last.value if last is not None else None


def recorded_lines(entry: Communication) -> list[str]:
    """Return what was recorded, a line each, after the entry's subject."""
    lines = []
    if entry.promised_at is not None:
        lines.append(f"expected by {entry.promised_at:%Y-%m-%d %H:%M} UTC")
    if entry.attachment_name is not None:
        lines.append(f"with {entry.attachment_name}, SHA-256 {(entry.attachment_digest or '')[:16]}…")
    return lines
