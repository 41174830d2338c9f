"""Availability of a service in a calendar month: three figures side by side, best and worst case (measurement.md §7).

Strict: observed outages, nothing excused. Provider's: by its own times and claims. Agreed: by the contract.
Pure. What is judged is the certain downtime; what there may have been besides makes the worst case.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from models.agreement import AgreementVersion
from models.calendar import ALWAYS, Calendar
from models.clauses import AvailabilitySpec
from models.downtime import (
    MICROSECOND,
    MICROSECONDS,
    ZERO,
    Down,
    Span,
    Stretch,
    in_service,
    merged,
    quantised,
    union,
    weighted_s,
    within,
    without,
)
from models.failures import Trouble, failure
from models.maintenance import allowed, announced, excused_windows
from models.months import Period
from models.notice import Kind
from models.records import Basis

EXACT = Decimal("1e-10")
"""The last digit shown where the contract rounds nothing; cut off there, never rounded up."""
BLIND = "blind"
"""In place of an incident id: we did not look."""


class Side(StrEnum):
    """Whose figure it is."""

    STRICT = "strict"
    PROVIDER = "provider"
    AGREED = "agreed"


BASIS = {Side.STRICT: Basis.OBSERVED, Side.PROVIDER: Basis.CLAIMED, Side.AGREED: Basis.AGREED}


def rounded(value: Fraction, step: Decimal | None) -> Decimal:
    """Return a percentage as the contract writes it.

    Half of the last digit is rounded up (ROUND_HALF_UP, as invoices are), once and from the exact share; without a
    rounding in the contract ten digits are kept and the rest cut off, so that no figure is lifted over a boundary.

    >>> rounded(Fraction("99.994999"), Decimal("0.01")), rounded(Fraction("99.995"), Decimal("0.01"))
    (Decimal('99.99'), Decimal('100.00'))
    """
    unit = EXACT if step is None else step
    steps = value / Fraction(unit)
    whole = steps.__floor__() if step is None else (steps + Fraction(1, 2)).__floor__()
    return Decimal(whole) * unit


def percent(service: timedelta, downtime_s: Decimal, step: Decimal | None) -> Decimal | None:
    """Return the share of service time in which the service was there; None where no service was owed."""
    owed = Fraction(service // MICROSECOND)
    if owed == 0:
        return None
    return rounded(100 * (1 - Fraction(downtime_s * MICROSECONDS) / owed), step)


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the three figures."""

    side: Side
    stretches: tuple[Stretch, ...]
    """Counted for certain, in order."""
    lasting: tuple[Stretch, ...]
    """The same before quanta were applied."""
    possible: tuple[Stretch, ...]
    """Counted in the worst case: these include the certain ones but for quanta."""
    excused: tuple[Span, ...]
    """Maintenance taken out."""
    percent: Decimal | None
    worst: Decimal | None

    @property
    def downtime_s(self) -> Decimal:
        """Certain downtime in seconds, weighted."""
        return weighted_s(self.stretches)

    @property
    def possible_s(self) -> Decimal:
        """Downtime in the worst case in seconds, weighted."""
        return weighted_s(self.possible)

    def verdict(self, objective: Decimal) -> str:
        """Return ``met``, ``missed``, or ``indeterminate`` where only the worst case misses."""
        if self.percent is None or self.worst is None:
            return "not_applicable"
        if self.percent < objective:
            return "missed"
        return "indeterminate" if self.worst < objective else "met"


@dataclass(frozen=True)
class Availability:
    """One service in the part of a month that one version governs."""

    promise: AvailabilitySpec
    period: Period
    as_of: datetime
    calendar: Calendar
    figures: dict[Side, Figure]
    allowance_used: timedelta
    """Of the monthly allowance for maintenance, from the beginning of the month."""

    @property
    def agreed(self) -> Figure:
        """The figure that counts."""
        return self.figures[Side.AGREED]

    @property
    def is_final(self) -> bool:
        """False while the period still runs: then the figures reach to as-of only."""
        return self.as_of >= self.period.span[1]

    @property
    def owed(self) -> timedelta:
        """Service time of the whole period."""
        return self.calendar.elapsed(*self.period.span)

    @property
    def owed_so_far(self) -> timedelta:
        """Service time up to as-of: what the percentages are of."""
        return self.calendar.elapsed(self.period.span[0], min(self.as_of, self.period.span[1]))


@dataclass(frozen=True)
class Evidence:
    """What is known: incidents and maintenances, and when we did not look."""

    troubles: Sequence[Trouble] = ()
    blind: Sequence[Span] = field(default=())


def calendar_of(version: AgreementVersion, promise: AvailabilitySpec) -> Calendar:
    """Return the hours in which the service is owed; around the clock where the promise names none."""
    if promise.hours is None:
        return ALWAYS
    return Calendar.of(version.calendars[promise.hours], version.timezone)


def availability(
    evidence: Evidence, period: Period, promise: AvailabilitySpec, as_of: datetime, used: timedelta = ZERO
) -> Availability:
    """Return the figures of one service in a period.

    Args:
        evidence: of the provider; what concerns other services is left out here.
        period: part of a month under one version.
        promise: of that version.
        as_of: how far the world has run.
        used: of the monthly maintenance allowance, in earlier parts of the same month.
    """
    begin, end = period.span
    span = (begin, max(begin, min(end, as_of)))
    troubles = [one for one in evidence.troubles if one.concerns(promise.service)]
    measuring = _Measuring(period.version, promise, span, as_of, calendar_of(period.version, promise))
    strict = measuring.figure(Side.STRICT, troubles, evidence.blind, ())
    provider = measuring.figure(Side.PROVIDER, troubles, (), measuring.claimed_windows(troubles))
    windows = measuring.excused(troubles, used)
    agreed = measuring.figure(Side.AGREED, troubles, evidence.blind, windows)
    spent = used + sum((one.length for one in measuring.excused_downtime), ZERO)
    figures = {figure.side: figure for figure in (strict, provider, agreed)}
    return Availability(promise, period, as_of, measuring.calendar, figures, spent)


@dataclass
class _Measuring:
    """The terms under which one period is measured; remembers what the allowance was spent on."""

    version: AgreementVersion
    promise: AvailabilitySpec
    span: Span
    as_of: datetime
    calendar: Calendar
    excused_downtime: tuple[Stretch, ...] = ()

    def figure(
        self, side: Side, troubles: Iterable[Trouble], blind: Iterable[Span], windows: Iterable[Span]
    ) -> Figure:  # fmt: skip
        found = [failure(one, self.version, self.promise, BASIS[side], self.as_of) for one in troubles]
        out = merged(windows)
        lasting = without(self._open(down for one in found for down in one.certain), out)
        certain = quantised(lasting, self.promise.quantum_time)
        unseen = [Down(begin, end, Decimal(1), BLIND) for begin, end in blind]
        most = without(self._open([*(down for one in found for down in one.possible), *unseen]), out)
        possible = quantised(most, self.promise.quantum_time)
        owed = self.calendar.elapsed(*self.span)
        best, worst = (percent(owed, weighted_s(one), self.promise.rounding) for one in (certain, possible))
        return Figure(
            side, certain, lasting, possible, out, best, worst if best is None or worst is None else min(best, worst)
        )

    def _open(self, downs: Iterable[Down]) -> tuple[Stretch, ...]:
        return in_service(union(downs, self.span), self.calendar)

    def excused(self, troubles: Sequence[Trouble], used: timedelta) -> tuple[Span, ...]:
        """Return the downtime in qualifying windows that the monthly allowance covers; the kindest reading of it."""
        works = [one for one in troubles if one.kind is Kind.MAINTENANCE]
        windows = merged(span for one in works for span in excused_windows(one.facts, self.version, self.as_of))
        if self.version.maintenance is None or not windows:
            return ()
        found = [failure(one, self.version, self.promise, Basis.AGREED, self.as_of) for one in troubles]
        allowance = self.version.maintenance.allowance
        if allowance is None:
            spans = windows
        else:
            spans = allowed(self._open(down for one in found for down in one.possible), windows, allowance, used)
        certain = self._open(down for one in found for down in one.certain)
        self.excused_downtime = within(certain, spans)
        return spans

    def claimed_windows(self, troubles: Iterable[Trouble]) -> tuple[Span, ...]:
        """Return what the provider calls maintenance: the windows announced last, and the work itself."""
        spans: list[Span] = []
        for one in troubles:
            if one.kind is Kind.MAINTENANCE:
                spans += [(last.begin, last.end) for last in announced(one.facts, self.as_of)[-1:]]
                claimed = failure(one, self.version, self.promise, Basis.CLAIMED, self.as_of)
                spans += [(down.begin, down.end) for down in claimed.possible]
        return merged(spans)
