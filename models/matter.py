"""One incident with all that is on record of it, for whoever sums up many. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from models.agreement import Agreement, AgreementVersion
from models.decision import Action
from models.fact import Fact
from models.paging import Delivery, Outcome, Page, PageKind, PlanDocument, Side
from models.records import Basis, ClockDocument, IncidentDocument, IncidentStatus

OVER = (IncidentStatus.RESOLVED, IncidentStatus.CLOSED, IncidentStatus.CANCELLED, IncidentStatus.MERGED)


@dataclass(frozen=True)
class Matter:
    """One incident, or maintenance, with what belongs to it; any order, copies allowed."""

    incident: IncidentDocument
    clocks: tuple[ClockDocument, ...] = ()
    facts: tuple[Fact, ...] = ()
    """What was said of it; of incidents and maintenances only."""
    plan: PlanDocument | None = None
    pages: tuple[Page, ...] = ()
    deliveries: tuple[Delivery, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether it is not over; restored is a claim until it is resolved."""
        return self.incident.status not in OVER

    @property
    def name(self) -> str:
        """Its title, or the provider's own id."""
        return self.incident.title or self.incident.source_incident_id

    @cached_property
    def agreed(self) -> tuple[ClockDocument, ...]:
        """Its clocks on the agreed basis, newest revision of each, by objective and ordinal."""
        known: dict[str, ClockDocument] = {}
        for clock in self.clocks:
            before = known.get(clock.clock_id)
            if clock.basis is Basis.AGREED and (before is None or before.revision < clock.revision):
                known[clock.clock_id] = clock
        return tuple(sorted(known.values(), key=lambda one: (one.objective, one.ordinal, one.clock_id)))

    def version(self, agreement: Agreement) -> AgreementVersion | None:
        """Return the version of an agreement that it was pinned to; None where that is not among the documents."""
        pinned = self.incident.agreement_version
        return next((one for one in agreement.versions if one.version == pinned), None)

    def acknowledged(self, page: Page) -> bool:
        """Return whether somebody of the page's side took the incident from its issue on."""
        answers = self.plan.answers if self.plan is not None else ()
        return any(
            one.action == Action.ACKNOWLEDGE.value and one.side in (None, page.side) and one.at >= page.issued_at
            for one in answers
        )

    @cached_property
    def told(self) -> tuple[Page, ...]:
        """Its pages of ladders, each once, in the order of issue."""
        known = {page.page_id: page for page in self.pages if page.kind is PageKind.RUNG}
        return tuple(sorted(known.values(), key=lambda one: (one.issued_at, one.page_id)))

    @cached_property
    def undelivered(self) -> tuple[Delivery, ...]:
        """The attempts that gave a page up, where none brought it."""
        brought = {one.page_id for one in self.deliveries if one.outcome in (Outcome.SENT, Outcome.BUNDLED)}
        failed = {one.delivery_id: one for one in self.deliveries if one.outcome is Outcome.FAILED}
        left = (one for one in failed.values() if one.page_id not in brought)
        return tuple(sorted(left, key=lambda one: (one.finished_at, one.delivery_id)))

    def page_side(self, page_id: str) -> Side | None:
        """Return whose page it was."""
        return next((page.side for page in self.pages if page.page_id == page_id), None)


def unique(matters: Iterable[Matter]) -> tuple[Matter, ...]:
    """Return matters as a set by incident, the newest revision of each, the earliest start first."""
    known: dict[str, Matter] = {}
    for one in matters:
        before = known.get(one.incident.incident_id)
        if before is None or before.incident.revision < one.incident.revision:
            known[one.incident.incident_id] = one
    return tuple(sorted(known.values(), key=lambda one: (one.incident.started_at, one.incident.incident_id)))
