"""What our side says of the provider's words: rulings on pauses and exclusions, promises that were read wrongly. Pure.

Rules: measurement.md §4 and §8. Only our own people rule. What they themselves state needs nobody's acceptance; of
several rulings the last one stands.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from models.agreement import Evidence
from models.episode import Case, Word, speaking
from models.fact import Fact
from models.notice import Phase, Ruling, Speaker
from models.records import Basis


@dataclass(frozen=True, slots=True)
class Standing:
    """How a claim stands."""

    ruling: Ruling
    since: datetime | None = None
    """Of an accepted claim: from when on it is; None is from its own beginning."""
    notice_id: str | None = None
    """The statement that ruled; None while nobody did."""


PROPOSED = Standing(Ruling.PROPOSED)
OUR_OWN = Standing(Ruling.ACCEPTED)


def said_at(word: Word, basis: Basis, evidence: Evidence) -> datetime:
    """Return when something was said, on a basis: where it is known to an interval, when it certainly had been."""
    moment = speaking(word, basis, evidence)
    return moment.latest or moment.earliest


def is_ruling(word: Word) -> bool:
    """Return whether our side says something of another statement, and does not claim anything itself."""
    return word.last.ruling not in (None, Ruling.PROPOSED) and word.first.speaker is Speaker.CUSTOMER


def standing_of(claim: Word, rulings: Iterable[Word], basis: Basis, evidence: Evidence) -> Standing:
    """Return how a claim stands by the rulings known.

    Args:
        claim: a statement of phase paused or excluded.
        rulings: our side's, in the order in which they were made.
        basis: on which times are read.
        evidence: the agreement's rules of evidence.
    """
    if claim.first.speaker is Speaker.CUSTOMER:
        return OUR_OWN
    standing = PROPOSED
    for word in rulings:
        if _answers(word, claim):
            ruling = word.last.ruling or Ruling.PROPOSED
            standing = Standing(ruling, _since(word, claim, basis, evidence), word.last.notice_id)
    return standing


def _answers(word: Word, claim: Word) -> bool:
    """Return whether a ruling is on a claim: by its id, else by phase and reason if the claim was there before."""
    if word.last.concerns is not None:
        return _names(word, claim)
    same = word.phase is claim.phase and word.last.reason in (None, claim.last.reason)
    return same and claim.stamped.earliest <= word.stamped.earliest


def _since(word: Word, claim: Word, basis: Basis, evidence: Evidence) -> datetime | None:
    """From when a claim counts: the instant that its acceptance names, else when that was said; intervals whole."""
    if word.last.claimed_at is not None and word.last.claim_usable:
        return word.last.claimed_at
    if claim.phase is not Phase.PAUSED or claim.last.claimed_end_at is not None:
        return None
    return said_at(word, basis, evidence)


def withdrawn(claim: Word, decided: Sequence[Word]) -> bool:
    """Return whether the speaker of a claim took it back."""
    return any(
        word.phase is Phase.CANCELLED and word.first.speaker is claim.first.speaker and _names(word, claim)
        for word in decided
    )


def corrected(word: Word, case: Case, basis: Basis, as_of: datetime) -> Fact | None:
    """Return our people's statement of what a statement really promised; None where nobody corrected it.

    A correction is of phase ``promised`` and concerns the statement; without a time it says that there is no promise.
    Of several the last one stands. What the provider claims is its own: there nothing is corrected.

    Args:
        word: the provider's statement.
        case: that it is of.
        basis: on which it is read.
        as_of: what was said later does not count yet.
    """
    if basis is Basis.CLAIMED or not case.decided:
        return None
    found = None
    for one in case.decided:
        is_ours = one.phase is Phase.PROMISED and one.first.speaker is Speaker.CUSTOMER
        if is_ours and one.last.concerns is not None and one.stamped.earliest <= as_of and _names(one, word):
            found = one.last
    return found


def _names(word: Word, claim: Word) -> bool:
    """Return whether a statement names another one, by the source's own id of it or by ours."""
    return word.last.concerns in (claim.last.update_id, claim.first.notice_id, claim.last.notice_id)
