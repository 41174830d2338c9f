"""Attempts to deliver a page: what the deliveries on record mean for the next one. Pure.

At least once, made safe by ids: ``sending`` is on the topic before the receiver is spoken to, so an attempt that a
crash cut off is known, recorded as ``unknown`` and repeated under the same idempotency key, marked as repeated. A page
with a final outcome is never sent again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from consumers.told import Telling, Told
from models.paging import Outcome, Page, PageKind

FINAL = frozenset({Outcome.SENT, Outcome.FAILED, Outcome.BUNDLED})
REMEMBERED = 250_000
"""Pages with a final outcome kept in memory, about 40 MB; duplicates on the topic come within seconds, not months. More
where more pages lie past the committed offset: each of these is read again after a restart."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a page without a final outcome stands."""

    attempt: int
    """The latest one, from 1; 0 before the first."""
    outcome: Outcome | None
    repeated: bool
    """Whether some attempt's outcome is unknown."""


NEVER_TRIED = Standing(0, None, False)


class DeliveryHistory:
    """The outcomes of the pages of one partition, in the order of their records."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        """Start empty.

        Args:
            remembered: finished pages to keep; unfinished ones are always kept.
        """
        self._remembered = remembered
        self._final: dict[str, None] = {}
        self._open: dict[str, Standing] = {}
        self._told: dict[tuple[str, str], Told] = {}
        self._bundles: dict[str, None] = {}
        self._bundled: dict[str, str] = {}

    def note(self, page_id: str, attempt: int, outcome: Outcome) -> None:
        """Take in one delivery record. Once final, a page stays final."""
        if page_id in self._final:
            return
        if outcome in FINAL:
            self._open.pop(page_id, None)
            self._bundled.pop(page_id, None)
            self._final[page_id] = None
            if len(self._final) > self._remembered:
                del self._final[next(iter(self._final))]
            return
        known = self._open.get(page_id, NEVER_TRIED)
        repeated = known.repeated or outcome is Outcome.UNKNOWN
        if attempt >= known.attempt:
            self._open[page_id] = Standing(attempt, outcome, repeated)

    def note_wire(self, value: bytes, postbox: str = "") -> None:
        """Take in one record's bytes, with its key; what is no delivery is passed over.

        Reads only the fields it needs: the topic may hold years.
        """
        try:
            document: dict[str, Any] = orjson.loads(value)
            attempt, outcome = int(document["attempt"]), Outcome(document["outcome"])
            self.note(str(document["page_id"]), attempt, outcome)
            if outcome in FINAL:
                self.told(postbox, str(document["channel"])).note(Telling.of_wire(document))
        except (ValueError, KeyError, TypeError):
            return

    def told(self, postbox: str, channel: str) -> Told:
        """Return what one person was told on one channel."""
        return self._told.setdefault((postbox, channel), Told())

    def note_bundle(self, page: Page) -> Sequence[str]:
        """Take in a bundle that is on the topic; return the pages that it tells.

        Of two bundles with one id the first counts: another notifier, which had lost the partition without knowing it,
        may have put others into it. A stand-in tells again what its bundle told.
        """
        if page.kind is not PageKind.BUNDLE or page.stands_in_for is not None or page.page_id in self._bundles:
            return ()
        self._bundles[page.page_id] = None
        members = [member for member in page.members if member not in self._final]
        for member in members:
            self._bundled.setdefault(member, page.page_id)
        return members

    def bundle_of(self, page_id: str) -> str | None:
        """Return the bundle on the topic that tells an unfinished page; None where there is none."""
        return self._bundled.get(page_id)

    def is_final(self, page_id: str) -> bool:
        """Return whether a page was sent, given up, or told within another."""
        return page_id in self._final

    def standing(self, page_id: str) -> Standing:
        """Return where an unfinished page stands."""
        return self._open.get(page_id, NEVER_TRIED)


class OpenOffsets:
    """Offsets taken from a partition and not yet finished: what may be committed is below the lowest of them."""

    def __init__(self) -> None:
        self._open: dict[int, None] = {}
        self._next: int | None = None

    def __len__(self) -> int:
        """Return how many are open."""
        return len(self._open)

    def take(self, offset: int) -> None:
        """Begin with a record; offsets come in rising order."""
        self._open[offset] = None
        self._next = offset + 1

    def finish(self, offset: int) -> None:
        """End with a record, in any order."""
        self._open.pop(offset, None)

    def below(self, end: int) -> list[int] | None:
        """Return the open offsets below an end; None while the records up to it were not all taken."""
        return [offset for offset in self._open if offset < end] if (self._next or 0) >= end else None

    def committable(self) -> int | None:
        """Return the offset from which the next reader has to start; None before the first record."""
        return next(iter(self._open), self._next)
