"""A child process that cannot outlive us, with its output in a file. IO: processes, files."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

TETHER = Path(__file__).with_name("tether.py")
STOP_GRACE_S = 15.0
LOG_TAIL_LINES = 15


class Child:
    """One process: started tethered to us, its output appended to ``log``, stopped by SIGTERM and then SIGKILL.

    Start it from a thread that lives as long as the child should (see ``tether``).
    """

    def __init__(self, name: str, command: Sequence[str], log: Path, env: Mapping[str, str] | None = None) -> None:
        """Describe the process; ``env`` adds to our own environment."""
        self.name = name
        self.command = list(command)
        self.log = log
        self._env = dict(env or {})
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Return the process id, None before the first start."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Start the process; the log of the start before is kept as ``<log>.1``.

        Raises:
            OSError: if the log cannot be written.
        """
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists():
            self.log.replace(self.log.with_name(self.log.name + ".1"))
        linux = sys.platform.startswith("linux")
        tether = [sys.executable, "-I", "-S", str(TETHER), str(os.getpid()), "exec" if linux else "watch"]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own command lines, no shell
                [*tether, *self.command],
                stdin=subprocess.DEVNULL if linux else subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self._env},
                start_new_session=True,  # Ctrl-C reaches us alone, and we stop things in order
            )

    def poll(self) -> int | None:
        """Return the exit code, None while it runs or was never started."""
        return None if self._process is None else self._process.poll()

    @property
    def running(self) -> bool:
        """Return whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def terminate(self) -> None:
        """Ask it to end, without waiting."""
        if self.running and self._process is not None:
            with suppress(ProcessLookupError):
                self._process.terminate()

    def stop(self, grace_s: float = STOP_GRACE_S) -> None:
        """End it: SIGTERM, and SIGKILL when it has not ended after ``grace_s`` seconds."""
        self.terminate()
        self.wait(grace_s)

    def wait(self, grace_s: float = STOP_GRACE_S) -> None:
        """Wait for its end, and kill it after ``grace_s`` seconds."""
        if self._process is None:
            return
        try:
            self._process.wait(grace_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()

    def tail(self, lines: int = LOG_TAIL_LINES) -> str:
        """Return the last lines of its log."""
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        except FileNotFoundError:
            return ""
