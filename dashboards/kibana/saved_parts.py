"""Saved objects of what Lens does not draw: documents, words, links, Vega, maps. Pure."""

import copy
from collections.abc import Mapping
from typing import Any

import orjson

from dashboards.kibana.kql import to_query
from dashboards.kibana.lens_columns import query
from dashboards.kibana.models import Dashboard, DataView, Documents, Kql, Links, Map, Markdown, Request, Symbol, Vega

CORE = "8.8.0"
TYPED = {
    "index-pattern": "8.0.0",
    "search": "10.3.0",
    "visualization": "8.5.0",
    "map": "8.4.0",
    "dashboard": "10.2.0",
}
"""Version of each type's shape: the lowest that 8.19 reads without migrations of old Kibanas. Without one the importer
runs all of them over a shape that they do not know; a newer one is refused."""
SEARCH_SOURCE = "kibanaSavedObjectMeta.searchSourceJSON.index"


def text(content: Any) -> str:
    """Return content as the JSON text that saved objects hold within their JSON."""
    return orjson.dumps(content).decode()


def saved(kind: str, own: str, attributes: dict[str, Any], references: list[dict[str, str]]) -> dict[str, Any]:
    """Return one saved object."""
    versions = {"coreMigrationVersion": CORE, "typeMigrationVersion": TYPED[kind]}
    return {"id": own, "type": kind, "attributes": attributes, "references": references, "managed": False, **versions}


def data_view(view: DataView) -> dict[str, Any]:
    """Return a data view; Kibana fills in its fields."""
    shown = {"fieldAttrs": text(view.field_attrs), "fieldFormatMap": text(view.field_formats)}
    empty = {"fields": "[]", "runtimeFieldMap": "{}", "sourceFilters": "[]", "typeMeta": "{}"}
    rest = {**shown, **empty, "allowNoIndex": True}
    timed = {} if view.time_field is None else {"timeFieldName": view.time_field}
    return saved("index-pattern", view.id, {"title": view.title, "name": view.name, **timed, **rest}, [])


def documents(own: str, config: Documents) -> dict[str, Any]:
    """Return a table of documents: a Discover session."""
    asked = {"query": query(config.query), "filter": [], "indexRefName": SEARCH_SOURCE}
    attributes = {
        "title": config.title, "description": config.description, "columns": list(config.columns),
        "sort": [[one.name, one.direction] for one in config.sort], "grid": {}, "hideChart": True,
        "isTextBasedQuery": False, "timeRestore": False, "rowsPerPage": config.rows_per_page,
        "kibanaSavedObjectMeta": {"searchSourceJSON": text(asked)},
    }  # fmt: skip
    reference = {"name": SEARCH_SOURCE, "type": "index-pattern", "id": config.data_source.ref_id}
    return saved("search", own, attributes, [reference])


def vega(own: str, config: Vega, views: Mapping[str, DataView]) -> dict[str, Any]:
    """Return a drawing by Vega, its data sets filled by requests."""
    state = {"title": config.title, "type": "vega", "aggs": [], "params": {"spec": text(vega_spec(config, views))}}
    attributes = {
        "title": config.title, "description": config.description, "version": 1, "uiStateJSON": "{}",
        "visState": text(state), "kibanaSavedObjectMeta": {"searchSourceJSON": text(_no_query())},
    }  # fmt: skip
    return saved("visualization", own, attributes, [])


def vega_spec(config: Vega, views: Mapping[str, DataView]) -> dict[str, Any]:
    """Return the spec with, for every named data set, the address that Kibana's Vega asks Elasticsearch by."""
    sources = {one.name: _address(one, views[one.data_source.ref_id]) for one in config.requests}
    spec: dict[str, Any] = copy.deepcopy(config.spec)
    _fill(spec, sources)
    return spec


def _fill(node: Any, sources: Mapping[str, dict[str, Any]]) -> None:
    if isinstance(node, list):
        for one in node:
            _fill(one, sources)
    elif isinstance(node, dict):
        found = node.get("data")
        for data in found if isinstance(found, list) else [found]:
            if isinstance(data, dict) and data.get("name") in sources and "url" not in data:
                data.update(sources[data["name"]])
        for one in node.values():
            _fill(one, sources)


def _address(request: Request, view: DataView) -> dict[str, Any]:
    """Return where a data set comes from; the placeholders stand for the dashboard's filters and chosen time."""
    must: list[Any] = ["%dashboard_context-must_clause%", to_query(request.query.expression)]
    if view.time_field is not None:
        must.append({"range": {view.time_field: {"%timefilter%": True}}})
    narrowed = {
        "must": must,
        "filter": ["%dashboard_context-filter_clause%"],
        "must_not": ["%dashboard_context-must_not_clause%"],
    }
    url = {"index": view.title, "body": {**request.body, "query": {"bool": narrowed}}}
    return {"url": url, "format": {"property": request.rows}}


def map_(own: str, config: Map, dashboard: Dashboard) -> dict[str, Any]:
    """Return a map: a ground by Elastic's map service, and above it our layers."""
    ground = {
        "id": "ground", "type": "EMS_VECTOR_TILE", "label": None, "visible": True, "alpha": 1, "minZoom": 0,
        "maxZoom": 24, "includeInFitToBounds": True, "style": {"type": "EMS_VECTOR_TILE", "color": ""},
        "sourceDescriptor": {"type": "EMS_TMS", "isAutoSelect": True, "lightModeDefault": "road_map_desaturated"},
    }  # fmt: skip
    layers = [ground, *(_symbols(number, layer) for number, layer in enumerate(config.layers, 1))]
    state = {
        "zoom": config.zoom, "center": {"lon": config.longitude, "lat": config.latitude},
        "timeFilters": {"from": dashboard.time_from, "to": "now"}, "query": query(Kql(expression="")), "filters": [],
        "refreshConfig": {"isPaused": dashboard.refresh_s == 0, "interval": dashboard.refresh_s * 1000},
        "settings": {"autoFitToDataBounds": False},
    }  # fmt: skip
    attributes = {
        "title": config.title, "description": config.description,
        "layerListJSON": text(layers), "mapStateJSON": text(state), "uiStateJSON": "{}",
    }  # fmt: skip
    references = [
        {"name": _source_name(number), "type": "index-pattern", "id": layer.data_source.ref_id}
        for number, layer in enumerate(config.layers, 1)
    ]
    return saved("map", own, attributes, references)


def _source_name(number: int) -> str:
    return f"layer_{number}_source_index_pattern"


def _symbols(number: int, layer: Symbol) -> dict[str, Any]:
    source = {
        "id": f"source-{number}", "type": "ES_SEARCH", "geoField": layer.geo_field, "scalingType": "LIMIT",
        "tooltipProperties": list(layer.tooltips), "filterByMapBounds": False, "applyGlobalQuery": True,
        "applyGlobalTime": True, "indexPatternRefName": _source_name(number),
    }  # fmt: skip
    return {
        "id": f"layer-{number}", "type": "GEOJSON_VECTOR", "label": layer.label, "visible": True, "alpha": 0.8,
        "minZoom": 0, "maxZoom": 24, "includeInFitToBounds": True, "query": query(layer.query), "joins": [],
        "sourceDescriptor": source, "style": {"type": "VECTOR", "isTimeAware": True, "properties": _style(layer)},
    }  # fmt: skip


def _style(layer: Symbol) -> dict[str, Any]:
    color: dict[str, Any] = {"type": "STATIC", "options": {"color": layer.color}}
    if layer.color_field is not None:
        stops = [{"stop": None, "color": layer.color}]
        stops += [{"stop": value, "color": shade} for value, shade in layer.colors]
        named = {"name": layer.color_field, "origin": "source"}
        options = {"field": named, "type": "CATEGORICAL", "useCustomColorPalette": True, "customColorPalette": stops}
        color = {"type": "DYNAMIC", "options": options}
    size: dict[str, Any] = {"type": "STATIC", "options": {"size": layer.size}}
    if layer.size_field is not None:
        named = {"name": layer.size_field, "origin": "source"}
        size = {"type": "DYNAMIC", "options": {"field": named, "minSize": layer.size, "maxSize": layer.size_most}}
    return {
        "fillColor": color, "iconSize": size,
        "lineColor": {"type": "STATIC", "options": {"color": "#000000"}},
        "lineWidth": {"type": "STATIC", "options": {"size": 1}},
        "symbolizeAs": {"options": {"value": "circle"}},
    }  # fmt: skip


def markdown(config: Markdown) -> dict[str, Any]:
    """Return the ``embeddableConfig`` of words."""
    params = {"markdown": config.content, "fontSize": 12, "openLinksInNewTab": False}
    shown = {"id": "", "title": config.title, "description": config.description, "type": "markdown", "params": params}
    return {"savedVis": {**shown, "uiState": {}, "data": {"aggs": [], "searchSource": _no_query()}}}


def links(config: Links) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """Return the ``embeddableConfig`` of a row of links, and its references."""
    going = {"openInNewTab": False, "useCurrentFilters": True, "useCurrentDateRange": True}
    rows = [
        {"id": link.dashboard_id, "order": number, "type": "dashboardLink", "label": link.label, "options": going,
         "destinationRefName": f"link_{link.dashboard_id}_dashboard"}
        for number, link in enumerate(config.links)
    ]  # fmt: skip
    references = [
        {"name": f"link_{link.dashboard_id}_dashboard", "type": "dashboard", "id": link.dashboard_id}
        for link in config.links
    ]
    return {"attributes": {"layout": "horizontal", "links": rows}}, references


def _no_query() -> dict[str, Any]:
    return {"query": query(Kql(expression="")), "filter": []}
