"""Regular reviews of an agreement: which are owed, until when, and which were held. Pure.

What is owed follows from the agreement alone; what was held from the minutes on record. A review that was not held in
time is a finding of its own. The rules are in ADR 0019.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from models.agreement import Agreement, AgreementVersion
from models.clauses import ReviewSpec
from models.communication import Communication, CommunicationKind
from models.ids import stable_id
from models.instants import format_instant, seconds
from models.meetings import standing
from models.review_periods import ReviewPeriod, midnight


class ReviewState(StrEnum):
    """Where one review stands."""

    HELD = "held"
    """Minutes are on record, in time or late."""
    DUE = "due"
    """The period is over, and there is still time."""
    MISSED = "missed"
    """The time is over too, and no minutes are on record: a finding."""
    UPCOMING = "upcoming"
    """The period still runs."""


@dataclass(frozen=True, slots=True)
class Owed:
    """One review that an agreement asks for."""

    agreement: Agreement
    version: AgreementVersion
    """In force at the period's end."""
    spec: ReviewSpec
    period: ReviewPeriod
    begin: datetime
    """Of what it looks back on: the period, less what lies outside the agreement. UTC."""
    end: datetime
    """Exclusive."""

    @property
    def due_at(self) -> datetime:
        """The last instant at which it is held in time."""
        return self.end + (self.spec.due_within.fixed or timedelta())

    @property
    def review_id(self) -> str:
        """Of (provider, agreement, period)."""
        return stable_id("review", self.agreement.provider, self.agreement.id, self.period.name)


@dataclass(frozen=True, slots=True)
class Review:
    """One review as it stands."""

    owed: Owed
    state: ReviewState
    reason: str
    """Why it stands so, in words."""
    meetings: tuple[Communication, ...] = ()
    """Minutes of it, the first meeting first."""
    late: timedelta | None = None
    """How late it was held, or is by now; None in time."""

    def line(self) -> dict[str, Any]:
        """Return the object of ``holdfast reviews list --json``: its keys are part of the interface."""
        owed = self.owed
        return {
            "review_id": owed.review_id,
            "provider": owed.agreement.provider,
            "agreement": owed.agreement.id,
            "agreement_version": owed.version.version,
            "period": owed.period.name,
            "begin": format_instant(owed.begin),
            "end": format_instant(owed.end),
            "due_at": format_instant(owed.due_at),
            "owners": list(owed.spec.owners),
            "state": self.state.value,
            "reason": self.reason,
            "late_s": None if self.late is None else seconds(self.late),
            "held_at": format_instant(self.meetings[0].happened_at) if self.meetings else None,
            "communication_ids": [one.communication_id for one in self.meetings],
        }


def owed(agreement: Agreement, as_of: datetime) -> tuple[Owed, ...]:
    """Return the reviews of all periods that have begun, in order of time.

    A period that two versions share is owed once, under the later one, if both ask for it at the same rhythm; else
    each version owes its own part.
    """
    found: dict[str, Owed] = {}
    for version, last in _in_force(agreement):
        for one in _of_version(agreement, version, last, as_of):
            before = found.get(one.period.name)
            begin = one.begin if before is None else min(before.begin, one.begin)
            found[one.period.name] = Owed(agreement, version, one.spec, one.period, begin, one.end)
    begun = (one for one in found.values() if one.begin <= as_of)
    return tuple(sorted(begun, key=lambda one: (one.begin, one.period.name)))


def reviews(agreement: Agreement, communications: Iterable[Communication], as_of: datetime) -> tuple[Review, ...]:
    """Return every review that an agreement asks for, as it stands at an instant.

    Args:
        agreement: whose.
        communications: of its provider, any order, copies allowed; what is no review of this agreement is left out.
        as_of: how far the world has run; UTC.
    """
    held: dict[str, list[Communication]] = {}
    for one in standing(communications):
        ours = one.provider == agreement.provider and one.agreement == agreement.id
        if ours and one.kind is CommunicationKind.REVIEW and one.review_period and one.happened_at <= as_of:
            held.setdefault(one.review_period, []).append(one)
    return tuple(_judged(one, held.get(one.period.name, ()), as_of) for one in owed(agreement, as_of))


def missed(found: Iterable[Review]) -> tuple[Review, ...]:
    """Return those that were missed."""
    return tuple(one for one in found if one.state is ReviewState.MISSED)


def to_look_back_on(found: Iterable[Review], period: str | None = None) -> Review | None:
    """Return the review that a meeting now would be.

    The named one, else the latest of a period that is over and was not looked back on, else the latest of all.

    Args:
        found: of one agreement, in order of time.
        period: by name; None chooses.

    Returns:
        None where the agreement asks for no such review.
    """
    every = list(found)
    if period is not None:
        return next((one for one in every if one.owed.period.name == period), None)
    waiting = [one for one in every if one.state in (ReviewState.DUE, ReviewState.MISSED)]
    return waiting[-1] if waiting else every[-1] if every else None


def _in_force(agreement: Agreement) -> Iterator[tuple[AgreementVersion, date | None]]:
    """Yield versions in order, each with the first local day on which it is in force no more."""
    ordered = sorted(agreement.versions, key=lambda version: version.effective_from)
    for position, version in enumerate(ordered):
        following = [one.effective_from for one in ordered[position + 1 : position + 2]]
        yield version, min((day for day in (version.effective_to, *following) if day is not None), default=None)


def _of_version(
    agreement: Agreement, version: AgreementVersion, last: date | None, as_of: datetime
) -> Iterator[Owed]:  # fmt: skip
    spec = version.review
    if spec is None:
        return
    first = max(version.effective_from, spec.since or version.effective_from)
    period = ReviewPeriod.containing(spec.every, first)
    while (last is None or max(period.first, first) < last) and midnight(period.first, version.timezone) <= as_of:
        begin = midnight(max(period.first, first), version.timezone)
        end = midnight(period.until if last is None else min(period.until, last), version.timezone)
        yield Owed(agreement, version, spec, period, begin, end)
        period = period.following


def _judged(one: Owed, held: Iterable[Communication], as_of: datetime) -> Review:
    meetings = tuple(
        sorted(
            (meeting for meeting in held if meeting.happened_at >= one.begin),
            key=lambda meeting: (meeting.happened_at, meeting.communication_id),
        )
    )
    if meetings:
        first = meetings[0]
        late = max(timedelta(), first.happened_at - one.due_at) or None
        reason = f"held on {_day(first.happened_at)} by {', '.join(first.people)}" + (", late" if late else "")
        return Review(one, ReviewState.HELD, reason, meetings, late)
    if as_of < one.end:
        return Review(one, ReviewState.UPCOMING, f"the period runs until {_day(one.end)}")
    if as_of <= one.due_at:
        return Review(one, ReviewState.DUE, f"the period is over; to be held until {_day(one.due_at)}")
    reason = f"was to be held until {_day(one.due_at)}; no minutes are on record"
    return Review(one, ReviewState.MISSED, reason, (), as_of - one.due_at)


def _day(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"
