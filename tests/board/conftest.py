"""A running board on real servers, and a way to put documents on the topics and into the index."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from elasticsearch import Elasticsearch

from dashboards.install import install_templates
from holdfast import kafka
from holdfast.settings import Settings
from models.document import Document
from models.notice import Notice
from models.topics import HEADER_MONTH, HEADER_VERSION, Names
from tests.support.processes import Service
from tests.support.samples import record

TOKEN = "the-token-of-this-test"
PATIENCE_S = 180.0
ANSWER_S = 60.0
"""How long an answer is waited for; the client's own five seconds are too few for a busy machine."""


@dataclass
class Board:
    """A board's process, its address and its installation."""

    service: Service
    settings: Settings
    names: Names

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.settings.board_port}"

    def get(self, path: str, **arguments: object) -> httpx.Response:
        """Ask it."""
        return httpx.get(self.url + path, timeout=ANSWER_S, **arguments)

    def publish(self, *documents: Document | Notice) -> None:
        """Put documents on their topics."""
        with kafka.Publisher(self.settings) as publisher:
            for document in documents:
                publisher.send(*record(document))

    def index(self, *documents: Document | Notice) -> None:
        """Write documents to the index as the indexer does."""
        put(self.settings, documents)


def put(settings: Settings, documents: Iterable[Document | Notice]) -> None:
    """Write documents to an installation's indices, templates first, and make them searchable."""
    names = kafka.names(settings)
    with Elasticsearch(settings.elasticsearch, request_timeout=ANSWER_S) as client:
        install_templates(client, names)
        operations: list[object] = []
        for document in documents:
            stream, _, value, headers = record(document)
            told = {key: content.decode() for key, content in headers}
            alias = names.index("notices" if stream.value == "ledger" else stream.value)
            if HEADER_VERSION in told:
                target = {"_index": f"{alias}-000001", "version": int(told[HEADER_VERSION]), "version_type": "external"}
            else:
                target = {"_index": f"{alias}-{told[HEADER_MONTH]}"}
            operations += [{"index": {"_id": told["id"], **target}}, value.decode()]
        answer = client.bulk(operations=operations, refresh=True)
        assert not answer["errors"], answer


def eventually(check: Callable[[], object], patience_s: float = PATIENCE_S) -> None:
    """Wait until a check holds.

    Raises:
        AssertionError: with the last value, if it does not in time.
    """
    ends = time.monotonic() + patience_s
    while not (value := check()):
        assert time.monotonic() < ends, f"still {value!r} after {patience_s} s"
        time.sleep(0.1)


@pytest.fixture
def board(installation: Settings, tmp_path: Path) -> Iterator[Board]:
    """Yield a running, current board of an empty installation, with a token."""
    with Service("serve", installation, env={"HOLDFAST_BOARD_TOKEN": TOKEN}) as service:
        service.wait_ready("holdfast.serve ready")
        running = Board(service, installation, kafka.names(installation))
        eventually(lambda: running.get("/healthz").status_code == 200)
        yield running
