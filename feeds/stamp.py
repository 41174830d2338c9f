"""Statements become notices: who received them when, for whom they are, what is odd about them. Pure."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import Field

from models.ids import stable_id
from models.notice import Flag, Kind, Notice, Phase, Statement, oddities
from models.provider import Provider

NOT_SAID = ("heads_incident", "source", "services")
"""Fields of statements that steer how they are stamped."""


class Attributed(Statement):
    """A statement about an incident that another feed may have told first."""

    source: str | None = Field(default=None, exclude=True)
    """The feed whose incident it concerns; None is the feed that it came by."""
    services: tuple[str, ...] = Field(default=(), exclude=True)
    """Of our agreement, where it names them."""

    def digest(self) -> str:
        """Return the digest of what was said; which services it names is a part of that."""
        said = super().digest()
        return stable_id(said, *self.services) if self.services else said


@dataclass(frozen=True)
class Look:
    """One look at one source.

    Attributes:
        source: feed id, or the format's name where no feed is configured.
        received_at: when the payload was in hand.
        received_after: the last successful look before it, if it is known.
        provider: of whom the feed speaks; None where no document says so.
    """

    source: str
    received_at: datetime
    received_after: datetime | None = None
    provider: Provider | None = None


def to_notice(statement: Statement, look: Look) -> Notice:
    """Stamp one statement. The same statement gets the same ``notice_id`` at every look.

    A hazard is of no provider; whom it exposes is told apart (``models.exposure``). A statement that names the feed
    whose incident it concerns becomes a notice of that source, so that it counts for that incident.
    """
    provider = None if statement.kind is Kind.HAZARD else look.provider
    fields = {name: getattr(statement, name) for name in Statement.model_fields if name not in NOT_SAID}
    fields["flags"] = tuple(dict.fromkeys((*statement.flags, *_oddities(statement, look.received_at))))
    source = (statement.source or look.source) if isinstance(statement, Attributed) else look.source
    return Notice(
        **fields,
        notice_id=_notice_id(statement, source),
        source=source,
        provider=provider.id if provider else None,
        services=_services(statement, provider),
        received_at=look.received_at,
        received_after=look.received_after,
    )


def _notice_id(statement: Statement, source: str) -> str:
    """Return the id: of what was said about what, by whichever feed it came.

    A statement of ours about a feed's incident never gets the id of what that feed itself says.
    """
    said = (source, statement.source_incident_id, statement.source_update_id, statement.digest())
    return stable_id("attributed", *said) if isinstance(statement, Attributed) else stable_id(*said)


def _services(statement: Statement, provider: Provider | None) -> tuple[str, ...]:
    """Return the services concerned: all where a feed names none.

    One of our own people who names none reports trouble with all of them, and otherwise speaks of an incident that is
    known: that must not widen it.
    """
    if isinstance(statement, Attributed):
        if statement.services:
            return statement.services
        if not statement.components and statement.phase is not Phase.REPORTED:
            return ()
    return provider.services_for(statement.components) if provider else ()


def _oddities(statement: Statement, received_at: datetime) -> tuple[Flag, ...]:
    """Return flags about the claimed times; warnings and planned maintenance speak of what is to come."""
    is_plan = statement.kind is not Kind.INCIDENT
    return oddities(statement.claimed_at, statement.claimed_end_at, received_at, is_plan=is_plan)
