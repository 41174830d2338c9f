"""Reviews and shift handoffs: the REST API and pages of the board. IO: HTTP, Elasticsearch, Kafka by its options."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from board.live import Live
from board.receive import BrokerUnavailableError, PublishRaw, admit, confirmed, read_body
from board.reviewing import Asked, UnknownReviewError, agendas, contacts_of, handed_over, listed, owed_review
from models.communication import Communication
from models.documents import Documents
from models.handoff import Handoff, Shift
from models.instants import Instant
from models.meetings import Action, MeetingError, Minutes, actions, as_payload, record, undertaken
from models.reviews import ReviewState
from models.summing_up import agenda_sections, agenda_title, handoff_sections

BODY_BYTES = 1024 * 1024
"""Of the minutes of one meeting."""
FINAL = (ReviewState.HELD,)
Name = Annotated[str | None, Query(max_length=200)]
Names = Annotated[list[str] | None, Query(max_length=50)]


@dataclass(frozen=True)
class Writing:
    """Who may write, and where it goes."""

    token: SecretStr | None
    publish: PublishRaw


class Undertaken(BaseModel):
    """An action of a meeting, as a client sends it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    owner: str
    text: str = Field(min_length=1)
    due_on: date | None = None


class HeldReview(BaseModel):
    """Minutes of a review, as a client sends them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    provider: str
    agreement: str | None = None
    period: str | None = None
    present: tuple[str, ...]
    by: str
    minutes: str
    held_at: Instant | None = None
    decisions: tuple[str, ...] = ()
    actions: tuple[Undertaken, ...] = ()
    channel: str = "meeting"
    corrects: str | None = None


def router(live: Live, writing: Writing, documents: Callable[[], Documents]) -> APIRouter:
    """Return the routes. Handlers that search run in worker threads."""
    routes = APIRouter()
    _add_api(routes, live, documents)
    _add_pages(routes, live, documents)

    @routes.post("/api/reviews", status_code=202)
    async def hold(request: Request) -> JSONResponse:
        """Put the minutes of a review on record; needs the board's bearer token."""
        admit(request, writing.token)
        held = _read(await read_body(request, BODY_BYTES))
        told = await run_in_threadpool(_recorded, held, documents, live.clock.now())
        await run_in_threadpool(confirmed, writing.publish, as_payload(told))
        return JSONResponse({"communication_id": told.communication_id, "period": told.review_period}, 202)

    return routes


def _add_api(routes: APIRouter, live: Live, documents: Callable[[], Documents]) -> None:
    @routes.get("/api/reviews")
    def reviews(provider: Name = None) -> JSONResponse:
        """List the reviews that agreements ask for, as they stand."""
        with _answering():
            found = listed(live.store, documents(), Asked(provider), live.clock.now())
        return JSONResponse({"reviews": [one.line() for one in found]})

    @routes.get("/api/reviews/agenda")
    def agenda(provider: str, period: Name = None, agreement: Name = None) -> JSONResponse:
        """Return the agenda of a review, of each agreement of the provider that has it."""
        with _answering():
            found = agendas(live.store, documents(), Asked(provider, agreement, period), live.clock.now())
        return JSONResponse({"agendas": [one.line() for one in found]})

    @routes.get("/api/handoff")
    def handoff(since: str = "8h", rota: Names = None) -> JSONResponse:
        """Sum up a shift for whoever takes over."""
        return JSONResponse(_handed(live, documents, since, rota).line())


def _add_pages(routes: APIRouter, live: Live, documents: Callable[[], Documents]) -> None:
    @routes.get("/reviews", include_in_schema=False)
    def reviews_page() -> HTMLResponse:
        now = live.clock.now()
        with _answering():
            found = listed(live.store, documents(), Asked(), now)
        waiting = sorted(
            (one for one in found if one.state not in FINAL), key=lambda one: (one.owed.due_at, one.reason)
        )
        open_actions = [_action(one, now) for one in actions(live.store.communications()) if one.is_open]
        page = live.renderer.page(
            "reviews.html", **_frame(live, now), reviews=waiting, held=len(found) - len(waiting), actions=open_actions
        )
        return HTMLResponse(page)

    @routes.get("/reviews/agenda", include_in_schema=False)
    def agenda_page(provider: str, period: Name = None, agreement: Name = None) -> HTMLResponse:
        now = live.clock.now()
        with _answering():
            found = agendas(live.store, documents(), Asked(provider, agreement, period), now)
        told = [(agenda_title(one), agenda_sections(one)) for one in found]
        return HTMLResponse(live.renderer.page("summary_of.html", **_frame(live, now), title="Review", parts=told))

    @routes.get("/handoff", include_in_schema=False)
    def handoff_page(since: str = "8h", rota: Names = None) -> HTMLResponse:
        told = _handed(live, documents, since, rota)
        title = f"Shift handoff, {told.shift.since:%Y-%m-%d %H:%M} to {told.shift.as_of:%Y-%m-%d %H:%M} UTC"
        parts = [(title, handoff_sections(told))]
        page = live.renderer.page(
            "summary_of.html", **_frame(live, told.shift.as_of), title="Shift handoff", parts=parts
        )
        return HTMLResponse(page)


def _handed(live: Live, documents: Callable[[], Documents], since: str, rota: list[str] | None) -> Handoff:
    with _answering():
        try:
            shift = Shift.ending(live.clock.now(), since)
        except ValueError as error:
            raise HTTPException(422, str(error)) from error
        return handed_over(live.store, documents(), shift, rota)


@contextmanager
def _answering() -> Iterator[None]:
    """Turn what is not there, and what can't be had, into answers.

    Raises:
        HTTPException: 404, 422 or 503.
    """
    try:
        yield
    except UnknownReviewError as error:
        raise HTTPException(404, str(error)) from error
    except MeetingError as error:
        raise HTTPException(422, str(error)) from error
    except BrokerUnavailableError as error:
        raise HTTPException(503, str(error), headers={"Retry-After": "5"}) from error


def _read(body: bytes) -> HeldReview:
    try:
        return HeldReview.model_validate_json(body)
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:10])
        raise HTTPException(422, told) from error


def _recorded(held: HeldReview, documents: Callable[[], Documents], now: datetime) -> Communication:
    with _answering():
        known = documents()
        owed = owed_review(known, Asked(held.provider, held.agreement, held.period), now).owed
        key = (held.provider, owed.agreement.id, owed.period.name)
        minutes = Minutes(
            provider=held.provider,
            agreement=owed.agreement.id,
            period=owed.period,
            present=held.present,
            by=held.by,
            text=held.minutes,
            held_at=held.held_at or now,
            decisions=held.decisions,
            actions=tuple(undertaken(one.owner, one.text, one.due_on, key) for one in held.actions),
            channel=held.channel,
            corrects=held.corrects,
        )
        return record(minutes, contacts_of(known, held.provider), now)


def _action(one: Action, now: datetime) -> dict[str, Any]:
    return {"detail": one.detail, "provider": one.provider, "is_overdue": one.is_overdue(now)}


def _frame(live: Live, now: datetime) -> dict[str, Any]:
    return {"now": now, "speed": live.speed, "last_event_id": live.last_event_id}
