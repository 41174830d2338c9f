"""Due instants, earliest first: what keeps time between records. Pure; rebuilt from the table after a restart."""

from collections.abc import Iterable
from datetime import datetime
from heapq import heapify, heappop, heappush

Case = tuple[str, str]
"""(provider, incident id)."""


class DueHeap:
    """At most one due instant per incident; the latest armed one counts."""

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, Case]] = []
        self._live: dict[Case, datetime] = {}

    def __len__(self) -> int:
        """Return how many incidents are waited for."""
        return len(self._live)

    def rebuild(self, armed: Iterable[tuple[Case, datetime]]) -> None:
        """Forget everything and arm these."""
        self._live = dict(armed)
        self._heap = [(due, case) for case, due in self._live.items()]
        heapify(self._heap)

    def arm(self, case: Case, due: datetime | None) -> None:
        """Wait for an instant in place of any other of this incident; None stops waiting."""
        if due is None:
            self._live.pop(case, None)
        elif self._live.get(case) != due:
            self._live[case] = due
            heappush(self._heap, (due, case))

    def next_due(self) -> datetime | None:
        """Return the earliest instant waited for."""
        while self._heap and self._live.get(self._heap[0][1]) != self._heap[0][0]:
            heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def earliest(self) -> datetime | None:
        """Return what ``next_due`` would, from any thread: it changes nothing, and does not look past what is void."""
        first = next(iter(self._heap[:1]), None)
        return first[0] if first and self.is_armed(first[1], first[0]) else None

    def take_due(self, now: datetime) -> list[tuple[Case, datetime]]:
        """Return what is due by now, earliest first; give it back with ``again`` until it is applied."""
        taken: list[tuple[Case, datetime]] = []
        while (due := self.next_due()) is not None and due <= now:
            entry = (heappop(self._heap)[1], due)
            if taken[-1:] != [entry]:  # armed, disarmed and armed again: equal entries lie side by side
                taken.append(entry)
        return taken

    def again(self, case: Case, due: datetime) -> None:
        """Wait again for an instant that was taken, unless it has been applied since."""
        if self._live.get(case) == due:
            heappush(self._heap, (due, case))

    def is_armed(self, case: Case, due: datetime) -> bool:
        """Return whether this instant is still waited for."""
        return self._live.get(case) == due
