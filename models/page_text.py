"""What a page says, by side: facts only, one a line, instants in UTC. Pure.

The provider's people are told what they promised and what is expected of them; what only concerns us (our witnesses,
hazards over sites, what it costs) is for our own people.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from models.episode import Case
from models.instants import format_instant
from models.notice import Phase
from models.paging import Side
from models.records import IncidentDocument


@dataclass(frozen=True, slots=True)
class LastWord:
    """What the provider itself said last of an incident: not our witnesses, and not our own people."""

    phase: Phase
    at: datetime
    """When it was said, UTC; an edit later on is no new word."""

    @classmethod
    def of(cls, case: Case) -> Self | None:
        """Return the provider's last word in a case; None where it has said nothing."""
        if not case.spoken:
            return None
        word = case.spoken[-1]
        return cls(word.phase, word.first.spoken_at)


def title(incident: IncidentDocument, why: str, loop: int) -> str:
    """Return one line that says who, how bad and why: what fits a phone's lock screen."""
    where = ", ".join(incident.services) or "all services"
    again = f" (repeated, {loop})" if loop else ""
    return f"[{(incident.priority or '-').upper()}] {incident.provider} {where}: {why}{again}"


def text(incident: IncidentDocument, side: Side, why: str, due_at: datetime, said: LastWord | None) -> str:
    """Return what a person needs before opening the board."""
    lines = [
        incident.title or "(no title given)",
        f"Why you: {why}, reached at {format_instant(due_at)}.",
        f"Began: {format_instant(incident.started_at)}. {_last_word(said, side)}",
        f"Agreement: {incident.agreement} {incident.agreement_version}.",
    ]
    if side is Side.CUSTOMER:
        lines += _ours(incident)
    return "\n".join(lines)


def _last_word(said: LastWord | None, side: Side) -> str:
    ours = side is Side.CUSTOMER
    if said is None:
        return "The provider has said nothing of it yet." if ours else "You have told us nothing of it yet."
    whose = "Provider's last word" if ours else "Your last word to us"
    return f"{whose}: {said.phase} at {format_instant(said.at.replace(microsecond=0))}."


def _ours(incident: IncidentDocument) -> list[str]:
    lines = []
    if incident.witnesses:
        lines.append(f"Seen by us: {', '.join(incident.witnesses)}.")
    if incident.exposures:
        lines.append(f"In the time and area of: {', '.join(incident.exposures)}.")
    return lines
