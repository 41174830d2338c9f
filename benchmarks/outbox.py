"""``outbox``: pages per second through the notifier to many persons' webhooks, with one receiver hanging and without.

Every person has a webhook of their own and as many pages as anybody else; all pages are on the topic before the
notifier starts, those of the person whose receiver hangs among them. Counted are the pages of all others, from the
first that comes to the last, in alternating rounds of one run. The receivers are one HTTP server in this process: it
answers at once, but for the one address that takes a page and does not answer.
"""

import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from benchmarks.place import Place
from benchmarks.report import Figure, Report, spread
from benchmarks.service import holdfast, running
from holdfast import kafka
from holdfast.settings import Settings
from models.ids import stable_id
from models.instants import format_instant
from models.paging import Page, Side
from models.topics import Stream, document_headers

PERSONS = 200
SETTLE_S = 240.0
TIMEOUT_S = 120.0
"""That a receiver has to answer: on a machine that is busy with other things, the default would measure its repeats."""
HANGS = "p0"
"""The person whose receiver hangs, in the rounds with one that does."""


class Server(ThreadingHTTPServer):
    """Takes many at once."""

    request_queue_size = 256
    daemon_threads = True


@dataclass
class Receivers:
    """Everybody's webhook: counts the pages of all but one person, and notes when the first and the last came."""

    hangs: bool
    wanted: int
    came: dict[str, float] = field(default_factory=dict)
    """By page, seconds of ``time.monotonic``."""
    repeats: int = 0
    released: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        """Listen."""
        receivers, lock = self, threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("content-length") or 0))
                if self.path != f"/{HANGS}":
                    with lock:
                        receivers.note(self.headers["idempotency-key"])
                elif receivers.hangs:
                    receivers.released.wait(SETTLE_S)
                self.send_response_only(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

        self._server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Stop listening."""
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    def note(self, page_id: str) -> None:
        """Count one page."""
        self.repeats += page_id in self.came
        self.came.setdefault(page_id, time.monotonic())
        if len(self.came) >= self.wanted:
            self.done.set()

    @property
    def url(self) -> str:
        """Return where everybody's address begins."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def rate(self) -> float:
        """Return pages per second, once all have come.

        Raises:
            RuntimeError: if they do not come.
        """
        if not self.done.wait(SETTLE_S):
            raise RuntimeError(f"{len(self.came)} of {self.wanted} pages were delivered")
        return (len(self.came) - 1) / (max(self.came.values()) - min(self.came.values()))


def measure(place: Place, count: int, rounds: int) -> Report:
    """Measure with and without a receiver that hangs, in turns.

    Args:
        place: the servers.
        count: pages in all.
        rounds: of each.
    """
    report = Report("outbox", "the broker, an idle Elasticsearch; one notifier; the receivers in this process")
    rates: dict[bool, list[float]] = {False: [], True: []}
    repeats = 0
    for _ in range(rounds):
        for hangs in (False, True):
            rate, again = _round(place, count, hangs=hangs)
            rates[hangs].append(rate)
            repeats += again
    ratios = [hanging / fine for fine, hanging in zip(rates[False], rates[True], strict=True)]
    report.ratios.append(
        spread("with one receiver hanging, against none", ratios, "", note="1 is: nobody waits for it")
    )
    report.figures.append(spread("pages/s, every receiver answers", rates[False], "1/s"))
    report.figures.append(spread("pages/s, one receiver hangs", rates[True], "1/s"))
    report.figures.append(Figure("pages that came twice", repeats, "", 2 * rounds))
    report.notes.append("Each page costs two records that are awaited, one after the other, and one HTTP request.")
    return report


def _round(place: Place, count: int, *, hangs: bool) -> tuple[float, int]:
    """Return pages per second and how many came twice."""
    persons = min(PERSONS, count)
    each = max(1, count // persons)
    with Receivers(hangs, (persons - 1) * each) as receivers, place.installation(page_timeout_s=TIMEOUT_S) as settings:
        _publish(settings, [_page(n, f"p{n % persons}", receivers.url) for n in range(persons * each)])
        with running(holdfast(settings, "notify")):
            rate = receivers.rate()
            receivers.released.set()
    return rate, receivers.repeats


def _publish(settings: Settings, pages: list[Page]) -> None:
    with kafka.Publisher(settings) as publisher:
        for page in pages:
            headers = document_headers(page.page_id, month=format_instant(page.due_at)[:7])
            publisher.send(Stream.PAGES, page.postbox, page.to_wire(), headers)


def _page(number: int, person: str, url: str) -> Page:
    now = datetime.fromtimestamp(time.time(), UTC)
    values: dict[str, Any] = {
        "page_id": stable_id("benchmark", str(number)),
        "incident_id": stable_id("incident", str(number)),
        "source_incident_id": f"inc{number}",
        "provider": f"provider{number % 7}",
        "services": ("mail",),
        "policy": "standard",
        "policy_version": "1",
        "side": Side.CUSTOMER,
        "rung": 0,
        "loop": 0,
        "recipient": person,
        "recipient_name": person,
        "channel": "webhook",
        "address": f"{url}/{person}",
        "priority": "p2",
        "objective": None,
        "reason": "75% of restore target",
        "title": "mail is delayed",
        "text": "Three quarters of the time to restore are gone.",
        "due_at": now,
        "issued_at": now,
        "late_s": 0.0,
    }
    return Page(**values)
