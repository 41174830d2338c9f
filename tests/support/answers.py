"""Builders of tokens' claims and answers with sensible defaults; every keyword replaces one field. Pure."""

from typing import Any

from models.answers import Answer, AnswerAction
from models.ids import stable_id
from models.notice import Identity, Phase
from models.paging import Side
from models.tokens import Claims
from tests.support import samples

SECRET = "a secret of sixteen characters at least"


def claims(side: Side = Side.PROVIDER, **fields: Any) -> Claims:
    """Return the claims of a page's own link."""
    is_ours = side is Side.CUSTOMER
    values: dict[str, Any] = {
        "page_id": stable_id("sample-page", side.value),
        "incident_id": stable_id("sample-incident", "0"),
        "source": "nimbus-status",
        "source_incident_id": "inc-0",
        "provider": samples.PROVIDER,
        "services": ("mail",),
        "side": side,
        "rung": 0,
        "loop": 0,
        "recipient": "duty" if is_ours else "nimbus-noc",
        "recipient_name": "Duty manager" if is_ours else "Nimbus operations",
        "expires_at": samples.later(7 * 24 * 60),
    }
    return Claims(**{**values, **fields})


WHOLE: dict[AnswerAction, dict[str, Any]] = {
    AnswerAction.ETA: {"promised_at": samples.later(240)},
    AnswerAction.PAUSE_REQUEST: {"reason": "awaiting_customer"},
    AnswerAction.ROOT_CAUSE: {"text": "A fan failed."},
    AnswerAction.ACCEPT: {"claim": Phase.PAUSED, "reason": "awaiting_customer", "concerns": "update-3"},
    AnswerAction.REJECT: {"claim": Phase.PAUSED, "reason": "awaiting_customer", "concerns": "update-3"},
    AnswerAction.DISPUTE: {"claim": Phase.EXCLUDED, "reason": "force_majeure"},
    AnswerAction.NOTE: {"text": "A technician is on the way."},
}
"""What each answer needs to be whole."""


def answer(action: AnswerAction = AnswerAction.ACKNOWLEDGE, side: Side = Side.PROVIDER, **fields: Any) -> Answer:
    """Return a whole answer by link, of the side's own person, at ten minutes past the start."""
    held = fields.pop("claims", None) or claims(side)
    values: dict[str, Any] = {
        "answer_id": held.token_id,
        "claims": held,
        "action": action,
        "identity": Identity.VERIFIED_LINK,
        "channel": "link",
        "said_at": samples.later(10),
        **WHOLE.get(action, {}),
    }
    return Answer(**{**values, **fields})
