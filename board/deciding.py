"""Our own people acknowledge and mute through the API, with the board's bearer token. IO: HTTP, Kafka."""

from collections.abc import Awaitable, Callable

import orjson
from fastapi import APIRouter, HTTPException, Request, status
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import SecretStr, ValidationError

from board.api import find, to_json
from board.live import Live
from board.receive import PublishRaw, admit, confirmed, read_body
from models.answers import ANSWERS_FEED, DECISION_FORMAT
from models.decision import Action, Decision
from models.instruction import Instruction, decide
from models.raw import RawPayload
from models.spec import faults_in_words

BODY_BYTES = 64 * 1024


def router(live: Live, token: SecretStr | None, publish: PublishRaw) -> APIRouter:
    """Return the routes. Each answers 202 with the decision, once the broker has it."""
    routes = APIRouter()

    def route(action: Action) -> Callable[[Request, str], Awaitable[JSONResponse]]:
        async def told(request: Request, incident_id: str) -> JSONResponse:
            admit(request, token)
            instruction = _instruction(await read_body(request, BODY_BYTES))
            subject = await run_in_threadpool(subject_of, live, incident_id)
            try:
                decision = decide(action, instruction, subject, "api", live.clock.now())
            except ValueError as error:
                raise HTTPException(422, in_words(error)) from error
            await run_in_threadpool(confirmed, publish, payload_of(decision))
            return JSONResponse(to_json(decision), status.HTTP_202_ACCEPTED)

        told.__doc__ = SUMMARIES[action]
        return told

    for action in Action:
        routes.post(f"/api/incidents/{{incident_id}}/{action.value}", status_code=status.HTTP_202_ACCEPTED)(
            route(action)
        )
    return routes


SUMMARIES = {
    Action.ACKNOWLEDGE: "Acknowledge the ladder of one incident: {person, side}.",
    Action.MUTE: "Send no page of one incident for a time: {person, reason, for or until, side}.",
    Action.UNMUTE: "End the mutes of one incident: {person, side}.",
}


def subject_of(live: Live, text: str) -> tuple[str, str]:
    """Return (provider, incident id) of what is in view by its whole id; of anything else the index is asked.

    Raises:
        HTTPException: 404 if there is none, 409 if there are several.
        StoreError: if Elasticsearch can't answer.
    """
    dossier = live.dossier(text) or find(live, text)
    return dossier.incident.provider, dossier.incident.incident_id


def _instruction(body: bytes) -> Instruction:
    try:
        return Instruction.model_validate(orjson.loads(body))
    except ValidationError as error:
        raise HTTPException(422, in_words(error)) from error
    except orjson.JSONDecodeError as error:
        raise HTTPException(400, "the body is no JSON") from error


def in_words(error: ValueError) -> str:
    """Return what is wrong in words, without the values that were sent."""
    return faults_in_words(error) if isinstance(error, ValidationError) else str(error)


def payload_of(decision: Decision) -> RawPayload:
    """Return the raw payload by which a decision enters the stream."""
    return RawPayload(
        feed=ANSWERS_FEED,
        format=DECISION_FORMAT,
        body=decision.to_wire(),
        received_at=decision.decided_at,
        content_type="application/json",
    )
