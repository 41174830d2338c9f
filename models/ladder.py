"""The two ladders of one incident as documents: the plan that boards show, and the pages that go out. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.clocks import Reading
from models.instants import format_instant
from models.paging import Page, PlanDocument, PlannedPage, RungState
from models.plan import Issue, Lateness, address_of, climb, cross, issues, planned, prompt
from models.policy import EscalationPolicy
from models.provider import Contact, Provider
from models.records import IncidentDocument, IncidentStatus

HISTORY_AFTER = timedelta(hours=24)
"""A rung crossed, and an incident silent, for this long before the record came: imported history pages nobody."""
OVER = (IncidentStatus.RESOLVED, IncidentStatus.CLOSED, IncidentStatus.CANCELLED)


@dataclass(frozen=True, slots=True)
class Ladder:
    """Both ladders of one incident, as of an instant."""

    incident: IncidentDocument
    policy: EscalationPolicy
    contacts: Mapping[str, Contact]
    issues: tuple[Issue, ...]
    as_of: datetime

    @classmethod
    def of(
        cls,
        incident: IncidentDocument,
        policy: EscalationPolicy,
        provider: Provider | None,
        readings: Iterable[Reading],
        as_of: datetime,
    ) -> "Ladder":
        """Return the ladders of an incident with its clocks as they read at an instant."""
        contacts = provider.contacts if provider else {}
        return cls(incident, policy, contacts, issues(incident.incident_id, climb(policy, readings)), as_of)

    def prompt(self, handled: Mapping[str, str], late: Lateness) -> list[Page]:
        """Return pages for the rungs reached just now.

        Args:
            handled: by page id, what became of rungs crossed before.
            late: how far the ledger had run, and what counts as late; late rungs wait for ``caught_up``.
        """
        return [self._page(issue, late.now) for issue in prompt(self._due(handled), late)]

    def caught_up(self, handled: Mapping[str, str], late: Lateness) -> tuple[list[Page], dict[str, str]]:
        """Decide on the rungs that were reached too long ago, when nothing is left to catch up with.

        Returns:
            The pages to send, and why each of the others is not paged, by page id.
        """
        due = self._due(handled)
        crossing = cross(due, late, over=self._over(due, late.now))
        return [self._page(issue, late.now) for issue in crossing.paged], dict(crossing.suppressed)

    def next_due(self, handled: Mapping[str, str]) -> datetime | None:
        """Return the earliest instant ahead at which a rung is reached that was not handled."""
        ahead = (one.step.due_at for one in self.issues if one.page_id not in handled and not self._is_reached(one))
        return min((at for at in ahead if at is not None), default=None)

    def plan(self, handled: Mapping[str, str]) -> PlanDocument:
        """Return the plan, with revision 0: the caller counts revisions."""
        return PlanDocument(
            incident_id=self.incident.incident_id,
            source_incident_id=self.incident.source_incident_id,
            provider=self.incident.provider,
            services=self.incident.services,
            policy=self.policy.id,
            policy_version=self.policy.version,
            started_at=self.incident.started_at,
            next_due_at=self.next_due(handled),
            rungs=tuple(self._planned(issue, handled.get(issue.page_id)) for issue in self.issues),
            revision=0,
            caused_by=None,
        )

    def _due(self, handled: Mapping[str, str]) -> list[Issue]:
        return [one for one in self.issues if one.page_id not in handled and self._is_reached(one)]

    def _is_reached(self, issue: Issue) -> bool:
        return issue.step.due_at is not None and issue.step.due_at < self.as_of

    def _over(self, due: Iterable[Issue], now: datetime) -> str | None:
        """Say why nobody needs to be told any more; None while somebody does."""
        if self.incident.status in OVER:
            return f"{self.incident.status.value} before anybody could be paged"
        latest = max((one.step.due_at for one in due if one.step.due_at is not None), default=None)
        if latest is not None and now - max(latest, self.incident.last_notice_at or latest) > HISTORY_AFTER:
            return "history: crossed long before it was known here"
        return None

    def _planned(self, issue: Issue, outcome: str | None) -> PlannedPage:
        contact = self.contacts.get(issue.recipient)
        reached = self._is_reached(issue)
        if outcome:
            return planned(issue, contact, RungState.SUPPRESSED, outcome)
        if outcome is not None:
            state = RungState.SENT if reached else RungState.WITHDRAWN
            return planned(issue, contact, state, None if reached else "paged, but the condition no longer holds")
        if issue.step.due_at is None:
            return planned(issue, contact, RungState.WITHDRAWN, issue.step.reason)
        return planned(issue, contact, RungState.DUE if reached else RungState.WAITING, None)

    def _page(self, issue: Issue, now: datetime) -> Page:
        incident, contact = self.incident, self.contacts.get(issue.recipient)
        due = issue.step.due_at
        assert due is not None
        return Page(
            page_id=issue.page_id,
            incident_id=incident.incident_id,
            source_incident_id=incident.source_incident_id,
            provider=incident.provider,
            services=incident.services,
            policy=self.policy.id,
            policy_version=self.policy.version,
            side=issue.step.side,
            rung=issue.step.number,
            loop=0,
            recipient=issue.recipient,
            recipient_name=contact.name if contact else issue.recipient,
            channel=issue.channel,
            address=address_of(contact, issue.channel),
            priority=incident.priority,
            objective=issue.step.rung.when.objective,
            reason=str(issue.step.rung.when),
            title=_title(incident, issue),
            text=_text(incident, issue, due),
            due_at=due,
            issued_at=now,
            late_s=(now - due).total_seconds(),
        )


def _title(incident: IncidentDocument, issue: Issue) -> str:
    """Return one line that says who, how bad and why: what fits a phone's lock screen."""
    where = ", ".join(incident.services) or "all services"
    return f"[{(incident.priority or '-').upper()}] {incident.provider} {where}: {issue.step.rung.when}"


def _text(incident: IncidentDocument, issue: Issue, due: datetime) -> str:
    """Return what a person needs before opening the board: facts only, one a line, instants in UTC."""
    lines = [
        incident.title or "(no title given)",
        f"Why you: {issue.step.rung.when}, reached at {format_instant(due)}.",
        f"Began: {format_instant(incident.started_at)}. Provider's last word: {incident.phase}"
        + (f" at {format_instant(incident.last_notice_at)}." if incident.last_notice_at else "."),
        f"Agreement: {incident.agreement} {incident.agreement_version}.",
    ]
    if incident.witnesses:
        lines.append(f"Seen by us: {', '.join(incident.witnesses)}.")
    if incident.exposures:
        lines.append(f"In the time and area of: {', '.join(incident.exposures)}.")
    return "\n".join(lines)
