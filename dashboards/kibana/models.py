"""The part of Kibana's dashboards API that we use (``PUT /api/dashboards/{id}``, Kibana 9.4 and later). Pure.

These models are our contract: what they do not know can't be written. They follow the published API description,
and a test holds them against it where a copy of it is at hand; no live Kibana has drawn these dashboards here.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

WIDTH = 48
"""Columns of a dashboard's grid."""


class Part(BaseModel):
    """A piece of a dashboard: closed to unknown keys, written without what is not set."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Kql(Part):
    """A filter in Kibana's query language; ``dashboards.kibana.kql`` says which part of it may be used."""

    language: Literal["kql"] = "kql"
    expression: str


class Source(Part):
    """Which data view a panel reads."""

    type: Literal["data_view_reference"] = "data_view_reference"
    ref_id: str


class Number(Part):
    """Format: a plain number."""

    type: Literal["number"] = "number"
    decimals: int = 0
    suffix: str | None = None


class Span(Part):
    """Format: a length of time for people, from seconds."""

    type: Literal["duration"] = "duration"
    from_: str = Field(default="seconds", alias="from", serialization_alias="from")
    to: str = "humanize"


class Color(Part):
    """One colour."""

    type: Literal["static"] = "static"
    color: str


class Count(Part):
    """How many documents, or values of a field."""

    operation: Literal["count"] = "count"
    label: str | None = None
    filter: Kql | None = None
    format: Number | None = None


class Statistic(Part):
    """One figure over a field's values."""

    operation: Literal["min", "max", "average", "sum", "unique_count"]
    field: str
    label: str | None = None
    filter: Kql | None = None
    format: Number | Span | None = None


class Percentile(Part):
    """A percentile of a field's values."""

    operation: Literal["percentile"] = "percentile"
    field: str
    percentile: float
    label: str | None = None
    filter: Kql | None = None
    format: Number | Span | None = None


Figure = Annotated[Count | Statistic | Percentile, Field(discriminator="operation")]


class Headline(Part):
    """The role of a figure in a metric panel, beside the figure's own keys."""

    figure: Figure
    subtitle: str | None = None
    color: Color | None = None
    primary: bool = True

    def to_api(self) -> dict[str, Any]:
        """Return the figure as the API writes it: one flat object."""
        own = {"type": "primary", "subtitle": self.subtitle} if self.primary else {"type": "secondary"}
        color = None if self.color is None else self.color.model_dump()
        return _compact({**dump(self.figure), **own, "color": color})


class ByTime(Part):
    """Buckets of equal time."""

    operation: Literal["date_histogram"] = "date_histogram"
    field: str
    suggested_interval: str = "auto"
    label: str | None = None


class RankByFigure(Part):
    """Order of terms: by one of the panel's figures."""

    type: Literal["metric"] = "metric"
    metric_index: int = 0
    direction: Literal["asc", "desc"] = "desc"


class RankByName(Part):
    """Order of terms: by name."""

    type: Literal["alphabetical"] = "alphabetical"
    direction: Literal["asc", "desc"] = "asc"


class Missing(Part):
    """A bucket for documents without the field; without it nested rows lose them."""

    include_documents_without_field: Literal[True] = True


class ByTerms(Part):
    """A bucket for each of a field's most frequent, or otherwise first, values."""

    operation: Literal["terms"] = "terms"
    fields: tuple[str, ...] = Field(min_length=1, max_length=1)
    limit: int = 10
    rank_by: RankByFigure | RankByName = RankByFigure()
    other_bucket: Missing | None = None
    label: str | None = None


class Metric(Part):
    """A panel of one or two large figures."""

    type: Literal["metric"] = "metric"
    title: str
    description: str
    data_source: Source
    query: Kql
    headlines: tuple[Headline, ...] = Field(min_length=1, max_length=2)

    def to_api(self) -> dict[str, Any]:
        """Return the panel's ``config``."""
        config = dump(self)
        del config["headlines"]
        return {**config, "metrics": [headline.to_api() for headline in self.headlines]}


class Layer(Part):
    """One series of a chart, or several by a breakdown."""

    type: Literal["bar", "bar_stacked", "bar_horizontal_stacked", "area_stacked", "line"]
    data_source: Source
    x: Annotated[ByTime | ByTerms, Field(discriminator="operation")]
    y: tuple[Figure, ...] = Field(min_length=1)
    breakdown_by: ByTerms | None = None


class Chart(Part):
    """A chart with axes."""

    type: Literal["xy"] = "xy"
    title: str
    description: str
    query: Kql
    layers: tuple[Layer, ...] = Field(min_length=1, max_length=1)

    def to_api(self) -> dict[str, Any]:
        """Return the panel's ``config``."""
        return dump(self)


class Table(Part):
    """A table: nested rows, and figures for each."""

    type: Literal["data_table"] = "data_table"
    title: str
    description: str
    data_source: Source
    query: Kql
    ignore_global_filters: Literal[True] | None = None
    """Set where the index has no field for the dashboard's controls: they would empty the table."""
    rows: tuple[ByTerms, ...] = Field(min_length=1)
    metrics: tuple[Figure, ...] = Field(min_length=1)

    def to_api(self) -> dict[str, Any]:
        """Return the panel's ``config``."""
        return dump(self)


class Grid(Part):
    """Where a panel is, in columns and rows."""

    x: int = Field(ge=0, lt=WIDTH)
    y: int = Field(ge=0)
    w: int = Field(ge=1, le=WIDTH)
    h: int = Field(ge=1)


class Panel(Part):
    """One chart in its place. The id is ours and stays, so a reload changes the panel and does not double it."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    grid: Grid
    config: Annotated[Metric | Chart | Table, Field(discriminator="type")]

    def to_api(self) -> dict[str, Any]:
        """Return the panel as the API takes it."""
        return {"type": "vis", "id": self.id, "grid": dump(self.grid), "config": self.config.to_api()}


class Control(Part):
    """A list at the top of the dashboard that narrows all panels to chosen values of a field."""

    data_view_id: str
    field_name: str
    title: str

    def to_api(self) -> dict[str, Any]:
        """Return the control as the API takes it."""
        return {"type": "options_list_control", "width": "medium", "grow": False, "config": dump(self)}


class Dashboard(Part):
    """A whole dashboard."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    title: str
    description: str
    time_from: str
    refresh_s: int
    controls: tuple[Control, ...]
    panels: tuple[Panel, ...] = Field(min_length=1, max_length=100)

    def to_api(self) -> dict[str, Any]:
        """Return the body of ``PUT /api/dashboards/{id}``."""
        return {
            "title": self.title,
            "description": self.description,
            "time_range": {"from": self.time_from, "to": "now"},
            "refresh_interval": {"pause": False, "value": self.refresh_s * 1000},
            "query": {"language": "kql", "expression": ""},
            "options": {"use_margins": True, "sync_colors": True, "sync_cursor": True, "sync_tooltips": False},
            "pinned_panels": [control.to_api() for control in self.controls],
            "panels": [panel.to_api() for panel in self.panels],
        }


class DataView(Part):
    """What Kibana calls an index pattern. Without a time field the time picker does not narrow it."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    index: str
    """Alias it reads, as a name of ours such as ``clocks``."""
    name: str
    title: str
    time_field: str | None

    def to_api(self) -> dict[str, Any]:
        """Return the body of ``POST /api/data_views/data_view``; ``override`` makes it safe to repeat."""
        view = {"id": self.id, "title": self.title, "name": self.name, "timeFieldName": self.time_field}
        return {"data_view": {**_compact(view), "allowNoIndex": True}, "override": True}


def dump(part: Part) -> dict[str, Any]:
    """Return a part as JSON objects, without what is not set."""
    return part.model_dump(mode="json", by_alias=True, exclude_none=True)


def _compact(content: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in content.items() if value is not None}
