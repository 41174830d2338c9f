"""Values as a drawing writes them: numbers, shares, lengths, instants, and the names of series. Pure."""

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from dashboards.kibana.buckets import Bucket
from dashboards.kibana.colors import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILLION, YELLOW
from dashboards.kibana.figures import Count, Figure, Ratio, Statistic
from dashboards.kibana.parts import Color, Number, Span, Steps
from models.instants import parse_instant
from models.lengths import length

NOTHING = "-"
CYCLE = (BLUE, ORANGE, GREEN, VERMILLION, SKY, PURPLE, YELLOW, BLACK, GREY)
"""Colours of series that have none of their own, in order."""
UNITS = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))
"""Of an axis of lengths, in seconds, the largest first."""


HASH = re.compile(r"\b([0-9a-f]{8})[0-9a-f]{24}\b")
"""Ids of ours: their first letters tell them apart."""


def shown(value: Any, figure: Figure) -> str:
    """Return a figure as it is read: ``93.1 %``, ``2h30m``, ``1,204``, or a dash where there is none."""
    if value is None:
        return NOTHING
    if isinstance(value, str):
        return told(value)
    if isinstance(figure.format, Span):
        return length(timedelta(seconds=value))
    if isinstance(figure.format, Number):
        form = figure.format
        text = f"{value:.{form.decimals}%}" if form.type == "percent" else f"{value:,.{form.decimals}f}"
        return text + (form.suffix or "")
    return f"{value:,.4g}"


def told(value: Any) -> str:
    """Return a value of a document: an instant to the minute, several values with commas."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, list):
        return ", ".join(told(one) for one in value)
    if not isinstance(value, str):
        return f"{value:,.6g}" if isinstance(value, float) else str(value)
    if value[4:5] != "-" or value[10:11] != "T":
        return HASH.sub(r"\1…", value)
    try:
        return parse_instant(value).strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return value


def label_of(part: Figure | Bucket) -> str:
    """Return what a figure or a bucket is called."""
    if part.label is not None:
        return part.label
    field = getattr(part, "field", None) or next(iter(getattr(part, "fields", ())), None)
    return part.operation if field is None else f"{part.operation} of {field}"


def unit_of(figure: Figure, values: Iterable[float]) -> tuple[str, float]:
    """Return the unit in which an axis counts a figure, and its size: of lengths the largest that is passed twice."""
    if not isinstance(figure.format, Span):
        return "", 1.0
    most = max(values, default=0.0)
    return next(((unit, size) for unit, size in UNITS if most >= 2 * size), UNITS[-1])


def axis_format(figure: Figure, unit: str) -> dict[str, Any]:
    """Return how an axis of a figure writes its numbers."""
    if unit:
        return {"labelExpr": f"format(datum.value, '~g') + '{unit}'"}
    if isinstance(figure, Count) or (isinstance(figure, Statistic) and figure.operation == "unique_count"):
        return {"format": "~s", "tickMinStep": 1}
    is_share = (isinstance(figure.format, Number) and figure.format.type == "percent") or isinstance(figure, Ratio)
    return {"format": "~%"} if is_share and getattr(figure, "scale", 1.0) == 1 else {"format": "~s"}


def color_of(figure: Figure, value: Any) -> str | None:
    """Return a figure's colour for a value; None where it has none."""
    if isinstance(figure.color, Color):
        return figure.color.color
    if not isinstance(figure.color, Steps) or not isinstance(value, int | float):
        return None
    for step in figure.color.steps:
        if (step.gte is None or value >= step.gte) and (step.lt is None or value < step.lt):
            return step.color
    return None
