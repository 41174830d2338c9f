"""Services as real processes, for tests that kill them.

    with Service("worker", installation) as worker:     # python -m holdfast worker, with the installation's settings
        worker.wait_ready("ready")                       # until its log has the text
        worker.kill9()                                   # SIGKILL, at once; waits for its end
        worker.start()                                   # the same again; the log goes on in a new file
        worker.stop()                                    # SIGTERM, SIGKILL after a grace; returns the exit code
        assert "poison" in worker.log()                  # what all its lives have written

A service dies with the test process, even by kill -9. ``env`` adds environment variables, ``instance`` tells two of one
kind apart (it becomes ``HOLDFAST_INSTANCE`` and part of the log's name).
"""

import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

from holdfast.settings import Settings
from holdfast.stack.child import Child
from holdfast.stack.supervise import environment

READY_TIMEOUT_S = 180.0
"""Only bounds hanging: a service on a busy machine of two cores may take a minute to be up."""
STOP_GRACE_S = 60.0
"""More than a supervisor gives: tests expect an end in order, however busy the machine is."""


class Service:
    """One ``holdfast <command>`` as a child process."""

    def __init__(
        self,
        command: str,
        settings: Settings,
        *,
        instance: str | None = None,
        env: Mapping[str, str] | None = None,
        module: Sequence[str] = (),
    ) -> None:
        """Describe the service; ``start`` or the ``with`` statement starts it.

        ``module`` is run in place of ``holdfast <command>``: its name, then its arguments.
        """
        self.name = command if instance is None else f"{command}-{instance}"
        self._directory = settings.data_dir / "logs"
        own = {"HOLDFAST_INSTANCE": instance} if instance is not None else {}
        self._env = {**environment(settings), "PYTHONUNBUFFERED": "1", **own, **(env or {})}
        self._command = [sys.executable, "-m", *(module or ("holdfast", *command.split()))]
        self._lives: list[Child] = []

    def __enter__(self) -> Self:
        """Start it."""
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Stop it; a failing test shows the end of its log."""
        self.stop()
        if error is not None and self._lives:
            error.add_note(f"--- end of the log of {self.name} ---\n{self._lives[-1].tail(40)}")

    @property
    def pid(self) -> int:
        """Return the process id of the present life."""
        pid = self._lives[-1].pid
        assert pid is not None
        return pid

    @property
    def lives(self) -> int:
        """Return how often it was started."""
        return len(self._lives)

    @property
    def running(self) -> bool:
        """Return whether it is alive."""
        return bool(self._lives) and self._lives[-1].running

    def start(self) -> Self:
        """Start it, for the first time or again."""
        assert not self.running, f"{self.name} is running"
        child = Child(self.name, self._command, self._directory / f"{self.name}.{len(self._lives)}.log", self._env)
        child.start()
        self._lives.append(child)
        return self

    def wait_ready(self, text: str, timeout_s: float = READY_TIMEOUT_S) -> Self:
        """Wait until the present life's log has a text.

        Raises:
            AssertionError: with the end of the log, if it ends or the time is over first.
        """
        child, ends = self._lives[-1], time.monotonic() + timeout_s
        while text not in child.log.read_text(errors="replace"):
            assert child.running, f"{self.name} ended with code {child.poll()}:\n{child.tail(40)}"
            assert time.monotonic() < ends, f"{self.name} did not say {text!r} in {timeout_s} s:\n{child.tail(40)}"
            time.sleep(0.05)
        return self

    def kill9(self) -> None:
        """End it without any warning, and wait for its end."""
        life = self._lives[-1]
        with suppress(ProcessLookupError):  # it may end by itself just now
            os.kill(self.pid, signal.SIGKILL)
        life.wait()

    def pause(self) -> None:
        """Freeze it (SIGSTOP): a zombie that still holds its place in the group."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on after ``pause``."""
        os.kill(self.pid, signal.SIGCONT)

    def stop(self) -> int | None:
        """End it in order and return its exit code; None if it never ran."""
        if not self._lives:
            return None
        life = self._lives[-1]
        life.stop(STOP_GRACE_S)
        return life.poll()

    def wait(self, timeout_s: float = READY_TIMEOUT_S) -> int | None:
        """Wait for it to end by itself and return its exit code; it is killed when the time is over."""
        life = self._lives[-1]
        life.wait(timeout_s)
        return life.poll()

    def log(self) -> str:
        """Return what all its lives have written so far."""
        return "".join(child.log.read_text(errors="replace") for child in self._lives)
