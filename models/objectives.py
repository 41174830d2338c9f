"""What each objective runs from and to, on one basis (measurement.md §4, Objectives). Pure.

Yields the runs of a clock, or says in words why there is none. How long they took is read in ``models.reading``, by
limits chosen in ``models.limits``.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.agreement import AgreementVersion, Evidence
from models.episode import ENDING, FINAL, REOPENING, Case, Word, speaking, start_of
from models.fact import Fact
from models.instants import EARLIEST
from models.moment import Moment, not_before
from models.notice import Flag, Phase, Speaker
from models.outage import Outage, ending, outages, settle, unresolved, until, uses_witnesses
from models.reading import Run
from models.records import Basis, Objective
from models.rulings import corrected

OVER = (*FINAL, Phase.CANCELLED)
"""After these no further update is owed, until trouble returns."""
BY_WORD = (Objective.NOTIFY, Objective.ACKNOWLEDGE, Objective.RESPOND)
"""Fulfilled by the provider's speaking, whatever it says of the service."""
NO_START = "no start is known"
NO_ONSET = "neither an onset that we saw nor a claimed begin"
NOT_MEASURABLE = "written after the fact: when the provider first spoke is not known"
NO_BEGIN = "the provider's first word was that it was over: when it began is not known"
NO_RECOVERY_POINT = "nobody named a recovery point: unknown is not zero"
NO_END = "written after the fact, and no end is claimed that comes after the begin"
UNKNOWN = (NOT_MEASURABLE, NO_BEGIN, NO_END, NO_RECOVERY_POINT)
"""Reasons for which a clock is indeterminate; for others it does not apply."""


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

    def _tells_an_end(self, start: Moment) -> bool:
        """Return whether an end is claimed that can be: of an imported record, when it was said tells nothing."""
        claims = (word.claimed_end() for word in self.case.spoken if word.phase in ENDING)
        return any(claim is not None and claim.earliest > start.earliest for claim in claims)

    def cannot_end(self, start: Moment) -> str | None:
        """Say why no length can be told, where the first word was already that it was over; else None.

        What an imported record claims is a claim, where it claims an interval; when it was published says nothing.
        """
        if uses_witnesses(self.case, self.basis, self.evidence) or not self.case.spoken:
            return None
        by_claims = self.basis is Basis.CLAIMED or (self.basis is Basis.AGREED and self.evidence.restore != "published")
        if self.imported and not by_claims:
            return NOT_MEASURABLE
        if self.imported and not self._tells_an_end(start):
            return NO_END
        first = self.case.spoken[0]
        is_its_own = start.notice_id in (first.first.notice_id, first.last.notice_id)
        if first.phase in ENDING and is_its_own and start != self.case.claimed_begin():
            return NOT_MEASURABLE if self.imported else NO_BEGIN
        return None


def runs(view: View, objective: Objective, version: AgreementVersion) -> Iterator[Run | str]:
    """Yield the clock's runs, or in words why there is none."""
    if objective is Objective.UPDATE:
        yield from () if view.imported else gaps(view)
    elif objective in BY_WORD:
        yield _by_word(view, objective)
    elif view.start is None:
        yield NOT_MEASURABLE if view.imported else NO_START
    elif objective is Objective.RECOVERY_POINT:
        yield _recovery_point(view, view.start)
    elif (why := view.cannot_end(view.start)) is not None:
        yield why
    elif objective is Objective.RESOLVE:
        yield from _resolve(view, view.start, version)
    elif found := view.outages(view.start):
        yield from _AFTER_OUTAGES[objective](view, found, version)


def _by_word(view: View, objective: Objective) -> Run | str:
    """Return the run of an objective that the provider fulfils by speaking."""
    if view.imported:
        return NOT_MEASURABLE
    if objective is Objective.NOTIFY:
        return _notify(view)
    return NO_START if view.start is None else _first(view, objective, view.start)


def _notify(view: View) -> Run | str:
    """From our witnesses' onset, else the claimed begin, to the provider's first word."""
    onset, claimed = view.case.onset(), view.case.claimed_begin()
    begin = (claimed or onset) if view.basis is Basis.CLAIMED else (onset or claimed)
    if begin is None:
        return NO_ONSET
    return Run((Outage(begin, view.earliest(view.said, begin)),))


def _first(view: View, objective: Objective, start: Moment) -> Run:
    """From the start to the first provider statement that fulfils the objective."""
    robots = view.evidence.automatic_replies_count
    said = [
        moment
        for word, moment in zip(view.case.spoken, view.said, strict=True)
        if (robots or Flag.AUTOMATIC_REPLY not in word.first.flags)
        and (objective is Objective.ACKNOWLEDGE or word.first.phase.rank >= Phase.ENGAGED.rank)
    ]
    return Run((Outage(start, view.earliest(said, start)),))


def _restore(view: View, found: Sequence[Outage], version: AgreementVersion) -> Iterator[Run]:
    """From the start to restored, and still so after the stability window."""
    window = version.stability
    sure, doubtful = settle(found, window, doubtful=False), settle(found, window, doubtful=True)
    yield Run(
        _counted(sure, version),
        longest=None if doubtful == sure else _counted(doubtful, version),
        holds_from=_holds_from(sure[-1].end, window),
    )


def _workaround(view: View, found: Sequence[Outage], version: AgreementVersion) -> Iterator[Run]:
    """From the start to the first word of a workaround, or to restored."""
    settled = settle(found, version.stability, doubtful=False)
    begin, restored = settled[0].begin, settled[0].end
    said = [view.ending(word, begin) for word in view.case.spoken if word.phase is Phase.MITIGATED]
    mitigated = min(said, key=lambda moment: moment.order, default=None)
    if mitigated is not None and (restored is None or mitigated.order <= restored.order):
        yield Run((Outage(begin, mitigated),))
        return
    holds_from = _holds_from(restored, version.stability) if len(settled) == 1 else None
    yield Run((Outage(begin, restored),), holds_from=holds_from)


def _root_cause(view: View, found: Sequence[Outage], version: AgreementVersion) -> Iterator[Run]:
    """From restored, once that has held, to the report on the cause; none while it is not restored."""
    restored = settle(found, version.stability, doubtful=False)[-1].end
    if restored is None or restored.latest is None or restored.latest + version.stability > view.as_of:
        return
    told = [
        moment
        for word, moment in zip(view.case.spoken, view.said, strict=True)
        if word.phase is Phase.ROOT_CAUSE and Flag.AUTOMATIC_REPLY not in word.first.flags
    ]
    yield Run((Outage(restored, not_before(min(told, key=lambda one: one.order, default=None), restored)),))


def _recovery_point(view: View, start: Moment) -> Run | str:
    """From the last recoverable point that the evidence names to the onset: a window of lost work."""
    named: dict[bool, list[Moment]] = {True: [], False: []}
    for word in dict.fromkeys((*view.case.spoken, *view.case.witnessed, *view.case.decided)):
        point = word.last.recovery_point_at
        if point is not None and EARLIEST <= point <= word.last.received_at:
            named[word.first.speaker is Speaker.PROVIDER].append(Moment.point(point, word.last.notice_id))
    theirs, ours = named[True], named[False]
    words = {Basis.CLAIMED: theirs, Basis.OBSERVED: ours, Basis.AGREED: ours or theirs}[view.basis]
    if not words:
        return NO_RECOVERY_POINT
    last = min(words, key=lambda one: one.order)  # the last one that was recoverable is the earliest that is admitted
    return Run((Outage(last, not_before(start, last)),))


def _holds_from(end: Moment | None, window: timedelta) -> datetime | None:
    """Return the instant from which a restore counts as one, if nothing reopens it before."""
    return None if end is None or end.latest is None or not window else end.latest + window


def _resolve(view: View, start: Moment, version: AgreementVersion) -> Iterator[Run]:
    """From the start to resolved, by the provider's word: our witnesses can't see that a cause is removed."""
    found = until(unresolved(view.case, view.basis, view.evidence, start), view.as_of)
    if found:
        yield Run(_counted(found, version))


def _counted(found: tuple[Outage, ...], version: AgreementVersion) -> tuple[Outage, ...]:
    """Apply the reopen rule: ``continue`` leaves the quiet gaps out, ``inclusive`` counts them."""
    if version.reopen.rule == "inclusive" and len(found) > 1:
        return (Outage(found[0].begin, found[-1].end),)
    return found


def gaps(view: View) -> Iterator[Run]:
    """One run per gap between substantive statements while unresolved; the last one is open while unresolved."""
    substance = Substance()
    told = zip(view.case.spoken, view.said, strict=True)
    said = [(word, moment) for word, moment in told if substance.takes(word)]
    gone = view.case.vanished[-1] if view.case.vanished else None
    for position, (word, begin) in enumerate(said):
        if word.phase in OVER:
            continue
        after = said[position + 1][1] if position + 1 < len(said) else None
        if after is None and gone is not None:
            after = view.ending(gone, begin)
        yield gap(word, begin, after, view.basis, corrected(word, view.case, view.basis, view.as_of))


def gap(word: Word, begin: Moment, after: Moment | None, basis: Basis, correction: Fact | None = None) -> Run:
    """Return the run from one substantive statement to the next; ``after`` None while that is owed."""
    return Run((Outage(begin, not_before(after, begin)),), promised_at=_promised(word, basis, correction))


def _promised(word: Word, basis: Basis, correction: Fact | None) -> datetime | None:
    """Return when a statement promises the next one; what edits promise counts on the claimed basis only."""
    fact = word.last if basis is Basis.CLAIMED else word.first
    promises = fact.promises if correction is None else correction.promises or fact.promises
    return None if promises == "restore" else (correction or fact).promised_at


class Substance:
    """Tells, statement by statement in order, which say something: no repeats of a text, no robots, nothing once over.

    Edits are versions of one statement, and copies on a second channel are left out of the case already.
    """

    def __init__(self) -> None:
        self._texts: set[str | None] = {None}
        self._standing: Phase | None = None

    def takes(self, word: Word) -> bool:
        """Return whether the next statement says something; the one after is compared with it."""
        digest, phase, standing = word.first.text_digest, word.phase, self._standing
        if Flag.AUTOMATIC_REPLY in word.first.flags or (standing in OVER and phase not in REOPENING):
            return False
        if digest in self._texts and standing is not None and phase in (Phase.UPDATE, standing):
            return False
        self._texts.add(digest)
        self._standing = standing if phase is Phase.UPDATE and standing is not None else phase
        return True


_AFTER_OUTAGES = {
    Objective.RESTORE: _restore,
    Objective.WORKAROUND: _workaround,
    Objective.ROOT_CAUSE: _root_cause,
}
