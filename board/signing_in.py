"""The pages by which our own people sign in and out (ADR 0023). IO: HTTP, and Kafka for the documents in force."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from board.answering import Refusal
from board.form_body import Form, FormError, form_of
from board.gate import WITHIN_S, Gate
from board.live import Live
from board.receive import read_body
from board.session import Session
from board.store import StoreError

BODY_BYTES = 16 * 1024
RETRY_AFTER = {429: str(int(WITHIN_S)), 503: "5"}


def router(live: Live, gate: Gate) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/login")
    async def ask(request: Request, incident: str = "") -> Response:
        return await answered(live, lambda: _ask(live, gate, request, incident))

    @routes.post("/login")
    async def begin(request: Request) -> Response:
        return await answered(live, lambda: _begin(live, gate, request))

    @routes.post("/logout")
    async def end(request: Request) -> Response:
        return await answered(live, lambda: _end(gate, request))

    return routes


async def answered(live: Live, work: Callable[[], Awaitable[Response]]) -> Response:
    """Return the answer, or the page that says why there is none."""
    try:
        return await work()
    except Refusal as refusal:
        return _refused(live, refusal.status, refusal.title, refusal.detail)
    except StoreError as error:
        return _refused(live, 503, "Nothing was recorded", f"{error}. Please try again in a moment.")
    except HTTPException as error:
        return _refused(live, error.status_code, "Nothing was recorded", f"{error.detail}.")


def _refused(live: Live, status: int, title: str, detail: str) -> HTMLResponse:
    page = live.renderer.page("answer_refused.html", now=live.clock.now(), title=title, detail=detail)
    headers = {"Retry-After": RETRY_AFTER[status]} if status in RETRY_AFTER else None
    return HTMLResponse(page, status, headers=headers)


async def form_in(request: Request, at_most: int) -> Form:
    """Read a request's form.

    Raises:
        HTTPException: if it is larger than so many bytes, empty or cut short.
        Refusal: if it is no form.
    """
    try:
        return form_of(await read_body(request, at_most), request.headers.get("content-type", ""))
    except FormError as error:
        raise Refusal(422, "Nothing was recorded", f"{error}.") from error


async def _ask(live: Live, gate: Gate, request: Request, incident: str) -> Response:
    """Ask who it is; lead on who is known already. Cookies that come only from our own pages may be seen only now."""
    gate.key()
    session = gate.session(request)
    if session is not None and incident:
        return RedirectResponse(path_of(incident), 303)
    if session is not None:
        return _page(live, people={}, session=session, form_token=gate.form_token(session))
    return _page(live, people=await gate.people(), incident=incident)


async def _begin(live: Live, gate: Gate, request: Request) -> Response:
    gate.key()
    gate.admit_origin(request)
    form = await form_in(request, BODY_BYTES)
    incident, person = form.get("incident") or "", form.get("person") or ""
    is_ours = gate.try_token(form.get("token") or "", request.client.host if request.client else "")
    people = await gate.people()
    if not is_ours or person not in people:
        error = "choose who you are" if is_ours else "this is not the token of this installation"
        return _page(live, 403, people=people, incident=incident, person=person, error=error)
    answer = RedirectResponse(path_of(incident) if incident else "/login", 303)
    gate.begin(answer, Session.of(person, people[person], live.clock.now()))
    return answer


async def _end(gate: Gate, request: Request) -> Response:
    session = gate.writer(request)
    gate.check_form(await form_in(request, BODY_BYTES), session)
    answer = RedirectResponse("/", 303)
    gate.end(answer, session)
    return answer


def path_of(incident: str) -> str:
    """Return the path of an incident's page: always on this board, whatever is given."""
    return f"/incidents/{quote(incident[:200], safe='')}"


def _page(live: Live, status: int = 200, **context: Any) -> HTMLResponse:
    known = {"session": None, "form_token": "", "incident": "", "person": "", "error": None, **context}
    return HTMLResponse(live.renderer.page("login.html", now=live.clock.now(), **known), status)
