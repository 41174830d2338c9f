"""Answers to pages: what a person says, and who may say what, a table by side (measurement.md §10). Pure.

What follows from an answer is told in ``models.effects``.
"""

from base64 import b64decode
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Literal, Self

from pydantic import Field, model_validator

from models.document import Document
from models.ids import stable_id
from models.instants import Instant
from models.notice import Identity, Phase, Ruling
from models.paging import PageKind, Side
from models.tokens import Claims

ANSWERS_FEED = "answers"
"""Feed under which answers, decisions and contacts come in as raw payloads; no document may name a feed so."""
ANSWER_FORMAT = "answer"
DECISION_FORMAT = "decision"
COMMUNICATION_FORMAT = "communication"
ATTACHMENT_BYTES = 5 * 1024 * 1024
"""Largest document that may come with an answer: in base64, twice, it still fits into one record."""
REASON = r"^[a-z0-9_]{1,80}$"
"""How reasons of pauses and clauses are written, such as ``awaiting_customer``."""


class AnswerAction(StrEnum):
    """What somebody answers to a page."""

    ACKNOWLEDGE = "acknowledge"
    ETA = "eta"
    """A time is named: of restoration, or of the next update."""
    PAUSE_REQUEST = "pause_request"
    RESTORED = "restored"
    ROOT_CAUSE = "root_cause"
    """The report on the cause is delivered."""
    ACCEPT = "accept"
    REJECT = "reject"
    DISPUTE = "dispute"
    NOTE = "note"
    RECEIPT = "receipt"
    """A machine's answer, such as an out-of-office: nobody has read the page yet."""


Channel = Literal["link", "email", "slack", "pagerduty", "api", "board"]
"""How an answer came."""
ClaimPhase = Literal[Phase.PAUSED, Phase.EXCLUDED, Phase.SEVERITY_CHANGED]
"""Phases of statements that our side rules on (measurement.md §4 and §8)."""

_PROVIDER = (
    AnswerAction.ACKNOWLEDGE, AnswerAction.ETA, AnswerAction.PAUSE_REQUEST, AnswerAction.RESTORED,
    AnswerAction.ROOT_CAUSE, AnswerAction.NOTE, AnswerAction.RECEIPT,
)  # fmt: skip
_CUSTOMER = (
    AnswerAction.ACKNOWLEDGE, AnswerAction.ACCEPT, AnswerAction.REJECT, AnswerAction.DISPUTE, AnswerAction.NOTE,
    AnswerAction.RECEIPT,
)  # fmt: skip
_OF_A_HAZARD = (AnswerAction.ACKNOWLEDGE, AnswerAction.NOTE, AnswerAction.RECEIPT)
RIGHTS: Mapping[Side, tuple[AnswerAction, ...]] = {Side.PROVIDER: _PROVIDER, Side.CUSTOMER: _CUSTOMER}
"""What each side may answer to a page about an incident, in the order in which forms show it."""
HAZARD_KINDS = (PageKind.EXPOSURE, PageKind.ALL_CLEAR)
"""Pages about a hazard: nothing has failed, so there is nothing to promise, pause or restore."""

RULES: Mapping[AnswerAction, Ruling] = {
    AnswerAction.ACCEPT: Ruling.ACCEPTED,
    AnswerAction.REJECT: Ruling.REJECTED,
    AnswerAction.DISPUTE: Ruling.DISPUTED,
}
"""What an answer of our people rules on a claim."""

WORDS: Mapping[AnswerAction, str] = {
    AnswerAction.ACKNOWLEDGE: "acknowledged",
    AnswerAction.ETA: "named a time",
    AnswerAction.PAUSE_REQUEST: "asked for a pause",
    AnswerAction.RESTORED: "says that it is restored",
    AnswerAction.ROOT_CAUSE: "delivered a report on the cause",
    AnswerAction.ACCEPT: "accepted a claim",
    AnswerAction.REJECT: "rejected a claim",
    AnswerAction.DISPUTE: "disputed a claim",
    AnswerAction.NOTE: "noted",
    AnswerAction.RECEIPT: "answered by a machine",
}
"""What was answered, as the communication log and pages say it."""


class AnswerError(ValueError):
    """The person may not say this, or it lacks what it needs; the message says which. Show it, or dead-letter it."""


class Answer(Document):
    """One answer to one page by one person. Never changes; it travels as a raw payload and can be read again."""

    answer_id: str
    """Of a link or a button the token's id, so that two answers by one token are one; of a mail a hash of its id."""
    claims: Claims
    action: AnswerAction
    identity: Identity
    channel: Channel
    said_at: Instant
    """When we had it, UTC."""
    their_stamp: Instant | None = None
    """The message's own stamp, by their clock."""
    subject: str | None = None
    text: str | None = None
    promised_at: Instant | None = None
    """Of ``eta``: the time that is named."""
    promises: Literal["update", "restore"] | None = None
    """What ``promised_at`` is a promise of; None reads as ``restore``."""
    phrase: str | None = None
    """The words that ``promised_at`` was read from; None where a form has a field for it."""
    reason: str | None = Field(default=None, pattern=REASON)
    """Of a pause, as agreements list it; of a ruling, the reason or the clause of what it rules on."""
    claimed_at: Instant | None = None
    """Restored when, paused since; of an acceptance, from when on."""
    claimed_end_at: Instant | None = None
    claim: ClaimPhase | None = None
    """Of a ruling: what kind of claim it is on."""
    concerns: str | None = None
    """Of a ruling: ``source_update_id`` or ``notice_id`` of the claim; None is every one of its kind and reason."""
    attachment_name: str | None = None
    attachment_digest: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    """SHA-256, in hex, of what came with it."""
    attachment: str | None = None
    """What came with it, base64; None where only its digest was kept."""

    @model_validator(mode="after")
    def _attached(self) -> Self:
        if self.attachment is not None:
            try:
                content = b64decode(self.attachment, validate=True)
            except ValueError as error:
                raise ValueError("the attachment is no base64") from error
            if len(content) > ATTACHMENT_BYTES or sha256(content).hexdigest() != self.attachment_digest:
                raise ValueError("the attachment is too large, or not what its digest says")
        return self

    def document_id(self) -> str:
        return self.answer_id

    def occurred_at(self) -> datetime:
        return self.said_at

    @property
    def communication_id(self) -> str:
        """The id of its entry in the communication log: there, the answer was used."""
        return communication_id(self.answer_id)


def communication_id(answer_id: str) -> str:
    """Return the id of the communication log's entry of an answer."""
    return stable_id("communication", "answer", answer_id)


def rights(claims: Claims) -> tuple[AnswerAction, ...]:
    """Return what the holder of a token may answer, in the order in which forms show it."""
    return _OF_A_HAZARD if claims.kind in HAZARD_KINDS else RIGHTS[claims.side]


def reason_word(text: str) -> str | None:
    """Return a reason as agreements write it; None where nothing of a word is in it.

    >>> reason_word("Awaiting customer: access to the site!")
    'awaiting_customer_access_to_the_site'
    """
    letters = (one if one.isascii() and one.isalnum() else " " for one in text.lower())
    return "_".join("".join(letters).split())[:80].strip("_") or None
