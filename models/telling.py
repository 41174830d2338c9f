"""One incident told anew as of an instant: what changed, who is paged, and when to look again.

Decides revisions: a document that says something else than before gets the next number and names its cause
(measurement.md §4). No clock, no I/O; brings the ``CaseState`` that it is given up to date.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from models.case import CaseState, Heading, Revision, clock_document, clock_id, clock_name, digest_of, same_reading
from models.clocks import Reading, measure, priority_of
from models.document import Document
from models.documents import Documents
from models.incident import Contract, Subject, describe
from models.ladder import Ladder
from models.notice import Kind
from models.paging import PlanDocument
from models.plan import Lateness
from models.records import Basis, ClockDocument, IncidentDocument, IncidentStatus, Objective, Verdict

PAGED = ""
"""In ``CaseState.pages``: paged; any other text says why not."""

Revisable = TypeVar("Revisable", IncidentDocument, ClockDocument, PlanDocument)


@dataclass(frozen=True)
class Terms:
    """What a fold needs besides the records."""

    documents: Documents
    late_after: timedelta = timedelta(seconds=60)
    """A page issued this much after its rung's instant is late."""


@dataclass(frozen=True, slots=True)
class Moving:
    """How far the world has run, and what moved it."""

    as_of: datetime
    now: datetime
    """The ledger's own stamp on the record; later than ``as_of`` after an outage of the tracker."""
    cause: str
    """Id of the notice or wake."""


def tell(case: CaseState, subject: Subject, exposures: Sequence[str], moving: Moving, terms: Terms) -> list[Document]:
    """Bring one incident's documents up to date.

    Args:
        case: its memory; changed in place.
        subject: its facts as of ``moving.as_of``.
        exposures: hazards in whose area and time it lies.
        moving: the instant and the cause.
        terms: documents in force and limits.

    Returns:
        New revisions, then pages, then the plan: only what changed.
    """
    contract = subject.contract(terms.documents) if subject.kind is Kind.INCIDENT else None
    readings: tuple[Reading, ...] = measure(subject.facts, contract.version, moving.as_of) if contract else ()
    priority = priority_of(subject.facts, contract.version) if contract else None
    incident = describe(subject, contract, priority, exposures)
    effects: list[Document] = _revised(case, "incident", incident, moving.cause)
    effects += _clocks(case, Heading.of(incident), readings, moving.cause)
    ladder = _ladder(incident, contract, readings, moving.as_of, terms)
    case.ladder = ladder
    if ladder is not None:
        pages = ladder.prompt(case.pages, Lateness(moving.now, terms.late_after))
        case.pages.update(dict.fromkeys((page.page_id for page in pages), PAGED))
        effects += [*pages, *_revised(case, "plan", ladder.plan(case.pages), moving.cause)]
    rung_at = ladder.next_due(case.pages) if ladder else None
    case.wake_at = _earliest([*_wakes(readings, moving.as_of), rung_at])
    return effects


def page_the_late(case: CaseState, moving: Moving, terms: Terms) -> list[Document]:
    """Decide on rungs that were reached while the tracker was down; call when a record is applied in full.

    Args:
        case: its memory; changed in place.
        moving: as told last.
        terms: documents in force and limits.
    """
    if case.ladder is None:
        return []
    pages, suppressed = case.ladder.caught_up(case.pages, Lateness(moving.now, terms.late_after))
    if not pages and not suppressed:
        return []
    case.pages.update({**dict.fromkeys((page.page_id for page in pages), PAGED), **suppressed})
    return [*pages, *_revised(case, "plan", case.ladder.plan(case.pages), moving.cause)]


def tell_merged(case: CaseState, subject: Subject, home: str, cause: str) -> list[Document]:
    """Say of an incident whose members all joined another one that it is told there.

    Args:
        case: its memory; changed in place.
        subject: the facts of the member after which it was named.
        home: the incident under which they are told now.
        cause: id of the notice that showed it.
    """
    incident = describe(subject, None, None, ()).model_copy(
        update={"status": IncidentStatus.MERGED, "merged_into": home}
    )
    case.wake_at = case.ladder = None
    effects: list[Document] = _revised(case, "incident", incident, cause)
    return effects + _clocks(case, Heading.of(incident), (), cause, reason=f"told under incident {home}")


def _ladder(
    incident: IncidentDocument, contract: Contract | None, readings: Iterable[Reading], as_of: datetime, terms: Terms
) -> Ladder | None:
    """Return the ladders of an incident; None where no policy applies."""
    policy = terms.documents.policies.get(contract.version.escalation or "") if contract else None
    if policy is None or incident.priority is None or not policy.applies(incident.priority):
        return None
    return Ladder.of(incident, policy, terms.documents.providers.get(incident.provider), readings, as_of)


def _wakes(readings: Iterable[Reading], as_of: datetime) -> Iterable[datetime]:
    return (at for reading in readings for at in reading.wakes if at >= as_of)


def _earliest(instants: Iterable[datetime | None]) -> datetime | None:
    return min((at for at in instants if at is not None), default=None)


def _clocks(
    case: CaseState, heading: Heading, readings: Iterable[Reading], cause: str, reason: str | None = None
) -> list[Document]:
    """Return the clocks that read otherwise than before, and those that are no more."""
    if case.heading != heading:
        case.heading = heading
        case.said.clear()
    effects: list[Document] = []
    names = set()
    for reading in readings:
        name = clock_name(reading)
        names.add(name)
        before = case.said.get(name)
        if before is None or not same_reading(before, reading):
            effects += _revised(case, name, clock_document(heading, reading), cause)
            case.said[name] = reading
    for name in sorted(case.revisions.keys() - names - {"incident", "plan"}):
        case.said.pop(name, None)
        effects += _revised(case, name, _gone(heading, name, case.revisions[name].target_s, reason), cause)
    return effects


def _gone(heading: Heading, name: str, target_s: float, reason: str | None) -> ClockDocument:
    """Return the document of a clock that the facts, as they are known now, no longer give."""
    objective, basis, ordinal = name.split("|")
    return ClockDocument(
        clock_id=clock_id(heading.incident_id, name),
        incident_id=heading.incident_id,
        source_incident_id=heading.source_incident_id,
        provider=heading.provider,
        services=heading.services,
        objective=Objective(objective),
        basis=Basis(basis),
        ordinal=int(ordinal),
        priority=heading.priority,
        agreement=heading.agreement,
        agreement_version=heading.agreement_version,
        started_at=None,
        due_at=None,
        stopped_at=None,
        elapsed_min_s=None,
        elapsed_max_s=None,
        target_s=target_s,
        paused_s=0.0,
        verdict=Verdict.NOT_APPLICABLE,
        breached_at=None,
        reason=reason or "what is known now gives no such clock",
        revision=0,
        caused_by=None,
        replaces=None,
        incident_started_at=heading.incident_started_at,
    )


def _revised(case: CaseState, name: str, document: Revisable, cause: str) -> list[Document]:
    """Return the document as its next revision; nothing where it says what it said before."""
    digest = digest_of(document)
    before = case.revisions.get(name)
    if before is not None and before.digest == digest:
        return []
    revision = Revision((before.number if before else 0) + 1, digest)
    update: dict[str, object] = {"revision": revision.number, "caused_by": cause}
    if isinstance(document, ClockDocument):
        revision.verdict, revision.target_s = document.verdict, document.target_s
        changed = before is not None and before.verdict is not document.verdict
        update["replaces"] = before.verdict if before and changed else None
    case.revisions[name] = revision
    return [document.model_copy(update=update)]
