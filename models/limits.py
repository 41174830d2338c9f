"""Which limit a clock runs against, where the priority rose on the way (measurement.md §4, Priority change). Pure.

Targets that need a business calendar make no clock yet: ``unmeasured`` lists them.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from models.agreement import AgreementVersion
from models.moment import Moment
from models.outage import Outage
from models.priority import Scale
from models.reading import Run, reach
from models.records import Objective

MEASURED = (
    Objective.NOTIFY,
    Objective.ACKNOWLEDGE,
    Objective.RESPOND,
    Objective.UPDATE,
    Objective.WORKAROUND,
    Objective.RESTORE,
    Objective.RESOLVE,
)
"""Objectives that this version computes; ``root_cause`` and ``recovery_point`` need calendars and evidence records."""


def unmeasured(version: AgreementVersion) -> tuple[str, ...]:
    """Return the version's targets that this release makes no clock for, each with the reason in words."""
    found = []
    for target in version.targets:
        for priority in target.durations:
            why = why_unmeasured(version, target.objective, priority)
            if why is not None:
                found.append(f"{target.objective.value} {priority}: {why}")
    return tuple(found)


def why_unmeasured(version: AgreementVersion, objective: Objective, priority: str) -> str | None:
    """Say why a target makes no clock in this release; None where it does."""
    if objective not in MEASURED:
        return "objective not measured yet"
    duration = version.target(objective, priority)
    if duration is None or duration.fixed is None:
        return f"{duration} needs a business calendar"
    if not version.is_always(objective, priority):
        return "calendar other than 24x7"
    return None


def limit(version: AgreementVersion, objective: Objective, priority: str) -> timedelta | None:
    """Return the limit that this release can judge; None where nothing is promised, or only in business hours."""
    duration = version.target(objective, priority)
    if duration is None or duration.fixed is None or not version.is_always(objective, priority):
        return None
    return duration.fixed


@dataclass(frozen=True, slots=True)
class Limits:
    """The limit of one objective on one incident."""

    target: timedelta
    """At the highest priority reached; the strictest of all reached under the rule ``strictest``."""
    steps: tuple[tuple[datetime, timedelta | None], ...] = ()
    """Under the rule ``reset``: from when on which limit; more than one where the priority rose."""

    @classmethod
    def of(cls, version: AgreementVersion, objective: Objective, scale: Scale) -> "Limits | None":
        """Return the limits at the priorities that an incident reached; None where there is none to judge."""
        target = limit(version, objective, scale.highest)
        if len(scale.rises) < 2 or version.priority_change == "retroactive":
            return None if target is None else cls(target)
        reached = [(rise.at, limit(version, objective, rise.priority)) for rise in scale.rises]
        if version.priority_change == "strictest":
            strictest = min((one for _, one in reached if one is not None), default=None)
            return None if strictest is None else cls(strictest)
        return None if target is None else cls(target, tuple(reached))

    def restart(self, run: Run) -> Run | None:
        """Begin a run anew at each rise of the priority on its way (rule ``reset``).

        A breach before a rise stands, and so does a promise. The first severity named holds from the start.

        Returns:
            None where the clock stopped at a priority for which nothing is promised.
        """
        if not self.steps or run.target != self.target:
            return run
        end = run.stretches[-1].end
        stretches, limit_now = run.stretches, self.steps[0][1]
        for at, target in self.steps[1:]:
            if end is not None and at >= end.earliest:
                break
            if limit_now is not None and reach(stretches, limit_now, late=True) < at:
                break
            stretches, limit_now = _from(stretches, at), target
        if limit_now is None:
            return None
        longest = run.longest if stretches is run.stretches else None
        return replace(run, stretches=stretches, longest=longest, target=limit_now)


def _from(stretches: tuple[Outage, ...], at: datetime) -> tuple[Outage, ...]:
    """Cut what lies before an instant."""
    kept = [one for one in stretches if one.end is None or one.end.earliest > at]
    return tuple(one if one.begin.earliest >= at else Outage(Moment.point(at), one.end) for one in kept)
