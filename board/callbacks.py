"""Buttons of chat and paging platforms: a press is an answer to the page that the button came with. IO: HTTP, Kafka.

A platform signs what it sends; without its secret configured every press is refused. The token in the button is that of
the page's link, so that link and button together are one answer (ADR 0016).
"""

import hmac
import logging
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs

import orjson
from fastapi import APIRouter, HTTPException, Request, Response, status
from pydantic import SecretStr

from board.answering import Desk, Refusal
from board.receive import read_body
from models.answers import Answer, AnswerAction
from models.instants import parse_instant
from models.notice import Identity
from models.paging import PageKind
from models.ports import Clock
from models.tokens import Claims

logger = logging.getLogger(__name__)

CALL_BYTES = 1024 * 1024
SLACK_AGE = timedelta(minutes=5)
"""Older presses are refused, as Slack's documentation asks: somebody may have recorded one."""
ACTION_ID = "holdfast_acknowledge"
TOKEN_LINK = re.compile(r"/a/([A-Za-z0-9_.-]{20,8000})")
SIGNATURES_AT_MOST = 10
NAME_LENGTH = 100
STRINGS_AT_MOST = 2_000
"""Texts of a call that are looked through for a link."""


def is_slacks(body: bytes, stamp: str, signature: str, secret: bytes, now_s: float) -> bool:
    """Return whether a call is signed by Slack, and of the last five minutes.

    Args:
        body: as received.
        stamp: ``X-Slack-Request-Timestamp``, epoch seconds.
        signature: ``X-Slack-Signature``, ``v0=`` and hex.
        secret: the app's signing secret.
        now_s: real epoch seconds.
    """
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) < 16):
        return False
    expected = "v0=" + hmac.new(secret, b"v0:" + stamp.encode() + b":" + body, sha256).hexdigest()
    is_fresh = abs(now_s - int(stamp)) <= SLACK_AGE.total_seconds()
    return hmac.compare_digest(expected.encode(), signature.encode("latin-1", "replace")) and is_fresh


def is_pagerdutys(body: bytes, signatures: str, secret: bytes) -> bool:
    """Return whether a call is signed by PagerDuty.

    Args:
        body: as received.
        signatures: ``X-PagerDuty-Signature``, each ``v1=`` and hex, comma-separated; several while a secret is changed.
        secret: of the webhook subscription.
    """
    expected = b"v1=" + hmac.new(secret, body, sha256).hexdigest().encode()
    given = [one.strip().encode("latin-1", "replace") for one in signatures.split(",")[:SIGNATURES_AT_MOST]]
    return any([hmac.compare_digest(expected, one) for one in given])


def router(desk: Desk, slack_secret: SecretStr | None, pagerduty_secret: SecretStr | None, wall: Clock) -> APIRouter:
    """Return the routes.

    Args:
        desk: where answers are taken.
        slack_secret: signing secret of the Slack app; None refuses presses.
        pagerduty_secret: of the V3 webhook subscription; None refuses calls.
        wall: real time, by which platforms stamp their calls, whatever the product's clock shows.
    """
    routes = APIRouter()

    @routes.post("/api/callbacks/slack")
    async def slack(request: Request) -> Response:
        """Take a press of a page's button in Slack; 200 once it is recorded."""
        key = _key(slack_secret, "HOLDFAST_SLACK_SIGNING_SECRET")
        body = await read_body(request, CALL_BYTES)
        stamp = request.headers.get("x-slack-request-timestamp", "")
        signature = request.headers.get("x-slack-signature", "")
        if not is_slacks(body, stamp, signature, key, wall.now().timestamp()):
            raise HTTPException(401, "not signed by Slack with this secret, or older than five minutes")
        for token, who in _presses(_slack_payload(body)):
            claims = _admitted(desk, token)
            await _acknowledge(desk, claims, "slack", f"by {who} in Slack")
        return Response(status_code=200)

    @routes.post("/api/callbacks/pagerduty")
    async def pagerduty(request: Request) -> Response:
        """Take a V3 webhook of PagerDuty; an acknowledged incident there acknowledges the page that opened it."""
        key = _key(pagerduty_secret, "HOLDFAST_PAGERDUTY_WEBHOOK_SECRET")
        body = await read_body(request, CALL_BYTES)
        if not is_pagerdutys(body, request.headers.get("x-pagerduty-signature", ""), key):
            raise HTTPException(401, "not signed by PagerDuty with this secret")
        recorded = await _acknowledged(desk, _event(body))
        return Response(status_code=200 if recorded else status.HTTP_202_ACCEPTED)

    return routes


def _key(secret: SecretStr | None, variable: str) -> bytes:
    if secret is None or not secret.get_secret_value():
        raise HTTPException(403, f"buttons are off: set {variable}")
    return secret.get_secret_value().encode()


async def _acknowledged(desk: Desk, event: dict[str, Any]) -> bool:
    """Record what PagerDuty tells; return whether it was an acknowledgement of a page of ours."""
    if event.get("event_type") != "incident.acknowledged":
        return False
    who, stamp = _text(event, "agent", "summary") or "somebody", _text(event, "occurred_at")
    found = _claims_of(desk, event)
    for claims in found:
        await _acknowledge(desk, claims, "pagerduty", f"by {who} in PagerDuty", stamp)
    if not found:
        logger.warning("PagerDuty acknowledged %s, which is no page known here", _text(event, "data", "id"))
    return bool(found)


def _admitted(desk: Desk, token: str) -> Claims:
    try:
        return desk.admit(token)
    except Refusal as refusal:
        raise HTTPException(refusal.status, refusal.detail) from refusal


async def _acknowledge(desk: Desk, claims: Claims, channel: Any, text: str, stamp: str | None = None) -> None:
    """Record a press; one that was recorded before is well, and recorded once."""
    if await desk.earlier(claims) is not None:
        return
    answer = Answer(
        answer_id=claims.token_id,
        claims=claims,
        action=AnswerAction.ACKNOWLEDGE,
        identity=Identity.PLATFORM,
        channel=channel,
        said_at=desk.live.clock.now(),
        their_stamp=_instant(stamp),
        text=text,
    )
    try:
        await desk.take(answer)
    except Refusal as refusal:
        raise HTTPException(refusal.status, refusal.detail, headers={"Retry-After": "5"}) from refusal


def _instant(text: str | None) -> datetime | None:
    try:
        return parse_instant(text) if text else None
    except (ValueError, OverflowError):
        return None


def _slack_payload(body: bytes) -> dict[str, Any]:
    """Return the JSON in a call's form field ``payload``."""
    try:
        fields = parse_qs(body.decode("ascii"), max_num_fields=10)
        payload = orjson.loads(fields["payload"][0])
    except (ValueError, KeyError) as error:
        raise HTTPException(400, "no payload of a Slack interaction") from error
    if not isinstance(payload, dict):
        raise HTTPException(400, "no payload of a Slack interaction")
    return payload


def _presses(payload: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the presses of our button: (token, who by the platform's word)."""
    actions = payload.get("actions")
    ours = (
        [one for one in actions if isinstance(one, dict) and one.get("action_id") == ACTION_ID]
        if isinstance(actions, list)
        else []
    )
    who = _text(payload, "user", "name") or _text(payload, "user", "username") or _text(payload, "user", "id")
    return [(one["value"], who or "somebody") for one in ours if isinstance(one.get("value"), str)]


def _event(body: bytes) -> dict[str, Any]:
    try:
        event = orjson.loads(body)["event"]
    except (ValueError, KeyError, TypeError) as error:
        raise HTTPException(400, "no V3 webhook of PagerDuty") from error
    if not isinstance(event, dict):
        raise HTTPException(400, "no V3 webhook of PagerDuty")
    return event


def _claims_of(desk: Desk, event: dict[str, Any]) -> list[Claims]:
    """Return which pages were acknowledged: by a link of ours in the event, else by its key, which is a page's id.

    Of a bundle it is every page in it.
    """
    for text in _strings(event):
        for token in TOKEN_LINK.findall(text):
            try:
                return [desk.admit(token)]
            except Refusal:
                continue  # a link of somebody else, or one that has expired
    told = desk.live.state.page(_text(event, "data", "incident_key") or "")
    if told is None:
        return []
    pages = [told] if told.kind is not PageKind.BUNDLE else [desk.live.state.page(one) for one in told.members]
    now = desk.live.clock.now()
    return [Claims.of(one) for one in pages if one is not None and one.expires_at is not None and one.expires_at >= now]


def _strings(value: Any) -> Iterator[str]:
    """Yield the texts in a JSON value, so many at most; deep nesting is no problem."""
    left, found = [value], 0
    while left and found < STRINGS_AT_MOST:
        one = left.pop()
        if isinstance(one, str):
            found += 1
            yield one
        elif isinstance(one, dict):
            left.extend(one.values())
        elif isinstance(one, list):
            left.extend(one)


def _text(value: Any, *path: str) -> str | None:
    """Return the text at a path of keys, cut; None where there is none."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value[:NAME_LENGTH] if isinstance(value, str) and value else None
