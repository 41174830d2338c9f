"""``ladders``: from the instant at which a rung falls due to the page in a webhook's hands, with many clocks running.

Once with ten thousand running clocks on one worker, once with a hundred thousand. Then the worker is killed and
started again, and says how long it took to read its books back and to build its heap of due instants.
"""

import re
import time
from datetime import timedelta

from benchmarks.due import CLOCKS_EACH, HANDLED, Pace, dues, loaded_before, now, running_clocks
from benchmarks.load import notice, paging_documents
from benchmarks.place import Place
from benchmarks.report import Figure, Report, latencies
from benchmarks.service import holdfast, running
from benchmarks.topics import Writer, prepare
from benchmarks.webhook import Receiver
from models.notice import Phase

AIM_P99 = "< 100 ms"
TIMES_MORE = 10
CHUNK = 500
"""Notices written at once while the clocks are started, so that the broker and the worker keep pace."""
RECOVERED = re.compile(r"recovered (\d+) rows, (\d+) incidents wait for time; books ([\d.]+) ms, heap ([\d.]+) ms")


def measure(place: Place, clocks: int, pace: Pace) -> Report:
    """Measure with so many clocks, and with ten times as many.

    Args:
        place: the servers.
        clocks: to be running all the while, at least; then ten times as many.
        pace: of the rungs that fall due in each part.

    Raises:
        TooBusyError: if its lead was too short.
    """
    report = Report("ladders", "the broker, an idle Elasticsearch; one worker and the notifier; the receiver in here")
    for wanted in (clocks, TIMES_MORE * clocks):
        _part(report, place, wanted, pace)
    report.notes.append("Due: the computed instant of the rung. Delivered: when the receiver has read the request.")
    return report


def _part(report: Report, place: Place, clocks: int, pace: Pace) -> None:
    """Measure with one number of running clocks, on an installation of its own."""
    with Receiver() as receiver, place.installation(webhook_url=receiver.url) as settings:
        prepare(settings, paging_documents())
        worker, notifier = holdfast(settings, "worker", "--stage", "track"), holdfast(settings, "notify")
        with running(worker, notifier), Writer(settings) as writer:
            incidents = -(-clocks // CLOCKS_EACH)
            for first in range(0, incidents, CHUNK):
                last = min(first + CHUNK, incidents)
                writer.notices(notice(number, 0, Phase.REPORTED, now()) for number in range(first, last))
                worker.wait_for(HANDLED, last)
            at_work = running_clocks(settings)
            writer.notices(dues(incidents, 2, now() + timedelta(seconds=1), 1.0))  # connections are made with these
            receiver.wait_for(2)
            begin = pace.begin()
            writer.notices(dues(incidents + 2, pace.count, begin, pace.over_s))
            worker.wait_for(HANDLED, incidents + 2 + pace.count)
            loaded_before(begin)
            time.sleep(max(0.0, (begin - now()).total_seconds() + pace.over_s))
            receiver.wait_for(pace.count + 2)
            late = sorted((at - receiver.due[name].timestamp()) * 1000 for name, at in receiver.came.items())
            report.figures += latencies(f"due to delivered, {at_work} clocks running", late, aim_p99=AIM_P99)
            worker.kill9()
            began = time.monotonic()
            worker.start().wait_ready()
            report.figures += _rebuilt(worker.tail(), at_work, time.monotonic() - began)


def _rebuilt(log: str, clocks: int, ready_s: float) -> list[Figure]:
    """Return what a worker says of its recovery."""
    found = RECOVERED.findall(log)
    if not found:
        raise RuntimeError(f"the worker did not say what it recovered:\n{log}")
    rows, incidents, books_ms, heap_ms = max(found, key=lambda one: int(one[0]))
    n = int(incidents)
    return [
        Figure(f"heap of due instants rebuilt, {clocks} clocks", float(heap_ms), "ms", n, note="n: incidents"),
        Figure(f"books read back from their rows, {clocks} clocks", float(books_ms), "ms", int(rows), note="n: rows"),
        Figure(f"killed worker ready again, {clocks} clocks", ready_s, "s", 1),
    ]
