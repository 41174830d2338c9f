"""How one clock stands as of an instant, in words that a board can show without colour. Pure.

A clock's document is the verdict; this only adds what follows from the time alone: which warning stage has passed,
and whether the target has been reached since the engine last spoke.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from models.instants import seconds
from models.records import Basis, ClockDocument, Objective, Verdict


class Standing(StrEnum):
    """States of a clock on the board, most pressing first."""

    OVERDUE = "overdue"
    """Running past its target."""
    AT_LIMIT = "at_limit"
    """The target is reached by the earliest start possible; the engine has not called it overdue."""
    WARNING = "warning"
    """Running, past a warning stage."""
    RUNNING = "running"
    PAUSED = "paused"
    PENDING = "pending"
    BREACHED = "breached"
    """Stopped past its target."""
    INDETERMINATE = "indeterminate"
    MET = "met"
    EXCLUDED = "excluded"
    CANCELLED = "cancelled"
    NOT_APPLICABLE = "not_applicable"

    @property
    def rank(self) -> int:
        """Position in the order of urgency, 0 the most pressing."""
        return _RANKS[self]

    @property
    def words(self) -> str:
        """The state as people say it."""
        return _WORDS.get(self, self.value.replace("_", " "))


_RANKS = {standing: rank for rank, standing in enumerate(Standing)}
_WORDS = {Standing.AT_LIMIT: "at the limit", Standing.NOT_APPLICABLE: "not applicable"}
TICKING = (Standing.OVERDUE, Standing.AT_LIMIT, Standing.WARNING, Standing.RUNNING, Standing.PAUSED, Standing.PENDING)
"""States of a clock that has not stopped."""


def standing_of(clock: ClockDocument, now: datetime) -> Standing:
    """Return how a clock stands as of ``now``."""
    if clock.verdict is not Verdict.RUNNING:
        return Standing(clock.verdict.value)
    if clock.due_at is not None and now > clock.due_at:
        return Standing.AT_LIMIT
    return Standing.WARNING if passed_share(clock, now) is not None else Standing.RUNNING


def passed_share(clock: ClockDocument, now: datetime) -> float | None:
    """Return the highest warning stage passed, as a share of the target; None before the first."""
    return max((stage.share for stage in clock.warnings if stage.at <= now), default=None)


@dataclass(frozen=True)
class Judged:
    """One objective of one incident: the agreed clock, and how far the two sides' words lie apart."""

    objective: Objective
    ordinal: int
    agreed: ClockDocument
    claimed: ClockDocument | None
    observed: ClockDocument | None
    apart_s: float | None
    """Seconds by which the observed time is longer than the claimed one; None where either is not known."""

    @property
    def is_disputed(self) -> bool:
        """True where the two bases come to different verdicts."""
        return self.claimed is not None and self.observed is not None and self.claimed.verdict != self.observed.verdict


def judge_all(clocks: Iterable[ClockDocument]) -> list[Judged]:
    """Group clocks by objective and ordinal; those without an agreed clock yet are left out."""
    groups: dict[tuple[Objective, int], dict[Basis, ClockDocument]] = {}
    for clock in clocks:
        groups.setdefault((clock.objective, clock.ordinal), {})[clock.basis] = clock
    found = []
    for (objective, ordinal), bases in sorted(groups.items(), key=lambda entry: (_place(entry[0][0]), entry[0][1])):
        agreed = bases.get(Basis.AGREED)
        if agreed is not None:
            claimed, observed = bases.get(Basis.CLAIMED), bases.get(Basis.OBSERVED)
            found.append(Judged(objective, ordinal, agreed, claimed, observed, apart_s(claimed, observed)))
    return found


def apart_s(claimed: ClockDocument | None, observed: ClockDocument | None) -> float | None:
    """Return how many seconds longer it took by what was observed than by what was claimed.

    Both stopped: the difference of the elapsed times (their upper bounds). Both running: what lies between the
    starts, because the present is the same for both. Otherwise nothing can be said.
    """
    if claimed is None or observed is None:
        return None
    if claimed.elapsed_max_s is not None and observed.elapsed_max_s is not None:
        return observed.elapsed_max_s - claimed.elapsed_max_s
    both_run = claimed.stopped_at is None and observed.stopped_at is None
    if both_run and claimed.started_at is not None and observed.started_at is not None:
        return seconds(claimed.started_at - observed.started_at)
    return None


@dataclass(frozen=True)
class Tally:
    """How one objective's stopped clocks ended, by the agreed basis."""

    objective: Objective
    standing: Standing
    """The worst among them."""
    count: int
    missed: int
    apart_s: float | None
    """Of the clock with the worst standing, the last of several."""
    reason: str | None


def tally(judged: Sequence[Judged], now: datetime) -> list[Tally]:
    """Sum up stopped clocks, one line per objective, in the order of an incident's life."""
    lines = []
    for objective in sorted({one.objective for one in judged}, key=_place):
        stopped = [one for one in judged if one.objective is objective and standing_of(one.agreed, now) not in TICKING]
        if not stopped:
            continue
        worst = min(stopped, key=lambda one: (standing_of(one.agreed, now).rank, -one.ordinal))
        missed = sum(one.agreed.verdict is Verdict.BREACHED for one in stopped)
        standing = standing_of(worst.agreed, now)
        lines.append(Tally(objective, standing, len(stopped), missed, worst.apart_s, worst.agreed.reason))
    return lines


def _place(objective: Objective) -> int:
    return list(Objective).index(objective)
