"""Exclusion claims: force majeure, our own fault, a third party's, with a life of their own (measurement.md §8). Pure.

A claim is proposed, and accepted, rejected or disputed by our side. What it excuses depends on the basis: all that the
provider claims on ``claimed`` (its own figure), what we accepted on ``agreed``, nothing on ``observed`` (strict).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from models.agreement import AgreementVersion
from models.episode import Case
from models.notice import Phase, Ruling, Speaker
from models.outage import Outage
from models.pauses import clipped
from models.records import Basis
from models.rulings import Standing, is_ruling, said_at, standing_of, withdrawn
from models.service_time import Break


@dataclass(frozen=True, slots=True)
class Claim:
    """One exclusion claim as it stands."""

    clause: str
    begin: datetime | None
    """None: from the beginning of the incident."""
    end: datetime | None
    """None: for as long as it lasts."""
    services: tuple[str, ...]
    standing: Standing
    speaker: Speaker
    notice_id: str
    said_at: datetime
    """On the basis; where it is known to an interval, when it certainly had been."""

    def counts_on(self, basis: Basis) -> bool:
        """Return whether it excuses on a basis."""
        if basis is Basis.OBSERVED:
            return False
        return basis is Basis.CLAIMED or self.standing.ruling is Ruling.ACCEPTED

    def as_break(self, floor: datetime) -> Break:
        """Return the time that it excuses, from ``floor`` where it names no begin."""
        notices = tuple(one for one in (self.notice_id, self.standing.notice_id) if one is not None)
        return Break(self.begin or floor, self.end, self.clause, notices)


def claims_of(case: Case, version: AgreementVersion, basis: Basis, as_of: datetime) -> tuple[Claim, ...]:
    """Return the claims made by an instant under clauses that the agreement knows, in order of speaking.

    A claim whose end is not after its begin excuses nothing and is left out.
    """
    said = sorted(
        ((said_at(word, basis, version.evidence), word) for word in case.decided), key=lambda entry: entry[0]
    )  # fmt: skip
    known = [(at, word) for at, word in said if at <= as_of]
    words = [word for _, word in known]
    rulings = [word for word in words if is_ruling(word)]
    found = []
    for at, word in known:
        fact = word.last
        is_claim = word.phase is Phase.EXCLUDED and not is_ruling(word) and fact.reason in version.exclusions
        if not is_claim or fact.reason is None or withdrawn(word, words):
            continue
        begin = fact.claimed_at if fact.claim_usable else None
        if begin is not None and fact.claimed_end_at is not None and fact.claimed_end_at <= begin:
            continue
        standing = standing_of(word, rulings, basis, version.evidence)
        found.append(
            Claim(fact.reason, begin, fact.claimed_end_at, fact.services, standing, fact.speaker, fact.notice_id, at)
        )
    return tuple(found)


def excused(claims: Iterable[Claim], basis: Basis, stretches: tuple[Outage, ...]) -> tuple[Break, ...]:
    """Return the breaks that the claims make on a basis in the stretches of one clock, and nowhere else."""
    floor = stretches[0].begin.earliest
    breaks = (clipped(claim.as_break(floor), stretches) for claim in claims if claim.counts_on(basis))
    return tuple(one for one in breaks if one is not None)
