"""Runs the stages in one process and event loop until a signal; ends the process when a recovery hangs. IO: Kafka."""

import logging
import threading
from collections.abc import Callable, Sequence
from time import monotonic, sleep
from typing import Any

import faust

from streams.ending import EXIT_STUCK, die

log = logging.getLogger("holdfast.worker")

STUCK_AFTER_S = 120.0
"""Faust can end a recovery for good without a word: after this long without processing, start anew."""


def run(apps: Sequence[faust.App], log_level: str, on_ready: Callable[[], None]) -> None:
    """Run the apps until SIGINT or SIGTERM. Does not return: Faust exits the process.

    Args:
        apps: at least one; all share this process.
        log_level: of the root logger, such as ``INFO``.
        on_ready: called once, when all apps have recovered and consume.
    """
    waiting = {id(app) for app in apps}

    def ready(app: faust.App) -> Any:
        async def started() -> None:
            waiting.discard(id(app))
            if not waiting:
                on_ready()

        return started

    main, *others = apps
    worker = _Worker(main, *others, quiet=True, loglevel=log_level, redirect_stdouts=False)
    for app in others:
        app.in_worker = True
        app.on_startup_finished = ready(app)
    worker.started_callback = ready(main)
    threading.Thread(target=_watch, args=(apps,), name="watchdog", daemon=True).start()
    worker.execute_from_commandline()


class _Worker(faust.Worker):  # type: ignore[misc]  # Faust is untyped
    """A Faust worker without spinner, which tells when its app has recovered."""

    started_callback: Any = None

    async def on_startup_finished(self) -> None:
        await self.maybe_start_blockdetection()
        await self.started_callback()


def _watch(apps: Sequence[faust.App]) -> None:
    """End the process when an app stays in a rebalance or recovery for too long."""
    since: dict[int, float] = {}
    while True:
        sleep(1.0)
        for app in apps:
            if not app.rebalancing:
                since.pop(id(app), None)
            elif monotonic() - since.setdefault(id(app), monotonic()) > STUCK_AFTER_S:
                die(EXIT_STUCK, f"{app.conf.id}: recovery hangs for {STUCK_AFTER_S:.0f} s, ending to start anew")
