"""What every part of a dashboard is made of: filters, sources, formats, colours, places. Pure."""

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

WIDTH = 48
"""Columns of a dashboard's grid."""
LENGTH = r"^\d+[smhdw]$"
"""A length of time as Kibana writes it: ``30m``, ``1w``; months have none."""


class Part(BaseModel):
    """A piece of a dashboard: closed to unknown keys, written without what is not set."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Kql(Part):
    """A filter in Kibana's query language; ``dashboards.kibana.kql`` says which part of it may be used."""

    language: Literal["kql"] = "kql"
    expression: str


ALL = Kql(expression="")
"""Every document of the data view."""


class Source(Part):
    """Which data view a panel reads."""

    type: Literal["data_view_reference"] = "data_view_reference"
    ref_id: str


class Number(Part):
    """Format: a plain number, or a share of 1 as per cent."""

    type: Literal["number", "percent"] = "number"
    decimals: int = 0
    suffix: str | None = None


class Span(Part):
    """Format: a length of time for people, from seconds."""

    type: Literal["duration"] = "duration"
    from_: str = Field(default="seconds", alias="from", serialization_alias="from")
    to: str = "humanize"


WHOLE = Number()
PERCENT = Number(type="percent", decimals=1)


class Color(Part):
    """One colour."""

    type: Literal["static"] = "static"
    color: str


class Step(Part):
    """A colour from a value on, up to the next."""

    color: str
    gte: float | None = None
    lt: float | None = None


class Steps(Part):
    """Colours by value: each step begins where the one before ends."""

    type: Literal["dynamic"] = "dynamic"
    range: Literal["absolute"] = "absolute"
    steps: tuple[Step, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _no_gap(self) -> Self:
        for one, after in zip(self.steps, self.steps[1:], strict=False):
            if one.lt is None or one.lt != after.gte:
                raise ValueError(f"a step ends at {one.lt} and the next begins at {after.gte}")
        return self


def by_value(lowest: str, *above: tuple[float, str]) -> Steps:
    """Return colours by value.

    Args:
        lowest: colour below the first bound.
        above: (bound, colour from there on), ascending.

    >>> [(step.gte, step.lt) for step in by_value("#009E73", (1, "#D55E00")).steps]
    [(None, 1.0), (1.0, None)]
    """
    bounds = [None, *(bound for bound, _ in above), None]
    colors = [lowest, *(color for _, color in above)]
    steps = (Step(color=color, gte=bounds[at], lt=bounds[at + 1]) for at, color in enumerate(colors))
    return Steps(steps=tuple(steps))


class Grid(Part):
    """Where a panel is, in columns and rows."""

    x: int = Field(ge=0, lt=WIDTH)
    y: int = Field(ge=0)
    w: int = Field(ge=1, le=WIDTH)
    h: int = Field(ge=1)


def dump(part: Part, **options: Any) -> dict[str, Any]:
    """Return a part as JSON objects, without what is not set."""
    return part.model_dump(mode="json", by_alias=True, exclude_none=True, **options)


def compact(content: dict[str, Any]) -> dict[str, Any]:
    """Return what is set."""
    return {key: value for key, value in content.items() if value is not None}
