"""Index mappings out of the catalogue. Pure."""

from collections.abc import Iterable
from typing import Any

from dashboards.catalogue.common import schema_version, timestamp
from dashboards.catalogue.fields import Field, FieldType, Kind

SETTINGS = {
    "number_of_shards": 1,
    "auto_expand_replicas": "0-1",
    "refresh_interval": "1s",
    "mapping": {"total_fields": {"limit": 200}},
}
_KEYWORD = {"type": "keyword", "ignore_above": 1024}
_PARAMETERS: dict[FieldType, dict[str, Any]] = {
    FieldType.KEYWORD: _KEYWORD,
    FieldType.TEXT: {"type": "text", "fields": {"keyword": _KEYWORD}},
    FieldType.DATE: {"type": "date", "format": "strict_date_optional_time"},
    FieldType.DAY: {"type": "date", "format": "strict_date"},
    FieldType.STORED: {"type": "object", "enabled": False},
    FieldType.OBJECT: {},
    FieldType.NESTED: {"type": "nested", "include_in_parent": True},
}
"""What differs from the bare type. A term of Lucene ends at 32 766 bytes: words past 1 024 are stored, not searched."""


def settings_template() -> dict[str, Any]:
    """Return the component template with the settings of every index."""
    meaning = "Settings of every Holdfast index; replicas follow the number of nodes."
    return {"_meta": {"description": meaning}, "template": {"settings": {"index": SETTINGS}}}


def base_template() -> dict[str, Any]:
    """Return the component template with the fields of every document."""
    meaning = (
        "Fields of every Holdfast document. Strict: an unknown field is a dead letter, never silently unsearchable."
    )
    fields = _properties((timestamp(meaning=""), schema_version()))
    return {"_meta": {"description": meaning}, "template": {"mappings": {"dynamic": "strict", "properties": fields}}}


def kind_template(kind: Kind) -> dict[str, Any]:
    """Return the component template of a kind: its fields, and their ECS names as aliases."""
    properties = _properties(kind.fields)
    for field in kind.fields:
        if field.ecs is not None:
            _put_alias(properties, field.ecs.split("."), field.name)
    return {"_meta": {"description": kind.meaning}, "template": {"mappings": {"properties": properties}}}


def _properties(fields: Iterable[Field]) -> dict[str, Any]:
    return {field.name: _property(field) for field in fields}


def _property(field: Field) -> dict[str, Any]:
    own = _PARAMETERS.get(field.type, {"type": field.type.value})
    return {**own, "properties": _properties(field.fields)} if field.fields else dict(own)


def _put_alias(properties: dict[str, Any], path: list[str], name: str) -> None:
    *groups, last = path
    for group in groups:
        properties = properties.setdefault(group, {"properties": {}})["properties"]
    properties[last] = {"type": "alias", "path": name}
