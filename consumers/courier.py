"""The courier: one page's way to its receiver, attempt by attempt, each on record before and after.

Kafka is not known here: records and pages go out through functions that return when they are safe. IO: by the channels.
"""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from consumers.attempts import FINAL, DeliveryHistory
from consumers.backoff import Backoff
from consumers.channels import Attempt, Channel, Result
from consumers.entries import Took, delivery
from consumers.failover import stand_in
from consumers.metrics import NotifierMetrics
from consumers.told import Telling
from models.paging import Delivery, Outcome, Page
from models.ports import Clock

log = logging.getLogger("holdfast.notify")


@dataclass(frozen=True)
class Limits:
    """How hard and how long to try. Times are real seconds, but for ``gather_s``.

    Attributes:
        attempts: in all for one page; then it has failed.
        first_pause_s: after the first attempt; doubles.
        longest_pause_s: cap of a pause.
        per_receiver: attempts at one receiver at once; one that hangs holds up only these.
        in_flight: pages taken and unfinished, of all receivers, before no more are taken; held ones do not count.
        grace_s: to end attempts under way when a partition is given up.
        patience_s: how long a page waits behind others to the same person on the same channel, before somebody else is
            told in its place; where there is nobody else it waits on.
        gather_s: how long the first page of a hazard is held for others to join it; the product's seconds.
        held: pages held in memory, of a partition, before they are told early.
    """

    attempts: int = 8
    first_pause_s: float = 1.0
    longest_pause_s: float = 60.0
    per_receiver: int = 4
    in_flight: int = 10_000
    grace_s: float = 35.0
    patience_s: float = 120.0
    gather_s: float = 20.0
    held: int = 20_000


class Hold(Protocol):
    """The courier's view of the partition that a page is on."""

    number: int
    """Of the partition: deliveries of its pages go to the one with the same number."""
    history: DeliveryHistory
    attempting: set[str]
    closed: bool

    async def confirm(self) -> bool:
        """Return whether the partition is certainly still ours; waits where that has to be asked first."""
        ...


@dataclass(frozen=True)
class Outbox:
    """Where records and pages are put; both return when the broker has them, and their errors end the work."""

    record: Callable[[int, str, Delivery], Awaitable[None]]
    """Takes the partition, the postbox and the delivery."""
    publish: Callable[[Page], Awaitable[None]]


class Courier:
    """Brings pages, and nothing twice without saying so."""

    def __init__(
        self,
        channels: Mapping[str, Channel],
        clock: Clock,
        limits: Limits,
        outbox: Outbox,
        metrics: NotifierMetrics,
    ) -> None:
        """Keep the collaborators.

        Args:
            channels: by ``Page.channel``.
            clock: dates deliveries.
            limits: see there.
            outbox: takes deliveries, and pages that stand in for others.
            metrics: where to count.
        """
        self._channels = channels
        self._clock = clock
        self._limits = limits
        self._outbox = outbox
        self._metrics = metrics
        self._places: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(limits.per_receiver))

    async def bring(self, page: Page, hold: Hold) -> None:
        """Deliver one page: returns when it has a final outcome, or when its partition was given up.

        Raises:
            Exception: whatever the outbox raises; the page is then taken up again after a restart.
        """
        standing = hold.history.standing(page.page_id)
        attempt = Attempt(page, max(1, standing.attempt), standing.repeated)
        if standing.outcome is Outcome.SENDING:
            cut_off = Result(Outcome.UNKNOWN, error="cut off by a restart")
            if page.critical:
                await self._note(hold, attempt, cut_off)
            else:
                await self._note(hold, attempt, _not_again(cut_off), instead=False)
        pauses = Backoff(self._limits.first_pause_s, self._limits.longest_pause_s, seed=page.page_id)
        while not hold.history.is_final(page.page_id):
            standing = hold.history.standing(page.page_id)
            attempt = Attempt(page, standing.attempt + 1, standing.repeated)
            tried = await self._attempt(hold, attempt)
            if tried is None or hold.closed or tried.outcome in FINAL:
                return
            await asyncio.sleep(max(pauses.pause_s(attempt.number), tried.retry_after_s or 0.0))

    async def give_up(self, page: Page, hold: Hold, why: str) -> None:
        """End with a page without another attempt; who is next in line for it is told."""
        standing = hold.history.standing(page.page_id)
        attempt = Attempt(page, standing.attempt + 1, standing.repeated)
        await self._note(hold, attempt, Result(Outcome.FAILED, error=why))

    async def bundled(self, page: Page, hold: Hold, bundle_id: str) -> None:
        """Put on record that a page is told within another one."""
        attempt = Attempt(page, hold.history.standing(page.page_id).attempt + 1, False)
        await self._note(hold, attempt, Result(Outcome.BUNDLED), bundle_id=bundle_id)

    async def _attempt(self, hold: Hold, attempt: Attempt) -> Result | None:
        """Make one attempt, with ``sending`` on record before it and its outcome after it; None if it is not ours."""
        page = attempt.page
        channel = self._channels.get(page.channel)
        if channel is None:
            result = Result(Outcome.FAILED, error=f"channel {page.channel} is not set up here")
            await self._note(hold, attempt, result)
            return result
        async with self._places[channel.receiver(page)]:
            if not await hold.confirm():
                return None
            hold.attempting.add(page.page_id)
            try:
                await self._note(hold, attempt, Result(Outcome.SENDING))
                if not await hold.confirm():  # the process may have been frozen since
                    not_sent = Result(Outcome.RETRYING, error="not sent: the partition moved to another notifier")
                    await self._note(hold, attempt, not_sent)
                    return None
                started_at, started = self._clock.now(), time.monotonic()
                known = await _deliver(channel, attempt)
                seconds = time.monotonic() - started
                self._metrics.attempt_seconds.labels(page.channel).observe(seconds)
                result, took = self._last_word(attempt, known), Took(started_at, self._clock.now(), seconds)
                await self._note(hold, attempt, result, took, instead=page.critical or known.outcome != Outcome.UNKNOWN)
                return result
            finally:
                hold.attempting.discard(page.page_id)

    def _last_word(self, attempt: Attempt, result: Result) -> Result:
        """Give up after the last attempt, and where a page that is not critical may have come."""
        if result.outcome is Outcome.UNKNOWN and not attempt.page.critical:
            return _not_again(result)
        if result.outcome in FINAL or attempt.number < self._limits.attempts:
            return result
        doubt = "; the receiver may have it" if attempt.repeated or result.outcome is Outcome.UNKNOWN else ""
        error = f"given up after {attempt.number} attempts{doubt}: {result.error}"
        return replace(result, outcome=Outcome.FAILED, error=error)

    async def _note(
        self,
        hold: Hold,
        attempt: Attempt,
        result: Result,
        took: Took | None = None,
        *,
        bundle_id: str | None = None,
        instead: bool = True,
    ) -> None:
        """Put one delivery on record, then remember it; before a failure, the page that goes out in its place.

        A crash between the two is harmless: the page is tried again, and what stands in for it has the same id then.
        """
        page, now, other = attempt.page, self._clock.now(), None
        if result.outcome is Outcome.FAILED and page.fallbacks and instead:
            other = stand_in(page, now)
            await self._outbox.publish(other)
            self._metrics.failovers.inc()
        entry = delivery(attempt, result, took or Took(now, now)).model_copy(
            update={"bundle_id": bundle_id, "failed_over_to": other and other.page_id}
        )
        await self._outbox.record(hold.number, page.postbox, entry)
        hold.history.note(page.page_id, attempt.number, result.outcome)
        if result.outcome in FINAL:
            hold.history.told(page.postbox, page.channel).note(Telling.of(entry))
        self._metrics.attempts.labels(page.channel, result.outcome.value).inc()
        level = logging.WARNING if result.error else logging.INFO
        if result.outcome is not Outcome.SENDING:
            log.log(
                level,
                "page_id=%s recipient=%s channel=%s attempt=%d outcome=%s repeated=%s error=%r",
                *(page.page_id, page.recipient, page.channel, attempt.number, result.outcome.value),
                *(attempt.repeated, result.error),
            )


def _not_again(result: Result) -> Result:
    return replace(result, outcome=Outcome.FAILED, error=f"unknown, not tried again: not critical: {result.error}")


async def _deliver(channel: Channel, attempt: Attempt) -> Result:
    try:
        return await channel.deliver(attempt)
    except Exception as error:
        # A page that breaks a channel must cost its own delivery only, not stop those of everybody else.
        log.exception("page_id=%s channel=%s", attempt.page.page_id, attempt.page.channel)
        return Result(Outcome.UNKNOWN, error=f"{type(error).__name__}: {error}")
