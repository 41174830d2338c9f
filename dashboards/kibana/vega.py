"""What our Vega-Lite drawings share. Pure.

Specifications are strict JSON of Vega-Lite 5, which Kibana 8.19 and later draw. They name their data sets; the panel's
requests say what fills them, and the output to Kibana writes that down as it wants it.
"""

from collections.abc import Mapping
from typing import Any

from dashboards.kibana.panels import Vega

SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
UTC_AXIS = {
    "format": {
        "hours": "%d %b %H:%M",
        "minutes": "%H:%M",
        "date": "%d %b",
        "day": "%d %b",
        "week": "%d %b",
        "month": "%b %Y",
    },
    "labelOverlap": True,
}
"""Axis of a time line in UTC, by the clock of 24 hours."""

Spec = dict[str, Any]


def filled(panel: Vega, answers: Mapping[str, Mapping[str, Any]]) -> Spec:
    """Return a drawing with the rows of its answers in their places, as Kibana hands it to the renderer.

    Args:
        panel: with the drawing and its requests.
        answers: of Elasticsearch, by the request's name.
    """
    sets = {one.name: rows_in(answers[one.name], one.rows) for one in panel.requests}
    return {**panel.spec, "data": {"values": sets[panel.spec["data"]["name"]]}}


def rows_in(answer: Mapping[str, Any], path: str) -> list[Any]:
    """Return the rows that stand in an answer under a path such as ``hits.hits``; none where it has no such place."""
    found: Any = answer
    for key in path.split("."):
        found = found.get(key, {})
    return list(found)
