"""``pipeline``: raw payloads to documents that a search finds, with normaliser, engine and indexer as processes.

All services work and wait; then all payloads are published at once. The end is the first moment at which a search, with
the indices' own refresh interval, finds the newest revision of every document. What a stage costs is the CPU time of
its process, because on few cores that is what the stages share.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from elasticsearch import Elasticsearch
from kafka import KafkaConsumer, TopicPartition

from benchmarks.load import HISTORY_BEGIN, statuspage_polls, working_documents
from benchmarks.place import Place
from benchmarks.report import Figure, Report, spread
from benchmarks.service import Service, cpu_seconds, holdfast, running
from benchmarks.topics import Writer, clock_before, prepare
from holdfast import kafka
from holdfast.settings import Settings
from models.raw import RawPayload
from models.topics import HEADER_ID, HEADER_TYPE, HEADER_VERSION, Stream

REVISED = (Stream.INCIDENTS, Stream.CLOCKS, Stream.PLANS)
WRITTEN = (Stream.LEDGER, Stream.PAGES)
INDEX_OF = {Stream.LEDGER: "notices"}
SETTLE_S = 900.0
POLL_S = 0.25
STAGES = {"normalise": "holdfast_normalise_records_total", "track": "holdfast_track_records_total"}


@dataclass
class Round:
    """One run of all payloads."""

    payloads: int = 0
    payload_bytes: int = 0
    notices: int = 0
    documents: int = 0
    """Records that the indexer had to write, revisions that were superseded included."""
    seconds: float = 0.0
    normalised_s: float = 0.0
    cpu_s: dict[str, float] = field(default_factory=dict)


Counts = dict[str, int]
"""By index: documents, and for those that change also the sum of their revisions."""


def one_round(place: Place, payloads: Sequence[RawPayload], *, split: bool) -> Round:
    """Send payloads through the pipeline.

    Args:
        place: the servers.
        payloads: in order of time.
        split: normaliser and engine as two processes, to tell their shares; else as one, as they run by default.
    """
    with place.installation(clock_text=clock_before(HISTORY_BEGIN)) as settings:
        prepare(settings, working_documents())
        workers = _workers(settings, split=split)
        index = holdfast(settings, "index")
        with running(*workers.values(), index):
            pids = {**{name: one.pid for name, one in workers.items()}, "index": index.pid, **place.servers}
            return _run(settings, payloads, workers, pids)


def _workers(settings: Settings, *, split: bool) -> dict[str, Service]:
    if not split:
        return {"worker": holdfast(settings, "worker")}
    return {stage: holdfast(settings, "worker", "--stage", stage) for stage in STAGES}


def _run(
    settings: Settings, payloads: Sequence[RawPayload], workers: Mapping[str, Service], pids: Mapping[str, int]
) -> Round:
    found = Round(len(payloads), sum(len(one.body) for one in payloads))
    before = cpu_seconds(pids)
    began = time.monotonic()
    with Writer(settings) as writer, Elasticsearch(settings.elasticsearch) as client:
        publishing = threading.Thread(target=writer.payloads, args=(payloads,))
        publishing.start()
        looks = Looks(client, settings, began)
        found.normalised_s = handled_all(settings, workers, len(payloads), looks.look)
        publishing.join()
        expected, found.notices, found.documents = expected_counts(settings)
        found.seconds = looks.until(expected)
    found.cpu_s = {name: used - before[name] for name, used in cpu_seconds(pids).items()}
    return found


class Looks:
    """What searches found, and when."""

    def __init__(self, client: Elasticsearch, settings: Settings, began: float) -> None:
        """Remember where to look, and when it began, in monotonic seconds."""
        self._client = client
        self._names = kafka.names(settings)
        self._began = began
        self._looks: list[tuple[float, Counts]] = []

    def look(self) -> Counts:
        """Search every index now."""
        counts: Counts = {}
        for stream in (*REVISED, *WRITTEN):
            name = INDEX_OF.get(stream, stream.value)
            body: dict[str, Any] = {"aggs": {"revisions": {"sum": {"field": "revision"}}}} if stream in REVISED else {}
            answer = self._client.options(ignore_status=[404, 503]).search(  # 503: its index is being made
                index=self._names.index(name), size=0, track_total_hits=True, ignore_unavailable=True, **body
            )
            counts[name] = answer.get("hits", {}).get("total", {}).get("value", 0)
            if stream in REVISED:
                total = answer.get("aggregations", {}).get("revisions", {}).get("value")
                counts[f"{name} revisions"] = int(total or 0)
        self._looks.append((time.monotonic() - self._began, counts))
        return counts

    def until(self, expected: Counts) -> float:
        """Look until everything is found; return the seconds from the begin to the first look that found it.

        Raises:
            RuntimeError: if it is not found in time.
        """
        while not any(counts == expected for _, counts in self._looks):
            if time.monotonic() - self._began > SETTLE_S:
                raise RuntimeError(f"searches find {self._looks[-1][1]}, not {expected}")
            time.sleep(POLL_S)
            self.look()
        return next(at for at, counts in self._looks if counts == expected)


def handled_all(
    settings: Settings, workers: Mapping[str, Service], payloads: int, look: Callable[[], object] = lambda: None
) -> float:
    """Wait until the normaliser has handled all payloads and the engine the whole ledger.

    Args:
        settings: of the installation.
        workers: one with both stages, or the normaliser and then the engine.
        payloads: how many.
        look: called all the while.

    Returns:
        Seconds until the normaliser was done.
    """
    first, *_, last = [*workers.values(), *workers.values()]
    began = time.monotonic()
    while first.counter(STAGES["normalise"]) < payloads:
        look()
        time.sleep(POLL_S)
    normalised_s = time.monotonic() - began
    wanted = _end(settings, Stream.LEDGER)
    while last.counter(STAGES["track"]) < wanted:
        look()
        time.sleep(POLL_S)
    return normalised_s


def _end(settings: Settings, stream: Stream) -> int:
    """Return how many records a topic has."""
    consumer = KafkaConsumer(**kafka.options(settings), group_id=None)
    try:
        topic = kafka.names(settings).topic(stream)
        parts = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
        return sum(consumer.end_offsets(parts).values())
    finally:
        consumer.close()


def expected_counts(settings: Settings) -> tuple[Counts, int, int]:
    """Return what searches must find by the topics, how many notices there are, and how many records to index."""
    counts: Counts = {}
    records = 0
    for stream in (*REVISED, *WRITTEN):
        name = INDEX_OF.get(stream, stream.value)
        newest: dict[bytes, int] = {}
        for record in kafka.read_all(settings, kafka.names(settings).topic(stream)):
            headers = dict(record.headers)
            if stream is Stream.LEDGER and headers.get(HEADER_TYPE) != b"notice":
                continue
            key = headers[HEADER_ID]
            newest[key] = max(newest.get(key, 0), int(headers.get(HEADER_VERSION, b"0")))
            records += 1
        counts[name] = len(newest)
        if stream in REVISED:
            counts[f"{name} revisions"] = sum(newest.values())
    return counts, counts["notices"], records


def measure(place: Place, count: int, rounds: int) -> Report:
    """Measure the default layout and the split one, in turn.

    Args:
        place: the servers.
        count: payloads per round.
        rounds: of each layout.
    """
    report = Report("pipeline", "the broker, Elasticsearch, a search of each index every quarter of a second")
    payloads = statuspage_polls(count)
    whole: list[Round] = []
    split: list[Round] = []
    for _ in range(rounds):
        whole.append(one_round(place, payloads, split=False))
        split.append(one_round(place, payloads, split=True))
    _tell_rates(report, "one worker process", whole)
    _tell_rates(report, "normaliser and engine as two processes", split)
    _tell_shares(report, split)
    one = whole[0]
    size = one.payload_bytes / one.payloads
    report.notes += [
        f"A round: {one.payloads} payloads of {size:,.0f} bytes on average (ten incidents each), {one.notices} notices,"
        f" {one.documents} documents to index.",
        "Searchable: the newest revision of every document, with the indices' refresh interval of 1 s.",
        "Shares are CPU time of the processes, the servers' included; the reader and the publisher are left out.",
    ]
    return report


def _tell_rates(report: Report, layout: str, rounds: Sequence[Round]) -> None:
    for what in ("payloads", "notices", "documents"):
        rates = [getattr(one, what) / one.seconds for one in rounds]
        report.figures.append(spread(f"{layout}: {what} searchable", rates, f"{what}/s"))
    done = [one.payloads / one.normalised_s for one in rounds]
    report.figures.append(spread(f"{layout}: payloads normalised meanwhile", done, "payloads/s"))


def _tell_shares(report: Report, rounds: Sequence[Round]) -> None:
    """Tell each process's share of all CPU time, and its time per payload."""
    for name in rounds[0].cpu_s:
        shares = [one.cpu_s[name] / sum(one.cpu_s.values()) for one in rounds]
        each = median(1e6 * one.cpu_s[name] / one.payloads for one in rounds)
        report.ratios.append(spread(f"share of {name}", shares, "of CPU time", note=f"{each:,.0f} us a payload"))
    used = [sum(one.cpu_s.values()) / one.seconds for one in rounds]
    report.figures.append(Figure("cores in use by all of these", median(used), "cores", len(rounds)))
