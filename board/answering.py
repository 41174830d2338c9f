"""The page of a token: GET shows, POST records (ADR 0016). IO: HTTP, Elasticsearch where it answers, Kafka.

It works from the token alone: what the board knows of the incident is added where it is known. GET and HEAD act on
nothing, however often a mail scanner or a preview comes by.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any, TypeVar

from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse
from pydantic import SecretStr

from board.answer_form import answer_of, zones
from board.answer_view import Asked, Known, claims_of, dues_of, reasons_of, recorded_lines, zone_of
from board.form_body import Form, FormError, form_of
from board.live import Live
from board.receive import BrokerUnavailableError, PayloadTooLargeError, PublishRaw, read_body
from board.store import StoreError
from board.used import Knocks, Used
from models.answers import ANSWER_FORMAT, ANSWERS_FEED, ATTACHMENT_BYTES, Answer, communication_id
from models.communication import Communication
from models.documents import Documents
from models.effects import effects
from models.paging import Side
from models.raw import RawPayload
from models.tokens import Claims, TokenError, seal, unseal

logger = logging.getLogger(__name__)

BODY_BYTES = ATTACHMENT_BYTES + 256 * 1024
"""Of a whole form: the largest document, and the fields."""
TOKEN_LENGTH = 8_000
LOOKUP_S = 2.0
"""Real seconds that the index has to say what it knows; a page at night does not wait for longer."""
Found = TypeVar("Found")


class Refusal(Exception):
    """The request is answered by a page that says why, and what to do.

    Attributes:
        status: of the answer.
        title: of the page.
        detail: in words.
    """

    def __init__(self, status: int, title: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.title, self.detail = status, title, detail


@dataclass(frozen=True)
class Said:
    """What stands above the forms."""

    recorded: Communication | None = None
    error: str | None = None
    entered: dict[str, str] = field(default_factory=dict)


NOTHING_SAID = Said()


@dataclass
class Desk:
    """Where answers are taken: shared by the pages and the buttons, so that one token is one answer for both."""

    live: Live
    secret: SecretStr | None
    publish: PublishRaw
    documents: Callable[[], Documents] = Documents
    used: Used = field(default_factory=Used)
    knocks: Knocks = field(default_factory=Knocks)
    taking: set[str] = field(default_factory=set)

    def key(self) -> bytes:
        """Return the key that signs tokens.

        Raises:
            Refusal: if there is none.
        """
        if self.secret is None or not self.secret.get_secret_value():
            raise Refusal(404, "Pages can't be answered here", "No HOLDFAST_LINK_SECRET is set where the board runs.")
        return self.secret.get_secret_value().encode()

    def admit(self, token: str) -> Claims:
        """Return what a token says.

        Raises:
            Refusal: if it is not ours, has expired, or knocks too often.
        """
        try:
            claims = unseal(token[:TOKEN_LENGTH], self.key(), self.live.clock.now())
        except TokenError as error:
            hint = "The next page has a new one; or call whoever sent it."
            raise Refusal(403, "This link can't be used", f"Nothing was recorded: {error}. {hint}") from error
        if not self.knocks.allows(claims.token_id, monotonic()):
            raise Refusal(
                429, "Too often", "This link was used too often within a minute. Wait a little, then try again."
            )
        return claims

    async def earlier(self, claims: Claims) -> Communication | None:
        """Return what was recorded by a token before; None where nothing was, or nobody can say."""
        key = communication_id(claims.token_id)
        known = self.used.get(key)
        if known is not None:
            return known
        found = await self.asked(lambda: self.live.store.communication(key))
        return None if found is None else self.used.note(found)

    async def asked(self, question: Callable[[], Found]) -> Found | None:
        """Return what the index says; None where it does not answer soon."""
        if self.live.check("elasticsearch").trouble is not None:
            return None
        return await _soon(question)

    async def take(self, answer: Answer) -> Communication:
        """Put an answer on the raw topic; return its entry of the communication log once the broker has it.

        Raises:
            Refusal: if it did not get there, or another one by the same token is on its way.
        """
        if answer.answer_id in self.taking:
            raise Refusal(409, "Just being recorded", "The same link is being used this moment. Open it again.")
        self.taking.add(answer.answer_id)
        try:
            await self._send(answer)
            return self.used.note(effects(answer).communication)
        finally:
            self.taking.discard(answer.answer_id)

    async def _send(self, answer: Answer) -> None:
        payload = RawPayload(
            feed=ANSWERS_FEED,
            format=ANSWER_FORMAT,
            body=answer.to_wire(),
            received_at=answer.said_at,
            content_type="application/json",
        )
        try:
            await run_in_threadpool(self.publish, payload)
        except (BrokerUnavailableError, PayloadTooLargeError) as error:
            logger.warning("an answer was not recorded: %s", error)
            raise Refusal(
                503,
                "Nothing was recorded",
                "Your answer could not be stored. Please send it again in a moment: the same link still works, "
                "and an answer counts once however often it is sent.",
            ) from error

    async def known(self, claims: Claims, now: datetime) -> Known:
        """Return what is known beyond the token."""
        documents = await _soon(self.documents) or Documents()
        zone, dossier = zone_of(documents, claims), self.live.dossier(claims.incident_id)
        if dossier is None:
            return Known(zone=zone)
        incident, claimed = dossier.incident, None
        if claims.side is Side.CUSTOMER:
            notices = await self.asked(lambda: self.live.store.notices(incident))
            claimed = None if notices is None else claims_of(notices)
        reasons = reasons_of(documents, incident)
        return Known(incident.title, incident.priority, dues_of(dossier, now), claimed, reasons, zone)


async def _soon(question: Callable[[], Found]) -> Found | None:
    """Return what a source says, asked in a thread; None where it can't say so within ``LOOKUP_S``."""
    try:
        return await asyncio.wait_for(asyncio.to_thread(question), LOOKUP_S)
    except (StoreError, BrokerUnavailableError, TimeoutError) as error:
        logger.warning("a page is shown with less: %s", str(error) or "a source is slow")
        return None


def router(desk: Desk) -> APIRouter:
    """Return the routes of the page."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/a/{token}", methods=["GET", "HEAD"])
    async def show(token: str) -> HTMLResponse:
        return await _answered(desk, lambda: _show(desk, token))

    @routes.post("/a/{token}")
    async def record(request: Request, token: str) -> HTMLResponse:
        return await _answered(desk, lambda: _record(desk, request, token))

    return routes


async def _answered(desk: Desk, work: Callable[[], Awaitable[HTMLResponse]]) -> HTMLResponse:
    """Return the page, or the one that says why there is none."""
    try:
        return await work()
    except Refusal as refusal:
        page = _page(desk, "answer_refused.html", title=refusal.title, detail=refusal.detail)
        headers = {"Retry-After": "5"} if refusal.status == 503 else None
        return HTMLResponse(page, refusal.status, headers=headers)


async def _show(desk: Desk, token: str) -> HTMLResponse:
    claims = desk.admit(token)
    earlier = await desk.earlier(claims)
    if earlier is not None:
        return _used(desk, claims, earlier, 200)
    return HTMLResponse(await _forms(desk, claims, token))


async def _record(desk: Desk, request: Request, token: str) -> HTMLResponse:
    """Record what was posted, and show the forms of the token that goes on."""
    claims = desk.admit(token)
    earlier = await desk.earlier(claims)
    if earlier is not None:
        return _used(desk, claims, earlier, 409)
    form = Form()
    try:
        form = form_of(await read_body(request, BODY_BYTES), request.headers.get("content-type", ""))
        answer = answer_of(form, claims, desk.live.clock.now())
    except HTTPException as error:
        raise Refusal(error.status_code, "Nothing was recorded", f"{error.detail}.") from error
    except FormError as error:
        return HTMLResponse(await _forms(desk, claims, token, Said(error=str(error), entered=form.fields)), 422)
    entry = await desk.take(answer)
    following = claims.following()
    return HTMLResponse(await _forms(desk, following, seal(following, desk.key()), Said(entry)))


def _used(desk: Desk, claims: Claims, entry: Communication, status: int) -> HTMLResponse:
    lines = recorded_lines(entry)
    return HTMLResponse(_page(desk, "answer_used.html", claims=claims, entry=entry, lines=lines), status)


async def _forms(desk: Desk, claims: Claims, token: str, said: Said = NOTHING_SAID) -> str:
    """Draw the forms of a token, below what was just recorded, or what is wrong with what was entered."""
    return _page(
        desk,
        "answer.html",
        asked=Asked.of(claims, token),
        claims=claims,
        known=await desk.known(claims, desk.live.clock.now()),
        said=said,
        lines=recorded_lines(said.recorded) if said.recorded is not None else [],
        zones=zones(),
    )


def _page(desk: Desk, template: str, **context: Any) -> str:
    return desk.live.renderer.page(template, now=desk.live.clock.now(), **context)
