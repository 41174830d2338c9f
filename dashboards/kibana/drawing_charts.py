"""Charts with axes, heatmaps and gauges as Vega-Lite, from the rows of their searches. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dashboards.kibana.buckets import Bucket, ByTerms, ByTime, RankByName
from dashboards.kibana.charts import Chart, Gauge, Heatmap, Layer, ReferenceLines, Threshold
from dashboards.kibana.colors import GREY, NEUTRAL
from dashboards.kibana.drawing_values import CYCLE, NOTHING, axis_format, color_of, label_of, shown, unit_of
from dashboards.kibana.parts import Color
from dashboards.kibana.searches import MISSING, Row
from dashboards.kibana.vega import UTC_AXIS, Spec

STEPS = {"1h": timedelta(hours=1), "1d": timedelta(days=1), "1w": timedelta(weeks=1), "1M": timedelta(days=30)}
MARKS = {"bar": "bar", "area": "area", "line": "line"}
DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [4, 4], [1, 3], [10, 4], [3, 1], [12, 2])


@dataclass(frozen=True, slots=True)
class Window:
    """The time that a board shows, UTC, and how long a bucket of it lasts where the panel leaves that open."""

    since: datetime
    until: datetime
    step: timedelta

    def step_of(self, bucket: ByTime) -> timedelta:
        """Return how long a bucket lasts; a month is taken as 30 days."""
        return STEPS.get(bucket.suggested_interval, self.step)


def chart(config: Chart, rows: Sequence[Sequence[Row]], window: Window) -> Spec:
    """Return a chart.

    Args:
        config: of the panel.
        rows: of each layer that has data, in order.
        window: the time that its axis shows, if it has one of time.
    """
    drawn = [one for one in config.layers if isinstance(one, Layer)]
    units: dict[str, tuple[str, float]] = {
        one.axis: unit_of(one.y[0], _numbers(found)) for one, found in zip(drawn, rows, strict=True)
    }
    sides: dict[str, list[Spec]] = {axis: [] for axis in units}
    for one, found in zip(drawn, rows, strict=True):
        layer = _layer(one, found, units[one.axis], window)
        if config.fits and one.axis == "y":
            layer["encoding"]["y"]["scale"] = {"zero": False}
        sides[one.axis].append(layer)
    for lines in (one for one in config.layers if isinstance(one, ReferenceLines)):
        for limit in lines.thresholds:
            sides[limit.axis] += _line(limit, units[limit.axis])
    own = {"resolve": {"scale": {"color": "independent", "strokeDash": "independent"}}}
    if len(sides) == 1:
        (only,) = sides.values()
        return {"layer": only, **(own if len(drawn) > 1 else {})}
    apart = {"resolve": {"scale": {"y": "independent", **own["resolve"]["scale"]}}}
    return {"layer": [{"layer": side, **own} for side in sides.values()], **apart}


def heatmap(config: Heatmap, rows: Sequence[Row]) -> Spec:
    """Return cells coloured by the figure's steps, or from light to dark."""
    figure = config.metric
    values = [
        {
            "x": _key(keys[0]), "y": _key(keys[1]), "value": found[0],
            "text": shown(found[0], figure), "color": color_of(figure, found[0]),
        }
        for keys, found in rows
    ]  # fmt: skip
    scale: Spec = {"scheme": "cividis", "reverse": True}
    own = any(value["color"] for value in values)
    color = (
        {"field": "color", "type": "nominal", "scale": None}
        if own
        else {"field": "value", "type": "quantitative", "title": label_of(figure), "scale": scale}
    )
    return {
        "data": {"values": values},
        "mark": {"type": "rect", "stroke": "white"},
        "encoding": {"x": _axis(config.x, "x"), "y": _axis(config.y, "y", is_upright=True), "color": color},
    }


def gauge(config: Gauge, rows: Sequence[Row]) -> Spec:
    """Return half a ring between the two ends, with the goal as a line across it."""
    value = rows[0][1][0] if rows else None
    share = 0.0 if value is None else min(1.0, max(0.0, (value - config.low) / (config.high - config.low)))
    color = color_of(config.metric, value) or NEUTRAL
    arcs = [_arc(0, 1, "#e6e6e6"), _arc(0, share, color)]
    if config.goal is not None:
        at = (config.goal - config.low) / (config.high - config.low)
        arcs.append(_arc(at - 0.006, at + 0.006, "#000000"))
    words = [_words(shown(value, config.metric), 26, 0, bold=True)]
    goal = "" if config.goal is None else f"goal {shown(config.goal, config.metric)}"
    words.append(_words(". ".join(part for part in (config.subtitle or label_of(config.metric), goal) if part), 11, 24))
    return {"data": {"values": [{}]}, "layer": [*arcs, *words]}


def _numbers(rows: Sequence[Row]) -> list[float]:
    return [value for _, found in rows for value in found if isinstance(value, int | float)]


def _layer(layer: Layer, rows: Sequence[Row], unit: tuple[str, float], window: Window) -> Spec:
    across, mark = "horizontal" in layer.type, MARKS[layer.type.split("_")[0]]
    values = [value for keys, found in rows for value in _values(layer, keys, found, unit[1])]
    series = list(dict.fromkeys(value["series"] for value in values))
    values = [{**value, "slot": series.index(value["series"])} for value in values]
    stacked = {"percentage": "normalize", "stacked": "zero"}.get(layer.type.rsplit("_", 1)[-1])
    size: Spec = {"field": "value", "type": "quantitative", "title": _title(layer), "stack": stacked}
    size["axis"] = {"format": "~%"} if stacked == "normalize" else axis_format(layer.y[0], unit[0])
    size["axis"] |= {"tickCount": 5, **({"orient": "right"} if layer.axis == "y2" else {})}
    place = _axis(layer.x, "x", is_upright=across)
    encoding: Spec = {"y": place, "x": size} if across else {"x": place, "y": size}
    encoding["color"] = _color(layer, series)
    if mark == "line":
        scale = {"domain": series, "range": DASHES[: len(series)]}
        encoding["strokeDash"] = {
            "field": "series",
            "type": "nominal",
            "title": None,
            "scale": scale,
            **_legend(series),
        }
    elif stacked is None and len(series) > 1 and mark == "bar" and not isinstance(layer.x, ByTime):
        encoding["yOffset" if across else "xOffset"] = {"field": "series", "type": "nominal", "sort": series}
    drawn: Spec = {"data": {"values": values}, "mark": _mark(mark, behind=layer.axis == "y2"), "encoding": encoding}
    return _timed(drawn, layer.x, window) if isinstance(layer.x, ByTime) else drawn


def _timed(drawn: Spec, bucket: ByTime, window: Window) -> Spec:
    """Return a layer over time: it shows the whole window, and bars are as wide as their buckets last."""
    encoding = drawn["encoding"]
    ends = {"domainMin": {"expr": str(_ms(window.since))}, "domainMax": {"expr": str(_ms(window.until))}}
    encoding["x"]["scale"] = {"type": "utc", **ends}
    if drawn["mark"]["type"] != "bar":
        return drawn
    lasting = 0.9 * window.step_of(bucket).total_seconds() * 1000
    size = encoding["y"]
    stacked = size.pop("stack")
    slots = 1 if stacked else max(1, len(encoding["color"]["scale"]["domain"]))
    piled = {"stack": "value", "groupby": ["x"], "as": ["low", "high"], "offset": stacked or "zero"}
    low = [piled] if stacked else [{"calculate": "0", "as": "low"}, {"calculate": "datum.value", "as": "high"}]
    begin = f"toDate(datum.x) + {'datum.slot' if slots > 1 else 0} * {lasting / slots:.0f}"
    sides = [{"calculate": begin, "as": "begin"}, {"calculate": f"datum.begin + {lasting / slots:.0f}", "as": "end"}]
    place = {"x": {**encoding["x"], "field": "begin"}, "x2": {"field": "end"}}
    height = {"y": {**size, "field": "low"}, "y2": {"field": "high"}}
    mark = {**drawn["mark"], "type": "rect"}
    return {**drawn, "mark": mark, "transform": [*low, *sides], "encoding": {**encoding, **place, **height}}


def _mark(mark: str, *, behind: bool) -> Spec:
    """Return a mark, cut off at the window's ends; bars of the right axis stand behind what they are the n of."""
    points = {"point": {"size": 14}, "strokeWidth": 1.5} if mark == "line" else {}
    return {"type": mark, "clip": True, **points, **({"opacity": 0.35} if behind and mark == "bar" else {})}


def _ms(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)


def _values(layer: Layer, keys: tuple[Any, ...], found: tuple[Any, ...], size: float) -> list[Spec]:
    """Return a row's points: one for each figure; a breakdown names the series, else the figures do."""
    values = []
    for number, figure in enumerate(layer.y):
        parts = [_key(keys[1])] if layer.breakdown_by is not None else []
        parts += [label_of(figure)] if len(layer.y) > 1 or not parts else []
        if found[number] is not None:
            values.append({"x": _key(keys[0]), "series": ", ".join(parts), "value": found[number] / size})
    return values


def _color(layer: Layer, series: list[str]) -> Spec:
    own = dict(layer.breakdown_by.colors) if isinstance(layer.breakdown_by, ByTerms) else {}
    for figure in layer.y:
        if isinstance(figure.color, Color) and layer.breakdown_by is None:
            own[label_of(figure)] = figure.color.color
    free = (color for color in CYCLE if color not in own.values())
    colors = [own.get(name) or next(free, GREY) for name in series]
    scale = {"domain": series, "range": colors}
    return {"field": "series", "type": "nominal", "title": None, "scale": scale, **_legend(series)}


def _legend(series: list[str]) -> Spec:
    """Return a legend; one series needs none, for the title or the axis says what it is."""
    return {"legend": None} if len(series) <= 1 else {"legend": {"orient": "right"}}


def _axis(bucket: Bucket, field: str, *, is_upright: bool = False) -> Spec:
    """Return the axis of a bucket: time runs, names stand in their own order or in that of Elasticsearch's answer."""
    if isinstance(bucket, ByTime):
        return {"field": field, "type": "temporal", "title": None, "scale": {"type": "utc"}, "axis": UTC_AXIS}
    axis: Spec = {"labelLimit": 150} | ({} if is_upright else {"labelAngle": -30})
    named = isinstance(bucket, ByTerms) and isinstance(bucket.rank_by, RankByName)
    return {"field": field, "type": "nominal", "title": None, "sort": "ascending" if named else None, "axis": axis}


def _title(layer: Layer) -> str | None:
    return label_of(layer.y[0]) if len(layer.y) == 1 else None


def _line(limit: Threshold, unit: tuple[str, float]) -> list[Spec]:
    """Return a limit as a dashed line with its name above it."""
    at = {"y": {"datum": limit.value / unit[1], "type": "quantitative"}}
    dashed = {"type": "rule", "color": limit.color.color, "strokeDash": [6, 3], "size": 2}
    words = {"type": "text", "text": limit.label, "align": "left", "baseline": "bottom", "dx": 4, "dy": -2}
    return [
        {"data": {"values": [{}]}, "mark": dashed, "encoding": at},
        {"data": {"values": [{}]}, "mark": words, "encoding": {**at, "x": {"value": 0}}},
    ]


def _arc(low: float, high: float, color: str) -> Spec:
    turn = {"theta": {"expr": f"PI * ({low} - 0.5)"}, "theta2": {"expr": f"PI * ({high} - 0.5)"}}
    reach = "min(width / 2, height * 0.8)"
    ring = {"radius": {"expr": reach}, "radius2": {"expr": f"{reach} * 0.7"}, "y": {"expr": "height * 0.85"}}
    return {"mark": {"type": "arc", "color": color, **turn, **ring}}


def _words(text: str, size: int, below: int, *, bold: bool = False) -> Spec:
    place = {"x": {"expr": "width / 2"}, "y": {"expr": f"height * 0.85 - 22 + {below}"}}
    weight = {"fontWeight": "bold"} if bold else {}
    return {"mark": {"type": "text", "text": text, "fontSize": size, **weight, **place}}


def _key(key: Any) -> Any:
    return NOTHING if key == MISSING else key
