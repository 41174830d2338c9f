"""An independent reader and writer of an installation's topics and indices, for tests that count."""

import time
from collections import Counter
from collections.abc import Iterable
from typing import Any

from elasticsearch import Elasticsearch

from holdfast import kafka, search
from holdfast.settings import Settings
from models.document import Document
from models.notice import Notice
from models.topics import Stream
from tests.support import samples

PATIENT = {
    "request_timeout": 120,
    "max_retries": 20,
    "retry_on_timeout": True,
    "retry_on_status": (503,),
    "retry_backoff_base": 0.05,
    "retry_backoff_cap": 1.0,
}
"""What a reader of a cluster on a busy machine asks for."""


def publish(settings: Settings, documents: Iterable[Document | Notice]) -> None:
    """Write documents as the engine does, and wait for the broker."""
    with kafka.Publisher(settings) as publisher:
        for document in documents:
            publisher.send(*samples.record(document))


def publish_raw(settings: Settings, stream: Stream, value: bytes, headers: list[tuple[str, bytes]]) -> None:
    """Write any bytes."""
    with kafka.Publisher(settings) as publisher:
        publisher.send(stream, samples.PROVIDER, value, headers)


def values(settings: Settings, stream: Stream) -> list[bytes]:
    """Return the value of every record on a topic."""
    return [record.value for record in kafka.read_all(settings, kafka.names(settings).topic(stream))]


def sources(settings: Settings, kind: str) -> dict[str, list[dict[str, Any]]]:
    """Return every document of a kind by its id; a list of two or more is a document stored twice.

    A search of an index that is just being made answers 503 for a moment.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    with Elasticsearch(**{**search.options(settings), **PATIENT}) as client:
        pattern = f"{kafka.names(settings).index(kind)}-*"
        client.indices.refresh(index=pattern)
        after: list[Any] | None = None
        while True:
            arguments: dict[str, Any] = {"search_after": after} if after else {}
            page = client.search(index=pattern, size=5000, sort=["_doc", "_index"], **arguments)["hits"]["hits"]
            for hit in page:
                found.setdefault(hit["_id"], []).append(hit["_source"])
            if len(page) < 5000:
                return found
            after = page[-1]["sort"]


def counts(settings: Settings, kind: str) -> Counter[int]:
    """Return how many documents are stored how many times."""
    return Counter(len(stored) for stored in sources(settings, kind).values())


def wait_until(check: Any, timeout_s: float = 180.0) -> None:
    """Wait until a check holds; fails the test when the time is over."""
    ends = time.monotonic() + timeout_s
    while not check():
        assert time.monotonic() < ends, f"not reached in {timeout_s} s"
        time.sleep(0.1)
