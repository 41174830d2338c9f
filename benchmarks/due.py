"""``due``: from the instant at which a rung falls due to the page on its topic, with many clocks running.

The page is taken when an independent reader, in this process on the same machine and clock, has the record. The
ledger's own stamp on the wake, which the page carries as ``issued_at``, is given beside it.
"""

import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from benchmarks.load import RESTORE_WITHIN, notice, paging_documents
from benchmarks.place import Place
from benchmarks.report import Figure, Report, latencies
from benchmarks.service import Service, holdfast, running
from benchmarks.topics import PageReader, Seen, Writer, prepare
from holdfast import kafka
from holdfast.settings import Settings
from models.notice import Notice, Phase
from models.records import ClockDocument, Verdict
from models.topics import Stream

AIM_P99 = "< 50 ms"
HANDLED = "holdfast_track_records_total"
CLOCKS_EACH = 9
"""Of an incident under ``load.paging_documents``: three objectives on three bases."""
LEAD = timedelta(seconds=5)
GOLDEN = 0.6180339887498949
"""Steps of this share of a second: instants that fall on no tick."""
BUSY_PER_S = 20


def now() -> datetime:
    """Return the wall clock."""
    return datetime.now(UTC)


def due_at(begin: datetime, position: int, count: int, over_s: float) -> datetime:
    """Return when something falls due: spread evenly over a time, with uneven parts of a second."""
    return begin + timedelta(seconds=over_s * position / count + (position * GOLDEN) % 1.0)


def dues(first: int, count: int, begin: datetime, over_s: float) -> list[Notice]:
    """Return notices of incidents that began so long ago that their restore target passes within ``over_s``."""
    received_at = now()
    return [
        notice(
            first + position,
            0,
            Phase.REPORTED,
            received_at,
            claimed_at=due_at(begin, position, count, over_s) - RESTORE_WITHIN,
        )
        for position in range(count)
    ]


def running_clocks(settings: Settings) -> int:
    """Count clocks whose newest revision runs, as an independent reader of the topic finds them."""
    newest: dict[str, ClockDocument] = {}
    for record in kafka.read_all(settings, kafka.names(settings).topic(Stream.CLOCKS)):
        clock = ClockDocument.from_wire(record.value)
        if clock.clock_id not in newest or clock.revision > newest[clock.clock_id].revision:
            newest[clock.clock_id] = clock
    return sum(1 for clock in newest.values() if clock.verdict is Verdict.RUNNING)


def measure(place: Place, clocks: int, count: int, over_s: float) -> Report:
    """Measure once while nothing else happens, and once while new incidents come in.

    Args:
        place: the servers.
        clocks: to be running all the while, at least.
        count: of rungs that fall due in each part.
        over_s: over how long they do.
    """
    report = Report("due", "the broker, an idle Elasticsearch, the reader of the pages")
    with place.installation() as settings:
        prepare(settings, paging_documents())
        worker = holdfast(settings, "worker", "--stage", "track")
        with running(worker), Writer(settings) as writer:
            incidents = -(-clocks // CLOCKS_EACH)
            writer.notices(notice(number, 0, Phase.REPORTED, now()) for number in range(incidents))
            worker.wait_for(HANDLED, incidents)
            at_work = running_clocks(settings)
            quiet = _part(settings, worker, writer, incidents, count, over_s)
            busy = _part(settings, worker, writer, incidents + count, count, over_s, busy=True)
    _tell(report, "nothing else", quiet, AIM_P99)
    _tell(report, f"{BUSY_PER_S} new incidents a second beside", busy, None)
    report.figures.append(Figure("clocks running all the while", at_work, "", incidents, note="n: incidents"))
    report.notes.append(
        "Received: due instant until an independent reader has the page. Issued: until the ledger's stamp on the wake."
    )
    return report


def _part(
    settings: Settings, worker: Service, writer: Writer, first: int, count: int, over_s: float, *, busy: bool = False
) -> list[Seen]:
    """Let rungs fall due and return their pages."""
    handled = worker.counter(HANDLED)
    loading = timedelta(seconds=count / 50)
    begin = now() + LEAD + loading
    with PageReader(settings) as reader:
        writer.notices(dues(first, count, begin, over_s))
        worker.wait_for(HANDLED, handled + count)
        if now() > begin:
            raise RuntimeError("the machine is too busy: the first rungs fell due while they were still loaded")
        done = threading.Event()
        beside = threading.Thread(target=_trouble, args=(writer, first + count, done))
        if busy:
            beside.start()
        try:
            return reader.wait_for(count, (begin - now()).total_seconds() + over_s + 60)
        finally:
            done.set()
            if busy:
                beside.join()


def _trouble(writer: Writer, first: int, done: threading.Event) -> None:
    """Report new incidents at a steady pace until told to stop."""
    number = first
    while not done.wait(1 / BUSY_PER_S):
        writer.notices([notice(number, 0, Phase.REPORTED, now())])
        number += 1


def _tell(report: Report, beside: str, seen: Sequence[Seen], aim: str | None) -> None:
    received = [one.late_ms for one in seen]
    report.figures += latencies(f"received, {beside}", received, aim_p99=aim)
    report.figures += latencies(f"issued, {beside}", [one.issued_late_ms for one in seen])[:2]


def wait_until(instant: datetime) -> None:
    """Sleep until an instant of the wall clock."""
    time.sleep(max(0.0, (instant - now()).total_seconds()))
