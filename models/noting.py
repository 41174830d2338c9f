"""A note of a contact, as our people put it down, and the entry of the communication log that it makes. Pure."""

from datetime import datetime, timedelta
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from models.communication import Communication, CommunicationKind
from models.ids import stable_id
from models.instants import Instant, format_instant
from models.notice import Identity
from models.spec import faults_in_words

TEXT_LENGTH = 20_000
AHEAD = timedelta(minutes=5)
"""How far clocks may differ before a contact counts as one that has yet to take place."""

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class NoteError(ValueError):
    """A note can't be put down as it is; the message says what to mend."""


class Note(BaseModel):
    """What is told of one contact."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    provider: Name
    incident_ids: tuple[Name, ...] = Field(default=(), max_length=50)
    kind: Literal["call", "mail", "chat", "meeting", "other"]
    direction: Literal["to_provider", "from_provider", "both", "internal"]
    channel: Name
    people: tuple[Name, ...] = Field(min_length=1, max_length=50)
    """Contact ids of all who took part, the speaker first."""
    by: Name
    """Contact id of who puts it down."""
    subject: Annotated[str, StringConstraints(max_length=500)] | None = None
    text: Annotated[str, StringConstraints(max_length=TEXT_LENGTH)] | None = None
    happened_at: Instant | None = None
    """None is now."""
    ended_at: Instant | None = None
    attachment_digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None
    attachment_name: Name | None = None
    corrects: Name | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.text or self.subject or self.attachment_digest):
            raise ValueError("a note needs a text, a subject or a document")
        return self


Whose = Literal["ours", "theirs", "told"]


def communication_of(note: Note, now: datetime, clock: Whose | None = None) -> Communication:
    """Return the log's entry of a note; the same note of the same instant has the same id.

    Args:
        note: what is told.
        now: the product's instant; UTC.
        clock: whose clock its time is by; None is ours for now, else what somebody remembers.

    Raises:
        NoteError: if it has yet to take place, or ends before it begins.
    """
    at = note.happened_at or now
    if at > now + AHEAD:
        raise NoteError(f"{format_instant(at)} has yet to come: put down what has taken place")
    if note.ended_at is not None and not at <= note.ended_at <= now + AHEAD:
        raise NoteError("the end lies before the beginning, or has yet to come")
    content = note.model_copy(update={"happened_at": at})
    return Communication(
        communication_id=stable_id("note", content.model_dump_json()),
        provider=note.provider,
        incident_ids=note.incident_ids,
        kind=CommunicationKind(note.kind),
        direction=note.direction,
        channel=note.channel,
        people=note.people,
        identity=Identity.TOKEN,
        subject=note.subject,
        text=note.text,
        happened_at=at,
        ended_at=note.ended_at,
        clock=clock or ("ours" if note.happened_at is None else "told"),
        recorded_at=now,
        recorded_by=note.by,
        attachment_digest=note.attachment_digest,
        attachment_name=note.attachment_name,
        corrects=note.corrects,
    )


def corrected_note(known: Communication, changes: dict[str, object], by: str) -> Note:
    """Return the note that corrects a contact: all of it, with what is changed.

    Raises:
        NoteError: if it is an answer to a page, which nobody but its sender can correct, or a review.
        ValidationError: if what is changed is no value that a note can have.
    """
    if known.kind.value not in ("call", "mail", "chat", "meeting", "other"):
        raise NoteError(f"a {known.kind.value} can't be corrected as a note; add one that says what was meant")
    kept = {
        name: getattr(known, name) for name in Note.model_fields if name not in ("by", "kind", "corrects")
    }  # fmt: skip
    return Note.model_validate(
        {**kept, "kind": known.kind.value, **changes, "by": by, "corrects": known.communication_id}
    )  # fmt: skip


def in_words(error: ValidationError | NoteError) -> str:
    """Return what is wrong with a note, in words."""
    return str(error) if isinstance(error, NoteError) else faults_in_words(error)
