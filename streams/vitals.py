"""What the stages of a worker say of themselves, asked from the thread of its heartbeat. IO: asks Kafka.

The watchdog ends a process that does not get on; before that, and where it fails, the heartbeat says so.
"""

from collections.abc import Sequence
from typing import Any

from models.heartbeat import Figures
from streams.metrics import Metrics
from streams.watchdog import Watched

ANSWER_TIMEOUT_S = 3.0
"""How long an event loop may take to answer before it counts as hanging; less than a heartbeat."""


class Vitals:
    """The stages of one process together."""

    def __init__(self, stages: Sequence[tuple[Any, Metrics]]) -> None:
        """Keep the stages.

        Args:
            stages: Faust apps, each with what it counts.
        """
        self._watched = [Watched(app, ANSWER_TIMEOUT_S) for app, _ in stages]
        self._metrics = [metrics for _, metrics in stages]

    def read(self) -> Figures:
        """Return the figures now; takes ``ANSWER_TIMEOUT_S`` per stage where a loop hangs. Not on the loop itself."""
        return Figures(
            progress_age_s=max(watched.stuck_s() for watched in self._watched),
            oldest_due_s=max(metrics.oldest_due_s() for metrics in self._metrics),
            armed_wakes=sum(metrics.armed_wakes() for metrics in self._metrics),
        )
