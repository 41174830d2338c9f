"""Moments: instants that may be known only to an interval, and what can be concluded from them.

A poll shows that something was published between two looks, not when; a page that drops an incident shows only
that it ended after the last look. Verdicts must say so (measurement.md §4, Uncertainty). Pure.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import overload

from models.records import Verdict

ZERO = timedelta(0)


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant that lies in [earliest, latest]; equal for a point, ``latest`` None when nothing bounds it."""

    earliest: datetime
    latest: datetime | None
    notice_id: str | None = None
    """The notice that says so."""

    @classmethod
    def point(cls, instant: datetime, notice_id: str | None = None) -> "Moment":
        """Return a moment known exactly."""
        return cls(instant, instant, notice_id)

    @property
    def order(self) -> tuple[datetime, bool, datetime, str]:
        """Sort key: earliest first, then the better known, then the id."""
        return (self.earliest, self.latest is None, self.latest or self.earliest, self.notice_id or "")


@dataclass(frozen=True, slots=True)
class Elapsed:
    """A length of time known to lie in [least, most]; ``most`` None when nothing bounds it."""

    least: timedelta
    most: timedelta | None


@overload
def not_before(moment: Moment, floor: Moment) -> Moment: ...
@overload
def not_before(moment: Moment | None, floor: Moment) -> Moment | None: ...
def not_before(moment: Moment | None, floor: Moment) -> Moment | None:
    """Return a moment cut to lie no earlier than another can: a stop is never before its start."""
    if moment is None or moment.earliest >= floor.earliest:
        return moment
    latest = None if moment.latest is None else max(moment.latest, floor.earliest)
    return Moment(floor.earliest, latest, moment.notice_id)


def judge(elapsed: Elapsed, target: timedelta) -> Verdict:
    """Judge a stopped clock (measurement.md §4): a stop exactly at the target is met.

    >>> judge(Elapsed(timedelta(minutes=3), timedelta(minutes=8)), timedelta(minutes=5)).value
    'indeterminate'
    """
    if elapsed.least > target:
        return Verdict.BREACHED
    if elapsed.most is not None and elapsed.most <= target:
        return Verdict.MET
    return Verdict.INDETERMINATE
