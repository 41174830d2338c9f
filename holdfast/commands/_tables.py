"""Tables for people: what providers wrote is shown as it is, no markup and no commands. IO: the terminal."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

MARKS = {"met": "green", "breached": "red", "overdue": "red", "indeterminate": "yellow", "running": "cyan"}
"""Colours of verdicts; the word is always there too."""


def table(title: str, *columns: str) -> Any:
    """Return an empty table; the last column folds."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    found = Table(title=Text(printable(title), style="bold"), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for position, column in enumerate(columns):
        found.add_column(column, overflow="fold", no_wrap=position < len(columns) - 1)
    return found


def row(into: Any, *cells: Any) -> None:
    """Add a row of plain text: a provider's square brackets are no markup, its control characters no commands."""
    from rich.text import Text

    into.add_row(*(cell if isinstance(cell, Text) else Text(printable(cell)) for cell in cells))


def printable(text: str) -> str:
    """Return a text without control characters."""
    return "".join(character if character.isprintable() or character == "\n" else " " for character in text)


def mark(word: str) -> Any:
    """Return a verdict's word in its colour."""
    from rich.text import Text

    return Text(word.replace("_", " "), style=MARKS.get(word, ""))


def moment(instant: "datetime") -> str:
    """Return an instant for a table, in the zone that it is in."""
    return instant.strftime("%Y-%m-%d %H:%M")


def show(*parts: Any) -> None:
    """Print tables, as wide as the terminal or wide enough for ``grep``."""
    from rich.console import Console

    from holdfast.commands._payloads import PIPED_WIDTH

    console = Console()
    if not console.is_terminal:
        console = Console(width=PIPED_WIDTH)
    for part in parts:
        console.print(part)
