"""A made-up history on its way to files, topics or the index; folded on all cores. IO: files, Kafka, Elasticsearch."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import orjson

from holdfast.sample import History, Shape, history
from holdfast.sample.records import Record, hazard_records, records
from models.documents import document_key, to_wire
from models.instants import format_instant
from models.topics import TOPICS, Stream

if TYPE_CHECKING:
    from holdfast.settings import Settings


PATIENCE_S = 60.0
"""Waited for a cluster in trouble, all in all, before the run is given up."""


class NotEmptyError(Exception):
    """The installation holds something, and made-up records must not be mixed with it; the message says what."""


def every_record(made: History, workers: int | None = None) -> Iterator[list[Record]]:
    """Yield all records in portions: those of storms, and then provider by provider as they are done.

    Args:
        made: the history.
        workers: processes; None: one for each core.
    """
    yield list(hazard_records(made))
    with ProcessPoolExecutor(workers or os.cpu_count()) as pool:
        for done in as_completed([pool.submit(_of_provider, made.shape, one) for one in made.traits]):
            yield done.result()


def _of_provider(shape: Shape, provider: str) -> list[Record]:
    return list(records(history(shape), provider))


def write_files(made: History, directory: Path) -> int:
    """Write documents, notices in the order in which we had them, and the truth; return the number of notices.

    Raises:
        OSError: if the directory can't be written.
    """
    folder = directory / "documents"
    folder.mkdir(parents=True, exist_ok=True)
    for one in made.documents:
        name = document_key(one).replace("/", "-").lower()
        content = orjson.loads(to_wire(one))
        (folder / f"{name}.yaml").write_bytes(orjson.dumps(_written(content), option=orjson.OPT_INDENT_2))
    count = 0
    with (directory / "notices.ndjson").open("wb") as file:
        for notice in made.notices():
            file.write(notice.to_wire() + b"\n")
            count += 1
    with (directory / "truth.ndjson").open("wb") as file:
        for truth in made.truth.incidents:
            file.write(orjson.dumps(asdict(truth), default=format_instant, option=orjson.OPT_PASSTHROUGH_DATETIME))
            file.write(b"\n")
    return count


def _written(content: Any) -> Any:
    """Return a document without what is not set: as people would write it."""
    if isinstance(content, dict):
        return {key: _written(value) for key, value in content.items() if value not in (None, [], {})}
    return [_written(one) for one in content] if isinstance(content, list) else content


def publish(settings: "Settings", made: History) -> Iterator[int]:
    """Put documents and records on the topics of an installation that has none; yield how many, portion by portion.

    Raises:
        NotEmptyError: if there is anything on its topics.
        KafkaUnreachableError: if no broker answers.
    """
    from holdfast import groups, kafka

    kafka.ensure_topics(settings)
    names = kafka.names(settings)
    there = groups.count_records(settings, [names.topic(one.stream) for one in TOPICS])
    if there:
        raise NotEmptyError(f"the topics {settings.prefix}.* hold {there} records")
    with kafka.Publisher(settings) as publisher:
        for one in made.documents:
            publisher.send(Stream.DOCUMENTS, document_key(one), to_wire(one))
        for portion in every_record(made):
            for record in portion:
                publisher.send(record.stream, record.key, record.value, record.headers())
            publisher.flush()
            yield len(portion)


def index(settings: "Settings", made: History) -> Iterator[int]:
    """Put records straight into the index of an installation that has none; yield how many, portion by portion.

    Raises:
        NotEmptyError: if there is anything in its indices.
        ApiError, TransportError: of Elasticsearch.
        OSError: if it stays in trouble.
    """
    from consumers.bulk import Addresses, Operation
    from consumers.writer import BulkWriter
    from dashboards.install import install_templates, own_indices
    from holdfast import kafka, search

    names = kafka.names(settings)
    with search.client(settings) as client:
        present = own_indices(client, names)
        there = client.count(index=present)["count"] if present else 0
        if there:
            raise NotEmptyError(f"the indices {settings.prefix}-* hold {there} documents")
        install_templates(client, names)
        writer = BulkWriter(client, lambda: install_templates(client, names), _patience(settings.elasticsearch))
        addresses = Addresses(names)
        for portion in every_record(made):
            found = [addresses.operation(_as_consumed(names.topic(one.stream), one)) for one in portion]
            refused = writer.write([one for one in found if isinstance(one, Operation)])
            if refused:
                raise RuntimeError(f"Elasticsearch refuses a made-up document: {refused[0].detail}")
            yield len(portion)
        client.indices.refresh(index=f"{settings.prefix}-*")


def _as_consumed(topic: str, record: Record) -> Any:
    """Return a record as the indexer gets it from a consumer."""
    return SimpleNamespace(topic=topic, partition=0, offset=0, value=record.value, headers=record.headers())


def _patience(address: str) -> Callable[[float], None]:
    """Return what waits for a cluster in trouble, and gives up after ``PATIENCE_S`` in all."""
    waited = 0.0

    def wait(seconds: float) -> None:
        nonlocal waited
        waited += seconds
        if waited > PATIENCE_S:
            raise OSError(f"Elasticsearch at {address} is in trouble and takes no documents")
        Event().wait(seconds)

    return wait
