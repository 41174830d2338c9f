"""Plans and previews without a ledger: from a book, or from what the index and the stream hold of one incident. Pure.

``plan`` is the whole of it as one function: an incident's facts, documents and an instant give every rung with its due
instant, state and reason (measurement.md §10).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from models.book import Book
from models.case import CaseState
from models.clocks import measure, priority_of
from models.decision import Action, Decision
from models.documents import Documents
from models.fact import fact_of
from models.forecast import TOLERANCE, Foretold, forecast
from models.ids import stable_id
from models.incident import Subject, describe
from models.incident_ladder import Told as AsTold
from models.incident_ladder import ladder_of
from models.instants import format_instant
from models.ladder import Ladder, paged
from models.moving import Moving, Terms
from models.notice import Identity, Kind, Notice
from models.paging import Answered, Page, PlanDocument, PlannedPage, RungState
from models.plan import PAGED, Handled, Told
from models.records import IncidentDocument
from models.surroundings import Surroundings

ALONE = Surroundings()
"""No hazard, no maintenance, no decision about the whole provider, no other trouble."""


class PreviewError(LookupError):
    """No preview can be made of an incident; the message says why. What the plan says stands all the same."""


def plan(
    subject: Subject,
    documents: Documents,
    as_of: datetime,
    surroundings: Surroundings = ALONE,
    case: CaseState | None = None,
) -> PlanDocument | None:  # fmt: skip
    """Return every rung of an incident's two ladders, with due instant, state and reason.

    Args:
        subject: the incident's facts, as of the instant.
        documents: agreements, providers, policies and rotas.
        as_of: how far the world has run; UTC.
        surroundings: hazards, maintenance and decisions about the whole provider.
        case: its memory: pages before, decisions, the pinned policy; None: it just began. Left as it is.

    Returns:
        With revision 0; None where no policy applies.
    """
    known = case or CaseState(subject.incident_id, subject.facts[0].member)
    ladder = _ladder(known, subject, surroundings, as_of, documents)
    return None if ladder is None else ladder.plan(known.pages)


def ladder_at(book: Book, incident_id: str, as_of: datetime, documents: Documents) -> Ladder | None:
    """Return the ladders of an incident of a book as of an instant; the book is left as it is.

    Returns:
        None where no policy applies, nothing is known by then, or it is told under another incident.
    """
    group = book.members.get(incident_id)
    if group is None:
        return None
    facts = [fact for member in group for fact in book.facts[member].values()]
    subject = Subject.of(incident_id, book.provider, facts, as_of)
    if subject is None:
        return None
    return _ladder(book.cases[incident_id], subject, book.surroundings(group, subject, as_of), as_of, documents)


def foretell(
    book: Book, incident_id: str, as_of: datetime, lasting: timedelta, documents: Documents
) -> tuple[Foretold, ...]:  # fmt: skip
    """Return who will be told of an incident of a book, if nothing happens for so long; the book is left as it is."""
    ladder = ladder_at(book, incident_id, as_of, documents)
    if ladder is None:
        return ()
    pages = book.cases[incident_id].pages
    return forecast(ladder, pages, as_of + lasting, ahead=lambda at: ladder_at(book, incident_id, at, documents))


def _ladder(
    case: CaseState, subject: Subject, surroundings: Surroundings, as_of: datetime, documents: Documents
) -> Ladder | None:  # fmt: skip
    """Tell an incident as the engine does, on a copy of its memory."""
    contract = subject.contract(documents) if subject.kind is Kind.INCIDENT else None
    readings = measure(subject.facts, contract.version, as_of) if contract else ()
    priority = priority_of(subject.facts, contract.version) if contract else None
    incident = describe(subject, contract, priority, surroundings.exposures)
    told = AsTold(incident, contract, subject, readings)
    return ladder_of(replace(case), told, surroundings, Moving(as_of, as_of, "preview"), Terms(documents))


@dataclass(frozen=True)
class OnRecord:
    """What the index and the stream hold of one incident."""

    incident: IncidentDocument
    plan: PlanDocument
    pages: tuple[Page, ...]
    notices: tuple[Notice, ...] = field(repr=False)
    """Of the incident by all its members, of its hazards, and of the provider's maintenance."""


def foretell_recorded(
    record: OnRecord, as_of: datetime, lasting: timedelta, documents: Documents
) -> tuple[Foretold, ...]:  # fmt: skip
    """Return who will be told of an incident that is on record, if nothing happens for so long.

    Raises:
        PreviewError: if what is on record does not give the incident as the stream tells it.
    """
    plan_of, incident_id = record.plan, record.incident.incident_id
    if record.incident.merged_into is not None:
        raise PreviewError(f"it is told under incident {record.incident.merged_into}: ask for that one")
    if (plan_of.policy, plan_of.policy_version) not in documents.policy_versions:
        raise PreviewError(f"version {plan_of.policy_version} of policy {plan_of.policy} is not published any more")
    book = rebuilt(record, as_of)
    ladder = ladder_at(book, incident_id, as_of, documents)
    if ladder is None:
        raise PreviewError("the notices in the index do not give this incident; they may be a moment behind")
    there, told = ladder.incident.notice_count, record.incident.notice_count
    if there < told:
        raise PreviewError(f"the index has {there} of {told} notices of this incident; it is a moment behind")
    return foretell(book, incident_id, as_of, lasting, documents)


def rebuilt(record: OnRecord, as_of: datetime) -> Book:
    """Return a book with one incident as it was told last: its facts, pages, decisions and pinned policy."""
    incident = record.incident
    case = CaseState(
        incident.incident_id,
        (incident.source, incident.source_incident_id),
        as_of=as_of,
        pages=_handled(record, as_of),
        decisions={one.decision_id: one for one in _decisions(record.plan)},
        pin=(record.plan.policy, record.plan.policy_version),
    )
    book = Book(incident.provider)
    book.restore((fact_of(one) for one in record.notices if one.kind is not Kind.HAZARD), [case])
    return book


def _handled(record: OnRecord, as_of: datetime) -> dict[str, Told]:
    """Return what became of pages: as the plan says of first pages, and every page that went out."""
    told: Handled = {one.page_id: became for one in record.plan.rungs if (became := _became(one, as_of)) is not None}
    return {**told, **paged(record.pages, TOLERANCE)}


def _became(rung: PlannedPage, as_of: datetime) -> Told | None:
    """Return what became of a rung's first page; None while nothing has.

    A rung that is held back has its instant ahead; one that was passed over has it behind.
    """
    if rung.told_at is not None:
        return Told(PAGED, rung.told_at)
    if rung.state is RungState.SUPPRESSED and rung.reason and rung.due_at is not None and rung.due_at < as_of:
        return Told(rung.reason, rung.due_at)
    return None


def _decisions(plan_of: PlanDocument) -> Iterable[Decision]:
    """Yield what people decided, as far as a plan tells it."""
    for one in plan_of.answers:
        yield _decision(plan_of, one)


def _decision(plan_of: PlanDocument, told: Answered) -> Decision:
    return Decision(
        decision_id=stable_id("answered", plan_of.incident_id, told.action, told.person, format_instant(told.at)),
        provider=plan_of.provider,
        incident_id=plan_of.incident_id,
        action=Action(told.action),
        side=told.side,
        person=told.person,
        identity=Identity(told.identity),
        decided_at=told.at,
        until=told.until,
        reason=told.reason,
    )
