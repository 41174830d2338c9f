"""Reads a whole index, however large, as it was at one instant. IO: Elasticsearch."""

from collections.abc import Iterator, Mapping
from typing import Any

from elasticsearch import Elasticsearch

PAGE_SIZE = 500
"""Documents at once; a dead letter holds a whole payload."""
KEEP_ALIVE = "5m"


def scan(
    client: Elasticsearch, index: str, query: Mapping[str, Any] | None = None, *, fields: list[str] | None = None
) -> Iterator[dict[str, Any]]:
    """Yield every hit with ``_id``, ``_version`` and ``_source``, in no order.

    Args:
        client: its errors come through.
        index: a concrete index, refreshed: what is written later is not seen.
        query: which documents; None: all.
        fields: that are wanted; None: all.
    """
    pit = client.open_point_in_time(index=index, keep_alive=KEEP_ALIVE)["id"]
    after: list[Any] | None = None
    try:
        while True:
            hits = client.search(
                pit={"id": pit, "keep_alive": KEEP_ALIVE},
                query=query,
                sort=["_shard_doc"],
                size=PAGE_SIZE,
                version=True,
                source_includes=fields,
                track_total_hits=False,
                search_after=after,
            )["hits"]["hits"]
            yield from hits
            if len(hits) < PAGE_SIZE:
                return
            after = hits[-1]["sort"]
    finally:
        client.close_point_in_time(id=pit)
