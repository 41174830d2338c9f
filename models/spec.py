"""What every part of a document has in common: frozen, closed to unknown keys, faults told at their place. Pure."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from models.durations import Duration

Loc = tuple[int | str, ...]
"""Keys and positions that lead to a place in a document, such as ``("versions", 0, "targets")``."""
Fault = tuple[Loc, str]
"""A place and what is wrong there, in words."""

ZERO = timedelta(0)


class Spec(BaseModel):
    """A part of a document: frozen, and closed to keys that the format does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def known_keys(cls) -> tuple[str, ...]:
        """Return the keys that a document may write here, in the order of the format."""
        return tuple(field.alias or name for name, field in cls.model_fields.items())


def refuse(title: str, faults: Iterable[Fault]) -> None:
    """Raise all faults at once, each at its own place below the part that is being read.

    Raises:
        ValidationError: if there is any; pydantic puts the part's own place before each.
    """
    lines = [
        InitErrorDetails(type=PydanticCustomError("fault", "{text}", {"text": text}), loc=loc, input=None)
        for loc, text in faults
    ]
    if lines:
        raise ValidationError.from_exception_data(title, lines)


def faults_in_words(error: ValidationError) -> str:
    """Return what is wrong, in words and with the place of each fault, without the values that were given."""
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    places = (".".join(str(part) for part in fault["loc"]) for fault in faults)
    told = (fault["msg"].removeprefix("Value error, ") for fault in faults)
    return "; ".join(f"{place}: {text}" if place else text for place, text in zip(places, told, strict=True))


def check_zone(name: str) -> str:
    """Return an IANA zone name that exists.

    Raises:
        ValueError: if there is no such zone.
    """
    if name not in available_timezones():
        raise ValueError(f"{name!r} is no IANA time zone")
    return name


def _fixed(duration: Duration) -> Duration:
    """Refuse business days where no calendar says how long they are."""
    if duration.fixed is None:
        raise ValueError(f"{duration} has no fixed length: write a fixed time here, such as 15m, 24h or 2d")
    return duration


def _some(duration: Duration) -> Duration:
    """Refuse a time of nothing."""
    if duration.amount == 0:
        raise ValueError(f"{duration} is no time at all")
    return duration


def _percent(value: Decimal) -> Decimal:
    if not value.is_finite() or not 0 < value <= 100:
        raise ValueError(f"{value} is no percentage: write one above 0 and up to 100")
    return value


def _money(value: Decimal) -> Decimal:
    if not value.is_finite() or value < 0:
        raise ValueError(f"{value} is no amount of money: write 0 or more")
    return value


def _written(value: Any) -> Any:
    """Refuse a number for a date: 20260101 would be a count of seconds, and another day."""
    if isinstance(value, int | float):
        raise ValueError(f"{value!r} is no date: write one such as 2026-01-01")  # noqa: TRY004 - told as a finding
    return value


LocalDate = Annotated[date, BeforeValidator(_written)]
"""A date as people write it, such as ``2026-01-01``."""
Limit = Annotated[Duration, AfterValidator(_some)]
"""A duration of any unit, above zero."""
FixedDuration = Annotated[Duration, AfterValidator(_fixed)]
"""A time whose length needs no calendar; zero is allowed."""
Span = Annotated[Duration, AfterValidator(_fixed), AfterValidator(_some)]
"""A time above zero whose length needs no calendar."""
Percent = Annotated[Decimal, AfterValidator(_percent)]
Money = Annotated[Decimal, AfterValidator(_money)]
Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
"""A reason or a clause: lower-case words joined by ``_``."""
