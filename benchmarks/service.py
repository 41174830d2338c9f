"""Services as child processes, with what their metrics and the operating system tell of them. IO: processes, HTTP."""

import os
import signal
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import psutil

from holdfast.settings import Settings
from holdfast.stack.child import Child
from holdfast.stack.ports import pick_free
from holdfast.stack.supervise import environment

READY_TIMEOUT_S = 120.0
_STARTED: "list[Service]" = []


class Service:
    """One process of ours with Prometheus metrics. ``ready`` is the text in its log that says that it works."""

    def __init__(
        self,
        settings: Settings,
        command: Sequence[str],
        ready: str,
        *,
        instance: str = "0",
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.name = "-".join([*command[-1:], instance])
        (self._port,) = pick_free(1)
        own = {
            "HOLDFAST_INSTANCE": instance,
            "HOLDFAST_METRICS_PORT": str(self._port),
            "HOLDFAST_LOG_LEVEL": "INFO",
            "PYTHONUNBUFFERED": "1",
        }
        log = settings.data_dir / "logs" / f"{self.name}.log"
        self._child = Child(self.name, [sys.executable, *command], log, {**environment(settings), **own, **(env or {})})
        self._ready = ready

    @property
    def pid(self) -> int:
        """Return the process id of the present life."""
        assert self._child.pid is not None
        return self._child.pid

    def start(self) -> "Service":
        """Start it and return at once."""
        self._child.start()
        if self not in _STARTED:
            _STARTED.append(self)
        return self

    def wait_ready(self) -> "Service":
        """Wait until it says that it works.

        Raises:
            RuntimeError: with the end of its log, if it ends first or takes too long.
        """
        ends = time.monotonic() + READY_TIMEOUT_S
        while self._ready not in self._child.log.read_text(errors="replace"):
            if not self._child.running or time.monotonic() > ends:
                raise RuntimeError(f"{self.name} does not get ready:\n{self._child.tail(30)}")
            time.sleep(0.02)
        return self

    def kill9(self) -> None:
        """End it without warning and wait for its end."""
        os.kill(self.pid, signal.SIGKILL)
        self._child.wait()

    @property
    def running(self) -> bool:
        """Return whether it is alive."""
        return self._child.running

    def tail(self) -> str:
        """Return the end of its log."""
        return f"--- end of the log of {self.name} ---\n{self._child.tail(40)}"

    def stop(self) -> None:
        """End it in order."""
        self._child.stop()

    def counter(self, name: str) -> float:
        """Return the value of a metric, summed over its labels; 0 where it has none yet.

        Raises:
            RuntimeError: with the end of its log, if it has ended.
        """
        if not self._child.running:
            raise RuntimeError(f"{self.name} ended with code {self._child.poll()}:\n{self._child.tail(30)}")
        with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/metrics", timeout=60) as answer:
            lines = answer.read().decode().splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith((f"{name} ", f"{name}{{")))

    def wait_for(self, name: str, value: float, timeout_s: float = 600.0) -> None:
        """Wait until a metric has reached a value.

        Raises:
            RuntimeError: if it has not in time.
        """
        ends = time.monotonic() + timeout_s
        while (found := self.counter(name)) < value:
            if time.monotonic() > ends:
                raise RuntimeError(f"{self.name}: {name} is {found}, not {value}, after {timeout_s:.0f} s")
            time.sleep(0.1)


READY = {
    "worker": "holdfast.worker ready",
    "index": "holdfast.index ready",
    "notify": "holdfast.notify ready",
    "serve": "ready at",
}
"""What each service writes to its log when it works."""


def holdfast(settings: Settings, *words: str, instance: str = "0") -> Service:
    """Return ``holdfast <words>`` as a service, not started."""
    return Service(settings, ["-m", "holdfast", *words], READY[words[0]], instance=instance)


@contextmanager
def running(*services: Service) -> Iterator[None]:
    """Start services, wait until all work, and stop them at the end."""
    try:
        for service in services:
            service.start()
        for service in services:
            service.wait_ready()
        yield
    finally:
        for service in services:
            service.stop()


def tidy() -> None:
    """Stop whatever still runs."""
    while _STARTED:
        _STARTED.pop().stop()


def cpu_seconds(pids: Mapping[str, int]) -> dict[str, float]:
    """Return the CPU seconds that each process has used since its start, with its threads."""
    found = {}
    for name, pid in pids.items():
        times = psutil.Process(pid).cpu_times()
        found[name] = times.user + times.system
    return found


def resident_mb(pids: Mapping[str, int]) -> dict[str, float]:
    """Return the resident memory of each process in MiB."""
    return {name: psutil.Process(pid).memory_info().rss / 2**20 for name, pid in pids.items()}
