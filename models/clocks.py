"""Clocks: each objective of an agreement against what happened, on three bases (measurement.md §4). Pure.

``measure`` is the one entry: a function of (facts, agreement version, as-of), with no memory. Calendars other than
24x7, pauses and exclusions are not computed yet: targets that need them are listed by ``unmeasured`` and make no
clock, so nothing is judged by a rule that is not there (ADR 0006).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from models.agreement import AgreementVersion, Evidence
from models.episode import ENDING, FINAL, REOPENING, Case, Word, speaking, start_of
from models.fact import Fact, collect
from models.limits import MEASURED, Limits, unmeasured
from models.moment import Moment, not_before
from models.notice import Flag, Kind, Phase
from models.outage import Outage, ending, outages, recurrences, settle, unresolved, until, uses_witnesses
from models.priority import Scale, priority_of
from models.reading import Reading, Run, Which, read, unknowable
from models.records import Basis, Objective, Verdict

__all__ = ["MEASURED", "Reading", "measure", "priority_of", "unmeasured"]

RUNNING = (Verdict.RUNNING, Verdict.OVERDUE)
OVER = (*FINAL, Phase.CANCELLED)
"""After these no further update is owed, until trouble returns."""
BY_WORD = (Objective.NOTIFY, Objective.ACKNOWLEDGE, Objective.RESPOND)
"""Fulfilled by the provider's speaking, whatever it says of the service."""
NO_START = "no start is known"
NO_ONSET = "neither an onset that we saw nor a claimed begin"
NOT_MEASURABLE = "written after the fact: when the provider first spoke is not known"
NO_BEGIN = "the provider's first word was that it was over: when it began is not known"


def measure(facts: Iterable[Fact], version: AgreementVersion, as_of: datetime) -> tuple[Reading, ...]:
    """Measure one incident under one agreement version.

    Args:
        facts: the incident's facts, any order, copies allowed; what is not to be known yet is left out by the caller
            (``models.fact.known_at``). Maintenance and test messages make no clocks.
        version: the version in force at the incident's start.
        as_of: how far the world has run; UTC. What happened later, or may have, counts as not yet happened.

    Returns:
        One reading per objective and basis, and one per gap for ``update``; ordered by objective, basis, ordinal.
        The same set of facts gives the same readings. Linear in the number of facts, but for sorting them.
    """
    known = [
        fact for fact in collect(facts).values() if fact.kind is Kind.INCIDENT and Flag.TEST not in fact.flags
    ]  # fmt: skip
    case = Case.of(known)
    if not case.spoken and not case.witnessed:
        return ()
    scale = Scale.of(known, version)
    parts = recurrences(case, version)
    views = {basis: [View.of(part, basis, version.evidence, as_of) for part in parts] for basis in Basis}
    found: list[Reading] = []
    for objective in MEASURED:
        limits = Limits.of(version, objective, scale)
        if limits is None:
            continue
        warn_at = version.warn_at(objective)
        for basis, seen in views.items():
            runs = ((view, run) for view in seen for run in _runs(view, objective, limits.target, version))
            for ordinal, (view, run) in enumerate(runs):
                reading = _read(run, view, Which(objective, basis, ordinal, warn_at), limits)
                if reading is not None:
                    found.append(reading)
    return tuple(map(_cancelled, found)) if _is_cancelled(case, as_of) else tuple(found)


def _is_cancelled(case: Case, as_of: datetime) -> bool:
    return (
        case.is_cancelled
        and replace(case, spoken=tuple(word for word in case.spoken if word.stamped.earliest <= as_of)).is_cancelled
    )


def _cancelled(reading: Reading) -> Reading:
    """Keep what a clock had stopped at; one that was still running has no length worth telling."""
    elapsed = None if reading.verdict in RUNNING else reading.elapsed
    return replace(reading, verdict=Verdict.CANCELLED, elapsed=elapsed, breached_at=None, wakes=(), reason=None)


@dataclass(frozen=True, slots=True)
class View:
    """One incident, or one return of its trouble, on one basis."""

    case: Case
    basis: Basis
    evidence: Evidence
    start: Moment | None
    as_of: datetime
    said: tuple[Moment, ...]
    """When the provider said each of its statements, on this basis."""

    @classmethod
    def of(cls, case: Case, basis: Basis, evidence: Evidence, as_of: datetime) -> "View":
        """Look at a case on a basis."""
        said = tuple(speaking(word, basis, evidence) for word in case.spoken)
        return cls(case, basis, evidence, start_of(case, basis, evidence), as_of, said)

    @property
    def imported(self) -> bool:
        """True where nothing shows when the provider first spoke."""
        return self.case.is_imported

    def ending(self, word: Word, start: Moment) -> Moment:
        """Return when it was over by a statement, on this basis."""
        return ending(word, self.basis, self.evidence, start)

    def earliest(self, said: Iterable[Moment], start: Moment) -> Moment | None:
        """Return the first of some words, not before the start.

        None while nothing was said; where the page stopped listing the incident, what it said later is not known.
        """
        first = min(said, key=lambda moment: moment.order, default=None)
        if first is None and self.case.vanished:
            return self.ending(self.case.vanished[-1], start)
        return not_before(first, start)

    def outages(self, start: Moment) -> tuple[Outage, ...]:
        """Return the outages up to the as-of instant; none where it had not begun."""
        return until(outages(self.case, self.basis, self.evidence, start), self.as_of)

    def cannot_end(self, start: Moment) -> str | None:
        """Say why no length can be told, where the first word was already that it was over; else None.

        What an imported record claims is a claim, where it claims an interval; when it was published says nothing.
        """
        if uses_witnesses(self.case, self.basis, self.evidence) or not self.case.spoken:
            return None
        by_claims = self.basis is Basis.CLAIMED or (self.basis is Basis.AGREED and self.evidence.restore != "published")
        if self.imported and not by_claims:
            return NOT_MEASURABLE
        first = self.case.spoken[0]
        is_its_own = start.notice_id in (first.first.notice_id, first.last.notice_id)
        if first.phase in ENDING and is_its_own and start != self.case.claimed_begin():
            return NOT_MEASURABLE if self.imported else NO_BEGIN
        return None


def _read(run: Run | str, view: View, which: Which, limits: Limits) -> Reading | None:
    """Turn a run, or why there is none, into a reading."""
    if isinstance(run, Run):
        restarted = limits.restart(run)
        return None if restarted is None else read(restarted, which, view.as_of)
    verdict = Verdict.INDETERMINATE if run in (NOT_MEASURABLE, NO_BEGIN) else Verdict.NOT_APPLICABLE
    return unknowable(which, limits.target, verdict, run, view.start)


def _runs(view: View, objective: Objective, target: timedelta, version: AgreementVersion) -> Iterator[Run | str]:
    """Yield the clock's runs, or in words why there is none."""
    if objective is Objective.UPDATE:
        yield from () if view.imported else _gaps(view, target)
    elif objective in BY_WORD:
        yield _by_word(view, objective, target)
    elif view.start is None:
        yield NOT_MEASURABLE if view.imported else NO_START
    elif (why := view.cannot_end(view.start)) is not None:
        yield why
    elif objective is Objective.RESOLVE:
        yield from _resolve(view, view.start, target, version)
    elif found := view.outages(view.start):
        recover = _workaround if objective is Objective.WORKAROUND else _restore
        yield recover(view, found, target, version)


def _by_word(view: View, objective: Objective, target: timedelta) -> Run | str:
    """Return the run of an objective that the provider fulfils by speaking."""
    if view.imported:
        return NOT_MEASURABLE
    if objective is Objective.NOTIFY:
        return _notify(view, target)
    return NO_START if view.start is None else _first(view, objective, view.start, target)


def _notify(view: View, target: timedelta) -> Run | str:
    """From our witnesses' onset, else the claimed begin, to the provider's first word."""
    onset, claimed = view.case.onset(), view.case.claimed_begin()
    begin = (claimed or onset) if view.basis is Basis.CLAIMED else (onset or claimed)
    if begin is None:
        return NO_ONSET
    return Run((Outage(begin, view.earliest(view.said, begin)),), target)


def _first(view: View, objective: Objective, start: Moment, target: timedelta) -> Run:
    """From the start to the first provider statement that fulfils the objective."""
    robots = view.evidence.automatic_replies_count
    said = [
        moment
        for word, moment in zip(view.case.spoken, view.said, strict=True)
        if (robots or Flag.AUTOMATIC_REPLY not in word.first.flags)
        and (objective is Objective.ACKNOWLEDGE or word.first.phase.rank >= Phase.ENGAGED.rank)
    ]
    return Run((Outage(start, view.earliest(said, start)),), target)


def _restore(view: View, found: Sequence[Outage], target: timedelta, version: AgreementVersion) -> Run:
    """From the start to restored, and still so after the stability window."""
    window = version.stability
    sure, doubtful = settle(found, window, doubtful=False), settle(found, window, doubtful=True)
    return Run(
        _counted(sure, version),
        target,
        longest=None if doubtful == sure else _counted(doubtful, version),
        holds_from=_holds_from(sure[-1].end, window),
    )


def _workaround(view: View, found: Sequence[Outage], target: timedelta, version: AgreementVersion) -> Run:
    """From the start to the first word of a workaround, or to restored."""
    settled = settle(found, version.stability, doubtful=False)
    begin, restored = settled[0].begin, settled[0].end
    said = [view.ending(word, begin) for word in view.case.spoken if word.phase is Phase.MITIGATED]
    mitigated = min(said, key=lambda moment: moment.order, default=None)
    if mitigated is not None and (restored is None or mitigated.order <= restored.order):
        return Run((Outage(begin, mitigated),), target)
    holds_from = _holds_from(restored, version.stability) if len(settled) == 1 else None
    return Run((Outage(begin, restored),), target, holds_from=holds_from)


def _holds_from(end: Moment | None, window: timedelta) -> datetime | None:
    """Return the instant from which a restore counts as one, if nothing reopens it before."""
    return None if end is None or end.latest is None or not window else end.latest + window


def _resolve(view: View, start: Moment, target: timedelta, version: AgreementVersion) -> Iterator[Run]:
    """From the start to resolved, by the provider's word: our witnesses can't see that a cause is removed."""
    found = until(unresolved(view.case, view.basis, view.evidence, start), view.as_of)
    if found:
        yield Run(_counted(found, version), target)


def _counted(found: tuple[Outage, ...], version: AgreementVersion) -> tuple[Outage, ...]:
    """Apply the reopen rule: ``continue`` leaves the quiet gaps out, ``inclusive`` counts them."""
    if version.reopen.rule == "inclusive" and len(found) > 1:
        return (Outage(found[0].begin, found[-1].end),)
    return found


def _gaps(view: View, target: timedelta) -> Iterator[Run]:
    """One run per gap between substantive statements while unresolved; the last one is open while unresolved."""
    said = list(_substantive(view))
    for position, (word, begin) in enumerate(said):
        if word.phase in OVER:
            continue
        after = said[position + 1][1] if position + 1 < len(said) else None
        if after is None and view.case.vanished:
            after = view.ending(view.case.vanished[-1], begin)
        yield _gap(view, word, Outage(begin, not_before(after, begin)), target)


def _gap(view: View, word: Word, gap: Outage, target: timedelta) -> Run:
    """Take the time that the provider promised for its next word where it is the earlier one.

    A promise names an instant, so it does not matter when exactly it was given: the gap counts from the earliest.
    Later edits of a promise count on the claimed basis only.
    """
    promised = word.last.promised_at
    if view.basis is not Basis.CLAIMED and word.first.promised_at is not None:
        promised = word.first.promised_at
    begin = gap.begin.earliest
    if promised is None or not begin < promised < begin + target:
        return Run((gap,), target)
    return Run((Outage(Moment.point(begin, gap.begin.notice_id), gap.end),), promised - begin)


def _substantive(view: View) -> Iterator[tuple[Word, Moment]]:
    """Leave out what says nothing new: repeats of a text, robots, and what follows the resolution.

    Edits are versions of one statement, and copies on a second channel are left out of the case already.
    """
    texts: set[str | None] = {None}
    standing: Phase | None = None
    for word, moment in zip(view.case.spoken, view.said, strict=True):
        digest, phase = word.first.text_digest, word.phase
        if Flag.AUTOMATIC_REPLY in word.first.flags or (standing in OVER and phase not in REOPENING):
            continue
        if digest in texts and standing is not None and phase in (Phase.UPDATE, standing):
            continue
        texts.add(digest)
        standing = standing if phase is Phase.UPDATE and standing is not None else phase
        yield word, moment
