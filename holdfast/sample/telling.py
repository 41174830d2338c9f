"""What the engine says of a made-up history: the same fold as the stream's, without a stream. Pure.

What begins in one month at one provider is folded by itself: made-up incidents of two months have nothing to do with
each other, and the fold of years stays as fast as that of a month.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heappop, heappush

from holdfast.sample.contacts import calls, deliveries, lost, reply_of, review, said_in_reply
from holdfast.sample.history import History
from models.book import Book, Entry
from models.decision import Decision
from models.document import Document
from models.notice import Notice
from models.paging import Page, Side
from models.telling import Terms


def told(
    history: History, as_of: datetime | None = None, providers: Iterable[str] | None = None
) -> Iterator[Document]:  # fmt: skip
    """Fold a history and yield what the index would hold besides its notices.

    Args:
        history: made up.
        as_of: how far the world has run, UTC; None: to the history's end.
        providers: whose; None: all. Providers do not depend on each other, so processes can share them.

    Yields:
        Incidents, clocks and plans in their last revision, and every page; with deliveries, communications and dead
        letters made up to go with them.
    """
    terms, until = Terms(history.documents), as_of or history.shape.end
    for provider in history.traits if providers is None else providers:
        for month in range(history.shape.months):
            if history.shape.month(month) < until:
                yield from _month(history, provider, month, terms, until)


def _month(history: History, provider: str, month: int, terms: Terms, until: datetime) -> Iterator[Document]:
    notices = [one for one in history.of_month(provider, month) if one.received_at <= until]
    fold = Fold(provider, terms, until)
    fold.run(notices)
    yield from fold.last.values()
    for page in fold.pages:
        yield from deliveries(page, until)
    for decision in fold.decided:
        yield said_in_reply(decision)
    begin, end = history.shape.month(month), history.shape.month(month + 1)
    chance = history.shape.chance(provider, month, "contacts")
    yield from calls(fold.last.values(), until, chance)
    if history.traits[provider].joined_at <= begin:
        yield from review(provider, begin, end, until, chance)
        yield from lost(provider, begin, end, until, chance)


@dataclass
class Fold:
    """One provider's book, with the wakes and the answers that come between its notices."""

    provider: str
    terms: Terms
    until: datetime
    last: dict[str, Document] = field(default_factory=dict)
    """By model and id: the last revision."""
    pages: list[Page] = field(default_factory=list)
    decided: list[Decision] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin with an empty book."""
        self._book = Book(self.provider)
        self._ahead: list[tuple[datetime, int, str | Decision]] = []
        self._offset = 0
        self._answering: set[tuple[str, Side]] = set()

    def run(self, notices: Sequence[Notice]) -> None:
        """Fold notices, ordered by when we had them, and then let time run on to the end."""
        for notice in notices:
            self._catch_up(notice.received_at)
            self._take(self._book.apply(notice, self._entry(notice.received_at), self.terms))
        self._catch_up(self.until)

    def _catch_up(self, until: datetime) -> None:
        while self._ahead and self._ahead[0][0] <= until:
            at, _, what = heappop(self._ahead)
            if isinstance(what, Decision):
                self._take(self._book.decide(what, self._entry(at), self.terms))
                self.decided.append(what)
                self._answering.discard((what.incident_id or "", what.side or Side.CUSTOMER))
            else:
                self._take(self._book.wake(what, at, self._entry(at), self.terms))

    def _entry(self, at: datetime) -> Entry:
        self._offset += 1
        return Entry(self._offset, at)

    def _take(self, effects: Iterable[Document]) -> None:
        """Keep what was said, and note what falls due later."""
        for one in effects:
            self.last[f"{type(one).__name__}/{one.document_id()}"] = one
            if isinstance(one, Page):
                self.pages.append(one)
                self._await_reply(one)
        for name in self._book.changed_cases:
            due = self._book.cases[name].wake_at
            if due is not None and due <= self.until:
                self._offset += 1
                heappush(self._ahead, (due, self._offset, name))
        self._book.changed_cases.clear()
        self._book.changed_members.clear()

    def _await_reply(self, page: Page) -> None:
        answer = reply_of(page)
        ladder = (page.incident_id, page.side)
        if answer is not None and answer.decided_at <= self.until and ladder not in self._answering:
            self._answering.add(ladder)
            self._offset += 1
            heappush(self._ahead, (answer.decided_at, self._offset, answer))
