"""Any panel as Vega-Lite: from the panel's model and the rows of its searches, without Kibana. Pure.

These are no pictures by Kibana, but of the same panels with the same numbers: docs/dashboards.md shows them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dashboards.kibana import drawing_charts, drawing_tables
from dashboards.kibana.colors import NEUTRAL
from dashboards.kibana.drawing_charts import Window
from dashboards.kibana.drawing_tables import Size
from dashboards.kibana.models import (
    Chart,
    Documents,
    Gauge,
    Heatmap,
    Links,
    Map,
    Markdown,
    Metric,
    Panel,
    Table,
    Vega,
)
from dashboards.kibana.searches import Row
from dashboards.kibana.vega import Spec, filled


@dataclass(frozen=True, slots=True)
class Answers:
    """What the index answered to one panel."""

    rows: tuple[Sequence[Row], ...] = ()
    """Of each reading, in order (``readings_of``)."""
    found: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Of each request of a Vega panel, by its name."""


def draw(panel: Panel, answers: Answers, size: Size, window: Window) -> Spec:
    """Return the drawing of a panel.

    Args:
        panel: of a board.
        answers: of its searches.
        size: the room for it.
        window: the time that the board shows.
    """
    match panel.config:
        case Vega() as config:
            return filled(config, answers.found)
        case Map() as config:
            return _symbols(config, answers.rows)
        case Markdown() | Links() as config:
            return drawing_tables.words(config, size)
        case Chart() as config:
            return drawing_charts.chart(config, answers.rows, window)
        case config:
            return _of_one(config, answers.rows[0], size)


def _of_one(config: Metric | Table | Heatmap | Gauge | Documents, rows: Sequence[Row], size: Size) -> Spec:
    """Return the drawing of a panel that has one search."""
    match config:
        case Metric():
            return drawing_tables.tiles(config, rows, size)
        case Table():
            return drawing_tables.table(config, rows, size)
        case Documents():
            return drawing_tables.documents(config, rows, size)
        case Heatmap():
            return drawing_charts.heatmap(config, rows)
        case Gauge():
            return drawing_charts.gauge(config, rows)


def _symbols(config: Map, rows: Sequence[Sequence[Row]]) -> Spec:
    """Return a map's symbols on bare degrees of the whole earth: the ground would come from the internet."""
    layers = []
    for layer, found in zip(config.layers, rows, strict=True):
        places = [point for _, values in found for point in [_point(values[0])] if point is not None]
        mark = {"type": "point", "filled": True, "size": 60, "color": layer.color or NEUTRAL, "opacity": 0.7}
        layers.append({"data": {"values": places}, "mark": mark, "encoding": _degrees()})
    words = {"type": "text", "text": "Kibana puts its map beneath", "align": "right", "color": "#777777"}
    corner = {"x": {"expr": "width - 8"}, "y": {"expr": "height - 10"}}
    note = {"data": {"values": [{}]}, "mark": {**words, **corner}}
    return {"layer": [*layers, note]}


def _point(place: Any) -> Spec | None:
    """Return the degrees of a ``geo_point`` as Elasticsearch's ``fields`` give it: GeoJSON, or lat and lon."""
    if not isinstance(place, Mapping):
        return None
    if "coordinates" in place:
        return {"lon": place["coordinates"][0], "lat": place["coordinates"][1]}
    return {"lon": place["lon"], "lat": place["lat"]}


def _degrees() -> Spec:
    axis = {"labelExpr": "format(datum.value, '~g') + '°'", "gridColor": "#d0d0d0"}
    return {
        channel: {"field": name, "type": "quantitative", "title": None, "axis": axis, "scale": {"domain": [-far, far]}}
        for channel, name, far in (("x", "lon", 180), ("y", "lat", 90))
    }
