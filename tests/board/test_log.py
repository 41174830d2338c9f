"""The communication log and the promise ledger on real servers: page, API, commands, and what is refused."""

from hashlib import sha256

import httpx
import orjson
import pytest
from typer.testing import CliRunner, Result

from feeds.answers import read
from holdfast import kafka
from holdfast.cli import build
from models.communication import Communication
from models.raw import RawPayload
from models.records import IncidentDocument
from models.topics import Stream
from tests.board.conftest import ANSWER_S, TOKEN, Board
from tests.models.test_contacts_log import contact
from tests.support import samples

pytestmark = pytest.mark.live

NOTE = {
    "provider": "nimbus", "kind": "call", "direction": "both", "channel": "phone", "people": ["oncall", "lead"],
    "by": "lead", "text": "They look into it.",
}  # fmt: skip
WRITER = {"Authorization": f"Bearer {TOKEN}"}


def run(board: Board, *arguments: str) -> Result:
    settings = board.settings
    env = {
        "HOLDFAST_PREFIX": settings.prefix, "HOLDFAST_ELASTICSEARCH": settings.elasticsearch,
        "HOLDFAST_KAFKA": settings.kafka, "COLUMNS": "220",
    }  # fmt: skip
    return CliRunner().invoke(build(), list(arguments), env=env)


def sent(board: Board) -> list[RawPayload]:
    """Return the raw payloads on the stream."""
    found = kafka.read_all(board.settings, board.names.topic(Stream.RAW))
    return [RawPayload.from_wire(record.value) for record in found]


def told_of(board: Board) -> tuple[IncidentDocument, Communication]:
    """Index an incident with a page, a notice that answers it, and a call."""
    incident = samples.incident(0)
    said = samples.notice(
        0, source_incident_id="inc-0", text="<b>We</b> look into it", published_at=samples.later(200),
        received_at=samples.later(200), promised_at=samples.later(230), phrase="Next update by 13:20 UTC",
    )  # fmt: skip
    page = samples.page(0, side="provider", recipient="oncall")
    call = contact("a1b2c3d4e5", 210, incident_ids=(incident.incident_id,), text="We called <i>them</i>")
    board.index(incident, page, samples.delivery(0), said, call)
    return incident, call


def test_the_api_and_the_page_tell_the_contacts_of_an_incident_and_how_soon_they_were_answered(board: Board) -> None:
    incident, call = told_of(board)
    log = board.get(f"/api/incidents/{incident.incident_id}/communications").json()
    assert [one["what"] for one in log["communications"]] == ["page", "notice", "call"]
    assert log["figures"]["replies"]["provider"]["n"] == 1
    assert log["figures"]["replies"]["provider"]["worst_s"] == 1200
    page = board.get(f"/incidents/{incident.incident_id}").text
    assert "We called &lt;i&gt;them&lt;/i&gt;" in page
    assert "Not judged: no agreement was in force" in page
    everything = board.get("/api/communications?provider=nimbus").json()["communications"]
    assert [one["document_id"] for one in everything if one["what"] == "call"] == [call.communication_id]
    assert board.get("/api/communications?provider=nimbus&since=2026-05-04T12:00:00").status_code == 422
    later = board.get("/api/communications?provider=nimbus&since=2027-01-01T00:00:00Z").json()
    assert later["communications"] == []


def test_a_note_is_on_the_stream_when_it_is_accepted(board: Board) -> None:
    answer = httpx.post(f"{board.url}/api/communications", json=NOTE, headers=WRITER, timeout=ANSWER_S)
    assert answer.status_code == 202
    (raw,) = sent(board)
    (noted,) = read(raw).communications
    assert answer.json() == orjson.loads(noted.to_wire())
    assert (noted.text, noted.clock, noted.recorded_by) == ("They look into it.", "ours", "lead")


def test_what_may_not_be_put_down_is_not_on_the_stream(board: Board) -> None:
    url = f"{board.url}/api/communications"
    assert httpx.post(url, json=NOTE, timeout=ANSWER_S).status_code == 401
    assert httpx.post(url, json=NOTE, headers={"Authorization": "Bearer wrong"}, timeout=ANSWER_S).status_code == 401
    assert httpx.post(url, json={**NOTE, "identity": "token"}, headers=WRITER, timeout=ANSWER_S).status_code == 422
    assert (
        httpx.post(
            url, json={**NOTE, "happened_at": "2099-01-01T00:00:00Z"}, headers=WRITER, timeout=ANSWER_S
        ).status_code
        == 422
    )
    assert httpx.post(url, content=b"[", headers=WRITER, timeout=ANSWER_S).status_code == 422
    assert sent(board) == []


def test_the_commands_list_add_and_correct(board: Board, tmp_path) -> None:
    incident, call = told_of(board)
    listed = run(board, "communications", incident.incident_id[:8])
    assert listed.exit_code == 0, listed.output
    assert "We called <i>them</i>" in listed.stdout
    assert "provider answers pages: n 1, open 0: not enough data" in listed.stdout
    report = tmp_path / "report.pdf"
    report.write_bytes(b"cause")
    added = run(
        board, "communications", "add", "--provider", "nimbus", "--incident", incident.incident_id[:8],
        "--kind", "call", "--direction", "both", "--by", "lead", "--with", "oncall", "--channel", "phone",
        "--text", "Called again.", "--at", "2026-05-04T12:00:00Z", "--attach", str(report),
    )  # fmt: skip
    assert added.exit_code == 0, added.output
    corrected = run(board, "communications", "correct", call.communication_id, "--by", "lead", "--text", "They called.")
    assert corrected.exit_code == 0, corrected.output
    one, two = (read(raw).communications[0] for raw in sent(board))
    assert (one.incident_ids, one.attachment_name, one.clock) == ((incident.incident_id,), "report.pdf", "told")
    assert one.attachment_digest == sha256(b"cause").hexdigest()
    assert (two.corrects, two.happened_at, two.text) == (call.communication_id, call.happened_at, "They called.")
    assert run(board, "communications", "correct", "nothing", "--by", "lead", "--text", "x").exit_code == 1
    assert run(board, "communications", "add", "--provider", "n", "--kind", "song", "--direction", "both",
               "--by", "a", "--with", "b", "--channel", "x", "--text", "y").exit_code == 2  # fmt: skip


def test_promises_of_an_incident_are_judged_by_the_documents_and_corrected_on_the_stream(
    board: Board, tmp_path
) -> None:
    from tests.holdfast.test_promises import AGREEMENT

    incident, _ = told_of(board)
    documents = tmp_path / "documents"
    documents.mkdir()
    agreement = AGREEMENT.replace("cloud", "nimbus").replace("[vm]", "[mail]").replace("{vm:", "{mail:")
    (documents / "nimbus.yaml").write_text(agreement)
    named = ["--documents", str(documents)]
    told = run(board, "promises", incident.incident_id[:8], *named, "--json")
    assert told.exit_code == 0, told.output
    agreed = [one for one in orjson.loads(told.stdout)["promises"] if one["basis"] == "agreed"]
    assert [(one["keeping"], one["phrase"]) for one in agreed] == [("broken", "Next update by 13:20 UTC")]
    notice_id = agreed[0]["notice_id"]
    corrected = run(board, "promises", "correct", notice_id, "--none", "--by", "lead", *named)
    assert corrected.exit_code == 0, corrected.output
    (raw,) = sent(board)
    assert (raw.format, orjson.loads(raw.body)["person"]) == ("statements", "lead")
    assert board.get(f"/api/incidents/{incident.incident_id}/promises").json()["is_judged"] is False
    assert run(board, "promises", "correct", "nothing", "--none", "--by", "lead", *named).exit_code == 1
