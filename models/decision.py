"""Decisions of people about a ladder: acknowledged, muted (measurement.md §10). Records of the ledger. Pure.

A decision moves no clock. What a person of the provider says of the incident itself is a notice beside it.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Self

from pydantic import model_validator

from models.document import Document
from models.instants import Instant
from models.notice import Identity
from models.paging import Side


class Action(StrEnum):
    """What somebody decided."""

    ACKNOWLEDGE = "acknowledge"
    """A named person took it: the ladder of their side stays quiet about what it has told so far."""
    MUTE = "mute"
    """No page of this side, or of both, until an instant."""
    UNMUTE = "unmute"


class Decision(Document):
    """One decision by one person. Never changes; the same decision told twice is one."""

    decision_id: str
    """Hash of what made it: the token that was used, the mail's id, or what was decided, by whom and when."""
    provider: str
    incident_id: str | None
    """None for all incidents of the provider (mutes only)."""
    action: Action
    side: Side | None
    """Whose ladder; None for both (mutes only)."""
    person: str
    """Contact id."""
    person_name: str | None = None
    identity: Identity
    channel: str | None = None
    """How it came: ``link``, ``email``, ``slack``, ``pagerduty``, ``api``, ``board``, ``command``."""
    decided_at: Instant
    """When we had it, UTC."""
    until: Instant | None = None
    """End of a mute."""
    page_id: str | None = None
    """The page that was answered."""
    reason: str | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.action is Action.ACKNOWLEDGE and (self.side is None or self.incident_id is None):
            raise ValueError("an acknowledgement names its incident and its side")
        if self.action is Action.MUTE and (self.until is None or self.until <= self.decided_at):
            raise ValueError("a mute ends, and later than it begins")
        return self

    def document_id(self) -> str:
        return self.decision_id

    def occurred_at(self) -> datetime:
        return self.decided_at


def collect(decisions: Iterable[Decision]) -> tuple[Decision, ...]:
    """Return decisions as a set by id, in order of time; of two with one id the earlier one counts."""
    known: dict[str, Decision] = {}
    for one in decisions:
        before = known.get(one.decision_id)
        if before is None or one.decided_at < before.decided_at:
            known[one.decision_id] = one
    return tuple(sorted(known.values(), key=lambda one: (one.decided_at, one.decision_id)))
