"""Panels that are no charts of Kibana's own: documents, words, links, Vega, maps; and panels in their places. Pure."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from dashboards.kibana.charts import Asking, Chart, Config, Gauge, Heatmap, Metric, Table
from dashboards.kibana.drilldowns import Drilldown
from dashboards.kibana.parts import ALL, Grid, Kql, Part, Source, compact, dump


class Sort(Part):
    """Order of documents by a field."""

    name: str
    direction: Literal["asc", "desc"] = "desc"


class Documents(Config):
    """A table of documents, one line each: what Kibana calls a Discover session."""

    type: Literal["discover_session"] = "discover_session"
    data_source: Source
    query: Kql = ALL
    columns: tuple[str, ...] = Field(min_length=1)
    sort: tuple[Sort, ...] = Field(min_length=1)
    rows_per_page: int = 50

    def to_api(self) -> dict[str, Any]:
        """Return the panel's ``config``: one tab."""
        tab = {"column_order": list(self.columns), "sort": [dump(one) for one in self.sort], "view_mode": "documents"}
        shown = dump(self, include={"query", "data_source", "rows_per_page"})
        return {**dump(self, include={"title", "description"}), "tabs": [{**tab, **shown}]}


class Markdown(Config):
    """Words."""

    type: Literal["markdown"] = "markdown"
    content: str
    hide_title: Literal[True] | None = None

    def to_api(self) -> dict[str, Any]:
        """Return the panel's ``config``; links stay in the tab."""
        shown = dump(self, include={"title", "description", "content", "hide_title"})
        return {**shown, "settings": {"open_links_in_new_tab": False}}


class Link(Part):
    """A way to another dashboard."""

    label: str
    dashboard_id: str


class Links(Config):
    """One row of ways to the other dashboards; the chosen time and the filters go along where Kibana can."""

    type: Literal["links"] = "links"
    links: tuple[Link, ...] = Field(min_length=1)

    def to_api(self) -> dict[str, Any]:
        """Return it as words: Kibana 9.4's API takes no panel of links yet (9.5's does)."""
        ways = " · ".join(f"[{link.label}](#/view/{link.dashboard_id})" for link in self.links)
        return Markdown(title=self.title, description=self.description, content=ways, hide_title=True).to_api()


class Request(Part):
    """One search of a Vega panel. The answer becomes the data set ``name`` of the spec.

    The dashboard's filters and, where the view has a time field, its chosen time narrow it.
    """

    name: str
    data_source: Source
    query: Kql = ALL
    body: dict[str, Any]
    """What to search for beside the query: ``size``, ``sort``, ``_source``, ``aggs``."""
    rows: str
    """Where in the answer the rows are, such as ``hits.hits`` or ``aggregations.days.buckets``."""


class Vega(Config):
    """A drawing by Vega or Vega-Lite; only in saved objects, for the dashboards API takes none.

    ``spec`` names its data sets without saying where they come from: ``{"data": {"name": "entries"}}`` (Vega-Lite)
    or ``{"data": [{"name": "entries", "transform": []}]}`` (Vega); the requests fill them.
    """

    type: Literal["vega"] = "vega"
    spec: dict[str, Any]
    requests: tuple[Request, ...] = Field(min_length=1)

    def to_api(self) -> dict[str, Any]:
        """Return words that say where the drawing is."""
        return _instead(self, "Vega")


class Symbol(Part):
    """One layer of a map: documents as symbols at their points."""

    label: str
    data_source: Source
    query: Kql = ALL
    geo_field: str
    tooltips: tuple[str, ...]
    color: str
    color_field: str | None = None
    """A keyword: each of ``colors`` has its own; others get ``color``."""
    colors: tuple[tuple[str, str], ...] = ()
    size_field: str | None = None
    """A number: larger symbols for larger values, in pixels from ``size`` to ``size_most``."""
    size: int = 8
    size_most: int = 32


class Map(Config):
    """A map; only in saved objects. Its ground comes from Elastic's map service: without internet there is none."""

    type: Literal["map"] = "map"
    layers: tuple[Symbol, ...] = Field(min_length=1)
    latitude: float = Field(default=25, ge=-90, le=90)
    longitude: float = Field(default=10, ge=-180, le=180)
    zoom: float = 1.5

    def to_api(self) -> dict[str, Any]:
        """Return words that say where the map is."""
        return _instead(self, "map")


AnyConfig = Annotated[
    Metric | Chart | Table | Heatmap | Gauge | Documents | Markdown | Links | Vega | Map, Field(discriminator="type")
]
KINDS = {"discover_session": "discover_session", "markdown": "markdown"} | dict.fromkeys(
    ("links", "vega", "map"), "markdown"
)
"""The API's type of panel by our own; every other is ``vis``."""


class Panel(Part):
    """One chart in its place. The id is ours and stays, so a reload changes the panel and does not double it."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    grid: Grid
    config: AnyConfig
    drilldowns: tuple[Drilldown, ...] = ()

    @model_validator(mode="after")
    def _only_charts_lead_somewhere(self) -> "Panel":
        if self.drilldowns and not isinstance(self.config, Asking):
            raise ValueError(f"a panel of type {self.config.type} has no drilldowns")
        return self

    def to_api(self, board: str | None) -> dict[str, Any]:
        """Return the panel as the API takes it; ``board`` is the address of our own board, None if it has none."""
        found = [one.to_api(board) for one in self.drilldowns]
        drilldowns = [one for one in found if one is not None] or None
        kind = KINDS.get(self.config.type, "vis")
        config = compact({**self.config.to_api(), "drilldowns": drilldowns})
        return {"type": kind, "id": self.id, "grid": dump(self.grid), "config": config}


def _instead(config: Config, what: str) -> dict[str, Any]:
    words = (
        f"**{config.title}** is a {what} panel, which Kibana's dashboards API does not take. "
        "`holdfast dashboards load` puts this dashboard in as saved objects, with the panel in this place."
    )
    return Markdown(title=config.title, description=config.description, content=words).to_api()
