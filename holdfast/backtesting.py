"""Two agreements judged against the same history: what would have been otherwise, and which incidents make it. Pure.

Both sides are suppositions, on the agreed basis, and nothing is stored (measurement.md §6). Availability and credits
are compared in ``holdfast.backtesting_months``.
"""

import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from typing import Any

from holdfast.measuring import Gathered
from holdfast.supposing import Draft
from models.clocks import measure
from models.incident import Contract, Subject
from models.instants import format_instant, seconds
from models.reading import Reading
from models.records import Basis, Objective, Verdict

BREACHED = (Verdict.BREACHED, Verdict.OVERDUE)
OPEN = (Verdict.PENDING, Verdict.RUNNING, Verdict.PAUSED)
ENOUGH = 5
"""Below this many cases a percentile says nothing (measurement.md §11)."""

Track = Callable[[Sequence[Any], str], Iterable[Any]]
"""Wraps long work, to show how far it is: (what, description)."""


@dataclass
class Figures:
    """What the clocks of one objective at one priority come to."""

    met: int = 0
    breached: int = 0
    """Overdue ones too: the limit has passed."""
    indeterminate: int = 0
    open: int = 0
    """Still running, within the limit: nobody knows yet."""
    left_out: int = 0
    """Cancelled, excluded, not applicable."""
    took: list[float] = field(default_factory=list)
    """Seconds, of those that have stopped: the upper bound where it is an interval."""

    def add(self, reading: Reading) -> None:
        """Count one clock."""
        verdict = reading.verdict
        if verdict in BREACHED:
            self.breached += 1
        elif verdict in OPEN:
            self.open += 1
        elif verdict is Verdict.MET:
            self.met += 1
        elif verdict is Verdict.INDETERMINATE:
            self.indeterminate += 1
        else:
            self.left_out += 1
        if reading.stopped_at is not None and reading.elapsed is not None and reading.elapsed.most is not None:
            self.took.append(seconds(reading.elapsed.most))

    @property
    def n(self) -> int:
        """How many there were to judge."""
        return self.met + self.breached + self.indeterminate + self.open

    @property
    def met_share(self) -> float | None:
        """Share met of those that were met or breached; None where none was."""
        judged = self.met + self.breached
        return self.met / judged if judged else None

    @property
    def median_s(self) -> float | None:
        """None below ``ENOUGH`` cases."""
        return statistics.median(self.took) if len(self.took) >= ENOUGH else None

    @property
    def p90_s(self) -> float | None:
        """By nearest rank; None below ``ENOUGH`` cases."""
        return sorted(self.took)[ceil(0.9 * len(self.took)) - 1] if len(self.took) >= ENOUGH else None

    def part(self, side: str) -> dict[str, Any]:
        """Return the keys of one side of a line."""
        names = ("n", "met", "breached", "indeterminate", "open", "left_out", "met_share", "median_s", "p90_s")
        return {f"{side}_{name}": getattr(self, name) for name in names}


@dataclass(frozen=True)
class Flip:
    """A clock that would have been judged otherwise."""

    incident_id: str
    source_incident_id: str
    title: str | None
    objective: Objective
    ordinal: int
    started_at: datetime | None
    a: Reading | None
    """None: A promises nothing here."""
    b: Reading | None

    @property
    def gained(self) -> int:
        """1: a breach more under B; -1: one fewer; 0: something else changed."""
        return (_verdict(self.b) in BREACHED) - (_verdict(self.a) in BREACHED)

    @property
    def priority(self) -> str:
        """The highest priority of either side."""
        named = [one.priority for one in (self.a, self.b) if one is not None and one.priority is not None]
        return min(named, default="-")

    @property
    def weight(self) -> tuple[bool, str, float, str, int]:
        """Sort key, the heaviest first: a breach more or fewer, the priority, then by how much the distance changed."""
        over = (over_s(self.a), over_s(self.b))
        moved = abs((over[1] or 0.0) - (over[0] or 0.0))
        return (not self.gained, self.priority, -moved, self.incident_id, self.ordinal)

    def line(self) -> dict[str, Any]:
        """Return the object of ``--json``."""
        return {
            "kind": "incident",
            "incident_id": self.incident_id,
            "source_incident_id": self.source_incident_id,
            "title": self.title,
            "objective": self.objective.value,
            "ordinal": self.ordinal,
            "started_at": None if self.started_at is None else format_instant(self.started_at),
            "breaches": self.gained,
            **_side("a", self.a),
            **_side("b", self.b),
        }


def _verdict(reading: Reading | None) -> Verdict | None:
    return None if reading is None else reading.verdict


def over_s(reading: Reading | None) -> float | None:
    """Return seconds past the limit, below zero those that were left: of a breach at least, else at most."""
    if reading is None or reading.elapsed is None:
        return None
    elapsed = reading.elapsed.least if reading.verdict in BREACHED else reading.elapsed.most
    return None if elapsed is None else seconds(elapsed - reading.target)


def _side(side: str, reading: Reading | None) -> dict[str, Any]:
    elapsed = None if reading is None else reading.elapsed
    return {
        f"{side}_verdict": None if reading is None else reading.verdict.value,
        f"{side}_priority": None if reading is None else reading.priority,
        f"{side}_target_s": None if reading is None else seconds(reading.target),
        f"{side}_elapsed_min_s": None if elapsed is None else seconds(elapsed.least),
        f"{side}_elapsed_max_s": None if elapsed is None or elapsed.most is None else seconds(elapsed.most),
        f"{side}_over_s": over_s(reading),
    }


Row = tuple[Objective, str]
"""Objective and priority."""


@dataclass(frozen=True)
class Backtest:
    """What came of it.

    Attributes:
        rows: by objective and priority: the figures under A and under B.
        flips: clocks judged otherwise, the heaviest first.
        incidents: how many there were.
        uncovered: how many of them A and B do not cover.
        not_in_force: how many A and B judged by a version that was not in force when they began.
        problems: what could not be read, in words; the rest was.
    """

    rows: Mapping[Row, tuple[Figures, Figures]]
    flips: tuple[Flip, ...]
    incidents: int
    uncovered: tuple[int, int]
    not_in_force: tuple[int, int]
    problems: tuple[str, ...]

    @property
    def gained(self) -> tuple[int, int]:
        """Breaches more and fewer under B."""
        return (sum(one.gained > 0 for one in self.flips), sum(one.gained < 0 for one in self.flips))

    def lines(self) -> Iterator[dict[str, Any]]:
        """Yield the objects of ``--json`` but for months and the summary."""
        for (objective, priority), (a, b) in self.rows.items():
            head = {"kind": "objective", "objective": objective.value, "priority": priority}
            yield {**head, **a.part("a"), **b.part("b")}
        for flip in self.flips:
            yield flip.line()

    def summary(self) -> dict[str, Any]:
        """Return the last object of ``--json``."""
        more, fewer = self.gained
        return {
            "kind": "summary",
            "incidents": self.incidents,
            "breaches_more": more,
            "breaches_fewer": fewer,
            "a_breached": sum(a.breached for a, _ in self.rows.values()),
            "b_breached": sum(b.breached for _, b in self.rows.values()),
            "a_uncovered": self.uncovered[0],
            "b_uncovered": self.uncovered[1],
            "a_not_in_force": self.not_in_force[0],
            "b_not_in_force": self.not_in_force[1],
        }

    def words(self) -> str:
        """Return the difference in a sentence."""
        more, fewer = self.gained
        net = more - fewer
        if not more and not fewer:
            return f"B would have judged none of the clocks of {_incidents(self.incidents)} a breach otherwise than A."
        changed = sorted(one.priority for one in self.flips if one.gained == (1 if net >= 0 else -1))
        more_or_fewer = f"{abs(net)} {'more' if net > 0 else 'fewer'} {_breaches(net)} than"
        what = more_or_fewer if net else "as many breaches as"
        kind = "new" if net >= 0 else "saved"
        return (
            f"B would have cost {what} A in {_incidents(self.incidents)}: {more} new, {fewer} saved;"
            f" {changed.count(changed[0])} of the {kind} ones {changed[0]}."
        )


def _incidents(count: int) -> str:
    return "1 incident" if count == 1 else f"{count} incidents"


def _breaches(net: int) -> str:
    return "breach" if abs(net) == 1 else "breaches"


def backtest(gathered: Gathered, sides: tuple[Draft, Draft], as_of: datetime, track: Track) -> Backtest:
    """Judge every incident under both agreements.

    Args:
        gathered: the history.
        sides: A and B.
        as_of: how far the world has run; UTC.
        track: shows how far it is.

    Raises:
        AmbiguousAgreementError: if two agreements of one side fit an incident equally well.
        CalendarRangeError: if an instant lies outside the years that a calendar knows.
    """
    rows: dict[Row, tuple[Figures, Figures]] = {}
    flips: list[Flip] = []
    uncovered, outside = [0, 0], [0, 0]
    subjects = list(gathered.subjects())
    for subject in track(subjects, "judging"):
        contracts: list[Contract | None] = []
        for index, draft in enumerate(sides):
            found = draft.contract(subject)
            uncovered[index] += found is None
            outside[index] += found is not None and not found.was_in_force
            contracts.append(None if found is None else found.contract)
        read = [_readings(subject, contract, as_of) for contract in contracts]
        for index, readings in enumerate(read):
            for reading in readings.values():
                row = (reading.objective, reading.priority or "-")
                rows.setdefault(row, (Figures(), Figures()))[index].add(reading)
        flips.extend(_flips(subject, read[0], read[1]))
    order = list(Objective)
    ranked = dict(sorted(rows.items(), key=lambda entry: (order.index(entry[0][0]), entry[0][1])))
    flips.sort(key=lambda one: one.weight)
    return Backtest(
        ranked, tuple(flips), len(subjects), (uncovered[0], uncovered[1]), (outside[0], outside[1]), gathered.problems
    )


Clock = tuple[Objective, int]


def _readings(subject: Subject, contract: Contract | None, as_of: datetime) -> dict[Clock, Reading]:
    if contract is None:
        return {}
    every = measure(subject.facts, contract.version, as_of)
    return {(one.objective, one.ordinal): one for one in every if one.basis is Basis.AGREED}


def _flips(subject: Subject, a: Mapping[Clock, Reading], b: Mapping[Clock, Reading]) -> Iterator[Flip]:
    """Yield the clocks whose verdicts differ."""
    case = subject.case
    told = case.spoken or case.witnessed or case.vanished or case.decided
    title = next((word.last.title for word in reversed(told) if word.last.title), None)
    for clock in dict.fromkeys((*a, *b)):
        one, other = a.get(clock), b.get(clock)
        if _verdict(one) is not _verdict(other):
            started = next((reading.started_at for reading in (one, other) if reading is not None), None)
            source_id = told[0].first.source_incident_id
            yield Flip(subject.incident_id, source_id, title, *clock, started, one, other)
