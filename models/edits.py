"""What speakers changed in their statements after they had made them: the versions of each, and what differs. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import attrgetter
from typing import Any

from models.instants import format_instant
from models.notice import Notice, Speaker

EDITABLE = {
    "phase": "phase",
    "severity": "severity",
    "claimed_at": "claimed time",
    "claimed_end_at": "claimed end",
    "promised_at": "promised time",
    "promises": "what is promised",
    "reason": "reason",
    "ruling": "ruling",
    "concerns": "claim ruled upon",
    "recovery_point_at": "recovery point",
    "components": "components",
    "title": "title",
    "text": "text",
}
"""What an edit may change, and how it is called."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A statement as it was told before, and as it is told since ``after.received_at``."""

    before: Notice
    after: Notice

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the fields that differ, in the order of ``EDITABLE``; none where only others do."""
        return tuple(name for name in EDITABLE if getattr(self.before, name) != getattr(self.after, name))

    @property
    def text(self) -> str:
        """What differs, such as ``severity: minor (was major)``; empty where nothing of ``EDITABLE`` does."""
        return "; ".join(f"{EDITABLE[name]}: {self.now(name)} (was {self.was(name)})" for name in self.fields)

    def now(self, name: str) -> str:
        """Return the value of a field since the edit, in words."""
        return _words(getattr(self.after, name))

    def was(self, name: str) -> str:
        """Return the value of a field before the edit, in words."""
        return _words(getattr(self.before, name))


def versions(notices: Iterable[Notice]) -> Iterator[tuple[Notice, ...]]:
    """Yield the versions of each statement, the one that we had first before the others.

    A probe's alert is no text that is edited: each is a statement of its own.
    """
    for _, group in groupby(sorted(notices, key=_statement), key=_statement):
        yield tuple(sorted(group, key=attrgetter("received_at", "notice_id")))


def edits(told: Iterable[Notice]) -> Iterator[Edit]:
    """Yield each step from one version of a statement to the next.

    Args:
        told: the versions of one statement, in order.
    """
    return (Edit(before, after) for before, after in pairwise(told))


def _statement(notice: Notice) -> tuple[str, ...]:
    own = notice.source_update_id if notice.speaker is Speaker.PROVIDER else None
    return (notice.source, notice.source_incident_id, "id", own) if own else ("notice", notice.notice_id)


def _words(value: Any) -> str:
    if value is None or value == ():
        return "none"
    if hasattr(value, "isoformat"):
        return format_instant(value)
    return ", ".join(value) if isinstance(value, tuple) else str(value)
