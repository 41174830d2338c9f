"""Questions about the record: what they need, what they answer, and how anything reads documents. Pure.

The library of named questions is ``dashboards.questions``; the board and the commands only know these shapes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol


class InputKind(StrEnum):
    """What a value of an input is."""

    INCIDENT = "incident"
    """An incident's id, or the beginning of one that is unique."""
    PROVIDER = "provider"
    INSTANT = "instant"
    """RFC 3339; UTC unless it names an offset."""
    WORD = "word"
    NUMBER = "number"
    FILTER = "filter"
    """KQL of the supported part (docs/reference/filters.md)."""


@dataclass(frozen=True, slots=True)
class Input:
    """One value that a question takes."""

    name: str
    kind: InputKind
    meaning: str
    required: bool = True
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an answer."""

    name: str
    meaning: str
    unit: str | None = None
    """``s``, ``min``, ``share``, ``instant`` (RFC 3339, UTC), an ISO 4217 code; None for words and counts."""


@dataclass(frozen=True, slots=True)
class QuestionDescription:
    """One question of the library, as it is listed."""

    name: str
    """Such as ``longest-silence``; stays."""
    title: str
    """The question in words."""
    inputs: tuple[Input, ...]
    columns: tuple[Column, ...]
    evidence: str
    """Which documents the answer rests on, in words."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A document that an answer rests on."""

    index: str
    """Own name of the index, such as ``notices``."""
    document_id: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows in the order of the columns, and what they rest on."""

    question: str
    inputs: Mapping[str, str]
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    """JSON values."""
    evidence: tuple[Reference, ...]
    total: int
    """Documents that it rests on; ``evidence`` may name the first of them only."""
    note: str | None = None
    """What the answer can't say, such as ``not enough data: n=3``."""


class QuestionError(ValueError):
    """Asked in a way that can't be answered; the message says why and what to give instead."""


class Reader(Protocol):
    """Whoever searches an installation's indices."""

    def search(self, index: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return Elasticsearch's answer to one search.

        Args:
            index: own name, such as ``clocks``; a missing index is an empty one.
            body: of the search API.

        Raises:
            OSError: if the index can't be asked now; the message says where and why.
        """
        ...


class Library(Protocol):
    """The named questions, ready to be asked."""

    def descriptions(self) -> Sequence[QuestionDescription]:
        """Return all questions, in the order in which they are listed."""
        ...

    def ask(self, name: str, inputs: Mapping[str, str]) -> Answer:
        """Answer one.

        Raises:
            QuestionError: if there is no such question, or an input is missing, unknown or unreadable.
            OSError: if the index can't be asked now.
        """
        ...
