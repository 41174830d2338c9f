"""Which `holdfast up` runs in a data directory: one at a time, found and ended by the others. IO: files, signals.

A lock that the kernel drops with its holder says whether one runs; ``up.json`` beside it says what.
"""

import fcntl
import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from holdfast.stack.errors import StackError

if TYPE_CHECKING:
    from holdfast.stack.supervise import Supervisor

STOP_TIMEOUT_S = 90.0


@dataclass(frozen=True)
class Running:
    """One `holdfast up` as it last described itself.

    Attributes:
        pid: of the supervisor.
        children: name, pid, state, log and number of restarts of each child.
    """

    pid: int
    children: list[dict[str, Any]]


@contextmanager
def alone(data_dir: Path) -> Iterator[None]:
    """Hold the data directory.

    Raises:
        StackError: if another `holdfast up` or demo holds it.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "up.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StackError(
                f"Holdfast already runs with the data directory {data_dir}",
                "`holdfast status` shows it, `holdfast down` ends it, HOLDFAST_DATA_DIR chooses another",
            ) from None
        try:
            yield
        finally:
            (data_dir / "up.json").unlink(missing_ok=True)


def describe(supervisor: "Supervisor") -> None:
    """Write down what runs, for `holdfast status` and `holdfast down`."""
    children = [
        {
            "name": watched.child.name,
            "pid": watched.child.pid if watched.child.running else None,
            "state": watched.state,
            "log": str(watched.child.log),
            "restarts": watched.restarts,
        }
        for watched in supervisor.watched
    ]
    file = supervisor.settings.data_dir / "up.json"
    draft = file.with_suffix(".new")
    draft.write_text(json.dumps({"pid": os.getpid(), "children": children}))
    draft.replace(file)


def find(data_dir: Path) -> Running | None:
    """Return what runs in a data directory, None if nothing does."""
    if not _held(data_dir):
        return None
    with suppress(OSError, ValueError):
        written = json.loads((data_dir / "up.json").read_text())
        return Running(int(written["pid"]), written["children"])
    return Running(0, [])  # still starting


def end(data_dir: Path) -> bool:
    """Ask what runs to stop, and wait until it has.

    Returns:
        Whether anything ran.

    Raises:
        StackError: if it does not stop in time.
    """
    running = find(data_dir)
    if running is None:
        return False
    if running.pid == 0:
        raise StackError(
            "Holdfast is just starting there", "try again in a few seconds, or press Ctrl-C where it starts"
        )
    with suppress(ProcessLookupError):
        os.kill(running.pid, signal.SIGTERM)
    ends = time.monotonic() + STOP_TIMEOUT_S
    while _held(data_dir):
        if time.monotonic() > ends:
            raise StackError(f"pid {running.pid} has not stopped after {STOP_TIMEOUT_S:.0f} s", f"kill {running.pid}")
        time.sleep(0.1)
    return True


def _held(data_dir: Path) -> bool:
    try:
        with (data_dir / "up.lock").open("r") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


@contextmanager
def stoppable() -> Iterator[None]:
    """Make SIGTERM and SIGHUP end this process as Ctrl-C does: by KeyboardInterrupt, so that everything is stopped."""

    def interrupt(number: int, _frame: object) -> None:
        raise KeyboardInterrupt(signal.Signals(number).name)

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
