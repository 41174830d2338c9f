"""Reads a provider's whole history from Elasticsearch, a portion at a time: for analyses. IO: read only."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple, TypeVar

import orjson

from board.store import PAGE_SIZE
from board.store_matters import MatterStore
from models.derived import Scorecard
from models.instants import format_instant
from models.matter import OVER, Matter
from models.notice import Kind, Notice
from models.records import Basis, IncidentDocument, IncidentStatus, Objective, Verdict

AT_ONCE = 500
"""Incidents made whole at once."""
MERGED = {"term": {"status": IncidentStatus.MERGED.value}}
JUDGED = (Verdict.MET, Verdict.BREACHED)

One = TypeVar("One")


class Judged(NamedTuple):
    """How many clocks of one kind came to a verdict."""

    provider: str
    objective: Objective
    basis: Basis
    priority: str | None
    verdict: Verdict
    clocks: int


class HistoryStore(MatterStore):
    """Searches of one installation's indices, with whole histories; what it holds at once is bounded."""

    def providers(self) -> list[str]:
        """Return the ids of all providers that ever had an incident, sorted.

        Raises:
            StoreError: if Elasticsearch can't answer.
        """
        sources = [{"provider": {"terms": {"field": "provider"}}}]
        return [key["provider"] for key, _ in self._composite("incidents", {"match_all": {}}, sources)]

    def judged(self, begin: datetime | None, end: datetime | None, as_of: datetime) -> Iterator[Judged]:
        """Yield how many clocks were met and breached, by provider, objective, basis and priority.

        Args:
            begin: clocks that began from then on; None: all.
            end: clocks that began before; None: up to ``as_of``.
            as_of: what stopped later is not judged yet.

        Raises:
            StoreError: if Elasticsearch can't answer.
        """
        query = {
            "bool": {
                "filter": [{"terms": {"verdict": [one.value for one in JUDGED]}}, _within(begin, end or as_of)],
                "must_not": [{"range": {"stopped_at": {"gt": format_instant(as_of)}}}],
            }
        }
        names = ("provider", "objective", "basis", "priority", "verdict")
        sources = [{name: {"terms": {"field": name, "missing_bucket": name == "priority"}}} for name in names]
        for key, count in self._composite("clocks", query, sources):
            measure = Objective(key["objective"]), Basis(key["basis"])
            yield Judged(key["provider"], *measure, key["priority"], Verdict(key["verdict"]), count)

    def history(
        self, provider: str, begin: datetime | None, end: datetime
    ) -> Iterator[tuple[list[Matter], list[Notice]]]:  # fmt: skip
        """Yield a provider's incidents whole, with all that was said of them and of their hazards, some at a time.

        Args:
            provider: its id.
            begin: what was last spoken of before, and is over, is left out; None: nothing is.
            end: what began later is left out.

        Raises:
            StoreError: if Elasticsearch can't answer.
        """
        wanted: list[dict[str, Any]] = [
            {"term": {"provider": provider}},
            {"range": {"started_at": {"lt": format_instant(end)}}},
        ]
        if begin is not None:
            over = {"terms": {"status": [status.value for status in OVER]}}
            lately = {"range": {"last_notice_at": {"gte": format_instant(begin)}}}
            wanted.append({"bool": {"should": [lately, {"bool": {"must_not": [over]}}], "minimum_should_match": 1}})
        order = [{"incident_id": {"order": "asc", "unmapped_type": "keyword"}}]
        found = self._scan("incidents", {"bool": {"filter": wanted, "must_not": [MERGED]}}, order)
        for hits in _portions(found, AT_ONCE):
            incidents = [IncidentDocument.from_wire(orjson.dumps(hit)) for hit in hits]
            said = list(self._said({name for one in incidents for name in (*one.members, *one.exposures)}))
            yield self._with(incidents, said), [one for one in said if one.provider in (provider, None)]

    def hazard_notices(self, as_of: datetime) -> Iterator[Notice]:
        """Yield all that was said of hazards, and whom they expose, by an instant.

        Raises:
            StoreError: if Elasticsearch can't answer.
        """
        wanted = [
            {"terms": {"kind": [Kind.HAZARD.value, Kind.EXPOSURE.value]}},
            {"range": {"received_at": {"lte": format_instant(as_of)}}},
        ]
        order = [{"notice_id": {"order": "asc", "unmapped_type": "keyword"}}]
        for hit in self._scan("notices", {"bool": {"filter": wanted}}, order):
            yield Notice.from_wire(orjson.dumps(hit))

    def exposed(self, as_of: datetime) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield the incidents that hazards touched: id, and the hazards' names.

        Raises:
            StoreError: if Elasticsearch can't answer.
        """
        wanted = [{"exists": {"field": "exposures"}}, {"range": {"started_at": {"lt": format_instant(as_of)}}}]
        order = [{"incident_id": {"order": "asc", "unmapped_type": "keyword"}}]
        for hit in self._scan("incidents", {"bool": {"filter": wanted, "must_not": [MERGED]}}, order):
            yield hit["incident_id"], tuple(hit["exposures"])

    def scorecards(self, **wanted: str) -> list[Scorecard]:
        """Return scorecards with these fields, such as ``provider``; ordered by begin, objective, weekday and hour.

        Raises:
            StoreError: if Elasticsearch can't answer.
        """
        query = {"bool": {"filter": [{"term": {name: value}} for name, value in sorted(wanted.items())]}}
        names = ("objective", "tally", "basis", "weekday", "hour", "service", "priority")
        order = [{"@timestamp": {"order": "asc", "unmapped_type": "date"}}]
        order += [{name: {"order": "asc", "unmapped_type": "keyword"}} for name in names]
        return [Scorecard.from_wire(orjson.dumps(hit)) for hit in self._scan("scorecards", query, order)]

    def _composite(
        self, name: str, query: dict[str, Any], sources: list[dict[str, Any]]
    ) -> Iterator[tuple[dict[str, Any], int]]:
        """Yield each combination that occurs, with its count, in the order of the sources."""
        after: dict[str, Any] | None = None
        while True:
            composite: dict[str, Any] = {"size": PAGE_SIZE, "sources": sources}
            if after is not None:
                composite["after"] = after
            body = {"size": 0, "query": query, "aggs": {"each": {"composite": composite}}}
            answer = self._ask(lambda body=body: self._client.search(**self._target(name), body=body))
            buckets = answer.get("aggregations", {}).get("each", {}).get("buckets", [])
            yield from ((bucket["key"], bucket["doc_count"]) for bucket in buckets)
            if len(buckets) < PAGE_SIZE:
                return
            after = buckets[-1]["key"]


def _within(begin: datetime | None, end: datetime) -> dict[str, Any]:
    bounds = {"lt": format_instant(end)}
    if begin is not None:
        bounds["gte"] = format_instant(begin)
    return {"range": {"@timestamp": bounds}}


def _portions(found: Iterator[One], size: int) -> Iterator[list[One]]:
    while portion := list(islice(found, size)):
        yield portion
