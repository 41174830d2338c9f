"""The REST API: incidents, clocks, time lines, health and metrics, as JSON. IO: HTTP, Elasticsearch."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import JSONResponse

from board.live import SOURCES, Live
from board.metrics import Metrics
from board.state import Dossier, newer
from board.store import AmbiguousIncidentError, UnknownIncidentError
from board.timeline import timeline
from models.document import Document
from models.instants import format_instant

MAX_LIMIT = 5000
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]


def router(live: Live, metrics: Metrics) -> APIRouter:
    """Return the routes. Handlers that search run in worker threads."""
    routes = APIRouter()

    @routes.get("/api/incidents")
    def incidents(provider: str | None = None, ended: bool = False, limit: Limit = 200) -> JSONResponse:
        """List open incidents, or with ``ended`` all of them; the latest start first."""
        found = live.store.incidents(every=ended, provider=provider, limit=limit)
        return JSONResponse({"incidents": [to_json(one) for one in found]})

    @routes.get("/api/incidents/{incident_id}")
    def incident(incident_id: str) -> JSONResponse:
        """Return one incident with its clocks, plan, pages and deliveries."""
        return JSONResponse(dossier_json(find(live, incident_id)))

    @routes.get("/api/incidents/{incident_id}/timeline")
    def time_line(incident_id: str) -> JSONResponse:
        """Return what happened to one incident, the earliest first."""
        dossier = find(live, incident_id)
        notices = live.store.notices(dossier.incident)
        return JSONResponse({"timeline": [entry.to_document() for entry in timeline(dossier, notices)]})

    @routes.get("/api/clocks")
    def clocks(provider: str | None = None, stopped: bool = False, limit: Limit = 1000) -> JSONResponse:
        """List running clocks, the first to fall due first; with ``stopped`` all of them."""
        found = live.store.clocks(running=not stopped, provider=provider, limit=limit)
        return JSONResponse({"clocks": [to_json(one) for one in found]})

    @routes.get("/healthz")
    async def health() -> JSONResponse:
        """Answer 200 while the board is current, 503 while it may be out of date."""
        sources = {source: live.check(source).trouble or "ok" for source in SOURCES}
        current = live.is_current
        body = {"status": "ok" if current else "out of date", "now": format_instant(live.clock.now()), **sources}
        return JSONResponse(body, 200 if current else 503)

    @routes.get("/metrics")
    async def measures(_: Request) -> Response:
        """Expose the board's metrics to Prometheus."""
        return Response(metrics.text(live), media_type="text/plain; version=0.0.4; charset=utf-8")

    return routes


def find(live: Live, text: str) -> Dossier:
    """Return the incident that an id, or a unique beginning of one, means: the index and the stream joined.

    Raises:
        HTTPException: 404 if there is none, 409 if there are several.
        StoreError: if Elasticsearch can't answer.
    """
    try:
        incident = live.store.resolve(text)
    except UnknownIncidentError as error:
        raise HTTPException(404, str(error)) from error
    except AmbiguousIncidentError as error:
        raise HTTPException(409, str(error)) from error
    return newer(live.store.dossier(incident), live.dossier(incident.incident_id))


def to_json(document: Document) -> dict[str, Any]:
    """Return a document as it is on the topic and in the index."""
    return dict(orjson.loads(document.to_wire()))


def dossier_json(dossier: Dossier) -> dict[str, Any]:
    """Return a dossier as one JSON object."""
    return {
        "incident": to_json(dossier.incident),
        "clocks": [to_json(one) for one in dossier.clocks],
        "plan": None if dossier.plan is None else to_json(dossier.plan),
        "pages": [to_json(one) for one in dossier.pages],
        "deliveries": [to_json(one) for one in dossier.deliveries],
    }
