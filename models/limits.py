"""Which limit a clock runs against, and how it changes with the priority (measurement.md §4, Priority change). Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from models.agreement import AgreementVersion
from models.calendar import Calendar
from models.durations import Duration
from models.moment import Moment
from models.outage import Outage
from models.priority import Scale
from models.reading import Gauge, Run, passes
from models.records import Objective
from models.service_time import WALL_TIME, Break, ServiceTime, united


@dataclass(frozen=True, slots=True)
class Limit:
    """What is promised for one objective at one priority."""

    priority: str
    duration: Duration
    calendar: Calendar

    def length(self, begin: datetime) -> timedelta:
        """Return the open time that may pass from an instant on; business days are counted from there."""
        return self.duration.fixed or self.calendar.length(begin, self.duration)

    def due(self, begin: datetime) -> datetime:
        """Return when it is used up, without pauses."""
        return self.calendar.reach(begin, self.length(begin))


@dataclass(frozen=True, slots=True)
class Timed:
    """A run with the limit and the service time that it is judged by."""

    run: Run
    limit: Limit
    target: timedelta
    promised: "Timed | None" = None
    """The same run against the instant at which the provider said that it would speak again."""

    def less(self, breaks: Iterable[Break]) -> tuple["Timed", ServiceTime]:
        """Return what judges the run, less breaks, and what counts on it.

        Of interval and promise the earlier one judges. A promise is an instant: whatever the hours and the pauses.
        """
        time = ServiceTime(self.limit.calendar, united(breaks))
        if self.promised is not None:
            due = time.reach(self.run.stretches[0].begin.earliest, self.target)
            at = self.promised.run.stretches[0].begin.earliest + self.promised.target
            if due is None or at < due:
                return self.promised, WALL_TIME
        return self, time


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one objective on one incident, on one basis."""

    rule: str
    """The agreement's ``priority_change``."""
    final: Limit | None
    """At the priority in force."""
    steps: tuple[tuple[datetime, Limit | None], ...]
    """From when on which limit; in order of time, at least one."""

    @classmethod
    def of(cls, version: AgreementVersion, objective: Objective, scale: Scale) -> "Limits | None":
        """Return the limits at the priorities that an incident reached; None where nothing is promised."""
        reached = tuple((rise.at, limit(version, objective, rise.priority)) for rise in scale.rises)
        final = reached[-1][1] if reached else limit(version, objective, scale.in_force)
        promised = [one for _, one in reached if one is not None]
        if final is None and (version.priority_change != "strictest" or not promised):
            return None
        return cls(version.priority_change, final, reached)

    def timed(self, run: Run, breaks: tuple[Break, ...] = ()) -> Timed | None:
        """Choose the limit that a run is judged by, and begin it anew where the agreement says so.

        Under ``reset`` a run begins anew at each change of the priority on its way; a breach before it stands, and the
        first severity named holds from the start.

        Args:
            run: of the clock.
            breaks: in which it stands still; they count for what was breached before a change.

        Returns:
            None where the clock stopped at a priority for which nothing is promised.
        """
        if self.rule == "reset" and len(self.steps) > 1:
            timed = self._restarted(run, breaks)
        else:
            begin = run.stretches[0].begin.earliest
            chosen = self._chosen(begin)
            timed = Timed(run, chosen, chosen.length(begin))
        return timed if timed is None or run.promised_at is None else _promised(timed, run, run.promised_at)

    def gauge(self, begin: datetime) -> Gauge:
        """Return what a clock that never ran would have been read against, had it begun at an instant."""
        chosen = self._chosen(begin)
        return Gauge(chosen.length(begin), chosen.priority, ServiceTime(chosen.calendar))

    def _chosen(self, begin: datetime) -> Limit:
        if self.rule == "strictest":
            promised = [one for _, one in self.steps if one is not None]
            return min(promised or [self._final], key=lambda one: one.due(begin))
        return self._final

    @property
    def _final(self) -> Limit:
        assert self.final is not None, "Limits.of makes none without a limit"
        return self.final

    def _restarted(self, run: Run, breaks: tuple[Break, ...]) -> Timed | None:
        end, stretches, now = run.stretches[-1].end, run.stretches, self.steps[0][1]
        for at, following in self.steps[1:]:
            if end is not None and at >= end.earliest:
                break
            if now is not None and _is_spent(stretches, now, at, breaks):
                break
            stretches, now = _from(stretches, at), following
        if now is None:
            return None
        longest = run.longest if stretches is run.stretches else None
        restarted = Run(stretches, longest, run.holds_from)
        return Timed(restarted, now, now.length(stretches[0].begin.earliest))


def limit(version: AgreementVersion, objective: Objective, priority: str) -> Limit | None:
    """Return what is promised for an objective at a priority; None where nothing is."""
    duration = version.target(objective, priority)
    return None if duration is None else Limit(priority, duration, version.calendar(objective, priority))


def _promised(timed: Timed, run: Run, promised_at: datetime) -> Timed:
    """Add what the provider named, counted from the run's own begin; nothing where that is no time ahead."""
    begin = run.stretches[0].begin
    if promised_at <= begin.earliest:
        return timed
    stretch = Outage(Moment.point(begin.earliest, begin.notice_id), run.stretches[0].end)
    return replace(timed, promised=Timed(Run((stretch,)), timed.limit, promised_at - begin.earliest))


def _is_spent(stretches: tuple[Outage, ...], now: Limit, at: datetime, breaks: tuple[Break, ...]) -> bool:
    target = now.length(stretches[0].begin.earliest)
    spent = passes(stretches, target, ServiceTime(now.calendar, united(breaks)), late=True)
    return spent is not None and spent < at


def _from(stretches: tuple[Outage, ...], at: datetime) -> tuple[Outage, ...]:
    """Cut what lies before an instant."""
    kept = [one for one in stretches if one.end is None or one.end.earliest > at]
    return tuple(one if one.begin.earliest >= at else Outage(Moment.point(at), one.end) for one in kept)
