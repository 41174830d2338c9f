"""Previews of an incident of a running installation: by the API, on its page and by the command."""

import orjson
import pytest
from typer.testing import CliRunner

from holdfast import kafka
from holdfast.cli import build
from models.documents import document_key, to_wire
from models.instants import parse_instant
from models.notice import Phase
from models.paging import PlanDocument
from models.records import IncidentDocument
from models.topics import Stream
from tests.board.conftest import Board, eventually
from tests.models.test_book import at, said
from tests.support.ledger import Play, documents

pytestmark = pytest.mark.live


def climbed() -> Play:
    """Return an incident whose ladders were climbed to their tops, and that nobody ended."""
    return Play().tell(said(0, Phase.REPORTED)).run_to(at(400))


def publish_documents(board: Board) -> None:
    """Put the documents in force."""
    with kafka.Publisher(board.settings) as publisher:
        for one in documents():
            publisher.send(Stream.DOCUMENTS, document_key(one), to_wire(one))


def test_the_api_the_page_and_the_command_foretell_the_same(board: Board) -> None:
    """The world has moved on by months: what is repeated is repeated at the floor rate, on from now."""
    publish_documents(board)
    play = climbed()
    incident = play.incident()
    board.index(incident, play.plan(), *play.pages(), *play.heard)
    eventually(lambda: board.get(f"/api/incidents/{incident.incident_id}").status_code == 200)
    answer = board.get(f"/api/incidents/{incident.incident_id}/plan", params={"hours": 9}).json()
    assert (answer["reason"], answer["plan"]["policy"]) == (None, "major")
    told = [(one["side"], one["loop"] > 0) for one in answer["forecast"]]
    assert set(told) == {("provider", True), ("customer", True)}
    gaps = [parse_instant(one["at"]) for one in answer["forecast"] if one["side"] == "provider"][-2:]
    assert (gaps[1] - gaps[0]).total_seconds() == 4 * 3600, "the floor rate"
    page = board.get(f"/incidents/{incident.incident_id}").text
    assert "If nothing happens" in page
    assert "Duty desk" in page
    assert page.count("data-due") >= len(answer["forecast"])
    env = {
        "HOLDFAST_PREFIX": board.settings.prefix,
        "HOLDFAST_ELASTICSEARCH": board.settings.elasticsearch,
        "HOLDFAST_KAFKA": board.settings.kafka,
    }
    result = CliRunner().invoke(build(), ["plan", "inc-1", "--for", "9h", "--json"], env=env)
    assert result.exit_code == 0, result.output
    line = orjson.loads(result.stdout)
    assert [one["recipients"] for one in line["forecast"]][-2:] == [one["recipients"] for one in answer["forecast"]][
        -2:
    ]
    wrong = CliRunner().invoke(build(), ["plan", "nothing-of-this-name"], env=env)
    assert wrong.exit_code == 2


def test_without_documents_or_notices_the_plan_stands_and_says_why_there_is_no_forecast(board: Board) -> None:
    play = climbed()
    incident = play.incident()
    board.index(incident, play.plan())
    answer = board.get(f"/api/incidents/{incident.incident_id}/plan")
    assert answer.status_code == 200
    assert answer.json()["forecast"] is None
    assert "not published any more" in answer.json()["reason"]
    assert answer.json()["plan"]["incident_id"] == incident.incident_id
    assert "be foretold" in board.get(f"/incidents/{incident.incident_id}").text
    assert board.get(f"/api/incidents/{incident.incident_id}/plan", params={"hours": 0}).status_code == 422
    assert board.get("/api/incidents/nothing-of-this-name/plan").status_code == 404


def test_an_incident_that_only_the_stream_tells_of_has_its_plan(board: Board) -> None:
    publish_documents(board)
    play = climbed()
    latest = [one for one in play.said if isinstance(one, IncidentDocument | PlanDocument)]
    board.publish(*latest)
    path = f"/api/incidents/{play.incident().incident_id}/plan"
    eventually(lambda: board.get(path).status_code == 200 and board.get(path).json()["plan"] is not None)
    answer = board.get(path).json()
    assert (answer["forecast"], answer["plan"]["policy"]) == (None, "major")
    assert "do not give this incident" in answer["reason"]
