"""Mappings, as they are generated from the catalogue: strict, bounded, and one installation's only."""

from collections.abc import Iterator
from typing import Any

import pytest

from dashboards import templates
from models.topics import Names


def properties(kind: str) -> dict[str, Any]:
    found: dict[str, Any] = templates.mapping(kind)["properties"]
    return found


def leaves(place: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for mapped in place.values():
        if "properties" in mapped:
            yield from leaves(mapped["properties"])
        else:
            yield mapped


@pytest.mark.parametrize("kind", templates.KINDS)
def test_an_index_is_strict_and_a_name_of_the_common_schema_finds_a_field_that_is_there(kind: str) -> None:
    assert templates.mapping(kind)["dynamic"] == "strict"
    own = properties(kind)
    aliases = [leaf["path"] for leaf in leaves(own) if leaf.get("type") == "alias"]
    assert aliases
    assert set(aliases) <= set(own)


@pytest.mark.parametrize("kind", templates.KINDS)
def test_no_long_word_can_break_a_write(kind: str) -> None:
    """Lucene refuses a term over 32 766 bytes; words past ``ignore_above`` are stored, just not searched."""
    for leaf in leaves(properties(kind)):
        for field in (leaf, *leaf.get("fields", {}).values()):
            assert field.get("type") != "keyword" or 0 < field["ignore_above"] <= 8191


def test_durations_are_numbers_in_the_unit_of_their_name() -> None:
    """``_s`` and ``_ms`` fields are doubles, so that percentiles and sums work on them."""
    for kind in templates.KINDS:
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
