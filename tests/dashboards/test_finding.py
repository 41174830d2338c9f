"""Documents that a question reads whole: all of them, or no answer."""

from typing import Any

import orjson
import pytest

from dashboards.questions import finding
from dashboards.questions.finding import read
from models.questions import QuestionError
from models.records import IncidentDocument
from tests.support import samples


def answered(count: int) -> dict[str, Any]:
    source = orjson.loads(samples.incident(1).to_wire())
    return {"hits": {"hits": [{"_source": source, "sort": [number]} for number in range(count)]}}


def test_reading_goes_on_after_the_last_document_until_an_answer_is_not_full(monkeypatch) -> None:
    monkeypatch.setattr(finding, "READ_AT_MOST", 3)
    steps = read(IncidentDocument, "incidents", {"match_all": {}}, "incident_id")
    assert "search_after" not in next(steps).body
    assert steps.send(answered(3)).body["search_after"] == [2]
    with pytest.raises(StopIteration) as done:
        steps.send(answered(2))
    assert len(done.value.value) == 5


def test_more_than_can_be_read_is_no_answer_but_the_way_to_one(monkeypatch) -> None:
    monkeypatch.setattr(finding, "READ_AT_MOST", 3)
    steps = read(IncidentDocument, "incidents", {"match_all": {}}, "incident_id")
    next(steps)
    for _ in range(finding.PAGES_AT_MOST - 1):
        steps.send(answered(3))
    with pytest.raises(QuestionError, match=r"15 incidents and more fit.*narrow the question"):
        steps.send(answered(3))
