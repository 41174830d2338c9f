"""Who is paged next, who was paged, and what became of it, as the board says it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from models.paging import Delivery, Outcome, Page, PlanDocument, PlannedPage, RungState, Side


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
    """Return the earliest rung still to come, with everybody that it tells; None where no rung waits."""
    rungs = plan.rungs if plan is not None else ()
    waiting: list[tuple[datetime, PlannedPage]] = [
        (rung.due_at, rung)
        for rung in rungs
        if rung.due_at is not None and rung.state in (RungState.WAITING, RungState.DUE)
    ]
    if not waiting:
        return None
    due_at, first = min(waiting, key=lambda entry: (entry[0], entry[1].side, entry[1].rung))
    together = [one for at, one in waiting if (at, one.side, one.rung) == (due_at, first.side, first.rung)]
    people = tuple(dict.fromkeys(f"{one.recipient_name} by {one.channel}" for one in together))
    return NextPage(people, first.side, first.condition, due_at, due_at <= now)


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
