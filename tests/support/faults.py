"""What fault tests share: services that are started again, notices offered in time, topics compared with the core."""

import threading
import time
from datetime import timedelta
from typing import Any

from holdfast import kafka
from holdfast.settings import Settings
from models.documents import Documents
from models.notice import Notice
from models.topics import Stream
from streams.config import changelogs
from tests.support import fleet
from tests.support.processes import READY_TIMEOUT_S, Service

SETTLE_S = 240.0
HORIZON = timedelta(minutes=5)
"""How far ahead the core is asked: past every limit of a fleet, and long before the floor rate repeats a page."""
READY = "holdfast.worker ready"


class Kept:
    """A service that is started again whenever it ends, as a supervisor does."""

    def __init__(self, service: Service, ready: str = READY) -> None:
        self.service = service
        self.ready = ready
        self.away_s = 0.0
        """How long it stays away before it is started again."""
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> "Kept":
        self.service.start()
        self._thread.start()
        return self

    def __exit__(self, *error: Any) -> None:
        self._done.set()
        self._thread.join()
        self.service.__exit__(*error)

    def _watch(self) -> None:
        while not self._done.wait(0.2):
            if not self.service.running:
                self._done.wait(self.away_s)
                self.service.start()

    def kill9(self, away_s: float = 0.0) -> None:
        """Kill it, and wait until it works again."""
        lives = self.service.lives
        self.away_s = away_s
        if self.service.running:
            self.service.kill9()
        self._wait_for_life_after(lives)

    def end(self) -> int | None:
        """Ask it to end, and wait until it works again; return the exit code."""
        lives = self.service.lives
        self.away_s = 1.0
        code = self.service.stop()
        self._wait_for_life_after(lives)
        return code

    def _wait_for_life_after(self, lives: int) -> None:
        ends = time.monotonic() + READY_TIMEOUT_S
        while self.service.lives == lives:
            assert time.monotonic() < ends, "nobody started it again"
            time.sleep(0.1)
        self.service.wait_ready(self.ready)
        self.away_s = 0.0


def offer(settings: Settings, notices: list[Notice]) -> None:
    """Publish notices to the ledger, each when it is received."""
    with kafka.Publisher(settings) as publisher:
        for notice in notices:
            ahead = (notice.received_at - fleet.now()).total_seconds()
            if ahead > 0.01:
                time.sleep(ahead)
            publisher.send(Stream.LEDGER, notice.provider or "", notice.to_wire(), fleet.ledger_headers(notice))


def expect(settings: Settings, notices: list[Notice], documents: Documents) -> fleet.Found:
    """Wait until the topics say what the pure core says; return what they say.

    Incidents whose notices were overtaken (``fleet.overtaken``) may have pages, plans and revisions beyond it: no less.

    Raises:
        AssertionError: with the difference, if they do not within ``SETTLE_S``.
    """
    wanted = fleet.oracle(notices, documents, fleet.now() + HORIZON)
    ends = time.monotonic() + SETTLE_S
    while True:
        found = fleet.read(settings)
        try:
            _compare(found, wanted, fleet.overtaken(settings))
        except AssertionError:
            if time.monotonic() > ends:
                raise
            time.sleep(2.0)
        else:
            return found


def _compare(found: fleet.Found, wanted: fleet.Found, overtaken: set[str]) -> None:
    def sure(content: dict[str, Any]) -> bool:
        return content["incident_id"] not in overtaken

    extra = {name: page for name, page in found.pages.items() if name not in wanted.pages and sure(page)}
    assert extra == {}, "paged though nobody should be"
    assert wanted.pages.keys() - found.pages.keys() == set(), "not paged though somebody should be"
    assert wanted.last.keys() == found.last.keys()
    other = {name: one for name, one in found.last.items() if wanted.last[name] != one}
    assert {name: one for name, one in other.items() if sure(one) or not name.startswith("PlanDocument/")} == {}
    counts = {name: seen for name, seen in found.versions.items() if sure(found.last[name])}
    assert counts == {name: wanted.versions[name] for name in counts}, "a revision is missing, or one too many"
    assert found.contradictions == []


def prepare(settings: Settings, providers: int) -> Documents:
    """Create the changelogs and publish the documents of a fleet."""
    kafka.ensure_topics(settings, changelogs(kafka.names(settings)))
    documents = fleet.fleet(providers)
    fleet.publish(settings, documents)
    return documents
