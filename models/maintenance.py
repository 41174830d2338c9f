"""Planned maintenance: what of it a contract excuses (measurement.md §8). Pure.

Excused is only what lies inside the announced window, for the announced service, announced early enough, inside the
contract's weekly windows and within the monthly allowance. The last revision by stamp wins; a revision that comes too
late can take time away but not add any, so an overrun counts, and so does work declared after the fact.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.agreement import AgreementVersion
from models.calendar import Calendar
from models.calendar_spec import CalendarSpec
from models.clauses import MaintenanceSpec
from models.downtime import ZERO, Span, Stretch, merged, within
from models.episode import Case
from models.fact import Fact
from models.failures import called_off
from models.instants import EARLIEST
from models.notice import Flag, Kind, Phase, Speaker

ANNOUNCING = (Phase.REPORTED, Phase.UPDATE, Phase.PROMISED)


@dataclass(frozen=True, slots=True)
class Announcement:
    """One revision of a window: ``[begin, end)`` as announced, and when that was said."""

    said_at: datetime
    begin: datetime
    end: datetime
    notice_id: str

    @property
    def notice(self) -> timedelta:
        """How long before its begin it was announced; negative if after."""
        return self.begin - self.said_at


def announcements(facts: Iterable[Fact]) -> tuple[Announcement, ...]:
    """Return the windows that a maintenance announced, in the order in which it did.

    An edit keeps the stamp of what it edits, so it counts as said when we first had it.
    """
    told: set[tuple[str, str, str]] = set()
    found = []
    for fact in sorted(facts, key=lambda one: (one.received_at, one.spoken_at, one.notice_id)):
        is_edit = fact.statement in told
        told.add(fact.statement)
        if _announces(fact) and fact.claimed_at is not None and fact.claimed_end_at is not None:
            said = fact.received_at if is_edit else _said(fact)
            found.append(Announcement(said, fact.claimed_at, fact.claimed_end_at, fact.notice_id))
    return tuple(sorted(found, key=lambda one: (one.said_at, one.notice_id)))


def _announces(fact: Fact) -> bool:
    return (
        fact.kind is Kind.MAINTENANCE
        and fact.speaker is Speaker.PROVIDER
        and fact.phase in ANNOUNCING
        and Flag.TEST not in fact.flags
        and fact.claimed_at is not None
        and fact.claimed_end_at is not None
        and EARLIEST <= fact.claimed_at < fact.claimed_end_at
    )


def _said(fact: Fact) -> datetime:
    """A stamp from before our last look that did not show it is back-dated: then what we saw counts."""
    after = fact.received_after
    return fact.received_at if after is not None and fact.spoken_at < after else fact.spoken_at


def announced(facts: Iterable[Fact], as_of: datetime) -> tuple[Announcement, ...]:
    """Return the revisions that stand as of an instant; none where it was called off."""
    known = list(facts)
    if called_off(Case.of(known), as_of):
        return ()
    return tuple(one for one in announcements(known) if one.said_at <= as_of)


def excused_windows(facts: Iterable[Fact], version: AgreementVersion, as_of: datetime) -> tuple[Span, ...]:
    """Return the windows in which one maintenance is excused, before any monthly allowance."""
    spec = version.maintenance
    revisions = announced(facts, as_of)
    if spec is None or not revisions:
        return ()
    last = revisions[-1]
    timely = [one for one in revisions if one.notice >= spec.notice_time and one.notice > ZERO]
    if not timely:
        return ()
    begin, end = max(last.begin, timely[-1].begin), min(last.end, timely[-1].end)
    if begin >= end:
        return ()
    return merged(_weekly(spec, version.timezone).intervals(begin, end)) if spec.windows else ((begin, end),)


def _weekly(spec: MaintenanceSpec, zone: str) -> Calendar:
    return Calendar.of(CalendarSpec(hours=spec.windows), zone)


def why_not(facts: Iterable[Fact], version: AgreementVersion, as_of: datetime) -> str | None:
    """Say why a maintenance is excused nowhere; None where it is, or the contract excuses none."""
    known = list(facts)
    revisions = announced(known, as_of)
    if version.maintenance is None or excused_windows(known, version, as_of):
        return None
    if called_off(Case.of(known), as_of):
        return "cancelled"
    if not revisions:
        return "not_announced"
    asked = version.maintenance.notice_time
    is_late = all(one.notice < asked or one.notice <= ZERO for one in revisions[-1:])
    return "announced_late" if is_late else "outside_windows"


def allowed(
    stretches: Sequence[Stretch], windows: Iterable[Span], allowance: timedelta | None, used: timedelta = ZERO
) -> tuple[Span, ...]:
    """Return the downtime in excused windows that the monthly allowance covers, taken in order of time.

    Args:
        stretches: downtime of the service, disjoint and in order.
        windows: in which maintenance is excused.
        allowance: per month, in wall time; None is without bound.
        used: of it before, in the same month.
    """
    left = None if allowance is None else max(ZERO, allowance - used)
    found: list[Span] = []
    for one in within(stretches, windows):
        length = one.length if left is None else min(one.length, left)
        if length > ZERO:
            found.append((one.begin, one.begin + length))
        left = None if left is None else left - length
    return merged(found)
