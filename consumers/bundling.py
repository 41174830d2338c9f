"""Which pages of one person on one channel go out now, which wait, and which are told in one message. Pure.

A function of the pages that wait, of what the person was told, and of the time; no clock, no I/O, so that a notifier
that is started again decides the same (measurement.md §10, ADR 0015). Nothing is ever dropped: a page is told, or waits
until an instant that is named.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from consumers.told import Subject, Told, is_most_urgent
from models.paging import Page, PageKind

MOST_MEMBERS = 100
"""Pages in one message at most; the rest wait for the next one."""
ALL_CLEAR_WITHIN = timedelta(hours=24)
"""How long an all-clear waits for those of the same hazard that are still missing."""
BREACHED = "breached"
"""How the reason of a rung ends that is about a broken promise (``models.policy.Condition``)."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Reason(StrEnum):
    """Why pages wait, and are told together."""

    DIGEST = "digest"
    HAZARD = "hazard"
    ALL_CLEAR = "all_clear"
    QUOTA = "quota"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A page that has not been tried yet."""

    page: Page
    offset: int
    """Its place on the topic."""
    since: datetime
    """From when on it waits: when it was issued, never later than now."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What does not come from the pages themselves.

    Attributes:
        gather: how long the first page of a hazard is held, so that others can join it.
        crowded: too many pages wait in memory: all but those past a quota are told now.
        paged_at: by hazard and subject, the place on the topic of its latest page: an all-clear before it is outdated.
    """

    gather: timedelta
    crowded: bool = False
    paged_at: Mapping[tuple[str, Subject], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Message:
    """Pages that go out as one message; a single one as itself."""

    waiting: tuple[Waiting, ...]
    due_at: datetime
    reason: Reason | None = None
    unclear: tuple[Subject, ...] = ()
    """Of an all-clear: whose is still missing."""

    @property
    def is_bundle(self) -> bool:
        """Return whether it needs a page of its own."""
        return len(self.waiting) > 1 or bool(self.unclear)


@dataclass(frozen=True, slots=True)
class Decision:
    """What happens next."""

    next: Message | None
    ready: Mapping[str, datetime]
    """Pages that need not wait any more, by id, and since when."""
    held: Mapping[str, Reason]
    """Pages that wait, by id."""
    wake_at: datetime | None
    """When there is something to decide again, if nothing else happens before."""


def is_ruled(page: Page) -> bool:
    """Return whether a page may have to wait; one that stands for others never does."""
    is_held = page.digest_s is not None or page.hazard is not None or page.quota_per_h is not None
    return is_held and page.kind is not PageKind.BUNDLE


def subject(page: Page) -> Subject:
    """Return what a page is about."""
    return (page.provider, page.incident_id)


def decide(waiting: Sequence[Waiting], told: Told, now: datetime, rules: Rules) -> Decision:
    """Return what goes out next to one person on one channel.

    Args:
        waiting: pages that have not been tried, in the order of the topic.
        told: what the person was told there.
        now: the product's instant.
        rules: see there.
    """
    due, held, wakes = [], {}, []
    for message in _messages(waiting, told, now, rules):
        quota = _quota(message)
        if message.due_at > now and not rules.crowded:
            held.update(_named(message, message.reason or Reason.DIGEST))
            wakes.append(message.due_at)
        elif quota is not None and told.count(now) >= quota and not _is_exempt(message, told):
            held.update(_named(message, Reason.QUOTA))
            wakes.append(told.frees_at(quota, now))
        else:
            due.append(message)
    ready = {one.page.page_id: message.due_at for message in due for one in message.waiting}
    chosen = _capped(min(_overflowed(due, told, now), key=_place)) if due else None
    return Decision(chosen, ready, held, min(wakes, default=None))


def _messages(waiting: Sequence[Waiting], told: Told, now: datetime, rules: Rules) -> Iterable[Message]:
    """Yield everything that waits as the messages that it would make, each with its due instant."""
    hazards: defaultdict[str, list[Waiting]] = defaultdict(list)
    digest: list[Waiting] = []
    for one in waiting:
        if one.page.hazard is not None:
            hazards[one.page.hazard].append(one)
        elif one.page.digest_s is not None:
            digest.append(one)
        else:
            yield Message((one,), one.since)
    if digest:
        yield Message(tuple(digest), min(map(_digest_at, digest)), Reason.DIGEST)
    for hazard, group in hazards.items():
        yield from _of_hazard(hazard, group, told, now, rules)


def _digest_at(one: Waiting) -> datetime:
    """Return the next whole multiple of a page's digest length since 1970."""
    every = timedelta(seconds=max(1.0, one.page.digest_s or 0.0))
    return _EPOCH + ((one.since - _EPOCH) // every + 1) * every


def _of_hazard(hazard: str, group: Sequence[Waiting], told: Told, now: datetime, rules: Rules) -> Iterable[Message]:
    """Yield what is to be told of one hazard: news, and the all-clear; all at once when all is clear."""
    clears = [one for one in group if one.page.kind is PageKind.ALL_CLEAR]
    news = [one for one in group if one.page.kind is not PageKind.ALL_CLEAR]
    cleared = {subject(one.page) for one in clears if one.offset > rules.paged_at.get((hazard, subject(one.page)), -1)}
    unclear = {*told.open(hazard), *(subject(one.page) for one in news)} - cleared
    if clears and not unclear:
        yield Message(tuple(group), max(one.since for one in clears), Reason.ALL_CLEAR)
        return
    if news:
        over = {subject(one.page) for one in news} & cleared
        joined = [one for one in group if one in news or subject(one.page) in over]
        clears = [one for one in clears if one not in joined]
        yield Message(tuple(joined), _news_at(hazard, news, told, now, rules), Reason.HAZARD)
    if clears:
        until = min(one.since for one in clears) + ALL_CLEAR_WITHIN
        yield Message(tuple(clears), until, Reason.ALL_CLEAR, tuple(sorted(unclear)))


def _news_at(hazard: str, news: Sequence[Waiting], told: Told, now: datetime, rules: Rules) -> datetime:
    """Return when news of a hazard are due: gathered, and by its cadence; a breach at p1 does not wait for that."""
    due = [_digest_at(one) for one in news if one.page.digest_s is not None]
    due += [one.since + rules.gather for one in news if _is_pressing(one.page)]
    others = [one for one in news if one.page.digest_s is None]
    if others:
        at = min(one.since for one in others) + rules.gather
        last = told.hazard_at(hazard, now)
        cadence = min((one.page.cadence_s for one in others if one.page.cadence_s is not None), default=0.0)
        due.append(at if last is None else max(at, last + timedelta(seconds=cadence)))
    return min(due)


def _is_pressing(page: Page) -> bool:
    return page.kind is PageKind.RUNG and is_most_urgent(page.priority) and page.reason.endswith(BREACHED)


def _quota(message: Message) -> int | None:
    quotas = [one.page.quota_per_h for one in message.waiting if one.page.quota_per_h is not None]
    return max(1, min(quotas)) if quotas else None


def _is_exempt(message: Message, told: Told) -> bool:
    """Return whether a quota does not hold a message up: it has the first page of an incident at p1."""
    pages = [one.page for one in message.waiting if one.page.kind is PageKind.RUNG]
    return any(is_most_urgent(page.priority) and not told.was_urgent(subject(page)) for page in pages)


def _overflowed(due: Sequence[Message], told: Told, now: datetime) -> list[Message]:
    """Return what is due, with all that waited for a quota made one message, the most urgent first."""
    limited = [(message, _quota(message)) for message in due if not _is_exempt(message, told)]
    overflow = [message for message, quota in limited if quota is not None]
    if not any(quota and told.was_full(quota, message.due_at, now) for message, quota in limited):
        return list(due)
    waiting = sorted((one for message in overflow for one in message.waiting), key=_urgency)
    unclear = tuple(sorted({one for message in overflow for one in message.unclear}))
    together = Message(tuple(waiting), min(message.due_at for message in overflow), Reason.QUOTA, unclear)
    return [*(message for message in due if message not in overflow), together]


def _urgency(one: Waiting) -> tuple[bool, str, int]:
    priority = (one.page.priority or "").lower()
    return (not priority, priority, one.offset)


def _place(message: Message) -> int:
    return min(one.offset for one in message.waiting)


def _capped(message: Message) -> Message:
    return Message(message.waiting[:MOST_MEMBERS], message.due_at, message.reason, message.unclear)


def _named(message: Message, reason: Reason) -> dict[str, Reason]:
    return {one.page.page_id: reason for one in message.waiting}
