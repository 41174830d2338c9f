"""Pages about a hazard itself: sites are exposed, and all clear (measurement.md §9 and §10). Pure.

Exposure opens no clock, and pages only whom the policy's ``hazard`` names. All clear goes to whoever was told under the
hazard, when it has ended and the services that it hit hold. Both carry the hazard's name: the notifier makes one
message a person of what many providers' incidents say.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.ids import stable_id
from models.instants import format_instant
from models.ladder import Ladder
from models.paging import Channel, Page, PageKind, Side
from models.plan import Handled
from models.policy import EscalationPolicy
from models.provider import Contact
from models.rung_page import People, address_of, cadence_s
from models.surroundings import HazardOver


@dataclass(frozen=True, slots=True)
class Addressee:
    """One person on one channel."""

    name: str
    """As the policy has it; part of the page's id."""
    recipient: str
    contact: Contact | None
    rota: str | None
    channel: Channel
    side: Side


@dataclass(frozen=True, slots=True)
class About:
    """What a page about a hazard is about."""

    case_id: str
    provider: str
    source_incident_id: str
    services: tuple[str, ...]
    priority: str | None
    hazard: HazardOver
    policy: EscalationPolicy
    again: str = ""
    """Tells one return of the trouble from another: each has its own all clear."""


def exposed_case(provider: str, hazard: str) -> str:
    """Return the id under which a hazard over a provider's sites is remembered."""
    return stable_id("exposed", provider, hazard)


def exposure_pages(about: About, people: People, handled: Handled, now: datetime) -> list[Page]:
    """Return the pages that tell of an exposure, those told before left out."""
    mode = about.policy.hazard
    if mode is None or about.hazard.is_withdrawn or (about.hazard.end is not None and about.hazard.end <= now):
        return []
    side = Side.CUSTOMER
    pages = []
    for name in mode.notify:
        recipient, contact, rota = people.find(name, now)
        for channel in mode.via:
            to = Addressee(name, recipient, contact, rota, channel, contact.side if contact else side)
            pages.append(_page(about, to, PageKind.EXPOSURE, about.hazard.since, now))
    return [one for one in pages if one.page_id not in handled]


def told_exposure(about: About, people: People, handled: Handled) -> Iterator[Addressee]:
    """Yield whom an exposure was told."""
    for name in about.policy.hazard.notify if about.policy.hazard is not None else ():
        for channel in about.policy.hazard.via if about.policy.hazard is not None else ():
            known = handled.get(_page_id(about, PageKind.EXPOSURE, name, channel))
            if known is not None and known.is_paged:
                recipient, contact, rota = people.find(name, known.at)
                yield Addressee(name, recipient, contact, rota, channel, contact.side if contact else Side.CUSTOMER)


def told_rungs(ladder: Ladder, handled: Handled) -> Iterator[Addressee]:
    """Yield whom an incident's rungs told, once per person and channel."""
    seen = set()
    for issue in ladder.told(handled):
        recipient, contact, rota = ladder.setting.people.find(issue.recipient, handled[issue.page_id].at)
        if (issue.recipient, issue.channel) not in seen:
            seen.add((issue.recipient, issue.channel))
            yield Addressee(issue.recipient, recipient, contact, rota, issue.channel, issue.step.side)


def clear_at(hazard: HazardOver, held_since: datetime | None, stability: timedelta) -> datetime | None:
    """Return when all is clear: the hazard has ended, and what it hit has held for the stability window.

    Args:
        hazard: that is asked about.
        held_since: when the services worked again; None where nothing failed.
        stability: window of the agreement.
    """
    if hazard.end is None:
        return None
    return hazard.end if held_since is None else max(hazard.end, held_since + stability)


def all_clear_pages(
    about: About, told: Iterable[Addressee], handled: Mapping[str, object], at: datetime, now: datetime
) -> list[Page]:
    """Return the pages that say that all is clear, those told before left out.

    Args:
        about: the hazard and what it hit.
        told: whom the trouble was told.
        handled: by page id.
        at: the computed instant.
        now: instant up to which the world has run.
    """
    pages = [_page(about, to, PageKind.ALL_CLEAR, at, now) for to in told]
    return [one for one in pages if one.page_id not in handled]


def _page_id(about: About, kind: PageKind, name: str, channel: str) -> str:
    again = about.again if kind is PageKind.ALL_CLEAR else ""
    return stable_id(kind.value, about.case_id, about.hazard.name, again, name, channel)


def _page(about: About, to: Addressee, kind: PageKind, due_at: datetime, now: datetime) -> Page:
    reason = "sites are exposed" if kind is PageKind.EXPOSURE else "all clear"
    what = about.hazard.title or about.hazard.name
    return Page(
        page_id=_page_id(about, kind, to.name, to.channel),
        kind=kind,
        incident_id=about.case_id,
        source_incident_id=about.source_incident_id,
        provider=about.provider,
        services=about.services,
        policy=about.policy.id,
        policy_version=about.policy.version,
        side=to.side,
        rung=0,
        loop=0,
        recipient=to.recipient,
        recipient_name=to.contact.name if to.contact else to.recipient,
        rota=to.rota,
        channel=to.channel,
        address=address_of(to.contact, to.channel),
        priority=about.priority,
        objective=None,
        reason=reason,
        title=f"{what}: {about.provider} {reason}",
        text=_text(about, kind, due_at),
        due_at=due_at,
        issued_at=now,
        late_s=max((now - due_at).total_seconds(), 0.0),
        hazard=about.hazard.name,
        cadence_s=cadence_s(about.policy),
        quota_per_h=to.contact.quota_per_h if to.contact else None,
        critical=False,
    )


def _text(about: About, kind: PageKind, due_at: datetime) -> str:
    services = ", ".join(about.services) or "all services"
    what = about.hazard.title or about.hazard.name
    if kind is PageKind.ALL_CLEAR:
        return f"{what} is over, and {about.provider} ({services}) holds since {format_instant(due_at)}."
    until = f" It is announced until {format_instant(about.hazard.end)}." if about.hazard.end else ""
    return (
        f"{what}: sites of {about.provider} ({services}) lie in its area.{until}\n"
        "Nothing is known to have failed. Clocks run only when something does."
    )
