"""What was rewritten, and what whose word counts does to verdicts: edits, bases, drafts of an agreement. Pure."""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from holdfast.histories.reading import Gathered, Told
from holdfast.histories.statistics import Figures, length_of, on, share, spread
from models.clocks import Reading, measure
from models.fact import Fact
from models.notice import Flag, Kind, Phase
from models.records import Basis, Objective, Verdict

MOVED_S = 60.0
"""A time that moves by less was rounded, not rewritten (our choice)."""
JUDGED = (Verdict.MET, Verdict.BREACHED, Verdict.OVERDUE)
FAILED = (Verdict.BREACHED, Verdict.OVERDUE)


def edits(gathered: Gathered) -> Figures:
    """Return how many statements the feed marks as changed, and what our own looks saw change.

    Only a series of looks shows what stood there before; an export shows the last version of everything.
    """
    statements = [versions for one in gathered.incidents for versions in _statements(one)]
    seen = [versions for versions in statements if len(versions) > 1]
    begins = [move for one in gathered.incidents for move in _moves(one, "begin", _begins(one))]
    ends = [move for one in gathered.incidents for move in _moves(one, "end", _ends(one))]
    watched = sum(_is_watched(one) for one in gathered.incidents) if len(gathered.looks) > 1 else 0
    return {
        "statements": len(statements),
        "marked_edited": sum(any(Flag.EDITED in fact.flags for fact in versions) for versions in statements),
        "seen_edited": len(seen),
        "watched": watched,
        "ended_while_watched": sum(bool(_ends(one)) for one in gathered.incidents) if watched else 0,
        "begins_moved": begins,
        "ends_moved": ends,
    }


def _statements(told: Told) -> list[list[Fact]]:
    """Return the provider's statements with their versions, the first seen first; derived ones are left out."""
    found: dict[tuple[str, str, str], list[Fact]] = {}
    for fact in sorted(told.subject.facts, key=lambda fact: (fact.received_at, fact.notice_id)):
        if fact.kind is Kind.INCIDENT and not fact.is_witness and Flag.VANISHED not in fact.flags:
            found.setdefault(fact.statement, []).append(fact)
    return list(found.values())


def _is_watched(told: Told) -> bool:
    """Return whether more than one look told something new of it, or its first word came between two looks."""
    return any(fact.received_after is not None for fact in told.subject.facts)


def _begins(told: Told) -> list[tuple[datetime, datetime]]:
    """Return (seen, begin) of each version of the first report."""
    return [
        (fact.received_at, fact.claimed_at)
        for versions in _statements(told)
        for fact in versions
        if fact.phase is Phase.REPORTED and fact.claimed_at is not None
    ]


def _ends(told: Told) -> list[tuple[datetime, datetime]]:
    """Return (seen, end) of each version of a statement that claims an end."""
    return [
        (fact.received_at, fact.claimed_end_at)
        for versions in _statements(told)
        for fact in versions
        if fact.claimed_end_at is not None
    ]


def _moves(told: Told, what: str, claims: list[tuple[datetime, datetime]]) -> Iterator[Figures]:
    """Yield the changes of a claimed time from look to look; positive moves it later."""
    for (_, before), (seen, after) in itertools.pairwise(claims):
        moved = (after - before).total_seconds()
        if abs(moved) >= MOVED_S:
            yield {
                "incident": told.name,
                "title": told.title,
                "what": what,
                "from": f"{before:%Y-%m-%d %H:%M}",
                "to": f"{after:%Y-%m-%d %H:%M}",
                "seen": f"{seen:%Y-%m-%d %H:%M}",
                "moved_s": moved,
                "before": _restored(told, [fact for fact in told.subject.facts if fact.received_at < seen], seen),
                "after": _restored(told, [fact for fact in told.subject.facts if fact.received_at <= seen], seen),
            }


def _restored(told: Told, known: list[Fact], as_of: datetime) -> Figures | None:
    """Return what the agreed restore clock says by what was known at an instant."""
    found = on(measure(known, told.contract.version, as_of), Objective.RESTORE)
    return {"verdict": found[0].verdict.value, "length_s": length_of(found[0])} if found else None


def bases(gathered: Gathered) -> list[Figures]:
    """Return for each objective how verdicts differ between whose word counts, and by how much the lengths do.

    Two clocks are compared where both are judged; an undecided one is counted apart, for "we can't tell" is no
    different verdict.
    """
    rows = []
    for objective in Objective:
        pairs = [pair for one in gathered.incidents for pair in _pairs(one.readings, objective)]
        for other in (Basis.CLAIMED, Basis.OBSERVED):
            found = [(sides[Basis.AGREED], sides[other]) for sides in pairs if {Basis.AGREED, other} <= sides.keys()]
            if found:
                rows.append({"objective": objective.value, "other": other.value, **_compare(found)})
    return rows


def _pairs(readings: Iterable[Reading], objective: Objective) -> Iterator[Mapping[Basis, Reading]]:
    clocks: dict[int, dict[Basis, Reading]] = {}
    for one in readings:
        if one.objective is objective:
            clocks.setdefault(one.ordinal, {})[one.basis] = one
    yield from clocks.values()


def _compare(found: list[tuple[Reading, Reading]]) -> Figures:
    """Compare clocks, each with itself by another word or another draft."""
    both = [(one, two) for one, two in found if one.verdict in JUDGED and two.verdict in JUDGED]
    lengths = [(length_of(one), length_of(two)) for one, two in found]
    shifts = [two - one for one, two in lengths if one is not None and two is not None]
    failed = Counter((one.verdict in FAILED, two.verdict in FAILED) for one, two in both)
    return {
        "clocks": len(found),
        "judged_by_both": len(both),
        "failed_here": failed[True, True] + failed[True, False],
        "failed_there": failed[True, True] + failed[False, True],
        "forgiven_there": failed[True, False],
        "blamed_there": failed[False, True],
        "differ": failed[True, False] + failed[False, True],
        "differ_share": share(failed[True, False] + failed[False, True], len(both)),
        "undecided_there": sum(one.verdict in JUDGED and two.verdict not in JUDGED for one, two in found),
        "shorter_there": sum(shift < 0 for shift in shifts),
        "longer_there": sum(shift > 0 for shift in shifts),
        "shift": spread(abs(shift) for shift in shifts if shift),
        "shift_total_s": round(sum(shifts), 3),
    }


def drafts(gathered: Gathered) -> dict[str, Figures]:
    """Return for each draft of the agreement what its clocks say of the same incidents: suppositions, not verdicts."""
    found: dict[str, Figures] = {}
    for draft in gathered.history.drafts:
        if draft == "promises-only":
            continue
        rows: dict[str, list[tuple[Reading, Reading]]] = {}
        for one in gathered.incidents:
            there = {(r.objective, r.ordinal): r for r in one.under(draft, gathered.history.as_of) if _is_agreed(r)}
            for here in filter(_is_agreed, one.readings):
                if (two := there.get((here.objective, here.ordinal))) is not None:
                    rows.setdefault(here.objective.value, []).append((here, two))
        found[draft] = {name: _compare(pairs) for name, pairs in rows.items()}
    return found


def _is_agreed(reading: Reading) -> bool:
    return reading.basis is Basis.AGREED


def pauses(gathered: Gathered) -> Figures:
    """Return how often, why and for how long desks stopped their clocks, and whether the agreement lists the reason."""
    said = Counter(
        fact.reason
        for one in gathered.incidents
        for fact in one.subject.facts
        if fact.phase is Phase.PAUSED and fact.reason
    )
    paused = [
        one.paused.total_seconds()
        for incident in gathered.incidents
        for one in incident.readings
        if _is_agreed(one) and one.objective is Objective.RESOLVE and one.paused
    ]
    listed = {spec.reason for one in gathered.incidents[:1] for spec in one.contract.version.pauses}
    tickets = sum(any(fact.phase is Phase.PAUSED for fact in one.subject.facts) for one in gathered.incidents)
    return {
        "statements": sum(said.values()),
        "tickets": tickets,
        "by_reason": [
            {"reason": reason, "count": count, "listed": reason in listed}
            for reason, count in sorted(said.items(), key=lambda entry: (-entry[1], entry[0]))
        ],
        "paused_clocks": spread(paused),
        "paused_total_s": sum(paused),
    }
