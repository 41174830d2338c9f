"""The reference page of all fields, as Markdown, out of the catalogue. Pure."""

from collections.abc import Iterable, Iterator

import orjson

from dashboards.catalogue import KINDS, every_field
from dashboards.catalogue.fields import Field, Kind, Unit, Writes

HEAD = """\
# Fields

Every field of every kind of document, generated from the catalogue in
[dashboards/catalogue](../../dashboards/catalogue) by `python -m dashboards.catalogue`. The bytes of a document are the
same on its topic and in its index; a JSON schema of each kind stands in
[dashboards/schemas](../../dashboards/schemas), its mapping in [dashboards/templates](../../dashboards/templates).

How to read the tables: *type* is that of the index; `[]` is a list, `?` may be null, `+` may be missing in documents of
earlier releases. `text` is searched by its words, and counted as a whole by the name with `.keyword`. Of `nested` each
one can be searched as a whole, too. *ECS* is the name in the Elastic Common Schema under which the field is found too.
A list of words after a meaning is closed: no other word comes.

Every document also has `@timestamp`, its own time and not that of writing, and `schema_version`.
"""
_WRITTEN = {
    Writes.CURRENT: "Changes: one index, the highest revision wins.",
    Writes.MONTHLY: "Never changes: an index for each month of `@timestamp`.",
    Writes.DERIVED: "Computed, on no topic: one index, written over by id.",
}


def page() -> str:
    """Return the whole page."""
    return "\n".join((HEAD, *(line for kind in KINDS.values() for line in _kind(kind))))


def _kind(kind: Kind) -> Iterator[str]:
    identity = " and ".join(f"`{name}`" for name in kind.identity)
    if len(kind.identity) > 1:
        identity = "a hash of " + ", ".join(f"`{name}`" for name in kind.identity)
    yield f"## {kind.name}\n"
    yield f"{kind.meaning} {_WRITTEN[kind.writes]} `_id` is {identity}.\n"
    yield "| field | type | unit | meaning | example | ECS |"
    yield "|---|---|---|---|---|---|"
    yield from _rows(every_field(kind))
    yield ""


def _rows(fields: Iterable[Field], outer: str = "") -> Iterator[str]:
    for field in fields:
        example = "" if field.fields else f"`{orjson.dumps(field.example).decode()}`"
        ecs = "" if field.ecs is None else f"`{field.ecs}`"
        cells = (f"`{outer}{field.name}`", _type(field), _unit(field), _meaning(field), example, ecs)
        yield f"| {' | '.join(cells)} |"
        yield from _rows(field.fields, f"{outer}{field.name}.")


def _type(field: Field) -> str:
    return field.type.value + "[]" * field.many + "?" * field.nullable + "+" * field.absent


def _unit(field: Field) -> str:
    return "" if field.unit is Unit.NONE else field.unit.value


def _meaning(field: Field) -> str:
    words = ", ".join(f"`{word}`" for word in field.closed_list)
    return f"{field.meaning} {words}".rstrip()
