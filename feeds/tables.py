"""Rows of CSV exports, and the forms of time that they use. Pure.

An export may begin with a byte-order mark, end its lines either way and part its columns by comma or semicolon. Cells
that say nothing (empty, ``?``, ``NA``) are left out of the row.
"""

import csv
import io
import re
from collections.abc import Iterator
from datetime import datetime

from feeds.errors import PayloadError
from feeds.reading import Problem, text_of, time_of

ABSENT = frozenset({"", "?", "na", "n/a", "null", "none", "unknown"})
"""Cells, in lower case, that say that nothing is known."""

_DAY_FIRST = re.compile(r"(\d{1,2})[-.](\d{1,2})[-.](\d{4})[ T]+(\d{1,2}):(\d\d)(?::(\d\d))?")

Row = dict[str, str]
"""Cells by column, only those that say something."""


def rows_of(body: bytes, needed: tuple[str, ...], problems: list[Problem]) -> Iterator[tuple[int, Row]]:
    """Yield the rows of a table with their line numbers, from 2.

    Args:
        body: UTF-8, or Latin-1 where it is not that.
        needed: columns without which it is another format.
        problems: gets one for each row that is wider than the head.

    Raises:
        PayloadError: ``not_csv``, or ``wrong_shape`` where a needed column is missing.
    """
    reader = csv.reader(io.StringIO(_text(body), newline=""), delimiter=_delimiter(body), strict=True)
    try:
        head = [name.strip() for name in next(reader, [])]
        if missing := [name for name in needed if name not in head]:
            raise PayloadError("wrong_shape", f"no column {', '.join(missing)}")
        for cells in reader:
            line = reader.line_num
            if len(cells) > len(head):
                problems.append(("wrong_shape", f"line {line}: {len(cells)} cells under {len(head)} columns"))
            elif any(cells):
                yield line, _row(head, cells)
    except csv.Error as error:
        raise PayloadError("not_csv", f"line {reader.line_num}: {error}") from error


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("latin-1")


def _delimiter(body: bytes) -> str:
    head = body.split(b"\n", 1)[0]
    return ";" if head.count(b";") > head.count(b",") else ","


def _row(head: list[str], cells: list[str]) -> Row:
    return {
        name: told for name, cell in zip(head, cells, strict=False) if (told := text_of(cell)) and not is_absent(told)
    }


def is_absent(cell: str) -> bool:
    """Return whether a cell says that nothing is known."""
    return cell.strip().lower() in ABSENT


def table_time(cell: str | None, zone: str | None) -> datetime | None:
    """Return a time in UTC, also of the form day-month-year (``29-02-2016 01:16``); None where there is none.

    A form with slashes is refused: nothing tells whether the day or the month stands first.

    Raises:
        PayloadError: ``bad_time``, or ``naive_time`` where there is no zone to read it in.
    """
    match = _DAY_FIRST.fullmatch(cell.strip()) if cell is not None else None
    if match is None:
        return time_of(cell, zone)
    day, month, year, hour, minute, second = match.groups()
    return time_of(f"{year}-{month:0>2}-{day:0>2}T{hour:0>2}:{minute}:{second or '00'}", zone)
