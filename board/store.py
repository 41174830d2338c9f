"""Reads incidents and what belongs to them from Elasticsearch, for the board, the REST API and the command line.

IO: Elasticsearch, read only. Missing indices are empty ones: a fresh installation has none.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

import orjson
from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch

from board.state import OPEN, RECENT_FOR, RECENT_KEPT, Dossier, Record, dossier_of
from board.view import Word, WordKey
from models.communication import Communication
from models.document import Document
from models.instants import format_instant
from models.notice import Kind, Notice, Speaker
from models.paging import Delivery, Page, PlanDocument
from models.records import ClockDocument, IncidentDocument
from models.topics import Names

PAGE_SIZE = 1000
TERMS_AT_ONCE = 500
"""Incident ids in one query; Elasticsearch allows 65 536, a small body answers sooner."""
OPEN_AT_MOST = 2000
"""Open incidents read into the board; more than that nobody can watch."""
PREFIX_LENGTH = 4
"""Shortest beginning of an id that is taken for one."""

Doc = TypeVar("Doc", bound=Document)


class StoreError(Exception):
    """Elasticsearch can't answer; the message says where it was looked for and why not. Try again later."""


class UnknownIncidentError(LookupError):
    """No incident has this id. The message names the next step."""


class AmbiguousIncidentError(LookupError):
    """Several incidents' ids begin like this; the message lists them. Give more digits."""


class Store:
    """Searches of one installation's indices. One instance may be used from several threads."""

    def __init__(self, client: Elasticsearch, names: Names) -> None:
        self._client = client
        self._names = names

    def snapshot(self, now: datetime) -> Iterator[Record]:
        """Yield what the board shows: open and lately ended incidents with all that belongs to them.

        Args:
            now: the product's instant; decides what ended lately.

        Raises:
            StoreError: if Elasticsearch can't answer; what was yielded so far may be applied nevertheless.
        """
        incidents = [*self._open(), *self._ended_lately(now)]
        yield from incidents
        ids = [incident.incident_id for incident in incidents]
        yield from self._belonging("clocks", ClockDocument, ids, "clock_id")
        yield from self._belonging("plans", PlanDocument, ids, "incident_id")
        yield from self._belonging("pages", Page, ids, "page_id")
        yield from self._belonging("deliveries", Delivery, ids, "delivery_id")

    def incidents(
        self, *, every: bool = False, provider: str | None = None, limit: int = 200
    ) -> list[IncidentDocument]:
        """Return incidents, the latest start first.

        Args:
            every: ended ones too.
            provider: only of this provider.
            limit: at most so many.

        Raises:
            StoreError: if Elasticsearch can't answer.
        """
        wanted: list[dict[str, Any]] = []
        if not every:
            wanted.append(_open_filter())
        if provider is not None:
            wanted.append({"term": {"provider": provider}})
        found = self._scan("incidents", {"bool": {"filter": wanted}}, _latest("incident_id"), at_most=limit)
        return [_read(IncidentDocument, hit) for hit in found]

    def clocks(self, *, running: bool = True, provider: str | None = None, limit: int = 1000) -> list[ClockDocument]:
        """Return clocks, the first to fall due first; ``running`` leaves out those that have stopped.

        Raises:
            StoreError: if Elasticsearch can't answer.
        """
        wanted: list[dict[str, Any]] = []
        if running:
            wanted.append({"terms": {"verdict": ["pending", "running", "paused", "overdue"]}})
        if provider is not None:
            wanted.append({"term": {"provider": provider}})
        order = [
            {"due_at": {"order": "asc", "unmapped_type": "date"}},
            {"clock_id": {"order": "asc", "unmapped_type": "keyword"}},
        ]
        found = self._scan("clocks", {"bool": {"filter": wanted}}, order, at_most=limit)
        return [_read(ClockDocument, hit) for hit in found]

    def clock(self, clock_id: str) -> ClockDocument | None:
        """Return a clock by its id; None where there is none.

        Raises:
            StoreError: if Elasticsearch can't answer.
        """
        order = [{"clock_id": {"order": "asc", "unmapped_type": "keyword"}}]
        found = self._scan("clocks", {"term": {"clock_id": clock_id}}, order, at_most=1)
        return next((_read(ClockDocument, hit) for hit in found), None)

    def communication(self, communication_id: str) -> Communication | None:
        """Return an entry of the communication log by its id; None where there is none, or none yet.

        Raises:
            StoreError: if Elasticsearch can't answer.
        """
        order = [{"communication_id": {"order": "asc", "unmapped_type": "keyword"}}]
        found = self._scan("communications", {"term": {"communication_id": communication_id}}, order, at_most=1)
        return next((_read(Communication, hit) for hit in found), None)

    def document(self, name: str, document_id: str) -> dict[str, Any] | None:
        """Return a document of an index by its id, as it is there; None where there is none.

        Raises:
            StoreError: if Elasticsearch can't answer.
        """
        body = {"query": {"ids": {"values": [document_id]}}, "size": 1}
        hits = self._ask(lambda: self._client.search(**self._target(name), body=body))["hits"]["hits"]
        return dict(hits[0]["_source"]) if hits else None

    def resolve(self, text: str) -> IncidentDocument:
        """Return the incident that a person means: its id, the source's own id, or a beginning of either.

        Raises:
            UnknownIncidentError: if none fits.
            AmbiguousIncidentError: if several do, and none exactly.
            StoreError: if Elasticsearch can't answer.
        """
        fields = ("incident_id", "source_incident_id")
        found = self._any_of([{"term": {field: text}} for field in fields])
        if not found and len(text) >= PREFIX_LENGTH:
            found = self._any_of([{"prefix": {field: text}} for field in fields])
        found = [one for one in found if one.merged_into is None] or found
        if not found:
            raise UnknownIncidentError(
                f"no incident has an id that is or begins with {text!r}; `holdfast incidents --all` lists them"
            )
        if len(found) > 1:
            listed = ", ".join(f"{one.incident_id[:12]} ({one.provider}, {one.source_incident_id})" for one in found)
            raise AmbiguousIncidentError(f"{text!r} fits several incidents: {listed}; give more of the id")
        return found[0]

    def dossier(self, incident: IncidentDocument) -> Dossier:
        """Return an incident with its clocks, plan, pages and deliveries.

        Raises:
            StoreError: if Elasticsearch can't answer.
        """
        ids = [incident.incident_id]
        plans = list(self._belonging("plans", PlanDocument, ids, "incident_id"))
        return dossier_of(
            incident,
            self._belonging("clocks", ClockDocument, ids, "clock_id"),
            plans[0] if plans else None,
            self._belonging("pages", Page, ids, "page_id"),
            self._belonging("deliveries", Delivery, ids, "delivery_id"),
        )

    def notices(self, incident: IncidentDocument) -> list[Notice]:
        """Return what was said about an incident by all its members, and about its hazards.

        Raises:
            StoreError: if Elasticsearch can't answer.
        """
        either = [_member(*name.split("/", 1)) for name in incident.members]
        either += [_all(_member(*name.split("/", 1)), _of(incident.provider)) for name in incident.exposures]
        found = self._scan("notices", _any(either), _latest("notice_id"), at_most=10 * PAGE_SIZE)
        return sorted((_notice(hit) for hit in found), key=lambda notice: (notice.order_at, notice.notice_id))

    def notice(self, text: str) -> Notice | None:
        """Return a notice by its id or a beginning of it; None where there is none.

        Raises:
            AmbiguousIncidentError: if several ids begin like this.
            StoreError: if Elasticsearch can't answer.
        """
        found = self._by_id("notices", "notice_id", text)
        return None if found is None else _notice(found)

    def _by_id(self, name: str, key: str, text: str) -> dict[str, Any] | None:
        if len(text) < PREFIX_LENGTH:
            return None
        found = list(self._scan(name, {"prefix": {key: text}}, _latest(key), at_most=2))
        if len(found) > 1:
            raise AmbiguousIncidentError(f"{text!r} is the beginning of several ids; give more of it")
        return found[0] if found else None

    def maintenance(self, incident: IncidentDocument) -> list[Notice]:
        """Return what an incident's provider announced as maintenance, the latest first: it holds pages back.

        Raises:
            StoreError: if Elasticsearch can't answer.
        """
        wanted = _all(_of(incident.provider), {"term": {"kind": Kind.MAINTENANCE.value}})
        return [_notice(hit) for hit in self._scan("notices", wanted, _latest("notice_id"), at_most=PAGE_SIZE)]

    def last_words(self, wanted: Iterable[WordKey]) -> dict[WordKey, Word]:
        """Return what the provider last said about each incident; those not indexed yet are left out.

        Raises:
            StoreError: if Elasticsearch can't answer.
        """
        keys = list(wanted)
        words: dict[WordKey, Word] = {}
        for chunk in _chunks(keys, 100):
            bodies: list[dict[str, Any]] = []
            for source, own_id in chunk:
                said = _all(_member(source, own_id), {"term": {"speaker": Speaker.PROVIDER.value}})
                bodies += [self._target("notices"), {"query": said, "size": 1, "sort": _latest("notice_id")}]
            answers = self._ask(lambda bodies=bodies: self._client.msearch(searches=bodies))["responses"]
            for key, answer in zip(chunk, answers, strict=True):
                for hit in answer.get("hits", {}).get("hits", ()):
                    notice = _notice(hit["_source"])
                    words[key] = Word(notice.phase.value, notice.text, notice.order_at)
        return words

    def _open(self) -> list[IncidentDocument]:
        found = self._scan("incidents", _open_filter(), _latest("incident_id"), at_most=OPEN_AT_MOST)
        return [_read(IncidentDocument, hit) for hit in found]

    def _ended_lately(self, now: datetime) -> list[IncidentDocument]:
        """Read by the last notice, which an ended incident always has, more than are shown: then ``state`` picks."""
        since = format_instant(now - RECENT_FOR)
        query = {
            "bool": {
                "filter": [{"range": {"last_notice_at": {"gte": since}}}],
                "must_not": [_open_filter(), {"term": {"status": "merged"}}],
            }
        }
        order = [
            {"last_notice_at": {"order": "desc", "unmapped_type": "date"}},
            {"incident_id": {"order": "asc", "unmapped_type": "keyword"}},
        ]
        found = self._scan("incidents", query, order, at_most=4 * RECENT_KEPT)
        return [_read(IncidentDocument, hit) for hit in found]

    def _any_of(self, queries: list[dict[str, Any]]) -> list[IncidentDocument]:
        found = self._scan("incidents", _any(queries), _latest("incident_id"), at_most=6)
        return [_read(IncidentDocument, hit) for hit in found]

    def _belonging(self, name: str, model: type[Doc], ids: Sequence[str], key: str) -> Iterator[Doc]:
        """Yield an index's documents of these incidents, in the order of their ids."""
        order = [{key: {"order": "asc", "unmapped_type": "keyword"}}]
        for chunk in _chunks(list(ids), TERMS_AT_ONCE):
            for hit in self._scan(name, {"terms": {"incident_id": chunk}}, order):
                yield _read(model, hit)

    def _scan(
        self, name: str, query: dict[str, Any], order: list[dict[str, Any]], *, at_most: int | None = None
    ) -> Iterator[dict[str, Any]]:
        """Yield the sources of all hits, a page at a time; ``order`` must end with a field that is unique."""
        left = at_most
        after: list[Any] | None = None
        while left is None or left > 0:
            size = PAGE_SIZE if left is None else min(PAGE_SIZE, left)
            body: dict[str, Any] = {"query": query, "sort": order, "size": size, "track_total_hits": False}
            if after is not None:
                body["search_after"] = after
            answer = self._ask(lambda body=body: self._client.search(**self._target(name), body=body))
            hits = answer["hits"]["hits"]
            yield from (hit["_source"] for hit in hits)
            if len(hits) < size:
                return
            after = hits[-1]["sort"]
            left = None if left is None else left - len(hits)

    def _target(self, name: str) -> dict[str, Any]:
        return {"index": self._names.index(name), "ignore_unavailable": True, "allow_no_indices": True}

    def _ask(self, call: Any) -> dict[str, Any]:
        try:
            return dict(call())
        except TransportError as error:
            raise StoreError(f"Elasticsearch can't be reached: {error}") from error
        except ApiError as error:
            raise StoreError(f"Elasticsearch refused a search ({error.status_code}): {error.message}") from error


def _read(model: type[Doc], hit: dict[str, Any]) -> Doc:
    return model.from_wire(orjson.dumps(hit))


def _notice(hit: dict[str, Any]) -> Notice:
    return Notice.from_wire(orjson.dumps(hit))


def _open_filter() -> dict[str, Any]:
    return {"terms": {"status": [status.value for status in OPEN]}}


def _member(source: str, source_incident_id: str) -> dict[str, Any]:
    return _all({"term": {"source": source}}, {"term": {"source_incident_id": source_incident_id}})


def _of(provider: str) -> dict[str, Any]:
    return {"term": {"provider": provider}}


def _all(*filters: dict[str, Any]) -> dict[str, Any]:
    return {"bool": {"filter": list(filters)}}


def _any(queries: list[dict[str, Any]]) -> dict[str, Any]:
    return {"bool": {"filter": [{"bool": {"should": queries, "minimum_should_match": 1}}]}}


def _latest(key: str) -> list[dict[str, Any]]:
    return [
        {"@timestamp": {"order": "desc", "unmapped_type": "date"}},
        {key: {"order": "asc", "unmapped_type": "keyword"}},
    ]


Key = TypeVar("Key")


def _chunks(keys: list[Key], size: int) -> Iterator[list[Key]]:
    return (keys[start : start + size] for start in range(0, len(keys), size))
