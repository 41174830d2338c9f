"""``memory``: resident memory of every process of an installation, idle and after a run of the whole pipeline."""

import time

from elasticsearch import Elasticsearch

from benchmarks.load import HISTORY_BEGIN, statuspage_polls, working_documents
from benchmarks.pipeline import Looks, expected_counts, handled_all
from benchmarks.place import Place
from benchmarks.report import Figure, Report
from benchmarks.service import holdfast, resident_mb, running
from benchmarks.topics import Writer, clock_before, prepare

IDLE_S = 10.0


def measure(place: Place, count: int) -> Report:
    """Measure all processes before and after.

    Args:
        place: the servers.
        count: payloads of the run.
    """
    report = Report("memory", "all services of one installation; the servers with the options that users get")
    payloads = statuspage_polls(count)
    with place.installation(clock_text=clock_before(HISTORY_BEGIN)) as settings:
        prepare(settings, working_documents())
        services = {name: holdfast(settings, name) for name in ("worker", "index", "notify", "serve")}
        with running(*services.values()):
            pids = {**place.servers, **{name: one.pid for name, one in services.items()}}
            time.sleep(IDLE_S)
            idle = resident_mb(pids)
            began = time.monotonic()
            with Writer(settings) as writer:
                writer.payloads(payloads)
            handled_all(settings, {"worker": services["worker"]}, len(payloads))
            counts, _, records = expected_counts(settings)
            Looks(Elasticsearch(settings.elasticsearch), settings, began).until(counts)
            after = resident_mb(pids)
    for name in pids:
        report.figures.append(Figure(f"{name}: idle", idle[name], "MiB", 1))
        report.figures.append(Figure(f"{name}: after the run", after[name], "MiB", 1))
    for when, found in (("idle", idle), ("after the run", after)):
        report.figures.append(Figure(f"all: {when}", sum(found.values()), "MiB", len(pids)))
    report.notes.append(
        f"The run: {len(payloads)} payloads, {records} documents indexed. Resident (RSS), with shared pages."
    )
    return report
