"""When the condition of a rung is, was or will be reached, if everything runs on as it does (measurement.md §10). Pure.

Rungs climb by the agreed basis only. Silence of the rung below and closed hours are not decided here but in
``models.plan``: they depend on who was told when.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from models.clocks import Reading
from models.policy import Condition
from models.priority import Rise
from models.records import Basis, Objective, Verdict

BurnReached = Callable[[float, str | None], datetime | None]
"""(times too fast, service or None for any) to the instant at which the error budget burns so fast."""


def never_burns(_: float, __: str | None) -> datetime | None:
    """Return None: the burn rate of an incident that nobody computes."""
    return None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the conditions of one incident are held against, as of an instant."""

    readings: tuple[Reading, ...] = ()
    """Of the agreed basis."""
    rises: tuple[Rise, ...] = ()
    """How the priority changed, agreed basis."""
    broken_at: tuple[datetime, ...] = ()
    """When promises are broken, those to come included; ascending."""
    exposed_since: datetime | None = None
    """Since when it is known to lie in the area and time of a hazard."""
    ended_at: datetime | None = None
    """Since when it is over, restored included; None while it lasts."""
    back_at: datetime | None = None
    """When it failed again after it had been over; None where it never did."""
    burns: BurnReached = never_burns

    @classmethod
    def of_readings(cls, readings: Sequence[Reading], **others: object) -> "Circumstances":
        """Return circumstances with the agreed ones of some readings."""
        agreed = tuple(one for one in readings if one.basis is Basis.AGREED)
        return cls(readings=agreed, **others)  # type: ignore[arg-type]  # handed on by name

    def clocks(self, objective: Objective | None) -> list[Reading]:
        """Return the clocks of an objective."""
        return [one for one in self.readings if one.objective is objective]


def reached(when: Condition, around: Circumstances) -> tuple[datetime | None, str | None]:
    """Return when a condition is reached, or None and why it is not.

    Args:
        when: the condition; of ``silence`` the answer is None without a reason.
        around: the incident's circumstances.
    """
    if when.objective is not None:
        clocks = around.clocks(when.objective)
        at = _by_clock(when, clocks)
        return (at, None) if at is not None else (None, _why_never(clocks))
    at, why = _otherwise(when, around)
    if at is None:
        return None, why
    at += when.delay
    if around.ended_at is not None and around.ended_at <= at:
        return None, "not reached: it was over before"
    return at, None


def _otherwise(when: Condition, around: Circumstances) -> tuple[datetime | None, str | None]:
    """Return when a condition that is of no clock holds, without its delay; else why it does not."""
    if when.promise is not None:
        return next(iter(around.broken_at), None), "not reached: no promise is open or broken"
    if when.priority is not None:
        wanted = when.priority
        rises = [rise.at for rise in around.rises if rise.priority <= wanted]
        return min(rises, default=None), f"not reached: the priority is below {wanted}"
    if when.exposure:
        return around.exposed_since, "not reached: no hazard is known over its sites"
    if when.burn_rate is not None:
        return around.burns(when.burn_rate, when.service), "not reached: the error budget does not burn so fast"
    return None, None


def _by_clock(when: Condition, clocks: Sequence[Reading]) -> datetime | None:
    running = [clock for clock in clocks if clock.verdict not in (Verdict.CANCELLED, Verdict.EXCLUDED)]
    if when.missed is not None:
        at = _missed(running, when.missed)
    elif when.share is not None:
        at = min((found for clock in running if (found := clock.reaches(when.share))), default=None)
    else:
        at = min((found for clock in running if (found := clock.reaches(1.0, for_certain=True))), default=None)
    return at if at is None or when.after is None else _delayed(at + when.delay, running)


def _delayed(at: datetime, clocks: Sequence[Reading]) -> datetime | None:
    """A delay past a condition counts only while the clock still runs: what is over needs no further rung."""
    if all(clock.stopped_at is not None and clock.stopped_at <= at for clock in clocks):
        return None
    return at


def _missed(clocks: Sequence[Reading], wanted: int) -> datetime | None:
    """Return when that many intervals in a row passed without the provider speaking.

    A silence of two intervals is two misses; a gap within the interval starts the count again.
    """
    row = 0
    for clock in sorted(clocks, key=lambda reading: reading.ordinal):
        passed = 0
        while (at := clock.reaches(float(passed + 1), for_certain=True)) is not None:
            passed += 1
            if row + passed == wanted:
                return at
        row = row + passed if passed else 0
    return None


def _why_never(clocks: Sequence[Reading]) -> str:
    if not clocks:
        return "no such clock: the agreement promises nothing here for this priority"
    verdict = clocks[-1].verdict
    return f"not reached: {clocks[-1].objective.value} is {verdict.value}"
