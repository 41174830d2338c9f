"""Takes out of the index what is older than what is kept. IO: Elasticsearch.

Monthly indices go as a whole. Of kinds that change, an incident goes when it has been over for long, with its clocks,
its plan and what was computed of it: document by document, as a bare server has no delete-by-query. Each is deleted at
the version that was seen, so one that changes meanwhile stays. The incident goes last: a crash leaves nothing half.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from elasticsearch import ApiError, Elasticsearch, NotFoundError

from dashboards.install import kind_of, own_indices
from dashboards.retention import Keep, ilm_policy, ilm_settings, may_go, months_before, over_before
from dashboards.scanning import scan
from dashboards.templates import CURRENT, MONTHLY, first_index
from models.topics import Names

T = TypeVar("T")
AT_ONCE = 500
BELONGING = ("timelines", "promises", "plans", "clocks")
"""Kinds whose documents name an incident and go before it."""


class RetentionError(Exception):
    """Elasticsearch would not delete a document; the message holds its words. Run the command again."""


@dataclass(frozen=True, slots=True)
class Going:
    """What goes of one index."""

    index: str
    documents: int
    bytes: int | None
    """On disk; None where only some of the documents go."""
    oldest: str | None
    """``@timestamp``, RFC 3339."""
    newest: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """All that goes."""

    months: tuple[Going, ...]
    """Whole indices."""
    cases: tuple[Going, ...]
    """Of indices that stay."""
    incident_ids: tuple[str, ...]
    is_over: dict[str, Any]
    """Query for incidents that may go: asked again before they do, as time may have passed."""

    @property
    def documents(self) -> int:
        """How many documents go."""
        return sum(one.documents for one in (*self.months, *self.cases))


@dataclass(frozen=True, slots=True)
class Gone:
    """What went."""

    indices: int
    documents: int
    kept: int
    """Documents that changed meanwhile, and stay."""


def plan(client: Elasticsearch, names: Names, keep: Keep, as_of: datetime) -> Plan:
    """Return what is older than what is kept; change nothing.

    Args:
        client: its errors come through.
        names: of the installation.
        keep: months by kind; monthly kinds that it does not name stay.
        as_of: now.
    """
    indices = own_indices(client, names)
    old = [one for one in indices if may_go(one, kind_of(names, one), keep, as_of)]
    months = tuple(_whole(client, index) for index in old)
    after = keep.get("incidents")
    if after is None or first_index(names, "incidents") not in indices:
        return Plan(months, (), (), {})
    query = over_before(months_before(as_of, after))
    incidents = first_index(names, "incidents")
    client.indices.refresh(index=incidents)
    ids = tuple(hit["_id"] for hit in scan(client, incidents, query, fields=[]))
    cases = [_some(client, first_index(names, kind), map(_of, _batches(ids))) for kind in BELONGING]
    return Plan(months, tuple(one for one in (*cases, _some(client, incidents, [query])) if one.documents), ids, query)


def retire(client: Elasticsearch, names: Names, going: Plan, on_progress: Callable[[int], None]) -> Gone:
    """Delete what a plan says.

    Args:
        client: its errors come through; run it again, what is gone is gone.
        names: of the installation.
        going: the plan.
        on_progress: called with the number of documents done with.

    Raises:
        RetentionError: if a document would not go.
    """
    for month in going.months:
        with suppress(NotFoundError):  # somebody else was faster
            client.indices.delete(index=month.index)
        on_progress(month.documents)
    deleted = kept = 0
    for ids in _batches(going.incident_ids):
        over = {"bool": {"filter": [_of(ids), going.is_over]}}
        incidents = first_index(names, "incidents")
        client.indices.refresh(index=incidents)
        still = [hit["_id"] for hit in scan(client, incidents, over, fields=[])]
        kept += len(ids) - len(still)
        for kind, query in (*((kind, _of(still)) for kind in BELONGING), ("incidents", over)):
            for is_gone in _delete(client, first_index(names, kind), kind, query):
                deleted, kept = deleted + is_gone, kept + (not is_gone)
                on_progress(1)
    return Gone(len(going.months), deleted + sum(month.documents for month in going.months), kept)


def has_ilm(client: Elasticsearch) -> bool:
    """Return whether the cluster has index lifecycle management; a bare server does not know the question."""
    try:
        features = client.xpack.info(categories="features")["features"]
    except ApiError as error:
        if error.status_code in (400, 404, 405):
            return False
        raise
    found = features.get("ilm", {})
    return bool(found.get("available") and found.get("enabled"))


def put_policies(client: Elasticsearch, names: Names, keep: Keep) -> list[str]:
    """Let the cluster delete monthly indices itself: put a policy for each kind, and every index under it.

    Returns:
        Names of the policies. An index that is made later comes under its policy the next time.
    """
    kinds = {kind: months for kind in MONTHLY if (months := keep.get(kind)) is not None}
    for kind, months in kinds.items():
        client.ilm.put_lifecycle(name=names.index(kind), policy=ilm_policy(kind, months)["policy"])
    for index in own_indices(client, names):
        kind = kind_of(names, index)
        if kind in kinds:
            client.indices.put_settings(index=index, settings=ilm_settings(names, kind, index))
    return [names.index(kind) for kind in kinds]


def _whole(client: Elasticsearch, index: str) -> Going:
    stats = client.indices.stats(index=index, metric="store")["_all"]["total"]["store"]
    return _going(client, index, None, int(stats["size_in_bytes"]))


def _some(client: Elasticsearch, index: str, queries: Iterable[dict[str, Any]]) -> Going:
    parts = [_going(client, index, query, None) for query in queries]
    dates = [date for one in parts for date in (one.oldest, one.newest) if date is not None]
    return Going(index, sum(one.documents for one in parts), None, min(dates, default=None), max(dates, default=None))


def _going(client: Elasticsearch, index: str, query: dict[str, Any] | None, size: int | None) -> Going:
    span = {name: {name: {"field": "@timestamp"}} for name in ("min", "max")}
    found = client.search(index=index, query=query, aggs=span, size=0, track_total_hits=True)
    ends = [found["aggregations"][name].get("value_as_string") for name in ("min", "max")]
    return Going(index, int(found["hits"]["total"]["value"]), size, *ends)


def _of(ids: list[str]) -> dict[str, Any]:
    return {"terms": {"incident_id": ids}}


def _delete(client: Elasticsearch, index: str, kind: str, query: dict[str, Any]) -> Iterator[bool]:
    """Delete what a query finds; yield for each document whether it went, False where it changed meanwhile."""
    client.indices.refresh(index=index)
    for hits in _batches(scan(client, index, query, fields=[])):
        version = [
            {"version": hit["_version"], "version_type": "external_gte"} if kind in CURRENT else {} for hit in hits
        ]
        lines = [
            {"delete": {"_index": index, "_id": hit["_id"], **seen}} for hit, seen in zip(hits, version, strict=True)
        ]
        for item in client.bulk(operations=lines)["items"]:
            status = item["delete"]["status"]
            if status not in (200, 404, 409):
                raise RetentionError(f"{index}/{item['delete']['_id']}: {item['delete'].get('error')}")
            yield bool(status != 409)


def _batches(many: Iterable[T]) -> Iterator[list[T]]:
    left = iter(many)
    while some := list(islice(left, AT_ONCE)):
        yield some
