"""A report as one HTML file: no script, no style and no picture from elsewhere, ready to print. Pure.

The template escapes everything; charts are pictures within the file, so nothing in them can run. Needs the extra
``charts`` only where the report has charts.
"""

from base64 import b64encode
from collections.abc import Callable
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from holdfast.reports.blocks import Block, Chart, Report, Table, clean, listed, notes

Draw = Callable[[dict[str, Any]], str]
"""From Vega-Lite to SVG."""


def html(report: Report, draw: Draw) -> str:
    """Return a report as an HTML document. Same report, same text.

    Args:
        report: to show.
        draw: draws its charts.
    """
    known = notes(report)
    return _environment().get_template("report.html").render(
        report=report, kind=_kind, known=known, notes=listed(report), picture=lambda chart: _picture(chart, draw),
        is_number=_is_number,
    )  # fmt: skip


@cache
def _environment() -> Environment:
    found = Environment(
        loader=PackageLoader("holdfast.reports"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    found.filters["clean"] = clean
    return found


def _kind(block: Block) -> str:
    return type(block).__name__


def _is_number(table: Table, position: int) -> bool:
    return position in table.numbers


def _picture(chart: Chart, draw: Draw) -> str:
    return "data:image/svg+xml;base64," + b64encode(draw(chart.spec).encode()).decode()
