"""How the highest rung told goes on: again and again, at a rate, then at the floor rate, never in silence. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from models.instants import LATEST
from models.plan import Climb, Step
from models.policy import Repeat


@dataclass(frozen=True, slots=True)
class Loops:
    """The repetitions of one rung: when they are, and which may be told."""

    climbed: Climb
    step: Step
    repeat: Repeat
    base: datetime
    """When the rung was told first."""

    @classmethod
    def of(cls, climbed: Climb, step: Step) -> "Loops | None":
        """Return the repetitions of a rung; None where it is not repeated: not told, or it is over."""
        if step.told_at is None or climbed.is_over:
            return None
        return cls(climbed, step, climbed.names.policy.repeats(step.side), step.told_at)

    def at(self, loop: int) -> datetime:
        """Return when a repetition is due, from 1: at ``every`` so often, then at the floor rate."""
        quick, slow = self._rates()
        if quick is None:
            return self.base + loop * slow
        fast = min(loop, self.repeat.loops)
        return self.base + fast * quick + (loop - fast) * slow

    def due(self, as_of: datetime) -> tuple[int, datetime] | None:
        """Return the latest repetition that fell due before an instant; earlier ones are not told any more."""
        lapses = self._lapses()
        if (lapses is not None and as_of <= lapses) or self._open_at(as_of) != as_of:
            return None
        for loop in range(self._reached(as_of), 0, -1):
            at = self.at(loop)
            if lapses is not None and at < lapses:
                return None
            passed = self._told_at(at)
            if passed is not None and passed < as_of:
                return loop, passed
        return None

    def next(self, as_of: datetime) -> tuple[int, datetime] | None:
        """Return the next repetition that is not before an instant, if nothing happens; None where there is none."""
        lapses = self._lapses()
        since = as_of if lapses is None else max(as_of, lapses)
        if since >= LATEST:
            return None
        first = max(self._reached(since), 1)
        for loop in range(first, first + 3):
            at = self.at(loop)
            passed = self._told_at(at) if at >= since or lapses is None else None
            if passed is not None and passed >= since:
                return loop, passed
        return None

    def _reached(self, as_of: datetime) -> int:
        """Return the number of the last repetition whose own instant has passed."""
        quick, slow = self._rates()
        passed = as_of - self.base
        if passed <= timedelta():
            return 0
        if quick is None:
            return int(passed / slow)
        fast = int(passed / quick)
        if fast <= self.repeat.loops:
            return fast
        return self.repeat.loops + int((passed - self.repeat.loops * quick) / slow)

    def _lapses(self) -> datetime | None:
        """Return until when an acknowledgement covers what was told; ``LATEST`` for good, None where there is none."""
        answer = None if self.repeat.until == "resolved" else self.climbed.acknowledgement(self.step)
        if answer is None:
            return None
        holds = self.repeat.acknowledgement_holds
        return LATEST if holds is None or holds.fixed is None else answer.decided_at + holds.fixed

    def _told_at(self, at: datetime) -> datetime | None:
        """Return when a repetition is told that is due at an instant: not before the trouble came back."""
        back_at = self.climbed.back_at
        return self._open_at(at if back_at is None else max(at, back_at))

    def _open_at(self, at: datetime) -> datetime | None:
        return self.climbed.gates.pass_at(at, self.step.side, self.step.rung.hours).at

    def _rates(self) -> tuple[timedelta | None, timedelta]:
        every, floor = self.repeat.every, self.repeat.floor.fixed
        assert floor is not None
        return (None if every is None else every.fixed), floor
