"""Who is told when: the rungs of both ladders against an incident's circumstances (measurement.md §10). Pure.

``climb`` gives every rung with its computed instant, and how it goes on from there: held back, climbed over by silence,
repeated, acknowledged. Each rung, repetition, recipient and channel has one page id, so the same page is never issued
twice, however often this is asked.

The decisions behind it: docs/adr/0022-ladders.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

from models.conditions import Circumstances, reached
from models.decision import Action, Decision
from models.gates import Gates
from models.ids import stable_id
from models.paging import Channel, Side
from models.policy import Condition, EscalationPolicy, Rung

PAGED = ""
"""As the reason of what was told: nothing kept it back."""
HISTORY = "history: crossed long before it was known here"


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one page id."""

    reason: str
    """Empty where it was paged; else why not, in words."""
    at: datetime
    """Instant up to which the world had run then."""

    @property
    def is_paged(self) -> bool:
        """True where the page was issued."""
        return self.reason == PAGED


Handled = Mapping[str, Told]
"""By page id."""


@dataclass(frozen=True, slots=True)
class Names:
    """What a page id is made of besides rung, repetition, recipient and channel."""

    incident_id: str
    policy: EscalationPolicy

    def page_id(self, side: Side, number: int, loop: int, recipient: str, channel: str) -> str:
        """Return the id of one page: a hash of (incident, policy version, rung, loop, recipient, channel).

        The recipient is the name in the policy: a rota that changes never pages again what was told.
        """
        rung = f"{side.value}/{number}"
        return _page_id(self.incident_id, self.policy.id, self.policy.version, rung, loop, recipient, channel)

    def page_ids(self, side: Side, number: int, loop: int) -> list[str]:
        """Return the ids of all pages of one rung at one repetition."""
        rung = dict(self.policy.ladders())[side][number]
        return [self.page_id(side, number, loop, name, channel) for name in rung.notify for channel in rung.via]


@lru_cache(maxsize=65_536)
def _page_id(incident_id: str, policy: str, version: str, rung: str, loop: int, recipient: str, channel: str) -> str:
    return stable_id("page", incident_id, policy, version, rung, str(loop), recipient, channel)


@dataclass(frozen=True, slots=True)
class Step:
    """One rung of one ladder, with the instant at which it is told."""

    side: Side
    number: int
    """Position in its ladder, from 0."""
    rung: Rung
    due_at: datetime | None
    """When it is told; None where nothing leads to it any more, or nothing ever did."""
    reason: str | None = None
    """Why ``due_at`` is None, or what held it back until then, in words."""
    is_held: bool = False
    """True where ``reason`` says what held it."""
    by_silence: bool = False
    """True where nobody of the rung below answered before its own condition was reached."""
    told_at: datetime | None = None
    """When its first page was issued."""

    @property
    def stands(self) -> bool:
        """True where it was told, and what is known now still leads to it."""
        return self.told_at is not None and self.due_at is not None and self.due_at <= self.told_at

    @property
    def why(self) -> str:
        """Why somebody is told, in words."""
        if self.by_silence and not self.rung.when.silence:
            return f"no answer from the rung below; {self.rung.when} not reached yet"
        return str(self.rung.when)


@dataclass(frozen=True, slots=True)
class Climb:
    """Both ladders of one incident, as of an instant."""

    names: Names
    steps: tuple[Step, ...]
    acknowledged: Mapping[Side, tuple[Decision, ...]]
    """In order of time."""
    gates: Gates
    is_over: bool
    """True where nobody needs to be told again: restored, resolved, closed or called off."""
    back_at: datetime | None = None
    """When it failed again after it had been over: what would have been repeated in between is repeated then."""

    def top(self, side: Side, as_of: datetime) -> Step | None:
        """Return the highest rung of a side that was reached before an instant and told: the one that is repeated."""
        told = [one for one in self.steps if one.side is side and one.stands]
        return told[-1] if told and told[-1].told_at is not None and told[-1].told_at <= as_of else None

    def acknowledgement(self, step: Step) -> Decision | None:
        """Return the last acknowledgement of what a rung told; None where nobody gave one since."""
        since = [one for one in self.acknowledged[step.side] if step.told_at and one.decided_at >= step.told_at]
        return since[-1] if since else None


def climb(
    names: Names,
    around: Circumstances,
    decisions: Sequence[Decision],
    gates: Gates,
    handled: Handled,
    as_of: datetime,
) -> Climb:
    """Return every rung with its computed instant.

    Args:
        names: the incident, and its policy as pinned.
        around: the incident's circumstances as of an instant.
        decisions: of people, known by then, in order of time.
        gates: what holds pages back.
        handled: what became of pages before; tells when a rung was told.
        as_of: how far the world has run: what was not told in time is held by what stands now.
    """
    acknowledged = {
        side: tuple(one for one in decisions if one.action is Action.ACKNOWLEDGE and one.side is side) for side in Side
    }
    steps: list[Step] = []
    for side, ladder in names.policy.ladders():
        below: Step | None = None
        for number, rung in enumerate(ladder):
            silence = _silence(below, rung.when, acknowledged[side], around)
            below = _step(Step(side, number, rung, None), around, silence, gates)
            below = _told(below, Ahead(names, handled, gates, as_of, around.ended_at))
            steps.append(below)
    return Climb(names, tuple(steps), acknowledged, gates, around.ended_at is not None, around.back_at)


def _silence(
    below: Step | None, when: Condition, acknowledged: Sequence[Decision], around: Circumstances
) -> datetime | None:
    """Return when whoever the rung below told has been silent for too long; None where they were not.

    A rung that waits for silence and some time past it counts both: an answer in between keeps it quiet.
    """
    within = None if below is None else below.rung.acknowledge_within
    if below is None or within is None or within.fixed is None or below.due_at is None:
        return None
    if below.told_at is not None and not below.stands:
        return None
    told_at = below.told_at or below.due_at
    at = told_at + within.fixed + (when.delay if when.silence else timedelta())
    answered = any(told_at <= one.decided_at <= at for one in acknowledged)
    over = around.ended_at is not None and around.ended_at <= at
    return None if answered or over else at


def _step(bare: Step, around: Circumstances, silence: datetime | None, gates: Gates) -> Step:
    """Return a rung with its instant: of its own condition or of the silence below it, as the gates let it pass."""
    when = bare.rung.when
    own, why = reached(when, around)
    due = min((at for at in (own, silence) if at is not None), default=None)
    if due is None:
        reason = "not reached: the rung below told nobody, or was answered" if when.silence else why
        return Step(bare.side, bare.number, bare.rung, None, reason)
    by_silence = own is None or due < own
    return _held(replace(bare, due_at=due, by_silence=by_silence), gates, around.ended_at)


def _held(step: Step, gates: Gates, ended_at: datetime | None, at: datetime | None = None) -> Step:
    """Return a rung as the gates let it pass at an instant, its own by default; what is over by then is not told."""
    at = at or step.due_at
    assert at is not None
    passed = gates.pass_at(at, step.side, step.rung.hours)
    if passed.held is None:
        return step
    if passed.at is not None and ended_at is not None and ended_at <= passed.at:
        return replace(step, due_at=None, reason=f"{passed.held}; it was over by then", is_held=True)
    return replace(step, due_at=passed.at, reason=passed.held, is_held=True)


@dataclass(frozen=True, slots=True)
class Ahead:
    """What was told before, and what holds back now what was not."""

    names: Names
    handled: Handled
    gates: Gates
    as_of: datetime
    ended_at: datetime | None


def _told(step: Step, ahead: Ahead) -> Step:
    """Return a rung with the instant at which its first page was issued; one that is overdue as it is held now."""
    ids = ahead.names.page_ids(step.side, step.number, 0)
    found = [ahead.handled[name] for name in ids if name in ahead.handled]
    told = [one.at for one in found if one.is_paged]
    if told:
        return replace(step, told_at=min(told))
    if found or step.due_at is None or step.due_at >= ahead.as_of:
        return step
    return _held(step, ahead.gates, ahead.ended_at, ahead.as_of)


@dataclass(frozen=True, slots=True)
class Issue:
    """A page to be, and when."""

    page_id: str
    step: Step
    loop: int
    """0 for the first page of a rung."""
    due_at: datetime | None
    recipient: str
    """As the policy names it."""
    channel: Channel
    is_last_channel: bool
    """True for one channel of each recipient: that page carries the fallbacks."""


def issues(climbed: Climb, step: Step, loop: int, due_at: datetime | None) -> tuple[Issue, ...]:
    """Return one entry per recipient and channel of a rung at a repetition, in the policy's order."""
    return tuple(
        Issue(
            climbed.names.page_id(step.side, step.number, loop, recipient, channel),
            step,
            loop,
            due_at,
            recipient,
            channel,
            channel == step.rung.via[-1],
        )
        for recipient in step.rung.notify
        for channel in step.rung.via
    )
