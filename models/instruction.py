"""What one of our own people tells us to decide, by the API or a command: who, of whose ladder, until when. Pure."""

from datetime import datetime
from typing import Self

from pydantic import Field, model_validator

from models.decision import Action, Decision
from models.durations import Duration
from models.ids import stable_id
from models.instants import Instant, format_instant
from models.notice import Identity
from models.paging import Side
from models.spec import Span, Spec

REASON_LENGTH = 500


class Instruction(Spec):
    """One order. ``for`` and ``until`` are two ways to say when a mute ends."""

    person: str = Field(min_length=1, max_length=200)
    """Contact id of who decided."""
    person_name: str | None = Field(default=None, max_length=200)
    side: Side | None = None
    """Whose ladder; None is our own for an acknowledgement, both for a mute."""
    until: Instant | None = None
    lasts: Span | None = Field(default=None, alias="for")
    reason: str | None = Field(default=None, max_length=REASON_LENGTH)

    @model_validator(mode="after")
    def _one_end(self) -> Self:
        if self.until is not None and self.lasts is not None:
            raise ValueError("a mute ends either at an instant (until) or after a time (for)")
        return self

    def ends_at(self, now: datetime) -> datetime | None:
        """Return when a mute that begins now ends; None where nothing says so."""
        length = self.lasts.fixed if isinstance(self.lasts, Duration) else None
        return self.until if length is None else now + length


def decide(
    action: Action, instruction: Instruction, subject: tuple[str, str | None], channel: str, now: datetime
) -> Decision:
    """Return the decision that an order makes.

    Args:
        action: what is decided.
        instruction: by whom, of whose ladder, until when.
        subject: (provider, incident id); None for all incidents of the provider, which can be muted only.
        channel: how it came, such as ``api`` or ``command``.
        now: when we had it.

    Raises:
        ValueError: if it is not whole: an acknowledgement of no incident, a mute without an end or a reason.
    """
    provider, incident_id = subject
    if action is Action.MUTE and not (instruction.reason or "").strip():
        raise ValueError("a mute says why: give a reason")
    side = instruction.side
    if action is Action.ACKNOWLEDGE:
        side = side or Side.CUSTOMER
    said = (provider, incident_id, action.value, side, instruction.person, format_instant(now))
    return Decision(
        decision_id=stable_id("decision", "told", *said),
        provider=provider,
        incident_id=incident_id,
        action=action,
        side=side,
        person=instruction.person,
        person_name=instruction.person_name,
        identity=Identity.TOKEN,
        channel=channel,
        decided_at=now,
        until=instruction.ends_at(now) if action is Action.MUTE else None,
        reason=instruction.reason,
    )
