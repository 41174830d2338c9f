"""One incident told anew as of an instant: what changed, who is paged, and when to look again.

Decides revisions: a document that says something else than before gets the next number and names its cause
(measurement.md §4). No clock, no I/O; brings the ``CaseState`` that it is given up to date.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from models.case import CaseState, Heading, Revision, clock_document, clock_id, clock_name, digest_of, same_reading
from models.clocks import Reading, measure, priority_of
from models.crossing import Lateness
from models.document import Document
from models.incident import Subject, describe
from models.incident_ladder import Told, all_clear, clears_at, ladder_of, stability_of
from models.ladder import paged
from models.moving import Moving, Terms
from models.notice import Kind
from models.paging import PlanDocument, RungState
from models.records import Basis, ClockDocument, IncidentDocument, IncidentStatus, Objective, Verdict
from models.surroundings import Surroundings

__all__ = ["Merged", "Moving", "Terms", "page_the_late", "tell", "tell_merged"]

Revisable = TypeVar("Revisable", IncidentDocument, ClockDocument, PlanDocument)


def tell(
    case: CaseState, subject: Subject, surroundings: Surroundings, moving: Moving, terms: Terms
) -> list[Document]:  # fmt: skip
    """Bring one incident's documents up to date.

    Args:
        case: its memory; changed in place.
        subject: its facts as of ``moving.as_of``.
        surroundings: hazards, maintenance and decisions about the whole provider.
        moving: the instant and the cause.
        terms: documents in force and limits.

    Returns:
        New revisions, then pages, then the plan: only what changed.
    """
    contract = subject.contract(terms.documents) if subject.kind is Kind.INCIDENT else None
    readings: tuple[Reading, ...] = measure(subject.facts, contract.version, moving.as_of) if contract else ()
    priority = priority_of(subject.facts, contract.version) if contract else None
    incident = describe(subject, contract, priority, surroundings.exposures)
    effects: list[Document] = _revised(case, "incident", incident, moving.cause)
    effects += _clocks(case, Heading.of(incident), readings, moving.cause)
    ladder = case.ladder = ladder_of(case, Told(incident, contract, subject, readings), surroundings, moving, terms)
    rung_at = None
    if ladder is not None:
        pages = ladder.prompt(case.pages, Lateness(moving.now, terms.late_after))
        pages += all_clear(case, ladder, surroundings, stability_of(contract), moving)
        case.pages.update(paged(pages, terms.late_after))
        effects += [*pages, *_revised(case, "plan", ladder.plan(case.pages), moving.cause)]
        rung_at = _earliest([ladder.next_due(case.pages), clears_at(case, ladder, surroundings, contract, moving)])
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
    case.pages.update({**paged(pages, terms.late_after), **suppressed})
    case.wake_at = _earliest([case.wake_at, case.ladder.next_due(case.pages)])
    return [*pages, *_revised(case, "plan", case.ladder.plan(case.pages), moving.cause)]


@dataclass(frozen=True, slots=True)
class Merged:
    """An incident whose members all joined another one."""

    subject: Subject
    """The facts of the member after which it was named."""
    surroundings: Surroundings
    home: str
    """The incident under which they are told now."""


def tell_merged(case: CaseState, merged: Merged, moving: Moving, terms: Terms) -> list[Document]:
    """Say of an incident that joined another one that it is told there.

    Args:
        case: its memory; changed in place.
        merged: what it was, and where it is told.
        moving: the instant and the cause.
        terms: documents in force and limits.
    """
    incident = describe(merged.subject, None, None, ()).model_copy(
        update={"status": IncidentStatus.MERGED, "merged_into": merged.home}
    )
    effects: list[Document] = _revised(case, "incident", incident, moving.cause)
    if "plan" in case.revisions:
        effects += _plan_elsewhere(case, merged, moving, terms)
    case.wake_at = case.ladder = None
    why = f"told under incident {merged.home}"
    return effects + _clocks(case, Heading.of(incident), (), moving.cause, reason=why)


def _plan_elsewhere(case: CaseState, merged: Merged, moving: Moving, terms: Terms) -> list[Document]:
    """Return the plan that says so, computed anew: a restart before must not keep it from being said."""
    subject, around = merged.subject, merged.surroundings
    contract = subject.contract(terms.documents)
    if contract is None:
        return []
    readings = measure(subject.facts, contract.version, moving.as_of)
    incident = describe(subject, contract, priority_of(subject.facts, contract.version), around.exposures)
    ladder = ladder_of(case, Told(incident, contract, subject, readings), around, moving, terms)
    if ladder is None:
        return []
    return _revised(case, "plan", _elsewhere(ladder.plan(case.pages), merged.home), moving.cause)


def _elsewhere(plan: PlanDocument, home: str) -> PlanDocument:
    """Return a plan of which nothing more comes: its incident is a duplicate."""
    ahead = (RungState.WAITING, RungState.DUE)
    why = {"state": RungState.SUPPRESSED, "reason": f"duplicate: told under incident {home}", "next_loop_at": None}
    rungs = tuple(
        one.model_copy(update=why if one.state in ahead else {"next_loop_at": None}) for one in plan.rungs
    )  # fmt: skip
    return plan.model_copy(update={"rungs": rungs, "next_due_at": None})


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
