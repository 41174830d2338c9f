"""Keep the local stack and the services running: start in order, restart what ends, stop in order. IO: processes.

    supervisor = Supervisor(settings, services(settings), say=print)
    with supervisor:                      # servers up, topics there, services started
        supervisor.run(until=lambda: done)  # or supervisor.in_background() and do something else meanwhile

Every child's output is in ``<data_dir>/logs/<name>.log``. Children die with us, also by kill -9.
"""

import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from pydantic import SecretStr

from holdfast.settings import Settings
from holdfast.stack import ports
from holdfast.stack.child import Child
from holdfast.stack.local import LocalStack, Say

POLL_S = 0.2
FIRST_BACKOFF_S = 0.5
LONGEST_BACKOFF_S = 30.0
HEALTHY_AFTER_S = 60.0
"""A child that ran this long starts again without back-off."""
USAGE_ERROR = 2
"""Exit code of a command line that a restart cannot cure."""
SERVICES = ("worker", "index", "notify", "serve", "watch")


def services(settings: Settings) -> list[str]:
    """Return the services of an installation.

    The mailbox only where pages carry reply addresses, the poller only where documents tell it what to poll.
    """
    replies = ["mailbox"] if settings.link_secret is not None and settings.reply_domain is not None else []
    return [*SERVICES, *replies, *(["poll"] if settings.documents is not None else [])]


def environment(settings: Settings) -> dict[str, str]:
    """Return the environment variables that make a child's settings equal to ours."""
    variables: dict[str, str] = {}
    for name in type(settings).model_fields:
        value: Any = getattr(settings, name)
        if isinstance(value, SecretStr):
            value = value.get_secret_value()
        if value is not None:
            variables[f"HOLDFAST_{name.upper()}"] = str(value).lower() if isinstance(value, bool) else str(value)
    return variables


def service_child(settings: Settings, name: str, extra_env: Mapping[str, str] | None = None) -> Child:
    """Return ``holdfast <name>`` as a child with the installation's settings, not started."""
    log = settings.data_dir / "logs" / f"{name}.log"
    command = [sys.executable, "-m", "holdfast", *name.split()]
    return Child(name, command, log, {**environment(settings), "PYTHONUNBUFFERED": "1", **(extra_env or {})})


@dataclass
class Watched:
    """A child and what its past says about the next restart; times are monotonic seconds."""

    child: Child
    restarts: int = 0
    backoff_s: float = FIRST_BACKOFF_S
    started: float = field(default_factory=time.monotonic)
    due: float | None = None
    given_up: bool = False

    @property
    def state(self) -> str:
        """Return ``up``, ``starting again`` or ``given up``."""
        if self.child.running:
            return "up"
        return "given up" if self.given_up else "starting again"

    def next_start(self, now: float) -> float:
        """Return when to start again, and double the wait for the time after."""
        if now - self.started > HEALTHY_AFTER_S:
            self.backoff_s = FIRST_BACKOFF_S
        wait, self.backoff_s = self.backoff_s, min(self.backoff_s * 2, LONGEST_BACKOFF_S)
        return now + wait


class Supervisor:
    """Runs the local servers (unless the settings point elsewhere) and the named services."""

    def __init__(
        self,
        settings: Settings,
        names: Sequence[str],
        say: Say = lambda _line: None,
        extra_env: Mapping[str, str] | None = None,
        on_change: Callable[["Supervisor"], None] = lambda _supervisor: None,
        with_servers: bool = True,
    ) -> None:
        """Describe what to run; nothing starts yet.

        Args:
            settings: the installation.
            names: services in the order they start, each a command such as ``worker``.
            say: is told what happens, a line each.
            extra_env: further environment variables of the services.
            on_change: is called after each start and restart.
            with_servers: False when somebody else runs the servers.
        """
        self.settings = settings
        self.stack = LocalStack(settings, say) if with_servers and ports.is_local(settings) else None
        self._services = [service_child(settings, name, extra_env) for name in names]
        self._say = say
        self._on_change = on_change
        self.watched: list[Watched] = []
        self._stopping = threading.Event()
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        """Start everything."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop everything."""
        self.stop()

    def start(self) -> None:
        """Start the servers, create the topics, start the services.

        Raises:
            StackError: if a server cannot run; everything started is stopped again.
            KafkaUnreachableError: if the broker is elsewhere and does not answer.
        """
        from holdfast.kafka import ensure_topics

        try:
            if self.stack is not None:
                self.stack.start()
                self.watched += [Watched(child) for child in self.stack.children]
            if self._services:
                ensure_topics(self.settings)
            for child in self._services:
                child.start()
                self.watched.append(Watched(child))
                self._say(f"{child.name} started (pid {child.pid})")
            self._on_change(self)
        except BaseException:
            self.stop()
            raise

    def check(self) -> None:
        """Look at every child once: note those that ended, start those whose wait is over."""
        with self._lock:
            if self._stopping.is_set():
                return
            for watched in self.watched:
                self._check_one(watched, time.monotonic())

    def _check_one(self, watched: Watched, now: float) -> None:
        child = watched.child
        if child.running or watched.given_up:
            return
        if watched.due is None:
            code = child.poll()
            watched.due = watched.next_start(now)
            watched.given_up = code == USAGE_ERROR
            then = "not started again" if watched.given_up else f"starting again in {watched.due - now:.1f} s"
            self._say(f"{child.name} ended with code {code}; {then}; {child.log} ends: {child.tail(1)}")
            self._on_change(self)
        elif now >= watched.due:
            watched.restarts, watched.due, watched.started = watched.restarts + 1, None, now
            child.start()
            self._say(f"{child.name} started again (pid {child.pid})")
            self._on_change(self)

    def run(self, until: Callable[[], bool] = lambda: False) -> None:
        """Keep everything running in this thread until ``until()`` is true."""
        while not until():
            self.check()
            time.sleep(POLL_S)

    def in_background(self) -> None:
        """Keep everything running in a thread of ours until ``stop``."""
        self._thread = threading.Thread(target=self._background, name="supervisor", daemon=True)
        self._thread.start()

    def _background(self) -> None:
        # Outlives the children that it started: the kernel ends them with the thread.
        while not self._stopped.wait(POLL_S):
            self.check()

    def stop(self) -> None:
        """Stop the services, last started first, then the servers. Data stays. Safe to call twice."""
        self._stopping.set()
        with self._lock:
            for child in reversed(self._services):
                child.terminate()
            for child in reversed(self._services):
                child.wait()
            if self.stack is not None:
                self.stack.stop()
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def logs(self) -> Path:
        """Return the directory of all logs."""
        return self.settings.data_dir / "logs"
