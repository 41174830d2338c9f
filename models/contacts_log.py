"""The communication log: every contact between the two sides of an incident in one view, sorted by time. Pure.

Pages and what became of them, what the provider and our people said, replies, calls, mails and meetings (ADR 0018).
Probes and authorities are no side: what they say is evidence, and not listed here. How soon anybody answered is read
from the same contacts in ``models.reply_latency``.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Literal

from models.communication import Communication
from models.instants import EARLIEST, format_instant
from models.notice import Flag, Kind, Notice, Speaker
from models.paging import Delivery, Outcome, Page, Side

Direction = Literal["to_provider", "from_provider", "both", "internal"]
WORDS_LENGTH = 200
"""Characters of what was said that an entry shows; the whole stands in the document that it names."""
SIDES = (Speaker.PROVIDER, Speaker.CUSTOMER)
NOT_SENT = "not sent yet"
"""In place of an outcome: nobody tried, or nothing came of it yet."""
BROUGHT = (Outcome.SENT, Outcome.BUNDLED)
"""A page that was told within another message was brought too."""


@dataclass(frozen=True, slots=True)
class Contacts:
    """What is known of the contacts of one incident, or of a provider apart from any incident."""

    pages: tuple[Page, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    notices: tuple[Notice, ...] = ()
    communications: tuple[Communication, ...] = ()

    def brought_at(self) -> dict[str, datetime]:
        """Return when each page was brought, by id; those that were not are left out."""
        found: dict[str, datetime] = {}
        for one in self.deliveries:
            if one.outcome in BROUGHT:
                found[one.page_id] = min(one.finished_at, found.get(one.page_id, one.finished_at))
        return found


@dataclass(frozen=True, slots=True)
class Entry:
    """One contact."""

    at: datetime
    until: datetime | None
    clock: Literal["ours", "theirs", "told"]
    """Whose clock ``at`` is by."""
    what: str
    """``page``, ``notice``, ``statement``, or the kind of a communication, such as ``call``."""
    direction: Direction
    people: tuple[str, ...]
    """Contact ids, the speaker first; for a provider's notice that names nobody, the feed."""
    channel: str
    identity: str | None
    words: str
    mark: str
    """The word that sums it up: an outcome of delivery, a phase, a subject."""
    document: Literal["page", "notice", "communication"]
    document_id: str
    page_id: str | None = None
    """The page that it answers."""
    attachment_digest: str | None = None
    attachment_name: str | None = None
    corrects: str | None = None
    corrected_by: str | None = None
    """The communication that counts in its place."""

    def line(self) -> dict[str, Any]:
        """Return its JSON object: instants RFC 3339 in UTC, absent is null."""
        names = [name for name in self.__slots__ if name not in ("at", "until", "people")]
        return {
            "at": format_instant(self.at),
            "until": None if self.until is None else format_instant(self.until),
            "people": list(self.people),
            **{name: getattr(self, name) for name in names},
        }


def entries(contacts: Contacts) -> tuple[Entry, ...]:
    """Return every contact once, the earliest first; what was corrected stays, and says by which."""
    final = corrections(contacts.communications)
    told = {one.communication_id: one for one in contacts.communications}
    found = [
        *_pages(contacts),
        *_statements(contacts.notices),
        *(_communication(one, final.get(one.communication_id)) for one in told.values()),
    ]
    return tuple(sorted(found, key=lambda one: (one.at, one.document, one.document_id)))


def corrections(communications: Iterable[Communication]) -> dict[str, str]:
    """Return by each contact that was corrected the one that counts in its place, to the end of the chain.

    Of two that correct the same contact the later recorded one counts, and in place of the other too. Contacts that
    correct each other in a circle count as they are: nobody can say which was meant.
    """
    correcting = sorted(
        (one for one in communications if one.corrects not in (None, one.communication_id)), key=_recorded
    )
    direct: dict[str, str] = {}
    for one in correcting:
        direct[str(one.corrects)] = one.communication_id
    for one in correcting:
        if (chosen := direct[str(one.corrects)]) != one.communication_id:
            direct.setdefault(one.communication_id, chosen)
    last = {key: _end(key, direct) for key in direct}
    return {key: end for key, end in last.items() if end is not None}


def _recorded(one: Communication) -> tuple[datetime, str]:
    return (one.recorded_at, one.communication_id)


def _end(key: str, direct: Mapping[str, str]) -> str | None:
    """Return the end of a chain of corrections; None where it runs in a circle."""
    seen, at = {key}, direct[key]
    while at in direct and at not in seen:
        seen.add(at)
        at = direct[at]
    return None if at in seen else at


def standing(communications: Iterable[Communication]) -> tuple[Communication, ...]:
    """Return the contacts that count: copies joined, without those that were corrected."""
    told = {one.communication_id: one for one in communications}
    final = corrections(told.values())
    return tuple(one for key, one in told.items() if key not in final)


def _pages(contacts: Contacts) -> Iterator[Entry]:
    """Yield the pages, at when they were brought, else at when they were issued."""
    brought, ended = contacts.brought_at(), outcomes(contacts.deliveries)
    for page in {one.page_id: one for one in contacts.pages}.values():
        yield Entry(
            at=brought.get(page.page_id, page.issued_at),
            until=None,
            clock="ours",
            what="page",
            direction="to_provider" if page.side is Side.PROVIDER else "internal",
            people=(page.recipient,),
            channel=page.channel,
            identity=None,
            words=shortened(f"{page.reason}: {page.title}"),
            mark=ended.get(page.page_id, NOT_SENT),
            document="page",
            document_id=page.page_id,
        )


def outcomes(deliveries: Iterable[Delivery]) -> dict[str, str]:
    """Return how the last attempt of each page ended; one that brought it stands, whatever came after."""
    found: dict[str, Outcome] = {}
    for one in sorted(deliveries, key=lambda one: (one.finished_at, one.attempt, one.outcome is not Outcome.SENDING)):
        if found.get(one.page_id) not in BROUGHT:
            found[one.page_id] = one.outcome
    return {page_id: outcome.value for page_id, outcome in found.items()}


def is_contact(notice: Notice) -> bool:
    """Return whether a notice is one side's word: no probe's, no derived one, no exercise, no answer to a page.

    An answer stands in the log as the communication that it is.
    """
    derived = {Flag.VANISHED, Flag.TEST} & set(notice.flags)
    is_answer = (notice.source_update_id or "").startswith("answer:")
    about_it = notice.kind in (Kind.INCIDENT, Kind.MAINTENANCE)
    return notice.speaker in SIDES and about_it and not derived and not is_answer


def _statements(notices: Iterable[Notice]) -> Iterator[Entry]:
    """Yield each statement once, as it was first seen; how often it was edited since is told."""
    told = {one.notice_id: one for one in notices if is_contact(one)}
    for _, group in groupby(sorted(told.values(), key=_statement), key=_statement):
        versions = sorted(group, key=lambda one: (one.received_at, one.notice_id))
        yield _notice(versions[0], len(versions) - 1)


def _statement(notice: Notice) -> tuple[str, str, str]:
    return (notice.source, notice.source_incident_id, notice.source_update_id or f"notice {notice.notice_id}")


def _notice(notice: Notice, edits: int) -> Entry:
    stamp = notice.published_at
    is_theirs = stamp is not None and EARLIEST <= stamp <= notice.received_at
    is_provider = notice.speaker is Speaker.PROVIDER
    edited = f" (edited {edits} times since)" if edits > 1 else " (edited since)" if edits else ""
    return Entry(
        at=stamp if stamp is not None and is_theirs else notice.received_at,
        until=None,
        clock="theirs" if is_theirs and is_provider else "ours",
        what="notice" if is_provider else "statement",
        direction="from_provider" if is_provider else "internal",
        people=(notice.person or notice.source,),
        channel=notice.source,
        identity=notice.identity,
        words=shortened(notice.text or notice.title or "") + edited,
        mark=(notice.ruling or notice.phase).value,
        document="notice",
        document_id=notice.notice_id,
        attachment_digest=notice.attachment_digest,
    )


def _communication(one: Communication, corrected_by: str | None) -> Entry:
    return Entry(
        at=one.happened_at,
        until=one.ended_at,
        clock=one.clock,
        what=one.kind.value,
        direction=one.direction,
        people=one.people,
        channel=one.channel,
        identity=one.identity.value,
        words=shortened(one.text or one.subject or ""),
        mark=shortened(one.subject or one.kind.value),
        document="communication",
        document_id=one.communication_id,
        page_id=one.page_id,
        attachment_digest=one.attachment_digest,
        attachment_name=one.attachment_name,
        corrects=one.corrects,
        corrected_by=corrected_by,
    )


def shortened(text: str) -> str:
    """Return a text on one line, cut at a word's end where it is long."""
    words = " ".join(text.split())
    return words if len(words) <= WORDS_LENGTH else words[:WORDS_LENGTH].rsplit(" ", 1)[0] + " ..."
