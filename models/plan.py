"""Who is told when: the rungs of both ladders against an incident's clocks (measurement.md §10). Pure.

Rungs climb by the agreed basis only. Each rung, recipient and channel has one computed instant and one page id, so the
same page is never issued twice, however often this is asked.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.clocks import Reading
from models.ids import stable_id
from models.paging import PlannedPage, RungState, Side
from models.policy import Channel, Condition, EscalationPolicy, Rung
from models.provider import Contact
from models.records import Basis, Objective, Verdict

FIRST_LOOP = 0
"""Ladders are climbed once in this release; repeating an unacknowledged rung comes with the escalation release."""


@dataclass(frozen=True, slots=True)
class Step:
    """One rung of one ladder, with the instant at which it is reached."""

    side: Side
    number: int
    """Position in its ladder, from 0."""
    rung: Rung
    due_at: datetime | None
    """None where nothing runs towards it any more, or nothing ever did."""
    reason: str | None
    """Why ``due_at`` is None, in words."""


@dataclass(frozen=True, slots=True)
class Climb:
    """Both ladders of one incident."""

    policy: EscalationPolicy
    steps: tuple[Step, ...]


def climb(policy: EscalationPolicy, readings: Iterable[Reading]) -> Climb:
    """Return every rung with its computed instant.

    Args:
        policy: of the incident's agreement version.
        readings: all clocks of the incident; those on other bases than ``agreed`` are left out.
    """
    agreed: dict[Objective, list[Reading]] = {}
    for reading in readings:
        if reading.basis is Basis.AGREED:
            agreed.setdefault(reading.objective, []).append(reading)
    steps = []
    for side, ladder in policy.ladders():
        for number, rung in enumerate(ladder):
            clocks = agreed.get(rung.when.objective, []) if rung.when.objective else []
            due = _reached(rung.when, clocks)
            steps.append(Step(side, number, rung, due, None if due else _why_never(clocks)))
    return Climb(policy, tuple(steps))


def _reached(when: Condition, clocks: Sequence[Reading]) -> datetime | None:
    """Return when a condition is, was or will be reached if the clocks run on."""
    running = [clock for clock in clocks if clock.verdict not in (Verdict.CANCELLED, Verdict.EXCLUDED)]
    if when.missed is not None:
        at = _missed(running, when.missed)
    elif when.share is not None:
        at = min((found for clock in running if (found := clock.reaches(when.share))), default=None)
    else:
        at = min((found for clock in running if (found := clock.reaches(1.0, for_certain=True))), default=None)
    delay = when.after.fixed if when.after is not None else None
    return at if at is None or delay is None else _delayed(at + delay, running)


def _delayed(at: datetime, clocks: Sequence[Reading]) -> datetime | None:
    """A delay past a condition counts only while the clock still runs: what is over needs no further rung."""
    if all(clock.stopped_at is not None and clock.stopped_at <= at for clock in clocks):
        return None
    return at


def _missed(clocks: Sequence[Reading], wanted: int) -> datetime | None:
    """Return when that many intervals in a row passed without the provider speaking.

    A silence of two intervals is two misses; a gap within the interval starts the count again.
    """
    row = 0
    for clock in sorted(clocks, key=lambda reading: reading.ordinal):
        passed = 0
        while (at := clock.reaches(float(passed + 1), for_certain=True)) is not None:
            passed += 1
            if row + passed == wanted:
                return at
        row = row + passed if passed else 0
    return None


def _why_never(clocks: Sequence[Reading]) -> str:
    if not clocks:
        return "no such clock: the agreement promises nothing here for this priority"
    verdict = clocks[-1].verdict
    return f"not reached: {clocks[-1].objective.value} is {verdict.value}"


def page_id(incident_id: str, policy: EscalationPolicy, step: Step, recipient: str, channel: str) -> str:
    """Return the id of one page: a hash of (incident, policy version, rung, loop, recipient, channel)."""
    rung = f"{step.side.value}/{step.number}"
    return stable_id("page", incident_id, policy.id, policy.version, rung, str(FIRST_LOOP), recipient, channel)


@dataclass(frozen=True, slots=True)
class Issue:
    """A page to be, and what became of it."""

    page_id: str
    step: Step
    recipient: str
    channel: Channel


def issues(incident_id: str, climbed: Climb) -> tuple[Issue, ...]:
    """Return one entry per rung, recipient and channel, in ladder order."""
    return tuple(
        Issue(page_id(incident_id, climbed.policy, step, recipient, channel), step, recipient, channel)
        for step in climbed.steps
        for recipient in step.rung.notify
        for channel in step.rung.via
    )


@dataclass(frozen=True, slots=True)
class Crossing:
    """Which rungs are paged now, and which are recorded without paging."""

    paged: tuple[Issue, ...]
    suppressed: Mapping[str, str]
    """Page id to the reason in words."""


@dataclass(frozen=True, slots=True)
class Lateness:
    """How far the world has run beyond the computed instants, and from where on that counts as late."""

    now: datetime
    tolerance: timedelta


def prompt(due: Iterable[Issue], late: Lateness) -> tuple[Issue, ...]:
    """Return the reached rungs that are in time: they are paged at once, each of them."""
    return tuple(issue for issue in due if not _is_late(issue, late))


def cross(due: Sequence[Issue], late: Lateness, *, over: str | None) -> Crossing:
    """Decide which of the newly reached rungs are paged, once the world has caught up.

    Args:
        due: reached and not handled before, of one incident.
        late: after an outage of the tracker only the highest crossed rung of each ladder is paged.
        over: why nobody needs to be told any more, in words; None while somebody does.
    """
    suppressed: dict[str, str] = {}
    paged: list[Issue] = []
    for side in Side:
        mine = [issue for issue in due if issue.step.side is side]
        top = max((issue.step.number for issue in mine if _is_late(issue, late)), default=None)
        for issue in mine:
            if over is not None and _is_late(issue, late):
                suppressed[issue.page_id] = over
            elif _is_late(issue, late) and issue.step.number != top:
                suppressed[issue.page_id] = "a higher rung was crossed before anybody could be paged"
            else:
                paged.append(issue)
    return Crossing(tuple(paged), suppressed)


def _is_late(issue: Issue, late: Lateness) -> bool:
    assert issue.step.due_at is not None
    return late.now - issue.step.due_at > late.tolerance


def planned(issue: Issue, contact: Contact | None, state: RungState, reason: str | None) -> PlannedPage:
    """Return the plan's entry for one rung, recipient and channel."""
    return PlannedPage(
        page_id=issue.page_id,
        side=issue.step.side,
        rung=issue.step.number,
        condition=str(issue.step.rung.when),
        objective=issue.step.rung.when.objective,
        recipient=issue.recipient,
        recipient_name=contact.name if contact else issue.recipient,
        channel=issue.channel,
        due_at=issue.step.due_at,
        state=state,
        reason=reason,
    )


def address_of(contact: Contact | None, channel: str) -> str | None:
    """Return where a contact takes pages on a channel; None lets the notifier's settings decide."""
    if contact is None:
        return None
    return {"email": contact.email, "webhook": contact.webhook}.get(channel)
