"""Evidence from a made-up history, as the index would hold it."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from holdfast.analysis import Evidence
from holdfast.sample import History, told
from models.communication import Communication
from models.document import Document
from models.fact import fact_of
from models.matter import Matter
from models.notice import Flag, Kind, Notice
from models.paging import Delivery, Page, PlanDocument
from models.records import ClockDocument, IncidentDocument


def matters_of(documents: Iterable[Document], notices: Iterable[Notice]) -> tuple[Matter, ...]:
    """Put whole incidents together."""
    known: dict[type, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    incidents = []
    for one in documents:
        if isinstance(one, IncidentDocument):
            incidents.append(one)
        elif isinstance(one, ClockDocument | PlanDocument | Page | Delivery):
            known[type(one)][one.incident_id].append(one)
    facts = defaultdict(list)
    for notice in notices:
        if notice.kind in (Kind.INCIDENT, Kind.MAINTENANCE) and Flag.TEST not in notice.flags:
            facts[f"{notice.source}/{notice.source_incident_id}"].append(fact_of(notice))
    return tuple(
        Matter(
            one,
            tuple(known[ClockDocument][one.incident_id]),
            tuple(fact for name in one.members for fact in facts[name]),
            next(iter(known[PlanDocument][one.incident_id]), None),
            tuple(known[Page][one.incident_id]),
            tuple(known[Delivery][one.incident_id]),
        )
        for one in incidents
    )


def evidence_of(history: History, as_of: datetime | None = None) -> Evidence:
    """Return everything on record of a made-up history."""
    until = as_of or history.shape.end
    notices = tuple(one for one in history.notices() if one.received_at <= until)
    documents = list(told(history, until))
    return Evidence(
        history.documents,
        matters_of(documents, notices),
        notices,
        tuple(one for one in documents if isinstance(one, Communication)),
    )
