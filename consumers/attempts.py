"""Attempts to deliver a page: what the deliveries on record mean for the next one. Pure.

At least once, made safe by ids: ``sending`` is on the topic before the receiver is spoken to, so an attempt that a
crash cut off is known, recorded as ``unknown`` and repeated under the same idempotency key, marked as repeated. A page
with a final outcome is never sent again.
"""

from dataclasses import dataclass
from typing import Any

import orjson

from models.paging import Outcome

FINAL = frozenset({Outcome.SENT, Outcome.FAILED})
REMEMBERED = 250_000
"""Pages with a final outcome kept in memory, about 40 MB; duplicates on the topic come within seconds, not months."""


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

    def note(self, page_id: str, attempt: int, outcome: Outcome) -> None:
        """Take in one delivery record. Once final, a page stays final."""
        if page_id in self._final:
            return
        if outcome in FINAL:
            self._open.pop(page_id, None)
            self._final[page_id] = None
            if len(self._final) > self._remembered:
                del self._final[next(iter(self._final))]
            return
        known = self._open.get(page_id, NEVER_TRIED)
        repeated = known.repeated or outcome is Outcome.UNKNOWN
        if attempt >= known.attempt:
            self._open[page_id] = Standing(attempt, outcome, repeated)

    def note_wire(self, value: bytes) -> None:
        """Take in one record's bytes; what is no delivery is passed over.

        Reads only the three fields it needs: the topic may hold years.
        """
        try:
            document: dict[str, Any] = orjson.loads(value)
            self.note(str(document["page_id"]), int(document["attempt"]), Outcome(document["outcome"]))
        except (ValueError, KeyError, TypeError):
            return

    def is_final(self, page_id: str) -> bool:
        """Return whether a page was sent or given up."""
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

    def committable(self) -> int | None:
        """Return the offset from which the next reader has to start; None before the first record."""
        return next(iter(self._open), self._next)
