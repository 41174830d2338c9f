"""Every field that can travel on a topic has a place of a fitting type in its index."""

import types
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Any, Literal, Union, get_args, get_origin

import pytest
from pydantic import AwareDatetime, BaseModel

from dashboards import templates
from models.communication import Communication
from models.derived import DERIVED, Location
from models.notice import Area, Notice
from models.paging import Delivery, Page, PlanDocument
from models.raw import DeadLetter
from models.records import ClockDocument, IncidentDocument
from models.topics import Names

MODELS: dict[str, type[BaseModel]] = {
    "notices": Notice,
    "incidents": IncidentDocument,
    "clocks": ClockDocument,
    "plans": PlanDocument,
    "pages": Page,
    "deliveries": Delivery,
    "dead-letters": DeadLetter,
    "communications": Communication,
    **DERIVED,
}
WORDS = {"keyword", "text", "binary"}


def properties(kind: str) -> dict[str, Any]:
    found: dict[str, Any] = templates.mapping(kind)["properties"]
    return found


def element(annotation: Any) -> Any:
    """Return the type of one value: without None, without the tuple around it, as Elasticsearch sees it."""
    if get_origin(annotation) in (Union, types.UnionType):
        (annotation,) = (one for one in get_args(annotation) if one is not type(None))
    if get_origin(annotation) is tuple:
        return element(get_args(annotation)[0])
    if get_origin(annotation) is Literal:
        return str
    if hasattr(annotation, "__metadata__"):
        return element(get_args(annotation)[0])
    return annotation


def fitting(annotation: Any) -> set[str]:
    """Return the field types that a value of an annotation may have."""
    one = element(annotation)
    if one in (Area, Location):
        return {"object"} if one is Area else {"geo_point"}
    by_type = {bool: {"boolean"}, int: {"integer", "long"}, float: {"double"}, AwareDatetime: {"date"}, date: {"date"}}
    if one in by_type:
        return by_type[one]
    assert issubclass(one, (str, StrEnum)), f"{annotation} has no rule here yet"
    return WORDS


def fields(model: type[BaseModel], place: dict[str, Any]) -> Iterator[tuple[str, Any, dict[str, Any] | None]]:
    """Yield every leaf of a model with its annotation and its mapping."""
    for name, info in model.model_fields.items():
        one = element(info.annotation)
        mapped = place.get(name)
        if isinstance(one, type) and issubclass(one, BaseModel) and one not in (Area, Location):
            assert mapped is not None, name
            yield from fields(one, mapped["properties"])
        else:
            yield name, info.annotation, mapped


def leaves(place: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for mapped in place.values():
        if "properties" in mapped:
            yield from leaves(mapped["properties"])
        else:
            yield mapped


@pytest.mark.parametrize("kind", MODELS)
def test_every_field_of_a_model_is_mapped_with_a_fitting_type(kind: str) -> None:
    """An index is strict: a field without a mapping would send every document to the dead letters."""
    for name, annotation, mapped in fields(MODELS[kind], properties(kind)):
        assert mapped is not None, f"{kind}.{name} is not in dashboards/templates/{kind}.json"
        assert mapped.get("type", "object") in fitting(annotation), f"{kind}.{name}: {mapped} for {annotation}"


@pytest.mark.parametrize("kind", MODELS)
def test_nothing_is_mapped_that_no_model_has(kind: str) -> None:
    """A field that nobody writes misleads whoever builds a chart on it; ECS names are aliases of fields that exist."""
    own = properties(kind)
    written = {*MODELS[kind].model_fields, "@timestamp", "schema_version"}
    for name, mapped in own.items():
        assert name in written or all(leaf["type"] == "alias" for leaf in leaves({name: mapped})), name
    for leaf in leaves(own):
        if leaf.get("type") == "alias":
            assert leaf["path"] in own


@pytest.mark.parametrize("kind", MODELS)
def test_no_long_word_can_break_a_write(kind: str) -> None:
    """Lucene refuses a term over 32 766 bytes; words past ``ignore_above`` are stored, just not searched."""
    for leaf in leaves(properties(kind)):
        for field in (leaf, *leaf.get("fields", {}).values()):
            assert field.get("type") != "keyword" or 0 < field["ignore_above"] <= 8191


def test_durations_are_numbers_in_the_unit_of_their_name() -> None:
    """``_s`` and ``_ms`` fields are doubles, so that percentiles and sums work on them."""
    for kind in MODELS:
        for name, mapped in properties(kind).items():
            assert not name.endswith(("_s", "_ms")) or mapped["type"] == "double"


def test_bytes_of_dead_letters_are_kept_and_not_searched() -> None:
    """Whatever the bytes are, they can't break the index that tells about them."""
    assert properties("dead-letters")["raw"] == {"type": "binary"}


def test_two_installations_share_no_template_and_no_index() -> None:
    """Another prefix is another installation."""
    one, other = Names("one"), Names("other")
    assert not set(templates.index_templates(one)) & set(templates.index_templates(other))
    assert not set(templates.component_templates(one)) & set(templates.component_templates(other))
    for name, body in templates.index_templates(one).items():
        assert body["index_patterns"] == [f"{name}-*"]
        assert set(body["composed_of"]) <= set(templates.component_templates(one))
