"""References between saved objects, in both directions: what is named is there, and what is there is named. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from dashboards.kibana.ndjson import Saved


def broken(objects: Sequence[Saved]) -> list[str]:
    """Return what is wrong with the references of saved objects, in words.

    Kibana imports an object whose panel names a reference that is not there, and then draws an error in its place.
    """
    there = Counter((one["type"], one["id"]) for one in objects)
    findings = [f"{kind} {own} is there {count} times" for (kind, own), count in there.items() if count > 1]
    for one in objects:
        own = f"{one['type']} {one['id']}"
        targets = {(reference["type"], reference["id"]) for reference in one["references"]}
        findings += [
            f"{own} refers to {kind} {target}, which is not there" for kind, target in sorted(targets - set(there))
        ]
        named = Counter(reference["name"] for reference in one["references"])
        used = set(_used(one))
        findings += [f"{own}: two references are called {name!r}" for name, count in named.items() if count > 1]
        findings += [f"{own}: no reference is called {name!r}" for name in sorted(used - set(named))]
        findings += [f"{own}: nothing uses the reference {name!r}" for name in sorted(set(named) - used)]
    return findings


def _used(saved: Saved) -> Iterator[str]:
    """Yield the names of references that an object's attributes use."""
    attributes = saved["attributes"]
    if saved["type"] == "search":
        yield orjson.loads(attributes["kibanaSavedObjectMeta"]["searchSourceJSON"])["indexRefName"]
    elif saved["type"] == "map":
        layers = orjson.loads(attributes["layerListJSON"])
        yield from (one["sourceDescriptor"]["indexPatternRefName"] for one in layers if one["type"] == "GEOJSON_VECTOR")
    elif saved["type"] == "dashboard":
        for panel in orjson.loads(attributes["panelsJSON"]):
            yield from (f"{panel['panelIndex']}:{name}" for name in _of_panel(panel))
        for control in orjson.loads(attributes["controlGroupInput"]["panelsJSON"]):
            yield f"controlGroup_{control}:optionsListDataView"


def _of_panel(panel: dict[str, Any]) -> Iterator[str]:
    config = panel["embeddableConfig"]
    if "panelRefName" in panel:
        yield panel["panelRefName"]
    if panel["type"] == "lens":
        layers = config["attributes"]["state"]["datasourceStates"]["formBased"]["layers"]
        yield from (f"indexpattern-datasource-layer-{layer}" for layer in layers)
    if panel["type"] == "links":
        yield from (link["destinationRefName"] for link in config["attributes"]["links"])
    for event in config["enhancements"].get("dynamicActions", {}).get("events", ()):
        factory = event["action"]["factoryId"]
        if factory == "DASHBOARD_TO_DASHBOARD_DRILLDOWN":
            yield f"drilldown:{factory}:{event['eventId']}:dashboardId"
