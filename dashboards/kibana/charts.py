"""Panels that Kibana draws from aggregations: metrics, charts with axes, tables, heatmaps, gauges. Pure."""

from typing import Annotated, Any, Literal

from pydantic import Field

from dashboards.kibana.buckets import Bucket, ByTerms, Split, colored
from dashboards.kibana.figures import Figure
from dashboards.kibana.parts import ALL, Color, Kql, Part, Source, compact, dump


class Config(Part):
    """What every panel has: a title that says the window, and a description."""

    title: str
    description: str


class Asking(Config):
    """A panel that asks Elasticsearch by a filter of its own."""

    query: Kql = ALL
    ignore_global_filters: Literal[True] | None = None
    """Set where the index has no field for the dashboard's controls: they would empty the panel."""

    def head(self) -> dict[str, Any]:
        """Return the keys that all of them have."""
        common = {"title", "description", "query", "ignore_global_filters", "data_source", "type"}
        return dump(self, include=common & set(type(self).model_fields))


class Headline(Part):
    """The role of a figure in a metric panel, beside the figure's own keys."""

    figure: Figure
    subtitle: str | None = None
    primary: bool = True

    def to_api(self) -> dict[str, Any]:
        """Return the figure as the API writes it: one flat object."""
        own = {"type": "primary", "subtitle": self.subtitle} if self.primary else {"type": "secondary"}
        return compact({**self.figure.to_api(), **own})


class Metric(Asking):
    """A panel of one or two large figures; with a breakdown, one tile for each of its values."""

    type: Literal["metric"] = "metric"
    data_source: Source
    headlines: tuple[Headline, ...] = Field(min_length=1, max_length=2)
    breakdown_by: ByTerms | None = None

    def to_api(self) -> dict[str, Any]:
        """Return the panel's ``config``."""
        split = None if self.breakdown_by is None else self.breakdown_by.to_api()
        metrics = [headline.to_api() for headline in self.headlines]
        return compact({**self.head(), "metrics": metrics, "breakdown_by": split})


class Layer(Part):
    """One series of a chart, or several by a breakdown or by figures."""

    type: Literal[
        "bar", "bar_stacked", "bar_percentage", "bar_horizontal", "bar_horizontal_stacked",
        "bar_horizontal_percentage", "area", "area_stacked", "area_percentage", "line",
    ]  # fmt: skip
    data_source: Source
    x: Bucket
    y: tuple[Figure, ...] = Field(min_length=1)
    breakdown_by: Split | None = None
    axis: Literal["y", "y2"] = "y"
    """``y2`` is the axis on the right."""

    def to_api(self) -> dict[str, Any]:
        """Return the layer as the API writes it."""
        figures = [{**figure.to_api(), "axis": self.axis} for figure in self.y]
        split = None if self.breakdown_by is None else colored(self.breakdown_by)
        own = dump(self, include={"type", "data_source"})
        return compact({**own, "x": self.x.to_api(), "y": figures, "breakdown_by": split})


class Threshold(Part):
    """A line at a fixed value, such as a target."""

    value: float
    label: str
    color: Color
    axis: Literal["y", "y2"] = "y"

    def to_api(self) -> dict[str, Any]:
        """Return the line as the API writes it."""
        drawn = {"operation": "static_value", "stroke_dash": "dashed", "stroke_width": 2, "text": {"visible": True}}
        return {**dump(self), **drawn}


class ReferenceLines(Part):
    """Lines at fixed values."""

    type: Literal["reference_lines"] = "reference_lines"
    data_source: Source
    thresholds: tuple[Threshold, ...] = Field(min_length=1)

    def to_api(self) -> dict[str, Any]:
        """Return the layer as the API writes it."""
        return {**dump(self, exclude={"thresholds"}), "thresholds": [one.to_api() for one in self.thresholds]}


class Chart(Asking):
    """A chart with axes. Its layers share the query; a figure may have a filter of its own."""

    type: Literal["xy"] = "xy"
    layers: tuple[Layer | ReferenceLines, ...] = Field(min_length=1)
    fits: bool = False
    """The left axis spans what its lines show, instead of beginning at zero: for shares that stay close to 1."""

    def to_api(self) -> dict[str, Any]:
        """Return the panel's ``config``; here it is the layers that may ignore the dashboard's filters."""
        head = self.head()
        ignoring = {"ignore_global_filters": head.pop("ignore_global_filters", None)}
        axis = {"axis": {"y": {"domain": {"type": "fit", "rounding": True}}}} if self.fits else {}
        return {**head, **axis, "layers": [compact({**layer.to_api(), **ignoring}) for layer in self.layers]}


class Table(Asking):
    """A table: nested rows, and figures for each; ``split_metrics_by`` repeats the figures in columns."""

    type: Literal["data_table"] = "data_table"
    data_source: Source
    rows: tuple[Bucket, ...] = Field(min_length=1)
    metrics: tuple[Figure, ...] = Field(min_length=1)
    split_metrics_by: tuple[Split, ...] = ()

    def to_api(self) -> dict[str, Any]:
        """Return the panel's ``config``; cells with colours by value have them behind the number."""
        metrics = [figure.to_api() for figure in self.metrics]
        metrics = [{**one, "apply_color_to": "background"} if "color" in one else one for one in metrics]
        split = [bucket.to_api() for bucket in self.split_metrics_by] or None
        rows = [colored(row) for row in self.rows]
        return compact({**self.head(), "rows": rows, "metrics": metrics, "split_metrics_by": split})


class Heatmap(Asking):
    """Cells coloured by one figure. A cell has no room for its n: shares and percentiles belong in a table."""

    type: Literal["heatmap"] = "heatmap"
    data_source: Source
    x: Bucket
    y: Bucket
    metric: Figure

    def to_api(self) -> dict[str, Any]:
        """Return the panel's ``config``."""
        return {**self.head(), "x": self.x.to_api(), "y": self.y.to_api(), "metric": self.metric.to_api()}


class Gauge(Asking):
    """One figure between two ends, with a goal. It has no room for its n: shares belong in a metric."""

    type: Literal["gauge"] = "gauge"
    data_source: Source
    metric: Figure
    low: float = 0.0
    high: float
    goal: float | None = None
    subtitle: str | None = None

    def to_api(self) -> dict[str, Any]:
        """Return the panel's ``config``."""
        bounds = {"min": self.low, "max": self.high, "goal": self.goal}
        fixed = {
            key: {"operation": "static_value", "value": value} for key, value in bounds.items() if value is not None
        }
        figure = compact({**self.metric.to_api(), "subtitle": self.subtitle, **fixed})
        return {**self.head(), "metric": figure, "styling": {"shape": {"type": "semi_circle"}}}


AnyChart = Annotated[Metric | Chart | Table | Heatmap | Gauge, Field(discriminator="type")]
