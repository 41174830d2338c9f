"""What is wrong with the tracker itself, judged from the signs of life of its services. Pure.

A heartbeat says how the service thinks it does; that none comes is what nobody can say of himself. So silence is judged
by the watcher's own steady clock, and everything else by what the beats say.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from math import inf

from models.heartbeat import Heartbeat
from models.instants import format_instant

WATCH = "watch"
"""The watcher's own service: what it says of the others is no news about itself."""
SETTLED_BEATS = 3
"""A figure is only said to stay high after so many beats."""


class Severity(StrEnum):
    """What a finding means for the dead-man call."""

    ALARM = "alarm"
    """Somebody may not be told, or late: the call stays away."""
    WARNING = "warning"
    """To look at in the morning: the call goes on."""


class Trouble(StrEnum):
    """Kinds of findings."""

    SILENT = "silent"
    STUCK = "stuck"
    LAG = "lag"
    DUE_NOT_TOLD = "due_not_told"
    OUTBOX_STUCK = "outbox_stuck"
    PAGES_LATE = "pages_late"
    CLOCK_STEPPED = "clock_stepped"
    CLOCK_DIFFERS = "clock_differs"
    FEEDS_OVERDUE = "feeds_overdue"
    SERVICE_TROUBLE = "service_trouble"
    UNREACHABLE = "unreachable"
    """Kafka itself does not answer: nothing can be known."""
    AUDIT = "audit"
    """The auditor found pages that should exist and do not, or the like."""


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on something is wrong. Real seconds, but for the three of the product's clock."""

    missed_beats: float = 3.0
    """Beats that may stay away."""
    grace_s: float = 60.0
    """How long services may take to be heard after the watcher began to listen: they may just be starting, too."""
    stuck_s: float = 60.0
    lag_records: int = 1000
    due_s: float = 30.0
    """Age of what fell due and is not applied, on the product's clock."""
    outbox_s: float = 300.0
    """Age of the oldest unfinished page, on the product's clock."""
    late_s: float = 60.0
    """From this age on a page is late, on the product's clock."""
    skew_s: float = 5.0
    """How far the clocks of a service and of the watcher may lie apart, on the product's clock."""
    stepped_s: float = 1.0
    """How far a service's clock may go back between two beats, on the product's clock."""

    def at_speed(self, speed: float) -> "Limits":
        """Return the limits for a product clock that runs so many times faster."""
        return Limits(
            self.missed_beats,
            self.grace_s,
            self.stuck_s,
            self.lag_records,
            self.due_s * speed,
            self.outbox_s * speed,
            self.late_s * speed,
            self.skew_s * speed,
            self.stepped_s * speed,
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with the tracker."""

    service: str
    trouble: Trouble
    severity: Severity
    words: str
    next_step: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of one service."""

    beats: tuple[Heartbeat, ...]
    """The last minute's, in the order in which they came; at least one."""
    heard_s: float
    """Real seconds since the last one came, by the watcher's steady clock."""

    @property
    def latest(self) -> Heartbeat:
        """The beat that counts."""
        return self.beats[-1]


@dataclass(frozen=True, slots=True)
class Judgement:
    """How the tracker does."""

    findings: tuple[Finding, ...]
    awaited: tuple[str, ...] = ()
    """Services that have not beaten yet and still may: the watcher has only just begun to listen."""

    @property
    def is_well(self) -> bool:
        """Whether the dead-man call may go out: everybody is there and nothing keeps pages from people."""
        return not self.awaited and all(one.severity is not Severity.ALARM for one in self.findings)


def judge(
    seen: Mapping[str, Seen], expected: Iterable[str], now: datetime, limits: Limits, *, listening_s: float = inf
) -> Judgement:
    """Judge the services by their heartbeats.

    Args:
        seen: by service name (``worker`` or ``worker/2``); those that said goodbye are not in it.
        expected: names without instance that have to be there: one instance of each is enough.
        now: on the product's clock.
        limits: from where on something is wrong.
        listening_s: how long the watcher has listened, real seconds; for ``grace_s`` a service that it has not heard in
            that time is awaited and not missed.

    Returns:
        Findings by service, the worst first within each; and who is still awaited.
    """
    may_still_come = listening_s < limits.grace_s
    unheard = {name for name, one in seen.items() if one.heard_s > listening_s and _is_silent(one, limits)}
    quiet = unheard if may_still_come else set()
    there = {base_name(service) for service in seen}
    absent = [name for name in expected if name not in there]
    findings = [] if may_still_come else [_never(name) for name in absent]
    for service in sorted(seen.keys() - quiet):
        findings += _judge_one(service, seen[service], now, limits)
    return Judgement(tuple(findings), tuple(sorted({*quiet, *absent})) if may_still_come else ())


def base_name(service: str) -> str:
    """Return a service's name without its instance."""
    return service.partition("/")[0]


def unreachable(where: str) -> Finding:
    """Return the finding that the log of heartbeats can't be read."""
    return Finding(
        WATCH,
        Trouble.UNREACHABLE,
        Severity.ALARM,
        f"Kafka at {where} does not answer: no service can be heard, and none can work",
        "look at the broker; the services go on by themselves when it answers",
    )


def _never(name: str) -> Finding:
    return Finding(
        name,
        Trouble.SILENT,
        Severity.ALARM,
        f"{name} has given no sign of life",
        f"start `holdfast {name}`, or leave it out of --expect if it is not wanted here",
    )


def _is_silent(seen: Seen, limits: Limits) -> bool:
    return seen.heard_s > limits.missed_beats * seen.latest.every_s


def _judge_one(service: str, seen: Seen, now: datetime, limits: Limits) -> Iterator[Finding]:
    beat = seen.latest
    if _is_silent(seen, limits):
        yield Finding(
            service,
            Trouble.SILENT,
            Severity.ALARM,
            f"{service} has been silent for {seen.heard_s:.0f} s; it beats every {beat.every_s:g} s (pid {beat.pid})",
            f"look whether it runs, and at the end of its log; `holdfast {base_name(service)}` starts it",
        )
        return  # what it said before says nothing of now
    yield from _clock(service, seen.beats, now, limits)
    if base_name(service) != WATCH:
        yield from _work(service, seen.beats, limits)


def _clock(service: str, beats: Sequence[Heartbeat], now: datetime, limits: Limits) -> Iterator[Finding]:
    step = timedelta(seconds=limits.stepped_s)
    pairs = pairwise(beats)
    back = next((pair for pair in pairs if pair[1].beat_at < pair[0].beat_at - step), None)
    if back is not None:
        yield Finding(
            service,
            Trouble.CLOCK_STEPPED,
            Severity.ALARM,
            f"the clock of {service} went back from {format_instant(back[0].beat_at)} to "
            f"{format_instant(back[1].beat_at)}",
            "look at the time service of that machine; what fell due in between is told, by its computed instant",
        )
    ahead_s = (beats[-1].beat_at - now).total_seconds()
    if ahead_s > limits.skew_s:
        yield Finding(
            service,
            Trouble.CLOCK_DIFFERS,
            Severity.ALARM,
            f"the clock of {service} is {ahead_s:.0f} s ahead of the watcher's",
            "set the clocks of both machines by one time service: clocks would run out too early or too late",
        )


def _work(service: str, beats: Sequence[Heartbeat], limits: Limits) -> Iterator[Finding]:
    beat = beats[-1]
    if beat.progress_age_s is not None and beat.progress_age_s > limits.stuck_s:
        yield Finding(
            service,
            Trouble.STUCK,
            Severity.ALARM,
            f"{service} lives, but its work has not got on for {beat.progress_age_s:.0f} s",
            f"read the end of its log; end pid {beat.pid} and it goes on where it stopped",
        )
    yield from _lag(service, beats, limits)
    yield from _due(service, beat, limits)
    yield from _feeds(service, beat)
    if beat.trouble is not None:
        yield Finding(
            service,
            Trouble.SERVICE_TROUBLE,
            Severity.ALARM,
            f"{service} says: {beat.trouble}",
            f"read the end of the log of {service}",
        )


def _lag(service: str, beats: Sequence[Heartbeat], limits: Limits) -> Iterator[Finding]:
    """Find topics on which much waits and does not get less: catching up after a restart is no trouble."""
    if len(beats) < SETTLED_BEATS:
        return
    for topic, waiting in sorted(beats[-1].lag_records.items()):
        before = beats[0].lag_records.get(topic)
        if waiting > limits.lag_records and before is not None and before > limits.lag_records and waiting >= before:
            yield Finding(
                service,
                Trouble.LAG,
                Severity.ALARM,
                f"{service}: {waiting} records of {topic} wait, and they do not get fewer ({before} a while ago)",
                "look at its log and at the load of its machine; a further instance shares the partitions",
            )


def _due(service: str, beat: Heartbeat, limits: Limits) -> Iterator[Finding]:
    if beat.oldest_due_s > limits.due_s:
        yield Finding(
            service,
            Trouble.DUE_NOT_TOLD,
            Severity.ALARM,
            f"an instant that fell due {beat.oldest_due_s:.0f} s ago has not been applied",
            "look at the worker's log: it can't write to the ledger, or does not read it",
        )
    if beat.outbox_age_s > limits.outbox_s:
        yield Finding(
            service,
            Trouble.OUTBOX_STUCK,
            Severity.ALARM,
            f"the oldest of {beat.outbox_pages} unfinished pages was due {beat.outbox_age_s:.0f} s ago",
            "the index `deliveries` says which receiver does not answer; tell the person by other means",
        )
    elif beat.outbox_age_s > limits.late_s:
        yield Finding(
            service,
            Trouble.PAGES_LATE,
            Severity.WARNING,
            f"a page is late: due {beat.outbox_age_s:.0f} s ago and not brought yet ({beat.outbox_pages} unfinished)",
            "the index `deliveries` says which receiver is slow",
        )


def _feeds(service: str, beat: Heartbeat) -> Iterator[Finding]:
    if beat.feeds_overdue:
        every = beat.feeds_overdue == beat.feeds
        yield Finding(
            service,
            Trouble.FEEDS_OVERDUE,
            Severity.ALARM if every and beat.feeds > 1 else Severity.WARNING,
            f"{beat.feeds_overdue} of {beat.feeds} feeds not seen for three of their intervals"
            + ("; with all of them the fault is likely ours" if every and beat.feeds > 1 else ""),
            "the poller's log says why; is our own way to the internet open?",
        )
