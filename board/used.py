"""What the board remembers of the answers that it took, and how often a token may knock. In memory, bounded.

Neither is what makes an answer count once: its ids do (ADR 0016). This is for telling people, and for keeping machines
that guess or repeat from filling the topic.
"""

from collections import OrderedDict, deque

from models.communication import Communication

REMEMBERED = 20_000
"""Answers kept, about 20 MB; older ones are asked of the index."""
KNOCKS = 30
"""Requests of one token within ``WITHIN_S``: a person needs a few, a mail scanner some more."""
WITHIN_S = 60.0


class Used:
    """Entries of the communication log that answers made, by their id."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._known: OrderedDict[str, Communication] = OrderedDict()

    def note(self, entry: Communication) -> Communication:
        """Remember an entry; of two with one id the earlier one counts. Return the one that does."""
        before = self._known.get(entry.communication_id)
        kept = entry if before is None or entry.recorded_at < before.recorded_at else before
        self._known[entry.communication_id] = kept
        self._known.move_to_end(entry.communication_id)
        while len(self._known) > self._remembered:
            self._known.popitem(last=False)
        return kept

    def get(self, communication_id: str) -> Communication | None:
        """Return the entry of an answer taken here; None where it was not, or long ago."""
        return self._known.get(communication_id)


class Knocks:
    """How often each token was used lately."""

    def __init__(self, at_most: int = KNOCKS, within_s: float = WITHIN_S, tokens: int = REMEMBERED) -> None:
        """Start empty.

        Args:
            at_most: requests let through within the span.
            within_s: its length, real seconds.
            tokens: to remember; the one that was quiet for the longest is forgotten first.
        """
        self._at_most = at_most
        self._within_s = within_s
        self._tokens = tokens
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()

    def allows(self, token_id: str, at_s: float) -> bool:
        """Count a request, at real seconds of any steady clock; return whether it may go on."""
        seen = self._seen.setdefault(token_id, deque())
        self._seen.move_to_end(token_id)
        while len(self._seen) > self._tokens:
            self._seen.popitem(last=False)
        while seen and at_s - seen[0] >= self._within_s:
            seen.popleft()
        if len(seen) >= self._at_most:
            return False
        seen.append(at_s)
        return True

    def forgive(self, token_id: str) -> None:
        """Take the last request back: it was one that may come as often as it likes."""
        if self._seen.get(token_id):
            self._seen[token_id].pop()
