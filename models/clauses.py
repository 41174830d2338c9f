"""Parts of an agreement that are read and checked, and computed by a later release. Pure.

Maintenance, availability, credits and reviews: a contract is written down whole, and lint says what is not computed.
"""

from decimal import Decimal

from pydantic import Field

from models.durations import Duration
from models.spec import Spec


class MaintenanceSpec(Spec):
    """When announced maintenance is excused."""

    notice: Duration | None = None
    monthly_allowance: Duration | None = None
    windows: dict[str, tuple[str, ...]] = Field(default_factory=dict)


class AvailabilitySpec(Spec):
    """An availability promise of one service."""

    service: str
    objective: Decimal
    hours: str | None = None
    weights: dict[str, Decimal] = Field(default_factory=dict)
    quantum: Duration | None = None
    rounding: Decimal | None = None


class CreditTier(Spec):
    """Below this percentage, this share of the fee."""

    below: Decimal
    credit: Decimal


class CreditsSpec(Spec):
    """What the contract pays back."""

    tiers: tuple[CreditTier, ...]
    basis: str = "monthly_fee"
    monthly_fee: Decimal | None = None
    cap_month: Decimal | None = None
    cap_year: Decimal | None = None
    minimum_payout: Decimal | None = None
    claim_within: Duration | None = None
    single_event: str | None = None


class ReviewSpec(Spec):
    """The regular review of this agreement."""

    every: str
    owners: tuple[str, ...] = ()
