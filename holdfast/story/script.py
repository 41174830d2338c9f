"""What a story is made of: instants named by weekday, and fields that a page shows differently later on. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

Shown = TypeVar("Shown")

ORIGIN = datetime(2026, 11, 2, tzinfo=UTC)
"""The Monday on which the story begins, midnight UTC. Fixed, so that two runs can be compared byte for byte."""
LENGTH = timedelta(days=7)
"""How long the story lasts."""

_DAYS = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6}


def at(text: str) -> datetime:
    """Return the instant of a weekday and a time of the story's week, such as ``tue 02:08:30``, in UTC.

    A whole date (``2026-10-20 09:00``) names an instant before the story.

    Raises:
        ValueError: if it is neither.
    """
    day, _, clock = text.partition(" ")
    if day not in _DAYS:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    hours, minutes, *rest = (int(part) for part in clock.split(":"))
    return ORIGIN + timedelta(days=_DAYS[day], hours=hours, minutes=minutes, seconds=rest[0] if rest else 0)


@dataclass(frozen=True)
class Edited(Generic[Shown]):
    """A field of a page: what it shows at first, and what it shows from later instants on."""

    first: Shown
    edits: tuple[tuple[str, Shown], ...] = ()
    """(instant of the edit, what is shown from then on), ascending."""

    def shown_at(self, instant: datetime) -> Shown:
        """Return what the page shows at an instant."""
        shown = self.first
        for when, value in self.edits:
            if at(when) <= instant:
                shown = value
        return shown

    def edited_at(self) -> tuple[datetime, ...]:
        """Return the instants of the edits."""
        return tuple(at(when) for when, _ in self.edits)
