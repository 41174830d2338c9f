"""The courier: one page's way to its receiver, attempt by attempt, each on record before and after.

Kafka is not known here: records go out through a function that returns when they are safe. IO: by the channels.
"""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from consumers.attempts import DeliveryHistory
from consumers.backoff import Backoff
from consumers.channels import Attempt, Channel, Result
from consumers.metrics import NotifierMetrics
from models.ids import stable_id
from models.paging import Delivery, Outcome, Page
from models.ports import Clock

log = logging.getLogger("holdfast.notify")


@dataclass(frozen=True)
class Limits:
    """How hard and how long to try. Times are real seconds.

    Attributes:
        attempts: in all for one page; then it has failed.
        first_pause_s: after the first attempt; doubles.
        longest_pause_s: cap of a pause.
        per_receiver: attempts at one receiver at once; one that hangs holds up only these.
        in_flight: pages taken and unfinished, of all receivers, before no more are taken.
        grace_s: to end attempts under way when a partition is given up.
    """

    attempts: int = 8
    first_pause_s: float = 1.0
    longest_pause_s: float = 60.0
    per_receiver: int = 4
    in_flight: int = 10_000
    grace_s: float = 35.0


class Hold(Protocol):
    """The courier's view of the partition that a page is on."""

    history: DeliveryHistory
    attempting: set[str]
    closed: bool

    async def confirm(self) -> bool:
        """Return whether the partition is certainly still ours; waits where that has to be asked first."""
        ...


class Courier:
    """Brings pages, and nothing twice without saying so."""

    def __init__(
        self,
        channels: Mapping[str, Channel],
        clock: Clock,
        limits: Limits,
        record: Callable[[Delivery], Awaitable[None]],
        metrics: NotifierMetrics,
    ) -> None:
        """Keep the collaborators.

        Args:
            channels: by ``Page.channel``.
            clock: dates deliveries.
            limits: see there.
            record: returns when a delivery is safe on its topic; its errors end the work.
            metrics: where to count.
        """
        self._channels = channels
        self._clock = clock
        self._limits = limits
        self._record = record
        self._metrics = metrics
        self._places: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(limits.per_receiver))

    async def bring(self, page: Page, hold: Hold) -> None:
        """Deliver one page: returns when it has a final outcome, or when its partition was given up.

        Raises:
            Exception: whatever ``record`` raises; the page is then taken up again after a restart.
        """
        standing = hold.history.standing(page.page_id)
        if standing.outcome is Outcome.SENDING:
            cut_off = Result(Outcome.UNKNOWN, error="cut off by a restart")
            await self._note(page, hold, standing.attempt, cut_off, standing.repeated)
            standing = hold.history.standing(page.page_id)
        pauses = Backoff(self._limits.first_pause_s, self._limits.longest_pause_s, seed=page.page_id)
        attempt, repeated = standing.attempt + 1, standing.repeated
        while True:
            result = await self._attempt(page, hold, Attempt(page, attempt, repeated))
            if result is None or hold.closed or hold.history.is_final(page.page_id):
                return
            repeated = repeated or result.outcome is Outcome.UNKNOWN
            await asyncio.sleep(max(pauses.pause_s(attempt), result.retry_after_s or 0.0))
            attempt += 1

    async def _attempt(self, page: Page, hold: Hold, attempt: Attempt) -> Result | None:
        """Make one attempt, with ``sending`` on record before it and its outcome after it; None if it is not ours."""
        channel = self._channels.get(page.channel)
        if channel is None:
            result = Result(Outcome.FAILED, error=f"channel {page.channel} is not set up here")
            await self._note(page, hold, attempt.number, result, attempt.repeated)
            return result
        async with self._places[channel.receiver(page)]:
            if not await hold.confirm():
                return None
            hold.attempting.add(page.page_id)
            try:
                await self._note(page, hold, attempt.number, Result(Outcome.SENDING), attempt.repeated)
                if not await hold.confirm():  # the process may have been frozen since
                    not_sent = Result(Outcome.RETRYING, error="not sent: the partition moved to another notifier")
                    await self._note(page, hold, attempt.number, not_sent, attempt.repeated)
                    return None
                started_at, started = self._clock.now(), time.monotonic()
                result = self._last_word(attempt, await _deliver(channel, attempt))
                seconds = time.monotonic() - started
                self._metrics.attempt_seconds.labels(page.channel).observe(seconds)
                await self._note(page, hold, attempt.number, result, attempt.repeated, started_at, seconds)
                return result
            finally:
                hold.attempting.discard(page.page_id)

    def _last_word(self, attempt: Attempt, result: Result) -> Result:
        """Give up after the last attempt."""
        if result.outcome in (Outcome.SENT, Outcome.FAILED) or attempt.number < self._limits.attempts:
            return result
        doubt = "; the receiver may have it" if attempt.repeated or result.outcome is Outcome.UNKNOWN else ""
        error = f"given up after {attempt.number} attempts{doubt}: {result.error}"
        return Result(Outcome.FAILED, result.status_code, error)

    async def _note(
        self,
        page: Page,
        hold: Hold,
        attempt: int,
        result: Result,
        repeated: bool,
        started_at: datetime | None = None,
        seconds: float = 0.0,
    ) -> None:
        """Put one delivery on record, then remember it."""
        now = self._clock.now()
        delivery = Delivery(
            delivery_id=stable_id(page.page_id, str(attempt), result.outcome.value),
            page_id=page.page_id,
            incident_id=page.incident_id,
            provider=page.provider,
            recipient=page.recipient,
            channel=page.channel,
            attempt=attempt,
            outcome=result.outcome,
            repeated=repeated,
            status_code=result.status_code,
            error=result.error,
            started_at=started_at or now,
            finished_at=now,
            latency_ms=round(seconds * 1000, 3),
        )
        await self._record(delivery)
        hold.history.note(page.page_id, attempt, result.outcome)
        self._metrics.attempts.labels(page.channel, result.outcome.value).inc()
        level = logging.WARNING if result.error else logging.INFO
        if result.outcome is not Outcome.SENDING:
            log.log(
                level,
                "page_id=%s recipient=%s channel=%s attempt=%d outcome=%s repeated=%s error=%r",
                *(page.page_id, page.recipient, page.channel, attempt, result.outcome.value, repeated, result.error),
            )


async def _deliver(channel: Channel, attempt: Attempt) -> Result:
    try:
        return await channel.deliver(attempt)
    except Exception as error:
        # A page that breaks a channel must cost its own delivery only, not stop those of everybody else.
        log.exception("page_id=%s channel=%s", attempt.page.page_id, attempt.page.channel)
        return Result(Outcome.UNKNOWN, error=f"{type(error).__name__}: {error}")
