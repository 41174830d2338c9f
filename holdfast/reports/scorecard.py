"""The scorecard of a provider over a period: its score with open weights, figures, trends, money, honesty. Pure.

The same evidence gives the same report. Figures follow measurement.md §11: n, median, p90, the share met, what is still
open; below five cases there is none.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from statistics import median

from holdfast.reports.blocks import Block, Bullets, Callout, Chart, Heading, Paragraph, Report, Table, Words
from holdfast.reports.charts import compare
from holdfast.reports.scorecard_money import money_blocks
from holdfast.reports.scorecard_trend import trend_blocks
from holdfast.reports.words import NONE, clocks, counted, instant, percent, plain, refs, seconds, span, text
from models.credits import Credit
from models.derived import Scorecard
from models.dimensions import Lookback, dimensions, repeats
from models.episode import Case
from models.figures import ENOUGH, figures
from models.honesty import TOLERANCE, Doubt, checked, claimed_and_observed, doubts
from models.notice import Kind
from models.scoring import WEIGHTS, Dimension, Measured, Part, Score, score

WHAT = {
    Dimension.RESPONSIVENESS: "notify, acknowledge and respond clocks met",
    Dimension.RECOVERY: "workaround, restore and resolve clocks met",
    Dimension.COMMUNICATION: "update clocks met and promises kept",
    Dimension.DISASTERS: "recovery clocks met where a hazard lay over its sites",
    Dimension.STABILITY: "incidents not reopened and not repeated within 30 days",
    Dimension.HONESTY: "incidents whose claimed times agree with what we saw",
    Dimension.EVIDENCE: "reports on the cause and reviews in time",
    Dimension.COMMERCIAL: "services and months with the availability agreed",
}
DOUBTS = {
    Doubt.BEGAN_EARLIER: "seen to fail before the claimed begin",
    Doubt.ENDED_LATER: "seen to fail after the claimed end",
    Doubt.EDITED: "a claimed time was changed afterwards",
    Doubt.BACKDATED: "a stamp lies before a look that did not show it",
}


REPEATED = "in repeats: the title and a service of one that had ended within the 30 days before"


@dataclass(frozen=True)
class Sheet:
    """What a scorecard is made of."""

    provider: str
    period: str
    look: Lookback
    before: Lookback
    """The period of the same length before."""
    credits: tuple[Credit, ...] = ()
    """Of the months that end within the period."""
    cards: tuple[Scorecard, ...] = ()
    """Computed ones of the index (``holdfast analyse``), all services and priorities, agreed basis."""
    weights: Mapping[Dimension, float] = field(default_factory=lambda: WEIGHTS)

    @cached_property
    def score(self) -> Score:
        """The score of the period."""
        return score(dimensions(self.look), self.weights)

    @cached_property
    def score_before(self) -> Score:
        """The score of the period before."""
        return score(dimensions(self.before), self.weights)


def scorecard(sheet: Sheet, board: str | None = None) -> Report:
    """Return the report.

    Args:
        sheet: what it is made of.
        board: where the board is reached; None leaves documents without links.
    """
    return Report(f"Scorecard: {sheet.provider}, {sheet.period}", about(sheet), tuple(scorecard_blocks(sheet)), board)


def about(sheet: Sheet) -> str:
    """Return what a sheet is of, in one line."""
    look = sheet.look
    return (
        f"{instant(look.begin)} to {instant(look.end)} UTC · {counted(len(look.incidents), 'incident')} · as of "
        f"{instant(look.as_of)} UTC"
    )


def scorecard_blocks(sheet: Sheet) -> Iterator[Block]:
    """Yield the sections of a scorecard; a review's pack has them too."""
    if sheet.look.as_of < sheet.look.end:
        yield Callout(
            "Not over", text(f"The period runs until {instant(sheet.look.end)} UTC: figures are of what is known.")
        )
    yield from _score(sheet)
    yield from _figures(sheet.look)
    yield from trend_blocks(sheet.cards)
    yield from _stability(sheet.look)
    yield from _honesty(sheet.look)
    yield from _evidence(sheet.look)
    yield from money_blocks(sheet.look, sheet.credits)


def _score(sheet: Sheet) -> Iterator[Block]:
    now, before = sheet.score, sheet.score_before
    yield Heading("Score")
    rows = [_part(one, before) for one in now.parts]
    columns = (
        "Dimension",
        "What counts",
        "n",
        "As agreed",
        "Share",
        "Open",
        "Can't be known",
        "Weight",
        "Counts",
        "Before",
    )
    yield Table("Dimensions", columns, tuple(rows), frozenset(range(2, 10)))
    total = (
        "none: the dimensions with enough cases hold less than half of the weight"
        if now.total is None
        else f"{now.total:.1f} of 100"
    )
    was = "" if before.total is None else f"; the period before {before.total:.1f}"
    yield Callout("Score", text(total + was))
    if now.left_out:
        names = ", ".join(one.value for one in now.left_out)
        why = f"Not enough data (fewer than {ENOUGH} cases): {names}. "
        yield Callout("Left out", text(why + "Their weight went to the others in proportion: see column Counts."))
    shares = [*_shares(before, "before"), *_shares(now, sheet.period)]
    if shares:
        told = "; ".join(f"{name} {period}: {percent(share)}" for name, period, share in shares)
        yield Chart("compare", "Dimensions beside the period before", told, compare(shares))


def _shares(one: Score, period: str) -> list[tuple[str, str, float]]:
    known = ((part.measured.dimension.value, period, part.measured.share) for part in one.parts)
    return [(name, told, share) for name, told, share in known if share is not None]


def _part(one: Part, before: Score) -> tuple[Words, ...]:
    measured = one.measured
    was = next((each.measured for each in before.parts if each.measured.dimension is measured.dimension), None)
    return (
        text(measured.dimension.value),
        text(WHAT[measured.dimension]),
        Words(str(measured.n), measured.evidence),
        text(measured.good),
        text(share_of(measured)),
        text(measured.open),
        text(measured.unknown),
        text(f"{one.weight:g}"),
        text(percent(one.counted)),
        text(NONE if was is None else share_of(was)),
    )


def share_of(one: Measured) -> str:
    """Return a dimension's share, or why there is none."""
    return "not enough data" if one.share is None else percent(one.share)


def _figures(look: Lookback) -> Iterator[Block]:
    yield Heading("Clocks by objective")
    found = [clock for one in look.incidents for clock in one.agreed]
    rows = []
    for one in figures(found):
        mine = [clock for clock in found if clock.objective is one.objective]
        few = one.n < ENOUGH
        rows.append((
            text(plain(one.objective.value)), Words(str(one.n), clocks(mine)), text(one.met), text(one.breached),
            text("not enough data" if few else percent(one.met_share)), text(NONE if few else seconds(one.median_s)),
            text(NONE if few else seconds(one.p90_s)), text(f"{one.open} ({one.overdue} overdue)"),
            text(one.indeterminate), text(one.left_out),
        ))  # fmt: skip
    columns = ("Objective", "n", "Met", "Breached", "Share met", "Median", "p90", "Open", "Can't be known", "Left out")
    if rows:
        yield Table("Agreed basis; percentiles by nearest rank", columns, tuple(rows), frozenset(range(1, 10)))
    else:
        yield Paragraph(text("No clock ran."))


def _stability(look: Lookback) -> Iterator[Block]:
    yield Heading("Stability")
    again = repeats(one for one in look.matters if one.incident.kind == "incident")
    mine = {one.incident.incident_id: one for one in look.incidents}
    repeated = [(key, again[key]) for key in mine if key in again]
    reopened = [key for key, one in mine.items() if one.incident.reopened_count]
    exposed = [key for key, one in mine.items() if one.incident.exposures]
    told = (
        (reopened, "reopened"),
        ([name for pair in repeated for name in pair], REPEATED),
        (exposed, "while a hazard lay over its sites: common cause"),
    )
    yield Bullets(
        tuple(Words(f"{counted(len(set(ids)), 'incident')} {what}.", refs("incidents", ids)) for ids, what in told)
    )


def _honesty(look: Lookback) -> Iterator[Block]:
    yield Heading("Claimed and observed times")
    cases = {
        one.incident.incident_id: Case.of(fact for fact in one.facts if fact.kind is Kind.INCIDENT)
        for one in look.incidents
    }
    kinds: dict[Doubt, list[str]] = {kind: [] for kind in Doubt}
    for key, case in cases.items():
        for kind in doubts(case, look.as_of) if checked(case) else ():
            kinds[kind].append(key)
    rows = [(text(DOUBTS[kind]), Words(str(len(found)), refs("incidents", found))) for kind, found in kinds.items()]
    n = sum(1 for case in cases.values() if checked(case))
    caption = f"How claimed times differ, of {counted(n, 'incident')}; {span(TOLERANCE)} are allowed"
    yield Table(caption, ("What", "Incidents"), tuple(rows), frozenset({1}))
    pairs = [found for case in cases.values() if (found := claimed_and_observed(case)) is not None]
    if len(pairs) < ENOUGH:
        yield Paragraph(text(f"Lengths claimed and observed: n={len(pairs)}, not enough data."))
        return
    differences = [(seen - told).total_seconds() for told, seen in pairs]
    yield Paragraph(text(f"Observed lengths less claimed ones: n={len(pairs)}, median {seconds(median(differences))}, "
                         f"largest {seconds(max(differences))}."))  # fmt: skip


def _evidence(look: Lookback) -> Iterator[Block]:
    yield Heading("Security and compliance evidence")
    lines = []
    for one in look.reviews:
        if look.begin <= one.owed.due_at < look.end:
            named = refs("communications", (each.communication_id for each in one.meetings))
            lines.append(Words(f"Review of {one.owed.period.name} ({one.owed.agreement.id}): {one.reason}.", named))
    causes = [one for one in look.incidents if any(fact.phase.value == "root_cause" for fact in one.facts)]
    if causes:
        lines.append(Words(f"Reports on the cause: {len(causes)} of {counted(len(look.incidents), 'incident')}.",
                           refs("incidents", (one.incident.incident_id for one in causes))))  # fmt: skip
    points = [one for one in look.incidents if any(fact.recovery_point_at is not None for fact in one.facts)]
    if points:
        lines.append(Words(f"Last recoverable points named: {len(points)}.",
                           refs("incidents", (one.incident.incident_id for one in points))))  # fmt: skip
    yield Bullets(tuple(lines)) if lines else Paragraph(text("No evidence on record."))
