"""The ledger folded once more, to see what should have been told: the auditor's half of the comparison. Pure.

It is the same fold as the engine's, record by record, so it says nothing on whether the rules are right. It says
whether the stream lost, doubled or changed anything on its way from the ledger to the topics of plans and pages.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from models.book import Book, Entry, UnknownIncidentError
from models.case import digest_of
from models.decision import Decision
from models.document import Document
from models.instants import parse_instant
from models.notice import Kind, Notice
from models.paging import Page, PlanDocument
from models.telling import Terms


@dataclass(frozen=True, slots=True)
class LedgerRecord:
    """One record of the ledger, as the broker has it."""

    partition: int
    offset: int
    recorded_at: datetime
    """The record's own stamp."""
    kind: str
    """Its header: ``notice``, ``wake`` or ``decision``."""
    value: bytes


@dataclass(frozen=True, slots=True)
class Cause:
    """The record that an effect follows from."""

    partition: int
    offset: int
    recorded_at: datetime


@dataclass(slots=True)
class PlanHistory:
    """All revisions of one incident's plan."""

    digests: dict[int, str] = field(default_factory=dict)
    """By revision."""
    causes: dict[int, Cause] = field(default_factory=dict)
    latest: PlanDocument | None = None


@dataclass(slots=True)
class Expected:
    """What follows from the ledger."""

    pages: dict[str, tuple[Page, Cause]] = field(default_factory=dict)
    plans: dict[str, PlanHistory] = field(default_factory=dict)
    """By incident."""
    began: dict[str, datetime] = field(default_factory=dict)
    """By incident: when the first record of it was recorded."""
    broken: dict[str, str] = field(default_factory=dict)
    """By provider: why nothing can be said of it."""


class Replay:
    """Folds the ledger. Give it the records of each partition in offset order."""

    def __init__(self, terms: Terms) -> None:
        """Begin with nothing.

        Args:
            terms: as the worker's; today's documents with the kept versions of policies.
        """
        self._terms = terms
        self._books: dict[tuple[int, str], Book] = {}
        self.expected = Expected()

    def apply(self, record: LedgerRecord) -> None:
        """Fold one record; what is no record of the ledger is passed over, as by the engine (it has a dead letter)."""
        told = _read(record)
        if told is None or told[0] in self.expected.broken:
            return
        provider, content = told
        book = self._books.setdefault((record.partition, provider), Book(provider))
        entry = Entry(record.offset, record.recorded_at)
        try:
            effects = _fold(book, content, entry, self._terms)
        except Exception as error:  # noqa: BLE001  # the engine sets it aside; this book is not as the engine's any more
            place = f"{record.partition}/{record.offset}"
            self.expected.broken[provider] = f"ledger record {place} breaks the fold: {type(error).__name__}: {error}"
            return
        book.changed_cases.clear()
        book.changed_members.clear()
        cause = Cause(record.partition, record.offset, record.recorded_at)
        for effect in effects:
            self._note(effect, cause)

    def _note(self, effect: Document, cause: Cause) -> None:
        incident_id: str | None = getattr(effect, "incident_id", None)
        if incident_id is not None:
            self.expected.began.setdefault(incident_id, cause.recorded_at)
        if isinstance(effect, Page):
            self.expected.pages.setdefault(effect.page_id, (effect, cause))
        elif isinstance(effect, PlanDocument):
            history = self.expected.plans.setdefault(effect.incident_id, PlanHistory())
            history.digests[effect.revision] = digest_of(effect)
            history.causes[effect.revision] = cause
            history.latest = effect


@dataclass(frozen=True, slots=True)
class _Wake:
    incident_id: str
    due_at: datetime


def _read(record: LedgerRecord) -> tuple[str, Any] | None:
    """Return the provider and what was recorded; None for what the engine does not fold."""
    try:
        if record.kind == "wake":
            content = orjson.loads(record.value)
            return content["provider"], _Wake(content["incident_id"], parse_instant(content["due_at"]))
        if record.kind == "decision":
            decision = Decision.from_wire(record.value)
            return decision.provider, decision
        notice = Notice.from_wire(record.value)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return None if notice.kind is Kind.HAZARD or not notice.provider else (notice.provider, notice)


def _fold(book: Book, content: Any, entry: Entry, terms: Terms) -> list[Document]:
    if isinstance(content, _Wake):
        return book.wake(content.incident_id, content.due_at, entry, terms)
    if isinstance(content, Decision):
        return _decide(book, content, entry, terms)
    return book.apply(content, entry, terms)


def _decide(book: Book, decision: Decision, entry: Entry, terms: Terms) -> list[Document]:
    """Apply a decision of a person; one about an incident that never was changes nothing, here as in the engine."""
    try:
        return book.decide(decision, entry, terms)
    except UnknownIncidentError:
        return []
