"""Our own people write on an incident's page: a contact, an acknowledgement, a mute (ADR 0023). IO: HTTP, Kafka."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from board import deciding
from board.answer_form import instant_of, zones
from board.form_body import Form, FormError
from board.gate import Gate
from board.live import Live
from board.receive import PublishRaw, confirmed
from board.session import Session
from board.signing_in import answered, form_in, path_of
from models.decision import Action
from models.documents import Documents
from models.instruction import Instruction, decide
from models.meetings import as_payload
from models.noting import Note, communication_of
from models.raw import RawPayload

BODY_BYTES = 128 * 1024
CHANNEL = "board"
SPANS = {"30m": "30 minutes", "2h": "2 hours", "8h": "8 hours"}
"""How long a mute may be chosen to last; the command and the API take any."""


class Act(StrEnum):
    """What can be written."""

    NOTE = "note"
    ACKNOWLEDGE = "acknowledge"
    MUTE = "mute"
    UNMUTE = "unmute"


RECORDED = {
    Act.NOTE: "Your note is recorded. It stands in the log once it is indexed.",
    Act.ACKNOWLEDGE: "Acknowledged: our ladder stays quiet. No clock of the provider's stops.",
    Act.MUTE: "Muted: no page until then.",
    Act.UNMUTE: "The mute is ended: pages go out again.",
}
"""What is said after an act: the only words that an address can make the page say."""


@dataclass(frozen=True)
class Desk:
    """What the forms of an incident's page need to know; without a session there are none."""

    incident_id: str
    session: Session | None = None
    form_token: str = ""
    contacts: tuple[str, ...] = ()
    """Ids that can be named as people, if the documents could be had."""
    recorded: str | None = None
    error: str | None = None
    act: str = ""
    entered: dict[str, str] = field(default_factory=dict)
    zones: tuple[str, ...] = ()
    spans: tuple[tuple[str, str], ...] = tuple(SPANS.items())

    def was(self, act: str, name: str, default: str = "") -> str:
        """Return what was entered into a field of the form that is shown again."""
        return self.entered.get(name, default) if self.act == act else default


def desk_of(gate: Gate, request: Request, subject: tuple[str, str], known: Documents | None) -> Desk:
    """Return the forms for whoever asks.

    Args:
        gate: of the board.
        request: of whoever asks.
        subject: (provider, incident id).
        known: the documents in force; None where they can't be had.
    """
    provider, incident_id = subject
    session = gate.session(request)
    if session is None:
        return Desk(incident_id)
    said = request.query_params.get("said")
    return Desk(
        incident_id,
        session,
        gate.form_token(session),
        tuple(known.providers[provider].contacts) if known and provider in known.providers else (),
        recorded=RECORDED[Act(said)] if said in RECORDED else None,
        zones=tuple(zones()),
    )


def router(live: Live, gate: Gate, publish: PublishRaw) -> APIRouter:
    """Return the routes. Each answers 303 to the incident's page once the broker has what was written."""
    routes = APIRouter(include_in_schema=False)

    @routes.post("/incidents/{incident_id}/{act}")
    async def write(request: Request, incident_id: str, act: Act) -> Response:
        return await answered(live, lambda: _write(live, gate, publish, request))

    return routes


async def _write(live: Live, gate: Gate, publish: PublishRaw, request: Request) -> Response:
    """Put on record what a form of ours says, in the name of who is signed in."""
    incident_id, act = request.path_params["incident_id"], Act(request.path_params["act"])
    session = gate.writer(request)
    form = await form_in(request, BODY_BYTES)
    gate.check_form(form, session)
    await gate.check_person(session)
    subject = await run_in_threadpool(deciding.subject_of, live, incident_id)
    try:
        payload = payload_of(act, form, session, subject, live.clock.now())
    except ValueError as error:
        desk = desk_of(gate, request, subject, await gate.in_force())
        return _again(live, desk, act, form, error)
    await run_in_threadpool(confirmed, publish, payload)
    return RedirectResponse(f"{path_of(subject[1])}?said={act.value}", 303)


def payload_of(act: Act, form: Form, session: Session, subject: tuple[str, str], now: datetime) -> RawPayload:
    """Return what goes onto the stream.

    Args:
        act: what is written.
        form: with its fields.
        session: of who writes.
        subject: (provider, incident id).
        now: when we had it; UTC.

    Raises:
        ValueError: if the form does not say what it must; ``deciding.in_words`` tells it.
    """
    if act is Act.NOTE:
        return as_payload(communication_of(_note(form, session, subject), now))
    lasts = form.get("for")
    if act is Act.MUTE and lasts not in SPANS:
        raise FormError("choose for how long")
    told: dict[str, str | None] = {"person": session.person, "person_name": session.name}
    if act is not Act.ACKNOWLEDGE:  # which is of our own ladder: theirs is acknowledged by their word
        told["side"] = form.get("side") or None
    if act is Act.MUTE:
        told |= {"for": lasts, "reason": form.get("reason")}
    instruction = Instruction.model_validate(told)
    return deciding.payload_of(decide(Action(act.value), instruction, subject, CHANNEL, now))


def _note(form: Form, session: Session, subject: tuple[str, str]) -> Note:
    if form.get("text") is None:
        raise FormError("write what was said")
    people = [one.strip() for one in (form.get("people") or "").split(",") if one.strip()]
    told = {
        "provider": subject[0],
        "incident_ids": (subject[1],),
        "kind": form.get("kind") or "",
        "direction": form.get("direction") or "",
        "channel": form.get("channel") or CHANNEL,
        "people": tuple(people or [session.person]),
        "by": session.person,
        "text": form.get("text"),
        "happened_at": instant_of(form, "happened_at"),
    }
    return Note.model_validate(told)


def _again(live: Live, desk: Desk, act: Act, form: Form, error: ValueError) -> HTMLResponse:
    """Show the forms with what was entered, and what is wrong with it; works without the index."""
    shown = replace(desk, recorded=None, error=deciding.in_words(error), act=act.value, entered=form.fields)
    return HTMLResponse(live.renderer.page("write.html", now=live.clock.now(), desk=shown), 422)
