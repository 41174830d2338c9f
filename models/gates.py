"""What holds pages back: mutes, maintenance, closed hours. Each names itself, and its end. Pure.

A page that is held back goes out at the end of what holds it, if its condition still stands then.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from models.decision import Action, Decision
from models.paging import Side
from models.policy import Hours

STEPS = 64
"""Ends looked at one after another: mutes, windows and hours that meet end to end."""


@dataclass(frozen=True, slots=True)
class Hold:
    """An interval in which nobody of a side is paged."""

    begin: datetime
    end: datetime
    reason: str
    """In words; names what holds, by whom, and until when."""
    side: Side | None = None
    """None: both."""


@dataclass(frozen=True, slots=True)
class Passed:
    """When a page may go out that would be due at an instant."""

    at: datetime | None
    """None: never."""
    held: str | None
    """What held it last, in words; None where nothing did."""


@dataclass(frozen=True, slots=True)
class Gates:
    """Everything that holds pages of one incident back."""

    holds: tuple[Hold, ...] = ()

    def pass_at(self, at: datetime, side: Side, hours: Hours | None) -> Passed:
        """Return when a page due at an instant may go out: at once, or at the end of what holds it back."""
        held = None
        for _ in range(STEPS):
            hold = self._closed(at, side)
            if hold is not None:
                at, held = hold.end, hold.reason
            elif hours is not None and not hours.calendar.is_open(at):
                if hours.outside == "skip":
                    return Passed(None, f"outside the hours of this rung ({hours.timezone or 'UTC'})")
                at = hours.calendar.next_opening(at)
                held = f"outside the hours of this rung ({hours.timezone or 'UTC'}) until {at:%Y-%m-%d %H:%M} UTC"
            else:
                break
        return Passed(at, held)

    def _closed(self, at: datetime, side: Side) -> Hold | None:
        """Return the hold that ends last of those in force at an instant."""
        closed = [one for one in self.holds if one.side in (None, side) and one.begin <= at < one.end]
        return max(closed, key=lambda one: (one.end, one.reason), default=None)


def mutes(decisions: Iterable[Decision]) -> tuple[Hold, ...]:
    """Return the holds that mutes make; an unmute ends those of its side that stand then.

    Args:
        decisions: of the incident and of the whole provider, in order of time.
    """
    holds: list[Hold] = []
    for one in decisions:
        if one.action is Action.UNMUTE:
            holds = [_ended(hold, one) for hold in holds]
        elif one.action is Action.MUTE and one.until is not None:
            who = one.person_name or one.person
            why = f": {one.reason}" if one.reason else ""
            reason = f"muted by {who} until {one.until:%Y-%m-%d %H:%M} UTC{why}"
            holds.append(Hold(one.decided_at, one.until, reason, one.side))
    return tuple(hold for hold in holds if hold.begin < hold.end)


def _ended(hold: Hold, unmute: Decision) -> Hold:
    """Return a mute as an unmute leaves it; one of both sides is ended by an unmute of both sides."""
    if unmute.side not in (None, hold.side) or hold.end <= unmute.decided_at:
        return hold
    return Hold(hold.begin, max(hold.begin, unmute.decided_at), hold.reason, hold.side)
