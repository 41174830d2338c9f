"""Statements become notices: who received them when, for whom they are, what is odd about them. Pure."""

from dataclasses import dataclass
from datetime import datetime

from models.ids import stable_id
from models.instants import EARLIEST
from models.notice import Flag, Kind, Notice, Statement
from models.provider import Provider


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

    A hazard is of no provider; whom it exposes is told apart (``models.exposure``).
    """
    provider = None if statement.kind is Kind.HAZARD else look.provider
    fields = {name: getattr(statement, name) for name in Statement.model_fields if name != "heads_incident"}
    fields["flags"] = (*statement.flags, *_oddities(statement, look.received_at))
    return Notice(
        **fields,
        notice_id=stable_id(look.source, statement.source_incident_id, statement.source_update_id, statement.digest()),
        source=look.source,
        provider=provider.id if provider else None,
        services=provider.services_for(statement.components) if provider else (),
        received_at=look.received_at,
        received_after=look.received_after,
    )


def _oddities(statement: Statement, received_at: datetime) -> tuple[Flag, ...]:
    """Return flags about the claimed times (measurement.md §2).

    Warnings and planned maintenance speak of what is to come: a time ahead is no oddity there.
    """
    begin, end = statement.claimed_at, statement.claimed_end_at
    claims = [moment for moment in (begin, end) if moment is not None]
    is_plan = statement.kind is not Kind.INCIDENT
    flags = []
    if not is_plan and any(moment > received_at for moment in claims):
        flags.append(Flag.CLAIM_IN_FUTURE)
    if any(moment < EARLIEST for moment in claims):
        flags.append(Flag.CLAIM_TOO_OLD)
    if begin is not None and end is not None and end < begin:
        flags.append(Flag.END_BEFORE_BEGIN)
    return tuple(flags)
