"""The board as an ASGI application. Puts the parts together; opens nothing before it is started."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exception_handlers import http_exception_handler
from fastapi.responses import HTMLResponse, JSONResponse, Response
from fastapi.staticfiles import StaticFiles
from pydantic import SecretStr
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware

from board import (
    answering,
    api,
    callbacks,
    deciding,
    documents_api,
    log_api,
    pages,
    previewing,
    question_pages,
    questions,
    receive,
    reviews,
    signing_in,
    writing,
)
from board.answering import Desk
from board.gate import Gate
from board.live import Connections, Live
from board.metrics import Metrics
from board.receive import PublishRaw
from board.render import LATE_AFTER, Renderer
from board.security import SecurityHeaders, allowed_hosts
from board.store import StoreError
from models.documents import Documents
from models.ports import Clock
from models.questions import Library
from models.topics import Names

PAGES = ("/incidents/", "/questions", "/reviews", "/handoff")
"""Where people look: errors there are pages."""
TITLES = {422: "That can't be asked", 503: "The documents can't be read"}


@dataclass(frozen=True)
class BoardOptions:
    """What the board is given by the composition root."""

    elasticsearch: dict[str, Any]
    """Arguments of an ``Elasticsearch`` client."""
    kafka: dict[str, Any]
    """Connection options of a kafka-python client."""
    names: Names
    clock: Clock
    publish_raw: PublishRaw
    """Puts a pushed payload on the raw topic; returns once the broker has it, raises ``BrokerUnavailableError`` or
    ``PayloadTooLargeError``. Called in worker threads."""
    documents: Callable[[], Documents] = Documents
    """Returns those in force; raises ``BrokerUnavailableError`` where they can't be had. Called in worker threads."""
    speed: float = 1.0
    """Product seconds per real second, so that countdowns on the page run as the clock does."""
    late_after: timedelta = LATE_AFTER
    """From how much lateness on a page is called late: as the worker's."""
    token: SecretStr | None = None
    """Token of writers, for the API and to sign in with; None refuses all writes."""
    public_url: str | None = None
    """Where people reach the board; by https sessions are kept to https."""
    host: str = "127.0.0.1"
    """Address bound to."""
    hosts: tuple[str, ...] = ()
    """Further Host names that the board is reached under."""
    link_secret: SecretStr | None = None
    """Signs the links of pages; None: pages can't be answered here."""
    slack_secret: SecretStr | None = None
    pagerduty_secret: SecretStr | None = None
    """Prove that a button press comes from the platform; None refuses it."""
    library: Library | None = None
    """The named questions; None: this board answers none."""
    wall: Clock | None = None
    """Real time, by which platforms stamp their calls; None: the product's clock is real."""


def create_app(options: BoardOptions) -> FastAPI:
    """Return the board; it connects when the server starts it, and comes up even while its sources are down."""
    connections = Connections(options.elasticsearch, options.kafka, options.names)
    live = Live(connections, options.clock, options.speed, Renderer(options.late_after))
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await live.start()
        try:
            yield
        finally:
            await live.stop()

    app = FastAPI(
        title="Holdfast",
        docs_url=None,  # the stock pages load scripts from elsewhere
        redoc_url=None,
        openapi_url="/api/openapi.json",
        lifespan=lifespan,
    )
    app.state.live = live
    desk = Desk(live, options.link_secret, options.publish_raw, options.documents)
    app.include_router(api.router(live, metrics))
    app.include_router(previewing.router(live, options.documents))
    app.include_router(documents_api.router(live))
    counter = questions.Counter(options.library)
    app.include_router(questions.router(counter))
    app.include_router(question_pages.router(live, counter))
    app.include_router(receive.router(options.token, options.publish_raw, options.clock, metrics))
    app.include_router(answering.router(desk))
    app.include_router(
        callbacks.router(desk, options.slack_secret, options.pagerduty_secret, options.wall or options.clock)
    )
    app.include_router(deciding.router(live, options.token, options.publish_raw))
    app.include_router(log_api.router(live, options.documents, options.token, options.publish_raw))
    gate = Gate(options.clock, options.token, options.documents, options.public_url)
    app.include_router(signing_in.router(live, gate))
    app.include_router(writing.router(live, gate, options.publish_raw))
    app.include_router(pages.router(live, gate))
    app.include_router(reviews.router(live, reviews.Writing(options.token, options.publish_raw), options.documents))
    app.mount("/static", StaticFiles(packages=[("board", "static")]), name="static")
    app.add_middleware(
        TrustedHostMiddleware, allowed_hosts=allowed_hosts(options.host, options.hosts), www_redirect=False
    )
    app.add_middleware(SecurityHeaders)
    _add_problems(app, live)
    return app


def _add_problems(app: FastAPI, live: Live) -> None:
    """Answer errors as JSON under /api and as a page elsewhere."""

    def wants_page(request: Request) -> bool:
        return request.method == "GET" and request.url.path.startswith(PAGES)

    @app.exception_handler(StoreError)
    async def store_error(request: Request, error: StoreError) -> Response:
        if wants_page(request):
            page = pages.problem(live, "The index does not answer", f"{error}. This page works again once it does.")
            return HTMLResponse(page, 503)
        return JSONResponse({"detail": str(error)}, 503, headers={"Retry-After": "5"})

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> Response:
        if wants_page(request):
            title = "Which incident?" if error.status_code == 409 else TITLES.get(error.status_code, "Not found")
            if error.status_code == HTTPStatus.NOT_FOUND and request.url.path.startswith("/incidents/"):
                title = "No such incident"
            return HTMLResponse(pages.problem(live, title, str(error.detail)), error.status_code)
        return await http_exception_handler(request, error)
