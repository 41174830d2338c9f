"""Trends of a provider: months, slopes with intervals, comparison with others, from computed scorecards. Pure."""

from collections.abc import Iterator, Sequence

from holdfast.reports.blocks import Block, Callout, Chart, Heading, Table, Words
from holdfast.reports.charts import heat, trend
from holdfast.reports.words import NONE, percent, plain, refs, seconds, text
from models.derived import Scorecard, Tally
from models.records import Objective

SHOWN = (Objective.RESTORE, Objective.RESOLVE, Objective.ACKNOWLEDGE, Objective.RESPOND)
"""Objectives whose trend is drawn, the first that has two months with enough cases."""


def trend_blocks(cards: Sequence[Scorecard]) -> Iterator[Block]:
    """Yield the trend; where nothing was computed, what to do."""
    yield Heading("Trend")
    months = sorted((one for one in cards if one.tally is Tally.MONTH), key=_by_month)
    periods = sorted((one for one in cards if one.tally is Tally.PERIOD), key=lambda one: _rank(one.objective))
    if not months and not periods:
        yield Callout(
            "Not computed", text("The index has no computed scorecards of this provider: run holdfast analyse.")
        )
        return
    if months:
        told = "; ".join(f"{one.begins_at:%Y-%m} {plain(one.objective.value)}: {_share(one)}" for one in months)
        yield Chart("months", "Share met by month and objective", told, heat(months))
    yield from _line(months)
    if periods:
        columns = (
            "Objective", "From", "To", "n", "Change a month (95 %)", "Other level since", "Before", "After",
            "Breaches by expected (95 %)", "Onboarding",
        )  # fmt: skip
        rows = tuple(_row(one) for one in periods)
        yield Table("Slope of the monthly medians, and breaches beside all providers at the same mix of priorities",
                    columns, rows, frozenset({3, 4, 6, 7, 8}))  # fmt: skip


def _by_month(one: Scorecard) -> tuple[object, int]:
    return (one.begins_at, _rank(one.objective))


def _rank(objective: Objective) -> int:
    return tuple(Objective).index(objective)


def _share(one: Scorecard) -> str:
    return f"n={one.n}, not enough data" if one.met_share is None else f"{percent(one.met_share)} of {one.n}"


def _line(months: Sequence[Scorecard]) -> Iterator[Block]:
    for objective in SHOWN:
        mine = [one for one in months if one.objective is objective and one.enough]
        if len(mine) > 1:
            name = plain(objective.value)
            told = "; ".join(
                f"{one.begins_at:%Y-%m}: median {seconds(one.median_s)}, p90 {seconds(one.p90_s)}" for one in mine
            )
            n = sum(one.n for one in mine)
            yield Chart("trend", f"Lengths of {name} by month", told, trend(mine, f"{name}, agreed basis, n = {n}"))
            return


def _row(one: Scorecard) -> tuple[Words, ...]:
    change = _between(one.slope_per_month, one.slope_low, one.slope_high, as_share=True)
    ratio = _between(one.breach_ratio, one.breach_ratio_low, one.breach_ratio_high, as_share=False)
    return (
        text(plain(one.objective.value)),
        text(f"{one.begins_at:%Y-%m-%d}"),
        text(f"{one.ends_at:%Y-%m-%d}"),
        Words(str(one.n), refs("scorecards", [one.document_id()])),
        text(change),
        text(NONE if one.changed_at is None else f"{one.changed_at:%Y-%m}"),
        text(seconds(one.before_s)),
        text(seconds(one.after_s)),
        text(ratio),
        text("yes: judge the slope" if one.onboarding else "no"),
    )


def _between(value: float | None, low: float | None, high: float | None, *, as_share: bool) -> str:
    if value is None:
        return "not enough data"

    def shown(one: float) -> str:
        return f"{100 * one:+.1f} %" if as_share else f"{one:.2f}"

    return shown(value) + ("" if low is None or high is None else f" ({shown(low)} to {shown(high)})")
