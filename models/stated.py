"""Pauses and exclusions that somebody asked for, and whether each counted on one clock, and why. Pure.

What counts is decided in ``models.pauses`` and ``models.claims``; this says in words what they decided.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from models.agreement import AgreementVersion
from models.claims import Claim, claims_of
from models.episode import Case
from models.moment import ZERO
from models.notice import Phase, Ruling
from models.pauses import Pause, pauses_of
from models.reading import Reading
from models.records import Basis
from models.rulings import is_ruling
from models.terms import PauseSpec

STRICT = "on the observed basis no exclusion counts"
CLAIMED = "on the claimed basis what the provider claims counts"
UNANSWERED = "it needs our acceptance, and nobody accepted it"
PROPOSED = "proposed: only what we accepted counts on agreed"


@dataclass(frozen=True, slots=True)
class Stated:
    """A pause or an exclusion as somebody asked for it."""

    kind: Literal["pause", "exclusion"]
    reason: str
    begin: datetime | None
    """None: from the beginning of the incident."""
    end: datetime | None
    """None: until work resumed, or for as long as it lasts."""
    ruling: Ruling
    notice_id: str
    ruled_by: str | None
    """Notice that ruled; None while nobody did."""
    counts: bool
    why: str
    would_deduct: timedelta
    """Service time of the clock that it covers, counted or not."""

    @property
    def awaits_us(self) -> bool:
        """True where nobody ruled on it yet, and our acceptance would make it count."""
        return not self.counts and self.ruled_by is None and self.why in (UNANSWERED, PROPOSED)


def stated(case: Case, version: AgreementVersion, reading: Reading, as_of: datetime) -> tuple[Stated, ...]:
    """Return what was asked for by an instant, on the basis of a clock; pauses first, in order of speaking."""
    if not case.decided:
        return ()
    return (
        *(_pause(one, version, reading, as_of) for one in pauses_of(case, reading.basis, version.evidence, as_of)),
        *(_claim(one, reading, as_of) for one in claims_of(case, version, reading.basis, as_of)),
        *_unknown(case, version, as_of),
    )


def _pause(pause: Pause, version: AgreementVersion, reading: Reading, as_of: datetime) -> Stated:
    spec = next((one for one in version.pauses_for(reading.objective) if one.reason == pause.reason), None)
    counts, why = _judge(pause, spec, reading, as_of)
    standing = pause.standing
    covers = _covers(reading, pause.begin, pause.end, as_of)
    return Stated(
        "pause", pause.reason, pause.begin, pause.end, standing.ruling, pause.notice_id, standing.notice_id,
        counts, why, covers,
    )  # fmt: skip


def _judge(pause: Pause, spec: PauseSpec | None, reading: Reading, as_of: datetime) -> tuple[bool, str]:
    if spec is None:
        return False, f"the agreement lists no pause {pause.reason!r} for {reading.objective.value}"
    if pause.counted(reading.basis, needs_acceptance=spec.needs_acceptance) is None:
        ruling = pause.standing.ruling
        return (
            False,
            UNANSWERED if ruling is Ruling.PROPOSED else f"{ruling} by us",
        )
    if pause.notice_id not in {name for one in reading.time.breaks for name in one.notice_ids}:
        return False, "it lies outside the time of this clock, or past the limit"
    why = _allowed(pause, spec, reading.basis)
    if (
        spec.limit is not None
        and spec.limit.fixed is not None
        and _used(reading, spec.reason, as_of) >= spec.limit.fixed
    ):
        why += f"; only up to the limit of {spec.limit}, after that the clock ran on"
    return True, why


def _allowed(pause: Pause, spec: PauseSpec, basis: Basis) -> str:
    if basis is Basis.CLAIMED:
        return CLAIMED
    if not spec.needs_acceptance:
        return "the agreement lists it and asks for no acceptance"
    since = pause.standing.since
    return "accepted by us" if since is None or since <= pause.begin else f"accepted by us, from {since:%Y-%m-%d %H:%M}"


def _used(reading: Reading, reason: str, as_of: datetime) -> timedelta:
    """Return the wall time for which a reason stopped a clock."""
    of_it = (one for one in reading.time.breaks if reason in one.reason.split(", "))
    return sum(((as_of if one.end is None else one.end) - one.begin for one in of_it), ZERO)


def _claim(claim: Claim, reading: Reading, as_of: datetime) -> Stated:
    standing, counts = claim.standing, claim.counts_on(reading.basis)
    if reading.basis is Basis.OBSERVED:
        why = STRICT
    elif reading.basis is Basis.CLAIMED:
        why = CLAIMED
    else:
        why = "accepted by us" if counts else PROPOSED
        if not counts and standing.ruling is not Ruling.PROPOSED:
            why = f"{standing.ruling.value} by us"
    return Stated(
        "exclusion", claim.clause, claim.begin, claim.end, standing.ruling, claim.notice_id, standing.notice_id, counts,
        why, _covers(reading, claim.begin, claim.end, as_of),
    )  # fmt: skip


def _unknown(case: Case, version: AgreementVersion, as_of: datetime) -> Iterator[Stated]:
    """Yield claims under clauses that the agreement does not have: they excuse nothing on any basis."""
    for word in case.decided:
        fact = word.last
        is_claim = word.phase is Phase.EXCLUDED and not is_ruling(word) and fact.reason not in version.exclusions
        if is_claim and word.stamped.earliest <= as_of:
            why = f"the agreement has no exclusion {fact.reason or ''!r}"
            yield Stated(
                "exclusion", fact.reason or "", fact.claimed_at, fact.claimed_end_at, Ruling.PROPOSED, fact.notice_id,
                None, False, why, ZERO,
            )  # fmt: skip


def _covers(reading: Reading, begin: datetime | None, end: datetime | None, as_of: datetime) -> timedelta:
    """Return how much service time of a clock, up to as-of, lies in an interval."""
    total = ZERO
    for one in reading.stretches:
        stop = as_of if one.end is None else one.end.latest or one.end.earliest
        since = one.begin.earliest if begin is None else max(begin, one.begin.earliest)
        until = stop if end is None else min(end, stop)
        total += reading.time.calendar.elapsed(since, until)
    return total
