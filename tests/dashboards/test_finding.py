"""Documents that a question reads whole: all of them, or no answer; and what it says where it shows a part."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from dashboards.questions import finding
from dashboards.questions.asking import Asked
from dashboards.questions.finding import read
from dashboards.questions.people import ACTIONS_OPEN
from models.communication import ActionItem, Communication, CommunicationKind
from models.documents import Documents
from models.notice import Identity
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


def test_open_actions_that_are_not_shown_are_counted() -> None:
    at = datetime(2026, 5, 1, tzinfo=UTC)
    minutes = Communication(
        communication_id="review",
        provider="acme",
        kind=CommunicationKind.REVIEW,
        direction="both",
        channel="room",
        identity=Identity.TOKEN,
        happened_at=at,
        clock="told",
        recorded_at=at,
        actions=tuple(ActionItem(action_id=name, text=f"do {name}", owner="us-head") for name in "abc"),
    )
    steps = ACTIONS_OPEN.steps(Asked({"since": at, "as_of": at, "limit": 2}, at, Documents))
    next(steps)
    with pytest.raises(StopIteration) as done:
        steps.send({"hits": {"hits": [{"_source": orjson.loads(minutes.to_wire()), "sort": [0]}]}})
    assert [row[2] for row in done.value.value.rows] == ["do a", "do b"]
    assert done.value.value.note == "2 of 3 shown; `limit` shows more"
