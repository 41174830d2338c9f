"""The board's pages and their live events. IO: HTTP, Elasticsearch."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from http import HTTPStatus
from itertools import groupby
from typing import Any

import orjson
from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse
from markupsafe import Markup
from sse_starlette import EventSourceResponse, ServerSentEvent

from board.api import find
from board.contacts import incident_log
from board.gate import Gate
from board.live import Live
from board.paging import PlanView, plan_view
from board.previewing import InForce, foresee
from board.receive import BrokerUnavailableError
from board.state import Dossier
from board.timeline import timeline
from board.view import card_of
from board.writing import desk_of
from models.documents import Documents
from models.notice import Notice
from models.paging import Side
from models.promise_lines import PromiseLine, promises_of
from models.records import IncidentDocument

BEAT_S = 5.0
"""Real seconds between two signs of life; board.js calls the connection lost after 12."""
SEND_S = 15.0
"""A viewer that takes no bytes for so long is let go."""
VIEWERS_AT_MOST = 250
AHEAD = timedelta(hours=24)
"""How far ahead an incident's page looks."""


def router(live: Live, gate: Gate) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    async def board() -> HTMLResponse:
        frame, order = _frame(live), list(live.order)
        views = {key: one.view for key, one in live.fragments.items()}
        summary, primed = live.summary, live.is_primed
        drawn = await run_in_threadpool(_draw, live, views, frame["now"])
        page = live.renderer.page(
            "board.html",
            **frame,
            summary=summary,
            fragments=drawn,
            cards=[drawn[key] for key in order],
            primed=primed,
        )
        return HTMLResponse(page)

    @routes.get("/incidents/{incident_id}")
    def incident(request: Request, incident_id: str) -> HTMLResponse:
        return HTMLResponse(_incident(live, gate, request, incident_id))

    @routes.get("/events")
    async def events(request: Request, since: str = "") -> EventSourceResponse:
        if live.viewers >= VIEWERS_AT_MOST:
            raise HTTPException(503, "too many viewers", headers={"Retry-After": "30"})
        last = request.headers.get("last-event-id") or since
        return EventSourceResponse(_events(live, live.resume(last)), ping=3600, send_timeout=SEND_S)

    return routes


async def _events(live: Live, number: int) -> AsyncIterator[ServerSentEvent]:
    """Yield patches as the board changes, and a beat when it does not."""
    live.viewers += 1
    try:
        while True:
            if number and not await live.changed_since(number, BEAT_S):
                yield ServerSentEvent(orjson.dumps(live.beat()).decode(), event="beat")
                continue
            patch, last_event_id = live.patch(number), live.last_event_id
            number = live.number
            yield ServerSentEvent(orjson.dumps(patch).decode(), event="patch", id=last_event_id)
    finally:
        live.viewers -= 1


def _draw(live: Live, views: dict[str, Any], now: datetime) -> dict[str, Markup]:
    """Draw views as of now: fragments kept for the events have ages of when they last changed, which scripts mend."""
    return {key: Markup(live.renderer.fragment(key, view, now)) for key, view in views.items()}  # noqa: S704 - autoescaped


def _incident(live: Live, gate: Gate, request: Request, text: str) -> str:
    now = live.clock.now()
    dossier, is_indexed = _found(live, text)
    incident = dossier.incident
    notices = live.store.notices(incident)
    known = _in_force(gate)
    card = card_of(dossier, None, now)
    clocks = [
        (
            objective if not ordinal else f"{objective} #{ordinal + 1}",
            sorted(rows, key=lambda one: one.basis != "agreed"),
        )
        for (objective, ordinal), rows in groupby(dossier.clocks, key=lambda one: (one.objective.value, one.ordinal))
    ]
    return live.renderer.page(
        "incident.html",
        **_frame(live),
        card=card,
        desk=desk_of(gate, request, (incident.provider, incident.incident_id), known),
        card_html=Markup(live.renderer.fragment(card.incident_id, card, now)),  # noqa: S704 - drawn with autoescape
        incident=incident,
        is_indexed=is_indexed,
        clocks=clocks,
        plan=_plan(live, dossier, gate.documents, notices),
        entries=timeline(dossier, notices),
        log=incident_log(live.store, dossier, notices, now),
        sides=tuple(Side),
        promises=_promises(incident, notices, known, now),
    )


def _promises(
    incident: IncidentDocument, notices: list[Notice], known: Documents | None, now: datetime
) -> tuple[PromiseLine, ...] | None:
    """Return what was promised; None where it can't be judged: no agreement is in force, or it can't be had."""
    if known is None:
        return None
    return promises_of(incident.incident_id, incident.provider, notices, known, now)


def _in_force(gate: Gate) -> Documents | None:
    """Return the documents in force; None where they can't be had."""
    try:
        return gate.documents()
    except BrokerUnavailableError:
        return None


def _plan(live: Live, dossier: Dossier, documents: InForce, notices: list[Notice]) -> PlanView | None:
    """Return the escalation of an incident with its preview; None where no policy applies."""
    if dossier.plan is None:
        return None
    return plan_view(dossier.plan, *foresee(live, dossier, AHEAD, documents, notices))


def _found(live: Live, text: str) -> tuple[Dossier, bool]:
    """Return an incident, and whether it is in the index: the board links to what only the stream has told it yet.

    Raises:
        HTTPException: if neither knows it.
    """
    try:
        return find(live, text), True
    except HTTPException as error:
        dossier = live.dossier(text) if error.status_code == HTTPStatus.NOT_FOUND else None
        if dossier is None:
            raise
        return dossier, False


def _frame(live: Live) -> dict[str, Any]:
    return {"now": live.clock.now(), "speed": live.speed, "last_event_id": live.last_event_id}


def problem(live: Live, title: str, detail: str) -> str:
    """Return a page that says what went wrong and leads back."""
    return live.renderer.page("problem.html", **_frame(live), title=title, detail=detail)
