"""The watcher: listens to the heartbeats, judges, and makes the dead-man call while all is well. IO: Kafka, HTTP.

Nothing ends it but a signal: while Kafka is away it goes on judging, which is to say that it stays silent.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from math import inf
from typing import Any

from kafka.errors import KafkaError

from consumers.deadman import DeadMan
from consumers.metrics import WatchMetrics
from consumers.watch import Ear
from holdfast import kafka
from holdfast.clock import Clock
from holdfast.settings import Settings
from holdfast.stack.supervise import services
from models.heartbeat import Figures
from models.watch import WATCH, Finding, Judgement, Limits, Severity, judge, unreachable

log = logging.getLogger("holdfast.watch")


def expected_services(settings: Settings) -> tuple[str, ...]:
    """Return the services that an installation like this one has; the watcher itself is not among them."""
    return tuple(name for name in services(settings) if name != WATCH)


def limits_of(settings: Settings) -> Limits:
    """Return the limits for an installation's clock."""
    return Limits(late_s=settings.late_after_s).at_speed(settings.clock.speed)


class Watch:
    """Judges an installation, once or again and again."""

    def __init__(
        self,
        settings: Settings,
        expected: Sequence[str],
        deadman: DeadMan | None = None,
        audit: Callable[[], Sequence[Finding]] = tuple,
        metrics: WatchMetrics | None = None,
    ) -> None:
        """Keep the collaborators; connects when it looks.

        Args:
            settings: the installation.
            expected: services that have to be there.
            deadman: who is told that all is well; None tells nobody.
            audit: what the auditor found last.
            metrics: where to count; a registry of its own if None.
        """
        self._settings = settings
        self._expected = expected
        self._deadman = deadman
        self._audit = audit
        self._metrics = metrics or WatchMetrics()
        self._ear = Ear(kafka.options(settings), kafka.names(settings), Clock.from_text("").now)
        self._began = time.monotonic()
        self._known: dict[tuple[str, str], Finding] = {}
        self._looked_at = time.monotonic()
        self.judgement = Judgement((), tuple(expected))
        """The last one."""

    def look(self, *, at_once: bool = False) -> Judgement:
        """Listen and judge.

        Args:
            at_once: whether a service that is not heard now counts as absent, however short the time to be heard was.
        """
        listening_s = inf if at_once else time.monotonic() - self._began
        try:
            self._ear.listen()
        except KafkaError as error:
            log.debug("heartbeats can't be read: %s", error)
            return Judgement((unreachable(self._settings.kafka),))
        now = self._now()
        judged = judge(self._ear.seen(), self._expected, now, limits_of(self._settings), listening_s=listening_s)
        return Judgement((*judged.findings, *self._audit()), judged.awaited)

    def run(self, stop: threading.Event) -> None:
        """Judge at the pace of the heartbeats until stopped."""
        log.info("holdfast.watch ready expecting=%s", ",".join(self._expected))
        while not stop.is_set():
            self.judgement = self.look()
            self._looked_at = time.monotonic()
            self._tell(self.judgement)
            self._call()
            stop.wait(self._settings.heartbeat_every_s)
        self._ear.close()

    def heard(self) -> tuple[str, ...]:
        """Return every service that is known, heard lately or not."""
        return tuple(sorted(self._ear.seen()))

    def figures(self) -> Figures:
        """Return what the watcher says of itself in its own heartbeat. Callable from any thread."""
        alarms = [one.words for one in self.judgement.findings if one.severity is Severity.ALARM]
        return Figures(progress_age_s=time.monotonic() - self._looked_at, trouble="; ".join(alarms)[:2000] or None)

    def close(self) -> None:
        """Disconnect."""
        self._ear.close()

    def _now(self) -> datetime:
        return self._settings.clock.now()

    def _tell(self, judgement: Judgement) -> None:
        """Log what is new and what is over, and count what is."""
        found = {(one.service, one.trouble.value): one for one in judgement.findings}
        for key in found.keys() - self._known.keys():
            one = found[key]
            level = logging.ERROR if one.severity is Severity.ALARM else logging.WARNING
            log.log(level, "%s: %s; next: %s", one.trouble.value, one.words, one.next_step)
        for service, trouble in sorted(self._known.keys() - found.keys()):
            log.info("over: %s of %s", trouble, service)
        self._known = found
        self._metrics.well.set(judgement.is_well)
        self._metrics.findings.clear()
        for one in judgement.findings:
            self._metrics.findings.labels(one.trouble.value, one.severity.value).inc()
        self._metrics.silent_s.clear()
        for service, seen in self._ear.seen().items():
            self._metrics.silent_s.labels(service).set(seen.heard_s)

    def _call(self) -> None:
        if self._deadman is None or not self.judgement.is_well:
            return
        taken = self._deadman.call(self.heard())
        if taken is not None:
            self._metrics.calls.labels("taken" if taken else "failed").inc()


def as_json(judgement: Judgement) -> dict[str, Any]:
    """Return a judgement as ``holdfast watch --once --json`` prints it."""
    return {
        "well": judgement.is_well,
        "findings": [asdict(one) for one in judgement.findings],
        "awaited": list(judgement.awaited),
    }


def forget(settings: Settings, service: str) -> None:
    """Take a service off the list of those that were there once: it is not missed any more.

    Raises:
        KafkaUnreachableError: if no broker answers.
    """
    from models.topics import Stream

    with kafka.Publisher(settings) as publisher:
        publisher.send(Stream.HEARTBEATS, service, None)
