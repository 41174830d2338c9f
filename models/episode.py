"""What each speaker said about one incident, and when it began by whose word (measurement.md §2 to §4). Pure.

Statements are put in order by when they can have been made, edits become versions of one statement, and the start is
chosen by basis. Ends and reopenings are in ``models.outage``; nothing here judges a target.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from models.agreement import Evidence
from models.fact import Fact, collect
from models.instants import EARLIEST
from models.moment import Moment
from models.notice import OWN_TIMES, Flag, Phase, Speaker
from models.records import Basis

ENDING = (Phase.RESTORED, Phase.RESOLVED, Phase.CLOSED)
"""Said, they claim that the service works again."""
FINAL = (Phase.RESOLVED, Phase.CLOSED)
REOPENING = (Phase.REOPENED, Phase.ACKNOWLEDGED, Phase.ENGAGED)
"""Said after an end, these say that it is not over. ``update`` and ``root_cause`` do not."""

DECIDING = (Phase.PAUSED, Phase.RESUMED, Phase.SEVERITY_CHANGED, Phase.PROMISED, Phase.ROOT_CAUSE, Phase.EXCLUDED)
"""Said by our own people, these show no failure."""


@dataclass(frozen=True, slots=True)
class Word:
    """One statement with its versions: published when first seen, claiming what the last edit claims."""

    first: Fact
    last: Fact
    stamped: Moment
    """The act of publishing by the feed's own stamp, unless our looks contradict it."""
    seen: Moment
    """The act of publishing as we saw it: after the look before, at the latest when we had it."""
    claimed: Moment
    """The act by the speaker's own times: its stamp, or the earlier time that it names for its step."""

    @classmethod
    def of(cls, versions: list[Fact]) -> "Word":
        """Return the statement of these versions, which are at least one."""
        if len(versions) > 1:
            versions.sort(key=lambda fact: (fact.received_at, fact.spoken_at, fact.notice_id))
        first, last = versions[0], versions[-1]
        seen = _seen(first)
        return cls(first, last, _stamped(first, seen), seen, _claimed(first, last))

    @property
    def phase(self) -> Phase:
        """The phase that the statement names now."""
        return self.last.phase

    @property
    def order(self) -> tuple[datetime, int, datetime, str, str]:
        """Sort key: when it can have been made, then phase rank, when we had it, ids."""
        first = self.first
        return (self.stamped.earliest, self.phase.rank, first.received_at, first.update_id or "", first.notice_id)

    @property
    def is_measurable(self) -> bool:
        """False where it was written after the fact, or our looks contradict its stamp.

        ``Case.is_imported`` decides what follows from that.
        """
        return Flag.BACKFILLED not in self.first.flags and (
            self.stamped is not self.seen or self.first.received_after is None
        )

    def claimed_end(self) -> Moment | None:
        """Return the end that the speaker claims now; None where it claims none that can be."""
        fact = self.last
        claim = fact.claimed_end_at or fact.claimed_at
        if claim is None or not fact.claim_usable or not EARLIEST <= claim <= fact.received_at:
            return None
        if fact.claimed_at is not None and claim < fact.claimed_at:
            return None
        return Moment.point(claim, fact.notice_id)


def _is_stamp(fact: Fact) -> bool:
    """False where the feed's stamp is absent, or can't be true: later than we had it, or before 1990."""
    return fact.published_at is not None and EARLIEST <= fact.published_at <= fact.received_at


def _seen(fact: Fact) -> Moment:
    """Without an earlier look (history, a first poll, a push) the feed's stamp is the best witness there is."""
    if fact.received_after is not None and fact.received_after < fact.received_at:
        return Moment(fact.received_after, fact.received_at, fact.notice_id)
    at = fact.published_at if fact.published_at is not None and _is_stamp(fact) else fact.received_at
    return Moment.point(at, fact.notice_id)


def _stamped(fact: Fact, seen: Moment) -> Moment:
    """A provider's stamp from before our last look is back-dated: that look did not show it."""
    stamp = fact.published_at
    if stamp is None or not _is_stamp(fact):
        return seen
    if fact.speaker is Speaker.PROVIDER and fact.received_after is not None and stamp < fact.received_after:
        return seen
    return Moment.point(stamp, fact.notice_id)


def _claimed(first: Fact, last: Fact) -> Moment:
    """A first report names the begin, and an end names the end: neither is when it was said."""
    at = first.published_at if first.published_at is not None and _is_stamp(first) else first.received_at
    names_its_time = last.phase is not Phase.REPORTED and last.phase not in ENDING and last.claimed_end_at is None
    if names_its_time and last.claimed_at is not None and last.claim_usable:
        at = min(at, last.claimed_at)
    return Moment.point(at, last.notice_id)


def words(facts: Iterable[Fact]) -> tuple[Word, ...]:
    """Group facts into statements, in the order in which they can have been made.

    Order of facts does not matter. Ties are broken by phase rank, then when we had it, then ids (measurement.md §3).
    """
    versions: dict[tuple[str, str, str], list[Fact]] = {}
    for fact in facts:
        versions.setdefault(fact.statement, []).append(fact)
    grouped = [Word.of(group) for group in versions.values()]
    grouped.sort(key=lambda word: word.order)
    return tuple(grouped)


@dataclass(frozen=True)
class Case:
    """The statements of one incident, split by who speaks. Built once, asked many times: what it answers is kept."""

    spoken: tuple[Word, ...]
    """The provider's, except derived ones (vanished) and copies on a second channel."""
    vanished: tuple[Word, ...]
    """Ours: the page stopped listing it, and showed nothing of it since."""
    witnessed: tuple[Word, ...]
    """Our monitors' and people's."""
    decided: tuple[Word, ...] = ()
    """What claims an effect on clocks, and our people's rulings on it: pauses, exclusions, severities, recovery points.
    The provider's stand among ``spoken`` too."""

    @classmethod
    def of(cls, facts: Iterable[Fact]) -> "Case":
        """Sort facts into a case; copies are joined, test messages left out."""
        every = words(fact for fact in collect(facts).values() if Flag.TEST not in fact.flags)
        provider = [word for word in every if word.first.speaker is Speaker.PROVIDER]
        spoken = tuple(_without_copies(word for word in provider if Flag.VANISHED not in word.first.flags))
        shown = max((word.last.received_at for word in spoken), default=EARLIEST)
        return cls(
            spoken,
            tuple(word for word in provider if Flag.VANISHED in word.first.flags and word.first.received_at > shown),
            tuple(word for word in every if word.first.is_witness and not is_deciding(word)),
            tuple(word for word in every if is_deciding(word) and word.first.speaker is not Speaker.AUTHORITY),
        )

    @property
    def is_cancelled(self) -> bool:
        """True when the provider called it a false alarm or a duplicate, and did not take that back."""
        cancelled = False
        for word in self.spoken:
            if word.phase is Phase.CANCELLED and word.last.concerns is None:
                cancelled = True
            elif word.phase in REOPENING or word.phase is Phase.REPORTED:
                cancelled = False
        return cancelled

    def was_cancelled(self, as_of: datetime) -> bool:
        """Return whether the provider had called it off by an instant, and does not take that back later."""
        return self.is_cancelled and self.said_by(as_of).is_cancelled

    def said_by(self, as_of: datetime) -> "Case":
        """Return the case with what the provider had said by an instant."""
        return replace(self, spoken=tuple(word for word in self.spoken if word.stamped.earliest <= as_of))

    @cached_property
    def is_imported(self) -> bool:
        """True where all of it was written afterwards, or all its stamps contradict our looks, and it came at once.

        Nothing then shows when the provider first spoke: it may be history that moved, or that a page lists again. A
        provider that back-dates what it says while we watch is not imported: its stamps and our looks count.
        """
        if not self.spoken or any(word.is_measurable for word in self.spoken):
            return False
        if all(Flag.HISTORICAL in word.first.flags for word in self.spoken):
            return True
        over = min((word.first.received_at for word in self.spoken if word.phase in ENDING), default=None)
        return over is not None and over <= min(word.first.received_at for word in self.spoken)

    def claimed_begin(self) -> Moment | None:
        """Return the begin that the provider claims now; the earliest where several statements claim one."""
        return self._claimed_begin

    @cached_property
    def _claimed_begin(self) -> Moment | None:
        begins = [
            Moment.point(word.last.claimed_at, word.last.notice_id)
            for word in self.spoken
            if word.last.claimed_at is not None
            and word.last.claim_usable
            and word.phase not in OWN_TIMES
            and (_claims_begin(word.last) or (word is self.spoken[0] and word.phase is Phase.ENGAGED))
        ]  # a first "identified" reports too: it claims the begin
        return min(begins, key=lambda moment: moment.order, default=None)

    def named(self) -> Moment | None:
        """Return the instant that the provider's first word names, be it begin or end."""
        fact = self.spoken[0].last if self.spoken else None
        if fact is None or fact.claimed_at is None or not fact.claim_usable or fact.phase in OWN_TIMES:
            return None
        return Moment.point(fact.claimed_at, fact.notice_id)

    def onset(self) -> Moment | None:
        """Return the first failure that our monitors or people saw; what they say of its course or end shows none."""
        shown = (onset_of(word) for word in self.witnessed if shows_failure(word))
        return min(shown, key=lambda moment: moment.order, default=None)

    def reported(self) -> Moment | None:
        """Return when our own people first reported it."""
        told = [word.stamped for word in self.witnessed if word.first.speaker is Speaker.CUSTOMER]
        return min(told, key=lambda moment: moment.order, default=None)

    def first_published(self, basis: Basis, evidence: Evidence) -> Moment | None:
        """Return the provider's first word, by the basis."""
        said = (speaking(word, basis, evidence) for word in self.spoken)
        return min(said, key=lambda moment: moment.order, default=None)


def is_deciding(word: Word) -> bool:
    """Return whether a statement is about what counts, and not about how the service does."""
    fact = word.last
    return (
        word.phase in DECIDING
        or fact.ruling is not None
        or fact.concerns is not None
        or (fact.recovery_point_at is not None and word.phase is Phase.UPDATE)
    )


def _without_copies(spoken: Iterable[Word]) -> Iterator[Word]:
    """Leave out the same text on a second channel; a first report stays, for the begin that it claims."""
    told: dict[tuple[str, Phase], tuple[str, str]] = {}
    for word in spoken:
        digest = word.first.text_digest
        if digest is not None and word.phase is not Phase.REPORTED:
            member = word.first.member
            if told.setdefault((digest, word.phase), member) != member:
                continue
        yield word


def _claims_begin(fact: Fact) -> bool:
    """True where ``claimed_at`` is a begin: on the first report, and on a claimed interval."""
    if fact.phase is Phase.REPORTED:
        return True
    return fact.claimed_end_at is not None and fact.claimed_at is not None and fact.claimed_at < fact.claimed_end_at


def shows_failure(word: Word) -> bool:
    """Return whether a witness's statement says that something began to fail."""
    return word.phase is Phase.REOPENED or _claims_begin(word.last)


def onset_of(word: Word) -> Moment:
    """Return the failure that a witness's statement shows: the begin that it names, else when it told us."""
    fact = word.last
    if fact.claimed_at is not None and fact.claim_usable and _claims_begin(fact):
        return Moment.point(fact.claimed_at, fact.notice_id)
    return word.stamped


def speaking(word: Word, basis: Basis, evidence: Evidence) -> Moment:
    """Return when the provider said something: its claim, its stamp or our looks, as the evidence rules say."""
    rule = evidence.acknowledge
    if basis is Basis.OBSERVED or (basis is Basis.AGREED and rule == "observed"):
        return word.seen
    if basis is Basis.CLAIMED or rule == "claimed":
        return word.claimed
    return word.stamped


def start_of(case: Case, basis: Basis, evidence: Evidence) -> Moment | None:
    """Return the incident's start on a basis; None when nobody has named or shown one.

    Claimed: the provider's begin, else its first word. Observed: our witnesses' onset, else the provider's first word
    as we saw it. Agreed: the agreement's choice, else the earliest that is known. When an imported record was published
    shows nothing of when it began, so there the instant that it names serves, for what it is worth.
    """
    if case.is_imported:
        published = None if basis is Basis.OBSERVED else case.named()
    else:
        published = case.first_published(basis, evidence)
    if basis is Basis.CLAIMED:
        return case.claimed_begin() or published or case.onset()
    if basis is Basis.OBSERVED:
        return case.onset() or published
    choices = {
        "claimed": case.claimed_begin(),
        "reported": case.reported(),
        "observed": case.onset(),
        "published": published,
    }
    chosen = choices.get(evidence.start)
    if chosen is not None:
        return chosen
    known = [moment for moment in choices.values() if moment is not None]
    return min(known, key=lambda moment: moment.order, default=None)
