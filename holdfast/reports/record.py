"""All that is on record of one incident, and what of it was known at an instant. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from models.case import Heading, clock_document
from models.clocks import measure, priority_of
from models.communication import Communication
from models.contacts_log import Contacts, standing
from models.credits import Credit
from models.documents import Documents
from models.episode import Case, start_of
from models.fact import Fact, fact_of
from models.incident import DEFAULT_EVIDENCE, Contract, Subject, describe
from models.matter import Matter
from models.moment import ZERO
from models.notice import Flag, Kind, Notice
from models.outage import Outage, outages, settle, until
from models.paging import Page
from models.provider import Provider
from models.records import Basis, ClockDocument, IncidentDocument


class UnknownThenError(LookupError):
    """Nothing was known of the incident at the instant asked for; the message says since when it was."""


@dataclass(frozen=True)
class Record:
    """One incident with what was said of it, by an instant."""

    matter: Matter
    notices: tuple[Notice, ...]
    """Of its members and of its hazards."""
    communications: tuple[Communication, ...]
    """Those about it, without corrected ones."""
    documents: Documents
    as_of: datetime
    past: tuple[ClockDocument, ...] = ()
    """Clocks of earlier incidents of the provider that stopped, on the agreed basis."""
    credits: tuple[Credit, ...] = ()
    """Of the months that it lay in, those in which its downtime counts."""
    reviews: tuple[Communication, ...] = ()
    """Minutes of reviews whose period holds its start, without corrected ones."""
    roles: Mapping[str, str] = field(default_factory=dict)
    """What people are called here, by contact id or by name; others by their id."""

    @property
    def incident(self) -> IncidentDocument:
        """The incident's state."""
        return self.matter.incident

    @property
    def provider(self) -> Provider | None:
        """The provider's document; None where there is none."""
        return self.documents.providers.get(self.incident.provider)

    @cached_property
    def told(self) -> tuple[Notice, ...]:
        """What was said of the incident itself, exercises left out; the earliest first."""
        mine = (one for one in self.notices if one.kind in (Kind.INCIDENT, Kind.MAINTENANCE))
        known = {one.notice_id: one for one in mine if Flag.TEST not in one.flags}
        return tuple(sorted(known.values(), key=lambda one: (one.order_at, one.notice_id)))

    @cached_property
    def facts(self) -> tuple[Fact, ...]:
        """The facts of what was said."""
        return tuple(fact_of(one) for one in self.told)

    @cached_property
    def contract(self) -> Contract | None:
        """The agreement in force at its start; None where there was none."""
        last = max((fact.received_at for fact in self.facts), default=self.as_of)
        subject = Subject.of(self.incident.incident_id, self.incident.provider, self.facts, last)
        return None if subject is None else subject.contract(self.documents)

    @cached_property
    def contacts(self) -> Contacts:
        """The contacts of the incident."""
        return Contacts(self.matter.told, self.matter.deliveries, self.told, self.communications)

    def outages(self, basis: Basis) -> tuple[Outage, ...]:
        """Return when the service was down on a basis, restores that did not hold joined; none of maintenance."""
        case = Case.of(fact for fact in self.facts if fact.kind is Kind.INCIDENT)
        evidence = DEFAULT_EVIDENCE if self.contract is None else self.contract.version.evidence
        window = ZERO if self.contract is None else self.contract.version.stability
        start = start_of(case, basis, evidence)
        if start is None or start.earliest > self.as_of:
            return ()
        return until(settle(outages(case, basis, evidence, start), window, doubtful=False), self.as_of)

    def role(self, person: str) -> str:
        """Return what a person is called: the contact's name, or the rota for its members."""
        return self.roles.get(person, person)

    def addressee(self, page: Page) -> str:
        """Return whom a page went to: a member of a rota is told by it."""
        return self.role(page.recipient) if page.rota is None else f"{page.rota} (on duty)"


def roles_of(documents: Documents, provider: str) -> dict[str, str]:
    """Return what people are called in a report, by contact id and by name.

    Contacts are called as the provider's document names them: designated people and desks. Members of a rota are people
    with names of their own, and are told by their rota.
    """
    found: dict[str, str] = {}
    for rota in sorted(documents.rotas.values(), key=lambda one: one.id):
        for member, contact in rota.members.items():
            found[member] = found[contact.name] = f"{rota.id} (on duty)"
    known = documents.providers.get(provider)
    contacts = {} if known is None else known.contacts
    return {**found, **{key: contact.name for key, contact in contacts.items()}}


def known_by(record: Record, as_of: datetime) -> Record:
    """Return a record as it stood at an instant: what came later is left out, and clocks are read anew.

    Args:
        record: as it is known now.
        as_of: UTC.

    Raises:
        UnknownThenError: if nothing was known of it.
    """
    notices = tuple(one for one in record.notices if one.received_at <= as_of)
    then = replace(record, notices=notices, as_of=as_of)
    incident = record.incident
    subject = Subject.of(incident.incident_id, incident.provider, then.facts, as_of)
    if subject is None:
        first = min((one.received_at for one in record.told), default=incident.started_at)
        since = f"{first:%Y-%m-%d %H:%M} UTC"
        raise UnknownThenError(f"nothing was known of {incident.incident_id} at that time; the first was at {since}")
    contract = subject.contract(record.documents)
    hazards = {f"{one.source}/{one.source_incident_id}" for one in notices}
    priority = None if contract is None else priority_of(subject.facts, contract.version)
    seen = describe(subject, contract, priority, [one for one in incident.exposures if one in hazards])
    readings = () if contract is None else measure(subject.facts, contract.version, as_of)
    return replace(
        then,
        matter=_matter_by(record.matter, seen, as_of, tuple(clock_document(Heading.of(seen), one) for one in readings)),
        communications=_by(record.communications, as_of),
        reviews=_by(record.reviews, as_of),
    )


def _by(communications: tuple[Communication, ...], as_of: datetime) -> tuple[Communication, ...]:
    return standing(one for one in communications if one.recorded_at <= as_of)


def _matter_by(
    matter: Matter, incident: IncidentDocument, as_of: datetime, clocks: tuple[ClockDocument, ...]
) -> Matter:
    plan = matter.plan
    if plan is not None:
        plan = plan.model_copy(update={"answers": tuple(one for one in plan.answers if one.at <= as_of)})
    return Matter(
        incident=incident,
        clocks=clocks,
        facts=tuple(fact for fact in matter.facts if fact.received_at <= as_of),
        plan=plan,
        pages=tuple(one for one in matter.pages if one.issued_at <= as_of),
        deliveries=tuple(one for one in matter.deliveries if one.finished_at <= as_of),
    )
