"""Steps that questions share: an incident by its id, and what belongs to it. Pure: searches out, answers in."""

from collections.abc import Generator, Sequence
from typing import Any, TypeAlias, TypeVar

import orjson

from dashboards.questions.asking import READ_AT_MOST, Answered, Search, either, every, hits, ordered
from models.communication import Communication
from models.contacts_log import Contacts
from models.document import Document
from models.notice import Kind, Notice
from models.paging import Delivery, Page
from models.questions import QuestionError
from models.records import ClockDocument, IncidentDocument

PREFIX_LENGTH = 4
"""Shortest beginning of an id that is taken for one."""
PAGES_AT_MOST = 5
"""Searches for the documents of one kind that a question reads whole."""
SIMILAR_AT_MOST = 6
"""Incidents that are told apart where a beginning fits several."""

Doc = TypeVar("Doc", bound=Document)
Found = TypeVar("Found")
Lookup: TypeAlias = Generator[Search, Answered, Found]


def incident(text: str) -> Lookup[IncidentDocument]:
    """Find the incident that a person means: its id, the source's own id, or a beginning of either.

    Raises:
        QuestionError: if none fits, or several do and none exactly.
    """
    fields = ("incident_id", "source_incident_id")
    found = yield from _incidents([{"term": {field: text}} for field in fields])
    if not found and len(text) >= PREFIX_LENGTH:
        found = yield from _incidents([{"prefix": {field: text}} for field in fields])
    found = [one for one in found if one.merged_into is None] or found
    if not found:
        raise QuestionError(
            f"no incident has an id that is or begins with {text!r}; `holdfast incidents --all` lists them"
        )
    if len(found) > 1:
        listed = ", ".join(f"{one.incident_id[:12]} ({one.provider}, {one.source_incident_id})" for one in found)
        raise QuestionError(f"{text!r} fits several incidents: {listed}; give more of the id")
    return found[0]


def _incidents(queries: Sequence[dict[str, Any]]) -> Lookup[list[IncidentDocument]]:
    body = {"query": every(either(*queries)), "sort": ordered("-@timestamp", "incident_id"), "size": SIMILAR_AT_MOST}
    answered = yield Search("incidents", body)
    return documents(IncidentDocument, answered)


def notices(of: IncidentDocument, *, with_hazards: bool = False) -> Lookup[tuple[Notice, ...]]:
    """Find what was said about an incident by all its members, in the order in which it was received.

    Args:
        of: the incident.
        with_hazards: what was said of the hazards that it was exposed to, too.
    """
    names = [_member(name) for name in of.members]
    if with_hazards:
        names += [every(_member(name), {"term": {"provider": of.provider}}) for name in of.exposures]
    found = yield from read(Notice, "notices", every(either(*names)), "received_at", "notice_id")
    return found


def told(found: Sequence[Notice]) -> list[Notice]:
    """Return what was said of the incident itself, without its hazards."""
    return [one for one in found if one.kind in (Kind.INCIDENT, Kind.MAINTENANCE)]


def contacts(of: IncidentDocument, said: Sequence[Notice]) -> Lookup[Contacts]:
    """Find the pages, deliveries and communications about an incident, and join them with its notices."""
    mine = {"term": {"incident_id": of.incident_id}}
    pages = yield from read(Page, "pages", every(mine), "issued_at", "page_id")
    deliveries = yield from read(Delivery, "deliveries", every(mine), "finished_at", "delivery_id")
    about = every({"term": {"incident_ids": of.incident_id}})
    communications = yield from read(Communication, "communications", about, "happened_at", "communication_id")
    return Contacts(pages, deliveries, tuple(said), communications)


def clocks(query: dict[str, Any]) -> Lookup[tuple[ClockDocument, ...]]:
    """Find clocks, by incident, objective and ordinal."""
    found = yield from read(ClockDocument, "clocks", query, "incident_id", "objective", "basis", "ordinal")
    return found


def read(model: type[Doc], index: str, query: dict[str, Any], *order: str) -> Lookup[tuple[Doc, ...]]:
    """Find all documents that fit, whole.

    Args:
        model: of the documents.
        index: own name.
        query: that they fit.
        order: fields to sort by, ``-field`` downwards; the last one tells all of them apart.

    Raises:
        QuestionError: if they are more than ``PAGES_AT_MOST`` answers full: half of the record would be no answer.
    """
    body = {"query": query, "sort": ordered(*order), "size": READ_AT_MOST, "track_total_hits": False}
    found: list[Doc] = []
    for _ in range(PAGES_AT_MOST):
        answered = yield Search(index, body)
        found += documents(model, answered)
        if len(hits(answered)) < READ_AT_MOST:
            return tuple(found)
        body = {**body, "search_after": hits(answered)[-1]["sort"]}
    raise QuestionError(
        f"{len(found)} {index} and more fit: too many for one answer; narrow the question by provider or time"
    )


def documents(model: type[Doc], answered: Answered) -> list[Doc]:
    """Return the documents of an answer."""
    return [model.from_wire(orjson.dumps(hit["_source"])) for hit in hits(answered)]


def _member(name: str) -> dict[str, Any]:
    source, _, own_id = name.partition("/")
    return every({"term": {"source": source}}, {"term": {"source_incident_id": own_id}})
