"""What a report is made of: headings, text, tables, charts, each with the documents that it rests on. Pure.

One report, three renderers (``markdown``, ``html``, ``pdf``). What is in a block is text, never markup: whatever an
outsider wrote is shown as it was written (ADR 0028).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from models.questions import Reference

REFERENCES_SHOWN = 20
"""Documents that one note names; the JSON of a report has all."""
ON_A_PAGE = frozenset({"incidents"})
"""Indices whose documents have a page of their own on the board."""


@dataclass(frozen=True, slots=True)
class Words:
    """Text, and the documents that show it."""

    text: str
    evidence: tuple[Reference, ...] = ()


def clean(text: str) -> str:
    """Return text on one line without control, formatting and unassigned characters: no text direction, no command."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading below the title."""

    text: str
    level: Literal[2, 3] = 2


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    words: Words


@dataclass(frozen=True, slots=True)
class Callout:
    """A sentence that stands out: what the report can't say, or what is due."""

    label: str
    words: Words


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list."""

    lines: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table; every row has as many cells as there are columns."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Words, ...], ...]
    numbers: frozenset[int] = frozenset()
    """Positions of columns that are set to the right."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture, and what it shows in words for those who don't see it."""

    name: str
    """Of its file, without the ending."""
    caption: str
    told: str
    spec: dict[str, Any] = field(hash=False)
    """Vega-Lite."""


Block = Heading | Paragraph | Callout | Bullets | Table | Chart


@dataclass(frozen=True, slots=True)
class Report:
    """A report, whatever it is shown as."""

    title: str
    subtitle: str
    blocks: tuple[Block, ...]
    board: str | None = None
    """Where the board is reached; None: documents are named, and link nowhere."""

    def link(self, reference: Reference) -> str | None:
        """Return where a document is read."""
        if self.board is None:
            return None
        base = self.board.rstrip("/")
        if reference.index in ON_A_PAGE:
            return f"{base}/incidents/{reference.document_id}"
        return f"{base}/api/documents/{reference.index}/{reference.document_id}"


Notes = dict[tuple[Reference, ...], int]
"""The number of each note by what it names, in order of first mention."""


def notes(report: Report) -> Notes:
    """Number what the report rests on, in the order in which it is mentioned."""
    found: Notes = {}
    for words in _words(report):
        if words.evidence:
            found.setdefault(words.evidence, len(found) + 1)
    return found


def _words(report: Report) -> Iterator[Words]:
    for block in report.blocks:
        if isinstance(block, Paragraph | Callout):
            yield block.words
        elif isinstance(block, Bullets):
            yield from block.lines
        elif isinstance(block, Table):
            yield from (cell for row in block.rows for cell in row)


@dataclass(frozen=True, slots=True)
class Note:
    """A note at a report's end."""

    number: int
    documents: tuple[tuple[str, str | None], ...]
    """``index/id`` and where it is read."""
    more: int
    """That are not named."""


def listed(report: Report) -> tuple[Note, ...]:
    """Return the notes, in order."""
    return tuple(
        Note(
            number,
            tuple((f"{one.index}/{one.document_id}", report.link(one)) for one in named[:REFERENCES_SHOWN]),
            max(0, len(named) - REFERENCES_SHOWN),
        )
        for named, number in notes(report).items()
    )
