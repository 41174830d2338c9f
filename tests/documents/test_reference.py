"""docs/agreements.md names every key of the format, and its examples lint clean."""

import re
from collections.abc import Iterator

import pytest
from pydantic import BaseModel

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


def test_the_examples_are_good_documents(tmp_path):
    examples = re.findall(r"```yaml\n(.*?)```", REFERENCE, re.DOTALL)
    assert len(examples) == len(KINDS)
    (tmp_path / "examples.yaml").write_text("---\n".join(examples))
    assert check_documents(tmp_path)[1] == ()
