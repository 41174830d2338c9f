"""What the words for a ticket's state come to, whatever tool wrote them. Pure."""

import re
from enum import StrEnum


class Stage(StrEnum):
    """How far the desk is with a ticket."""

    QUEUED = "queued"
    """Nobody has it yet: new, or handed on and not taken."""
    ASSIGNED = "assigned"
    WORKING = "working"
    WAITING = "waiting"
    """The desk says that it waits for somebody, and so that its clock should stand."""
    RESOLVED = "resolved"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    OTHER = "other"
    """A word that we don't know: told as it stands, and nothing is read into it."""


DONE = frozenset({Stage.RESOLVED, Stage.CLOSED, Stage.CANCELLED})

_STAGES = {
    "new": Stage.QUEUED,
    "queued": Stage.QUEUED,
    "awaiting assignment": Stage.QUEUED,
    "assigned": Stage.ASSIGNED,
    "active": Stage.WORKING,
    "in progress": Stage.WORKING,
    "work in progress": Stage.WORKING,
    "resolved": Stage.RESOLVED,
    "in call": Stage.RESOLVED,  # resolved while the caller was still on the line
    "closed": Stage.CLOSED,
    "cancelled": Stage.CANCELLED,
    "canceled": Stage.CANCELLED,
}
_WAITING = re.compile(r"(?:wait|awaiting|on hold|pending)\b")


def stage_of(word: str) -> tuple[Stage, str | None]:
    """Return the stage that a state's word means, and of a waiting one the reason, as agreements write it.

    >>> stage_of("Wait - User")
    (<Stage.WAITING: 'waiting'>, 'wait_user')
    """
    plain = " ".join(word.lower().split())
    if plain in _STAGES:
        return _STAGES[plain], None
    if _WAITING.match(plain):
        return Stage.WAITING, reason_of(plain)
    return Stage.OTHER, None


def reason_of(words: str) -> str:
    """Return words as a snake word.

    >>> reason_of("Awaiting User Info")
    'awaiting_user_info'
    """
    return "_".join(re.findall(r"[a-z0-9]+", words.lower()))[:80]
