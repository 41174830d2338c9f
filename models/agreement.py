"""Agreements: what a provider promised, in effective-dated versions (measurement.md §6). Pure.

The keys are those of the YAML documents (docs/agreements.md). A version that could not be measured by is refused here,
all its faults at once; what is only doubtful is told by lint.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationInfo, field_validator, model_validator

from models.calendar import ALWAYS, Calendar
from models.calendar_spec import CalendarSpec
from models.clauses import AvailabilitySpec, CreditsSpec, MaintenanceSpec, ReviewSpec
from models.durations import Duration
from models.records import Objective
from models.spec import ZERO, Fault, FixedDuration, LocalDate, Spec, Word, check_zone, refuse
from models.terms import Evidence, PauseSpec, PrioritySpec, ReopenSpec, TargetSpec
from models.version_faults import faults_of

__all__ = ["Agreement", "AgreementVersion", "CalendarSpec", "Evidence", "PauseSpec", "ReopenSpec", "TargetSpec"]


class AgreementVersion(Spec):
    """One version of an agreement, in force from a local date to the next version's."""

    version: str
    effective_from: LocalDate
    effective_to: LocalDate | None = None
    timezone: str
    currency: str | None = Field(default=None, pattern=r"^[A-Z]{3}$")
    services: tuple[str, ...] = Field(min_length=1)
    calendars: dict[str, CalendarSpec]
    evidence: Evidence = Evidence()
    priorities: dict[str, PrioritySpec] = Field(min_length=1)
    priority_change: Literal["retroactive", "reset", "strictest"] = "retroactive"
    targets: tuple[TargetSpec, ...]
    pauses: tuple[PauseSpec, ...] = ()
    stability_window: FixedDuration | None = None
    reopen: ReopenSpec = ReopenSpec()
    maintenance: MaintenanceSpec | None = None
    exclusions: tuple[Word, ...] = ()
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
    def _ranked(cls, priorities: dict[str, PrioritySpec]) -> dict[str, PrioritySpec]:
        """Keep priorities in rank order, p1 first."""
        return dict(sorted(priorities.items()))

    @model_validator(mode="after")
    def _whole(self) -> Self:
        refuse("AgreementVersion", faults_of(self))
        return self

    @property
    def stability(self) -> timedelta:
        """How long a restore must hold before it counts; zero where the contract names none."""
        return (self.stability_window.fixed if self.stability_window else None) or ZERO

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

    @cached_property
    def promised(self) -> frozenset[str]:
        """Return the priorities at which anything is promised."""
        return frozenset(priority for target in self.targets for priority in target.durations)

    def warn_at(self, objective: Objective) -> tuple[float, ...]:
        """Return the warning stages of an objective as shares of its target, ascending."""
        spec = self._spec(objective)
        return () if spec is None else spec.warn_at

    def pauses_for(self, objective: Objective) -> tuple[PauseSpec, ...]:
        """Return the reasons that may stop clocks of an objective, each with its rule."""
        return tuple(pause for pause in self.pauses if objective in pause.objectives)

    def calendar(self, objective: Objective, priority: str) -> Calendar:
        """Return the calendar that a target's clock runs in; around the clock where none is named."""
        spec = self._spec(objective)
        name = None if spec is None else spec.calendars_by_priority.get(priority, spec.calendar)
        return ALWAYS if name is None else self.named_calendar(name)

    def named_calendar(self, name: str) -> Calendar:
        """Return a calendar of this version by its name.

        Raises:
            KeyError: if there is none; a validated version names only calendars that it has.
        """
        return self._calendar_by_name[name]

    @cached_property
    def _calendar_by_name(self) -> dict[str, Calendar]:
        return {name: Calendar.of(spec, self.timezone) for name, spec in self.calendars.items()}

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

    @model_validator(mode="after")
    def _seamless(self) -> Self:
        """Refuse versions with a gap or an overlap: an instant has one version in force."""
        refuse("Agreement", _version_faults(self.versions))
        return self

    def version_at(self, instant: datetime) -> AgreementVersion | None:
        """Return the version in force at an instant; None before the first and after the last."""
        ordered = sorted(self.versions, key=lambda version: version.effective_from, reverse=True)
        for version in ordered:
            if version.begins_at() <= instant:
                end = version.ends_at()
                return version if end is None or instant < end else None
        return None


def _version_faults(versions: tuple[AgreementVersion, ...]) -> Iterator[Fault]:
    """Yield names that stand twice, gaps and overlaps, each at the later of two versions."""
    names = [version.version for version in versions]
    for index, name in enumerate(names):
        if name in names[:index]:
            yield ("versions", index, "version"), f"version {name!r} stands here twice"
    ordered = sorted(enumerate(versions), key=lambda entry: entry[1].effective_from)
    for (_, earlier), (index, later) in pairwise(ordered):
        end, begin = earlier.effective_to or later.effective_from, later.effective_from
        told = f"versions {earlier.version!r} and {later.version!r}"
        if earlier.effective_from == begin or end > begin:
            yield ("versions", index, "effective_from"), f"{told} overlap at {begin}"
        elif end < begin:
            yield ("versions", index, "effective_from"), f"{told} leave a gap at {end}"
