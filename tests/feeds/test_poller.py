"""Polling a real local HTTP server: validators, limits, redirects, back-off, and bookkeeping that survives."""

import gzip
import threading
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from feeds.looks import Looks, Seen
from feeds.pace import retry_after_s, retry_delay_s
from feeds.poller import Limits, Outcome, Poller, PollError, Target, check_url, targets_of
from models.documents import Documents
from models.provider import Provider
from models.raw import DeadLetter, RawPayload
from tests.feeds.looks import T0, at


@dataclass
class Answer:
    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    drip_s: float | None = None
    """Seconds between single bytes of the body."""


class Server:
    """A status page: answers what the test queued (the last one again and again), notes what it was asked."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.asked: list[dict[str, str]] = []
        self.released = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked.append({key.lower(): value for key, value in self.headers.items()} | {"path": self.path})
                answer = server.answers.pop(0) if len(server.answers) > 1 else server.answers[0]
                self.send_response_only(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                if answer.status != 304:
                    self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                server.write(self.wfile, answer)

            def log_message(self, *_: Any) -> None:
                return

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,))
        self._thread.start()

    def write(self, out: Any, answer: Answer) -> None:
        if answer.status == 304:
            return
        if answer.drip_s is None:
            out.write(answer.body)
            return
        try:
            for byte in answer.body:
                out.write(bytes([byte]))
                out.flush()
                if self.released.wait(answer.drip_s):
                    return
        except OSError:
            return  # the poller hung up, which is what the test wants

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}/summary.json"

    def close(self) -> None:
        self.released.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


@dataclass
class Hand:
    """A clock that the test sets."""

    moment: datetime = T0

    def now(self) -> datetime:
        return self.moment

    def real_seconds_until(self, instant: datetime) -> float:
        return (instant - self.moment).total_seconds()


@dataclass
class Bench:
    """A poller on a test's server, with what it published."""

    server: Server
    directory: Path
    clock: Hand = field(default_factory=Hand)
    limits: Limits = field(default_factory=Limits)
    payloads: list[RawPayload] = field(default_factory=list)
    letters: list[DeadLetter] = field(default_factory=list)
    publish: Callable[[RawPayload], None] | None = None

    def poll(self, minutes: float, url: str | None = None) -> tuple[Outcome, float]:
        """Poll once at an instant, by a poller that has just been started: all it knows is on disk."""
        self.clock.moment = at(minutes)
        target = Target("nimbus", "statuspage", url or self.server.url, timedelta(minutes=1))
        poller = Poller(
            self.publish or self.payloads.append, self.letters.append, Looks(self.directory), self.clock, self.limits
        )
        try:
            polled = poller.poll_once(target)
        finally:
            poller.close()
        return polled.outcome, polled.delay_s

    @property
    def intervals(self) -> list[tuple[datetime | None, datetime]]:
        return [(one.received_after, one.received_at) for one in self.payloads]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    server = Server()
    try:
        yield Bench(server, tmp_path / "polls")
    finally:
        server.close()


def test_content_is_published_as_it_came_with_its_interval(bench: Bench) -> None:
    bench.server.answers = [
        Answer(body=b'{"a":1}', headers={"Content-Type": "application/json"}),
        Answer(body=b'{"a":2}'),
    ]
    assert bench.poll(1) == (Outcome.PUBLISHED, 60.0)
    assert bench.poll(2)[0] is Outcome.PUBLISHED
    assert [one.body for one in bench.payloads] == [b'{"a":1}', b'{"a":2}']
    assert bench.intervals == [(None, at(1)), (at(1), at(2))]
    first = bench.payloads[0]
    assert (first.feed, first.format, first.content_type, first.name) == (
        "nimbus", "statuspage", "application/json", bench.server.url,
    )  # fmt: skip
    assert bench.server.asked[0]["accept"].startswith("application/json")


def test_not_modified_is_a_look_without_a_payload(bench: Bench) -> None:
    validators = {"ETag": '"v1"', "Last-Modified": "Mon, 04 May 2026 08:00:00 GMT"}
    bench.server.answers = [Answer(headers=validators), Answer(304), Answer(304), Answer(body=b'{"new":1}')]
    outcomes = [bench.poll(minutes)[0] for minutes in (1, 2, 3, 4)]
    assert outcomes == [Outcome.PUBLISHED, Outcome.UNCHANGED, Outcome.UNCHANGED, Outcome.PUBLISHED]
    assert "if-none-match" not in bench.server.asked[0]
    for asked in bench.server.asked[1:]:
        assert asked["if-none-match"] == '"v1"'
        assert asked["if-modified-since"] == validators["Last-Modified"]
    assert bench.intervals == [(None, at(1)), (at(3), at(4))]


def test_the_same_bytes_again_are_a_look_without_a_payload(bench: Bench) -> None:
    bench.server.answers = [Answer(body=b"{}"), Answer(body=b"{}"), Answer(body=b"[]")]
    assert [bench.poll(minutes)[0] for minutes in (1, 2, 3)] == [
        Outcome.PUBLISHED,
        Outcome.UNCHANGED,
        Outcome.PUBLISHED,
    ]
    assert bench.intervals == [(None, at(1)), (at(2), at(3))]


def test_a_look_through_a_cache_is_as_old_as_the_cache_says(bench: Bench) -> None:
    bench.server.answers = [Answer(body=b"1", headers={"Age": "60"}), Answer(body=b"2")]
    bench.poll(5)
    bench.poll(6)
    assert bench.intervals == [(None, at(5)), (at(4), at(6))]


def test_failed_looks_do_not_move_the_last_one_and_back_off_grows(bench: Bench) -> None:
    bench.server.answers = [Answer(body=b"1"), Answer(500), Answer(503), Answer(404), Answer(body=b"2"), Answer(500)]
    results = [bench.poll(minutes) for minutes in (1, 2, 3, 4, 5, 6)]
    failed = [delay for outcome, delay in results if outcome is Outcome.FAILED]
    assert [round(delay / 60 / 2**n, 1) for n, delay in enumerate(failed[:3])] == pytest.approx([1, 1, 1], abs=0.2)
    assert failed[3] == failed[0]
    assert bench.intervals == [(None, at(1)), (at(1), at(5))]


@pytest.mark.parametrize(
    ("headers", "least", "most"),
    [
        ({"Retry-After": "600"}, 600, 600),
        ({"Retry-After": "1"}, 48, 72),
        ({"Retry-After": "Mon, 04 May 2026 09:20:00 GMT", "Date": "Mon, 04 May 2026 09:00:00 GMT"}, 1200, 1200),
        ({"Retry-After": "soon"}, 48, 72),
        ({"Retry-After": "99999999"}, 6 * 3600, 6 * 3600),
    ],
)
def test_the_servers_wish_to_be_left_alone_is_honoured(
    bench: Bench, headers: dict[str, str], least: float, most: float
) -> None:
    bench.server.answers = [Answer(429, headers=headers)]
    outcome, delay = bench.poll(1)
    assert outcome is Outcome.FAILED
    assert least <= delay <= most


@pytest.mark.parametrize("headers", [{}, {"Content-Encoding": "gzip"}])
def test_what_is_too_large_is_one_dead_letter_until_it_fits_again(bench: Bench, headers: dict[str, str]) -> None:
    body = b"x" * 100_001
    bench.limits = Limits(size=100_000)
    large = Answer(body=gzip.compress(body) if headers else body, headers=headers)
    bench.server.answers = [large, large, Answer(body=b"{}"), large]
    assert [bench.poll(minutes)[0] for minutes in (1, 2)] == [Outcome.FAILED, Outcome.FAILED]
    (letter,) = bench.letters
    assert (letter.stage, letter.reason, letter.feed, letter.raw) == ("ingest", "too_large", "nimbus", "")
    assert bench.poll(3)[0] is Outcome.PUBLISHED
    bench.poll(4)
    assert len(bench.letters) == 2


@pytest.mark.parametrize("limits", [Limits(read_s=0.1), Limits(total_s=0.1)])
def test_a_body_that_never_ends_is_given_up(bench: Bench, limits: Limits) -> None:
    bench.limits = limits
    bench.server.answers = [Answer(body=b"x" * 1000, drip_s=30 if limits.read_s < 1 else 0.02)]
    assert bench.poll(1)[0] is Outcome.FAILED
    assert bench.payloads == []


def test_a_few_redirects_are_followed(bench: Bench) -> None:
    bench.server.answers = [Answer(302, headers={"Location": "/there"}), Answer(body=b'{"a":1}')]
    assert bench.poll(1)[0] is Outcome.PUBLISHED
    assert [asked["path"] for asked in bench.server.asked] == ["/summary.json", "/there"]


@pytest.mark.parametrize("place", ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1/x", "/again"])
def test_redirects_to_elsewhere_or_without_end_are_refused(bench: Bench, place: str) -> None:
    bench.server.answers = [Answer(302, headers={"Location": place})]
    assert bench.poll(1)[0] is Outcome.FAILED
    assert bench.payloads == []
    assert len(bench.server.asked) <= 4


@pytest.mark.parametrize(
    ("url", "origin", "allowed"),
    [
        ("https://other.example/x", "https://status.example", True),
        ("http://status.example", "https://status.example", False),
        ("https://127.0.0.1/x", "https://status.example", False),
        ("http://169.254.169.254/latest", "http://status.example", False),
        ("http://[::1]/x", "http://status.example", False),
        ("http://localhost:9200/_search", "http://status.example", False),
        ("http://10.0.0.7/x", "http://10.0.0.8", True),
        ("https://status.example", "http://127.0.0.1", True),
    ],
)
def test_a_page_does_not_lead_its_poller_into_our_network(url: str, origin: str, allowed: bool) -> None:
    with nullcontext() if allowed else pytest.raises(PollError, match="bad_url"):
        check_url(httpx.URL(url), httpx.URL(origin))


@pytest.mark.parametrize("url", ["file:///etc/passwd", "http://", "nonsense", "http://127.0.0.1:1/x"])
def test_what_cannot_be_polled_fails_and_is_told(bench: Bench, url: str) -> None:
    assert bench.poll(1, url)[0] is Outcome.FAILED


def test_what_was_not_durably_published_is_fetched_again(bench: Bench) -> None:
    """The broker refuses: neither validators nor the look may be remembered."""
    bench.server.answers = [Answer(body=b"1"), Answer(body=b"2", headers={"ETag": '"v2"'})]
    bench.poll(1)

    def refuse(_: RawPayload) -> None:
        raise ConnectionError("broker away")

    bench.publish = refuse
    assert bench.poll(2)[0] is Outcome.FAILED
    bench.publish = None
    assert bench.poll(3)[0] is Outcome.PUBLISHED
    assert "if-none-match" not in bench.server.asked[2]
    assert bench.intervals == [(None, at(1)), (at(1), at(3))]


def test_another_url_begins_anew(bench: Bench) -> None:
    bench.server.answers = [Answer(body=b"1", headers={"ETag": '"v1"'})]
    bench.poll(1)
    assert bench.poll(2, bench.server.url + "?page=2")[0] is Outcome.PUBLISHED
    assert bench.intervals[-1] == (None, at(2))
    assert "if-none-match" not in bench.server.asked[-1]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"url": 1}', b'{"url": "u", "odd": 1}'])
def test_damaged_bookkeeping_costs_the_interval_only(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "nimbus.json").write_bytes(content)
    looks = Looks(tmp_path)
    assert looks.load("nimbus", "u") == Seen("u")
    seen = Seen("u", at(1), '"v1"', None, "d", 2, "status")
    looks.save("nimbus", seen)
    assert looks.load("nimbus", "u") == seen


def test_run_polls_every_target_until_stopped(bench: Bench) -> None:
    bench.server.answers = [Answer(body=b"1")]
    stop, seen = threading.Event(), threading.Semaphore(0)
    poller = Poller(lambda _: seen.release(), bench.letters.append, Looks(bench.directory), bench.clock)
    targets = [Target(name, "statuspage", bench.server.url, timedelta(hours=1)) for name in ("one", "two")]
    runner = threading.Thread(target=poller.run, args=(targets, stop))
    runner.start()
    try:
        assert all(seen.acquire(timeout=120) for _ in targets)
    finally:
        stop.set()
        runner.join(120)
        poller.close()
    assert not runner.is_alive()


def test_targets_are_the_feeds_with_a_url() -> None:
    feeds = [
        {"id": "a", "format": "statuspage", "url": "https://a.example", "every": "90s"},
        {"id": "b", "format": "alertmanager"},
        {"id": "c", "format": "cap", "url": "https://c.example", "every": "2bd"},
        {"id": "d", "format": "cap", "url": "https://d.example", "every": "0s"},
    ]
    provider = Provider.model_validate(
        {"apiVersion": "holdfast/v1", "kind": "Provider", "id": "p", "name": "P", "feeds": feeds}
    )
    found = {one.feed: one.every.total_seconds() for one in targets_of(Documents.of([provider]))}
    assert found == {"a": 90, "c": 60, "d": 1}


def test_back_off_is_bounded_and_spread_by_feed() -> None:
    assert retry_delay_s("a", 50, 60) <= 900 * 1.2
    assert retry_delay_s("a", 1, 3600) >= 3600 * 0.8
    assert retry_delay_s("a", 1, 60) != retry_delay_s("b", 1, 60)
    assert retry_delay_s("a", 1, 60) == retry_delay_s("a", 1, 60)


def test_a_date_to_retry_after_is_read_against_the_servers_own_clock() -> None:
    asked = {"retry-after": "Mon, 04 May 2026 10:00:00 GMT"}
    assert retry_after_s(asked, at(30)) == 1800
    assert retry_after_s({**asked, "date": "Mon, 04 May 2026 09:59:00 GMT"}, at(30)) == 60
    assert retry_after_s({}, at(0)) is None
