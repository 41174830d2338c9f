"""A small HTTP proxy in front of a real Elasticsearch that breaks bulk requests in the ways that clusters do.

with FaultProxy("http://127.0.0.1:29200", ["429", "half", "drop", "lost"]) as proxy:
    client = Elasticsearch(proxy.url)

Each bulk request takes the next fault from the plan; when it is used up, requests pass. Everything else always passes.
"""

import contextlib
import http.client
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

import orjson

FAULTS = ("429", "503", "half", "drop", "lost", "html")
"""Whole answer 429 or 503; every second document 429; connection closed before the cluster sees the request, or after
it has done the work; a gateway's page instead of an answer."""
HOLDS = ("hold-before", "hold-after")
"""No answer at all, before or after the cluster has done the work; ``held`` is set then, to kill the client there."""
HOLD_S = 180.0


class FaultProxy:
    """The proxy, on a free loopback port."""

    def __init__(self, upstream: str, plan: Sequence[str] = ()) -> None:
        """Remember where to pass requests on to, and the faults."""
        self.plan = list(plan)
        self.bulk_count = 0
        self.held = threading.Event()
        self._lock = threading.Lock()
        proxy = self

        class Handler(_Handler):
            owner = proxy
            target = urlsplit(upstream)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        """Start."""
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()

    def next_fault(self) -> str | None:
        """Return the fault of the bulk request that has just come in."""
        with self._lock:
            self.bulk_count += 1
            return self.plan.pop(0) if self.plan else None


class _Handler(BaseHTTPRequestHandler):
    owner: ClassVar[FaultProxy]
    target: ClassVar[Any]
    protocol_version = "HTTP/1.1"

    def _any(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        fault = self.owner.next_fault() if "/_bulk" in self.path else None
        if fault in ("429", "503"):
            self._answer(int(fault), b'{"error":{"type":"overloaded","reason":"planned"},"status":%s}' % fault.encode())
        elif fault == "html":
            self._answer(502, b"<html>Bad Gateway</html>", "text/html")
        elif fault == "drop":
            self.close_connection = True
        elif fault == "lost":
            self._pass_on(body)
            self.close_connection = True
        elif fault in HOLDS:
            self._hold(body if fault == "hold-after" else None)
        elif fault == "half":
            self._half(body)
        else:
            self._answer(*self._pass_on(body))

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _any

    def _pass_on(self, body: bytes) -> tuple[int, bytes, str]:
        connection = http.client.HTTPConnection(self.target.hostname, self.target.port, timeout=120)
        headers = {key: value for key, value in self.headers.items() if key.lower() not in ("host", "connection")}
        headers["content-length"] = str(len(body))
        headers.pop("Content-Length", None)
        connection.request(self.command, self.path, body, headers)
        answer = connection.getresponse()
        found = answer.status, answer.read(), answer.getheader("content-type", "application/json")
        connection.close()
        return found

    def _hold(self, body: bytes | None) -> None:
        """Never answer; ends when the client is gone."""
        if body is not None:
            self._pass_on(body)
        self.owner.held.set()
        self.connection.settimeout(HOLD_S)
        with contextlib.suppress(OSError):
            self.connection.recv(1)
        self.close_connection = True

    def _half(self, body: bytes) -> None:
        """Let every second document through and answer 429 for the others."""
        lines = body.split(b"\n")[:-1]
        pairs = [lines[number : number + 2] for number in range(0, len(lines), 2)]
        let_through = b"".join(b"\n".join(pair) + b"\n" for pair in pairs[::2])
        status, answer, kind = self._pass_on(let_through)
        passed = orjson.loads(answer)["items"]
        error = {"type": "es_rejected_execution_exception", "reason": "planned"}
        items = [
            passed[number // 2] if number % 2 == 0 else {"create": {"status": 429, "error": error}}
            for number in range(len(pairs))
        ]
        self._answer(status, orjson.dumps({"errors": True, "items": items}), kind)

    def _answer(
        self, status: int, body: bytes, kind: str = "application/vnd.elasticsearch+json; compatible-with=9"
    ) -> None:
        self.send_response(status)
        self.send_header("X-Elastic-Product", "Elasticsearch")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if self.command != "HEAD" else b"")

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent."""
