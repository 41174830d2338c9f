"""The watchdog: ends the process when an app neither gets on nor has nothing to do. IO: ends the process; asks Kafka.

Faust can end a recovery for good without a word, lose its fetcher, or wait for ever in a rebalance; a parser can spin.
None of them shows as an error, and the group still counts the worker in: its incidents would wait in silence.
"""

import asyncio
import threading
from collections.abc import Sequence
from time import monotonic, sleep
from typing import Any

from streams.ending import EXIT_STUCK, die

STUCK_AFTER_S = 120.0
"""After this long without any progress while there is work, start anew."""
LOOK_EVERY_S = 5.0
ANSWER_TIMEOUT_S = 15.0


class Watched:
    """One app, seen from another thread."""

    def __init__(self, app: Any, answer_timeout_s: float = ANSWER_TIMEOUT_S) -> None:
        self.app = app
        self._answer_timeout_s = answer_timeout_s
        self._seen: object = None
        self._well_at = monotonic()

    def stuck_s(self) -> float:
        """Return for how many real seconds the app has not got on though there was something to do."""
        progress = self._progress()
        if progress != self._seen or self._is_idle():
            self._seen, self._well_at = progress, monotonic()
        return monotonic() - self._well_at

    def _progress(self) -> object:
        """Return what changes whenever rows are read back or records are finished."""
        recovery, consumer = self.app.tables._recovery, self.app._consumer
        try:
            rows = dict(recovery.active_offsets) if recovery else None
            return rows, dict(consumer._committed_offset) if consumer else None
        except RuntimeError:  # it changed while it was read
            return object()

    def _is_idle(self) -> bool:
        """Return whether everything on the topics is done; asks the app's own loop, which has to be alive to answer."""
        recovery = self.app.tables._recovery
        if self.app.rebalancing or recovery is None or not recovery.completed.is_set():
            return False
        try:
            return asyncio.run_coroutine_threadsafe(is_done(self.app), self.app.loop).result(self._answer_timeout_s)
        except Exception:  # noqa: BLE001  # no answer is an answer: nobody is known to be well
            return False


async def is_done(app: Any) -> bool:
    """Return whether every record of the app's partitions is finished and committed."""
    consumer = app.consumer
    mine = [tp for tp in consumer.assignment() if app.topics.acks_enabled_for(tp.topic)]
    if not mine:
        return True
    ends, begins = await consumer.highwaters(*mine), await consumer.earliest_offsets(*mine)
    return all((consumer._committed_offset.get(tp) or begins[tp] or 0) >= (ends[tp] or 0) for tp in mine)


def watch(apps: Sequence[Any], stuck_after_s: float = STUCK_AFTER_S) -> None:
    """Watch apps from a thread of its own for as long as the process lives."""
    threading.Thread(target=_watch, args=(apps, stuck_after_s), name="watchdog", daemon=True).start()


def _watch(apps: Sequence[Any], stuck_after_s: float) -> None:
    every = [Watched(app) for app in apps]
    while True:
        sleep(min(LOOK_EVERY_S, stuck_after_s / 4))
        for watched in every:
            if watched.stuck_s() > stuck_after_s:
                name = watched.app.conf.id
                die(EXIT_STUCK, f"{name}: no progress for {stuck_after_s:.0f} s though there is work, starting anew")
