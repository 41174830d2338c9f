"""Bulk indexing through our indexer, against ``elasticsearch.helpers.parallel_bulk`` of the same documents. IO: all.

Rounds alternate, each in an empty installation with its templates in place. Ours begins with the first batch that is
fetched and ends with the last offsets committed. Theirs is measured twice: with dicts that lie in memory, which is the
most that a user of the helpers can hope for, and with the same records read from the topics and parsed, which is the
same work.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson
from elasticsearch import Elasticsearch
from elasticsearch.helpers import parallel_bulk
from kafka import KafkaConsumer, TopicPartition

from benchmarks.place import Place
from benchmarks.report import Figure, Report, spread
from consumers.bulk import CURRENT, INDEXED, MONTHLY
from consumers.indexer import Connections, Flight, Indexer
from dashboards.install import install_templates
from holdfast import kafka, search
from holdfast.sample.records import Record
from holdfast.settings import Settings
from models.topics import HEADER_ID, HEADER_MONTH, HEADER_VERSION, Names, Stream


def publish(settings: Settings, records: Iterable[Record]) -> int:
    """Put records on the topics of an installation; return how many."""
    count = 0
    with kafka.Publisher(settings) as publisher:
        for one in records:
            publisher.send(one.stream, one.key, one.value, one.headers())
            count += 1
            if count % 50_000 == 0:
                publisher.flush()
    return count


PATIENCE_S = 120
"""For their requests: with the client's own 10 s a node that makes two hundred monthly indices lets them fail."""


@dataclass(frozen=True)
class Rates:
    """Documents per second of one round."""

    ours: float
    from_memory: float
    from_topics: float


def compare(place: Place, records: Sequence[Record], rounds: int) -> Report:
    """Return the ratios of some documents, in alternating rounds."""
    report = Report("bulk", "the broker and the node")
    found = [_round(place, records) for _ in range(rounds)]
    against = [one.ours / one.from_memory for one in found]
    alike = [one.ours / one.from_topics for one in found]
    report.ratios += [
        spread("indexer / parallel_bulk of dicts in memory", against, "", aim=">= 1.5"),
        spread("indexer / parallel_bulk of the same topics, read and parsed", alike, "", aim=">= 1.5"),
    ]
    report.figures += [
        spread("indexer, documents/s", [one.ours for one in found], "1/s"),
        spread("parallel_bulk of dicts in memory, documents/s", [one.from_memory for one in found], "1/s"),
        spread("parallel_bulk of the same topics, documents/s", [one.from_topics for one in found], "1/s"),
        Figure("documents in a round", len(records), "", rounds),
    ]
    return report


def _round(place: Place, records: Sequence[Record]) -> Rates:
    actions = list(_actions(Names("prefix"), records))
    with place.installation() as settings:
        from_memory = _theirs(settings, partial(_renamed, actions), len(records))
    actions.clear()
    with place.installation() as settings:
        publish(settings, records)
        ours = _ours(settings, len(records))
    with place.installation() as settings:
        publish(settings, records)
        from_topics = _theirs(settings, lambda names: _read(settings, names, len(records)), len(records))
    return Rates(ours, from_memory, from_topics)


class Watched(Indexer):
    """Notes when its first batch is fetched: joining a group takes seconds, and has no counterpart on their side."""

    began: float | None = None

    def _launch(self, batch: Mapping[TopicPartition, list[Any]]) -> Flight:
        if self.began is None:
            self.began = time.monotonic()
        return super()._launch(batch)


def _ours(settings: Settings, count: int) -> float:
    """Return the rate of the indexer, from its first batch to its last committed offset."""
    names = kafka.names(settings)
    with search.client(settings) as client:
        prepare = partial(install_templates, client, names)
        prepare()
        indexer = Watched(Connections(kafka.options(settings), names, client, prepare))
        indexer.run(once=True)
        ended = time.monotonic()
    _check(settings, count)
    assert indexer.began is not None
    return count / (ended - indexer.began)


def _theirs(settings: Settings, actions: Callable[[Names], Iterator[dict[str, Any]]], count: int) -> float:
    """Return the rate of ``parallel_bulk`` with its own defaults, with the same templates in place."""
    names = kafka.names(settings)
    with search.client(settings) as own:
        install_templates(own, names)
    with Elasticsearch(settings.elasticsearch, request_timeout=PATIENCE_S) as client:

        def run() -> None:
            for is_done, answer in parallel_bulk(client, actions(names), raise_on_error=False):
                if not is_done and next(iter(answer.values()))["status"] != 409:
                    raise RuntimeError(f"parallel_bulk: {answer}")  # 409: a request timed out and was repeated

        rate = _rate(run, count)
    _check(settings, count)
    return rate


def _rate(run: Callable[[], object], count: int) -> float:
    began = time.monotonic()
    run()
    return count / (time.monotonic() - began)


def _check(settings: Settings, count: int) -> None:
    """Refuse a round that lost documents."""
    with search.client(settings) as client:
        client.indices.refresh(index=f"{settings.prefix}-*")
        found = client.count(index=f"{settings.prefix}-*")["count"]
    if found != count:
        raise RuntimeError(f"{found} of {count} documents are in the index")


def _actions(names: Names, records: Iterable[Record]) -> Iterator[dict[str, Any]]:
    for one in records:
        yield _action(names, one.stream, one.document_id, one.version, one.month, one.value)


def _action(
    names: Names, stream: Stream, document_id: str, version: int | None, month: str, value: bytes
) -> dict[str, Any]:  # fmt: skip
    return {**place_of(names, stream, document_id, version, month), "_source": orjson.loads(value)}


def place_of(names: Names, stream: Stream, document_id: str, version: int | None, month: str) -> dict[str, Any]:
    """Return where a document goes and how, as the helpers of the client name it."""
    if stream in CURRENT:
        index = f"{names.index(stream.value)}-000001"
        return {"_id": document_id, "_index": index, "version": version, "version_type": "external"}
    return {"_id": document_id, "_index": f"{names.index(MONTHLY[stream])}-{month}", "_op_type": "create"}


def _renamed(actions: Iterable[dict[str, Any]], names: Names) -> Iterator[dict[str, Any]]:
    """Yield actions for another installation's indices."""
    for one in actions:
        yield {**one, "_index": names.prefix + one["_index"].removeprefix("prefix")}


def _read(settings: Settings, names: Names, count: int) -> Iterator[dict[str, Any]]:
    """Yield actions read from the topics."""
    streams = {names.topic(stream): stream for stream in INDEXED}
    consumer = KafkaConsumer(
        *streams, **kafka.options(settings), auto_offset_reset="earliest", enable_auto_commit=False
    )
    try:
        while count:
            for several in consumer.poll(timeout_ms=500).values():
                for record in several:
                    headers = dict(record.headers)
                    version, month = headers.get(HEADER_VERSION), headers.get(HEADER_MONTH, b"")
                    about = (headers[HEADER_ID].decode(), int(version) if version else None, month.decode())
                    yield _action(names, streams[record.topic], *about, record.value)
                    count -= 1
    finally:
        consumer.close()
