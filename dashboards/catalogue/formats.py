"""How Kibana shows the fields of a data view, out of the catalogue. Pure."""

from typing import Any

from dashboards.catalogue import every_field
from dashboards.catalogue.fields import Field, Kind, Unit

DESCRIPTION_LIMIT = 300
"""Characters that Kibana takes."""


def _duration(unit: str) -> dict[str, Any]:
    shown = {"outputFormat": "humanizePrecise", "outputPrecision": 1}
    return {
        "id": "duration",
        "params": {"inputFormat": unit, **shown, "useShortSuffix": True, "includeSpaceWithSuffix": True},
    }


def _number(pattern: str) -> dict[str, Any]:
    return {"id": "number", "params": {"pattern": pattern}}


_FORMATS: dict[Unit, dict[str, Any]] = {
    Unit.SECONDS: _duration("seconds"),
    Unit.MILLISECONDS: _duration("milliseconds"),
    Unit.SHARE: {"id": "percent", "params": {"pattern": "0,0.0%"}},
    Unit.PER_MONTH: {"id": "percent", "params": {"pattern": "0,0.0%"}},
    Unit.PERCENT: _number("0,0.[000]"),
    Unit.RATIO: _number("0,0.00"),
    Unit.COUNT: _number("0,0.[0]"),
    Unit.KILOMETRES: _number("0,0.[0]"),
}


def field_formats(kind: Kind) -> dict[str, dict[str, Any]]:
    """Return the format of every field that has a unit: a length is told in hours and minutes, a share in percent."""
    return {name: _FORMATS[field.unit] for name, field in _leaves(every_field(kind)) if field.unit in _FORMATS}


def field_descriptions(kind: Kind) -> dict[str, dict[str, Any]]:
    """Return the meaning of every field."""
    return {name: {"customDescription": field.meaning} for name, field in _leaves(every_field(kind))}


def _leaves(fields: tuple[Field, ...], outer: str = "") -> list[tuple[str, Field]]:
    found = []
    for field in fields:
        if field.fields:
            found += _leaves(field.fields, f"{outer}{field.name}.")
        else:
            found.append((f"{outer}{field.name}", field))
    return found
