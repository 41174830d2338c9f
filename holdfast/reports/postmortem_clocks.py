"""The clocks of an incident on three bases: verdict, target, difference and reason. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from holdfast.reports.blocks import Block, Heading, Paragraph, Table, Words
from holdfast.reports.record import Record
from holdfast.reports.words import NONE, clocks, counted, instant, plain, seconds, text
from models.figures import CENSORED
from models.records import Basis, ClockDocument, Objective, Verdict

COLUMNS = ("Objective", "Basis", "Started", "Stopped", "Took", "Target", "Over or under", "Verdict", "Why")
JUDGED = (Verdict.MET, Verdict.BREACHED, Verdict.INDETERMINATE, Verdict.EXCLUDED, Verdict.CANCELLED)
"""Verdicts whose change is news."""
_BASES = tuple(Basis)


def clock_blocks(record: Record) -> Iterator[Block]:
    """Yield a table of the clocks: each on three bases, those of updates summed up by basis."""
    yield Heading("Clocks")
    every = _latest(record.matter.clocks)
    if not every:
        yield Paragraph(text("No clock ran."))
        return
    single = [one for one in every if one.objective is not Objective.UPDATE]
    rows = [_row(one) for one in single]
    if rows:
        yield Table("Clocks on three bases; agreed is the verdict", COLUMNS, tuple(rows), frozenset({4, 5, 6}))
    gaps = [one for one in every if one.objective is Objective.UPDATE]
    if gaps:
        yield Table(
            "Gaps between updates",
            ("Basis", "n", "Met", "Breached", "Open", "Can't be known", "Longest", "Target"),
            tuple(_gaps(basis, list(group)) for basis, group in groupby(gaps, key=lambda one: one.basis)),
            frozenset(range(1, 8)),
        )


def _latest(found: Iterable[ClockDocument]) -> list[ClockDocument]:
    """Return the newest revision of each clock, by objective, ordinal and basis; those of updates by basis first."""
    known: dict[str, ClockDocument] = {}
    for one in found:
        before = known.get(one.clock_id)
        if before is None or before.revision < one.revision:
            known[one.clock_id] = one
    return sorted(known.values(), key=_order)


def _order(one: ClockDocument) -> tuple[int, int, int, int]:
    is_gap = one.objective is Objective.UPDATE
    basis, objective = _BASES.index(one.basis), tuple(Objective).index(one.objective)
    return (objective, basis if is_gap else one.ordinal, one.ordinal if is_gap else basis, one.revision)


def _row(one: ClockDocument) -> tuple[Words, ...]:
    name = plain(one.objective.value) + (f" {one.ordinal + 1}" if one.ordinal else "")
    return (
        text(name),
        text(one.basis.value),
        text(instant(one.started_at)),
        text(instant(one.stopped_at)),
        Words(took(one), clocks([one])),
        text(seconds(one.target_s)),
        text(difference(one)),
        text(_verdict(one)),
        text(one.reason or NONE),
    )


def _verdict(one: ClockDocument) -> str:
    """Return a verdict; where another one had been given before, that too."""
    was = f" (was {plain(one.replaces.value)})" if one.replaces in JUDGED else ""
    return plain(one.verdict.value) + was


def took(one: ClockDocument) -> str:
    """Return what a clock took; both bounds where they differ."""
    if one.verdict in CENSORED:
        return "runs"
    if one.elapsed_min_s is None:
        return NONE
    least = seconds(one.elapsed_min_s)
    most = "nobody knows how long" if one.elapsed_max_s is None else seconds(one.elapsed_max_s)
    return least if least == most else f"{least} to {most}"


def difference(one: ClockDocument) -> str:
    """Return by how much a clock went over its target, or stayed under it; of a range the kinder reading."""
    if one.elapsed_min_s is None or one.verdict in CENSORED:
        return NONE
    over = one.elapsed_min_s - one.target_s
    return f"+{seconds(over)}" if over > 0 else seconds(over)


def _gaps(basis: Basis, found: Sequence[ClockDocument]) -> tuple[Words, ...]:
    def number(*verdicts: Verdict) -> Words:
        return text(sum(1 for one in found if one.verdict in verdicts))

    longest = max((one.elapsed_max_s for one in found if one.elapsed_max_s is not None), default=None)
    targets = sorted({one.target_s for one in found})
    return (
        text(basis.value),
        Words(str(len(found)), clocks(found)),
        number(Verdict.MET),
        number(Verdict.BREACHED),
        number(*CENSORED),
        number(Verdict.INDETERMINATE),
        text(seconds(longest)),
        text(seconds(targets[0]) if len(targets) == 1 else counted(len(targets), "target")),
    )
