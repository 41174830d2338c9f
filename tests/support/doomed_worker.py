"""A worker that kills itself (SIGKILL) at one step of the first batch that has a page in it: for tests of what follows.

    python -m tests.support.doomed_worker "outputs sent"

Steps, in order: ``folded`` (nothing is out), ``outputs sent`` (the pages are on their topic), ``state stored`` (and the
changelog knows), ``acknowledged`` (and the offset may move, but is not committed yet).
"""

import os
import signal
import sys
from typing import Any

from holdfast.working import run_worker
from models.topics import Stream
from streams.batch import DurableBatch

STEPS = ("folded", "outputs sent", "state stored", "acknowledged")


def die() -> None:
    """End without any warning."""
    os.kill(os.getpid(), signal.SIGKILL)


def doom(step: str) -> None:
    """Let the durable batch end the process at a step."""
    commit, store = DurableBatch.commit, DurableBatch._store
    state = {"armed": False}

    async def doomed_commit(self: Any, stream: Any, events: Any, outs: Any, puts: Any) -> None:
        outs = list(outs)
        state["armed"] = any(out.topic.endswith(f".{Stream.PAGES.value}") for out in outs)
        if state["armed"] and step == "folded":
            die()
        await commit(self, stream, events, outs, puts)
        if state["armed"]:
            die()

    async def doomed_store(self: Any, puts: Any) -> None:
        if state["armed"] and step == "outputs sent":
            die()
        await store(self, puts)
        if state["armed"] and step == "state stored":
            die()

    DurableBatch.commit = doomed_commit  # type: ignore[method-assign]
    DurableBatch._store = doomed_store  # type: ignore[method-assign]


if __name__ == "__main__":
    assert sys.argv[1] in STEPS, sys.argv
    doom(sys.argv[1])
    run_worker("track")
