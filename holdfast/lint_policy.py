"""What an escalation policy needs of other documents, and what is doubtful in it. Pure.

A policy speaks of people by name. Whom a name means depends on the provider whose incident it is, so it is held against
the providers whose agreements use the policy; against all of them where none does yet.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from models.agreement import AgreementVersion
from models.documents import Documents
from models.paging import Channel, Side
from models.policy import EscalationPolicy, Rung
from models.provider import Contact, Provider
from models.spec import Loc
from models.version_faults import nearest

Told = Iterator[tuple[Loc, str]]

ADDRESSES: dict[Channel, str] = {
    "email": "email", "slack": "slack", "teams": "teams", "pagerduty": "pagerduty", "opsgenie": "opsgenie",
    "sms": "phone", "apprise": "apprise",
}  # fmt: skip
"""The key of a contact that a channel needs; the other channels reach everybody."""


@dataclass(frozen=True)
class Named:
    """A name in a list of recipients: where it stands, on which side, by which channels."""

    loc: Loc
    name: str
    side: Side | None
    """None where people of both sides may stand."""
    via: Sequence[Channel]
    one_will_do: bool = False
    """True where it is enough to be reached by one of the channels."""


@dataclass(frozen=True)
class Use:
    """A policy, and the documents that it is held against."""

    policy: EscalationPolicy
    documents: Documents

    @cached_property
    def versions(self) -> tuple[tuple[str, AgreementVersion], ...]:
        """Every version of an agreement that names the policy, with the provider whom it binds."""
        agreements = self.documents.agreements.values()
        versions = ((one.provider, version) for one in agreements for version in one.versions)
        return tuple((provider, one) for provider, one in versions if one.escalation == self.policy.id)

    @cached_property
    def providers(self) -> tuple[Provider, ...]:
        """Whose incidents climb it; all where no agreement names it."""
        known = self.documents.providers
        ids = {provider for provider, _ in self.versions}
        return tuple(one for name, one in known.items() if name in ids) or tuple(known.values())

    @cached_property
    def rungs(self) -> tuple[tuple[Loc, Side, Rung], ...]:
        """All rungs with their places."""
        return tuple(
            ((f"{side.value}_ladder", index), side, rung)
            for side, rungs in self.policy.ladders()
            for index, rung in enumerate(rungs)
        )

    def named(self) -> Iterator[Named]:
        """Yield everybody whom the policy names, list by list."""
        for at, side, rung in self.rungs:
            via = (*rung.via, *rung.fallback_via)
            for key, names in (("notify", rung.notify), ("fallback_notify", rung.fallback_notify)):
                for position, name in enumerate(names):
                    yield Named((*at, key, position), name, side, via, key == "fallback_notify")
        hazard = self.policy.hazard
        for position, name in enumerate(hazard.notify if hazard else ()):
            yield Named(("hazard", "notify", position), name, None, hazard.via if hazard else ())

    def people(self, name: str) -> Iterator[tuple[str, Contact]]:
        """Yield whom a name may mean: (in words, contact); several where providers or members of a rota differ."""
        contacts = [one.contacts[name] for one in self.providers if name in one.contacts]
        yield from ((repr(name), one) for one in contacts)
        rota = self.documents.rotas.get(name)
        if rota is not None and not contacts:
            yield from ((f"{member!r} of rota {name!r}", one) for member, one in rota.members.items())


def policy_faults(policy: EscalationPolicy, documents: Documents) -> Told:
    """Yield names that lead nowhere, and rungs that wait for an answer that nobody waits for."""
    use = Use(policy, documents)
    known = sorted({name for one in use.providers for name in one.contacts} | documents.rotas.keys())
    where = "of a provider that uses this policy" if use.versions else "in any Provider document"
    for one in use.named():
        if one.name not in known:
            yield one.loc, f"no contact {one.name!r} {where}, and no rota{nearest(one.name, known)}"
    services = sorted({name for provider in use.providers for name in provider.services})
    for at, _, rung in use.rungs:
        service = rung.when.service
        if service is not None and service not in services:
            yield (*at, "when", "service"), f"no service {service!r} {where}{nearest(service, services)}"
    yield from _deaf(policy)


def _deaf(policy: EscalationPolicy) -> Told:
    """Yield rungs on silence that come after nobody who is asked to answer."""
    for side, rungs in policy.ladders():
        for index, rung in enumerate(rungs):
            loc: Loc = (f"{side.value}_ladder", index, "when", "silence")
            if rung.when.silence and index == 0:
                yield loc, "silence of whom? This is the first rung; put it above one with acknowledge_within"
            elif rung.when.silence and rungs[index - 1].acknowledge_within is None:
                yield loc, "never reached: give the rung below acknowledge_within, such as 10m"


def policy_doubts(policy: EscalationPolicy, documents: Documents) -> Told:
    """Yield recipients who can't be reached or stand on the wrong side, and conditions that never hold."""
    use = Use(policy, documents)
    for one in use.named():
        yield from _absent_somewhere(one, use)
        yield from _wrong_side(one, use)
        yield from _without_address(one, use)
    if use.versions:
        yield from _never(use)


def _absent_somewhere(one: Named, use: Use) -> Told:
    """Yield names that only some of the providers know."""
    with_it = [provider.id for provider in use.providers if one.name in provider.contacts]
    if use.versions and with_it and one.name not in use.documents.rotas:
        for provider in use.providers:
            if provider.id not in with_it:
                yield one.loc, f"provider {provider.id!r} uses this policy too and has no contact {one.name!r}"


def _wrong_side(one: Named, use: Use) -> Told:
    sides = {contact.side for _, contact in use.people(one.name)}
    if one.side is not None and sides and one.side not in sides:
        whose, ladder = ("theirs", "ours") if one.side is Side.CUSTOMER else ("ours", "theirs")
        yield (
            one.loc,
            f"{one.name!r} is one of {whose}, and this ladder is {ladder}: their answers count for another side",
        )


def _without_address(one: Named, use: Use) -> Told:
    """Yield channels that have no address for somebody; of a fallback only where no channel has one."""
    needed = [(channel, ADDRESSES[channel]) for channel in dict.fromkeys(one.via) if channel in ADDRESSES]
    is_reached = len(needed) < len(set(one.via))
    for who, contact in use.people(one.name):
        missing = [(channel, key) for channel, key in needed if getattr(contact, key) is None]
        if one.one_will_do and (is_reached or len(missing) < len(needed)):
            continue
        for channel, key in missing:
            yield one.loc, f"{who} is paged by {'e-mail' if channel == 'email' else channel} and has no {key}"


def _never(use: Use) -> Told:
    """Yield conditions that no version of an agreement with this policy can ever fulfil."""
    priorities = sorted({name for _, version in use.versions for name in version.priorities})
    promised = {promise.service for _, version in use.versions for promise in version.availability}
    for at, _, rung in use.rungs:
        when = rung.when
        if when.priority is not None and when.priority not in priorities:
            yield (*at, "when", "priority"), f"no agreement with this policy has {when.priority}"
        if when.burn_rate is not None and not (when.service in promised if when.service else promised):
            of = f" of {when.service}" if when.service else ""
            text = f"no agreement with this policy promises availability{of}, so there is no error budget to burn"
            yield (*at, "when", "burn_rate"), text
    for position, name in enumerate(use.policy.digest.priorities if use.policy.digest else ()):
        if name not in priorities:
            yield ("digest", "priorities", position), f"no agreement with this policy has {name}"
