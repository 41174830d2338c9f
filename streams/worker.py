"""Runs the stages in one process and event loop until a signal, with a watchdog beside them. IO: Kafka."""

from collections.abc import Callable, Sequence
from typing import Any

import faust

from streams.watchdog import watch


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
    watch(apps)
    worker.execute_from_commandline()


class _Worker(faust.Worker):  # type: ignore[misc]  # Faust is untyped
    """A Faust worker without spinner, which tells when its app has recovered."""

    started_callback: Any = None

    async def on_startup_finished(self) -> None:
        await self.maybe_start_blockdetection()
        await self.started_callback()
