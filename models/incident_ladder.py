"""The ladder of one incident as it was just told: which policy is pinned, what its conditions are held against. Pure.

Also what is said when a hazard over the incident is past, since both ask the same ladder whom it told.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.agreement import AgreementVersion
from models.burning import burning
from models.case import RUNNING, CaseState
from models.clocks import Reading
from models.conditions import BurnReached, Circumstances, never_burns
from models.decision import collect
from models.documents import Documents
from models.episode import ENDING
from models.failures import Trouble
from models.gates import Gates, mutes
from models.hazard_pages import About, all_clear_pages, clear_at, told_rungs
from models.incident import Contract, Subject
from models.ladder import ENDED, Ladder
from models.moving import Moving, Terms
from models.notice import Kind
from models.outage import outages
from models.page_text import LastWord
from models.paging import Page
from models.policy import EscalationPolicy
from models.priority import Scale
from models.promises import broken_at
from models.records import Basis, IncidentDocument, IncidentStatus, Objective
from models.rung_page import People, Setting
from models.surroundings import HazardOver, Surroundings, maintenance_holds


@dataclass(frozen=True, slots=True)
class Told:
    """One incident as it was just told."""

    incident: IncidentDocument
    contract: Contract | None
    subject: Subject
    readings: tuple[Reading, ...]


def ladder_of(
    case: CaseState, told: Told, surroundings: Surroundings, moving: Moving, terms: Terms
) -> Ladder | None:  # fmt: skip
    """Return the ladders of an incident; None where no policy applies."""
    policy = _pinned(case, told.contract, terms.documents)
    incident, contract = told.incident, told.contract
    if policy is None or contract is None or incident.priority is None or not policy.applies(incident.priority):
        return None
    provider = terms.documents.providers.get(incident.provider)
    decisions = collect([*case.decisions.values(), *surroundings.decisions])
    holds = (*mutes(decisions), *maintenance_holds(surroundings.maintenance, contract.version, moving.as_of))
    people = People(provider.contacts if provider else {}, terms.documents.rotas)
    setting = Setting(policy, people, decisions, Gates(holds), LastWord.of(told.subject.case))
    return Ladder(incident, _around(told, surroundings, policy, moving.as_of), setting, moving.as_of)


def _pinned(case: CaseState, contract: Contract | None, documents: Documents) -> EscalationPolicy | None:
    """Return the policy of an incident as it was when it began; the first time it pins the one in force."""
    wanted = contract.version.escalation if contract is not None else None
    if wanted is None:
        return None
    if case.pin is None or case.pin[0] != wanted:
        policy = documents.policies.get(wanted)
        case.pin = None if policy is None else (policy.id, policy.version)
        return policy
    return documents.policy(*case.pin)


def _around(told: Told, surroundings: Surroundings, policy: EscalationPolicy, as_of: datetime) -> Circumstances:
    """Return what the policy's conditions are held against; what none of them asks for is left out."""
    asked = [rung.when for _, ladder in policy.ladders() for rung in ladder]
    facts, contract = told.subject.facts, told.contract
    assert contract is not None
    version = contract.version
    promises = broken_at(facts, version, as_of) if any(when.promise for when in asked) else ()
    rises = Scale.of(facts, version, Basis.AGREED, as_of).rises if any(when.priority for when in asked) else ()
    exposed = min((one.since for one in surroundings.hazards if not one.is_withdrawn), default=None)
    since = None if exposed is None else max(exposed, told.incident.started_at)
    burns = _burning(told, surroundings, as_of) if any(when.burn_rate for when in asked) else never_burns
    return Circumstances.of_readings(
        told.readings,
        rises=rises,
        broken_at=promises,
        exposed_since=since,
        ended_at=_ended_at(told),
        back_at=_back_at(told, version),
        burns=burns,
    )


def _back_at(told: Told, version: AgreementVersion) -> datetime | None:
    """Return when it failed again after a restore, held or not; None where it never did."""
    start = told.subject.started(Basis.AGREED, version.evidence)
    if start is None or not any(fact.phase in ENDING for fact in told.subject.facts):
        return None
    found = outages(told.subject.case, Basis.AGREED, version.evidence, start)
    return found[-1].begin.earliest if len(found) > 1 else None


def _burning(told: Told, surroundings: Surroundings, as_of: datetime) -> BurnReached:
    assert told.contract is not None
    incident = told.incident
    own = Trouble(incident.incident_id, Kind.INCIDENT, told.subject.services, told.subject.facts)
    return burning((own, *surroundings.troubles()), told.contract, incident.services, as_of)


def _ended_at(told: Told) -> datetime | None:
    """Return since when nobody needs to be told again; None while it lasts.

    A closure that our witnesses contradict is a claim: while the clock of restoration runs, it is not over.
    """
    incident = told.incident
    if incident.status not in ENDED:
        return None
    if incident.restored_at is not None or incident.status is IncidentStatus.CANCELLED:
        return incident.restored_at or incident.last_notice_at
    lasts = any(
        one.objective is Objective.RESTORE and one.basis is Basis.AGREED and one.verdict in RUNNING
        for one in told.readings
    )
    return None if lasts else incident.resolved_at or incident.last_notice_at


def stability_of(contract: Contract | None) -> timedelta:
    """Return the stability window of a contract; none without one."""
    return timedelta() if contract is None else contract.version.stability


def _clear_instants(
    ladder: Ladder, surroundings: Surroundings, stability: timedelta
) -> Iterable[tuple[HazardOver, datetime]]:  # fmt: skip
    """Yield the hazards of an incident that is over, each with the instant at which all is clear."""
    held = ladder.around.ended_at
    for hazard in surroundings.hazards if held is not None else ():
        at = clear_at(hazard, held, stability)
        if at is not None:
            yield hazard, at


def all_clear(
    case: CaseState, ladder: Ladder, surroundings: Surroundings, stability: timedelta, moving: Moving
) -> list[Page]:  # fmt: skip
    """Return the pages that say that a hazard and its trouble are over, to whoever was told of the trouble."""
    pages: list[Page] = []
    for hazard, at in _clear_instants(ladder, surroundings, stability):
        if at < moving.as_of:
            told = told_rungs(ladder, case.pages)
            pages += all_clear_pages(_about(ladder, hazard), told, case.pages, at, moving.now)
    return pages


def clears_at(
    case: CaseState, ladder: Ladder, surroundings: Surroundings, contract: Contract | None, moving: Moving
) -> datetime | None:  # fmt: skip
    """Return the next instant at which all is clear for somebody who was told."""
    if not any(told.is_paged for told in case.pages.values()):
        return None
    instants = _clear_instants(ladder, surroundings, stability_of(contract))
    return min((at for _, at in instants if at >= moving.as_of), default=None)


def _about(ladder: Ladder, hazard: HazardOver) -> About:
    incident = ladder.incident
    return About(
        incident.incident_id,
        incident.provider,
        incident.source_incident_id,
        incident.services,
        incident.priority,
        hazard,
        ladder.policy,
        f"{incident.source_incident_id}/{incident.reopened_count}",
    )
