"""What is worth saying aloud when the board changes: one short sentence each, for screen readers. Pure."""

from collections.abc import Iterable, Sequence

from board.standing import Standing
from board.view import Card

SPOKEN = (Standing.WARNING, Standing.OVERDUE)


def announcements(before: Iterable[Card], after: Sequence[Card]) -> list[str]:
    """Return what changed for the worse, or appeared, or ended; nothing about mere updates."""
    known = {card.incident_id: card for card in before}
    said = []
    for card in after:
        old = known.pop(card.incident_id, None)
        if old is None:
            said.append(f"New incident: {card.provider}, {card.title}")
        said.extend(_worse(old, card))
    said.extend(f"No longer open: {card.provider}, {card.title}" for card in known.values())
    return said


def _worse(old: Card | None, card: Card) -> Iterable[str]:
    passed = {(clock.objective, clock.ordinal): clock.standing for clock in (old.clocks if old else ())}
    for clock in card.clocks:
        if clock.standing in SPOKEN and passed.get((clock.objective, clock.ordinal)) is not clock.standing:
            yield f"{clock.standing.words.capitalize()}: {card.provider}, {clock.objective}"
    lost = {line.objective: line.missed for line in (old.tallies if old else ())}
    for line in card.tallies:
        if old is not None and line.missed > lost.get(line.objective, 0):
            yield f"Breached: {card.provider}, {line.objective.value}"
