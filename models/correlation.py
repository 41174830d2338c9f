"""Which of our witnesses saw which of a provider's incidents (ADR 0010). Pure.

A provider's own record is always an incident of its own. A witness's episode (one alert, one call) joins the incident
of the same provider whose services and times it shares, the one that began nearest; episodes that join none are
incidents that we saw and the provider has not admitted, together where they share services and times. All of it is a
function of the set of members, so the order in which they become known does not matter. An episode that nobody ended
for days is no witness of what begins then: see ``REACH``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.fact import Fact, Member
from models.ids import stable_id
from models.notice import OWN_TIMES, Kind, Phase

TOLERANCE = timedelta(minutes=30)
"""How far apart an alert and the provider's record of the same trouble may lie (our choice, ADR 0010)."""
REACH = timedelta(hours=24)
"""How much earlier an episode may have begun than what it is taken to be the same trouble as (our choice, ADR 0010)."""
ENDED = (Phase.RESTORED, Phase.RESOLVED, Phase.CLOSED, Phase.CANCELLED)
SAYS_NOTHING_OF_AN_END = (Phase.UPDATE, Phase.ROOT_CAUSE, *OWN_TIMES)
"""Said after an end, these do not take it back: a report weeks later must not draw new alerts to an old incident."""


@dataclass(frozen=True, slots=True)
class Span:
    """When and where one member was in trouble, by its own word. Instants UTC; ``end`` None while it lasts."""

    member: Member
    is_witness: bool
    kind: Kind
    services: frozenset[str]
    """Empty means all."""
    begin: datetime
    end: datetime | None
    first_received: datetime
    last_received: datetime

    @property
    def order(self) -> tuple[datetime, Member]:
        """Sort key: the member that we had in hand first."""
        return (self.first_received, self.member)


def span_of(member: Member, facts: Iterable[Fact]) -> Span:
    """Return the span of one member.

    Args:
        member: whose facts these are.
        facts: at least one, any order.
    """
    known = list(facts)
    begins = [
        fact.claimed_at
        for fact in known
        if fact.claimed_at is not None and fact.claim_usable and fact.phase not in OWN_TIMES
    ]
    begin = min(begins, default=None) or min(fact.spoken_at for fact in known)
    telling = [fact for fact in known if fact.phase not in SAYS_NOTHING_OF_AN_END]
    last = max(
        telling,
        key=lambda fact: (fact.spoken_at, fact.phase.rank, fact.received_at, fact.notice_id),
        default=None,
    )
    end = None
    if last is not None and last.phase in ENDED:
        end = last.claimed_end_at or (last.claimed_at if last.claim_usable else None) or last.spoken_at
    return Span(
        member=member,
        is_witness=all(fact.is_witness for fact in known),
        kind=known[0].kind,
        services=frozenset(service for fact in known for service in fact.services),
        begin=begin,
        end=None if end is None else max(begin, end),
        first_received=min(fact.received_at for fact in known),
        last_received=max(fact.received_at for fact in known),
    )


def touches(one: Span, other: Span, tolerance: timedelta = TOLERANCE) -> bool:
    """Return whether two spans share a service and, within the tolerance, a time."""
    if one.services and other.services and not one.services & other.services:
        return False
    if one.end is not None and one.end + tolerance < other.begin:
        return False
    return other.end is None or other.end + tolerance >= one.begin


def home_of(witness: Span, incidents: Iterable[Span]) -> Member | None:
    """Return the provider's record that a witness's episode joins: the one that began nearest; else None.

    One that began more than ``REACH`` before a record does not join it, however long it lasts.
    """
    near = [
        span
        for span in incidents
        if span.kind is Kind.INCIDENT and span.begin - witness.begin <= REACH and touches(witness, span)
    ]
    best = min(near, key=lambda span: (abs(span.begin - witness.begin), span.member), default=None)
    return None if best is None else best.member


def groups(spans: Mapping[Member, Span]) -> tuple[tuple[Member, ...], ...]:
    """Return the incidents of one provider: each a tuple of members, first received first.

    Args:
        spans: all members of the provider that are incidents or maintenance.
    """
    incidents = [span for span in spans.values() if not span.is_witness]
    gathered: dict[Member, list[Span]] = {span.member: [span] for span in incidents}
    alone: list[Span] = []
    for witness in (span for span in spans.values() if span.is_witness):
        home = home_of(witness, incidents)
        if home is None:
            alone.append(witness)
        else:
            gathered[home].append(witness)
    found = [*gathered.values(), *_clusters(alone)]
    return tuple(tuple(span.member for span in sorted(group, key=lambda span: span.order)) for group in found)


def _clusters(witnesses: Iterable[Span]) -> list[list[Span]]:
    """Unite witnesses' episodes that are of one trouble, also through others."""
    clusters: list[list[Span]] = []
    for witness in witnesses:
        joined = [cluster for cluster in clusters if any(_together(witness, span) for span in cluster)]
        clusters = [cluster for cluster in clusters if cluster not in joined]
        clusters.append([witness, *(span for cluster in joined for span in cluster)])
    return clusters


def _together(one: Span, other: Span) -> bool:
    """Return whether two episodes touch and began within ``REACH``: a forgotten alert must not swallow later ones."""
    return abs(one.begin - other.begin) <= REACH and touches(one, other)


def incident_id(provider: str, first: Member) -> str:
    """Return the id of the incident whose first received member this is."""
    return stable_id("incident", provider, *first)


def stands(before: Span, after: Span) -> bool:
    """Return whether a change leaves a member's place among the others as it was."""
    return (before.begin, before.end, before.services, before.first_received, before.kind, before.is_witness) == (
        after.begin, after.end, after.services, after.first_received, after.kind, after.is_witness,
    )  # fmt: skip
