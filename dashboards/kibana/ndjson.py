"""Dashboards as saved objects, one a line: what Kibana 8.19 to 9.3 imports, and later ones for Vega and maps. Pure.

Charts are held by value, in the dashboard itself; documents, drawings and maps are objects of their own. References
are named as Kibana names them: what a panel refers to is lifted to the dashboard under ``<panel>:<name>``.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from dashboards.kibana.lens import lens
from dashboards.kibana.models import (
    Asking,
    Control,
    Dashboard,
    DataView,
    Documents,
    Links,
    Map,
    Markdown,
    Panel,
    ToAddress,
    ToDashboard,
    Vega,
)
from dashboards.kibana.saved_parts import data_view, documents, links, map_, markdown, saved, text, vega

Fields = Mapping[str, str]
Saved = dict[str, Any]
Reference = dict[str, str]
BY_REFERENCE = {Documents: "search", Vega: "visualization", Map: "map"}


def only_saved(dashboard: Dashboard) -> bool:
    """Return whether a board has panels that the dashboards API does not take."""
    return any(isinstance(panel.config, Vega | Map) for panel in dashboard.panels)


def saved_objects(
    boards: Sequence[Dashboard], views: Sequence[DataView], fields: Mapping[str, Fields], board: str | None
) -> list[Saved]:
    """Return everything as saved objects: data views first, then what panels refer to, then the boards.

    Args:
        boards: to write.
        views: that come with them.
        fields: type by field, of each index that the views read.
        board: address of our own board; None if it has none.
    """
    known = {view.id: view for view in views}
    typed = {view.id: fields[view.index] for view in views}
    found = [data_view(view) for view in views]
    for dashboard in boards:
        found += _apart(dashboard, known)
    return [*found, *(_dashboard(dashboard, typed, board) for dashboard in boards)]


def to_ndjson(objects: Sequence[Saved]) -> bytes:
    """Return saved objects one a line, as the importer takes them."""
    return b"".join(orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE) for one in objects)


def _apart(dashboard: Dashboard, views: Mapping[str, DataView]) -> Iterator[Saved]:
    """Yield the objects that a board's panels refer to."""
    for panel in dashboard.panels:
        own, config = _apart_id(dashboard, panel), panel.config
        if isinstance(config, Documents):
            yield documents(own, config)
        elif isinstance(config, Vega):
            yield vega(own, config, views)
        elif isinstance(config, Map):
            yield map_(own, config, dashboard)


def _apart_id(dashboard: Dashboard, panel: Panel) -> str:
    return f"{dashboard.id}-{panel.id}"


def _dashboard(dashboard: Dashboard, fields: Mapping[str, Fields], board: str | None) -> Saved:
    panels, references = [], []
    for panel in dashboard.panels:
        shown, own = _panel(dashboard, panel, fields, board)
        panels.append(shown)
        references += own
    controls, targets = _controls(dashboard.controls)
    options = {"useMargins": True, "syncColors": True, "syncCursor": True, "syncTooltips": False}
    asked = {"query": {"language": "kuery", "query": ""}, "filter": []}
    attributes = {
        "title": dashboard.title, "description": dashboard.description, "version": 1,
        "panelsJSON": text(panels), "optionsJSON": text({**options, "hidePanelTitles": False}),
        "kibanaSavedObjectMeta": {"searchSourceJSON": text(asked)},
        "timeRestore": True, "timeFrom": dashboard.time_from, "timeTo": "now",
        "refreshInterval": {"pause": dashboard.refresh_s == 0, "value": dashboard.refresh_s * 1000},
        "controlGroupInput": controls,
    }  # fmt: skip
    return saved("dashboard", dashboard.id, attributes, [*references, *targets])


def _panel(
    dashboard: Dashboard, panel: Panel, fields: Mapping[str, Fields], board: str | None
) -> tuple[dict[str, Any], list[Reference]]:
    """Return a panel as ``panelsJSON`` holds it, and the dashboard's references for it."""
    place = {**panel.grid.model_dump(), "i": panel.id}
    shown: dict[str, Any] = {"type": "lens", "panelIndex": panel.id, "gridData": place}
    config = panel.config
    titled = {"title": config.title, "description": config.description}
    events, references = _events(panel, board)
    own: dict[str, Any] = {**titled, "enhancements": {"dynamicActions": {"events": events}} if events else {}}
    if isinstance(config, Asking):
        attributes = lens(panel, fields)
        own |= {"attributes": attributes}
        references += attributes["references"]
    elif isinstance(config, Links):
        content, inner = links(config)
        shown["type"], own, references = "links", {**own, **content, "hidePanelTitles": True}, [*references, *inner]
    elif isinstance(config, Markdown):
        shown["type"], own = "visualization", {**own, **markdown(config)}
    else:
        shown |= {"type": BY_REFERENCE[type(config)], "panelRefName": f"panel_{panel.id}"}
        target = {"name": f"panel_{panel.id}", "type": shown["type"], "id": _apart_id(dashboard, panel)}
        references.append(target)
    lifted = [{**one, "name": f"{panel.id}:{one['name']}"} for one in references]
    return {**shown, "embeddableConfig": own}, lifted


def _events(panel: Panel, board: str | None) -> tuple[list[dict[str, Any]], list[Reference]]:
    """Return a panel's drilldowns and their references."""
    events: list[dict[str, Any]] = []
    references: list[Reference] = []
    for number, drilldown in enumerate(panel.drilldowns):
        own = f"way-{number}"
        if isinstance(drilldown, ToDashboard):
            events.append(_to_dashboard(own, drilldown))
            name = f"drilldown:DASHBOARD_TO_DASHBOARD_DRILLDOWN:{own}:dashboardId"
            references.append({"name": name, "type": "dashboard", "id": drilldown.dashboard_id})
        elif (event := _to_address(own, drilldown, board)) is not None:
            events.append(event)
    return events, references


def _to_dashboard(own: str, drilldown: ToDashboard) -> dict[str, Any]:
    kept = {"useCurrentFilters": drilldown.use_filters, "useCurrentDateRange": drilldown.use_time_range}
    config = {**kept, "openInNewTab": False}
    action = {"factoryId": "DASHBOARD_TO_DASHBOARD_DRILLDOWN", "name": drilldown.label, "config": config}
    return {"eventId": own, "triggers": ["FILTER_TRIGGER"], "action": action}


def _to_address(own: str, drilldown: ToAddress, board: str | None) -> dict[str, Any] | None:
    written = drilldown.to_api(board)
    if written is None:
        return None
    config = {"url": {"template": written["url"]}, "openInNewTab": True, "encodeUrl": True}
    action = {"factoryId": "URL_DRILLDOWN", "name": drilldown.label, "config": config}
    return {"eventId": own, "triggers": ["VALUE_CLICK_TRIGGER"], "action": action}


def _controls(controls: Sequence[Control]) -> tuple[dict[str, Any], list[Reference]]:
    """Return the controls as they were stored up to Kibana 9.3, which later ones read, and their references."""
    stored = {f"control-{one.field_name}": _control(number, one) for number, one in enumerate(controls)}
    references = [
        {"name": f"controlGroup_control-{one.field_name}:optionsListDataView", "type": "index-pattern",
         "id": one.data_view_id}
        for one in controls
    ]  # fmt: skip
    follow = dict.fromkeys(("ignoreFilters", "ignoreQuery", "ignoreTimerange", "ignoreValidations"), False)
    group = {
        "controlStyle": "oneLine", "chainingSystem": "HIERARCHICAL", "showApplySelections": False,
        "ignoreParentSettingsJSON": text(follow), "panelsJSON": text(stored),
    }  # fmt: skip
    return group, references


def _control(number: int, control: Control) -> dict[str, Any]:
    own = {
        "id": f"control-{control.field_name}", "dataViewId": control.data_view_id, "fieldName": control.field_name,
        "title": control.title, "singleSelect": control.single_select is True,
        "selectedOptions": list(control.selected_options or ()), "searchTechnique": "prefix",
        "sort": {"by": "_count", "direction": "desc"},
    }  # fmt: skip
    return {"type": "optionsListControl", "order": number, "width": "small", "grow": False, "explicitInput": own}
