"""Terms of an agreement about its clocks: evidence, priorities, targets, pauses, returns. Pure."""

import re
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    Field,
    GetJsonSchemaHandler,
    field_validator,
    model_serializer,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from models.durations import Duration
from models.records import Objective
from models.spec import FixedDuration, Limit, Span, Spec, Word

PRIORITY = re.compile(r"p[1-9]")
LIMITS, CALENDARS = "p1 to p9", "p1_calendar to p9_calendar"
"""Names, that no document can mean, under which limits and calendars are gathered."""


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


def _stage(share: float) -> float:
    if not 0 < share < 1:
        raise ValueError(f"{share} is no warning share: they lie between 0 and 1, such as 0.8")
    return share


class TargetSpec(Spec):
    """One promise: an objective and its limit per priority."""

    objective: Objective
    durations: dict[str, Limit] = Field(alias=LIMITS)
    calendar: str | None = None
    calendars_by_priority: dict[str, str] = Field(alias=CALENDARS)
    warn_at: tuple[Annotated[float, AfterValidator(_stage)], ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, value: Any) -> Any:
        """Read ``p1: 15m`` and ``p3_calendar: office`` beside the fixed keys."""
        if not isinstance(value, dict):
            return value
        kept: dict[Any, Any] = {LIMITS: {}, CALENDARS: {}}
        for key, content in value.items():
            name = str(key)
            if PRIORITY.fullmatch(name):
                kept[LIMITS][name] = content
            elif name.endswith("_calendar") and PRIORITY.fullmatch(name.removesuffix("_calendar")):
                kept[CALENDARS][name.removesuffix("_calendar")] = content
            else:
                kept[f"{name}?" if name in (LIMITS, CALENDARS) else key] = content
        return kept

    @model_serializer
    def _spread(self) -> dict[str, Any]:
        """Write the keys as documents write them, so that what is written can be read."""
        limits = {name: str(duration) for name, duration in self.durations.items()}
        calendars = {f"{name}_calendar": calendar for name, calendar in self.calendars_by_priority.items()}
        return {
            "objective": self.objective.value,
            **limits,
            "calendar": self.calendar,
            **calendars,
            "warn_at": list(self.warn_at),
        }

    @classmethod
    def known_keys(cls) -> tuple[str, ...]:
        """Return the keys that a document may write here: a limit and a calendar of each priority among them."""
        fixed = (name for name in super().known_keys() if name not in (LIMITS, CALENDARS))
        priorities = [f"p{rank}" for rank in range(1, 10)]
        return (*fixed, *priorities, *(f"{name}_calendar" for name in priorities))

    @field_validator("durations")
    @classmethod
    def _promises(cls, durations: dict[str, Duration]) -> dict[str, Duration]:
        if not durations:
            raise ValueError("a target needs a limit for at least one priority, such as p1: 15m")
        return durations

    @field_validator("warn_at")
    @classmethod
    def _ascending(cls, shares: tuple[float, ...]) -> tuple[float, ...]:
        return tuple(sorted(set(shares)))

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describe the keys as documents write them: ``p1`` and ``p1_calendar``, not as they are gathered."""
        described = handler.resolve_ref_schema(handler(schema))
        properties = described["properties"]
        limit = properties.pop(LIMITS)["additionalProperties"]
        calendar = properties.pop(CALENDARS)["additionalProperties"]
        described["patternProperties"] = {"^p[1-9]$": limit, "^p[1-9]_calendar$": calendar}
        described["required"] = ["objective"]
        return described


class PauseSpec(Spec):
    """A reason that may stop clocks of some objectives."""

    reason: Word
    objectives: tuple[Objective, ...] = Field(min_length=1)
    needs_acceptance: bool = False
    limit: Span | None = None
    """How much of it may count on one clock, in wall time; None sets no bound."""


class ReopenSpec(Spec):
    """What a return of the same trouble means."""

    window: FixedDuration = Duration(24, "h")
    rule: Literal["continue", "inclusive", "new"] = "continue"
