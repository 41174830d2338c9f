"""JSON schemas (draft 2020-12) of documents on the wire, out of the catalogue. Pure."""

from collections.abc import Iterable
from typing import Any

from dashboards.catalogue import every_field
from dashboards.catalogue.fields import Field, FieldType, Kind
from models.document import SCHEMA_VERSION

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_STRING = {"type": "string"}
_INTEGER = {"type": "integer"}
_SHAPES: dict[FieldType, dict[str, Any]] = {
    FieldType.KEYWORD: _STRING,
    FieldType.TEXT: _STRING,
    FieldType.DATE: {"type": "string", "format": "date-time", "pattern": "Z$"},
    FieldType.DAY: {"type": "string", "format": "date"},
    FieldType.DOUBLE: {"type": "number"},
    FieldType.INTEGER: _INTEGER,
    FieldType.LONG: _INTEGER,
    FieldType.BOOLEAN: {"type": "boolean"},
    FieldType.BINARY: {"type": "string", "contentEncoding": "base64"},
    FieldType.GEO_POINT: {
        "type": "object",
        "properties": {
            "lat": {"type": "number", "minimum": -90, "maximum": 90},
            "lon": {"type": "number", "minimum": -180, "maximum": 180},
        },
        "required": ["lat", "lon"],
        "additionalProperties": False,
    },
}


def schema(kind: Kind) -> dict[str, Any]:
    """Return the schema of a kind's documents, as they are on topics and in the index."""
    whole = _object(every_field(kind))
    whole["properties"]["schema_version"]["const"] = SCHEMA_VERSION
    return {"$schema": DIALECT, "title": kind.name, "description": kind.meaning, **whole}


def _object(fields: Iterable[Field]) -> dict[str, Any]:
    every = tuple(fields)
    return {
        "type": "object",
        "properties": {field.name: _field(field) for field in every},
        "required": [field.name for field in every if not field.absent],
        "additionalProperties": False,
    }


def _field(field: Field) -> dict[str, Any]:
    value = _value(field)
    if field.many:
        value = {"type": "array", "items": value}
    if field.nullable:
        value = _or_null(value)
    return {"description": field.meaning, **value}


def _value(field: Field) -> dict[str, Any]:
    if field.fields:
        return _object(field.fields)
    if field.shape is not None:
        return dict(field.shape)
    words = {"enum": list(field.closed_list)} if field.words else {}
    return {**_SHAPES[field.type], **words}


def _or_null(value: dict[str, Any]) -> dict[str, Any]:
    words = {"enum": [*value["enum"], None]} if "enum" in value else {}
    return {**value, "type": [value["type"], "null"], **words}
