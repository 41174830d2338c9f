"""The catalogue tells the truth: of the models, of the generated files, of what is on the wire, both ways."""

import types
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import orjson
import pytest
from jsonschema import Draft202012Validator
from pydantic import AwareDatetime, BaseModel

from dashboards.catalogue import KINDS, Field, FieldType, Kind, Unit, every_field
from dashboards.catalogue.__main__ import ROOT, differing, main, write
from dashboards.catalogue.formats import DESCRIPTION_LIMIT, field_descriptions, field_formats
from dashboards.catalogue.schemas import schema
from models.communication import Communication
from models.derived import DERIVED, Location
from models.document import Document
from models.notice import Area, Notice
from models.paging import Delivery, Page, PlanDocument
from models.raw import DeadLetter
from models.records import ClockDocument, IncidentDocument
from tests.support import samples
from tests.support.seeded import Seeded

MODELS: dict[str, type[Document]] = {
    "incidents": IncidentDocument,
    "clocks": ClockDocument,
    "plans": PlanDocument,
    "notices": Notice,
    "pages": Page,
    "deliveries": Delivery,
    "dead-letters": DeadLetter,
    "communications": Communication,
    **DERIVED,
}
TYPES: dict[Any, set[FieldType]] = {
    bool: {FieldType.BOOLEAN},
    int: {FieldType.INTEGER, FieldType.LONG},
    float: {FieldType.DOUBLE},
    AwareDatetime: {FieldType.DATE},
    date: {FieldType.DAY},
    Area: {FieldType.STORED},
    Location: {FieldType.GEO_POINT},
    str: {FieldType.KEYWORD, FieldType.TEXT, FieldType.BINARY},
}
SUFFIXES = {
    "_at": Unit.INSTANT, "_on": Unit.DAY, "_s": Unit.SECONDS, "_ms": Unit.MILLISECONDS, "_share": Unit.SHARE,
    "_count": Unit.COUNT, "_percent": Unit.PERCENT, "_km": Unit.KILOMETRES, "_per_h": Unit.PER_HOUR,
    "_per_month": Unit.PER_MONTH,
}  # fmt: skip
"""What the end of a name says of its unit."""
ECS = {
    "cloud.region", "error.code", "error.message", "event.action", "event.created", "event.end", "event.id",
    "event.provider", "event.reason", "event.sequence", "event.start", "http.response.status_code", "message",
    "organization.id", "rule.id", "rule.name", "rule.version", "service.id", "tags", "user.id", "user.name",
}  # fmt: skip
"""Names of the Elastic Common Schema 9.2 whose values are free: ``event.kind`` and the like have closed lists."""


class Shape:
    """What an annotation says of a value: its bare type, whether it may be null, a list, or one of few words."""

    def __init__(self, annotation: Any) -> None:
        self.nullable = self.many = False
        self.words: tuple[str, ...] = ()
        self._strip(annotation)

    def _strip(self, annotation: Any) -> None:
        origin = get_origin(annotation)
        if origin in (Union, types.UnionType):
            (annotation,) = (one for one in get_args(annotation) if one is not type(None))
            self.nullable = True
            self._strip(annotation)
        elif origin is tuple:
            self.many = True
            self._strip(get_args(annotation)[0])
        elif hasattr(annotation, "__metadata__"):
            self._strip(get_args(annotation)[0])
        elif origin is Literal or (isinstance(annotation, type) and issubclass(annotation, StrEnum)):
            self.words = get_args(annotation) if origin is Literal else tuple(str(word) for word in annotation)
            self.bare: Any = str
        else:
            self.bare = annotation


def compare(model: type[BaseModel], fields: tuple[Field, ...], place: str) -> Iterator[str]:
    """Yield every difference between a model and what the catalogue tells of it."""
    told = {field.name: field for field in fields}
    if set(told) != set(model.model_fields):
        yield f"{place}: only one side has {sorted(set(told) ^ set(model.model_fields))}"
    for name, field in told.items():
        if name not in model.model_fields:
            continue
        known = model.model_fields[name]
        shape = Shape(known.annotation)
        pairs = {
            "nullable": (field.nullable, shape.nullable),
            "many": (field.many, shape.many),
            "words": (field.closed_list, shape.words),
            "absent": (field.absent, not known.is_required()),
        }
        yield from (f"{place}.{name}: {key} {one} {other}" for key, (one, other) in pairs.items() if one != other)
        if field.fields:
            yield from compare(shape.bare, field.fields, f"{place}.{name}")
        elif field.type not in TYPES[shape.bare]:
            yield f"{place}.{name}: {field.type} for {shape.bare}"


def document_of(kind: Kind) -> dict[str, Any]:
    """Return the example of a whole document."""
    return {field.name: field.sample for field in every_field(kind)}


def leaves(fields: tuple[Field, ...]) -> Iterator[Field]:
    for field in fields:
        yield field
        yield from leaves(field.fields)


@cache
def validator(name: str) -> Draft202012Validator:
    Draft202012Validator.check_schema(schema(KINDS[name]))
    return Draft202012Validator(schema(KINDS[name]))


def errors(name: str, document: dict[str, Any]) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in validator(name).iter_errors(document)]


def test_every_kind_has_a_model_and_every_model_a_kind() -> None:
    assert list(KINDS) == list(MODELS)


@pytest.mark.parametrize("name", KINDS)
def test_the_catalogue_tells_every_field_of_the_model_as_it_is_and_no_other(name: str) -> None:
    assert list(compare(MODELS[name], KINDS[name].fields, name)) == []


@pytest.mark.parametrize(
    "changed",
    [{"nullable": True}, {"many": True}, {"absent": True}, {"words": ("a",)}, {"type": FieldType.DATE}, {"name": "x"}],
    ids=str,
)
def test_a_field_that_is_told_otherwise_is_found(changed: dict[str, Any]) -> None:
    first, *rest = KINDS["clocks"].fields
    assert list(compare(ClockDocument, (replace(first, **changed), *rest), "clocks")) != []


def test_the_generated_files_are_what_the_catalogue_says() -> None:
    """Run `python -m dashboards.catalogue` after a change."""
    assert differing(ROOT) == []


def test_a_file_that_was_changed_deleted_or_put_beside_is_found_and_mended(tmp_path: Path) -> None:
    for folder in ("dashboards", "docs/reference"):
        (tmp_path / folder).mkdir(parents=True)
    write(tmp_path)
    assert differing(tmp_path) == []
    (tmp_path / "dashboards/templates/clocks.json").write_text("{}")
    (tmp_path / "dashboards/schemas/pages.json").unlink()
    (tmp_path / "dashboards/schemas/other.json").write_text("{}")
    assert differing(tmp_path) == [
        f"dashboards/{one}.json" for one in ("schemas/other", "schemas/pages", "templates/clocks")
    ]
    write(tmp_path)
    assert differing(tmp_path) == []


def test_the_command_checks_and_refuses_what_it_does_not_know() -> None:
    assert main(["--check"]) == 0
    assert main(["--force"]) == 2


@pytest.mark.parametrize("name", KINDS)
def test_an_example_fits_its_schema_and_comes_out_of_the_model_as_it_went_in(name: str) -> None:
    document = document_of(KINDS[name])
    assert errors(name, document) == []
    read = MODELS[name].from_wire(orjson.dumps(document))
    assert orjson.loads(read.to_wire()) == document


@pytest.mark.parametrize("name", KINDS)
def test_every_field_has_an_example_that_shows_something(name: str) -> None:
    assert [field.name for field in leaves(KINDS[name].fields) if field.sample in (None, "", [])] == []


AREA = {"description": "coast", "polygons": (((1.0, 2.0), (1.0, 2.0)),), "circles": ((54.0, 10.0, 25.0),)}


@pytest.mark.parametrize(
    "document", [*samples.one_of_each(), samples.notice(kind="hazard", area=AREA)], ids=lambda one: type(one).__name__
)
def test_documents_as_the_engine_writes_them_fit_the_schema(document: Document) -> None:
    name = next(name for name, model in MODELS.items() if type(document) is model)
    assert errors(name, orjson.loads(document.to_wire())) == []


@pytest.mark.live
def test_documents_of_a_made_up_month_fit_the_schema_of_their_kind(seeded: Seeded) -> None:
    """Told by the same fold as real ones, computed by the same analysis: no kind is left out."""
    assert set(seeded.wire) == set(KINDS)
    for name, documents in seeded.wire.items():
        assert [error for one in documents[:200] for error in errors(name, dict(one))] == []


@pytest.mark.parametrize("name", KINDS)
def test_a_schema_refuses_what_strict_mappings_refuse(name: str) -> None:
    """An unknown key, and a missing one that every release has written."""
    whole = document_of(KINDS[name])
    assert errors(name, {**whole, "surprise": 1}) != []
    assert errors(name, {**whole, "schema_version": 2}) != []
    for field in every_field(KINDS[name]):
        without = {key: value for key, value in whole.items() if key != field.name}
        assert bool(errors(name, without)) is not field.absent, field.name
        if field.words and not field.many:
            assert errors(name, {**whole, field.name: "no word of ours"}) != []
        assert bool(errors(name, {**whole, field.name: None})) is not field.nullable


@pytest.mark.parametrize("name", KINDS)
def test_documents_are_dated_and_named_as_the_catalogue_says(name: str) -> None:
    kind, document = KINDS[name], document_of(KINDS[name])
    for number, field in enumerate(kind.dated_by):
        earlier = dict.fromkeys(kind.dated_by[:number])
        wire = orjson.loads(MODELS[name].from_wire(orjson.dumps({**document, **earlier})).to_wire())
        assert wire["@timestamp"] == document[field]
    told = {field.name for field in kind.fields}
    assert {*kind.dated_by, *kind.identity} <= told
    if len(kind.identity) == 1 and name != "hazards":
        assert MODELS[name].from_wire(orjson.dumps(document)).document_id() == document[kind.identity[0]]


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if len(kind.identity) > 1])
def test_an_identity_of_several_fields_changes_with_each_and_with_no_other(name: str) -> None:
    kind, document = KINDS[name], document_of(KINDS[name])
    other = {"month": "period", "restore": "respond", "agreed": "claimed", 1: 2, 9: 10}
    whole = MODELS[name].from_wire(orjson.dumps(document)).document_id()
    for field in kind.fields:
        value = document[field.name]
        changed = "2026-05-05T00:00:00Z" if field.type is FieldType.DATE else other.get(value, "another")
        if field.type in (FieldType.DATE, FieldType.KEYWORD) or field.name in ("weekday", "hour"):
            named = MODELS[name].from_wire(orjson.dumps({**document, field.name: changed})).document_id()
            assert (named != whole) is (field.name in kind.identity), field.name


@pytest.mark.parametrize("name", KINDS)
def test_a_name_says_its_unit_and_a_meaning_is_short_prose(name: str) -> None:
    for field in leaves(every_field(KINDS[name])):
        ends = [unit for suffix, unit in SUFFIXES.items() if field.name.endswith(suffix)]
        assert not ends or field.unit in ends, field.name
        assert field.meaning.endswith(".")
        assert len(field.meaning) <= DESCRIPTION_LIMIT
        assert "|" not in field.meaning


def test_every_name_of_the_common_schema_is_one_and_stands_for_one_field_of_a_kind() -> None:
    for kind in KINDS.values():
        names = [field.ecs for field in leaves(kind.fields) if field.ecs is not None]
        assert set(names) <= ECS
        assert len(names) == len(set(names))


@pytest.mark.parametrize("name", KINDS)
def test_kibana_is_told_the_meaning_of_every_field_and_the_format_of_every_length_and_share(name: str) -> None:
    kind = KINDS[name]
    described, formats = field_descriptions(kind), field_formats(kind)
    assert set(formats) <= set(described)
    for field in kind.fields:
        if not field.fields:
            assert described[field.name] == {"customDescription": field.meaning}
        if field.unit is Unit.SECONDS:
            assert formats[field.name]["params"]["inputFormat"] == "seconds"
        if field.unit is Unit.SHARE:
            assert formats[field.name]["id"] == "percent"
