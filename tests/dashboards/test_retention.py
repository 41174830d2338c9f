"""What is kept for how long: read from text, judged by month, and done on a real Elasticsearch."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson
import pytest
from elasticsearch import Elasticsearch
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from dashboards.install import install_templates, own_indices
from dashboards.retention import KEPT, KeepError, ilm_policy, ilm_settings, may_go, months_before, read_keep, warnings
from dashboards.retiring import has_ilm, plan, put_policies, retire
from dashboards.templates import MONTHLY, first_index
from holdfast import kafka, search
from holdfast.settings import Settings
from models.document import Document
from models.records import IncidentStatus
from models.topics import Names
from tests.support import samples, topics

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
NAMES = Names()
ILM_SHAPE = {
    "type": "object",
    "properties": {
        "policy": {
            "type": "object",
            "properties": {
                "_meta": {"type": "object"},
                "phases": {
                    "type": "object",
                    "properties": {
                        "hot": {"type": "object", "properties": {"actions": {"type": "object", "maxProperties": 0}}},
                        "delete": {
                            "type": "object",
                            "properties": {
                                "min_age": {"type": "string", "pattern": "^[1-9][0-9]*d$"},
                                "actions": {"const": {"delete": {}}},
                            },
                            "required": ["min_age", "actions"],
                            "additionalProperties": False,
                        },
                    },
                    "required": ["hot", "delete"],
                    "additionalProperties": False,
                },
            },
            "required": ["phases"],
            "additionalProperties": False,
        }
    },
    "required": ["policy"],
    "additionalProperties": False,
}
"""The part of Elasticsearch's own description of a lifecycle policy that ours may use."""


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("", {}),
        ("notices=24m", {"notices": 24}),
        ("notices=2y, incidents=ever", {"notices": 24, "incidents": None}),
        ("dead-letters=1m,", {"dead-letters": 1}),
    ],
)
def test_what_is_kept_is_read_over_the_defaults(text: str, changed: dict[str, int | None]) -> None:
    assert read_keep(text) == {**KEPT, **changed}


@pytest.mark.parametrize("text", ["notices", "notices=0m", "notices=24", "clocks=24m", "notices=24d", "=24m", "a=ever"])
def test_what_can_not_be_read_is_refused_with_the_form(text: str) -> None:
    with pytest.raises(KeepError, match="write KIND=24m, 5y or ever"):
        read_keep(text)


def test_by_default_what_incidents_rest_on_outlives_them() -> None:
    assert set(KEPT) == {"incidents", *MONTHLY}
    assert warnings(KEPT) == ()
    assert len(warnings(read_keep("incidents=ever"))) == 2
    assert "notices" in warnings(read_keep("notices=12m"))[0]


@pytest.mark.parametrize(
    ("index", "kind", "months", "goes"),
    [
        ("holdfast-notices-2026-09", "notices", 1, True),
        ("holdfast-notices-2026-10", "notices", 1, False),
        ("holdfast-notices-2026-11", "notices", 1, False),
        ("holdfast-notices-2027-01", "notices", 1, False),
        ("holdfast-notices-2000-01", "notices", None, False),
        ("holdfast-clocks-000001", "clocks", 1, False),
    ],
    ids=["its last instant is older", "its last is not", "this month", "a month to come", "for ever", "not monthly"],
)
def test_a_month_goes_when_all_of_it_is_older(index: str, kind: str, months: int | None, goes: bool) -> None:
    assert may_go(index, kind, {kind: months}, NOW) is goes


@given(st.datetimes(datetime(1995, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)), st.integers(1, 120))
def test_months_are_those_of_the_calendar(as_of: datetime, months: int) -> None:
    before = months_before(as_of, months)
    assert (as_of.year * 12 + as_of.month) - (before.year * 12 + before.month) == months
    assert before.time() == as_of.time()
    assert before.day == as_of.day or (before + timedelta(days=1)).day == 1


@given(st.integers(1, 200), st.dates(datetime(1995, 1, 1).date(), datetime(2090, 1, 1).date()))
def test_a_policy_of_the_cluster_never_deletes_earlier_than_we_do(months: int, day: Any) -> None:
    index = f"holdfast-notices-{day:%Y-%m}"
    origin = datetime.fromtimestamp(
        ilm_settings(NAMES, "notices", index)["index.lifecycle.origination_date"] / 1000, UTC
    )
    days = int(ilm_policy("notices", months)["policy"]["phases"]["delete"]["min_age"][:-1])
    goes_at = origin + timedelta(days=days)
    assert may_go(index, "notices", {"notices": months}, goes_at)
    assert not may_go(index, "notices", {"notices": months}, goes_at - timedelta(days=8))


@pytest.mark.parametrize("kind", MONTHLY)
def test_a_policy_has_the_shape_that_elasticsearch_describes(kind: str) -> None:
    assert list(Draft202012Validator(ILM_SHAPE).iter_errors(ilm_policy(kind, KEPT[kind]))) == []


@pytest.fixture
def managed() -> Iterator[tuple[str, list[tuple[str, str, Any]]]]:
    """Yield the address of a server that answers as a cluster with ILM, and what was asked of it."""
    seen: list[tuple[str, str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def _take(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            seen.append((self.command, self.path.partition("?")[0], orjson.loads(body) if body else None))
            content: Any = {"acknowledged": True}
            if self.path.startswith("/_xpack"):
                content = {"features": {"ilm": {"available": True, "enabled": True}}}
            elif self.command == "GET":
                content = {"holdfast-notices-2026-05": {"settings": {"index": {"uuid": "x"}}}}
            answer = orjson.dumps(content)
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("X-Elastic-Product", "Elasticsearch")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_PUT = _take

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", seen
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_cluster_with_ilm_is_told_every_policy_and_every_index(
    managed: tuple[str, list[tuple[str, str, Any]]],
) -> None:
    address, seen = managed
    with Elasticsearch(address) as client:
        assert has_ilm(client)
        assert put_policies(client, NAMES, read_keep("pages=ever")) == [
            NAMES.index(kind) for kind in MONTHLY if kind != "pages"
        ]
    asked = {path: body for method, path, body in seen if method == "PUT"}
    assert asked["/_ilm/policy/holdfast-notices"] == ilm_policy("notices", KEPT["notices"])
    assert "/_ilm/policy/holdfast-pages" not in asked
    settings = asked["/holdfast-notices-2026-05/_settings"]
    assert settings == ilm_settings(NAMES, "notices", "holdfast-notices-2026-05")


def old(document: Any, **fields: Any) -> Any:
    """Return a sample of six years and more ago."""
    stamps = {name: value.replace(year=2020) for name, value in document if isinstance(value, datetime)}
    return document.model_copy(update={**stamps, **fields})


def put(client: Elasticsearch, index: str, document: Document) -> None:
    version = document.document_version()
    versioned: Any = {} if version is None else {"version": version, "version_type": "external"}
    content = orjson.loads(document.to_wire())
    client.index(index=index, id=document.document_id(), document=content, refresh=True, **versioned)


@pytest.fixture
def filled(installation: Settings) -> tuple[Elasticsearch, Names]:
    """Return an installation with incidents that are old and over, old and open, and over of late, and two months."""
    client, names = search.client(installation), kafka.names(installation)
    install_templates(client, names)
    over = {"status": IncidentStatus.RESOLVED}
    for incident in (
        old(samples.incident(0), **over),
        old(samples.incident(1)),
        samples.incident(2).model_copy(update=over),
    ):
        put(client, first_index(names, "incidents"), incident)
    for number in range(3):
        clock = samples.clock(number, incident_id=samples.incident(number).incident_id)
        put(client, first_index(names, "clocks"), clock)
        put(client, first_index(names, "plans"), samples.plan(number))
    put(client, f"{names.index('notices')}-2020-05", old(samples.notice(0)))
    put(client, f"{names.index('notices')}-2026-05", samples.notice(1))
    return client, names


@pytest.mark.live
def test_what_is_over_for_long_goes_with_all_that_belongs_to_it_and_nothing_else(
    installation: Settings, filled: tuple[Elasticsearch, Names]
) -> None:
    client, names = filled
    going = plan(client, names, KEPT, NOW)
    assert [(one.index, one.documents) for one in going.months] == [(f"{names.index('notices')}-2020-05", 1)]
    assert going.months[0].oldest == "2020-05-04T09:31:00.000Z"
    assert {one.index: one.documents for one in going.cases} == {
        first_index(names, kind): 1 for kind in ("incidents", "clocks", "plans")
    }
    assert len(topics.sources(installation, "notices")) == 2, "a plan deletes nothing"
    gone = retire(client, names, going, lambda _: None)
    assert (gone.indices, gone.documents, gone.kept) == (1, 4, 0)
    left = {samples.incident(number).incident_id for number in (1, 2)}
    assert set(topics.sources(installation, "incidents")) == left
    assert {one[0]["incident_id"] for one in topics.sources(installation, "clocks").values()} == left
    assert set(topics.sources(installation, "plans")) == left
    assert f"{names.index('notices')}-2026-05" in own_indices(client, names)
    assert plan(client, names, KEPT, NOW).documents == 0
    assert not has_ilm(client)


@pytest.mark.live
def test_an_incident_that_comes_back_between_plan_and_deed_stays(
    installation: Settings, filled: tuple[Elasticsearch, Names]
) -> None:
    client, names = filled
    going = plan(client, names, KEPT, NOW)
    put(client, first_index(names, "incidents"), old(samples.incident(0, revision=2), last_notice_at=NOW))
    gone = retire(client, names, going, lambda _: None)
    assert gone.kept == 1
    assert len(topics.sources(installation, "incidents")) == len(topics.sources(installation, "clocks")) == 3
