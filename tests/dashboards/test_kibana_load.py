"""Loading into Kibana, over the real protocol, against a server that is as strict as Kibana about its headers."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import orjson
import pytest
from typer.testing import CliRunner

from dashboards.kibana.boards import dashboards
from dashboards.kibana.data_views import data_views
from holdfast.cli import build as build_cli
from models.topics import Names

REFUSAL = "[request body.panels.0]: types that failed validation: - Additional properties are not allowed"


@dataclass
class Kibana:
    """What a stand-in received; ``refuse`` names a path that it answers 400."""

    address: str
    requests: list[tuple[str, str, dict]] = field(default_factory=list)
    refuse: tuple[str, int] = ("", 400)
    authorization: set[str | None] = field(default_factory=set)


@pytest.fixture
def kibana() -> Iterator[Kibana]:
    """Yield a server that takes what Kibana takes: xsrf and version headers, JSON, the two methods, known paths."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def _take(self) -> None:
            body = orjson.loads(self.rfile.read(int(self.headers["Content-Length"])))
            seen.authorization.add(self.headers["Authorization"])
            path, status = seen.refuse
            if not self.headers["kbn-xsrf"] or self.headers["Elastic-Api-Version"] != "2023-10-31":
                self._answer(400, {"message": "Request must contain a kbn-xsrf header."})
            elif path and path in self.path:
                self._answer(status, {"statusCode": status, "error": "Bad Request", "message": REFUSAL})
            else:
                seen.requests.append((self.command, self.path, body))
                self._answer(200, {"id": "x", "data": body})

        do_PUT = do_POST = _take

        def _answer(self, status: int, content: dict) -> None:
            body = orjson.dumps(content)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    seen = Kibana(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield seen
    server.shutdown()
    server.server_close()
    thread.join()


def _load(*arguments: str, **env: str):
    return CliRunner().invoke(build_cli(), ["dashboards", "load", *arguments], env={"HOLDFAST_PREFIX": "lab", **env})


def test_data_views_come_before_the_dashboards_that_read_them(kibana: Kibana) -> None:
    """Bodies are those that ``build`` writes; loading twice sends the same to the same places."""
    result = _load("--kibana", kibana.address)
    assert result.exit_code == 0, result.output
    names = Names("lab")
    views = [("POST", "/api/data_views/data_view", view.to_api()) for view in data_views(names)]
    boards = [("PUT", f"/api/dashboards/{one.id}", one.to_api()) for one in dashboards(names)]
    assert kibana.requests == [*views, *boards]
    assert f"{kibana.address}/app/dashboards#/view/lab-live-operations" in result.output
    _load("--kibana", kibana.address + "/")
    assert kibana.requests[len(views) + len(boards) :] == [*views, *boards]


def test_a_space_and_the_credentials_are_used(kibana: Kibana) -> None:
    result = _load("--kibana", kibana.address, "--space", "noc", HOLDFAST_ELASTICSEARCH_API_KEY="a2V5")
    assert result.exit_code == 0, result.output
    assert {path.split("/api/")[0] for _, path, _ in kibana.requests} == {"/s/noc"}
    assert kibana.authorization == {"ApiKey a2V5"}


def test_kibanas_own_words_are_passed_on(kibana: Kibana) -> None:
    kibana.refuse = ("/api/dashboards/", 400)
    result = _load("--kibana", kibana.address)
    assert result.exit_code == 1
    assert REFUSAL in result.stderr
    assert "dashboard lab-live-operations (400)" in result.stderr


@pytest.mark.parametrize(("status", "advice"), [(403, "write access"), (404, "Kibana 9.4 or later")])
def test_a_refusal_names_the_next_step(kibana: Kibana, status: int, advice: str) -> None:
    kibana.refuse = ("/api/dashboards/", status)
    assert advice in _load("--kibana", kibana.address).stderr


def test_a_kibana_that_is_not_there_is_told(kibana: Kibana) -> None:
    result = _load("--kibana", "http://127.0.0.1:9")
    assert (result.exit_code, "no Kibana at http://127.0.0.1:9" in result.stderr) == (1, True)
    assert _load("--kibana", "localhost:5601").exit_code == 2


def test_build_writes_and_checks_files(tmp_path) -> None:
    def build(*arguments: str):
        return CliRunner().invoke(build_cli(), ["dashboards", "build", str(tmp_path), *arguments])

    assert build("--check").exit_code == 1
    assert build().exit_code == 0
    assert build("--check").exit_code == 0
    (tmp_path / "data-views.json").write_text("[]")
    stale = build("--check")
    assert (stale.exit_code, "data-views.json is not what the code builds" in stale.stderr) == (1, True)
