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


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.partition(":")[0])
def test_the_example_of_a_section_fits_into_a_version(tmp_path, part):
    yaml = YAML()
    agreement, *others = WHOLE
    document = yaml.load(agreement)
    version = document["versions"][0]
    version["calendars"] = yaml.load(PARTS[0])["calendars"]
    version.update(yaml.load(part))
    with (tmp_path / "agreement.yaml").open("w") as file:
        yaml.dump(document, file)
    (tmp_path / "others.yaml").write_text("---\n".join(others))
    assert [one for one in check_documents(tmp_path)[1] if one.severity == "error"] == []
