"""Writes the made-up month of ``holdfast.sample`` into an index of its own prefix. IO: Elasticsearch."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import orjson
from elasticsearch import Elasticsearch
from elasticsearch.helpers import bulk

from board.store_matters import MatterStore
from consumers.bulk import MONTHLY
from dashboards.install import delete_indices, install_templates, own_indices
from dashboards.templates import component_templates, first_index, index_templates
from holdfast.sample import Shape, history, told
from holdfast.sample.records import STREAMS
from models.communication import Communication
from models.derived import DERIVED
from models.document import Document
from models.topics import Names

NAMES = Names("sample")
NOW = datetime(2026, 5, 27, 19, 20, tzinfo=UTC)
"""What *now* is in the month: late enough for its figures, early enough for clocks to run."""
KIND: dict[type[Document], str] = {
    **{model: MONTHLY.get(stream, stream.value) for model, stream in STREAMS.items()},
    **{model: index for index, model in DERIVED.items()},
}
"""Index by what it holds."""


class TakenError(Exception):
    """Indices of the sample's prefix exist already; the message names the next step."""


@contextmanager
def sample_index(client: Elasticsearch) -> Iterator[Names]:
    """Yield the names of indices that hold the sample month; they are deleted afterwards.

    Raises:
        TakenError: if there are such indices already: they may be somebody's.
    """
    present = own_indices(client, NAMES)
    if present:
        raise TakenError(
            f"{present[0]} exists already: delete the indices {NAMES.index('*')} first, or use another node"
        )
    install_templates(client, NAMES)
    try:
        _fill(client)
        yield NAMES
    finally:
        delete_indices(client, NAMES)
        _delete_templates(client)


def _fill(client: Elasticsearch) -> None:
    """Write what was told as of ``NOW``, and what is computed from it."""
    from holdfast.analysis import Evidence, derive

    past = history(Shape())
    notices = tuple(one for one in past.notices() if one.received_at <= NOW)
    known = tuple(told(past, NOW))
    bulk(client, _actions((*notices, *known)), refresh="wait_for")
    matters = tuple(MatterStore(client, NAMES).matters(past.shape.begin, NOW, limit=len(known)))
    contacts = tuple(one for one in known if isinstance(one, Communication))
    evidence = Evidence(past.documents, matters, notices, contacts)
    bulk(client, _actions(derive(evidence, NOW)), refresh="wait_for")


def _actions(documents: Iterable[Document]) -> Iterator[dict[str, object]]:
    for one in documents:
        target = first_index(NAMES, KIND[type(one)])
        yield {"_index": target, "_id": one.document_id(), "_source": orjson.loads(one.to_wire())}


def _delete_templates(client: Elasticsearch) -> None:
    for name in index_templates(NAMES):
        client.indices.delete_index_template(name=name)
    for name in component_templates(NAMES):
        client.cluster.delete_component_template(name=name)
