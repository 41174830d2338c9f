"""The fields of an answer's form into an answer: times in a chosen zone, reasons as agreements write them. Pure."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo, available_timezones

from pydantic import ValidationError

from board.form_body import Form, FormError
from models.answers import ATTACHMENT_BYTES, Answer, AnswerAction, AnswerError, reason_word
from models.effects import effects
from models.instants import EARLIEST
from models.notice import Identity, Phase
from models.tokens import Claims

PROMISE_AT_MOST = timedelta(days=366)
CLAIMS = {"paused": Phase.PAUSED, "excluded": Phase.EXCLUDED, "severity_changed": Phase.SEVERITY_CHANGED}
ID_LENGTH = 500
"""Characters of the id of a claim that is ruled upon."""


def answer_of(form: Form, claims: Claims, now: datetime) -> Answer:
    """Return the answer that a form gives.

    Args:
        form: as sent from the page.
        claims: of the token that it was sent under.
        now: when we had it.

    Raises:
        FormError: in words for the person who filled it in.
    """
    try:
        action = AnswerAction(form.get("action") or "")
    except ValueError as error:
        raise FormError("choose an answer") from error
    if action is AnswerAction.RECEIPT:
        raise FormError("choose an answer")  # machines say that they are machines elsewhere
    fields = {**_times(form, action, now), **_ruled(form, action), **_attached(form)}
    try:
        answer = Answer(
            answer_id=claims.token_id,
            claims=claims,
            action=action,
            identity=Identity.VERIFIED_LINK,
            channel="link",
            said_at=now,
            text=form.get("text"),
            reason=_reason(form),
            **fields,
        )
        effects(answer)
    except AnswerError as error:
        raise FormError(str(error)) from error
    except ValidationError as error:
        raise FormError("a field is not written as it should be") from error
    return answer


def _times(form: Form, action: AnswerAction, now: datetime) -> dict[str, Any]:
    if action is AnswerAction.ETA:
        promises: Literal["update", "restore"] = "update" if form.get("promises") == "update" else "restore"
        return {"promised_at": _promised(form, now), "promises": promises}
    began, ended = instant_of(form, "claimed_at"), instant_of(form, "claimed_end_at")
    for moment in (began, ended):
        if moment is not None and moment < EARLIEST:
            raise FormError("that time is too long ago")
    if action is AnswerAction.RESTORED and began is not None and began > now:
        raise FormError(f"{began:%Y-%m-%d %H:%M} UTC has not come yet: name a time for it instead")
    return {"claimed_at": began, "claimed_end_at": ended}


def _promised(form: Form, now: datetime) -> datetime:
    """Return the time that is named: so many minutes from now, or a wall time in a zone."""
    within = form.get("within_min")
    at = instant_of(form, "promised_at")
    if within is not None:
        if at is not None:
            raise FormError("choose either a span or a time, not both")
        if not within.isdecimal() or not 1 <= int(within[:6]) <= 7 * 24 * 60:
            raise FormError("choose one of the spans, or name a time")
        at = (now + timedelta(minutes=int(within))).replace(microsecond=0)
    if at is None:
        raise FormError("name the time that is expected")
    if not now < at <= now + PROMISE_AT_MOST:
        raise FormError(f"{at:%Y-%m-%d %H:%M} UTC is no time to come, or more than a year ahead")
    return at


def instant_of(form: Form, name: str) -> datetime | None:
    """Return a wall time of the form's zone in UTC; one that does not exist there, or twice, is asked for in UTC.

    Raises:
        FormError: if it is no time, or not one.
    """
    text, zone = form.get(name), form.get("zone") or "UTC"
    if text is None:
        return None
    if zone not in available_timezones():
        raise FormError("choose a time zone of the list")
    try:
        told = datetime.fromisoformat(text)
        local = told if told.tzinfo is not None else told.replace(tzinfo=ZoneInfo(zone))
        first, second = (local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    except (ValueError, OverflowError) as error:
        raise FormError(f"{text[:40]!r} is no date and time, such as 2026-05-01T14:30") from error
    if first != second:
        raise FormError(f"the clocks change then: {text[:40]} is no single moment in {zone}; give it in UTC")
    return first


def _reason(form: Form) -> str | None:
    text = form.get("reason")
    if text is None:
        return None
    word = reason_word(text)
    if word is None:
        raise FormError("write the reason in plain letters, such as: awaiting customer")
    return word


def _ruled(form: Form, action: AnswerAction) -> dict[str, Any]:
    """Return what a ruling is on."""
    if action not in (AnswerAction.ACCEPT, AnswerAction.REJECT, AnswerAction.DISPUTE):
        return {}
    concerns = form.get("concerns")
    return {"claim": CLAIMS.get(form.get("claim") or ""), "concerns": concerns and concerns[:ID_LENGTH]}


def _attached(form: Form) -> dict[str, Any]:
    if form.upload is None:
        return {}
    content = form.upload.content
    if len(content) > ATTACHMENT_BYTES:
        raise FormError(
            f"the document is larger than {ATTACHMENT_BYTES // 1024 // 1024} MiB: send a link to it instead"
        )
    return {
        "attachment_name": form.upload.name,
        "attachment_digest": sha256(content).hexdigest(),
        "attachment": b64encode(content).decode(),
    }


def zones() -> list[str]:
    """Return the zones to choose from, UTC first."""
    return ["UTC", *cast("list[str]", sorted(name for name in available_timezones() if "/" in name))]
