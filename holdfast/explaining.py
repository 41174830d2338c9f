"""Why a verdict is what it is: one clock found among an incident's, its story and its revisions. Pure.

``holdfast explain`` brings the notices, from files or from the index, and prints what comes of it. The verdict is
computed again by the core that the worker uses; nothing is stored.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from holdfast import explained
from models.book import Book, Entry
from models.case import clock_id
from models.documents import Documents
from models.fact import Fact, fact_of
from models.incident import Contract, Subject
from models.instants import format_instant, seconds
from models.notice import Notice
from models.records import Basis, ClockDocument, Objective
from models.story import Story, story
from models.telling import Terms

NEAR = 8
"""Clocks listed where none, or more than one, was meant."""
WORDS_LENGTH = 160
"""Characters quoted of what a notice says."""


class UnknownClockError(LookupError):
    """No clock, or more than one, is named so; the message lists near ones. Exit 2."""


@dataclass(frozen=True)
class ClockName:
    """One clock, as people and indices name it."""

    incident_id: str
    source_incident_id: str
    name: str
    """Inside its incident, such as ``restore|agreed|0``."""

    @property
    def id(self) -> str:
        """Its id in the index."""
        return clock_id(self.incident_id, self.name)

    @property
    def path(self) -> str:
        """The form that ``holdfast explain`` reads, such as ``inc-1/restore/agreed/0``."""
        return "/".join((self.source_incident_id, *self.name.split("|")))


@dataclass(frozen=True)
class Asked:
    """What ``INCIDENT/objective[/basis[/ordinal]]`` asks for; None of a part is any."""

    incident: str
    objective: str
    basis: str
    ordinal: str | None

    @classmethod
    def parse(cls, text: str) -> "Asked | None":
        """Read the form; None where it names no objective. An incident's own id may have slashes in it."""
        parts = text.split("/")
        places = [index for index, part in enumerate(parts) if index and part in set(Objective)]
        if not places or len(parts) - places[-1] > 3:
            return None
        at = places[-1]
        rest = [*parts[at + 1 :], None, None]
        return cls("/".join(parts[:at]), parts[at], rest[0] or Basis.AGREED.value, rest[1])

    def fits(self, clock: ClockName) -> bool:
        """Return whether a clock may be meant."""
        objective, basis, ordinal = clock.name.split("|")
        return (
            self.incident in (clock.incident_id, clock.source_incident_id)
            and (self.objective, self.basis) == (objective, basis)
            and self.ordinal in (None, ordinal)
        )


def find(clocks: Sequence[ClockName], text: str) -> ClockName:
    """Return the clock that a person means: by its id in the index, or ``INCIDENT/objective[/basis[/ordinal]]``.

    Raises:
        UnknownClockError: if none is, or several are.
    """
    asked = Asked.parse(text)
    found = [one for one in clocks if one.id == text or (asked is not None and asked.fits(one))]
    if len(found) == 1:
        return found[0]
    if found:
        raise UnknownClockError(f"{text!r} is {len(found)} clocks: {_listed(found)}")
    near = _near(clocks, text, asked)
    raise UnknownClockError(f"no clock {text!r}; " + (f"near it: {_listed(near)}" if near else "there is none"))


def _near(clocks: Sequence[ClockName], text: str, asked: Asked | None) -> list[ClockName]:
    """Return the clocks of the incident that was meant, else those that are spelt most alike."""
    incident = asked.incident if asked is not None else text.partition("/")[0]
    own = [one for one in clocks if incident in (one.incident_id, one.source_incident_id)]
    if own:
        return sorted(own, key=lambda one: f"|{Basis.AGREED.value}|" not in one.name)
    paths = {one.path: one for one in clocks}
    return [paths[path] for path in get_close_matches(text, paths, n=NEAR, cutoff=0.3)] or list(clocks)


def _listed(clocks: Sequence[ClockName]) -> str:
    more = f" and {len(clocks) - NEAR} more" if len(clocks) > NEAR else ""
    return ", ".join(one.path for one in clocks[:NEAR]) + more


@dataclass(frozen=True)
class Told:
    """One revision of a clock: what was said when, and which notice made it so."""

    at: datetime
    document: ClockDocument
    notice_id: str | None
    """None: time alone did."""


@dataclass(frozen=True)
class Explanation:
    """One clock and all that made it."""

    clock: ClockName
    subject: Subject
    contract: Contract
    as_of: datetime
    story: Story
    revisions: tuple[Told, ...]
    notices: dict[str, Notice]

    @property
    def title(self) -> str | None:
        """What the incident was called last."""
        named = [notice.title for notice in self.notices.values() if notice.title]
        return named[-1] if named else None

    def line(self) -> dict[str, Any]:
        """Return the object of ``holdfast explain --json``: its keys and their order are part of the interface."""
        told, reading = self.story, self.story.reading
        clause = told.clause
        return {
            "clock_id": self.clock.id,
            "incident_id": self.clock.incident_id,
            "source_incident_id": self.clock.source_incident_id,
            "title": self.title,
            "provider": self.subject.provider,
            "services": list(self.subject.services),
            "objective": reading.objective.value,
            "basis": reading.basis.value,
            "ordinal": reading.ordinal,
            "as_of": format_instant(self.as_of),
            "verdict": reading.verdict.value,
            "reason": reading.reason,
            "rule": {
                "agreement": clause.agreement,
                "agreement_version": clause.version,
                "effective_from": clause.effective_from,
                "path": clause.path,
                "limit": clause.limit,
                "target_s": seconds(clause.target),
                "calendar": clause.calendar,
                "timezone": clause.zone,
                "is_promise": clause.is_promise,
                "priority": reading.priority,
                "start": clause.starts_by,
                "restore": clause.ends_by,
                "reopen": clause.reopen,
                "stability_window_s": seconds(clause.stability),
            },
            "priority_steps": [explained.step(step) for step in told.steps],
            "start": explained.endpoint(told.start),
            "stop": explained.endpoint(told.stop),
            **explained.bounds(reading),
            "intervals": [explained.span(span) for span in told.spans],
            "stated": [explained.stated(one) for one in told.stated],
            "bases": [{"basis": one.basis.value, **explained.bounds(one)} for one in told.others],
            "warnings": [{"share": share, "at": format_instant(at)} for share, at in reading.warnings],
            "next": [{"at": format_instant(one.at), "what": one.what} for one in told.ahead],
            "revisions": [_revision(one) for one in self.revisions],
        }


def explain(
    clock: ClockName, notices: Iterable[Notice], contract: Contract, documents: Documents, as_of: datetime
) -> Explanation | None:
    """Tell the story of one clock.

    Args:
        clock: which.
        notices: of its incident, known by the instant of asking; any order.
        contract: that the incident is judged by.
        documents: in force, for the revisions.
        as_of: how far the world has run; UTC.

    Returns:
        None where the notices give no such clock.
    """
    known = sorted(notices, key=lambda one: (one.received_at, one.order_at, one.notice_id))
    facts: list[Fact] = [fact_of(notice) for notice in known]
    provider = contract.agreement.provider
    subject = Subject.of(clock.incident_id, provider, facts, max(fact.received_at for fact in facts))
    words = {one.notice_id: said for one in known if (said := quote(one))}
    told = story(facts, (contract.agreement, contract.version), clock.name, as_of, words)
    if told is None or subject is None:
        return None
    revised = tuple(revisions(clock.id, known, provider, Terms(documents), as_of))
    return Explanation(clock, subject, contract, as_of, told, revised, {one.notice_id: one for one in known})


def quote(notice: Notice) -> str:
    """Return the first words of what a notice says, else its title; empty where it has neither."""
    text = " ".join((notice.text or notice.title or "").split())
    return text if len(text) <= WORDS_LENGTH else text[:WORDS_LENGTH].rsplit(" ", 1)[0] + " ..."


def revisions(clock: str, notices: Iterable[Notice], provider: str, terms: Terms, as_of: datetime) -> Iterator[Told]:
    """Fold one incident as the engine does, and yield each revision of one clock.

    Args:
        clock: its id.
        notices: of its incident, in the order in which they were received.
        provider: whose incident it is.
        terms: documents in force.
        as_of: time runs on to here after the last notice.
    """
    book, offset = Book(provider), 0
    for notice in notices:
        for told in _waking(book, clock, offset, notice.received_at, terms):
            offset += 1
            yield from told
        entry = Entry(offset, notice.received_at)
        yield from _of(clock, book.apply(notice, entry, terms), notice.received_at, notice.notice_id)
        offset += 1
    for told in _waking(book, clock, offset, as_of, terms):
        yield from told


def _waking(book: Book, clock: str, offset: int, until: datetime, terms: Terms) -> Iterator[list[Told]]:
    """Let time run, from one instant at which something falls due to the next."""
    while due := min(
        (
            (case.wake_at, name)
            for name, case in book.cases.items()
            if case.wake_at is not None and case.wake_at < until
        ),
        default=None,
    ):
        at, name = due
        yield list(_of(clock, book.wake(name, at, Entry(offset, at), terms), at, None))
        offset += 1


def _of(clock: str, documents: Iterable[object], at: datetime, notice_id: str | None) -> Iterator[Told]:
    for one in documents:
        if isinstance(one, ClockDocument) and one.clock_id == clock:
            yield Told(at, one, notice_id)


def _revision(told: Told) -> dict[str, Any]:
    document = told.document
    return {
        "revision": document.revision,
        "at": format_instant(told.at),
        "verdict": document.verdict.value,
        "replaces": document.replaces.value if document.replaces else None,
        "notice_id": told.notice_id,
    }
