"""Made-up rows for panels, and what a test asks of a drawing: its marks, no NaN, no warning."""

import math
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from dashboards.kibana.models import Bucket, ByFilters, ByRange, ByTime, Figure, Number, Span
from dashboards.kibana.picture import VERSION
from dashboards.kibana.readings import Reading
from dashboards.kibana.searches import Row

DAYS = tuple(f"2026-05-{day:02d}T00:00:00.000Z" for day in range(1, 29))


def rows(reading: Reading, at_most: int = 300) -> list[Row]:
    """Return rows as an index might answer a reading."""
    if reading.columns:
        return [((), tuple(_column(name, line) for name in reading.columns)) for line in range(30)]
    keys = product(*map(_keys, reading.buckets))
    return [(key, _figures(reading, number)) for number, key in enumerate(keys)][:at_most]


def marks(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the marks that a drawing draws: not those of its axes, legends and frame."""
    vl_convert = pytest.importorskip("vl_convert")
    scene = vl_convert.vegalite_to_scenegraph(spec, vl_version=VERSION, show_warnings=True)
    return list(_marks(scene["scenegraph"]))


def not_numbers(part: Any) -> list[Any]:
    """Return the NaN of a scene, which JSON has as null or as text."""
    if isinstance(part, dict):
        return [found for inner in part.values() for found in not_numbers(inner)]
    if isinstance(part, list):
        return [found for inner in part for found in not_numbers(inner)]
    is_text = isinstance(part, str) and ("NaN" in part or "undefined" in part)
    return [part] if is_text or (isinstance(part, float) and math.isnan(part)) else []


def _marks(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, list):
        for inner in part:
            yield from _marks(inner)
    elif isinstance(part, dict):
        if part.get("role", "").startswith(("axis", "legend", "title")):
            return
        if part.get("marktype", "group") != "group":
            yield from ({**one, "marktype": part["marktype"]} for one in part["items"])
        else:
            yield from _marks(part.get("items", []))


def _keys(bucket: Bucket) -> list[str]:
    if isinstance(bucket, ByTime):
        return list(DAYS)
    if isinstance(bucket, ByFilters):
        return [one.label for one in bucket.filters]
    if isinstance(bucket, ByRange):
        return [one.label for one in bucket.ranges]
    if bucket.colors:
        return [value for value, _ in bucket.colors][: bucket.limit]
    return [f"{bucket.fields[0]} {number}" for number in range(min(bucket.limit, 4))]


def _figures(reading: Reading, number: int) -> tuple[Any, ...]:
    return tuple(_value(one, number) for one in reading.figures)


def _value(figure: Figure, number: int) -> Any:
    if getattr(figure, "field", "").endswith("_at"):
        return DAYS[number % len(DAYS)]
    share = abs(math.sin(number + 1))
    if isinstance(figure.format, Span):
        return 18_000 * share
    if isinstance(figure.format, Number) and figure.format.type == "percent":
        return share
    return round(20 * share)


def _column(name: str, line: int) -> Any:
    if name.endswith("_at"):
        return DAYS[line % len(DAYS)]
    if name == "location":
        return {"type": "Point", "coordinates": [8.7 + line, 50.1]}
    return f"{name} {line}"
