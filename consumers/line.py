"""A line: the pages of one person on one channel, brought one after another in the order of the topic.

It drives what ``consumers.bundling`` decides. Other persons, and other channels of the same person, are other lines:
none waits for another. IO: through the courier and the outbox.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from consumers.bundle_page import LinkTo, bundle_page
from consumers.bundling import Decision, Message, Reason, Rules, Waiting, decide, is_ruled, subject
from consumers.courier import Courier, Limits, Outbox
from consumers.lease import Lease, Slot
from consumers.metrics import NotifierMetrics
from consumers.told import Subject
from models.paging import Page, PageKind
from models.ports import Clock

LOOK_AGAIN_S = 60.0
"""Real seconds after which a line looks at the clock again, whatever it said before: it may have been set."""
SHORTEST_S = 0.005


@dataclass(frozen=True)
class Desk:
    """What all lines share."""

    courier: Courier
    outbox: Outbox
    clock: Clock
    limits: Limits
    metrics: NotifierMetrics
    links: LinkTo | None = None


class Line:
    """The pages of one person on one channel, while their partition is ours."""

    def __init__(self, key: tuple[str, str], lease: Lease, desk: Desk) -> None:
        """Stand empty.

        Args:
            key: postbox and channel.
            lease: of the partition.
            desk: see there.
        """
        self._key = key
        self._lease = lease
        self._desk = desk
        self._plain: dict[str, Slot] = {}
        self._ruled: dict[str, Slot] = {}
        self._replaceable: dict[str, Slot] = {}
        """Of both: those for whom somebody else can be told."""
        self._claimed: dict[str, Slot] = {}
        """Told by a bundle that is on the topic already."""
        self._paged_at: dict[tuple[str, Subject], int] = {}
        self._is_busy = False
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def add(self, slot: Slot) -> None:
        """Take a page in; pages come in the order of the topic."""
        page, history = slot.page, self._lease.history
        self.saw(page, slot.offset)
        if history.bundle_of(page.page_id) is not None:
            self._claimed[page.page_id] = slot
        elif is_ruled(page) and not history.standing(page.page_id).attempt:
            self._ruled[page.page_id] = slot
        else:
            self._plain[page.page_id] = slot
        if page.fallbacks and page.page_id not in self._claimed:
            self._replaceable[page.page_id] = slot
        self._changed.set()
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())
            self._task.add_done_callback(self._ended)

    def saw(self, page: Page, offset: int) -> None:
        """Remember that a page is on the topic: an all-clear that comes before it is outdated by it."""
        if page.hazard is not None and page.kind is not PageKind.ALL_CLEAR:
            self._paged_at[(page.hazard, subject(page))] = offset

    def claim(self, members: Sequence[str]) -> None:
        """Give up pages that a bundle on the topic tells, as far as they were not begun."""
        for page_id in members:
            slot = self._pick(page_id)
            if slot is not None:
                self._claimed[page_id] = slot
        self._changed.set()

    def _pick(self, page_id: str) -> Slot | None:
        """Take a page out of those that wait."""
        self._replaceable.pop(page_id, None)
        return self._ruled.pop(page_id, None) or self._plain.pop(page_id, None)

    def close(self) -> None:
        """Begin with nothing more."""
        if self._task is not None:
            self._task.cancel()

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._lease.lines.pop(self._key, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._lease.fail("/".join(self._key), error)

    async def _run(self) -> None:
        while self._plain or self._ruled or self._claimed or self._is_busy:
            self._changed.clear()
            await self._settle_claims()
            delay_s = self._next()
            await self._lose_patience()
            try:
                async with asyncio.timeout(delay_s):
                    await self._changed.wait()
            except TimeoutError:
                continue

    async def _settle_claims(self) -> None:
        for page_id, slot in list(self._claimed.items()):
            bundle_id = self._lease.history.bundle_of(page_id)
            if bundle_id is not None and await self._lease.confirm():
                await self._desk.courier.bundled(slot.page, self._lease, bundle_id)
            del self._claimed[page_id]
            self._lease.finish(page_id)

    def _next(self) -> float:
        """Begin with what is next, unless something is under way; return the seconds until to look again."""
        now = self._desk.clock.now()
        decision = self._decide(now)
        if not self._is_busy:
            self._begin(decision, now)
        delay_s = self._note_waits()
        if decision.wake_at is not None:
            delay_s = min(delay_s, self._desk.clock.real_seconds_until(decision.wake_at))
        return max(SHORTEST_S, delay_s)

    def _decide(self, now: datetime) -> Decision:
        waiting = []
        for slot in self._ruled.values():
            slot.since = min(slot.since, now)
            waiting.append(Waiting(slot.page, slot.offset, slot.since))
        crowded = len(self._lease.slots) > self._desk.limits.held
        rules = Rules(timedelta(seconds=self._desk.limits.gather_s), crowded, self._paged_at)
        decision = decide(waiting, self._lease.history.told(*self._key), now, rules)
        for page_id, slot in self._ruled.items():
            slot.held = decision.held.get(page_id)
            slot.ready_at = None if slot.held is not None else slot.ready_at or decision.ready.get(page_id, now)
        return decision

    def _begin(self, decision: Decision, now: datetime) -> None:
        """Begin with what comes first on the topic of all that is ready."""
        first, message = next(iter(self._plain.values()), None), decision.next
        if first is not None and (message is None or first.offset < min(one.offset for one in message.waiting)):
            message = Message((Waiting(first.page, first.offset, first.since),), first.since)
        if message is not None:
            slots = [slot for one in message.waiting if (slot := self._pick(one.page.page_id)) is not None]
            if message.is_bundle:
                self._tell_together(message, slots, now)
            else:
                self._bring(slots[0])

    def _bring(self, slot: Slot) -> None:
        self._is_busy, page = True, slot.page
        self._lease.start(page.page_id, self._desk.courier.bring(page, self._lease), lambda: self._done([slot]))

    def _tell_together(self, message: Message, slots: list[Slot], now: datetime) -> None:
        self._is_busy = True
        bundle, key = bundle_page(message, now, self._desk.links), slots[0].page.page_id
        self._lease.start(key, self._bundle(bundle, message, slots), lambda: self._done(slots))

    async def _bundle(self, bundle: Page, message: Message, slots: list[Slot]) -> None:
        """Put a bundle on the topic, and only then on record that its members are told by it.

        It comes back from the topic as any page does, and is sent then. A crash in between is made good when the
        partition is opened: bundles past the committed offset are looked for first.
        """
        lease, desk = self._lease, self._desk
        if not await lease.confirm():
            return
        await desk.outbox.publish(bundle)
        lease.history.told(*self._key).reserve(bundle.page_id, bundle.issued_at, bundle.hazard)
        desk.metrics.bundles.labels((message.reason or Reason.QUOTA).value).inc()
        await asyncio.gather(*(desk.courier.bundled(slot.page, lease, bundle.page_id) for slot in slots))

    def _done(self, slots: Sequence[Slot]) -> None:
        for slot in slots:
            self._lease.finish(slot.page.page_id)
        self._is_busy = False
        self._changed.set()

    def _note_waits(self) -> float:
        """Note who waits for others only, from when on; return the seconds until somebody has waited too long."""
        left_s, now_s = LOOK_AGAIN_S, time.monotonic()
        for slot in self._replaceable.values():
            if not self._is_busy or slot.held is not None:
                slot.behind_s = None
            else:
                slot.behind_s = slot.behind_s or now_s
                left_s = min(left_s, slot.behind_s + self._desk.limits.patience_s - now_s)
        return left_s

    async def _lose_patience(self) -> None:
        """Tell somebody else where a page has waited too long behind others of this line."""
        limit_s, now_s = self._desk.limits.patience_s, time.monotonic()
        for slot in list(self._replaceable.values()):
            if slot.behind_s is not None and now_s - slot.behind_s >= limit_s and await self._lease.confirm():
                page = slot.page
                if self._pick(page.page_id) is None:
                    continue  # a bundle came meanwhile that tells it
                why = f"waited {limit_s:g} s behind other pages to {page.recipient} by {page.channel}"
                await self._desk.courier.give_up(page, self._lease, why)
                self._lease.finish(page.page_id)
