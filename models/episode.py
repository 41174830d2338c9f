"""When a service was down, by each speaker's word: outages with their ends, restores that held, reopenings.

Decides, for one incident and one basis, the start, the outages and the resolution (measurement.md §3 and §4). The
agreement's evidence rules choose among what the speakers said; nothing here judges a target. Pure.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.agreement import Evidence
from models.fact import Fact
from models.moment import Moment
from models.notice import Flag, Phase, Speaker
from models.records import Basis

ENDING = (Phase.RESTORED, Phase.RESOLVED, Phase.CLOSED)
FINAL = (Phase.RESOLVED, Phase.CLOSED)
REOPENING = (Phase.REOPENED, Phase.ACKNOWLEDGED, Phase.ENGAGED)
"""Said after an end, these say that it is not over. ``update`` and ``root_cause`` do not."""


@dataclass(frozen=True, slots=True)
class Word:
    """One statement with its versions: published when first seen, claiming what the last edit claims."""

    first: Fact
    last: Fact

    @property
    def phase(self) -> Phase:
        """The phase that the statement names now."""
        return self.last.phase

    @property
    def is_measurable(self) -> bool:
        """False where it was written after the fact and shows nothing of when the provider first spoke."""
        return Flag.BACKFILLED not in self.first.flags

    def stamped(self) -> Moment:
        """Return the act of publishing by the feed's own stamp, unless our polls contradict it."""
        stamp, fact = self.first.published_at, self.first
        if stamp is None or stamp > fact.received_at:
            return self.seen()
        if fact.received_after is not None and stamp < fact.received_after and _was_listed(fact):
            return self.seen()
        return Moment.point(stamp, fact.notice_id)

    def seen(self) -> Moment:
        """Return the act of publishing as we saw it: after the look before, at the latest when we had it.

        Without an earlier look (history, a first poll) the feed's stamp is the best witness there is.
        """
        fact = self.first
        if fact.received_after is not None:
            return Moment(fact.received_after, fact.received_at, fact.notice_id)
        if fact.published_at is not None and fact.published_at <= fact.received_at:
            return Moment.point(fact.published_at, fact.notice_id)
        return Moment.point(fact.received_at, fact.notice_id)

    def claimed_end(self) -> Moment:
        """Return the end that the speaker claims now, else the stamp of saying so."""
        fact = self.last
        claim = fact.claimed_end_at or fact.claimed_at
        if claim is None or not fact.claim_usable:
            return self.stamped()
        return Moment.point(claim, fact.notice_id)


def _was_listed(fact: Fact) -> bool:
    """A stamp older than our last look is back-dated: that look did not show it."""
    return fact.speaker is Speaker.PROVIDER


def words(facts: Iterable[Fact]) -> tuple[Word, ...]:
    """Group facts into statements, ordered by when they were said. Order and copies of facts do not matter."""
    versions: dict[tuple[str, str, str], list[Fact]] = {}
    for fact in facts:
        versions.setdefault(fact.statement, []).append(fact)
    grouped = []
    for group in versions.values():
        group.sort(key=lambda fact: (fact.received_at, fact.published_at or fact.received_at, fact.notice_id))
        grouped.append(Word(group[0], group[-1]))
    grouped.sort(key=lambda word: (word.first.spoken_at, word.phase.rank, word.first.received_at, word.first.notice_id))
    return tuple(grouped)


@dataclass(frozen=True, slots=True)
class Outage:
    """Down from ``begin`` until ``end``; ``end`` None while it lasts."""

    begin: Moment
    end: Moment | None


@dataclass(frozen=True, slots=True)
class Case:
    """The statements of one incident, split by who speaks. Built once, asked many times."""

    spoken: tuple[Word, ...]
    """The provider's, except derived ones (vanished)."""
    vanished: tuple[Word, ...]
    witnessed: tuple[Word, ...]
    """Our monitors' and people's."""

    @classmethod
    def of(cls, facts: Iterable[Fact]) -> "Case":
        """Sort facts into a case."""
        every = words(facts)
        provider = [word for word in every if word.first.speaker is Speaker.PROVIDER]
        return cls(
            tuple(word for word in provider if Flag.VANISHED not in word.first.flags),
            tuple(word for word in provider if Flag.VANISHED in word.first.flags),
            tuple(word for word in every if word.first.is_witness),
        )

    @property
    def is_cancelled(self) -> bool:
        """True when the provider's last phase says false alarm or duplicate."""
        return bool(self.spoken) and self.spoken[-1].phase is Phase.CANCELLED

    def claimed_begin(self) -> Moment | None:
        """Return the begin that the provider claims now; the earliest where several statements claim one."""
        begins = [
            Moment.point(word.last.claimed_at, word.last.notice_id)
            for word in self.spoken
            if word.last.claimed_at is not None and word.last.claim_usable and _claims_begin(word.last)
        ]
        return min(begins, key=lambda moment: moment.order, default=None)

    def onset(self) -> Moment | None:
        """Return the first failure that our monitors or people saw."""
        seen = [
            Moment.point(word.last.claimed_at or word.last.received_at, word.last.notice_id)
            for word in self.witnessed
            if word.phase is Phase.REPORTED and word.last.claim_usable
        ]
        return min(seen, key=lambda moment: moment.order, default=None)

    def reported(self) -> Moment | None:
        """Return when our own people first reported it."""
        told = [
            Moment.point(word.first.spoken_at, word.first.notice_id)
            for word in self.witnessed
            if word.first.speaker is Speaker.CUSTOMER
        ]
        return min(told, key=lambda moment: moment.order, default=None)

    def first_published(self, basis: Basis, evidence: Evidence) -> Moment | None:
        """Return the provider's first word, by the basis."""
        if not self.spoken:
            return None
        return min((speaking(word, basis, evidence) for word in self.spoken), key=lambda moment: moment.order)


def _claims_begin(fact: Fact) -> bool:
    """True where ``claimed_at`` is a begin: on the first report, and on a claimed interval."""
    if fact.phase is Phase.REPORTED:
        return True
    return fact.claimed_end_at is not None and fact.claimed_at is not None and fact.claimed_at < fact.claimed_end_at


def speaking(word: Word, basis: Basis, evidence: Evidence) -> Moment:
    """Return when the provider said something: its stamp, our looks, or as the agreement's evidence rules say."""
    if basis is Basis.OBSERVED or (basis is Basis.AGREED and evidence.acknowledge == "observed"):
        return word.seen()
    if basis is Basis.CLAIMED and word.first.published_at is not None:
        return Moment.point(word.first.published_at, word.first.notice_id)
    return word.stamped()


def start_of(case: Case, basis: Basis, evidence: Evidence) -> Moment | None:
    """Return the incident's start on a basis; None when nobody has named or shown one.

    Claimed: the provider's begin, else its first word. Observed: our witnesses' onset, else the provider's first word
    as we saw it. Agreed: the agreement's choice, else the earliest that is known.
    """
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


def outages(case: Case, basis: Basis, evidence: Evidence, start: Moment) -> tuple[Outage, ...]:
    """Return the outages of an incident on a basis, before any stability window is applied.

    Claimed follows the provider's claimed ends; observed our witnesses, or what was published when without any;
    agreed as ``evidence.restore`` says, falling back to claimed where no witness of ours exists.
    """
    if _uses_witnesses(case, basis, evidence):
        return _witnessed_outages(case, start)
    return _told_outages(case, basis, evidence, start)


def _uses_witnesses(case: Case, basis: Basis, evidence: Evidence) -> bool:
    if not any(word.first.speaker is Speaker.MONITOR for word in case.witnessed):
        return not case.spoken
    return basis is Basis.OBSERVED or (basis is Basis.AGREED and evidence.restore == "observed")


def ending(word: Word, basis: Basis, evidence: Evidence) -> Moment:
    """Return when a restored, resolved or closed statement says (or shows) that it ended."""
    by_looks = basis is Basis.OBSERVED or (basis is Basis.AGREED and evidence.restore == "published")
    if Flag.VANISHED in word.first.flags:
        fact = word.first
        return Moment(fact.received_after or fact.received_at, None, fact.notice_id)
    return (word.seen() if basis is Basis.OBSERVED else word.stamped()) if by_looks else word.claimed_end()


def _told_outages(case: Case, basis: Basis, evidence: Evidence, start: Moment) -> tuple[Outage, ...]:
    """Walk the provider's words: an end closes the outage, a reopening word starts the next."""
    found: list[Outage] = []
    begin: Moment | None = start
    for word in _walk(case):
        if begin is not None and word.phase in ENDING:
            found.append(Outage(begin, _not_before(ending(word, basis, evidence), begin)))
            begin = None
        elif begin is None and word.phase in REOPENING:
            begin = speaking(word, basis, evidence)
            found[-1] = Outage(found[-1].begin, _not_after(found[-1].end, begin))
    if begin is not None:
        found.append(Outage(begin, None))
    return tuple(found)


def _walk(case: Case) -> Sequence[Word]:
    """The provider's words in order; vanishing counts only while it never said the end."""
    if any(word.phase in ENDING for word in case.spoken) or not case.vanished:
        return case.spoken
    return sorted((*case.spoken, *case.vanished), key=lambda word: (word.first.spoken_at, word.phase.rank))


def _not_before(end: Moment, begin: Moment) -> Moment:
    if end.latest is not None and end.latest < begin.earliest:
        return Moment(begin.earliest, begin.earliest, end.notice_id)
    return end


def _not_after(end: Moment | None, begin: Moment) -> Moment | None:
    """A claimed end after the provider itself reopened can't hold: cut it there."""
    if end is None or end.earliest <= begin.earliest:
        return end
    return Moment(begin.earliest, begin.latest, end.notice_id)


def _witnessed_outages(case: Case, start: Moment) -> tuple[Outage, ...]:
    """Unite our monitors' failures: down while any of them fails."""
    episodes: dict[tuple[str, str], list[Moment | None]] = {}
    for word in case.witnessed:
        fact = word.last
        pair = episodes.setdefault(fact.member, [None, None])
        if word.phase is Phase.REPORTED:
            pair[0] = Moment.point(fact.claimed_at or fact.received_at, fact.notice_id)
        elif word.phase in ENDING:
            pair[1] = word.claimed_end()
    spans = sorted(((begin or start, end) for begin, end in episodes.values()), key=lambda span: span[0].order)
    return _unite([Outage(begin, end) for begin, end in spans], start)


def _unite(spans: list[Outage], start: Moment) -> tuple[Outage, ...]:
    """Merge touching spans; the first begins no later than the incident does."""
    united: list[Outage] = []
    for span in spans:
        last = united[-1] if united else None
        if last is not None and (last.end is None or span.begin.earliest <= last.end.earliest):
            if last.end is not None and (span.end is None or span.end.earliest > last.end.earliest):
                united[-1] = Outage(last.begin, span.end)
        else:
            united.append(span)
    if united and united[0].begin.earliest != start.earliest:
        united[0] = Outage(start, united[0].end)
    return tuple(united)


def settle(found: tuple[Outage, ...], window: timedelta) -> tuple[Outage, ...]:
    """Join outages that a restore parted for less than the stability window: such a restore never held."""
    held: list[Outage] = []
    for outage in found:
        end = held[-1].end if held else None
        if end is not None and outage.begin.earliest - end.earliest < window:
            held[-1] = Outage(held[-1].begin, outage.end)
        else:
            held.append(outage)
    return tuple(held)


def holds_at(end: Moment, window: timedelta) -> datetime:
    """Return the instant from which a restore counts as one, if nothing reopens it before."""
    return (end.latest or end.earliest) + window


def resolution(case: Case, basis: Basis, evidence: Evidence) -> Moment | None:
    """Return when the provider resolved it, as claimed or as published; None while unresolved or reopened since."""
    resolved: Moment | None = None
    for word in _walk(case):
        if word.phase in FINAL and resolved is None:
            resolved = ending(word, basis, evidence)
        elif word.phase in REOPENING:
            resolved = None
    return resolved
