"""The state of one incident, told from its facts: what boards and indices show. Pure.

Nothing here judges; ``models.clocks`` does. Every field is a function of (facts, as-of), so a board and a rebuild say
the same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from models.agreement import Agreement, AgreementVersion, Evidence
from models.documents import Documents
from models.episode import Case, start_of
from models.fact import Fact
from models.moment import Moment
from models.notice import Flag, Kind, Phase
from models.outage import outages, resolution
from models.records import Basis, IncidentDocument, IncidentStatus

DEFAULT_EVIDENCE = Evidence()
STANDING = {
    Phase.RESTORED: IncidentStatus.RESTORED,
    Phase.RESOLVED: IncidentStatus.RESOLVED,
    Phase.CLOSED: IncidentStatus.CLOSED,
    Phase.CANCELLED: IncidentStatus.CANCELLED,
}
SAYS_NOTHING_NEW = (
    Phase.UPDATE, Phase.ROOT_CAUSE, Phase.PROMISED, Phase.SEVERITY_CHANGED, Phase.EXCLUDED, Phase.PAUSED, Phase.RESUMED,
)  # fmt: skip
"""Phases that leave an incident standing where it stood; a desk that resolves what was paused also says ``resumed``."""


@dataclass(frozen=True, slots=True)
class Contract:
    """The agreement that governs an incident, with the version in force at its start."""

    agreement: Agreement
    version: AgreementVersion


@dataclass(frozen=True, slots=True)
class Subject:
    """What an incident is about, before anything is measured."""

    incident_id: str
    provider: str
    facts: tuple[Fact, ...]
    """Known as of the instant of asking, test messages left out; ordered by id."""
    case: Case
    services: tuple[str, ...]
    kind: Kind

    @classmethod
    def of(cls, incident_id: str, provider: str, facts: Iterable[Fact], as_of: datetime) -> "Subject | None":
        """Return the subject of an incident as of an instant; None while nothing is known of it."""
        known = sorted(
            (fact for fact in facts if fact.received_at <= as_of and Flag.TEST not in fact.flags),
            key=lambda fact: fact.notice_id,
        )
        if not known:
            return None
        told = [fact for fact in known if not fact.is_witness]
        kind = told[0].kind if told else Kind.INCIDENT
        services = sorted({service for fact in told or known for service in fact.services})
        return cls(incident_id, provider, tuple(known), Case.of(known), tuple(services), kind)

    def started(self, basis: Basis, evidence: Evidence = DEFAULT_EVIDENCE) -> Moment | None:
        """Return the start on a basis; of maintenance the announced one. None while nobody named or showed one."""
        planned = self.case.claimed_begin() if self.kind is Kind.MAINTENANCE else None
        return planned or start_of(self.case, basis, evidence)

    def begins_at(self) -> datetime:
        """Return the start that chooses the agreement version: the earliest that anybody named or showed."""
        start = self.started(Basis.AGREED)
        return start.earliest if start is not None else min(fact.spoken_at for fact in self.facts)

    def contract(self, documents: Documents) -> Contract | None:
        """Return the agreement in force at the start; None where there is none, or two fit equally well."""
        try:
            found = documents.agreement_for(self.provider, self.services, self.begins_at(), self.first_severity())
        except ValueError:
            return None  # ``holdfast lint`` names the tie; judging by either would be arbitrary
        return None if found is None else Contract(*found)

    def first_severity(self) -> str | None:
        """Return the severity named first, which holds from the start; the provider's before our witnesses'."""
        words = (*self.case.spoken, *self.case.witnessed)
        return next((word.first.severity for word in words if word.first.severity), None)

    def standing(self) -> IncidentStatus:
        """Return where it stands by the last word that says so: the provider's, else our witnesses'."""
        if not self.case.spoken:
            return self._witnessed_standing()
        status = IncidentStatus.OPEN
        for word in self.case.spoken:
            if word.phase not in SAYS_NOTHING_NEW and word.last.concerns is None:
                status = STANDING.get(word.phase, IncidentStatus.OPEN)
        gone = self.case.vanished and self.case.vanished[-1].last.received_at > self.case.spoken[-1].last.received_at
        return IncidentStatus.CLOSED if gone and status is not IncidentStatus.RESOLVED else status

    def _witnessed_standing(self) -> IncidentStatus:
        last: dict[tuple[str, str], Phase] = {word.last.member: word.phase for word in self.case.witnessed}
        over = bool(last) and all(phase in STANDING for phase in last.values())
        return IncidentStatus.RESTORED if over else IncidentStatus.OPEN


def describe(
    subject: Subject, contract: Contract | None, priority: str | None, exposures: Sequence[str]
) -> IncidentDocument:
    """Return the incident's document, with revision 0: the caller counts revisions."""
    evidence = contract.version.evidence if contract else DEFAULT_EVIDENCE
    case = subject.case
    told = case.spoken or case.witnessed or case.vanished or case.decided
    head, last = told[0], told[-1]
    start = subject.started(Basis.AGREED, evidence)
    ends = _ends(subject, evidence)
    return IncidentDocument(
        incident_id=subject.incident_id,
        provider=subject.provider,
        services=subject.services,
        source=head.first.source,
        source_incident_id=head.first.source_incident_id,
        kind="maintenance" if subject.kind is Kind.MAINTENANCE else "incident",
        title=_last_said([word.last.title for word in told]),
        severity=_last_said([word.last.severity for word in told]),
        priority=priority,
        status=subject.standing(),
        phase=last.phase.value,
        started_at=start.earliest if start else subject.begins_at(),
        claimed_started_at=_earliest(case.claimed_begin()),
        observed_started_at=_earliest(case.onset()),
        first_published_at=_earliest(case.first_published(Basis.CLAIMED, evidence)),
        acknowledged_at=_acknowledged(case),
        restored_at=ends[0],
        resolved_at=ends[1],
        claimed_ended_at=max(
            (word.last.claimed_end_at for word in case.spoken if word.last.claimed_end_at is not None), default=None
        ),
        last_notice_at=max(fact.spoken_at for fact in subject.facts),
        notice_count=len(subject.facts),
        reopened_count=sum(1 for word in case.spoken if word.phase is Phase.REOPENED),
        members=tuple(sorted({"/".join(fact.member) for fact in subject.facts})),
        witnesses=tuple(sorted({fact.source for fact in subject.facts if fact.is_witness})),
        exposures=tuple(exposures),
        agreement=contract.agreement.id if contract else None,
        agreement_version=contract.version.version if contract else None,
        policy=contract.version.escalation if contract else None,
        flags=tuple(sorted({flag.value for fact in subject.facts for flag in fact.flags})),
        revision=0,
        caused_by=None,
    )


def _last_said(values: Sequence[str | None]) -> str | None:
    return next((value for value in reversed(values) if value), None)


def _earliest(moment: Moment | None) -> datetime | None:
    return None if moment is None else moment.earliest


def _acknowledged(case: Case) -> datetime | None:
    """The provider's first word that is no robot's; None where nothing shows when it first spoke."""
    if case.is_imported:
        return None
    said = [
        word.stamped.latest or word.stamped.earliest
        for word in case.spoken
        if Flag.AUTOMATIC_REPLY not in word.first.flags
    ]
    return min(said, default=None)


def _ends(subject: Subject, evidence: Evidence) -> tuple[datetime | None, datetime | None]:
    """Return when it was restored and resolved by the agreed basis; None while it is not, or nobody knows when."""
    start = subject.started(Basis.AGREED, evidence)
    if start is None:
        return None, None
    end = outages(subject.case, Basis.AGREED, evidence, start)[-1].end
    resolved = resolution(subject.case, Basis.AGREED, evidence)
    return (_known(end), _known(resolved))


def _known(moment: Moment | None) -> datetime | None:
    return None if moment is None else moment.latest
