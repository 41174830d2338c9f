"""Clauses of an agreement about its months: maintenance, availability, credits, reviews. Pure.

Each says what it needs to be computable; what the clauses need of each other is in ``models.version_faults``.
"""

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from models.durations import Duration
from models.opening import parse_week
from models.spec import ZERO, Fault, FixedDuration, LocalDate, Money, Percent, Span, Spec, refuse

KNOWN_EXCLUSIONS = ("force_majeure", "customer_fault", "third_party_fault")
"""Clauses that contracts commonly name; another word is allowed, and lint asks whether it was meant."""


def _share(weight: Decimal) -> Decimal:
    if not weight.is_finite() or not 0 <= weight <= 1:
        raise ValueError(f"{weight} is no weight: write a share from 0 to 1, such as 0.3")
    return weight


def _step(step: Decimal) -> Decimal:
    if not step.is_finite() or step not in {Decimal(1).scaleb(-places) for places in range(11)}:
        raise ValueError(f"{step} is no rounding: write the last digit kept, such as 0.01")
    return step


Weight = Annotated[Decimal, AfterValidator(_share)]
Step = Annotated[Decimal, AfterValidator(_step)]


class MaintenanceSpec(Spec):
    """When announced maintenance is excused."""

    notice: FixedDuration | None = None
    """How long before its begin it must have been announced; None asks for no more than beforehand."""
    monthly_allowance: FixedDuration | None = None
    """How much of it a calendar month excuses; None sets no bound."""
    windows: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Weekly windows as calendars write them, in the version's zone; empty for any time."""

    @field_validator("windows")
    @classmethod
    def _readable(cls, windows: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        if windows and not any(parse_week(windows)):
            raise ValueError('windows that never open: name one, such as {sun: ["00:00-06:00"]}, or leave the key out')
        return windows

    @property
    def notice_time(self) -> timedelta:
        """Return the notice asked for; zero where the contract names none."""
        return fixed(self.notice) or ZERO

    @property
    def allowance(self) -> timedelta | None:
        """Return the monthly allowance; None where there is no bound."""
        return fixed(self.monthly_allowance)


class AvailabilitySpec(Spec):
    """An availability promise of one service."""

    service: str
    objective: Percent
    """Percent of the service hours of a calendar month in the version's zone."""
    hours: str | None = None
    """A calendar of the version; None is around the clock."""
    weights: dict[str, Weight] = Field(default_factory=dict)
    """How much an instant of each severity counts; empty counts every outage whole."""
    quantum: Span | None = None
    """Downtime counts in whole consecutive units of this; None counts it exactly."""
    rounding: Step | None = None
    """The last digit of the percentage that is kept; None keeps what Decimal keeps."""

    @property
    def quantum_time(self) -> timedelta | None:
        """Return the quantum; None where downtime counts exactly."""
        return fixed(self.quantum)


class CreditTier(Spec):
    """Below this percentage, this share of the fee."""

    below: Percent
    credit: Percent


class CreditsSpec(Spec):
    """What the contract pays back."""

    tiers: tuple[CreditTier, ...] = Field(min_length=1)
    """From the highest ``below`` down; only the lowest one reached pays."""
    basis: Literal["monthly_fee"] = "monthly_fee"
    monthly_fee: Money | None = None
    cap_month: Percent | None = None
    """Percent of the monthly fee that one month pays back at most."""
    cap_year: Percent | None = None
    """Percent of twelve monthly fees that one contract year pays back at most."""
    minimum_payout: Money | None = None
    """A smaller credit is not paid."""
    claim_within: Span | None = None
    """How long after the month's end a claim may be made; None for ever."""
    single_event: Literal["heaviest"] | None = None
    """``heaviest``: of credits of several services by one event only the heaviest is paid; None pays each."""

    @model_validator(mode="after")
    def _payable(self) -> Self:
        faults: list[Fault] = []
        if self.monthly_fee is None:
            faults.append(((), 'credits are shares of a fee: write monthly_fee, such as "12000.00"'))
        for index, (upper, lower) in enumerate(pairwise(self.tiers), start=1):
            if lower.below >= upper.below:
                text = f"below {lower.below} follows below {upper.below}: write the tiers from the highest down"
                faults.append((("tiers", index, "below"), text))
        refuse("CreditsSpec", faults)
        return self


class ReviewSpec(Spec):
    """The regular review of this agreement (``models.reviews``)."""

    every: Literal["week", "month", "quarter", "year"]
    """Calendar periods in the version's zone, each looked back on once."""
    owners: tuple[str, ...] = ()
    """Contacts who hold it."""
    due_within: Span = Duration(15, "d")
    """How long after a period's end it may be held in time."""
    since: LocalDate | None = None
    """No review is asked for of what lies before; None asks from the version's first day on."""


def fixed(duration: Duration | None) -> timedelta | None:
    """Return the length of a duration that a clause keeps fixed; None where there is none."""
    return None if duration is None else duration.fixed
