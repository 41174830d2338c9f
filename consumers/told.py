"""What one person was told on one channel, and when, as the deliveries on record say. Pure; bounded.

Quotas, cadences and the all-clear of a hazard are decided by it. It knows no page that was not delivered.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self

from models.instants import parse_instant
from models.paging import Delivery, Outcome, PageKind

HOUR = timedelta(hours=1)
KEPT = timedelta(hours=3)
"""Messages older than this, before the latest one, are forgotten: a quota looks back an hour from up to an hour ago."""
HAZARDS = 200
SUBJECTS = 2000
"""Hazards, and incidents of each, that are remembered for one person and channel; the oldest are forgotten first."""

Subject = tuple[str, str]
"""Provider and incident."""


@dataclass(frozen=True, slots=True)
class Telling:
    """One delivery, as far as it matters here."""

    page_id: str
    outcome: Outcome
    at: datetime
    kind: PageKind
    subject: Subject
    priority: str | None
    hazard: str | None

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        """Return what a delivery tells."""
        subject = (delivery.provider, delivery.incident_id)
        told = (delivery.kind, subject, delivery.priority, delivery.hazard)
        return cls(delivery.page_id, delivery.outcome, delivery.finished_at, *told)

    @classmethod
    def of_wire(cls, document: Mapping[str, Any]) -> Self:
        """Return what a delivery tells, from its JSON.

        Raises:
            KeyError: if a field is missing.
            ValueError: if a value is none of its kind.
        """
        return cls(
            str(document["page_id"]),
            Outcome(document["outcome"]),
            parse_instant(document["finished_at"]),
            PageKind(document.get("kind", PageKind.RUNG)),
            (str(document["provider"]), str(document["incident_id"])),
            document.get("priority"),
            document.get("hazard"),
        )


@dataclass(slots=True)
class HazardTold:
    """What was told of one hazard."""

    at: datetime | None = None
    """The latest message about it."""
    open: dict[Subject, None] = field(default_factory=dict)
    """Told of, and no all-clear told since."""


class Told:
    """What one person was told on one channel."""

    def __init__(self) -> None:
        self._messages: dict[str, datetime] = {}
        self._hazards: dict[str, HazardTold] = {}
        self._urgent: dict[Subject, None] = {}

    def note(self, telling: Telling) -> None:
        """Take in one delivery; one that reached nobody takes its reservation back."""
        if telling.outcome is Outcome.FAILED:
            self._messages.pop(telling.page_id, None)
        if telling.outcome is Outcome.SENT:
            self.reserve(telling.page_id, telling.at, telling.hazard)
        if telling.outcome in (Outcome.SENT, Outcome.BUNDLED) and telling.kind is not PageKind.BUNDLE:
            self._note_subject(telling)

    def reserve(self, page_id: str, at: datetime, hazard: str | None) -> None:
        """Count a message that goes out now; when it is delivered, it is not counted again."""
        self._messages.setdefault(page_id, at)
        for old in [one for one, sent in self._messages.items() if sent < at - KEPT]:
            del self._messages[old]
        if hazard is not None:
            known = self._hazard(hazard)
            known.at = at if known.at is None else max(known.at, at)

    def _note_subject(self, telling: Telling) -> None:
        if telling.hazard is not None:
            known = self._hazard(telling.hazard).open
            known.pop(telling.subject, None)
            if telling.kind is not PageKind.ALL_CLEAR:
                _keep(known, telling.subject, None, SUBJECTS)
        if is_most_urgent(telling.priority):
            _keep(self._urgent, telling.subject, None, SUBJECTS)

    def _hazard(self, hazard: str) -> HazardTold:
        known = self._hazards.pop(hazard, None) or HazardTold()
        _keep(self._hazards, hazard, known, HAZARDS)
        return known

    def hazard_at(self, hazard: str, now: datetime) -> datetime | None:
        """Return when a hazard was told of last; None also where that lies ahead, as after a clock that went back."""
        known = self._hazards.get(hazard)
        return known.at if known is not None and known.at is not None and known.at <= now else None

    def open(self, hazard: str) -> tuple[Subject, ...]:
        """Return of whom a hazard was told, without an all-clear since."""
        known = self._hazards.get(hazard)
        return tuple(known.open) if known is not None else ()

    def was_urgent(self, subject: Subject) -> bool:
        """Return whether the person was told of an incident at its highest priority."""
        return subject in self._urgent

    def count(self, at: datetime) -> int:
        """Return how many messages went out in the hour up to an instant."""
        return sum(1 for _ in self._within(at))

    def frees_at(self, quota: int, now: datetime) -> datetime:
        """Return from when on fewer messages than the quota lie within an hour."""
        within = sorted(self._within(now))
        return within[len(within) - quota] + HOUR if len(within) >= quota else now

    def was_full(self, quota: int, since: datetime, now: datetime) -> bool:
        """Return whether the quota was used up at some instant from ``since`` to ``now``."""
        instants = [since, *(at for at in self._messages.values() if since < at <= now)]
        return any(self.count(at) >= quota for at in instants)

    def _within(self, at: datetime) -> Iterator[datetime]:
        return (sent for sent in self._messages.values() if at - HOUR < sent <= at)


def is_most_urgent(priority: str | None) -> bool:
    """Return whether a priority is the highest."""
    return priority is not None and priority.lower() == "p1"


def _keep(known: dict[Any, Any], key: Any, value: Any, most: int) -> None:
    known[key] = value
    if len(known) > most:
        del known[next(iter(known))]
