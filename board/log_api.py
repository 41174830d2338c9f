"""The API of the communication log and the promise ledger, and of notes. IO: HTTP, Elasticsearch."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from fastapi import APIRouter, HTTPException, Request, status
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import SecretStr, ValidationError

from board.api import find, to_json
from board.contacts import Wanted, incident_log, provider_log
from board.live import Live
from board.receive import BrokerUnavailableError, PublishRaw, admit, confirmed, read_body
from models.documents import Documents
from models.instants import to_utc
from models.meetings import as_payload
from models.noting import Note, NoteError, communication_of, in_words
from models.promise_lines import promises_of, rates
from models.records import Basis

BODY_BYTES = 256 * 1024
"""Of a note: its text is far shorter."""
Known = Callable[[], Documents]
"""Gives the documents in force, or raises ``BrokerUnavailableError``; called in worker threads."""


def router(live: Live, documents: Known, token: SecretStr | None, publish: PublishRaw) -> APIRouter:
    """Return the routes. Handlers that search run in worker threads."""
    routes = APIRouter()

    @routes.get("/api/incidents/{incident_id}/communications")
    def of_incident(incident_id: str) -> JSONResponse:
        """Return every contact about one incident, and how soon they were answered."""
        dossier = find(live, incident_id)
        log = incident_log(live.store, dossier, live.store.notices(dossier.incident), live.clock.now())
        return JSONResponse(log.to_json())

    @routes.get("/api/communications")
    def of_provider(provider: str, since: datetime | None = None, until: datetime | None = None) -> JSONResponse:
        """Return every contact with one provider, of a time; times without an offset are refused."""
        wanted = Wanted(provider, since=_aware(since), until=_aware(until))
        return JSONResponse(provider_log(live.store, wanted, live.clock.now()).to_json())

    @routes.post("/api/communications", status_code=status.HTTP_202_ACCEPTED)
    async def note(request: Request) -> JSONResponse:
        """Put one contact into the log; needs the board's bearer token."""
        admit(request, token)
        body = await read_body(request, BODY_BYTES)
        try:
            noted = communication_of(Note.model_validate_json(body), live.clock.now())
        except (ValidationError, NoteError) as error:
            raise HTTPException(422, in_words(error)) from error
        await run_in_threadpool(confirmed, publish, as_payload(noted))
        return JSONResponse(to_json(noted), status.HTTP_202_ACCEPTED)

    @routes.get("/api/incidents/{incident_id}/promises")
    def promises(incident_id: str) -> JSONResponse:
        """Return what was promised about one incident and what came of it, on all bases."""
        incident = find(live, incident_id).incident
        try:
            known = documents()
        except BrokerUnavailableError as error:
            raise HTTPException(503, str(error), headers={"Retry-After": "5"}) from error
        notices = live.store.notices(incident)
        found = promises_of(incident.incident_id, incident.provider, notices, known, live.clock.now())
        lines = found or ()
        told: dict[str, Any] = {
            "is_judged": found is not None,
            "promises": [one.line() for one in lines],
            "rates": [rates(lines, basis) for basis in Basis],
        }
        return JSONResponse(told)

    return routes


def _aware(instant: datetime | None) -> datetime | None:
    """Return an instant in UTC.

    Raises:
        HTTPException: 422 if nobody says in which zone it is.
    """
    if instant is not None and instant.tzinfo is None:
        raise HTTPException(422, "a time needs an offset, such as 2026-05-01T12:00:00Z")
    return None if instant is None else to_utc(instant)
