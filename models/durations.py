"""Durations of agreements: ``90s``, ``15m``, ``4h``, ``2d`` (24 h each), ``3bd``, ``2eobd``. Pure.

A day is one of three types, spelled out: 24 hours, one business day, the end of the n-th business day
(measurement.md §5). The last two need a business calendar and have no fixed length.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import core_schema

_FORM = re.compile(r"([0-9]{1,6})(s|m|h|d|bd|eobd)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True, slots=True)
class Duration:
    """An amount and its unit, as the contract writes it."""

    amount: int
    unit: str

    @classmethod
    def parse(cls, text: object) -> Self:
        """Read the contract's form.

        Raises:
            ValueError: if it is not ``<whole number><s|m|h|d|bd|eobd>``, or longer than ten years.
                Business days count as days here.
        """
        match = _FORM.fullmatch(text.strip()) if isinstance(text, str) else None
        if match is None:
            raise ValueError(f"{text!r} is no duration: write 90s, 15m, 4h, 2d, 3bd or 2eobd")
        duration = cls(int(match[1]), match[2])
        days = timedelta(days=duration.amount) if duration.fixed is None else duration.fixed
        if days > timedelta(days=3660):
            raise ValueError(f"{text!r} is longer than ten years")
        return duration

    @property
    def fixed(self) -> timedelta | None:
        """The length in 24x7 time; None for business days, whose length a calendar decides."""
        factor = _SECONDS.get(self.unit)
        return None if factor is None else timedelta(seconds=self.amount * factor)

    def __str__(self) -> str:
        """Return the contract's form, which ``parse`` reads back."""
        return f"{self.amount}{self.unit}"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        """Let pydantic read the contract's form and write it back."""
        return core_schema.no_info_plain_validator_function(
            lambda value: value if isinstance(value, Duration) else cls.parse(value),
            serialization=core_schema.plain_serializer_function_ser_schema(str),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Describe the contract's form to editors."""
        return {"type": "string", "pattern": f"^{_FORM.pattern}$", "examples": ["15m", "4h", "3bd"]}


DurationField = Annotated[Duration, "a duration such as 15m"]
