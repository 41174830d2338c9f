"""Who will be told when, of incidents that payloads tell of: the engine's own fold and ladders, without servers. Pure.

``holdfast plan`` reads the files, asks this and prints what it answers. Nothing is stored and nobody is told.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import orjson

from holdfast.measuring import Gathered, Question
from models.book import Book, Entry
from models.documents import Documents
from models.forecast import Foretold
from models.instants import format_instant
from models.paging import PlanDocument
from models.policy import EscalationPolicy
from models.preview import foretell, ladder_at
from models.records import IncidentDocument, IncidentStatus
from models.telling import Terms

OVER = (IncidentStatus.RESOLVED, IncidentStatus.CLOSED, IncidentStatus.CANCELLED, IncidentStatus.MERGED)


@dataclass(frozen=True)
class Previewed:
    """One incident: its plan, and what comes of it if nothing happens."""

    incident_id: str
    source_incident_id: str
    provider: str
    title: str | None
    priority: str | None
    as_of: datetime
    plan: PlanDocument
    foretold: tuple[Foretold, ...] | None
    """None where it can't be computed; ``reason`` says why."""
    reason: str | None = None

    def line(self) -> dict[str, Any]:
        """Return the object of ``holdfast plan --json``: its keys and their order are part of the interface."""
        plan = orjson.loads(self.plan.to_wire())
        return {
            "incident_id": self.incident_id,
            "source_incident_id": self.source_incident_id,
            "provider": self.provider,
            "title": self.title,
            "priority": self.priority,
            "policy": self.plan.policy,
            "policy_version": self.plan.policy_version,
            "as_of": format_instant(self.as_of),
            "plan": plan,
            "forecast": None if self.foretold is None else [one.line() for one in self.foretold],
            "reason": self.reason,
        }


def with_draft(documents: Documents, policy: EscalationPolicy) -> Documents:
    """Return documents as if every agreement named one policy, a draft or another one that is published."""
    agreements = [
        one.model_copy(
            update={"versions": tuple(each.model_copy(update={"escalation": policy.id}) for each in one.versions)}
        )
        for one in documents.agreements.values()
    ]
    others = [one for one in documents if one.kind != "Agreement" and (one.kind, one.id) != (policy.kind, policy.id)]
    return Documents.of([*agreements, *others, policy])


def previews(question: Question, gathered: Gathered, lasting: timedelta) -> Iterator[Previewed]:
    """Yield the open incidents to which a policy applies, the earliest first.

    Args:
        question: whose incidents, by which documents, as of when.
        gathered: what was said by then.
        lasting: how far ahead to look.
    """
    book = played(question, gathered)
    for subject in gathered.subjects():
        ladder = ladder_at(book, subject.incident_id, question.as_of, question.documents)
        if ladder is None or ladder.incident.status in OVER:
            continue
        pages = book.cases[subject.incident_id].pages
        foretold = foretell(book, subject.incident_id, question.as_of, lasting, question.documents)
        yield previewed(ladder.incident, ladder.plan(pages), question.as_of, foretold)


def previewed(
    incident: IncidentDocument,
    plan: PlanDocument,
    as_of: datetime,
    foretold: tuple[Foretold, ...] | None,
    reason: str | None = None,
) -> Previewed:
    """Return the preview of one incident."""
    return Previewed(
        incident.incident_id,
        incident.source_incident_id,
        incident.provider,
        incident.title,
        incident.priority,
        as_of,
        plan,
        foretold,
        reason,
    )


def played(question: Question, gathered: Gathered) -> Book:
    """Return the fold of all that was known by the instant of asking, with every wake at its own instant, as live.

    Who was paged before decides who is paged next, so pages go out in this fold, to nobody.
    """
    book, terms, offset = Book(question.provider), Terms(question.documents), 0
    for notice in gathered.notices:
        if notice.provider == question.provider and notice.received_at <= question.as_of:
            offset = _run_to(book, notice.received_at, offset, terms)
            book.apply(notice, Entry(offset, notice.received_at), terms)
            offset += 1
    _run_to(book, question.as_of, offset, terms)
    return book


def _run_to(book: Book, until: datetime, offset: int, terms: Terms) -> int:
    """Let time run, from one instant at which something falls due to the next; return the next offset."""
    while due := min(_wakes(book, until), default=None):
        at, name = due
        book.wake(name, at, Entry(offset, at), terms)
        offset += 1
    return offset


def _wakes(book: Book, until: datetime) -> Iterable[tuple[datetime, str]]:
    return (
        (case.wake_at, name) for name, case in book.cases.items() if case.wake_at is not None and case.wake_at < until
    )


def known_by(question: Question, gathered: Gathered) -> Question:
    """Return a question as of the last thing that was said."""
    last = max((one.received_at for one in gathered.notices), default=question.as_of)
    return replace(question, as_of=last)
