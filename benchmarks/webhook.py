"""``webhook``: from a raw payload, and from a due instant, to the page in the hands of a webhook's receiver.

Two kinds of incidents take turns. One is told when its restore target has passed a second before: the path from the
payload's publishing to the delivery is measured, with no waiting in it. Of the other the target passes a second or two
after the payload: the path from the due instant to the delivery is measured. Worker and notifier run as they do by
default; the receiver is an HTTP server in this process, which answers at once.
"""

import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

import orjson

from benchmarks.due import GOLDEN, now
from benchmarks.load import PROVIDERS, RESTORE_WITHIN, breached_incident, paging_documents
from benchmarks.place import Place
from benchmarks.report import Report, latencies
from benchmarks.service import holdfast, running
from benchmarks.topics import Writer, prepare

SETTLE_S = 180.0
ALREADY = timedelta(seconds=1)


@dataclass
class Receiver:
    """Notes when each page came first, by the incident's id at its source."""

    came: dict[str, float] = field(default_factory=dict)
    """Epoch seconds."""
    due: dict[str, datetime] = field(default_factory=dict)

    def __enter__(self) -> Self:
        """Listen."""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                at = time.time()
                self.send_response_only(200)
                self.send_header("Content-Length", "0")
                self.end_headers()
                page = orjson.loads(body)
                receiver.due.setdefault(page["source_incident_id"], datetime.fromisoformat(page["due_at"]))
                receiver.came.setdefault(page["source_incident_id"], at)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Return where pages go."""
        return f"http://127.0.0.1:{self._server.server_port}/pages"

    def wait_for(self, count: int) -> None:
        """Wait for so many pages.

        Raises:
            RuntimeError: if they do not come.
        """
        ends = time.monotonic() + SETTLE_S
        while len(self.came) < count:
            if time.monotonic() > ends:
                raise RuntimeError(f"{len(self.came)} of {count} pages were delivered")
            time.sleep(0.1)


def measure(place: Place, count: int, over_s: float) -> Report:
    """Measure both paths.

    Args:
        place: the servers.
        count: incidents in all, half of each kind.
        over_s: over which they are published.
    """
    report = Report("webhook", "the broker, an idle Elasticsearch; worker and notifier; the receiver in this process")
    with Receiver() as receiver, place.installation(webhook_url=receiver.url) as settings:
        prepare(settings, paging_documents())
        with running(holdfast(settings, "worker"), holdfast(settings, "notify")), Writer(settings) as writer:
            _offer(writer, PROVIDERS, count=2, over_s=1.0)  # connections are made with these; they do not count
            receiver.wait_for(2)
            published = _offer(writer, 2 * PROVIDERS, count, over_s)
            receiver.wait_for(count + 2)
    already = [(receiver.came[name] - at) * 1000 for name, (at, is_due) in published.items() if is_due]
    later = [
        (receiver.came[name] - receiver.due[name].timestamp()) * 1000
        for name, (_, is_due) in published.items()
        if not is_due
    ]
    report.figures += latencies("raw payload published to webhook delivered", already)
    report.figures += latencies("due instant to webhook delivered", later)
    report.notes.append(
        "The payload of the first path tells of a restore target that passed a second before; nothing waits in it."
    )
    return report


def _offer(writer: Writer, first: int, count: int, over_s: float) -> dict[str, tuple[float, bool]]:
    """Publish incidents at a steady pace; return by incident when, and whether it was due already."""
    published: dict[str, tuple[float, bool]] = {}
    began = time.monotonic()
    for position in range(count):
        time.sleep(max(0.0, began + over_s * position / count - time.monotonic()))
        is_due, number, told_at = position % 2 == 0, first + position, now()
        due_at = told_at - ALREADY if is_due else told_at + timedelta(seconds=1 + (position * GOLDEN) % 1.0)
        payload = breached_incident(number, due_at - RESTORE_WITHIN, told_at)
        name = f"p{number % PROVIDERS}inc{number}"
        published[name] = (time.time(), is_due)
        writer.payloads([payload])
    return published
