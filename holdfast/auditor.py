"""Runs ``holdfast audit`` beside the watcher, again and again, and keeps what it found. IO: processes, a thread.

In a process of its own, at low priority: folding a ledger takes a core for as long as it takes, and the watcher must
not miss a beat for it. The longer it takes, the more seldom it runs.
"""

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import orjson

from holdfast.settings import Settings
from holdfast.stack.supervise import environment
from models.watch import Finding, Severity, Trouble

log = logging.getLogger("holdfast.watch")

LONGEST_S = 3600.0
SHARE = 0.05
"""Largest share of one core that auditing may take, on average."""
MOST_FINDINGS = 50
"""Told one by one; what is behind many of them is one thing."""


class Auditor:
    """Audits at an interval until stopped."""

    def __init__(
        self, settings: Settings, every_s: float, run: Callable[[Settings], list[dict[str, Any]] | None] | None = None
    ) -> None:
        """Keep the options.

        Args:
            settings: the installation.
            every_s: real seconds between two audits; longer where one takes more than ``SHARE`` of that.
            run: audits and returns the findings, None where nothing could be compared; default: ``holdfast audit``.
        """
        self._settings = settings
        self._every_s = every_s
        self._run = run or run_audit
        self._known: set[tuple[str, str]] = set()
        self._findings: tuple[Finding, ...] = ()
        self._stopping = threading.Event()

    def start(self) -> None:
        """Begin; the first audit comes after one interval, when the services have caught up."""
        threading.Thread(target=self._keep_auditing, name="auditor", daemon=True).start()

    def stop(self) -> None:
        """Begin no further audit; one that is under way ends with the process."""
        self._stopping.set()

    def findings(self) -> Sequence[Finding]:
        """Return what the last audit found. Callable from any thread."""
        return self._findings

    def audit(self) -> float:
        """Audit once; return the seconds to wait until the next one."""
        began = time.monotonic()
        found = self._run(self._settings)
        if found is not None:
            self._findings = tuple(self._finding(one) for one in found[:MOST_FINDINGS])
            self._known = {_key(one) for one in found}
        return max(self._every_s, (time.monotonic() - began) / SHARE)

    def _keep_auditing(self) -> None:
        wait_s = self._every_s
        while not self._stopping.wait(wait_s):
            try:
                wait_s = self.audit()
            except Exception:  # the watcher goes on without; it is tried again
                log.exception("the audit failed")

    def _finding(self, one: dict[str, Any]) -> Finding:
        """Return one finding: an alarm when it is new, a warning from the next audit on.

        Otherwise one lost page would keep the dead-man call away for a day, and hide what fails in that time.
        """
        severity = Severity.WARNING if _key(one) in self._known else Severity.ALARM
        words = f"{one['fault']} of {one['provider']}: {one['words']}"
        return Finding(_key(one)[1] or one["provider"], Trouble.AUDIT, severity, words, one["next_step"])


def _key(one: dict[str, Any]) -> tuple[str, str]:
    return one["fault"], one["page_id"] or one["incident_id"] or ""


def run_audit(settings: Settings) -> list[dict[str, Any]] | None:
    """Run ``holdfast audit`` over the last day; return what no changed document explains, None if it could not run."""
    command = ["nice", "-n", "10", sys.executable, "-m", "holdfast", "audit", "--json"]
    try:
        ended = subprocess.run(  # noqa: S603 - our own interpreter and command
            command, env=environment(settings), capture_output=True, timeout=LONGEST_S, check=False
        )
        said = orjson.loads(ended.stdout)
    except (OSError, subprocess.TimeoutExpired, ValueError) as error:
        log.warning("nothing was audited: %s", type(error).__name__)
        return None
    return [one for one in said["findings"] if one["explained"] is None]
