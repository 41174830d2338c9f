"""Cells of an answer's table as people read them; JSON has them exactly. Pure."""

from collections.abc import Sequence
from typing import Any

import orjson

from models.lengths import signed_length
from models.questions import Answer, Column

CELL_LENGTH = 80
"""Characters of a cell in a table; what is longer is cut."""


def column_title(column: Column) -> str:
    """Return a column's name, with its unit where the name does not end in it.

    >>> column_title(Column("length_s", "How long.", "s")), column_title(Column("met", "Share.", "share"))
    ('length_s', 'met (share)')
    """
    unit = None if column.unit in (None, "instant") else column.unit
    return column.name if unit is None or column.name.endswith(f"_{unit}") else f"{column.name} ({unit})"


def cell_text(cell: Any, column: Column) -> str:
    """Return a cell for people: lengths in their two largest units, shares as percentages.

    >>> cell_text(5400, Column("length_s", "How long.", "s")), cell_text(None, Column("who", "Who."))
    ('1h30m', '-')
    """
    if cell is None:
        return "-"
    if column.unit == "s" and isinstance(cell, int | float):
        return signed_length(cell)
    if column.unit == "share" and isinstance(cell, int | float):
        return f"{cell:.1%}"
    if column.unit == "instant":
        return str(cell)[:19].replace("T", " ").rstrip("Z")
    return plain_text(cell)


def plain_text(value: Any) -> str:
    """Return a JSON value on one line, cut where it is long.

    >>> plain_text(True), plain_text(["a", 1]), plain_text(0.25)
    ('yes', 'a, 1', '0.25')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    listed = value if isinstance(value, list) else [value]
    text = ", ".join(one if isinstance(one, str) else orjson.dumps(one).decode() for one in listed)
    return text if len(text) <= CELL_LENGTH else f"{text[:CELL_LENGTH]}..."


def held_columns(answer: Answer) -> Sequence[int]:
    """Return the places of the columns that hold something in one row at least."""
    return [place for place, _ in enumerate(answer.columns) if any(row[place] is not None for row in answer.rows)]
