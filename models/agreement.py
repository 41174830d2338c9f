"""Agreements: what a provider promised, in effective-dated versions (measurement.md §6). Pure.

The keys are those of the YAML documents (docs/agreements.md). Calendars, pauses, maintenance, exclusions,
availability and credits are read and checked here; what computes them comes with the next release.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationInfo, field_validator, model_validator

from models.clauses import AvailabilitySpec, CreditsSpec, MaintenanceSpec, ReviewSpec
from models.durations import Duration
from models.records import Objective
from models.spec import Spec, check_zone

PRIORITY = re.compile(r"p[1-9]")


class CalendarSpec(Spec):
    """Service hours: ``24x7``, or weekly windows in a zone with holidays."""

    hours: Literal["24x7"] | dict[str, tuple[str, ...]]
    timezone: str | None = None
    holidays: tuple[dict[str, Any], ...] = ()

    @property
    def is_always(self) -> bool:
        """True for ``24x7``, the one calendar that this release computes."""
        return self.hours == "24x7"


class Evidence(Spec):
    """Whose word counts for the agreed basis (measurement.md §4, Three bases)."""

    start: Literal["claimed", "reported", "observed", "published", "earliest"] = "earliest"
    acknowledge: Literal["claimed", "published", "observed"] = "published"
    restore: Literal["claimed", "published", "observed"] = "observed"
    automatic_replies_count: bool = False


class PrioritySpec(Spec):
    """Which of the provider's own severities make this priority."""

    severities: tuple[str, ...]
    description: str | None = None


class TargetSpec(Spec):
    """One promise: an objective and its limit per priority."""

    objective: Objective
    durations: dict[str, Duration]
    calendar: str | None = None
    calendars_by_priority: dict[str, str] = Field(default_factory=dict)
    warn_at: tuple[float, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, value: Any) -> Any:
        """Read ``p1: 15m`` and ``p3_calendar: office`` beside the fixed keys."""
        if not isinstance(value, dict) or "durations" in value:
            return value
        kept: dict[str, Any] = {"durations": {}, "calendars_by_priority": {}}
        for key, content in value.items():
            name = str(key)
            if PRIORITY.fullmatch(name):
                kept["durations"][name] = content
            elif name[:1] == "p" and name.endswith("_calendar"):
                kept["calendars_by_priority"][name.removesuffix("_calendar")] = content
            else:
                kept[name] = content
        if not kept["durations"]:
            raise ValueError("a target needs a limit for at least one priority, such as p1: 15m")
        return kept

    @field_validator("warn_at")
    @classmethod
    def _ascending(cls, shares: tuple[float, ...]) -> tuple[float, ...]:
        if any(not 0 < share < 1 for share in shares):
            raise ValueError("warning shares lie between 0 and 1")
        return tuple(sorted(shares))


class PauseSpec(Spec):
    """A reason that may stop clocks of some objectives."""

    reason: str
    objectives: tuple[Objective, ...]
    needs_acceptance: bool = False
    limit: Duration | None = None


class ReopenSpec(Spec):
    """What a return of the same trouble means."""

    window: Duration = Duration(24, "h")
    rule: Literal["continue", "inclusive", "new"] = "continue"

    @field_validator("window")
    @classmethod
    def _fixed(cls, window: Duration) -> Duration:
        if window.fixed is None:
            raise ValueError("a recurrence window is a fixed time, such as 24h")
        return window


class AgreementVersion(Spec):
    """One version of an agreement, in force from a local date to the next version's."""

    version: str
    effective_from: date
    effective_to: date | None = None
    timezone: str
    currency: str | None = None
    services: tuple[str, ...] = Field(min_length=1)
    calendars: dict[str, CalendarSpec]
    evidence: Evidence = Evidence()
    priorities: dict[str, PrioritySpec] = Field(min_length=1)
    priority_change: Literal["retroactive", "reset", "strictest"] = "retroactive"
    targets: tuple[TargetSpec, ...]
    pauses: tuple[PauseSpec, ...] = ()
    stability_window: Duration | None = None
    reopen: ReopenSpec = ReopenSpec()
    maintenance: MaintenanceSpec | None = None
    exclusions: tuple[str, ...] = ()
    availability: tuple[AvailabilitySpec, ...] = ()
    credits: CreditsSpec | None = None
    review: ReviewSpec | None = None
    escalation: str | None = None

    _zone_exists = field_validator("timezone")(check_zone)

    @field_validator("effective_to")
    @classmethod
    def _lasts(cls, end: date | None, info: ValidationInfo) -> date | None:
        begin = info.data.get("effective_from")
        if end is not None and begin is not None and end <= begin:
            raise ValueError(f"ends on {end}, which is not after it begins on {begin}")
        return end

    @field_validator("priorities")
    @classmethod
    def _named(cls, priorities: dict[str, PrioritySpec]) -> dict[str, PrioritySpec]:
        """Keep priorities in rank order, p1 first, and each severity in one of them only."""
        taken: dict[str, str] = {}
        for name, spec in priorities.items():
            if not PRIORITY.fullmatch(name):
                raise ValueError(f"{name!r} is no priority: write p1 to p9")
            for severity in spec.severities:
                other = taken.setdefault(severity.lower(), name)
                if other != name:
                    raise ValueError(f"severity {severity!r} stands in {other} and in {name}")
        return dict(sorted(priorities.items()))

    @field_validator("targets")
    @classmethod
    def _once(cls, targets: tuple[TargetSpec, ...]) -> tuple[TargetSpec, ...]:
        names = [target.objective.value for target in targets]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} stands twice: one entry holds the limits of all priorities")
        return targets

    @field_validator("stability_window")
    @classmethod
    def _fixed(cls, window: Duration | None) -> Duration | None:
        if window is not None and window.fixed is None:
            raise ValueError("a stability window is a fixed time, such as 15m")
        return window

    @property
    def stability(self) -> timedelta:
        """How long a restore must hold before it counts; zero where the contract names none."""
        return (self.stability_window.fixed if self.stability_window else None) or timedelta(0)

    def priority_of(self, severity: str | None) -> str | None:
        """Return the priority of a provider's own severity word, in any case; None for an unknown word."""
        return self._priority_by_severity.get((severity or "").lower())

    @cached_property
    def _priority_by_severity(self) -> dict[str, str]:
        return {word.lower(): name for name, spec in self.priorities.items() for word in spec.severities}

    def target(self, objective: Objective, priority: str) -> Duration | None:
        """Return the limit of an objective at a priority; None where nothing is promised."""
        spec = self._spec(objective)
        return None if spec is None else spec.durations.get(priority)

    def warn_at(self, objective: Objective) -> tuple[float, ...]:
        """Return the warning stages of an objective as shares of its target, ascending."""
        spec = self._spec(objective)
        return () if spec is None else spec.warn_at

    def is_always(self, objective: Objective, priority: str) -> bool:
        """Return whether a target runs around the clock; no calendar named means that it does."""
        spec = self._spec(objective)
        name = None if spec is None else spec.calendars_by_priority.get(priority, spec.calendar)
        return name is None or (name in self.calendars and self.calendars[name].is_always)

    def _spec(self, objective: Objective) -> TargetSpec | None:
        return self._target_by_objective.get(objective)

    @cached_property
    def _target_by_objective(self) -> dict[Objective, TargetSpec]:
        return {target.objective: target for target in reversed(self.targets)}

    def begins_at(self) -> datetime:
        """Return the first instant in force: local midnight in the contract's zone, as UTC."""
        return _midnight(self.effective_from, self.timezone)

    def ends_at(self) -> datetime | None:
        """Return the first instant no longer in force; None while open."""
        return None if self.effective_to is None else _midnight(self.effective_to, self.timezone)


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


class Agreement(Spec):
    """A contract with one provider."""

    api_version: Literal["holdfast/v1"] = Field(alias="apiVersion")
    kind: Literal["Agreement"]
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    title: str | None = None
    provider: str
    customer: str
    contract: Literal["sla", "ola", "underpinning"]
    versions: tuple[AgreementVersion, ...] = Field(min_length=1)

    @field_validator("versions")
    @classmethod
    def _seamless(cls, versions: tuple[AgreementVersion, ...]) -> tuple[AgreementVersion, ...]:
        """Refuse versions with a gap or an overlap: an instant has one version in force."""
        ordered = sorted(versions, key=lambda version: version.effective_from)
        for earlier, later in pairwise(ordered):
            end = earlier.effective_to or later.effective_from
            if earlier.effective_from == later.effective_from or end > later.effective_from:
                raise ValueError(
                    f"versions {earlier.version!r} and {later.version!r} overlap at {later.effective_from}"
                )
            if end < later.effective_from:
                raise ValueError(f"versions {earlier.version!r} and {later.version!r} leave a gap at {end}")
        names = [version.version for version in versions]
        if len(set(names)) != len(names):
            raise ValueError("two versions have one name")
        return versions

    def version_at(self, instant: datetime) -> AgreementVersion | None:
        """Return the version in force at an instant; None before the first and after the last."""
        ordered = sorted(self.versions, key=lambda version: version.effective_from, reverse=True)
        for version in ordered:
            if version.begins_at() <= instant:
                end = version.ends_at()
                return version if end is None or instant < end else None
        return None
