"""What a benchmark found: figures with their spread, what ran beside them, and on which machine. IO: reads the load."""

import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. ``value`` is the median of ``n`` where there are several; ``lowest`` and ``highest`` its spread."""

    name: str
    value: float
    unit: str
    n: int
    """How many records, events or rounds the value stands for."""
    lowest: float | None = None
    highest: float | None = None
    aim: str | None = None
    note: str = ""


@dataclass
class Report:
    """The result of one benchmark."""

    benchmark: str
    beside: str
    """What else ran on the machine on our account."""
    ratios: list[Figure] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    machine: dict[str, Any] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Return the report as plain JSON values."""
        return asdict(self)


def machine() -> dict[str, Any]:
    """Return what the machine is, and its load average of the last minute now."""
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "load_before": round(os.getloadavg()[0], 2),
    }


def spread(name: str, values: Sequence[float], unit: str, *, aim: str | None = None, note: str = "") -> Figure:
    """Return the median of several rounds with lowest and highest."""
    return Figure(name, median(values), unit, len(values), min(values), max(values), aim, note)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least this share of all values does not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]


def latencies(name: str, values_ms: Sequence[float], *, aim_p99: str | None = None, note: str = "") -> list[Figure]:
    """Return p50, p99 and the highest of latencies in milliseconds."""
    n = len(values_ms)
    return [
        Figure(f"{name}: p50", percentile(values_ms, 0.50), "ms", n, note=note),
        Figure(f"{name}: p99", percentile(values_ms, 0.99), "ms", n, aim=aim_p99),
        Figure(f"{name}: highest", max(values_ms), "ms", n),
    ]


def show(report: Report, console: Console) -> None:
    """Print a report for people, ratios first."""
    about = report.machine
    console.print(f"[bold]{report.benchmark}[/bold]  beside it: {report.beside}")
    console.print(
        f"{about['cores']} cores, Python {about['python']}, {about['system']}; load average of a minute"
        f" {about['load_before']} before, {about['load_after']} after"
    )
    for title, figures in (("ratios", report.ratios), ("figures", report.figures)):
        if figures:
            console.print(_table(title, figures))
            console.print()
    for note in report.notes:
        console.print(f"- {note}")


def _table(title: str, figures: Sequence[Figure]) -> Table:
    table = Table(title=title, title_justify="left", box=None, padding=(0, 2, 0, 0))
    for heading in ("name", "value", "unit", "lowest", "highest", "n", "aim and note"):
        table.add_column(heading, justify="right" if heading in ("value", "lowest", "highest", "n") else "left")
    for one in figures:
        numbers = (_number(one.lowest), _number(one.highest), str(one.n))
        words = "; ".join(word for word in (one.aim and f"aim {one.aim}", one.note) if word)
        table.add_row(one.name, _number(one.value), one.unit, *numbers, words)
    return table


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
