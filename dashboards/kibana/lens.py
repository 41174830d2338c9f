"""Charts as Lens holds them in saved objects (Kibana 8.19 and later). Pure.

Nothing validates this state on the server: its shapes follow what Kibana's own builder writes, and the references
are checked in both directions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboards.kibana.lens_columns import (
    Column,
    Fields,
    bucket_id,
    color_mapping,
    columns,
    figure_id,
    palette,
    query,
    static,
)
from dashboards.kibana.models import (
    Asking,
    Chart,
    Color,
    Gauge,
    Heatmap,
    Layer,
    Metric,
    Panel,
    ReferenceLines,
    Steps,
    Table,
    Threshold,
)
from dashboards.kibana.readings import Reading, readings_of

Reference = dict[str, str]


@dataclass(frozen=True)
class _LensLayer:
    """A layer's columns and the data view that it reads."""

    view: str
    columns: dict[str, Column]
    free: bool

    def state(self) -> dict[str, Any]:
        own = {"columns": self.columns, "columnOrder": list(self.columns), "incompleteColumns": {}, "sampling": 1}
        return {**own, "ignoreGlobalFilters": self.free}


def lens(panel: Panel, fields: Mapping[str, Fields]) -> dict[str, Any]:
    """Return the ``attributes`` of a chart's panel, by value.

    Args:
        panel: whose config is a chart.
        fields: type by field, by the id of the data view.
    """
    config = panel.config
    assert isinstance(config, Asking)
    layers = {f"layer-{number}": layer for number, layer in enumerate(_layers(panel, fields))}
    kind, visualization = _visualization(config)
    state = {
        "datasourceStates": {"formBased": {"layers": {key: layer.state() for key, layer in layers.items()}}},
        "visualization": visualization,
        "query": query(config.query),
        "filters": [],
        "internalReferences": [],
        "adHocDataViews": {},
    }
    references = [
        {"type": "index-pattern", "id": layer.view, "name": f"indexpattern-datasource-layer-{key}"}
        for key, layer in layers.items()
    ]
    named = {"title": config.title, "description": config.description}
    return {**named, "visualizationType": kind, "type": "lens", "references": references, "state": state}


def _layers(panel: Panel, fields: Mapping[str, Fields]) -> list[_LensLayer]:
    config, found = panel.config, [_layer(reading, fields) for reading in readings_of(panel)]
    if isinstance(config, Chart):
        lines = [one for one in config.layers if isinstance(one, ReferenceLines)]
        free = config.ignore_global_filters is True
        found += [_LensLayer(one.data_source.ref_id, _thresholds(one), free) for one in lines]
    if isinstance(config, Gauge):
        found[0].columns.update(_ends(config))
    return found


def _layer(reading: Reading, fields: Mapping[str, Fields]) -> _LensLayer:
    view = reading.source.ref_id
    return _LensLayer(view, columns(reading.buckets, reading.figures, fields.get(view, {})), reading.free)


def _thresholds(lines: ReferenceLines) -> dict[str, Column]:
    return {figure_id(number): static(one.value, one.label) for number, one in enumerate(lines.thresholds)}


def _ends(gauge: Gauge) -> dict[str, Column]:
    bounds = {"low": gauge.low, "high": gauge.high, "goal": gauge.goal}
    return {key: static(value, key) for key, value in bounds.items() if value is not None}


def _visualization(config: Asking) -> tuple[str, dict[str, Any]]:
    if isinstance(config, Chart):
        return "lnsXY", _xy(config)
    if isinstance(config, Metric):
        return "lnsMetric", _metric(config)
    if isinstance(config, Table):
        return "lnsDatatable", _table(config)
    if isinstance(config, Heatmap):
        return "lnsHeatmap", _heatmap(config)
    assert isinstance(config, Gauge)
    return "lnsGauge", _gauge(config)


ONLY = {"layerId": "layer-0", "layerType": "data"}


def _metric(config: Metric) -> dict[str, Any]:
    first, color = config.headlines[0], config.headlines[0].figure.color
    shown: dict[str, Any] = {**ONLY, "metricAccessor": figure_id(0), "showBar": False}
    if len(config.headlines) > 1:
        shown["secondaryMetricAccessor"] = figure_id(1)
    if first.subtitle:
        shown["subtitle"] = first.subtitle
    if config.breakdown_by is not None:
        shown["breakdownByAccessor"] = bucket_id(0)
    if isinstance(color, Color):
        shown["color"] = color.color
    elif isinstance(color, Steps):
        shown["palette"] = palette(color)
    return shown


def _xy(config: Chart) -> dict[str, Any]:
    series = [layer for layer in config.layers if isinstance(layer, Layer)]
    lines = [layer for layer in config.layers if isinstance(layer, ReferenceLines)]
    drawn = [_series(f"layer-{number}", layer) for number, layer in enumerate(series)]
    drawn += [_reference(f"layer-{len(series) + number}", line) for number, line in enumerate(lines)]
    return {
        "layers": drawn, "preferredSeriesType": series[0].type if series else "line", "valueLabels": "hide",
        "legend": {"isVisible": True, "position": "right"}, "fittingFunction": "None",
        "axisTitlesVisibilitySettings": {"x": False, "yLeft": True, "yRight": True},
        **({"yLeftExtent": {"mode": "dataBounds", "niceValues": True}} if config.fits else {}),
    }  # fmt: skip


def _series(own: str, layer: Layer) -> dict[str, Any]:
    accessors = [figure_id(number) for number in range(len(layer.y))]
    side = "left" if layer.axis == "y" else "right"
    shown = [
        {
            "forAccessor": key,
            "axisMode": side,
            **({"color": figure.color.color} if isinstance(figure.color, Color) else {}),
        }
        for key, figure in zip(accessors, layer.y, strict=True)
    ]
    found: dict[str, Any] = {
        "layerId": own, "layerType": "data", "seriesType": layer.type, "xAccessor": bucket_id(0),
        "accessors": accessors, "yConfig": shown,
    }  # fmt: skip
    if layer.breakdown_by is not None:
        found["splitAccessor"] = bucket_id(1)
    mapping = color_mapping(layer.breakdown_by)
    return found if mapping is None else {**found, "colorMapping": mapping}


def _reference(own: str, lines: ReferenceLines) -> dict[str, Any]:
    keys = [figure_id(number) for number in range(len(lines.thresholds))]
    shown = [_line(key, one) for key, one in zip(keys, lines.thresholds, strict=True)]
    return {"layerId": own, "layerType": "referenceLine", "accessors": keys, "yConfig": shown}


def _line(key: str, threshold: Threshold) -> dict[str, Any]:
    side = "left" if threshold.axis == "y" else "right"
    drawn = {"lineStyle": "dashed", "lineWidth": 2, "textVisibility": True, "fill": "none"}
    return {"forAccessor": key, "axisMode": side, "color": threshold.color.color, **drawn}


def _table(config: Table) -> dict[str, Any]:
    rows = [_row(number, config) for number in range(len(config.rows))]
    split = [
        {"columnId": bucket_id(len(rows) + at), "isTransposed": True} for at in range(len(config.split_metrics_by))
    ]
    metrics: list[dict[str, Any]] = []
    for number, figure in enumerate(config.metrics):
        shaded = {"colorMode": "cell", "palette": palette(figure.color)} if isinstance(figure.color, Steps) else {}
        metrics.append({"columnId": figure_id(number), "isTransposed": False, "isMetric": True, **shaded})
    return {**ONLY, "columns": [*rows, *split, *metrics]}


def _row(number: int, config: Table) -> dict[str, Any]:
    mapping = color_mapping(config.rows[number])
    shaded = {} if mapping is None else {"colorMode": "cell", "colorMapping": mapping}
    return {"columnId": bucket_id(number), "isTransposed": False, "isMetric": False, **shaded}


def _heatmap(config: Heatmap) -> dict[str, Any]:
    shown = {f"is{axis}Axis{part}Visible": True for axis in "XY" for part in ("Label", "Title")}
    color = config.metric.color
    return {
        **ONLY, "shape": "heatmap", "xAccessor": bucket_id(0), "yAccessor": bucket_id(1), "valueAccessor": figure_id(0),
        "gridConfig": {"type": "heatmap_grid", "isCellLabelVisible": True, **shown},
        "legend": {"type": "heatmap_legend", "isVisible": True, "position": "right"},
        **({"palette": {"accessor": figure_id(0), **palette(color)}} if isinstance(color, Steps) else {}),
    }  # fmt: skip


def _gauge(config: Gauge) -> dict[str, Any]:
    color = config.metric.color
    return {
        **ONLY, "shape": "semiCircle", "metricAccessor": figure_id(0), "minAccessor": "low", "maxAccessor": "high",
        **({"goalAccessor": "goal"} if config.goal is not None else {}),
        "ticksPosition": "auto", "labelMajorMode": "auto", "labelMinor": config.subtitle or "",
        **({"palette": palette(color), "colorMode": "palette"} if isinstance(color, Steps) else {"colorMode": "none"}),
    }  # fmt: skip
