"""Prints the demo's summary as tables. IO: the terminal."""

from typing import Any

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


def _incidents(rows: list[dict[str, Any]]) -> Table:
    table = Table(title="Incidents", title_justify="left")
    for heading in ("began (agreed)", "provider", "what", "priority", "status", "notices", "hazards"):
        table.add_column(heading)
    for row in rows:
        table.add_row(
            str(row["started_at"])[:16].replace("T", " "),
            row["provider"],
            row["title"] or "(the provider has not said)",
            row["priority"] or "-",
            row["status"] if row["kind"] == "incident" else f"{row['kind']}, {row['status']}",
            str(row["notice_count"]),
            str(len(row["exposures"])),
        )
    return table


def _verdicts(rows: list[dict[str, Any]]) -> Table:
    table = Table(title="Verdicts by objective and basis", title_justify="left")
    for heading in ("objective", "basis", *(verdict.value for verdict in COLUMNS), "others"):
        table.add_column(heading)
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
