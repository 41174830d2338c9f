"""The open points of a review: what of each incident is to be talked about, whose it is, and the evidence. Pure."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from models.agreement import AgreementVersion
from models.claims import claims_of
from models.episode import Case
from models.instants import format_instant
from models.lengths import length
from models.maintenance import why_not
from models.matter import Matter
from models.notice import Ruling
from models.paging import Page, Side
from models.pauses import pauses_of
from models.promises import Keeping, ledger
from models.records import Basis, ClockDocument, Objective, Verdict

PAST = (Verdict.BREACHED, Verdict.OVERDUE)
JUDGED = (
    Verdict.MET, Verdict.BREACHED, Verdict.OVERDUE, Verdict.INDETERMINATE, Verdict.EXCLUDED, Verdict.CANCELLED,
    Verdict.NOT_APPLICABLE,
)  # fmt: skip
"""Verdicts whose change is news."""
WHY_OUTSIDE = {
    "announced_late": "announced too late",
    "outside_windows": "outside the agreed windows",
    "not_announced": "never announced",
}
"""Reasons of ``models.maintenance`` in words; a cancelled maintenance is no point."""


class PointKind(StrEnum):
    """What a point is about, in the order in which an agenda has them."""

    REVIEW_MISSED = "review_missed"
    """An earlier review was not held."""
    ACTION = "action"
    """Somebody undertook something, and it is not done."""
    OPEN = "open"
    """The incident is not over."""
    BREACH = "breach"
    """A target was missed."""
    SILENCE = "silence"
    """Updates came too late, or not at all."""
    PROMISE = "promise"
    """A time that the provider named passed in vain."""
    UNKNOWN = "unknown"
    """A verdict that can't be known."""
    CHANGED = "changed"
    """A verdict was given anew; a breach may have been withdrawn."""
    CLAIM = "claim"
    """A pause or an exclusion that nobody ruled on, or that is disputed."""
    CREDIT = "credit"
    """Money to be claimed."""
    MAINTENANCE = "maintenance"
    """Work outside the terms that excuse it."""
    UNANSWERED = "unanswered"
    """A page was due to be answered, and was not."""
    UNDELIVERED = "undelivered"
    """A page could not be brought to somebody."""

    @property
    def rank(self) -> int:
        """Position in an agenda, from 0."""
        return tuple(PointKind).index(self)


@dataclass(frozen=True, slots=True)
class Point:
    """One point to be talked about."""

    kind: PointKind
    text: str
    """In words, instants in UTC."""
    side: Side | None
    """Who has to explain, or to act; None is both."""
    at: datetime
    """When it came about."""
    evidence: tuple[str, ...]
    """Ids of what shows it: clocks, notices, pages, deliveries, communications, reviews, actions."""
    incident_id: str | None = None
    due_at: datetime | None = None
    """Until when something is to be done about it, where that is known."""

    @property
    def order(self) -> tuple[int, datetime, str, str, tuple[str, ...]]:
        """Sort key: the kind, when it came about, the incident, the words."""
        return (self.kind.rank, self.at, self.incident_id or "", self.text, self.evidence)

    def line(self) -> dict[str, Any]:
        """Return its JSON object."""
        return {
            "kind": self.kind.value,
            "text": self.text,
            "side": None if self.side is None else self.side.value,
            "at": format_instant(self.at),
            "due_at": None if self.due_at is None else format_instant(self.due_at),
            "incident_id": self.incident_id,
            "evidence": list(self.evidence),
        }


Points = Iterator[Point]


def of_incident(matter: Matter, version: AgreementVersion, as_of: datetime) -> Points:
    """Yield the points of one incident.

    Args:
        matter: the incident with what belongs to it.
        version: of the agreement, that it was pinned to.
        as_of: how far the world has run; UTC.
    """
    yield from _open(matter)
    for clock in matter.agreed:
        if clock.objective is not Objective.UPDATE:
            yield from _breach(matter, clock, as_of)
        yield from _unknown_or_changed(matter, clock)
    yield from _silence(matter, as_of)
    yield from _promises(matter, version, as_of)
    yield from _claims(matter, version, as_of)
    yield from _pages(matter, as_of)


def of_maintenance(matter: Matter, version: AgreementVersion, as_of: datetime) -> Points:
    """Yield the point of a maintenance that its terms excuse nowhere."""
    why = WHY_OUTSIDE.get(why_not(matter.facts, version, as_of) or "")
    if why is not None:
        notices = tuple(sorted(fact.notice_id for fact in matter.facts))
        yield _point(matter, PointKind.MAINTENANCE, why, Side.PROVIDER, (matter.incident.started_at, notices))


def _point(
    matter: Matter, kind: PointKind, what: str, side: Side | None, shown: tuple[datetime, tuple[str, ...]]
) -> Point:
    incident = matter.incident
    return Point(kind, f"{matter.name}: {what}", side, shown[0], shown[1], incident.incident_id)


def _open(matter: Matter) -> Points:
    if matter.is_open:
        incident = matter.incident
        shown = (incident.started_at, (incident.incident_id,))
        what = f"not over; it is {incident.status.value} since {_when(incident.restored_at or incident.started_at)}"
        yield _point(matter, PointKind.OPEN, what, Side.PROVIDER, shown)


def _breach(matter: Matter, clock: ClockDocument, as_of: datetime) -> Points:
    if clock.verdict in PAST:
        target = length(timedelta(seconds=clock.target_s))
        over = _over(clock, as_of)
        state = "overdue" if clock.verdict is Verdict.OVERDUE else "late"
        late = "" if over is None else f" by {length(over)}"
        priority = f" ({clock.priority})" if clock.priority else ""
        words = f"{clock.objective.value.replace('_', ' ')}{priority} of {target} {state}{late}"
        shown = (clock.breached_at or clock.due_at or clock.occurred_at(), (clock.clock_id,))
        yield _point(matter, PointKind.BREACH, words, Side.PROVIDER, shown)


def _over(clock: ClockDocument, as_of: datetime) -> timedelta | None:
    """Return how far past its target a clock is: in its own service time where it stopped, else on the wall."""
    if clock.elapsed_max_s is not None:
        return timedelta(seconds=clock.elapsed_max_s - clock.target_s)
    return None if clock.due_at is None else max(timedelta(), as_of - clock.due_at)


def _unknown_or_changed(matter: Matter, clock: ClockDocument) -> Points:
    name, shown = clock.objective.value.replace("_", " "), (clock.occurred_at(), (clock.clock_id,))
    if clock.verdict is Verdict.INDETERMINATE:
        why = f": {clock.reason}" if clock.reason else ""
        yield _point(matter, PointKind.UNKNOWN, f"{name} can't be known{why}", None, shown)
    before = clock.replaces
    ran_on = before is Verdict.OVERDUE and clock.verdict is Verdict.BREACHED
    if before in JUDGED and before is not clock.verdict and not ran_on:
        withdrawn = before in PAST and clock.verdict not in PAST
        was, now = before.value.replace("_", " "), clock.verdict.value.replace("_", " ")
        words = f"{name} was {was}, is {now}" + (": the breach is withdrawn" if withdrawn else "")
        evidence = (clock.clock_id, *((clock.caused_by,) if clock.caused_by else ()))
        yield _point(matter, PointKind.CHANGED, words, None, (shown[0], evidence))


def _silence(matter: Matter, as_of: datetime) -> Points:
    missed = [one for one in matter.agreed if one.objective is Objective.UPDATE and one.verdict in PAST]
    if missed:
        worst = max((over for one in missed if (over := _over(one, as_of)) is not None), default=timedelta())
        gaps = sum(1 for one in matter.agreed if one.objective is Objective.UPDATE)
        words = f"{len(missed)} of {gaps} updates late or missing, the worst by {length(worst)}"
        first = min(one.breached_at or one.due_at or one.occurred_at() for one in missed)
        shown = (first, tuple(sorted(one.clock_id for one in missed)))
        yield _point(matter, PointKind.SILENCE, words, Side.PROVIDER, shown)


def _promises(matter: Matter, version: AgreementVersion, as_of: datetime) -> Points:
    for promise in ledger(matter.facts, version, as_of):
        if promise.basis is Basis.AGREED and promise.keeping in (Keeping.BROKEN, Keeping.LATE):
            what = "next word" if promise.of == "update" else "restoration"
            late = promise.late_by
            kept = "never came" if late is None else f"came {length(late)} late"
            words = f"{what} promised for {_when(promise.promised_at)} {kept}"
            notices = tuple(
                one.notice_id for one in (promise.made, promise.fulfilled) if one is not None and one.notice_id
            )
            yield _point(matter, PointKind.PROMISE, words, Side.PROVIDER, (promise.promised_at, notices))


def _claims(matter: Matter, version: AgreementVersion, as_of: datetime) -> Points:
    """Yield claims that wait for our word, and those that we dispute: the latter are for both sides."""
    case = Case.of(matter.facts)
    stated = [
        (f"exclusion {one.clause}", one.standing.ruling, one.said_at, one.notice_id)
        for one in claims_of(case, version, Basis.AGREED, as_of)
    ]
    asked = {spec.reason for spec in version.pauses if spec.needs_acceptance}
    stated += [
        (f"pause {one.reason}", one.standing.ruling, one.begin, one.notice_id)
        for one in pauses_of(case, Basis.AGREED, version.evidence, as_of)
        if one.reason in asked
    ]
    for what, ruling, said, notice in stated:
        if ruling in (Ruling.PROPOSED, Ruling.DISPUTED):
            is_ours = ruling is Ruling.PROPOSED
            words = f"{what} {'waits for our ruling' if is_ours else 'is disputed'}"
            side = Side.CUSTOMER if is_ours else None
            yield _point(matter, PointKind.CLAIM, words.replace("_", " "), side, (said, (notice,)))


def _pages(matter: Matter, as_of: datetime) -> Points:
    waited = [
        page
        for page in matter.told
        if page.answer_by is not None and page.answer_by < as_of and not matter.acknowledged(page)
    ]
    for name, pages in _by(waited, lambda page: page.recipient_name):
        told = "a page" if len(pages) == 1 else f"{len(pages)} pages"
        shown = (pages[0].issued_at, tuple(page.page_id for page in pages))
        yield _point(matter, PointKind.UNANSWERED, f"{told} to {name} not answered", pages[0].side, shown)
    failed: dict[tuple[str, str], list[str]] = {}
    for one in matter.undelivered:
        failed.setdefault((one.recipient, one.channel), []).append(one.delivery_id)
    for (who, channel), deliveries in failed.items():
        first = next(one.finished_at for one in matter.undelivered if one.delivery_id == deliveries[0])
        words = f"{who} could not be reached by {channel}"
        yield _point(matter, PointKind.UNDELIVERED, words, Side.CUSTOMER, (first, tuple(deliveries)))


def _by(pages: Iterable[Page], name: Callable[[Page], str]) -> Iterator[tuple[str, list[Page]]]:
    found: dict[tuple[str, str], list[Page]] = {}
    for page in pages:
        found.setdefault((name(page), page.side.value), []).append(page)
    yield from ((key[0], pages) for key, pages in found.items())


def _when(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M}"
