"""A meter: one incident measured notice by notice, at a cost that does not grow with what was said before. Pure.

``models.clocks.measure`` is the definition, and a meter's answers are equal to it, in whatever order facts came. Of a
long incident most statements are plain (``models.plain``): they are left out when the other clocks are measured, and a
gap between two of them never changes again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from models.agreement import AgreementVersion
from models.case import same_reading
from models.clocks import measurable, measure, sides_of
from models.episode import Case, Word, speaking
from models.fact import Fact, join
from models.instants import LATEST
from models.limits import Limits
from models.moment import Moment
from models.objectives import OVER, Substance, gap
from models.plain import Thread
from models.priority import Scale
from models.reading import Gauge, Reading, Which, read
from models.records import Basis, Objective

OTHERS = tuple(objective for objective in Objective if objective is not Objective.UPDATE)

Clock = tuple[Objective, Basis, int]
"""The name of a clock within its incident."""


@dataclass(frozen=True, slots=True)
class Change:
    """What reads otherwise than when it was asked last."""

    readings: tuple[Reading, ...]
    gone: frozenset[Clock] = frozenset()
    """Clocks that there are no more."""


class Line:
    """The update clocks of one incident on one basis, gap by gap. Mutable."""

    def __init__(self, version: AgreementVersion, basis: Basis, limits: Limits) -> None:
        self.closed: list[Reading] = []
        """Gaps that have ended: nothing but a fact out of order changes them."""
        self.told = 0
        """How many of them were told as changed."""
        self._version, self._basis, self._limits = version, basis, limits
        self._warn_at = version.warn_at(Objective.UPDATE)
        self._substance = Substance()
        self._count = 0
        self._open: tuple[Word, Moment] | None = None

    def append(self, word: Word, as_of: datetime) -> None:
        """Take the provider's next statement, which was received by ``as_of``."""
        if not self._substance.takes(word):
            return
        moment = speaking(word, self._basis, self._version.evidence)
        if self._open is not None:
            reading = self._read(moment, as_of)
            self.closed += [] if reading is None else [reading]
            self._count += 1
        self._open = None if word.phase in OVER else (word, moment)

    def running(self, as_of: datetime) -> list[Reading]:
        """Return the reading of the gap that has not ended; at most one."""
        reading = None if self._open is None else self._read(None, as_of)
        return [] if reading is None else [reading]

    def _read(self, after: Moment | None, as_of: datetime) -> Reading | None:
        assert self._open is not None, "asked only while a gap is open"
        timed = self._limits.timed(gap(*self._open, after, self._basis))
        if timed is None:
            return None
        timed, time = timed.less(())
        which = Which(Objective.UPDATE, self._basis, self._count, self._warn_at)
        return read(timed.run, which, Gauge(timed.target, timed.limit.priority, time), as_of)


@dataclass
class _Followed:
    """An incident whose statements can be followed one by one."""

    thread: Thread
    lines: list[Line]
    others: dict[Objective, tuple[Reading, ...]] = field(default_factory=dict)
    quiet_until: datetime | None = None
    """Time alone changes nothing in ``others`` up to then; None: they are to be measured."""
    is_fresh: bool = True
    """Nothing of it was told as changed yet."""


class Meter:
    """One incident's facts under one version of an agreement. Mutable; can be made again from the facts."""

    def __init__(self, version: AgreementVersion, facts: Iterable[Fact] = ()) -> None:
        self._version = version
        self._has_cause = any(target.objective is Objective.ROOT_CAUSE for target in version.targets)
        self._facts: dict[str, Fact] = {}
        self._followed: _Followed | None = None
        self._told: dict[Clock, Reading] = {}
        for fact in facts:
            self.add(fact)

    def add(self, fact: Fact) -> None:
        """Take one fact; copies and late ones are harmless, but late ones make everything to be told anew."""
        before = self._facts.get(fact.notice_id)
        joined = join(before, fact)
        if joined == before:
            return
        self._facts[fact.notice_id] = joined
        followed = self._followed
        if followed is None or (before is None and not measurable(joined)):
            return
        word = followed.thread.follow(joined) if before is None else None
        if word is None:
            self._followed = None
            return
        if not followed.thread.last_is_plain:
            followed.quiet_until = None
        if not joined.is_witness:
            for line in followed.lines:
                line.append(word, followed.thread.last_received)

    def readings(self, as_of: datetime) -> tuple[Reading, ...]:
        """Return what ``measure`` says of all facts that were added."""
        followed = self._follow(as_of)
        if followed is None:
            return measure(self._facts.values(), self._version, as_of)
        others = self._measured(followed, as_of)
        updates = [reading for line in followed.lines for reading in (*line.closed, *line.running(as_of))]
        return tuple(
            reading
            for objective in Objective
            for reading in (updates if objective is Objective.UPDATE else others[objective])
        )

    def changed(self, as_of: datetime) -> Change:
        """Return the readings that make another document than when this was asked last; at first, all."""
        followed = self._follow(as_of)
        if followed is None or followed.is_fresh:
            return self._anew(followed, as_of)
        found: list[Reading] = []
        gone: frozenset[Clock] = frozenset()
        for line in followed.lines:
            found += self._news((*line.closed[line.told :], *line.running(as_of)))
            line.told = len(line.closed)
        if followed.quiet_until is None or as_of > followed.quiet_until:
            before = {_clock(one) for readings in followed.others.values() for one in readings}
            now = [one for readings in self._measured(followed, as_of).values() for one in readings]
            found += self._news(now)
            gone = frozenset(before - {_clock(one) for one in now})
            self._forget(gone)
        return Change(tuple(found), gone)

    def _anew(self, followed: _Followed | None, as_of: datetime) -> Change:
        """Compare all readings with all that was told."""
        readings, before = self.readings(as_of), self._told.keys()
        gone = frozenset(before - {_clock(one) for one in readings})
        found = self._news(readings)
        self._forget(gone)
        if followed is not None:
            followed.is_fresh = False
            for line in followed.lines:
                line.told = len(line.closed)
        return Change(tuple(found), gone)

    def _forget(self, gone: Iterable[Clock]) -> None:
        for clock in gone:
            self._told.pop(clock, None)

    def _news(self, readings: Iterable[Reading]) -> list[Reading]:
        """Return those that say something else than was told, and take them for told."""
        found = []
        for reading in readings:
            before = self._told.get(_clock(reading))
            if before is None or not same_reading(before, reading):
                self._told[_clock(reading)] = reading
                found.append(reading)
        return found

    def _follow(self, as_of: datetime) -> _Followed | None:
        """Return the incident followed up to its last fact; None where that can't be, or lies after ``as_of``."""
        if self._followed is None:
            self._followed = self._begun(as_of)
        followed = self._followed
        return None if followed is None or as_of < followed.thread.last_received else followed

    def _begun(self, as_of: datetime) -> _Followed | None:
        known = [fact for fact in self._facts.values() if measurable(fact)]
        case = Case.of(known)
        thread = Thread.of(known, case, self._version) if case.spoken or case.witnessed else None
        if thread is None or as_of < thread.last_received:
            return None
        scales = ((basis, Scale.of(known, self._version, basis, as_of)) for basis in Basis)
        limits = ((basis, Limits.of(self._version, Objective.UPDATE, scale)) for basis, scale in scales)
        lines = [Line(self._version, basis, found) for basis, found in limits if found is not None]
        for word in case.spoken:
            for line in lines:
                line.append(word, as_of)
        return _Followed(thread, lines)

    def _measured(self, followed: _Followed, as_of: datetime) -> dict[Objective, tuple[Reading, ...]]:
        """Measure all clocks but those of the updates, without plain statements."""
        facts = followed.thread.turning
        case = Case.of(facts)
        sides = sides_of(facts, case, self._version, as_of)
        found: dict[Objective, tuple[Reading, ...]]
        found = {one: tuple(reading for side in sides for reading in side.readings(one)) for one in OTHERS}
        wakes = [at for readings in found.values() for reading in readings for at in reading.wakes]
        followed.others = found
        followed.quiet_until = as_of if self._has_cause else min(wakes, default=LATEST)
        return found


def _clock(reading: Reading) -> Clock:
    return (reading.objective, reading.basis, reading.ordinal)
