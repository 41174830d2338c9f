"""The board as a process on a real broker and a real index: what it answers, and what it refuses."""

import httpx
import orjson
import pytest

from holdfast import kafka
from models.raw import RawPayload
from models.records import IncidentStatus, Verdict
from models.topics import Stream
from tests.board.conftest import ANSWER_S, TOKEN, Board, eventually
from tests.support import samples

pytestmark = pytest.mark.live


def _events(board: Board, last_event_id: str | None = None, count: int = 1) -> list[tuple[str, dict]]:
    """Return the first patches of a stream of events, with their ids."""
    headers = {} if last_event_id is None else {"Last-Event-ID": last_event_id}
    found: list[tuple[str, dict]] = []
    fields: dict[str, str] = {}
    with httpx.stream("GET", f"{board.url}/events", headers=headers, timeout=ANSWER_S) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        for line in answer.iter_lines():
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
                continue
            if fields.get("event") == "patch":
                found.append((fields["id"], orjson.loads(fields["data"])))
            fields = {}
            if len(found) == count:
                return found
    raise AssertionError("the stream ended")


def test_an_incident_from_the_stream_appears_before_it_is_indexed(board: Board) -> None:
    """The topics are followed from before the snapshot, so nothing falls between the two."""
    incident = samples.incident(0)
    board.publish(incident, samples.clock(0, verdict=Verdict.OVERDUE))
    eventually(lambda: "Mail is delayed" in board.get("/").text)
    eventually(lambda: "is-overdue" in board.get("/").text)
    assert board.get(f"/api/incidents/{incident.incident_id}").status_code == 404  # the API answers from the index
    page = board.get(f"/incidents/{incident.incident_id}")
    assert (page.status_code, "Mail is delayed" in page.text) == (200, True), "the board itself links to it"
    assert "not indexed yet" in page.text
    assert board.get("/incidents/nothing-of-this-name").status_code == 404
    board.index(incident)
    assert "not indexed yet" not in board.get(f"/incidents/{incident.incident_id}").text


def test_events_resume_where_the_viewer_stopped(board: Board) -> None:
    """A resumed stream sends what changed since; an id of another life of the board sends everything."""
    board.publish(samples.incident(0), samples.incident(1))
    eventually(lambda: board.get("/").text.count("<article") == 2)
    ((last, everything),) = _events(board)
    assert set(everything["fragments"]) >= {"summary", "ended", *everything["order"]}
    board.publish(samples.incident(1, 2, title="Mail is lost"))
    eventually(lambda: "Mail is lost" in board.get("/").text)
    ((_, later),) = _events(board, last)
    assert [key for key in later["fragments"] if key in later["order"]] == [samples.incident(1).incident_id]
    ((_, other),) = _events(board, "2020-01-01T00:00:00Z/5")
    assert set(other["fragments"]) >= set(other["order"])


def test_the_index_and_the_stream_are_joined_by_revision(board: Board) -> None:
    """Neither an old record on a topic nor an old document in the index takes anything back."""
    board.publish(samples.incident(0, 5, title="As the stream says"))
    eventually(lambda: "As the stream says" in board.get("/").text)
    board.index(samples.incident(0, 4, title="As the index says"), samples.incident(1, 4, title="Only in the index"))
    eventually(lambda: "Only in the index" in board.get("/").text)
    page = board.get("/").text
    assert "As the stream says" in page
    assert "As the index says" not in page


def test_the_api_tells_incidents_clocks_and_time_lines(board: Board) -> None:
    open_one, ended = samples.incident(0), samples.incident(1, status=IncidentStatus.RESOLVED, provider="polaris")
    said = [samples.notice(number, source_incident_id=f"inc-{number}") for number in (0, 1)]
    clocks = [samples.clock(0), samples.clock(1, verdict=Verdict.MET)]
    board.index(open_one, ended, *clocks, samples.plan(0), samples.page(0), samples.delivery(0), *said)
    listed = board.get("/api/incidents").json()["incidents"]
    assert [one["incident_id"] for one in listed] == [open_one.incident_id]
    assert len(board.get("/api/incidents", params={"ended": True}).json()["incidents"]) == 2
    assert board.get("/api/incidents", params={"provider": "polaris"}).json()["incidents"] == []
    assert [one["verdict"] for one in board.get("/api/clocks").json()["clocks"]] == ["running"]
    assert len(board.get("/api/clocks", params={"stopped": True}).json()["clocks"]) == 2
    whole = board.get(f"/api/incidents/{open_one.incident_id}").json()
    assert whole["incident"] == orjson.loads(open_one.to_wire())
    assert (len(whole["clocks"]), len(whole["pages"]), len(whole["deliveries"])) == (1, 1, 1)
    assert whole["plan"]["rungs"][0]["recipient_name"] == "Duty manager"
    line = board.get(f"/api/incidents/{open_one.incident_id}/timeline").json()["timeline"]
    assert [entry["what"] for entry in line] == ["notice", "page", "delivery"]


def test_an_incident_is_found_by_the_beginning_of_its_id(board: Board) -> None:
    one = samples.incident(0, source_incident_id="nim-2026-001")
    board.index(one, samples.incident(1, source_incident_id="nim-2026-002"))
    assert board.get(f"/api/incidents/{one.incident_id[:10]}").json()["incident"]["incident_id"] == one.incident_id
    assert board.get("/api/incidents/nim-2026-001").status_code == 200
    ambiguous = board.get("/api/incidents/nim-2026")
    assert ambiguous.status_code == 409
    assert "nim-2026-002" in ambiguous.json()["detail"]
    assert board.get("/api/incidents/nim").status_code == 404  # too short to be taken for a beginning
    missing = board.get("/incidents/nothing-of-this-name")
    assert (missing.status_code, "No such incident" in missing.text) == (404, True)


def test_the_page_of_an_incident_tells_the_three_bases(board: Board) -> None:
    incident = samples.incident(0)
    board.index(incident, samples.clock(0, reason="the target lies within the gap between two looks"))
    page = board.get(f"/incidents/{incident.incident_id}").text
    assert "the target lies within the gap between two looks" in page
    assert "Clocks on three bases" in page


def test_a_pushed_payload_is_on_the_topic_when_it_is_accepted(board: Board) -> None:
    body = b'{"version": "4", "alerts": []}'
    answer = httpx.post(
        f"{board.url}/api/feeds/probe-eu/alertmanager",
        content=body,
        headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"},
        timeout=ANSWER_S,
    )
    assert answer.status_code == 202
    (record,) = kafka.read_all(board.settings, board.names.topic(Stream.RAW))
    payload = RawPayload.from_wire(record.value)
    assert record.key == b"probe-eu"
    assert (payload.feed, payload.format, payload.body) == ("probe-eu", "alertmanager", body)
    assert payload.content_type == "application/json"
    assert answer.json() == {"payload_id": payload.payload_id}
    assert 'holdfast_board_payloads_received_total{feed="probe-eu"} 1.0' in board.get("/metrics").text


REFUSED = (
    ("/api/feeds/probe/alertmanager", {}, b"{}", 401),
    ("/api/feeds/probe/alertmanager", {"Authorization": "Bearer wrong"}, b"{}", 401),
    ("/api/feeds/probe/alertmanager", {"Authorization": f"Bearer {TOKEN}"}, b"", 400),
    ("/api/feeds/..%2f..%2fraw/alertmanager", {"Authorization": f"Bearer {TOKEN}"}, b"{}", 404),
    ("/api/feeds/Probe/alertmanager", {"Authorization": f"Bearer {TOKEN}"}, b"{}", 422),
    ("/api/feeds/probe/alertmanager", {"Authorization": f"Bearer {TOKEN}", "Host": "evil.example"}, b"{}", 400),
)


def test_what_is_not_accepted_is_not_published(board: Board) -> None:
    for path, headers, body, status in REFUSED:
        assert httpx.post(board.url + path, content=body, headers=headers, timeout=ANSWER_S).status_code == status, (
            path,
            headers,
        )
    assert list(kafka.read_all(board.settings, board.names.topic(Stream.RAW))) == []


def test_too_large_a_payload_is_refused_while_it_is_read(board: Board) -> None:
    """Announced or not: a sender without a content length is cut off at the limit."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    url = f"{board.url}/api/feeds/probe/alertmanager"
    announced = httpx.post(url, content=b"x" * (16 * 1024 * 1024 + 1), headers=headers, timeout=ANSWER_S)
    assert announced.status_code == 413
    for_the_broker = httpx.post(url, content=b"x" * (14 * 1024 * 1024), headers=headers, timeout=ANSWER_S)
    assert (for_the_broker.status_code, "broker" in for_the_broker.json()["detail"]) == (413, True)  # a third larger
    chunks = (b"x" * 1024 * 1024 for _ in range(18))
    try:
        streamed = httpx.post(url, content=chunks, headers=headers, timeout=ANSWER_S).status_code
    except httpx.WriteError:  # the server may close before all of it is sent
        streamed = 413
    assert streamed == 413


def test_every_answer_is_for_this_board_alone(board: Board) -> None:
    for path in ("/", "/api/incidents", "/static/board.js", "/nothing", "/incidents/nothing", "/healthz"):
        headers = board.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in headers
        assert "server" not in headers
    # A page elsewhere that points its own name here reads nothing.
    assert board.get("/api/incidents", headers={"Host": "evil.example"}).status_code == 400
    assert board.get("/api/incidents", headers={"Host": "localhost:8470"}).status_code == 200


def test_metrics_tell_the_open_incidents_and_unreadable_records(board: Board) -> None:
    """A record that can't be read is counted and passed over."""
    with kafka.Publisher(board.settings) as publisher:
        for unreadable in (b"\x00\x00\x00", b"[]", b"1", b'{"schema_version": 99}'):
            publisher.send(Stream.INCIDENTS, samples.PROVIDER, unreadable)
    board.publish(samples.incident(0), samples.clock(0, verdict=Verdict.OVERDUE))
    eventually(lambda: 'holdfast_board_incidents{state="overdue"} 1.0' in board.get("/metrics").text)
    assert 'holdfast_board_source_up{source="kafka"} 1.0' in board.get("/metrics").text
    assert 'holdfast_board_records_read{topic="unreadable"} 4.0' in board.get("/metrics").text
