"""Receives feeds that push (Alertmanager and others): checks who writes, takes the bytes, hands them to the broker.

The answer is 202 only after the broker has the payload, so a sender that retries on anything else loses nothing.
Parsing is the stream's work: a payload that can't be parsed ends in the dead letters with its bytes. IO: HTTP.
"""

import re
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Request, status
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import SecretStr
from starlette.requests import ClientDisconnect

from board.metrics import Metrics
from board.security import may_write
from models.answers import ANSWERS_FEED
from models.ports import Clock
from models.raw import RawPayload

MAX_BODY_BYTES = 16 * 1024 * 1024
NAME = r"^[a-z0-9][a-z0-9._-]{0,99}$"
CONTENT_TYPE = re.compile(r"^[\w.+-]+/[\w.+-]+(\s*;.*)?$")

PublishRaw = Callable[[RawPayload], None]


class PayloadTooLargeError(Exception):
    """The broker does not take a record of this size; the sender must send less at once."""


class BrokerUnavailableError(Exception):
    """The broker did not confirm the payload; the sender should send it again."""


def router(token: SecretStr | None, publish: PublishRaw, clock: Clock, metrics: Metrics) -> APIRouter:
    """Return the route that feeds push to."""
    routes = APIRouter()

    @routes.post("/api/feeds/{feed}/{form}", status_code=status.HTTP_202_ACCEPTED)
    async def receive(
        request: Request, feed: Annotated[str, Path(pattern=NAME)], form: Annotated[str, Path(pattern=NAME)]
    ) -> JSONResponse:
        """Take one payload of a feed, in the named format; needs the board's bearer token."""
        admit(request, token)
        if feed == ANSWERS_FEED:
            raise HTTPException(403, f"{feed!r} is no feed: it is reserved for answers to pages")
        body = await read_body(request)
        content_type = request.headers.get("content-type", "")
        payload = RawPayload(
            feed=feed,
            format=form,
            body=body,
            received_at=clock.now(),
            content_type=content_type if CONTENT_TYPE.match(content_type) else "application/octet-stream",
        )
        await run_in_threadpool(confirmed, publish, payload)
        metrics.received.labels(feed=feed).inc()
        return JSONResponse({"payload_id": payload.payload_id}, status.HTTP_202_ACCEPTED)

    return routes


def confirmed(publish: PublishRaw, payload: RawPayload) -> None:
    """Put a payload on its topic, and return once the broker has it.

    Raises:
        HTTPException: 413 if the broker takes no record of its size, 503 if it did not confirm.
    """
    try:
        publish(payload)
    except PayloadTooLargeError as error:
        raise HTTPException(status.HTTP_413_CONTENT_TOO_LARGE, str(error)) from error
    except BrokerUnavailableError as error:
        raise HTTPException(503, str(error), headers={"Retry-After": "5"}) from error


def admit(request: Request, token: SecretStr | None) -> None:
    """Let writers in who carry the board's bearer token.

    Raises:
        HTTPException: 403 where no token is configured, 401 where it is missing or wrong.
    """
    if token is None or not token.get_secret_value():
        raise HTTPException(403, "writing is off: set HOLDFAST_BOARD_TOKEN and send it as bearer token")
    if not may_write(request.headers.get("authorization"), token):
        raise HTTPException(401, "bearer token missing or wrong", headers={"WWW-Authenticate": "Bearer"})


async def read_body(request: Request, at_most: int = MAX_BODY_BYTES) -> bytes:
    """Read a request's body, never more of it than allowed.

    Args:
        request: whose body was not read yet.
        at_most: bytes.

    Raises:
        HTTPException: 413 if it is larger, 400 if it is empty or ended early.
    """
    announced = request.headers.get("content-length", "0")
    if announced.isdecimal() and int(announced) > at_most:
        raise _too_large(at_most)
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > at_most:
                raise _too_large(at_most)
    except ClientDisconnect as error:
        raise HTTPException(400, "the body ended early") from error
    if not body:
        raise HTTPException(400, "the body is empty")
    return bytes(body)


def _too_large(at_most: int) -> HTTPException:
    return HTTPException(status.HTTP_413_CONTENT_TOO_LARGE, f"a payload is at most {at_most} bytes")
