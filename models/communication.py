"""The communication log: every contact between the two sides that is not itself a page or a provider's notice. Pure.

Replies to pages, notes of calls, meetings, letters. Pages and notices are contacts too; they stand on topics of their
own and are joined with these where the log is read.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

from models.document import Document
from models.instants import Instant
from models.notice import Identity


class CommunicationKind(StrEnum):
    """What kind of contact it was."""

    REPLY = "reply"
    """An answer to a page: by link, mail or button."""
    RECEIPT = "receipt"
    """A machine's answer to a page: an out-of-office, a delivery report. No acknowledgement."""
    CALL = "call"
    MAIL = "mail"
    CHAT = "chat"
    MEETING = "meeting"
    REVIEW = "review"
    """A regular review meeting of the agreement."""
    OTHER = "other"


class ActionItem(BaseModel):
    """What somebody undertook in a meeting."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    action_id: str
    text: str
    owner: str
    """Contact id."""
    due_on: date | None = None
    done_on: date | None = None


class Communication(Document):
    """One contact between the sides. Never changes; a correction is another one that names it in ``corrects``."""

    communication_id: str
    """Hash of what made it: the token, the mail's Message-ID, or its own content."""
    provider: str
    incident_ids: tuple[str, ...] = ()
    kind: CommunicationKind
    direction: Literal["to_provider", "from_provider", "both", "internal"]
    """Whose word it mainly was; ``internal`` is among our own people."""
    channel: str
    """Such as ``link``, ``email``, ``phone``, ``slack``, ``room``."""
    people: tuple[str, ...] = ()
    """Contact ids of all who took part, the speaker first."""
    identity: Identity
    subject: str | None = None
    text: str | None = None
    happened_at: Instant
    """When it took place, by ``clock``."""
    ended_at: Instant | None = None
    clock: Literal["ours", "theirs", "told"]
    """Whose clock that is: ours (we had it then), theirs (a stamp in the message), or what somebody remembers."""
    recorded_at: Instant
    """When we put it down, by our clock."""
    recorded_by: str | None = None
    page_id: str | None = None
    """The page that it answers."""
    attachment_digest: str | None = None
    """SHA-256, in hex, of what came with it."""
    attachment_name: str | None = None
    promised_at: Instant | None = None
    phrase: str | None = None
    review_period: str | None = None
    """Of a review: the period that it looks back on, such as ``2026-05`` or ``2026-Q2``."""
    agreement: str | None = None
    decisions: tuple[str, ...] = ()
    """Of a meeting: what was decided, a sentence each."""
    actions: tuple[ActionItem, ...] = ()
    corrects: str | None = None

    def document_id(self) -> str:
        return self.communication_id

    def occurred_at(self) -> datetime:
        return self.happened_at
