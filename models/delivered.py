"""What the deliveries on record say of pages: told twice unmarked, or not told to an end. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.paging import Delivery, Outcome, Page

FINAL = frozenset({Outcome.SENT, Outcome.FAILED, Outcome.BUNDLED})
"""After these nothing more becomes of a page; after ``unknown`` neither, if it is not critical."""
HOUR = timedelta(hours=1)
"""In which a quota counts: a page past it is told with the others of the next hour at the latest."""


def sent_twice(deliveries: Iterable[Delivery]) -> Iterator[tuple[Delivery, str]]:
    """Find pages that went out again though the receiver may have had them, without saying so.

    Args:
        deliveries: in the order of the topic, per partition.

    Returns:
        The first such attempt of each page, and what is wrong with it.
    """
    doubts: dict[str, _Doubt] = {}
    told: set[str] = set()
    for one in deliveries:
        words = doubts.setdefault(one.page_id, _Doubt()).take(one)
        if words is not None and one.page_id not in told:
            told.add(one.page_id)
            yield one, words


@dataclass(slots=True)
class _Doubt:
    """Whether the receiver may have a page already."""

    sent: bool = False
    unknown: bool = False
    sending: bool = False

    def take(self, one: Delivery) -> str | None:
        """Take in one attempt, in order; say what is wrong with it."""
        wrong = None
        if one.outcome is Outcome.SENDING:
            had = "it had been sent" if self.sent else "the outcome of an attempt before is unknown"
            if (self.sent or self.unknown or self.sending) and not one.repeated:
                wrong = f"attempt {one.attempt} went to {one.recipient} by {one.channel} unmarked, though {had}"
            self.sending = True
            return wrong
        if one.outcome is Outcome.SENT and self.sent and not self.sending and not one.repeated:
            wrong = f"sent to {one.recipient} by {one.channel} twice (attempt {one.attempt}), unmarked"
        self.sent = self.sent or one.outcome is Outcome.SENT
        self.unknown = self.unknown or one.outcome is Outcome.UNKNOWN
        self.sending = False
        return wrong


def undelivered(pages: Iterable[Page], deliveries: Sequence[Delivery], before: datetime) -> Iterator[Page]:
    """Find pages without a final outcome.

    Args:
        pages: that are looked at.
        deliveries: all of them.
        before: pages issued later may still be under way; those that are held to be told with others may be later yet.
    """
    done = {one.page_id for one in deliveries if one.outcome in FINAL}
    doubtful = {one.page_id for one in deliveries if one.outcome is Outcome.UNKNOWN}
    for page in pages:
        is_done = page.page_id in done or (not page.critical and page.page_id in doubtful)
        if not is_done and page.issued_at + _may_wait(page) < before:
            yield page


def _may_wait(page: Page) -> timedelta:
    """Return for how long a page may be held to be told with others."""
    held = timedelta(seconds=(page.digest_s or 0.0) + (page.cadence_s or 0.0))
    return held + (HOUR if page.quota_per_h is not None else timedelta())
