"""``crash``: how late pages come when the worker is killed (SIGKILL) while rungs fall due all the time.

Two ways on: the same worker is started again at once, as a supervisor does, and is the same member of its group; or it
stays away, and another worker takes its partitions over when the broker counts it as dead (8 s of silence). Every page
has to come, or there is no figure.
"""

import time
from datetime import datetime, timedelta

from benchmarks.due import HANDLED, Pace, dues, loaded_before, wait_until
from benchmarks.load import paging_documents
from benchmarks.place import Place
from benchmarks.report import Figure, Report, percentile, spread
from benchmarks.service import Service, holdfast, running
from benchmarks.topics import PageReader, Seen, Writer, prepare

DUE_PER_S = 10
BEFORE_S, AFTER_S = 5.0, 25.0
"""Rungs fall due from so long before the kill until so long after it."""
SETTLE_S = 5.0
"""For the second worker's joining to be over."""
PAGES_S = 180.0

Lateness = tuple[list[float], list[float]]
"""Milliseconds of the pages that were due before the kill, and of all others."""


def pace(after_s: float) -> Pace:
    """Return how rungs fall due when the worker is killed so long before the last one; seconds up to ``AFTER_S``."""
    over_s = BEFORE_S + min(after_s, AFTER_S)
    return Pace(int(DUE_PER_S * over_s), over_s, timedelta(seconds=10))


def measure(place: Place, rounds: int, pace: Pace) -> Report:
    """Kill in several rounds of both kinds.

    Args:
        place: the servers.
        rounds: of each kind.
        pace: of the rungs in each round.

    Raises:
        TooBusyError: if its lead was too short.
    """
    report = Report("crash", f"the broker, an idle Elasticsearch; {DUE_PER_S} rungs a second fall due")
    for name, instances in (("restarted at once", ("a",)), ("taken over by another", ("a", "b"))):
        found = [_round(place, instances, pace) for _ in range(rounds)]
        worst = [max(after) / 1000 for _, after in found]
        report.figures.append(spread(f"{name}: worst lateness", worst, "s", note=f"of {pace.count} pages a round"))
        late = [float(sum(1 for one in after if one > 1000)) for _, after in found]
        report.figures.append(spread(f"{name}: pages later than 1 s", late, "pages"))
        before = [one for part, _ in found for one in part]
        report.figures.append(Figure(f"{name}: p50 before the kill", percentile(before, 0.5), "ms", len(before)))
    report.notes.append("Lateness: due instant until an independent reader has the page. No page was missing.")
    return report


def _round(place: Place, instances: tuple[str, ...], pace: Pace) -> Lateness:
    """Kill the first worker once; it is started again if it is the only one."""
    with place.installation() as settings:
        prepare(settings, paging_documents())
        workers = [holdfast(settings, "worker", "--stage", "track", instance=name) for name in instances]
        with running(*workers), Writer(settings) as writer, PageReader(settings) as reader:
            time.sleep(SETTLE_S * (len(workers) - 1))
            begin = pace.begin()
            writer.notices(dues(0, pace.count, begin, pace.over_s))
            while sum(one.counter(HANDLED) for one in workers) < pace.count:
                time.sleep(0.1)
            loaded_before(begin)
            kill_at = begin + timedelta(seconds=BEFORE_S)
            wait_until(kill_at)
            workers[0].kill9()
            kept = workers[:1] if len(workers) == 1 else workers[1:]
            return _parted(_pages(reader, pace.count, kept), kill_at - timedelta(seconds=1))


def _pages(reader: PageReader, count: int, kept: list[Service]) -> list[Seen]:
    """Wait for all pages; a worker that is not running is started, as a supervisor does."""

    def supervise() -> None:
        for one in kept:
            if not one.running:
                one.start()

    supervise()
    try:
        return reader.wait_for(count, PAGES_S, supervise)
    except RuntimeError as error:
        raise RuntimeError("\n".join([str(error), *(one.tail() for one in kept)])) from error


def _parted(seen: list[Seen], at: datetime) -> Lateness:
    before = [one.late_ms for one in seen if one.page.due_at < at]
    return before, [one.late_ms for one in seen if one.page.due_at >= at]
