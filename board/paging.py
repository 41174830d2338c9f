"""Who is paged next, who was paged, and what became of it, as the board says it. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from models.forecast import Foretold
from models.paging import Delivery, Outcome, Page, PlanDocument, PlannedPage, RungState, Side

FORETOLD_SHOWN = 12
"""Pages to come on an incident's page; the command and the API tell all of them."""


@dataclass(frozen=True)
class PageView:
    """Who was paged, and what became of it."""

    recipient: str
    side: Side
    channel: str
    reason: str
    due_at: datetime
    late_s: float
    outcome: str
    """``queued`` until a first attempt, else the latest attempt's ``Outcome``."""
    attempt: int
    error: str | None
    at: datetime


@dataclass(frozen=True)
class NextPage:
    """The escalation that comes next if nothing changes."""

    recipients: tuple[str, ...]
    side: Side
    condition: str
    due_at: datetime
    is_due: bool
    loop: int = 0
    """Which repetition of its rung; 0 is the first page."""


@dataclass(frozen=True)
class SideView:
    """One side's ladder: each rung for each recipient and channel, the lowest first."""

    side: Side
    rungs: tuple[PlannedPage, ...]


@dataclass(frozen=True)
class PlanView:
    """The escalation of one incident, and what comes of it if nothing happens."""

    plan: PlanDocument
    sides: tuple[SideView, ...]
    """Those that have a ladder, theirs first."""
    foretold: tuple[Foretold, ...] | None
    """None where it can't be said; ``reason`` says why."""
    reason: str | None
    unshown: int
    """Further pages within the time looked at."""


def plan_view(plan: PlanDocument, foretold: tuple[Foretold, ...] | None, reason: str | None = None) -> PlanView:
    """Return what the panel of an incident's escalation shows."""
    sides = [SideView(side, rungs) for side in Side if (rungs := tuple(one for one in plan.rungs if one.side is side))]
    shown = None if foretold is None else foretold[:FORETOLD_SHOWN]
    return PlanView(plan, tuple(sides), shown, reason, max(0, len(foretold or ()) - FORETOLD_SHOWN))


def page_views(pages: Sequence[Page], deliveries: Sequence[Delivery]) -> tuple[PageView, ...]:
    """Return pages with the outcome of their latest attempt, latest page first."""
    last: dict[str, Delivery] = {}
    for delivery in deliveries:
        known = last.get(delivery.page_id)
        if known is None or _attempt(delivery) > _attempt(known):
            last[delivery.page_id] = delivery
    views = [_page(page, last.get(page.page_id)) for page in pages]
    return tuple(sorted(views, key=lambda view: (view.at, view.recipient, view.channel), reverse=True))


def next_page(plan: PlanDocument | None, now: datetime) -> NextPage | None:
    """Return the earliest page still to come, first or repeated, with everybody that it tells; None where none is."""
    rungs = plan.rungs if plan is not None else ()
    waiting = [(at, rung) for rung in rungs for at in _ahead(rung, now)]
    if not waiting:
        return None
    due_at, first = min(waiting, key=lambda entry: (entry[0], entry[1].side, entry[1].rung))
    together = [one for at, one in waiting if (at, one.side, one.rung) == (due_at, first.side, first.rung)]
    people = tuple(dict.fromkeys(f"{one.recipient_name} by {one.channel}" for one in together))
    loop = first.loop + 1 if first.told_at is not None else 0
    return NextPage(people, first.side, first.condition, due_at, due_at <= now, loop)


def _ahead(rung: PlannedPage, now: datetime) -> Iterator[datetime]:
    """Yield when a rung is told next: for the first time, also at the end of what holds it back, or again."""
    held = rung.state is RungState.SUPPRESSED and rung.told_at is None and rung.due_at is not None and rung.due_at > now
    if rung.due_at is not None and (held or rung.state in (RungState.WAITING, RungState.DUE)):
        yield rung.due_at
    elif rung.next_loop_at is not None:
        yield rung.next_loop_at


def _attempt(delivery: Delivery) -> tuple[int, bool, datetime]:
    """Order attempts; within one, what was known after it outranks that it was begun."""
    return (delivery.attempt, delivery.outcome is not Outcome.SENDING, delivery.finished_at)


def _page(page: Page, last: Delivery | None) -> PageView:
    return PageView(
        recipient=page.recipient_name,
        side=page.side,
        channel=page.channel,
        reason=page.reason,
        due_at=page.due_at,
        late_s=page.late_s,
        outcome="queued" if last is None else last.outcome.value,
        attempt=0 if last is None else last.attempt,
        error=None if last is None else last.error,
        at=page.issued_at if last is None else last.finished_at,
    )
