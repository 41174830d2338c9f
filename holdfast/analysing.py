"""Computes the derived documents of an installation anew, a provider at a time. IO: Elasticsearch.

What is in memory at once is one provider's history. A document is written over under its own id; what is no longer
derived is taken out, so that a run leaves what the record says now and nothing else.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from threading import Event
from typing import Any

from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch
from elasticsearch.helpers import bulk, scan

from board.store import StoreError
from board.store_history import HistoryStore
from consumers.bulk import Operation
from consumers.writer import MAX_OPERATIONS, BulkWriter
from dashboards.install import install_templates
from dashboards.templates import first_index
from holdfast.analysis.deriving import of_provider
from holdfast.analysis.evidence import Evidence
from holdfast.analysis.hazards import hazards
from holdfast.analysis.rates import Rates, Tried, rates_of
from models.derived import DERIVED, Tally
from models.document import Document
from models.documents import Documents
from models.instants import format_instant
from models.records import Verdict
from models.topics import Names

KINDS = {model: kind for kind, model in DERIVED.items()}
OF_PROVIDERS = tuple(kind for kind in DERIVED if kind != "hazards")
PATIENCE_S = 60.0
"""Waited for a cluster in trouble, all in all, before a run is given up: the next one computes everything again."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to compute."""

    as_of: datetime
    provider: str | None = None
    """None: all, and the hazards."""
    begin: datetime | None = None
    end: datetime | None = None


@dataclass
class Outcome:
    """What a run came to, by kind. Mutable."""

    written: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)
    providers: int = 0


class Target:
    """Where derived documents are written. With ``dry_run`` nothing is, and what would be is counted."""

    def __init__(self, client: Elasticsearch, names: Names, *, dry_run: bool = False) -> None:
        self._client = client
        self._names = names
        self._dry_run = dry_run
        self._waited_s = 0.0
        self._writer = BulkWriter(client, partial(install_templates, client, names), self._wait)

    def replace(self, documents: Iterable[Document], scopes: dict[str, dict[str, Any]], outcome: Outcome) -> None:
        """Write documents, and take out what lies in a scope and is not among them.

        Args:
            documents: of the kinds of the scopes; written as they come.
            scopes: by kind, the query of all that they replace.
            outcome: counts are added here.

        Raises:
            StoreError: if Elasticsearch stays in trouble, or refuses a document.
        """
        kept: dict[str, set[str]] = defaultdict(set)
        pending: list[Operation] = []
        for document in documents:
            kind, document_id = KINDS[type(document)], document.document_id()
            kept[kind].add(document_id)
            outcome.written[kind] += 1
            pending.append(self._operation(kind, document_id, document.to_wire()))
            if len(pending) == MAX_OPERATIONS:
                self._write(pending)
                pending = []
        self._write(pending)
        for kind, query in scopes.items():
            outcome.removed[kind] += self._remove(kind, query, kept[kind])

    def _operation(self, kind: str, document_id: str, wire: bytes) -> Operation:
        index = first_index(self._names, kind)
        action = b'{"index":{"_index":"%b","_id":"%b"}}' % (index.encode(), document_id.encode())
        return Operation(b"%b\n%b\n" % (action, wire), (index, 0, 0))

    def _write(self, operations: list[Operation]) -> None:
        if self._dry_run or not operations:
            return
        refused = self._writer.write(operations)
        if refused:
            one = refused[0]
            why = f"{one.place[0]}: {one.reason}: {one.detail}"
            raise StoreError(f"Elasticsearch refused {len(refused)} documents, the first of {why}")

    def _remove(self, kind: str, query: dict[str, Any], kept: set[str]) -> int:
        """Delete what is in a scope and was not written; return how many those are."""
        index = first_index(self._names, kind)
        try:
            if not self._client.indices.exists(index=index):
                return 0
            self._client.indices.refresh(index=index)
            found = scan(self._client, index=index, query={"query": query, "_source": False}, size=5000)
            stale = [hit["_id"] for hit in found if hit["_id"] not in kept]
            if not self._dry_run and stale:
                deletions = ({"_op_type": "delete", "_index": index, "_id": one} for one in stale)
                bulk(self._client, deletions, raise_on_error=False, refresh=True)
        except TransportError as error:
            raise StoreError(f"Elasticsearch can't be reached: {error}") from error
        except ApiError as error:
            raise StoreError(f"Elasticsearch refused ({error.status_code}): {error.message}") from error
        return len(stale)

    def _wait(self, seconds: float) -> None:
        self._waited_s += seconds
        if self._waited_s > PATIENCE_S:
            raise StoreError("Elasticsearch is in trouble and takes no documents")
        Event().wait(seconds)


def analyse(
    store: HistoryStore,
    documents: Documents,
    target: Target,
    wanted: Wanted,
    on_provider: Callable[[str, int], None] = lambda _name, _of: None,
) -> Outcome:
    """Compute and write everything that is derived.

    Args:
        store: of the installation.
        documents: in force.
        target: the same installation's.
        wanted: of whom, and of when.
        on_provider: told each provider that is done, and how many there are.

    Raises:
        StoreError: if the index can't be read or written; what was written stays, and a next run completes it.
    """
    outcome = Outcome()
    rates = rates_in(store, wanted)
    providers = store.providers() if wanted.provider is None else [wanted.provider]
    for provider in providers:
        part = evidence_of(store, documents, provider, wanted)
        target.replace(of_provider(provider, part, rates, wanted.as_of), _scopes(provider, wanted), outcome)
        outcome.providers += 1
        on_provider(provider, len(providers))
    if wanted.provider is None:
        unknown = {"bool": {"must_not": [{"terms": {"provider": providers}}]}}
        target.replace((), dict.fromkeys(OF_PROVIDERS, unknown), outcome)
        touched: dict[str, set[str]] = defaultdict(set)
        for incident_id, names in store.exposed(wanted.as_of):
            for name in names:
                touched[name].add(incident_id)
        found = hazards(store.hazard_notices(wanted.as_of), touched, wanted.as_of)
        target.replace(found, {"hazards": {"match_all": {}}}, outcome)
    return outcome


def rates_in(store: HistoryStore, wanted: Wanted) -> Rates:
    """Return what all providers together came to, as the index counts it."""
    return rates_of(
        (
            one.provider,
            (one.objective, one.basis, one.priority),
            Tried(one.clocks, one.clocks if one.verdict is Verdict.BREACHED else 0),
        )
        for one in store.judged(wanted.begin, wanted.end, wanted.as_of)
    )


def evidence_of(store: HistoryStore, documents: Documents, provider: str, wanted: Wanted) -> Evidence:
    """Read all that is on record of one provider."""
    matters, notices = [], []
    for portion, said in store.history(provider, wanted.begin, min(wanted.as_of, wanted.end or wanted.as_of)):
        matters += portion
        notices += said
    contacts = store.communications(provider=provider)
    return Evidence(documents, tuple(matters), tuple(notices), tuple(contacts), wanted.begin, wanted.end)


def _scopes(provider: str, wanted: Wanted) -> dict[str, dict[str, Any]]:
    """Return, by kind, the query of all that a run of one provider replaces."""
    mine = {"term": {"provider": provider}}
    bounds = {key: format_instant(at) for key, at in (("gte", wanted.begin), ("lt", wanted.end)) if at is not None}
    if not bounds:
        return {kind: mine for kind in OF_PROVIDERS}
    within: dict[str, Any] = {"bool": {"filter": [mine, {"range": {"@timestamp": bounds}}]}}
    whole = {"terms": {"tally": [Tally.PERIOD.value, Tally.HOUR.value]}}
    replaced = {
        "bool": {"filter": [mine], "should": [whole, {"range": {"@timestamp": bounds}}], "minimum_should_match": 1}
    }
    return {kind: replaced if kind == "scorecards" else within for kind in OF_PROVIDERS}
