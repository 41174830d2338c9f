"""docs/agreements.md names every key of the format, and its examples lint clean."""

import re
from collections.abc import Iterator

import pytest
from pydantic import BaseModel
from ruamel.yaml import YAML

from holdfast.documents import check_documents
from models.documents import KINDS
from models.terms import CALENDARS, LIMITS
from tests.support.corpus import ROOT

REFERENCE = (ROOT / "docs" / "agreements.md").read_text()
ROTAS = (ROOT / "docs" / "how-to" / "write-a-rota.md").read_text()
GATHERED = {LIMITS, CALENDARS}
"""Fields that stand for ``p1`` and ``p1_calendar`` in the document."""


def models_below(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    queue, seen = [model], set()
    while queue:
        current = queue.pop()
        if current in seen:
            continue
        seen.add(current)
        yield current
        parts = [field.annotation for field in current.model_fields.values()]
        while parts:
            part = parts.pop()
            if isinstance(part, type) and issubclass(part, BaseModel):
                queue.append(part)
            parts.extend(getattr(part, "__args__", ()))


KEYS = sorted(
    {
        field.alias or name
        for kind in KINDS.values()
        for model in models_below(kind)
        for name, field in model.model_fields.items()
    }
    - GATHERED
)


@pytest.mark.parametrize("key", KEYS)
def test_every_key_is_explained(key):
    assert f"`{key}`" in REFERENCE


EXAMPLES = re.findall(r"```yaml\n(.*?)```", REFERENCE, re.DOTALL)
WHOLE = [one for one in EXAMPLES if one.startswith("apiVersion")]
PARTS = [one for one in EXAMPLES if not one.startswith("apiVersion")]


def test_the_examples_are_good_documents(tmp_path):
    assert len(WHOLE) == len(KINDS)
    (tmp_path / "examples.yaml").write_text("---\n".join(WHOLE))
    assert check_documents(tmp_path)[1] == ()


KIND_OF_PART = {"contacts": "Provider", "customer_ladder": "EscalationPolicy", "repeat": "EscalationPolicy"}
"""By a part's first key, the document that it belongs into; all others are parts of an agreement's version."""


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.partition(":")[0])
def test_the_example_of_a_section_fits_into_its_document(tmp_path, part):
    yaml = YAML()
    documents = {document["kind"]: document for document in map(yaml.load, WHOLE)}
    version = documents["Agreement"]["versions"][0]
    version["calendars"] = yaml.load(PARTS[0])["calendars"]
    kind = KIND_OF_PART.get(part.partition(":")[0])
    target = version if kind is None else documents[kind]
    for key, value in yaml.load(part).items():
        target[key] = {**target.get(key, {}), **value} if key == "contacts" else value
    with (tmp_path / "documents.yaml").open("w") as file:
        yaml.dump_all(documents.values(), file)
    assert [one for one in check_documents(tmp_path)[1] if one.severity == "error"] == []


@pytest.mark.parametrize("section", ["One team", "Follow the sun"])
def test_the_rotas_of_the_how_to_are_good_documents(tmp_path, section):
    yaml = YAML()
    whole, rung, sun, override = map(yaml.load, re.findall(r"```yaml\n(.*?)```", ROTAS, re.DOTALL))
    if section == "Follow the sun":
        whole["members"]["kim"] = {"name": "Kim", "side": "customer"}
        whole.update(sun)
    whole.update(override)
    documents = {document["kind"]: document for document in map(yaml.load, WHOLE)}
    documents["Rota"] = whole
    documents["EscalationPolicy"].update(rung)
    with (tmp_path / "documents.yaml").open("w") as file:
        yaml.dump_all(documents.values(), file)
    assert [one for one in check_documents(tmp_path)[1] if one.severity == "error"] == []
