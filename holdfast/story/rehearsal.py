"""What the measuring core makes of the story, without any server: the outcome that the demo and tests expect. Pure.

The same functions as in the stream, called in the order of the story's own times; a wake is applied at its instant.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from feeds import answers
from feeds.memory import FeedMemory
from feeds.series import FeedContext, follow
from models.answers import ANSWERS_FEED
from models.book import Book, Entry
from models.document import Document
from models.documents import Documents
from models.notice import Notice
from models.paging import Page, PlanDocument
from models.raw import DeadLetter, RawPayload
from models.records import ClockDocument, IncidentDocument
from models.telling import Terms


@dataclass
class Outcome:
    """Last revisions by id, and everything that was issued once."""

    notices: dict[str, Notice] = field(default_factory=dict)
    letters: list[DeadLetter] = field(default_factory=list)
    incidents: dict[str, IncidentDocument] = field(default_factory=dict)
    clocks: dict[str, ClockDocument] = field(default_factory=dict)
    plans: dict[str, PlanDocument] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)

    def take(self, effects: Iterable[Document]) -> None:
        """Keep what a record brought; a later revision replaces an earlier one."""
        for effect in effects:
            if isinstance(effect, IncidentDocument):
                self.incidents[effect.incident_id] = effect
            elif isinstance(effect, ClockDocument):
                self.clocks[effect.clock_id] = effect
            elif isinstance(effect, PlanDocument):
                self.plans[effect.incident_id] = effect
            elif isinstance(effect, Page):
                self.pages[effect.page_id] = effect


def rehearse(payloads: Iterable[RawPayload], documents: Documents, until: datetime) -> Outcome:
    """Return the outcome of a story.

    Args:
        payloads: by ``received_at``, ascending.
        documents: agreements, providers and policies in force.
        until: how far the world runs after the last payload.
    """
    outcome, terms = Outcome(), Terms(documents)
    books: dict[str, Book] = {}
    memories: dict[str, FeedMemory] = {}
    offset = 0
    for payload in payloads:
        for book in books.values():
            offset = _run_until(book, payload.received_at, offset, outcome, terms)
        if payload.feed == ANSWERS_FEED:
            for decision in answers.read(payload).decisions:
                offset += 1
                entry = Entry(offset, payload.received_at)
                outcome.take(books[decision.provider].decide(decision, entry, terms))
            continue
        context = FeedContext.of(payload.feed, payload.format, documents)
        followed = follow(memories.get(payload.feed), payload, context)
        memories[payload.feed] = followed.memory
        outcome.letters += followed.problems
        for notice in followed.notices:
            outcome.notices[notice.notice_id] = notice
            if notice.provider is None:
                continue
            book = books.setdefault(notice.provider, Book(notice.provider))
            offset += 1
            outcome.take(book.apply(notice, Entry(offset, payload.received_at), terms))
    for book in books.values():
        offset = _run_until(book, until, offset, outcome, terms)
    return outcome


def _run_until(book: Book, until: datetime, offset: int, outcome: Outcome, terms: Terms) -> int:
    """Apply every wake before an instant; return the last offset used."""
    while True:
        due = min(
            ((case.wake_at, case.incident_id) for case in book.cases.values() if case.wake_at is not None),
            default=None,
        )
        if due is None or due[0] >= until:
            return offset
        offset += 1
        outcome.take(book.wake(due[1], due[0], Entry(offset, due[0]), terms))
