"""The agenda of a review meeting: every open point of an agreement, with its evidence and whose it is. Pure.

Built from what is on record alone; any order and copies of it give the same agenda.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.agenda_points import Point, PointKind, of_incident, of_maintenance
from models.agreement import Agreement
from models.availability import Evidence, availability
from models.communication import Communication
from models.credits import NOTHING, ClaimState, credit
from models.failures import Trouble
from models.figures import Figures, figures
from models.instants import format_instant
from models.matter import Matter, unique
from models.meetings import actions
from models.months import Month, Period, periods
from models.notice import Kind
from models.paging import Side
from models.promises import Keeping, ledger, tally
from models.provider import Contact
from models.reviews import Review, missed, reviews

AGENDA_AT_MOST = 2_000
"""Points shown; more than that no meeting gets through, and the count says how many there are."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What is looked back on, and as of when."""

    review: Review
    contacts: Mapping[str, Contact]
    """The provider's document's, by id: whose an action is."""
    as_of: datetime

    @property
    def agreement(self) -> Agreement:
        """The agreement under review."""
        return self.review.owed.agreement


@dataclass(frozen=True, slots=True)
class Agenda:
    """What a review meeting has to go through."""

    review: Review
    as_of: datetime
    incidents: int
    """That began in the period."""
    still_open: int
    """Of them, and of older ones."""
    figures: tuple[Figures, ...]
    """Of the clocks of the period's incidents, on the agreed basis."""
    promises: Mapping[Keeping, int]
    """Made in the period's incidents, on the agreed basis."""
    points: tuple[Point, ...]

    def line(self) -> dict[str, Any]:
        """Return the object of ``holdfast reviews agenda --json``: its keys are part of the interface."""
        return {
            "review": self.review.line(),
            "as_of": format_instant(self.as_of),
            "incidents": self.incidents,
            "still_open": self.still_open,
            "figures": [one.line() for one in self.figures],
            "promises": {keeping.value: self.promises.get(keeping, 0) for keeping in Keeping},
            "points": [one.line() for one in self.points[:AGENDA_AT_MOST]],
            "points_left_out": max(0, len(self.points) - AGENDA_AT_MOST),
        }


def agenda(setting: Setting, matters: Iterable[Matter], communications: Iterable[Communication]) -> Agenda:
    """Return the agenda of a review.

    Args:
        setting: which review, and as of when.
        matters: incidents and maintenances of the provider that touch the period, and all open ones; those of other
            agreements are left out.
        communications: of the provider, all of them: minutes of earlier meetings have the actions.
    """
    every, known = unique(matters), list(communications)
    ours = [one for one in every if _is_of(one, setting)]
    of_period = [one for one in ours if _began_within(one, setting)]
    waiting = [one for one in ours if _is_older_and_open(one, setting)]
    points: list[Point] = []
    for matter in (*of_period, *waiting):
        version = matter.version(setting.agreement) or setting.review.owed.version
        points += of_incident(matter, version, setting.as_of)
    points += [point for one in every for point in _maintenance(one, setting)]
    points += [*_reviews(setting, known), *_actions(setting, known), *_credits(setting, every)]
    return Agenda(
        review=setting.review,
        as_of=setting.as_of,
        incidents=len(of_period),
        still_open=sum(1 for one in (*of_period, *waiting) if one.is_open),
        figures=figures(clock for one in of_period for clock in one.agreed),
        promises=_promises(setting, of_period),
        points=tuple(sorted(points, key=lambda point: point.order)),
    )


def _is_of(matter: Matter, setting: Setting) -> bool:
    incident, agreement = matter.incident, setting.agreement
    return incident.provider == agreement.provider and incident.agreement == agreement.id


def _began_within(matter: Matter, setting: Setting) -> bool:
    owed = setting.review.owed
    return owed.begin <= matter.incident.started_at < min(owed.end, setting.as_of)


def _is_older_and_open(matter: Matter, setting: Setting) -> bool:
    return matter.is_open and matter.incident.started_at < setting.review.owed.begin


def _maintenance(matter: Matter, setting: Setting) -> Iterator[Point]:
    incident, owed = matter.incident, setting.review.owed
    is_ours = incident.kind == "maintenance" and incident.provider == setting.agreement.provider
    concerns = not incident.services or set(incident.services) & set(owed.version.services)
    if is_ours and concerns and _began_within(matter, setting):
        yield from of_maintenance(matter, owed.version, setting.as_of)


def _promises(setting: Setting, matters: Iterable[Matter]) -> Mapping[Keeping, int]:
    found: Counter[Keeping] = Counter()
    for one in matters:
        found += tally(ledger(one.facts, one.version(setting.agreement) or setting.review.owed.version, setting.as_of))
    return found


def _reviews(setting: Setting, communications: Sequence[Communication]) -> Iterator[Point]:
    """Yield earlier reviews that were missed."""
    for one in missed(reviews(setting.agreement, communications, setting.as_of)):
        if one.owed.begin < setting.review.owed.begin:
            text = f"Review of {one.owed.period.name}: {one.reason}"
            yield Point(PointKind.REVIEW_MISSED, text, None, one.owed.due_at, (one.owed.review_id,))


def _actions(setting: Setting, communications: Iterable[Communication]) -> Iterator[Point]:
    """Yield open actions of earlier meetings with the provider, of this agreement or of none in particular."""
    for one in actions(communications):
        detail, contact = one.detail, setting.contacts.get(one.detail.owner)
        is_ours = one.provider == setting.agreement.provider and one.agreement in (None, setting.agreement.id)
        if one.is_open and is_ours and one.raised_at <= setting.as_of:
            owner = contact.name if contact is not None else detail.owner
            until = "" if detail.due_on is None else f", until {detail.due_on}"
            state = ": overdue" if one.is_overdue(setting.as_of) else ""
            yield Point(
                PointKind.ACTION,
                f"{owner}: {detail.text}{until}{state}",
                None if contact is None else contact.side,
                one.raised_at,
                (detail.action_id, one.communication_id),
            )


def _credits(setting: Setting, matters: Iterable[Matter]) -> Iterator[Point]:
    """Yield what the months that end in the period pay back, while it can be claimed."""
    evidence = Evidence(tuple(_trouble(one) for one in matters if one.incident.provider == setting.agreement.provider))
    for month in _months(setting):
        for part in periods(setting.agreement, month):
            yield from _credit(setting, part, evidence)


def _credit(setting: Setting, part: Period, evidence: Evidence) -> Iterator[Point]:
    if part.version.credits is None or not part.version.availability:
        return
    found = [availability(evidence, part, promise, setting.as_of) for promise in part.version.availability]
    one = credit(found, setting.as_of)
    if one is None or one.state is not ClaimState.OPEN or one.amount <= NOTHING:
        return
    until = "" if one.claim_by is None else f", to be claimed until {one.claim_by:%Y-%m-%d %H:%M}"
    yearly = "" if one.spec.cap_year is None else "; the yearly cap is not looked at"
    text = f"Credit for {part.month}: {one.amount} {one.currency or ''}".rstrip() + until + yearly
    incidents = sorted({name for line in one.lines if line.amount for name in line.incident_ids})
    yield Point(PointKind.CREDIT, text, Side.CUSTOMER, part.span[1], tuple(incidents), due_at=one.claim_by)


def _months(setting: Setting) -> Iterator[Month]:
    """Yield the calendar months whose end lies in the period, in the contract's zone."""
    owed = setting.review.owed
    first = owed.period.first
    month = Month(first.year, first.month)
    while month.bounds(owed.version.timezone)[1] <= owed.end:
        yield month
        month = month.following


def _trouble(matter: Matter) -> Trouble:
    incident = matter.incident
    kind = Kind.MAINTENANCE if incident.kind == "maintenance" else Kind.INCIDENT
    return Trouble(incident.incident_id, kind, incident.services, matter.facts)
