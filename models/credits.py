"""Service credits: what a month pays back, with tiers, caps, minimum, single events and the claim's deadline. Pure.

Money is Decimal, rounded to the cent half up, once per credit and after each cap (measurement.md §7).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from models.availability import BLIND, Availability, Side
from models.clauses import CreditsSpec, CreditTier
from models.months import Period

CENT = Decimal("0.01")
NOTHING = Decimal("0.00")


class ClaimState(StrEnum):
    """Whether a credit can be claimed as of an instant."""

    NOT_YET = "not_yet"
    """The month still runs: the sum is what it comes to so far."""
    OPEN = "open"
    EXPIRED = "expired"
    NOTHING_TO_CLAIM = "nothing_to_claim"


def money(amount: Decimal) -> Decimal:
    """Return an amount to the cent, half a cent up.

    >>> money(Decimal("0.125"))
    Decimal('0.13')
    """
    return amount.quantize(CENT, ROUND_HALF_UP)


def tier_of(percent: Decimal | None, tiers: Sequence[CreditTier]) -> CreditTier | None:
    """Return the lowest tier that a figure falls below: half-open, so a figure equal to ``below`` does not.

    Not cumulative: only this one pays.
    """
    if percent is None:
        return None
    return min((tier for tier in tiers if percent < tier.below), key=lambda tier: tier.below, default=None)


@dataclass(frozen=True)
class Line:
    """The credit of one service."""

    found: Availability
    side: Side
    tier: CreditTier | None
    amount: Decimal
    """Before caps and the minimum; 0 where no tier is reached, or a heavier credit pays for the same event."""
    set_aside: bool = False
    """True where the single-event clause left it out."""

    @property
    def incident_ids(self) -> frozenset[str]:
        """The incidents whose downtime counted."""
        names = {name for one in self.found.figures[self.side].stretches for name in one.incident_ids}
        return frozenset(names - {BLIND})


@dataclass(frozen=True)
class Credit:
    """What one agreement pays back for one period."""

    period: Period
    spec: CreditsSpec
    currency: str | None
    fee: Decimal
    """The monthly fee, or its share where several versions governed parts of the month."""
    lines: tuple[Line, ...]
    sum: Decimal
    """Of the lines."""
    amount: Decimal
    """After caps and the minimum: what is paid."""
    limits: tuple[str, ...]
    """Which of ``cap_month``, ``cap_year``, ``minimum_payout`` and ``single_event`` changed the sum."""
    claim_by: datetime | None
    """Last instant to claim at; None where there is nothing to claim, or no time limit."""
    state: ClaimState


def credit(
    found: Sequence[Availability], as_of: datetime, earlier: Decimal = NOTHING, side: Side = Side.AGREED
) -> Credit | None:
    """Return the credit of the services of one agreement in one period.

    Args:
        found: the availability of each promise of one version in one period; at least one.
        as_of: how far the world has run.
        earlier: what earlier months (or parts of this one) of the same contract year have paid.
        side: whose figure decides; the certain one, best for the provider, as only what can be shown can be claimed.

    Returns:
        None where the version pays no credits.
    """
    period = found[0].period
    spec = period.version.credits
    if spec is None or spec.monthly_fee is None:
        return None
    fee = money(spec.monthly_fee * _share(period))
    lines, limits = _single_event(spec, [_line(one, spec, fee, side) for one in found])
    total = sum((line.amount for line in lines), NOTHING)
    amount = total
    for name, cap in _caps(spec, fee, earlier):
        if amount > cap:
            amount, limits = cap, [*limits, name]
    if spec.minimum_payout is not None and NOTHING < amount < spec.minimum_payout:
        amount, limits = NOTHING, [*limits, "minimum_payout"]
    claim_by = None if spec.claim_within is None or amount == NOTHING else _deadline(period, spec)
    state = _state(period, as_of, amount, claim_by)
    currency = period.version.currency
    return Credit(period, spec, currency, fee, lines, total, amount, tuple(limits), claim_by, state)


def _share(period: Period) -> Decimal:
    """A part of a month owes its share of the fee, by wall time."""
    (begin, end), (first, last) = period.span, period.whole
    if (begin, end) == (first, last):
        return Decimal(1)
    return Decimal((end - begin) // timedelta(seconds=1)) / Decimal((last - first) // timedelta(seconds=1))


def _line(found: Availability, spec: CreditsSpec, fee: Decimal, side: Side) -> Line:
    tier = tier_of(found.figures[side].percent, spec.tiers)
    return Line(found, side, tier, NOTHING if tier is None else money(fee * tier.credit / 100))


def _caps(spec: CreditsSpec, fee: Decimal, earlier: Decimal) -> list[tuple[str, Decimal]]:
    """Return the caps that apply; no contract pays back more than the fee itself."""
    caps = [("fee", fee)]
    if spec.cap_month is not None:
        caps.append(("cap_month", money(fee * spec.cap_month / 100)))
    if spec.cap_year is not None and spec.monthly_fee is not None:
        year = money(spec.monthly_fee * 12 * spec.cap_year / 100)
        caps.append(("cap_year", max(NOTHING, year - earlier)))
    return caps


def _single_event(spec: CreditsSpec, lines: list[Line]) -> tuple[tuple[Line, ...], list[str]]:
    """Leave the heaviest credit of those that an incident, or a chain of them, has in common."""
    if spec.single_event is None:
        return tuple(lines), []
    kept: list[Line] = []
    limits: list[str] = []
    for group in _groups(lines):
        heaviest = max(group, key=lambda line: (line.amount, line.found.promise.service))
        for line in group:
            aside = line is not heaviest and line.amount > 0
            kept.append(replace(line, amount=NOTHING, set_aside=True) if aside else line)
            limits = ["single_event"] if aside else limits
    return tuple(sorted(kept, key=lambda line: line.found.promise.service)), limits


def _groups(lines: Sequence[Line]) -> list[list[Line]]:
    groups: list[list[Line]] = []
    for line in lines:
        touching = [group for group in groups if any(line.incident_ids & one.incident_ids for one in group)]
        groups = [group for group in groups if group not in touching]
        groups.append([line, *(one for group in touching for one in group)])
    return groups


def _deadline(period: Period, spec: CreditsSpec) -> datetime | None:
    """Claims count from the end of the month in the contract's zone, whatever part of it a version governed."""
    length = None if spec.claim_within is None else spec.claim_within.fixed
    return None if length is None else period.whole[1] + length


def _state(period: Period, as_of: datetime, amount: Decimal, claim_by: datetime | None) -> ClaimState:
    if as_of < period.whole[1]:
        return ClaimState.NOT_YET
    if amount == NOTHING:
        return ClaimState.NOTHING_TO_CLAIM
    return ClaimState.EXPIRED if claim_by is not None and as_of > claim_by else ClaimState.OPEN
