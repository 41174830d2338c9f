"""Who will be told when, if nothing happens, of an incident of the index. IO: HTTP, Elasticsearch, read only."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import JSONResponse

from board.api import find, to_json
from board.live import Live
from board.receive import BrokerUnavailableError
from board.state import Dossier
from board.store import Store, StoreError
from models.calendar import CalendarRangeError
from models.documents import AmbiguousAgreementError, Documents
from models.forecast import Foretold
from models.notice import Notice
from models.preview import OnRecord, PreviewError, foretell_recorded

LONGEST_H = 24 * 366
Hours = Annotated[int, Query(ge=1, le=LONGEST_H)]
InForce = Callable[[], Documents]
Foreseen = tuple[tuple[Foretold, ...] | None, str | None]
"""Who will be told when; or None and why that can't be said."""
NO_POLICY = "no policy applies to this incident"


def router(live: Live, documents: InForce) -> APIRouter:
    """Return the route of previews. It searches in a worker thread."""
    routes = APIRouter()

    @routes.get("/api/incidents/{incident_id}/plan")
    def plan(incident_id: str, hours: Hours = 24) -> JSONResponse:
        """Return an incident's plan, and who will be told within so many hours if nothing happens."""
        dossier = _known(live, incident_id)
        foretold, reason = foresee(live, dossier, timedelta(hours=hours), documents)
        body: dict[str, Any] = {
            "plan": None if dossier.plan is None else to_json(dossier.plan),
            "forecast": None if foretold is None else [one.line() for one in foretold],
            "reason": reason,
        }
        return JSONResponse(body)

    return routes


def _known(live: Live, text: str) -> Dossier:
    """Return an incident of the index and the stream; where the index fails, what the stream has told.

    Raises:
        HTTPException: if neither knows it.
        StoreError: if the index can't answer, and the stream has not told of it.
    """
    try:
        return find(live, text)
    except (StoreError, HTTPException):
        dossier = live.dossier(text)
        if dossier is None:
            raise
        return dossier


def foresee(
    live: Live, dossier: Dossier, lasting: timedelta, documents: InForce, notices: Sequence[Notice] | None = None
) -> Foreseen:
    """Return who will be told when, as of now; what can't be had is no error but the reason.

    Args:
        live: the board's index and clock.
        dossier: of the incident.
        lasting: how far ahead to look.
        documents: asked only where a plan needs them.
        notices: of the incident, where they have been read already.
    """
    if dossier.plan is None:
        return None, NO_POLICY
    try:
        return forecast_of(on_record(dossier, live.store, notices), live.clock.now(), lasting, documents())
    except (StoreError, BrokerUnavailableError) as error:
        return None, str(error)


def on_record(dossier: Dossier, store: Store, notices: Sequence[Notice] | None = None) -> OnRecord:
    """Return what the index and the stream hold of an incident that has a plan; reads its notices unless given.

    Raises:
        StoreError: if Elasticsearch can't answer.
    """
    assert dossier.plan is not None
    own = store.notices(dossier.incident) if notices is None else notices
    told = {one.notice_id: one for one in (*own, *store.maintenance(dossier.incident))}
    return OnRecord(dossier.incident, dossier.plan, dossier.pages, tuple(told.values()))


def forecast_of(record: OnRecord, now: datetime, lasting: timedelta, documents: Documents) -> Foreseen:
    """Return who will be told when, or None and why that can't be said."""
    try:
        return foretell_recorded(record, now, lasting, documents), None
    except (PreviewError, AmbiguousAgreementError, CalendarRangeError) as error:
        return None, str(error)
