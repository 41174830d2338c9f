"""What editors are told of the documents' own forms is what documents may say."""

import re

import pytest
from pydantic import TypeAdapter, ValidationError

from models.durations import Duration
from models.records import Objective
from models.terms import TargetSpec
from tests.support.timeline import agreement


@pytest.mark.parametrize("text", ["15m", "4h", "2d", "3bd", "2eobd"])
def test_the_schema_of_a_duration_allows_what_is_one(text):
    schema = TypeAdapter(Duration).json_schema()
    assert schema["type"] == "string"
    assert re.search(schema["pattern"], text)
    assert all(Duration.parse(example) for example in schema["examples"])


@pytest.mark.parametrize("text", ["15", "1.5h", "15 min"])
def test_the_schema_of_a_duration_refuses_what_is_none(text):
    assert not re.search(TypeAdapter(Duration).json_schema()["pattern"], text)


def test_the_schema_of_a_target_has_its_keys_as_documents_write_them():
    schema = TargetSpec.model_json_schema()
    assert set(schema["patternProperties"]) == {"^p[1-9]$", "^p[1-9]_calendar$"}
    assert (schema["required"], sorted(schema["properties"])) == (["objective"], ["calendar", "objective", "warn_at"])


def test_a_target_that_is_no_mapping_is_refused():
    with pytest.raises(ValidationError, match="valid dictionary"):
        TargetSpec.model_validate("restore")


@pytest.mark.parametrize(
    ("target", "is_always"),
    [
        ({}, True),
        ({"calendar": "always"}, True),
        ({"calendar": "office"}, False),
        ({"calendar": "office", "p1_calendar": "always"}, True),
    ],
    ids=["no calendar named", "around the clock", "office hours", "around the clock at this priority"],
)
def test_whether_a_target_runs_around_the_clock(target, is_always):
    version = agreement(
        calendars={"always": {"hours": "24x7"}, "office": {"hours": {"mon-fri": ["09:00-17:00"]}, "timezone": "UTC"}},
        targets=[{"objective": "restore", "p1": "4h", **target}],
    )
    assert version.calendar(Objective.RESTORE, "p1").is_always is is_always
    assert version.calendar(Objective.NOTIFY, "p1").is_always, "nothing is promised"
