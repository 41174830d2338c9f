"""Rungs that were reached: which are paged at once, which late, which not at all (measurement.md §10). Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.paging import Side
from models.plan import Issue


@dataclass(frozen=True, slots=True)
class Crossing:
    """Which rungs are paged now, and which are recorded without paging."""

    paged: tuple[Issue, ...]
    suppressed: Mapping[str, str]
    """Page id to the reason in words."""


@dataclass(frozen=True, slots=True)
class Lateness:
    """How far the world has run beyond the computed instants, and from where on that counts as late."""

    now: datetime
    tolerance: timedelta


def prompt(due: Iterable[Issue], late: Lateness) -> tuple[Issue, ...]:
    """Return the reached rungs that are in time: they are paged at once, each of them."""
    return tuple(issue for issue in due if not is_late(issue, late))


def cross(due: Sequence[Issue], late: Lateness, *, over: str | None) -> Crossing:
    """Decide which of the newly reached rungs are paged, once the world has caught up.

    Args:
        due: reached and not handled before, of one incident.
        late: after an outage of the tracker only the highest crossed rung of each ladder is paged.
        over: why nobody needs to be told any more, in words; None while somebody does.
    """
    suppressed: dict[str, str] = {}
    paged: list[Issue] = []
    for side in Side:
        mine = [issue for issue in due if issue.step.side is side]
        top = max((issue.step.number for issue in mine if is_late(issue, late)), default=None)
        for issue in mine:
            if over is not None and is_late(issue, late):
                suppressed[issue.page_id] = over
            elif is_late(issue, late) and issue.step.number != top:
                suppressed[issue.page_id] = "a higher rung was crossed before anybody could be paged"
            else:
                paged.append(issue)
    return Crossing(tuple(paged), suppressed)


def is_late(issue: Issue, late: Lateness) -> bool:
    """Return whether an issue comes later than is tolerated."""
    assert issue.due_at is not None
    return late.now - issue.due_at > late.tolerance
