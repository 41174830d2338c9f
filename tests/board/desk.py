"""A board without servers, asked over ASGI: neither Kafka nor Elasticsearch answers, and what it publishes is kept."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
from fastapi import FastAPI
from pydantic import SecretStr

from board.app import BoardOptions, create_app
from board.live import Health, Live
from board.receive import BrokerUnavailableError
from models.answers import Answer
from models.document import Document
from models.raw import RawPayload
from models.tokens import Claims, seal
from models.topics import Names
from tests.support import samples
from tests.support.answers import SECRET

NOBODY = "127.0.0.1:1"
TOKEN = "the-token-of-this-test"
TEN_PAST = samples.later(10)


@dataclass
class Stopped:
    """A clock that a test sets."""

    at: datetime = TEN_PAST

    def now(self) -> datetime:
        """Return the instant set."""
        return self.at

    def real_seconds_until(self, instant: datetime) -> float:
        """Return seconds from the instant set."""
        return (instant - self.at).total_seconds()


@dataclass
class Desk:
    """The board under test."""

    clock: Stopped = field(default_factory=Stopped)
    published: list[RawPayload] = field(default_factory=list)
    is_broker_up: bool = True
    app: FastAPI = field(init=False)
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        values: dict[str, Any] = {
            "elasticsearch": {"hosts": [f"http://{NOBODY}"], "max_retries": 0},
            "kafka": {"bootstrap_servers": [NOBODY]},
            "names": Names("t"),
            "clock": self.clock,
            "publish_raw": self._publish,
            "token": SecretStr(TOKEN),
            "link_secret": SecretStr(SECRET),
            "hosts": ("board",),
        }
        self.app = create_app(BoardOptions(**{**values, **self.options}))

    @property
    def live(self) -> Live:
        """The board's own state."""
        live = self.app.state.live
        assert isinstance(live, Live)
        return live

    def knows(self, *documents: Any) -> None:
        """Let it know documents as from the stream."""
        for document in documents:
            assert self.live.state.apply(document)

    def index(self, **answers: Callable[..., Any]) -> None:
        """Let the index answer: each a method of the store."""
        self.live.health["elasticsearch"] = Health(self.clock.at, None)
        for name, answer in answers.items():
            setattr(self.live.store, name, answer)

    def ask(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """Ask it over ASGI."""

        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://board") as client:
                return await client.request(method, path, **arguments)

        return asyncio.run(asked())

    def get(self, claims: Claims, **arguments: Any) -> httpx.Response:
        """Open the page of a token."""
        return self.ask("GET", path(claims), **arguments)

    def post(self, claims: Claims, **fields: str) -> httpx.Response:
        """Send the form of a token."""
        return self.ask("POST", path(claims), data=fields)

    @property
    def answers(self) -> list[Answer]:
        """The answers that were published, in order."""
        assert all((one.feed, one.format) == ("answers", "answer") for one in self.published)
        return [Answer.from_wire(one.body) for one in self.published]

    def documents(self, model: type[Document]) -> list[Document]:
        """Return what was published, as documents of a kind."""
        return [model.from_wire(one.body) for one in self.published]

    def _publish(self, payload: RawPayload) -> None:
        if not self.is_broker_up:
            raise BrokerUnavailableError("the broker did not confirm the payload")
        self.published.append(payload)

    def later(self, minutes: float) -> None:
        """Let time pass."""
        self.clock.at += timedelta(minutes=minutes)


def path(claims: Claims) -> str:
    """Return the path of a token's page."""
    return f"/a/{seal(claims, SECRET.encode())}"
