"""Prints the demo's summary as tables. IO: the terminal."""

from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from holdfast.story.summary import Summary
from models.records import Verdict

COLUMNS = (Verdict.MET, Verdict.BREACHED, Verdict.INDETERMINATE)
"""Verdicts with a column of their own; the others share one."""


def show(console: Console, summary: Summary) -> None:
    """Print a summary."""
    console.print()
    console.print(_incidents(summary.incidents))
    console.print(_verdicts(summary.verdicts))
    for channel, counts in summary.pages.items():
        console.print(f"Pages by {channel}: {counts['pages']} in {counts['calls']} calls")
    counted = ", ".join(f"{name} {count}" for name, count in summary.documents.items())
    console.print(f"Documents per index: {counted}")


def _table(title: str, *headings: str) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        table.add_column(heading, no_wrap=True)
    return table


def _incidents(rows: list[dict[str, Any]]) -> Table:
    table = _table("Incidents", "began", "provider", "what", "priority", "status", "notices", "hazards")
    for row in rows:
        table.add_row(
            str(row["started_at"])[:16].replace("T", " "),
            row["provider"],
            (row["title"] or "(the provider has not said)")[:44],
            row["priority"] or "-",
            row["status"],
            str(row["notice_count"]),
            str(len(row["exposures"])),
        )
    return table


def _verdicts(rows: list[dict[str, Any]]) -> Table:
    verdicts = (verdict.value for verdict in COLUMNS)
    table = _table("Clocks by objective, basis and verdict", "objective", "basis", *verdicts, "others")
    named = [verdict.value for verdict in COLUMNS]
    for row in rows:
        others = {key: count for key, count in row.items() if key not in ("objective", "basis", *named)}
        table.add_row(
            row["objective"],
            row["basis"],
            *(str(row.get(verdict, 0)) for verdict in named),
            ", ".join(f"{count} {key}" for key, count in others.items()),
        )
    return table
