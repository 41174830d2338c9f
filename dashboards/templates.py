"""Index templates: which fields every index has, and of which type. Reads the JSON files beside it; no other IO.

One component template per kind of document (``templates/<kind>.json``) on top of two shared ones, ``settings`` and
``base``; all are generated from the catalogue (``dashboards.catalogue``). The bytes on a topic are the document, so a
mapping names our own keys and gives them their ECS names as ``alias`` fields: ``organization.id`` finds what
``provider`` holds. An alias costs nothing to store or to write.

Not here: data streams, ingest pipelines and scripts. A bare Elasticsearch server has none of them, and documents that
are addressed by id and month need none.
"""

from functools import cache
from importlib.resources import files
from typing import Any

import orjson

from dashboards.catalogue import KINDS as CATALOGUE
from dashboards.catalogue import Writes
from models.topics import Names


def _kinds(writes: Writes) -> tuple[str, ...]:
    return tuple(name for name, kind in CATALOGUE.items() if kind.writes is writes)


CURRENT = _kinds(Writes.CURRENT)
"""Kinds that change: one index each, the highest revision wins."""
MONTHLY = _kinds(Writes.MONTHLY)
"""Kinds that never change: an index for each month of the documents' own time."""
DERIVED = _kinds(Writes.DERIVED)
"""Kinds that are computed from the others (models.derived) and are on no topic: one index each, written over by id."""
KINDS = (*CURRENT, *MONTHLY, *DERIVED)
SHARED = ("settings", "base")
PRIORITY = 200
"""Above the templates that Elasticsearch brings itself (up to 100)."""


@cache
def component(name: str) -> dict[str, Any]:
    """Return the component template of a kind, or a shared one, as it is in its file."""
    content: dict[str, Any] = orjson.loads((files("dashboards") / "templates" / f"{name}.json").read_bytes())
    return content


def mapping(kind: str) -> dict[str, Any]:
    """Return the whole mapping of a kind's indices: the shared fields and its own."""
    base = component("base")["template"]["mappings"]
    own = component(kind)["template"]["mappings"]
    return {**base, "properties": {**base["properties"], **own["properties"]}}


def component_templates(names: Names) -> dict[str, dict[str, Any]]:
    """Return every component template by its name in the cluster."""
    return {names.index(f"{name}-fields" if name in KINDS else name): component(name) for name in (*SHARED, *KINDS)}


def index_templates(names: Names) -> dict[str, dict[str, Any]]:
    """Return every index template by its name in the cluster; each puts its indices behind the kind's alias."""
    return {
        names.index(kind): {
            "index_patterns": [names.index(f"{kind}-*")],
            "priority": PRIORITY,
            "composed_of": [*(names.index(name) for name in SHARED), names.index(f"{kind}-fields")],
            "template": {"aliases": {names.index(kind): {}}},
            "_meta": component(kind)["_meta"],
        }
        for kind in KINDS
    }


def first_index(names: Names, kind: str) -> str:
    """Return the concrete index of a kind that has one only, such as ``holdfast-clocks-000001``."""
    return f"{names.index(kind)}-000001"
