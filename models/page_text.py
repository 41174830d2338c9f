"""What a page says, by side: facts only, one a line, instants in UTC. Pure.

The provider's people are told what they promised and what is expected of them; what only concerns us (our witnesses,
hazards over sites, what it costs) is for our own people.
"""

from datetime import datetime

from models.instants import format_instant
from models.paging import Side
from models.records import IncidentDocument


def title(incident: IncidentDocument, why: str, loop: int) -> str:
    """Return one line that says who, how bad and why: what fits a phone's lock screen."""
    where = ", ".join(incident.services) or "all services"
    again = f" (repeated, {loop})" if loop else ""
    return f"[{(incident.priority or '-').upper()}] {incident.provider} {where}: {why}{again}"


def text(incident: IncidentDocument, side: Side, why: str, due_at: datetime) -> str:
    """Return what a person needs before opening the board."""
    lines = [
        incident.title or "(no title given)",
        f"Why you: {why}, reached at {format_instant(due_at)}.",
        f"Began: {format_instant(incident.started_at)}. {_last_word(incident, side)}",
        f"Agreement: {incident.agreement} {incident.agreement_version}.",
    ]
    if side is Side.CUSTOMER:
        lines += _ours(incident)
    return "\n".join(lines)


def _last_word(incident: IncidentDocument, side: Side) -> str:
    whose = "Provider's last word" if side is Side.CUSTOMER else "Your last word to us"
    at = f" at {format_instant(incident.last_notice_at)}" if incident.last_notice_at else ""
    return f"{whose}: {incident.phase}{at}."


def _ours(incident: IncidentDocument) -> list[str]:
    lines = []
    if incident.witnesses:
        lines.append(f"Seen by us: {', '.join(incident.witnesses)}.")
    if incident.exposures:
        lines.append(f"In the time and area of: {', '.join(incident.exposures)}.")
    return lines
