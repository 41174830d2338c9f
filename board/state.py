"""What the board knows: the newest revision of every incident in view, with its clocks, plan, pages and deliveries.

Decides which of two copies of a document stays and when one may be forgotten. Records come twice and in any order
(a snapshot of the index, and the tail of the topics), so applying them is a join: same set, same state. Pure.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from models.paging import Delivery, Page, PlanDocument
from models.records import ClockDocument, IncidentDocument, IncidentStatus

Record = IncidentDocument | ClockDocument | PlanDocument | Page | Delivery
Changing = TypeVar("Changing", IncidentDocument, ClockDocument, PlanDocument)

OPEN = (IncidentStatus.OPEN, IncidentStatus.RESTORED)
"""Statuses of an incident that the board keeps watching; restored is a claim until it is resolved."""
RECENT_KEPT = 12
"""Ended incidents kept in view."""
RECENT_FOR = timedelta(hours=24)
TOMBSTONES_KEPT = 50_000
"""Revisions remembered of incidents out of view, so that an old copy can't bring one back: about 8 MB."""
ORPHAN_ROUNDS = 4
"""Prunings that a document outlives while its incident is unknown: topics are not ordered among each other."""


@dataclass(frozen=True)
class Dossier:
    """Everything known of one incident. Sequences are sorted; the same state gives the same dossier."""

    incident: IncidentDocument
    clocks: tuple[ClockDocument, ...]
    plan: PlanDocument | None
    pages: tuple[Page, ...]
    deliveries: tuple[Delivery, ...]


class BoardState:
    """The join of all records applied so far, less what has gone out of view."""

    def __init__(self) -> None:
        self._incidents: dict[str, IncidentDocument] = {}
        self._plans: dict[str, PlanDocument] = {}
        self._clocks: dict[str, dict[str, ClockDocument]] = defaultdict(dict)
        self._pages: dict[str, dict[str, Page]] = defaultdict(dict)
        self._deliveries: dict[str, dict[str, Delivery]] = defaultdict(dict)
        self._gone: dict[str, int] = {}
        self._orphans: dict[str, int] = {}

    def apply(self, record: Record) -> bool:
        """Take a record in; return whether it changed anything.

        Of two revisions the higher stays; records that never change are kept once.
        """
        owner = record.incident_id
        if isinstance(record, IncidentDocument):
            if self._gone.get(owner, -1) >= record.revision:
                return False
            self._gone.pop(owner, None)
            return _keep(self._incidents, owner, record)
        if isinstance(record, ClockDocument):
            return _keep(self._clocks[owner], record.clock_id, record)
        if isinstance(record, PlanDocument):
            return _keep(self._plans, owner, record)
        if isinstance(record, Page):
            return self._pages[owner].setdefault(record.page_id, record) is record
        return self._deliveries[owner].setdefault(record.delivery_id, record) is record

    def open(self) -> list[IncidentDocument]:
        """Return open and restored incidents, by id."""
        return sorted((one for one in self._incidents.values() if one.status in OPEN), key=lambda one: one.incident_id)

    def recent(self, now: datetime) -> list[IncidentDocument]:
        """Return incidents that ended within ``RECENT_FOR``, latest first, at most ``RECENT_KEPT``."""
        ended = [
            one
            for one in self._incidents.values()
            if one.status not in OPEN and one.status is not IncidentStatus.MERGED and now - ended_at(one) <= RECENT_FOR
        ]
        return sorted(ended, key=lambda one: (ended_at(one), one.incident_id), reverse=True)[:RECENT_KEPT]

    def dossier(self, incident_id: str) -> Dossier | None:
        """Return all that is known of one incident in view; None of another."""
        incident = self._incidents.get(incident_id)
        if incident is None:
            return None
        return dossier_of(
            incident,
            self._clocks.get(incident_id, {}).values(),
            self._plans.get(incident_id),
            self._pages.get(incident_id, {}).values(),
            self._deliveries.get(incident_id, {}).values(),
        )

    def page(self, page_id: str) -> Page | None:
        """Return a page of an incident in view by its id; None of another."""
        return next((pages[page_id] for pages in self._pages.values() if page_id in pages), None)

    def prune(self, now: datetime) -> None:
        """Forget what has gone out of view, and documents whose incident never came."""
        kept = {one.incident_id for one in (*self.open(), *self.recent(now))}
        for incident_id in [known for known in self._incidents if known not in kept]:
            self._gone[incident_id] = self._incidents.pop(incident_id).revision
            self._forget(incident_id)
        while len(self._gone) > TOMBSTONES_KEPT:
            del self._gone[next(iter(self._gone))]
        self._prune_orphans()

    def _prune_orphans(self) -> None:
        attached = {*self._clocks, *self._plans, *self._pages, *self._deliveries}
        rounds = {owner: self._orphans.get(owner, 0) + 1 for owner in attached if owner not in self._incidents}
        for owner in [owner for owner, count in rounds.items() if count > ORPHAN_ROUNDS]:
            self._forget(owner)
            del rounds[owner]
        self._orphans = rounds

    def _forget(self, incident_id: str) -> None:
        self._clocks.pop(incident_id, None)
        self._plans.pop(incident_id, None)
        self._pages.pop(incident_id, None)
        self._deliveries.pop(incident_id, None)


def dossier_of(
    incident: IncidentDocument,
    clocks: Iterable[ClockDocument],
    plan: PlanDocument | None,
    pages: Iterable[Page],
    deliveries: Iterable[Delivery],
) -> Dossier:
    """Return a dossier with its sequences in their one order."""
    return Dossier(
        incident,
        tuple(sorted(clocks, key=lambda one: (one.objective, one.ordinal, one.basis, one.clock_id))),
        plan,
        tuple(sorted(pages, key=lambda one: (one.due_at, one.page_id))),
        tuple(sorted(deliveries, key=lambda one: (one.finished_at, one.attempt, one.delivery_id))),
    )


def newer(left: Dossier, right: Dossier | None) -> Dossier:
    """Join two dossiers of one incident: the higher revision of each document, and all pages and deliveries."""
    if right is None:
        return left
    state = BoardState()
    for side in (left, right):
        for record in (side.incident, *side.clocks, side.plan, *side.pages, *side.deliveries):
            if record is not None:
                state.apply(record)
    joined = state.dossier(left.incident.incident_id)
    assert joined is not None
    return joined


def ended_at(incident: IncidentDocument) -> datetime:
    """Return when an incident ended: by the agreed basis, else by the best word there is."""
    return incident.restored_at or incident.resolved_at or incident.last_notice_at or incident.started_at


def _keep(known: dict[str, Changing], key: str, record: Changing) -> bool:
    current = known.get(key)
    if current is not None and current.revision >= record.revision:
        return False
    known[key] = record
    return True
