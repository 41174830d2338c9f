"""What surrounds an incident besides its own facts: hazards, holds, decisions about the whole provider. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from models.agreement import AgreementVersion
from models.correlation import Span, touches
from models.decision import Decision
from models.fact import Fact, Member
from models.failures import Trouble
from models.gates import Hold
from models.maintenance import excused_windows
from models.notice import Flag, Kind, Phase


@dataclass(frozen=True, slots=True)
class HazardOver:
    """A hazard over the provider's sites, in the time of an incident or by itself."""

    name: str
    """``source/id``."""
    title: str | None
    services: tuple[str, ...]
    since: datetime
    """When we first knew of it."""
    end: datetime | None
    """When it ends by its last word, or when that withdrew it; None while nobody knows."""
    is_withdrawn: bool


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a ladder depends on besides its incident."""

    hazards: tuple[HazardOver, ...] = ()
    """Of its area and time, withdrawn ones too; by name."""
    decisions: tuple[Decision, ...] = ()
    """About all incidents of the provider."""
    maintenance: tuple[tuple[Fact, ...], ...] = ()
    """The facts of each announced maintenance that concerns its services."""
    troubles: Callable[[], tuple[Trouble, ...]] = tuple
    """Returns the other incidents of the provider that lasted within the hours before as-of; asked only where a rung
    waits for a burn rate, since it looks at all of them."""

    @property
    def exposures(self) -> tuple[str, ...]:
        """The hazards that stand, by name."""
        return tuple(one.name for one in self.hazards if not one.is_withdrawn)


def hazard_over(member: Member, facts: Iterable[Fact], as_of: datetime) -> HazardOver | None:
    """Return a hazard as it was known at an instant; None where nothing was, or it is a test."""
    known = sorted(
        (fact for fact in facts if fact.received_at <= as_of and Flag.TEST not in fact.flags),
        key=lambda fact: (fact.received_at, fact.notice_id),
    )
    if not known:
        return None
    withdrawn = next((fact for fact in known if fact.phase is Phase.CANCELLED), None)
    ends = [fact.claimed_end_at for fact in known if fact.claimed_end_at is not None]
    return HazardOver(
        "/".join(member),
        next((fact.title for fact in reversed(known) if fact.title), None),
        tuple(sorted({service for fact in known for service in fact.services})),
        known[0].received_at,
        withdrawn.received_at if withdrawn is not None else ends[-1] if ends else None,
        withdrawn is not None,
    )


def shadow(exposure: Fact) -> Span:
    """Return when and over which services a hazard stood: its own claimed interval, open where it names no end."""
    begin = exposure.claimed_at or exposure.spoken_at
    return Span(
        member=exposure.member,
        is_witness=False,
        kind=Kind.EXPOSURE,
        services=frozenset(exposure.services),
        begin=begin,
        end=exposure.claimed_end_at,
        first_received=exposure.received_at,
        last_received=exposure.received_at,
    )


def hazards_over(
    exposures: Mapping[Member, Mapping[str, Fact]], spans: Sequence[Span], as_of: datetime
) -> tuple[HazardOver, ...]:
    """Return the hazards in whose area and time an incident lies, by name.

    Args:
        exposures: facts by id, of every hazard over the provider's sites.
        spans: of the incident's members.
        as_of: what was known by then counts.
    """
    found = []
    for member, facts in exposures.items():
        known = [fact for fact in facts.values() if fact.received_at <= as_of]
        if any(touches(shadow(fact), span) for fact in known for span in spans):
            hazard = hazard_over(member, known, as_of)
            found += [hazard] if hazard is not None else []
    return tuple(sorted(found, key=lambda one: one.name))


def maintenance_holds(
    maintenance: Iterable[Sequence[Fact]], version: AgreementVersion, as_of: datetime
) -> tuple[Hold, ...]:
    """Return the holds of announced maintenance: only inside the window, and as far as the agreement excuses it."""
    holds = []
    for facts in maintenance:
        known = [fact for fact in facts if fact.received_at <= as_of]
        for begin, end in excused_windows(known, version, as_of) if known else ():
            name = known[0].source_incident_id
            holds.append(Hold(begin, end, f"planned maintenance {name} until {end:%Y-%m-%d %H:%M} UTC"))
    return tuple(holds)
