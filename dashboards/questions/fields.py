"""Which fields of which type a filter may name, by index: the templates' own, aliases as what they stand for. Pure."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from dashboards.kibana.lint import flatten
from dashboards.templates import mapping


@cache
def searchable(index: str) -> Mapping[str, str]:
    """Return the type of every field of an index, by name.

    Args:
        index: own name, such as ``notices``.
    """
    properties = mapping(index)["properties"]
    types, aliases = flatten(properties), _aliases(properties)
    return {name: types[aliases[name]] if kind == "alias" else kind for name, kind in types.items()}


def _aliases(properties: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Return what each alias stands for."""
    found: dict[str, str] = {}
    for name, spec in properties.items():
        if spec.get("type") == "alias":
            found[prefix + name] = spec["path"]
        found |= _aliases(spec.get("properties", {}), f"{prefix}{name}.")
    return found
