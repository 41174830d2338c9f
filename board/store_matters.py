"""Reads whole incidents, with what was said of them, from Elasticsearch: for reviews and handoffs. IO: read only."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

import orjson

from board.store import PAGE_SIZE
from board.store_communications import CommunicationStore
from models.fact import Fact, fact_of
from models.instants import format_instant
from models.matter import OVER, Matter
from models.notice import Flag, Kind, Notice
from models.paging import Delivery, Page, PlanDocument
from models.records import ClockDocument, IncidentDocument, IncidentStatus

INCIDENTS_AT_MOST = 5_000
"""Incidents summed up at once, the latest start first."""
MEMBERS_AT_ONCE = 200
"""Members in one query; each is two terms."""
TOLD = (Kind.INCIDENT, Kind.MAINTENANCE)


class _Of(Protocol):
    @property
    def incident_id(self) -> str: ...


Own = TypeVar("Own", bound=_Of)


class MatterStore(CommunicationStore):
    """Searches of one installation's indices, with whole incidents."""

    def matters(
        self, begin: datetime, end: datetime, *, provider: str | None = None, limit: int = INCIDENTS_AT_MOST
    ) -> list[Matter]:
        """Return what touched an interval, and all that is open, each with everything on record of it.

        Args:
            begin: of the interval; what was last spoken of before, and is over, is left out.
            end: what began after it is left out.
            provider: only of this one.
            limit: at most so many, the latest start first.

        Raises:
            StoreError: if Elasticsearch can't answer.
        """
        over = [status.value for status in OVER]
        touching = [
            {"range": {"last_notice_at": {"gte": format_instant(begin)}}},
            {"bool": {"must_not": [{"terms": {"status": over}}]}},
        ]
        wanted: list[dict[str, Any]] = [
            {"range": {"started_at": {"lte": format_instant(end)}}},
            {"bool": {"should": touching, "minimum_should_match": 1}},
        ]
        if provider is not None:
            wanted.append({"term": {"provider": provider}})
        merged = {"term": {"status": IncidentStatus.MERGED.value}}
        order = [
            {"@timestamp": {"order": "desc", "unmapped_type": "date"}},
            {"incident_id": {"order": "asc", "unmapped_type": "keyword"}},
        ]
        query = {"bool": {"filter": wanted, "must_not": [merged]}}
        found = self._scan("incidents", query, order, at_most=limit)
        return self._whole([IncidentDocument.from_wire(orjson.dumps(hit)) for hit in found])

    def _whole(self, incidents: Sequence[IncidentDocument]) -> list[Matter]:
        return self._with(incidents, self._said({name for one in incidents for name in one.members}))

    def _with(self, incidents: Sequence[IncidentDocument], said: Iterable[Notice]) -> list[Matter]:
        """Return incidents with what belongs to them, and the facts of what was said of them."""
        ids = [one.incident_id for one in incidents]
        clocks = _by_incident(self._belonging("clocks", ClockDocument, ids, "clock_id"))
        plans = _by_incident(self._belonging("plans", PlanDocument, ids, "incident_id"))
        pages = _by_incident(self._belonging("pages", Page, ids, "page_id"))
        deliveries = _by_incident(self._belonging("deliveries", Delivery, ids, "delivery_id"))
        facts = _facts(said)
        return [
            Matter(
                incident=one,
                clocks=tuple(clocks[one.incident_id]),
                facts=tuple(fact for name in one.members for fact in facts[name]),
                plan=next(iter(plans[one.incident_id]), None),
                pages=tuple(pages[one.incident_id]),
                deliveries=tuple(deliveries[one.incident_id]),
            )
            for one in incidents
        ]

    def _said(self, names: Iterable[str]) -> Iterator[Notice]:
        """Yield what was said under each name, ``source/source_incident_id``, of whatever kind."""
        ordered = sorted(names)
        order = [{"notice_id": {"order": "asc", "unmapped_type": "keyword"}}]
        for start in range(0, len(ordered), MEMBERS_AT_ONCE):
            either = [_member(name) for name in ordered[start : start + MEMBERS_AT_ONCE]]
            query = {"bool": {"filter": [{"bool": {"should": either, "minimum_should_match": 1}}]}}
            for hit in self._scan("notices", query, order, at_most=200 * PAGE_SIZE):
                yield Notice.from_wire(orjson.dumps(hit))


def _facts(said: Iterable[Notice]) -> dict[str, list[Fact]]:
    """Return what was said under each member; tests are left out."""
    found: dict[str, list[Fact]] = defaultdict(list)
    for notice in said:
        if notice.kind in TOLD and Flag.TEST not in notice.flags:
            found[f"{notice.source}/{notice.source_incident_id}"].append(fact_of(notice))
    return found


def _by_incident(documents: Iterator[Own]) -> dict[str, list[Own]]:
    found: dict[str, list[Own]] = defaultdict(list)
    for one in documents:
        found[one.incident_id].append(one)
    return found


def _member(name: str) -> dict[str, Any]:
    source, _, own_id = name.partition("/")
    return {"bool": {"filter": [{"term": {"source": source}}, {"term": {"source_incident_id": own_id}}]}}
