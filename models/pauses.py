"""Pauses: when a clock stands still because the contract says so (measurement.md §4, Pauses). Pure.

A pause counts for a reason that the agreement lists for the objective, up to its limit. On ``claimed`` it counts at
once; on the other bases from our acceptance, where the agreement asks for one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.agreement import AgreementVersion, Evidence
from models.episode import Case, Word
from models.notice import Phase, Ruling
from models.outage import Outage
from models.records import Basis, Objective
from models.rulings import Standing, is_ruling, said_at, standing_of, withdrawn
from models.service_time import Break


@dataclass(frozen=True, slots=True)
class Pause:
    """One pause as somebody stated it, on one basis."""

    reason: str
    begin: datetime
    end: datetime | None
    standing: Standing
    notice_id: str

    def counted(self, basis: Basis, *, needs_acceptance: bool) -> Break | None:
        """Return the break that it makes; None where it does not count."""
        notices = tuple(one for one in (self.notice_id, self.standing.notice_id) if one is not None)
        if basis is Basis.CLAIMED:
            return Break(self.begin, self.end, self.reason, notices[:1])
        if self.standing.ruling in (Ruling.REJECTED, Ruling.DISPUTED):
            return None
        if not needs_acceptance:
            return Break(self.begin, self.end, self.reason, notices[:1])
        if self.standing.ruling is not Ruling.ACCEPTED:
            return None
        begin = self.begin if self.standing.since is None else max(self.begin, self.standing.since)
        return None if self.end is not None and self.end <= begin else Break(begin, self.end, self.reason, notices)


def pauses_of(case: Case, basis: Basis, evidence: Evidence, as_of: datetime) -> tuple[Pause, ...]:
    """Return every pause stated by an instant, listed by the agreement or not.

    A pause that names its whole interval has it; any other begins when it was said and lasts until work is resumed.
    """
    said = [(said_at(word, basis, evidence), word) for word in case.decided]
    known = sorted(((at, word) for at, word in said if at <= as_of), key=lambda entry: entry[0])
    words = [word for _, word in known]
    rulings = [word for word in words if is_ruling(word)]
    claims = [(at, word) for at, word in known if word.phase is Phase.PAUSED and not is_ruling(word)]
    found = []
    for at, word in claims:
        if withdrawn(word, words):
            continue
        begin, end = _interval(word, at, basis, known)
        standing = standing_of(word, rulings, basis, evidence)
        if standing.ruling is Ruling.ACCEPTED and word.last.claimed_end_at is not None:
            begin, end = _interval(word, at, Basis.CLAIMED, known)
        if end is None or end > begin:
            found.append(Pause(word.last.reason or "", begin, end, standing, word.last.notice_id))
    return tuple(found)


def _interval(
    word: Word, said: datetime, basis: Basis, known: Sequence[tuple[datetime, Word]]
) -> tuple[datetime, datetime | None]:
    """Return when a pause begins and ends; a begin before it was said is the speaker's own, for ``claimed`` only."""
    claim = word.last.claimed_at if word.last.claim_usable else None
    begin = said if claim is None or basis is not Basis.CLAIMED else min(claim, said)
    named = word.last.claimed_end_at
    resumed = (at for at, other in known if _resumes(other, word) and at >= said)
    ends = [end for end in (named, next(resumed, None)) if end is not None]
    return begin, min(ends, default=None)


def _resumes(other: Word, pause: Word) -> bool:
    return other.phase is Phase.RESUMED and other.last.reason in (None, pause.last.reason)


def breaks_of(
    pauses: Iterable[Pause],
    version: AgreementVersion,
    objective: Objective,
    basis: Basis,
    stretches: tuple[Outage, ...],
) -> tuple[Break, ...]:
    """Return the breaks of one clock: listed pauses that count on the basis, clipped to it, up to their limits.

    Args:
        pauses: of the incident, on the basis.
        version: whose list of pauses it is.
        objective: of the clock.
        basis: of the clock.
        stretches: during which the clock runs; the last has no end while it does.
    """
    found: list[Break] = []
    stated = list(pauses)
    if not stated:
        return ()
    for spec in version.pauses_for(objective):
        counted = (
            pause.counted(basis, needs_acceptance=spec.needs_acceptance)
            for pause in stated
            if pause.reason == spec.reason
        )
        within = [cut for one in counted if one is not None and (cut := clipped(one, stretches)) is not None]
        found.extend(_limited(within, spec.limit.fixed if spec.limit else None))
    return tuple(found)


def clipped(one: Break, stretches: tuple[Outage, ...]) -> Break | None:
    """Return what of a break lies between a clock's start and its stop; None where nothing does."""
    end = stretches[-1].end.latest if stretches[-1].end is not None else None
    since = max(one.begin, stretches[0].begin.earliest)
    until = end if one.end is None else one.end if end is None else min(one.end, end)
    return None if until is not None and until <= since else Break(since, until, one.reason, one.notice_ids)


def _limited(breaks: list[Break], limit: timedelta | None) -> list[Break]:
    """Let a reason count for no longer than its limit, in wall time, the earliest first; overlaps count once."""
    if limit is None:
        return breaks
    kept: list[Break] = []
    left, counted_to = limit, None
    for one in sorted(breaks, key=lambda brk: (brk.begin, brk.notice_ids)):
        begin = one.begin if counted_to is None else max(one.begin, counted_to)
        end = begin + left if one.end is None else min(one.end, begin + left)
        if end <= begin:
            continue
        kept.append(Break(begin, end, one.reason, one.notice_ids))
        left, counted_to = left - (end - begin), end
    return kept
