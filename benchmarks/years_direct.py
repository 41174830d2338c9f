"""Fills an installation's indices with bulk requests, past the topics. IO: Elasticsearch, files.

What a large index takes on disk and how long searches of it take does not depend on how its documents came there, and
this way is several times quicker.
"""

import os
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Any

from elasticsearch import Elasticsearch
from elasticsearch.helpers import streaming_bulk

from benchmarks.years_bulk import PATIENCE_S, place_of
from benchmarks.years_history import Kept
from dashboards.install import install_templates
from holdfast import kafka, search
from holdfast.sample.records import Record
from holdfast.settings import Settings
from models.topics import Names

RETRIES = 30
"""Of a node that has too much to do: with a heap of 1 GiB it says so now and then."""


def fill(settings: Settings, kept: Kept, copies: int) -> int:
    """Index every provider and its copies; return how many documents that were.

    Raises:
        BulkIndexError: if a document is refused.
    """
    with search.client(settings) as client:
        install_templates(client, kafka.names(settings))
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        return sum(pool.map(partial(_fill, settings, kept, copies), kept.providers))


def _fill(settings: Settings, kept: Kept, copies: int, provider: str) -> int:
    count = 0
    expand = partial(_lines, kafka.names(settings))
    with Elasticsearch(settings.elasticsearch, request_timeout=PATIENCE_S) as client:
        for number in range(copies):
            several: list[Any] = list(kept.of(provider, (number,)))
            done = streaming_bulk(
                client, several, expand_action_callback=expand, chunk_size=1000, max_retries=RETRIES, yield_ok=False
            )
            deque(done, maxlen=0)
            count += len(several)
    return count


def _lines(names: Names, one: Record) -> tuple[dict[str, Any], bytes]:
    """Return the two lines of a bulk request: the document goes as it was stored."""
    own = place_of(names, one.stream, one.document_id, one.version, one.month)
    return {own.pop("_op_type", "index"): own}, one.value
