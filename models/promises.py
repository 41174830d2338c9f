"""The promise ledger: each time that a provider named for its next word or for restoration, and what came of it. Pure.

Every promise is judged on each basis (measurement.md §4, Update cadence): a restoration time that is moved later leaves
the earlier one standing, as what was promised. Which statements there are is decided in ``models.episode``.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from models.agreement import AgreementVersion
from models.episode import Case, Word
from models.fact import Fact, collect
from models.moment import Moment
from models.notice import Flag, Kind
from models.objectives import View
from models.outage import Outage, recurrences, settle
from models.records import Basis
from models.rulings import corrected


class Keeping(StrEnum):
    """What came of a promise."""

    KEPT = "kept"
    LATE = "late"
    """Fulfilled, after the time that was named."""
    BROKEN = "broken"
    """The time has passed and it is not fulfilled."""
    OPEN = "open"
    """The time has not come; or it works again, but not yet for as long as the stability window."""
    INDETERMINATE = "indeterminate"
    """The time lies within the gap between two looks."""
    WITHDRAWN = "withdrawn"
    """It was read as a promise, and our people said that it is none."""


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise on one basis."""

    basis: Basis
    of: Literal["update", "restore"]
    made: Moment
    """When it was said, on this basis; names the notice."""
    promised_at: datetime
    fulfilled: Moment | None
    """When the provider spoke again, or the service worked again; None while it did not."""
    keeping: Keeping
    original_at: datetime | None = None
    """Of a corrected one: the time that was read first, None where none was."""
    corrected_by: str | None = None
    """The notice of our people that corrects it."""

    @property
    def late_by(self) -> timedelta | None:
        """How late it was at least; None where it was not, or is not over."""
        if self.keeping is not Keeping.LATE or self.fulfilled is None:
            return None
        return self.fulfilled.earliest - self.promised_at


def ledger(facts: Iterable[Fact], version: AgreementVersion, as_of: datetime) -> tuple[Promise, ...]:
    """Judge every promise of one incident on each basis.

    Args:
        facts: the incident's facts, any order, copies allowed.
        version: of the agreement; its evidence rules and stability window.
        as_of: how far the world has run; UTC.

    Returns:
        By basis, in the order in which they were made. None of an incident that was called off, or whose record was
        written afterwards: when it was promised is not known then. A time named that was past already is no promise.
    """
    known = [fact for fact in collect(facts).values() if fact.kind is Kind.INCIDENT and Flag.TEST not in fact.flags]
    case = Case.of(known)
    if not case.spoken or case.is_cancelled:
        return ()
    parts = recurrences(case, version)
    return tuple(
        promise
        for basis in Basis
        for part in parts
        for promise in _of_view(View.of(part, basis, version.evidence, as_of), version)
    )


def tally(promises: Iterable[Promise], basis: Basis = Basis.AGREED) -> Counter[Keeping]:
    """Count what came of the promises on a basis."""
    return Counter(promise.keeping for promise in promises if promise.basis is basis)


def broken_at(facts: Iterable[Fact], version: AgreementVersion, as_of: datetime) -> tuple[datetime, ...]:
    """Return when promises break on the agreed basis: those that did, and those that will if nothing happens.

    What came too late was broken from the time named until it came, so it stays among them: an instant that was once
    reached does not go away because the provider spoke afterwards. Where it lies in a gap between two looks whether a
    promise was kept, it did not break for certain and is left out; so is what works again and has yet to hold.

    Args:
        facts: the incident's facts, any order, copies allowed.
        version: of the agreement.
        as_of: how far the world has run; UTC. Instants after it are those of open promises.

    Returns:
        Each instant once, the earliest first.
    """
    certain = (Keeping.BROKEN, Keeping.LATE)
    return tuple(
        sorted(
            {
                promise.promised_at
                for promise in ledger(facts, version, as_of)
                if promise.basis is Basis.AGREED
                and (promise.keeping in certain or (promise.keeping is Keeping.OPEN and promise.fulfilled is None))
            }
        )
    )


def _of_view(view: View, version: AgreementVersion) -> Iterator[Promise]:
    """Yield the promises of one incident, or one return of its trouble."""
    if view.imported:
        return
    said = [(word, at) for word, at in zip(view.case.spoken, view.said, strict=True) if at.earliest <= view.as_of]
    outages = settle(view.outages(view.start), version.stability, doubtful=False) if view.start is not None else ()
    told: set[datetime] = set()
    for position, (word, made) in enumerate(said):
        named = _named(word, made, view)
        if named is None or (named.of == "restore" and named.at in told):  # said again, it is the same promise
            continue
        if named.is_withdrawn:
            fulfilled, keeping = None, Keeping.WITHDRAWN
        elif named.of == "update":
            fulfilled = _spoken_again(view, said, position)
            keeping = _keeping(named.at, fulfilled, view.as_of)
        else:
            told.add(named.at)
            fulfilled, keeping = _restoration(view, made, named.at, outages, version.stability)
        corrected_by = named.corrected_by
        yield Promise(view.basis, named.of, made, named.at, fulfilled, keeping, named.original_at, corrected_by)


@dataclass(frozen=True, slots=True)
class _Named:
    """What a statement promises, as it was read or as our people corrected it."""

    at: datetime
    of: Literal["update", "restore"]
    original_at: datetime | None = None
    corrected_by: str | None = None
    is_withdrawn: bool = False


def _named(word: Word, made: Moment, view: View) -> _Named | None:
    """Return what a statement promises on a basis; an edit of it counts on the claimed basis only.

    What was past already when it was said is no promise.
    """
    fact = word.last if view.basis is Basis.CLAIMED or word.first.promised_at is None else word.first
    is_ahead = fact.promised_at is not None and fact.promised_at > made.earliest
    original = fact.promised_at if is_ahead else None
    of: Literal["update", "restore"] = word.last.promises or "update"
    correction = corrected(word, view.case, view.basis, view.as_of)
    if correction is None:
        return None if original is None else _Named(original, of)
    if correction.promised_at is not None and correction.promised_at > made.earliest:
        return _Named(correction.promised_at, correction.promises or of, original, correction.notice_id)
    return None if original is None else _Named(original, of, original, correction.notice_id, is_withdrawn=True)


def _spoken_again(view: View, said: Sequence[tuple[Word, Moment]], position: int) -> Moment | None:
    """Return the next word with news after a statement; a robot's and the same words again are none."""
    texts = {word.first.text_digest for word, _ in said[: position + 1]} - {None}
    standing = said[position][0].phase
    for word, at in said[position + 1 :]:
        is_repeat = word.first.text_digest in texts and word.phase is standing
        if Flag.AUTOMATIC_REPLY not in word.first.flags and not is_repeat:
            return at
    gone = view.case.vanished
    return Moment(gone[-1].seen.earliest, None, gone[-1].first.notice_id) if gone else None


def _restoration(
    view: View, made: Moment, at: datetime, outages: Sequence[Outage], window: timedelta
) -> tuple[Moment | None, Keeping]:
    """Judge a promise to restore by the end of the outage in which it was made, if that held."""
    ends = [one.end for one in outages if one.end is None or one.end.earliest > made.earliest]
    end = ends[0] if ends else outages[-1].end if outages else None
    keeping = _keeping(at, end, view.as_of)
    is_last = bool(outages) and end == outages[-1].end
    if is_last and end is not None and end.latest is not None and view.as_of < end.latest + window:
        keeping = Keeping.OPEN if keeping is Keeping.KEPT else keeping
    return end, keeping


def _keeping(at: datetime, fulfilled: Moment | None, as_of: datetime) -> Keeping:
    if fulfilled is None:
        return Keeping.OPEN if as_of <= at else Keeping.BROKEN
    if fulfilled.latest is not None and fulfilled.latest <= at:
        return Keeping.KEPT
    if fulfilled.earliest <= at:
        return Keeping.INDETERMINATE
    return Keeping.BROKEN if fulfilled.latest is None else Keeping.LATE
