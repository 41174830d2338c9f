"""A month of made-up history on the real Elasticsearch, once for the session; tests only read it.

The notices of ``holdfast.sample`` are folded by the engine's own pure fold; what comes of them is written as the
indexer writes it: the same records, the same bytes, the same bulk requests. Beside them stand dead letters, and what
``holdfast.analysis`` derives.
"""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, NamedTuple

import orjson
import pytest
from elasticsearch import Elasticsearch

from consumers.bulk import MONTHLY, Addresses, Operation
from consumers.writer import BulkWriter
from dashboards.install import install_templates
from dashboards.templates import first_index
from holdfast.sample import Shape, history, told
from models.communication import Communication
from models.derived import DERIVED
from models.document import Document
from models.notice import Notice
from models.topics import Headers, Names
from tests.support import made_up, samples
from tests.support.stack import Stack, forget_indices

MONTH = datetime(2026, 5, 1, tzinfo=UTC)
NOW = datetime(2026, 5, 27, 19, 20, tzinfo=UTC)
"""What ``now`` is in it: late enough for a month's figures, early enough for clocks to run."""
Told = Document | Notice


class Record(NamedTuple):
    """A record as the indexer reads it from Kafka."""

    topic: str
    partition: int
    offset: int
    value: bytes
    headers: Headers


@dataclass(frozen=True)
class Seeded:
    """The month in its index."""

    client: Elasticsearch
    names: Names
    documents: tuple[Told, ...]
    begin: datetime = MONTH
    now: datetime = NOW

    @cached_property
    def wire(self) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """Every document as it travels, by the index that holds it."""
        found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for document in self.documents:
            found[index_of(document)].append(orjson.loads(document.to_wire()))
        return found


def index_of(document: Told) -> str:
    """Return the index of a document, as a name of ours such as ``clocks``."""
    derived = next((index for index, model in DERIVED.items() if type(document) is model), None)
    if derived is not None:
        return derived
    stream = samples.record(document)[0]
    return MONTHLY.get(stream, stream.value)


def write(client: Elasticsearch, names: Names, documents: Iterable[Told]) -> None:
    """Install the templates, write documents as the indexer does and make them searchable.

    Raises:
        AssertionError: if one is refused.
    """
    addresses, operations = Addresses(names), []
    for offset, document in enumerate(documents):
        found = _operation(addresses, names, document, offset)
        assert isinstance(found, Operation), found
        operations.append(found)
    writer = BulkWriter(client, lambda: install_templates(client, names), _fail)
    assert writer.write(operations) == []
    client.indices.refresh(index=names.index("*"))


def _operation(addresses: Addresses, names: Names, document: Told, offset: int) -> object:
    if index_of(document) in DERIVED:
        target = {"index": {"_index": first_index(names, index_of(document)), "_id": document.document_id()}}
        return Operation(orjson.dumps(target) + b"\n" + document.to_wire() + b"\n", ("derived", 0, offset))
    stream, _, value, headers = samples.record(document)
    return addresses.operation(Record(names.topic(stream), 0, offset, value, headers))


def _fail(seconds: float) -> None:
    raise AssertionError("the index is in trouble")


def month() -> Iterator[Told]:
    """Yield every document of the month as of ``NOW``, each once."""
    from holdfast.analysis import Evidence, derive
    from tests.support.evidence import matters_of

    past = history(Shape(begin=MONTH))
    notices = tuple(one for one in past.notices() if one.received_at <= NOW)
    documents = (*told(past, NOW), *made_up.rare(NOW))
    contacts = tuple(one for one in documents if isinstance(one, Communication))
    yield from notices
    yield from documents
    yield from derive(Evidence(past.documents, matters_of(documents, notices), notices, contacts), NOW)


@pytest.fixture(scope="session")
def seeded(stack: Stack) -> Iterator[Seeded]:
    """Yield the month on the session's Elasticsearch; do not write to it."""
    names = Names(f"t{os.getpid()}-seeded")
    with Elasticsearch(stack.elasticsearch, request_timeout=120, max_retries=0) as client:
        documents = tuple(month())
        write(client, names, documents)
        yield Seeded(client, names, documents)
        forget_indices(client, names.prefix)
