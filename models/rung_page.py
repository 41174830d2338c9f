"""One rung's page to one person on one channel, with the ways to try when it can't be brought. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from models.crossing import Lateness, is_late
from models.decision import Decision
from models.gates import Gates
from models.page_text import LastWord, text, title
from models.paging import Channel, Fallback, Page
from models.plan import Issue
from models.policy import EscalationPolicy, HazardMode
from models.provider import Contact
from models.records import IncidentDocument
from models.rota import Rota, find


@dataclass(frozen=True, slots=True)
class People:
    """Whom a policy can mean: contacts of the provider's document, and rotas. As they are when somebody is told."""

    contacts: Mapping[str, Contact] = field(default_factory=dict)
    rotas: Mapping[str, Rota] = field(default_factory=dict)

    def find(self, name: str, at: datetime) -> tuple[str, Contact | None, str | None]:
        """Return (recipient, contact, rota) of a name in a policy at an instant."""
        return find(name, self.contacts, self.rotas, at)


@dataclass(frozen=True, slots=True)
class Setting:
    """Everything besides the clocks that a ladder depends on."""

    policy: EscalationPolicy
    """As pinned."""
    people: People = field(default_factory=People)
    decisions: tuple[Decision, ...] = ()
    """Of the incident and of its whole provider, in order of time."""
    gates: Gates = field(default_factory=Gates)
    said: LastWord | None = None
    """The provider's last word; None where it has said nothing."""


def page_of(incident: IncidentDocument, setting: Setting, issue: Issue, late: Lateness) -> Page:
    """Return one page, as it is issued now; what is in time counts as told at its computed instant.

    Args:
        incident: as it was just told.
        setting: its policy as pinned, and whom that can mean.
        issue: which rung, repetition, recipient and channel; it has a due instant.
        late: how far the world has run, and what counts as late.
    """
    policy, step, due = setting.policy, issue.step, issue.due_at
    assert due is not None
    now = late.now
    told_at = now if is_late(issue, late) else due
    recipient, contact, rota = setting.people.find(issue.recipient, told_at)
    within = step.rung.acknowledge_within
    lasts = policy.links_last.fixed
    digest_s = policy.digest_s(incident.priority)
    hazard = incident.exposures[0] if incident.exposures else None
    return Page(
        page_id=issue.page_id,
        incident_id=incident.incident_id,
        source=incident.source,
        source_incident_id=incident.source_incident_id,
        provider=incident.provider,
        services=incident.services,
        policy=policy.id,
        policy_version=policy.version,
        side=step.side,
        rung=step.number,
        loop=issue.loop,
        recipient=recipient,
        recipient_name=contact.name if contact else recipient,
        rota=rota,
        channel=issue.channel,
        address=address_of(contact, issue.channel),
        priority=incident.priority,
        objective=step.rung.when.objective,
        reason=step.why,
        title=title(incident, step.why, issue.loop),
        text=text(incident, step.side, step.why, due, setting.said),
        due_at=due,
        issued_at=now,
        late_s=(now - due).total_seconds(),
        answer_by=None if within is None or within.fixed is None else told_at + within.fixed,
        expires_at=None if lasts is None else told_at + lasts,
        critical=digest_s is None,
        hazard=hazard,
        cadence_s=None if hazard is None else cadence_s(policy),
        digest_s=digest_s,
        quota_per_h=contact.quota_per_h if contact else None,
        fallbacks=_fallbacks(setting.people, issue, told_at) if issue.is_last_channel else (),
    )


def _fallbacks(people: People, issue: Issue, at: datetime) -> tuple[Fallback, ...]:
    """Return the further ways to the recipient, then the further people, each by all ways."""
    rung = issue.step.rung
    ways = [(issue.recipient, channel) for channel in rung.fallback_via]
    ways += [(name, channel) for name in rung.fallback_notify for channel in (*rung.via, *rung.fallback_via)]
    found = []
    for name, channel in ways:
        recipient, contact, _ = people.find(name, at)
        called = contact.name if contact else recipient
        address = address_of(contact, channel)
        found.append(Fallback(recipient=recipient, recipient_name=called, channel=channel, address=address))
    return tuple(found)


def cadence_s(policy: EscalationPolicy) -> float:
    """Return the seconds between two messages to one person about one hazard."""
    cadence = (policy.hazard or HazardMode()).cadence.fixed
    assert cadence is not None
    return cadence.total_seconds()


def address_of(contact: Contact | None, channel: Channel) -> str | None:
    """Return where a contact takes pages on a channel; None lets the notifier's settings decide."""
    if contact is None or channel == "console":
        return None
    address: str | None = getattr(contact, "phone" if channel == "sms" else channel)
    return address
