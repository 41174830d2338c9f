"""``due``: from the instant at which a rung falls due to the page on its topic, with many clocks running.

The page is taken when an independent reader, in this process on the same machine and clock, has the record. The
ledger's own stamp on the wake, which the page carries as ``issued_at``, is given beside it.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
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
LONGEST_LEAD = timedelta(minutes=2)
GOLDEN = 0.6180339887498949
"""Steps of this share of a second: instants that fall on no tick."""
BUSY_PER_S = 20
PATIENCE_S = 180.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How many rungs fall due, over how long, and how long after they are loaded the first one does."""

    count: int
    over_s: float
    lead: timedelta = timedelta(seconds=5)

    def begin(self) -> datetime:
        """Return when the first one falls due if they are loaded from now on."""
        return now() + self.lead + timedelta(seconds=self.count / 50)


class TooBusyError(RuntimeError):
    """The first rungs fell due while they were still loaded: nothing was measured; more lead is needed."""


def unhurried(measure: Callable[[Pace], Report], pace: Pace) -> Report:
    """Measure, and anew with twice the lead while the machine is too busy for it.

    Raises:
        TooBusyError: if it is even for the longest.
    """
    while True:
        try:
            return measure(pace)
        except TooBusyError:
            if pace.lead >= LONGEST_LEAD:
                raise
            pace = replace(pace, lead=2 * pace.lead)


def loaded_before(begin: datetime) -> None:
    """Check that the first rung has not fallen due yet.

    Raises:
        TooBusyError: if it has.
    """
    if now() > begin:
        raise TooBusyError("the machine is too busy: the first rungs fell due while they were still loaded")


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


def measure(place: Place, clocks: int, pace: Pace) -> Report:
    """Measure once while nothing else happens, and once while new incidents come in.

    Args:
        place: the servers.
        clocks: to be running all the while, at least.
        pace: of the rungs that fall due in each part.

    Raises:
        TooBusyError: if its lead was too short.
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
            quiet = _part(settings, worker, writer, incidents, pace)
            busy = _part(settings, worker, writer, incidents + pace.count, pace, busy=True)
    _tell(report, "nothing else", quiet, AIM_P99)
    _tell(report, f"{BUSY_PER_S} new incidents a second beside", busy, None)
    report.figures.append(Figure("clocks running all the while", at_work, "", incidents, note="n: incidents"))
    report.notes.append(
        "Received: due instant until an independent reader has the page. Issued: until the ledger's stamp on the wake."
    )
    return report


def _part(
    settings: Settings, worker: Service, writer: Writer, first: int, pace: Pace, *, busy: bool = False
) -> list[Seen]:
    """Let rungs fall due and return their pages."""
    handled = worker.counter(HANDLED)
    begin = pace.begin()
    with PageReader(settings) as reader:
        writer.notices(dues(first, pace.count, begin, pace.over_s))
        worker.wait_for(HANDLED, handled + pace.count)
        loaded_before(begin)
        done = threading.Event()
        beside = threading.Thread(target=_trouble, args=(writer, first + pace.count, done))
        if busy:
            beside.start()
        try:
            return reader.wait_for(pace.count, (begin - now()).total_seconds() + pace.over_s + PATIENCE_S)
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
