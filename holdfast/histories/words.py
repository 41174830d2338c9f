"""Figures as people read them: lengths, shares, counts, and rows of a Markdown table. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from holdfast.histories.statistics import ENOUGH

NOT_ENOUGH = "not enough data"
HOURS_FROM_S = 7200
UNITS = (("s", 1, 120), ("min", 60, 7200), ("h", 3600, 259_200), ("d", 86_400, float("inf")))
"""Units with their seconds, and below how many seconds a length is told in them."""


def span(length_s: float | None) -> str:
    """Return a length in the unit that suits it; None as not enough data.

    >>> span(93.0), span(5400.0), span(165600.0), span(900000.0), span(0.05), span(-240)
    ('93 s', '90 min', '46 h', '10.4 d', 'under 1 s', '-4 min')
    """
    if length_s is None:
        return NOT_ENOUGH
    size, sign = abs(length_s), "-" if length_s < 0 else ""
    if size < 1:
        return "0 s" if size == 0 else "under 1 s"
    unit, seconds = next((unit, seconds) for unit, seconds, limit in UNITS if size < limit)
    amount = size / seconds
    text = f"{amount:.0f}" if amount >= 20 else f"{amount:.1f}".removesuffix(".0")
    return f"{sign}{text} {unit}"


def percent(share: float | None) -> str:
    """Return a share as whole percent; None as not enough data.

    >>> percent(0.8701), percent(None)
    ('87 %', 'not enough data')
    """
    return NOT_ENOUGH if share is None else f"{share * 100:.0f} %"


def count(number: int) -> str:
    """Return a number with a gap between thousands.

    >>> count(14088), count(335)
    ('14 088', '335')
    """
    return f"{number:,}".replace(",", " ")


def hours(length_s: float | None) -> str:
    """Return a length of office time in hours, for nobody agrees how many of them make a day.

    >>> hours(660.0), hours(36000.0), hours(415132.0)
    ('11 min', '10 h', '115 h')
    """
    if length_s is None or length_s < HOURS_FROM_S:
        return span(length_s)
    amount = length_s / 3600
    return f"{amount:.0f} h" if amount >= 20 else f"{amount:.1f}".removesuffix(".0") + " h"


def typical(row: Mapping[str, Any], form: Callable[[float | None], str] = span) -> str:
    """Return median and p90 of a row of figures, or how few there are."""
    if row["n"] < ENOUGH:
        return f"{NOT_ENOUGH} ({row['n']})" if row["n"] else "-"
    return f"{form(row['median_s'])} / {form(row['p90_s'])}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table; empty where there are no rows."""
    lines = [" | ".join(cell.replace("|", "\\|") for cell in row) for row in rows]
    if not lines:
        return ""
    return "\n".join(f"| {line} |" for line in (" | ".join(head), " | ".join("---" for _ in head), *lines))
