"""How soon each side answered, and how often the provider spoke: figures of the communication log. Pure.

Rules: ADR 0018. A page is answered by the first human word of the side that was paged; receipts never count. Gaps
between updates are those that the update clocks are measured by (``models.objectives``). Aggregates follow
measurement.md §11: n, median, p90, what is still open; below five cases there is no figure.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.agreement import Evidence
from models.communication import Communication, CommunicationKind
from models.contacts_log import Contacts, is_contact, standing
from models.episode import Case
from models.fact import collect, fact_of
from models.figures import ENOUGH, percentile
from models.instants import format_instant
from models.notice import Flag, Kind, Notice, Speaker
from models.objectives import View, gaps
from models.paging import Page, PageKind, Side
from models.records import Basis

ASKING = (PageKind.RUNG, PageKind.EXPOSURE, PageKind.BUNDLE)
"""Pages that wait for a word; an all-clear does not."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One page that was brought, and the first human word after it."""

    page_id: str
    side: Side
    recipient: str
    sent_at: datetime
    answered_at: datetime | None
    """None while nobody has."""
    by: str | None = None
    """Contact id of who answered, else the feed."""
    document_id: str | None = None
    """The communication or notice that is the answer."""

    @property
    def latency_s(self) -> float | None:
        """Seconds from brought to answered; None while open."""
        return None if self.answered_at is None else (self.answered_at - self.sent_at).total_seconds()

    def line(self) -> dict[str, Any]:
        """Return its JSON object."""
        return {
            "page_id": self.page_id,
            "side": self.side.value,
            "recipient": self.recipient,
            "sent_at": format_instant(self.sent_at),
            "answered_at": None if self.answered_at is None else format_instant(self.answered_at),
            "latency_s": self.latency_s,
            "by": self.by,
            "document_id": self.document_id,
        }


@dataclass(frozen=True, slots=True)
class Lengths:
    """Figures of lengths of time, in seconds."""

    n: int
    open: int
    """Censored: begun and not ended."""
    median_s: float | None
    p90_s: float | None
    worst_s: float | None
    """The longest that has ended."""

    @property
    def ended_share(self) -> float | None:
        """Share that has ended of all; None below five."""
        return self.n / (self.n + self.open) if self.n + self.open >= ENOUGH else None

    def line(self) -> dict[str, Any]:
        """Return its JSON object."""
        names = ("n", "open", "median_s", "p90_s", "worst_s", "ended_share")
        return {name: getattr(self, name) for name in names}


def lengths(found: Iterable[float | None]) -> Lengths:
    """Return the figures of some lengths; None is one that has not ended."""
    every = list(found)
    ended = [one for one in every if one is not None]
    median, p90 = percentile(ended, 0.5), percentile(ended, 0.9)
    return Lengths(len(ended), len(every) - len(ended), median, p90, max(ended, default=None))


@dataclass(frozen=True, slots=True)
class Cadence:
    """How the provider kept speaking, of one incident."""

    gaps_s: tuple[float, ...]
    """Between one word with news and the next, that have ended."""
    silent_since: datetime | None
    """Since when a next word is awaited; None where none is."""
    longest_s: float | None
    """The longest silence, the present one included."""
    first_word_at: datetime | None
    """The provider's first human word on the incident."""


@dataclass(frozen=True, slots=True)
class Summary:
    """Figures of the contacts of one incident, or of several."""

    replies: tuple[Reply, ...]
    cadences: tuple[Cadence, ...]

    def reply_lengths(self, side: Side) -> Lengths:
        """Return how long the people of a side took to answer pages."""
        return lengths(one.latency_s for one in self.replies if one.side is side)

    @property
    def gap_lengths(self) -> Lengths:
        """How long the provider was silent between updates."""
        ended = [gap for one in self.cadences for gap in one.gaps_s]
        return lengths([*ended, *(None for one in self.cadences if one.silent_since is not None)])

    @property
    def longest_silence_s(self) -> float | None:
        """The longest silence of the provider, one that lasts included."""
        return max((one.longest_s for one in self.cadences if one.longest_s is not None), default=None)

    @property
    def unanswered(self) -> tuple[Reply, ...]:
        """The pages to which nobody has said a word."""
        return tuple(one for one in self.replies if one.answered_at is None)

    def line(self) -> dict[str, Any]:
        """Return its JSON object."""
        firsts = [one.first_word_at for one in self.cadences if one.first_word_at is not None]
        return {
            "replies": {side.value: self.reply_lengths(side).line() for side in Side},
            "unanswered": [one.line() for one in self.unanswered],
            "update_gaps": self.gap_lengths.line(),
            "longest_silence_s": self.longest_silence_s,
            "first_word_at": format_instant(min(firsts)) if len(self.cadences) == 1 and firsts else None,
        }


def summary(incidents: Iterable[Contacts], as_of: datetime, evidence: Evidence | None = None) -> Summary:
    """Return the figures of incidents' contacts.

    Args:
        incidents: the contacts of each.
        as_of: how far the world has run; what was said later does not count yet.
        evidence: rules of the agreement by which times of speaking are read; None reads them as published.
    """
    every = list(incidents)
    told = tuple(reply for one in every for reply in replies(one, as_of))
    return Summary(told, tuple(cadence(one.notices, as_of, evidence) for one in every))


def replies(contacts: Contacts, as_of: datetime) -> tuple[Reply, ...]:
    """Return each page that was brought with the first human word after it, the earliest page first."""
    brought = {page_id: at for page_id, at in contacts.brought_at().items() if at <= as_of}
    said = [one for one in _words(contacts) if one.at <= as_of]
    pages = {page.page_id: page for page in contacts.pages if page.page_id in brought and page.kind in ASKING}
    bundles = {member: page.page_id for page in contacts.pages for member in page.members}
    found = []
    for page in pages.values():
        names = {page.page_id, bundles.get(page.page_id), *page.members}
        sent = brought[page.page_id]
        first = next((one for one in said if one.at >= sent and one.answers(page, names)), None)
        by, document_id = (None, None) if first is None else (first.by, first.document_id)
        at = None if first is None else first.at
        found.append(Reply(page.page_id, page.side, page.recipient, sent, at, by, document_id))
    return tuple(sorted(found, key=lambda one: (one.sent_at, one.page_id)))


@dataclass(frozen=True, slots=True)
class _Word:
    """One human word, by either side."""

    at: datetime
    by: str
    document_id: str
    page_id: str | None
    sides: tuple[Side, ...]
    people: tuple[str, ...]

    def answers(self, page: Page, names: set[str | None]) -> bool:
        """Return whether it answers a page: it names it or, naming none, is a word of the side that was paged.

        Our own side is many people who speak all the time: there only a word of the person who was paged counts.
        """
        if self.page_id is not None:
            return self.page_id in names
        if page.side not in self.sides:
            return False
        return page.side is Side.PROVIDER or page.recipient in self.people


def _words(contacts: Contacts) -> Sequence[_Word]:
    """Return what people said, the earliest first."""
    found = [*_said(contacts.communications), *_noticed(contacts.notices)]
    return sorted(found, key=lambda one: (one.at, one.document_id))


def _said(communications: Iterable[Communication]) -> Iterator[_Word]:
    sides = {
        "to_provider": (Side.CUSTOMER,),
        "from_provider": (Side.PROVIDER,),
        "both": tuple(Side),
        "internal": (Side.CUSTOMER,),
    }
    for one in standing(communications):
        if one.kind is not CommunicationKind.RECEIPT:
            by = one.people[0] if one.people else one.channel
            at, key = one.happened_at, one.communication_id
            yield _Word(at, by, key, one.page_id, sides[one.direction], one.people)


def _noticed(notices: Iterable[Notice]) -> Iterator[_Word]:
    """Yield the statements of both sides, each when it was first made; robots say nothing."""
    first: dict[tuple[str, str, str], Notice] = {}
    for one in sorted(notices, key=lambda one: (one.received_at, one.notice_id)):
        if is_contact(one) and Flag.AUTOMATIC_REPLY not in one.flags:
            key = (one.source, one.source_incident_id, one.source_update_id or one.notice_id)
            first.setdefault(key, one)
    for one in first.values():
        stamp = one.published_at
        at = stamp if stamp is not None and stamp <= one.received_at else one.received_at
        side = Side.PROVIDER if one.speaker is Speaker.PROVIDER else Side.CUSTOMER
        yield _Word(at, one.person or one.source, one.notice_id, None, (side,), (one.person or one.source,))


@dataclass(frozen=True, slots=True)
class Silence:
    """From one word with news to the next, on the agreed basis."""

    begins_at: datetime
    """The earliest that the word can have been."""
    ends_at: datetime | None
    """The latest that the next can have been; None while it is awaited."""

    def length_s(self, as_of: datetime) -> float:
        """Return how long it was, in seconds; one that lasts, how long it is by an instant."""
        return ((self.ends_at or as_of) - self.begins_at).total_seconds()


def cadence(notices: Iterable[Notice], as_of: datetime, evidence: Evidence | None = None) -> Cadence:
    """Return how the provider kept speaking of one incident, on the agreed basis.

    Where a time is known to an interval, silence is told as long as it can have been.
    """
    view = _view(notices, as_of, evidence)
    if view.imported:
        return Cadence((), None, None, None)
    human = [
        at
        for word, at in zip(view.case.spoken, view.said, strict=True)
        if Flag.AUTOMATIC_REPLY not in word.first.flags and at.earliest <= as_of
    ]
    found = _silences(view)
    ended = tuple(one.length_s(as_of) for one in found if one.ends_at is not None)
    since = next((one.begins_at for one in reversed(found) if one.ends_at is None), None)
    longest = max((one.length_s(as_of) for one in found), default=None)
    return Cadence(ended, since, longest, min((at.earliest for at in human), default=None))


def silences(notices: Iterable[Notice], as_of: datetime, evidence: Evidence | None = None) -> tuple[Silence, ...]:
    """Return each silence between updates, in order; none of a record that was written afterwards."""
    view = _view(notices, as_of, evidence)
    return () if view.imported else _silences(view)


def _view(notices: Iterable[Notice], as_of: datetime, evidence: Evidence | None) -> View:
    facts = collect(fact_of(one) for one in notices if one.kind is Kind.INCIDENT and one.received_at <= as_of)
    return View.of(Case.of(facts.values()), Basis.AGREED, evidence or Evidence(), as_of)


def _silences(view: View) -> tuple[Silence, ...]:
    found = []
    for run in gaps(view):
        begin, end = run.stretches[0].begin, run.stretches[0].end
        if begin.earliest <= view.as_of:
            is_over = end is not None and end.latest is not None and end.latest <= view.as_of
            found.append(Silence(begin.earliest, end.latest if is_over and end is not None else None))
    return tuple(found)
