"""When a service was down, by each speaker's word: outages with their ends, restores that held, reopenings.

Decides, for one incident and one basis, the outages and the resolution (measurement.md §4, Reopen). The agreement's
evidence rules choose among what the speakers said; nothing here judges a target. Pure.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from models.agreement import AgreementVersion, Evidence
from models.episode import ENDING, FINAL, REOPENING, Case, Word, onset_of, shows_failure, speaking, start_of
from models.instants import EARLIEST, LATEST
from models.moment import Moment, not_before
from models.notice import Flag, Phase, Speaker
from models.records import Basis


@dataclass(frozen=True, slots=True)
class Outage:
    """Down from ``begin`` until ``end``; ``end`` None while it lasts."""

    begin: Moment
    end: Moment | None


def outages(case: Case, basis: Basis, evidence: Evidence, start: Moment) -> tuple[Outage, ...]:
    """Return the outages of an incident on a basis, at least one, before any stability window is applied.

    Claimed follows the provider's claimed ends; observed our witnesses, or what was published when without any;
    agreed as ``evidence.restore`` says, falling back to claimed where no witness of ours exists.
    """
    if uses_witnesses(case, basis, evidence):
        return _witnessed(case, start)
    return _told(case, basis, evidence, start, ENDING)


def unresolved(case: Case, basis: Basis, evidence: Evidence, start: Moment) -> tuple[Outage, ...]:
    """Return the stretches until the provider said ``resolved``, parted by reopenings; at least one."""
    return _told(case, basis, evidence, start, FINAL)


def resolution(case: Case, basis: Basis, evidence: Evidence) -> Moment | None:
    """Return when the provider resolved it, as claimed or as published; None while unresolved or reopened since."""
    start = start_of(case, basis, evidence)
    return None if start is None else unresolved(case, basis, evidence, start)[-1].end


def uses_witnesses(case: Case, basis: Basis, evidence: Evidence) -> bool:
    """Return whether our own witnesses decide when the service worked again."""
    if basis is Basis.CLAIMED or (basis is Basis.AGREED and evidence.restore != "observed"):
        return False
    return bool(case.witnessed) and (not case.spoken or bool(_tellers(case)))


def _tellers(case: Case) -> set[tuple[str, str]]:
    """Return the witnesses' records that would tell an end: monitors', and people's that did."""
    return {
        word.first.member
        for word in case.witnessed
        if word.first.speaker is Speaker.MONITOR or word.phase in ENDING
    }  # fmt: skip


def ending(
    word: Word, basis: Basis, evidence: Evidence, begin: Moment, claimed_begin: Moment | None = None
) -> Moment:  # fmt: skip
    """Return when a restored, resolved or closed statement says (or shows) that it ended; never before ``begin``.

    A claimed end that is not after the begin (the claimed one, where there is one) contradicts it and is not used:
    then the act of saying so counts.
    """
    floor = claimed_begin or begin
    if Flag.VANISHED in word.first.flags:
        return Moment(max(word.seen.earliest, begin.earliest), None, word.first.notice_id)
    if basis is Basis.OBSERVED:
        end = word.seen
    elif basis is Basis.AGREED and evidence.restore == "published":
        end = word.stamped
    else:
        claim = word.claimed_end()
        end = word.stamped if claim is None or claim.earliest <= floor.earliest else claim
    return not_before(end, begin)


def _told(
    case: Case, basis: Basis, evidence: Evidence, start: Moment, ends: tuple[Phase, ...]
) -> tuple[Outage, ...]:  # fmt: skip
    """Walk the provider's words: an end closes the outage, a reopening word starts the next."""
    found: list[Outage] = []
    begin: Moment | None = start
    for word in _walk(case, ends):
        if begin is not None and word.phase in ends:
            claimed_begin = None if found else case.claimed_begin()
            found.append(Outage(begin, ending(word, basis, evidence, begin, claimed_begin)))
            begin = None
        elif begin is None and word.phase in REOPENING:
            begin = not_before(speaking(word, basis, evidence), found[-1].begin)
            found[-1] = Outage(found[-1].begin, _not_after(found[-1].end, begin))
    if begin is not None:
        found.append(Outage(begin, None))
    return tuple(found)


def _walk(case: Case, ends: tuple[Phase, ...]) -> Sequence[Word]:
    """The provider's words in order; vanishing counts only while it never said the end."""
    if any(word.phase in ends for word in case.spoken):
        return case.spoken
    return (*case.spoken, *case.vanished)


def _not_after(end: Moment | None, begin: Moment) -> Moment | None:
    """An end after the provider itself reopened can't hold: cut it there."""
    if end is None or end.latest is None or begin.latest is None:
        return end
    return Moment(min(end.earliest, begin.earliest), min(end.latest, begin.latest), end.notice_id)


def _witnessed(case: Case, start: Moment) -> tuple[Outage, ...]:
    """Unite our witnesses' failures: down while any of them fails."""
    tellers = _tellers(case)
    episodes: dict[tuple[str, str], list[Word]] = {}
    for word in case.witnessed:
        if not tellers or word.first.member in tellers:
            episodes.setdefault(word.first.member, []).append(word)
    spans = [outage for episode in episodes.values() for outage in _failures(episode)]
    spans.sort(key=lambda outage: outage.begin.order)
    return _from(_unite(spans), start)


def _failures(episode: Iterable[Word]) -> list[Outage]:
    """Return the failures that one witness's record tells, by its own times."""
    found: list[Outage] = []
    begin: Moment | None = None
    for word in episode:
        if word.phase not in ENDING:
            begin = begin or (onset_of(word) if shows_failure(word) else None)
        elif begin is not None or not found:
            end = word.claimed_end() or word.stamped
            begin = begin or min(onset_of(word), end, key=lambda moment: moment.earliest)
            found.append(Outage(begin, not_before(end, begin)))
            begin = None
    return found if begin is None else [*found, Outage(begin, None)]


def _unite(spans: Iterable[Outage]) -> list[Outage]:
    """Merge failures that touch."""
    united: list[Outage] = []
    for span in spans:
        last = united[-1] if united else None
        if last is None or (last.end is not None and span.begin.earliest > last.end.earliest):
            united.append(span)
        elif last.end is not None and (span.end is None or span.end.earliest > last.end.earliest):
            united[-1] = Outage(last.begin, span.end)
    return united


def _from(found: list[Outage], start: Moment) -> tuple[Outage, ...]:
    """Begin at the incident's start: what ended before it is left out, what began before it is cut."""
    kept = [one for one in found if one.end is None or one.end.earliest > start.earliest]
    if not kept:
        return (Outage(start, start),)
    cut = [one if one.begin.earliest > start.earliest else Outage(start, one.end) for one in kept]
    return (Outage(start, cut[0].end), *cut[1:])


def until(stretches: tuple[Outage, ...], as_of: datetime) -> tuple[Outage, ...]:
    """Return the stretches that had begun by an instant; a stop later than it has not happened yet."""
    last = stretches[-1]
    if last.begin.earliest <= as_of and (last.end is None or last.end.earliest <= as_of):
        return stretches
    kept = [outage for outage in stretches if outage.begin.earliest <= as_of]
    if kept and (end := kept[-1].end) is not None and end.earliest > as_of:
        kept[-1] = Outage(kept[-1].begin, None)
    return tuple(kept)


def settle(found: Sequence[Outage], window: timedelta, *, doubtful: bool) -> tuple[Outage, ...]:
    """Join outages that a restore parted for less than the stability window: such a restore never held.

    Args:
        found: in order.
        window: how long a restore must hold.
        doubtful: join also where the gap is only possibly too short (its ends are known to an interval).
    """
    held: list[Outage] = []
    for outage in found:
        end = held[-1].end if held else None
        if end is not None and _gap(end, outage.begin, least=doubtful) < window:
            held[-1] = Outage(held[-1].begin, outage.end)
        else:
            held.append(outage)
    return tuple(held)


def _gap(end: Moment, begin: Moment, *, least: bool) -> timedelta:
    if least:
        return begin.earliest - (end.latest or end.earliest)
    return (begin.latest or begin.earliest) - end.earliest


def recurrences(case: Case, version: AgreementVersion) -> tuple[Case, ...]:
    """Part a case where trouble returned outside the recurrence window: each return is measured by clocks of its own.

    With the rule ``new`` every return after a restore that held is one (measurement.md §4, Reopen).
    """
    window = version.reopen.window.fixed or timedelta(0)
    if version.reopen.rule == "new":
        window = version.stability
    cuts: list[tuple[int, datetime]] = []
    over: Moment | None = None
    for position, word in enumerate(case.spoken):
        if word.phase in ENDING:
            over = over or word.stamped
        elif over is not None and word.phase in REOPENING:
            limit = (over.latest or over.earliest) + window
            back = word.stamped.earliest
            if back > limit or (back == limit and version.reopen.rule == "new"):
                cuts.append((position, limit))
            over = None
    return (case,) if not cuts else tuple(_parts(case, cuts))


def _parts(case: Case, cuts: Sequence[tuple[int, datetime]]) -> Iterator[Case]:
    """Yield what lies between the cuts; a witness's record goes where it began."""
    begun: dict[tuple[str, str], datetime] = {}
    for word in case.witnessed:
        at = onset_of(word).earliest
        begun[word.first.member] = min(at, begun.get(word.first.member, at))
    bounds = [(0, EARLIEST), *cuts, (len(case.spoken), LATEST)]
    for (first, since), (last, limit) in pairwise(bounds):
        yield Case(
            case.spoken[first:last],
            case.vanished if limit is LATEST else (),
            tuple(word for word in case.witnessed if since < begun[word.first.member] <= limit),
            tuple(word for word in case.decided if since < word.stamped.earliest <= limit),
        )
