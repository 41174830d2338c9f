"""What a question is: the searches that it needs, one after the other, and the rows that their answers give. Pure.

A question is a generator: it yields a ``Search``, is sent Elasticsearch's answer, and returns what it ``Found``. So it
can look an incident up before it asks for the incident's notices, does no IO of its own, and is tested with answers as
plain dictionaries (ADR 0027).
"""

from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from models.documents import Documents
from models.instants import format_instant
from models.questions import Column, Input, InputKind, QuestionDescription, Reference

LIMIT_AT_MOST = 1_000
"""Rows of one answer."""
READ_AT_MOST = 10_000
"""Documents that one search reads; what Elasticsearch gives in one answer."""
EVIDENCE_AT_MOST = 500
"""Documents that an answer names; it says how many there are."""

Answered: TypeAlias = dict[str, Any]
"""What Elasticsearch answers to one search."""


@dataclass(frozen=True, slots=True)
class Search:
    """One search."""

    index: str
    """Own name, such as ``clocks``."""
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """What a question comes to."""

    rows: tuple[tuple[Any, ...], ...]
    evidence: tuple[Reference, ...] = ()
    total: int | None = None
    """Documents that it rests on; None is those of the evidence."""
    note: str | None = None
    columns: tuple[Column, ...] | None = None
    """None is the description's."""


@dataclass(frozen=True)
class Asked:
    """Values of a question's inputs, read, and what surrounds the question."""

    values: Mapping[str, Any]
    """By input's name; without those that were left out and have no default."""
    now: datetime
    known: Callable[[], Documents]
    """Gives the documents in force; called by questions that judge anew only."""

    def text(self, name: str) -> str:
        """Return a required word."""
        return str(self.values[name])

    def word(self, name: str) -> str | None:
        """Return an optional word; None where it was left out."""
        return self.values.get(name)

    def instant(self, name: str) -> datetime:
        """Return an instant; now where it was left out."""
        found = self.values.get(name, self.now)
        assert isinstance(found, datetime)
        return found

    @property
    def limit(self) -> int:
        """Rows wanted at most."""
        return int(self.values.get("limit", LIMIT_AT_MOST))


Steps: TypeAlias = Generator[Search, Answered, Found]


@dataclass(frozen=True)
class Question:
    """One question: what it is, how it is found, and where it is one search, the filter that it is in Kibana."""

    description: QuestionDescription
    steps: Callable[[Asked], Steps]
    index: str | None = None
    """Of a question that is one search: own name of the index."""
    kql: str | None = None
    shown: tuple[str, ...] = ()
    """Fields of its columns, in order."""
    order: tuple[str, ...] = ()
    """Fields that it is sorted by, ``-field`` downwards."""

    @property
    def name(self) -> str:
        """Its name."""
        return self.description.name


INCIDENT = Input("incident", InputKind.INCIDENT, "Incident's id, the source's own id, or a beginning of either.")
PROVIDER = Input("provider", InputKind.PROVIDER, "Only of this provider.", required=False)
THE_PROVIDER = Input("provider", InputKind.PROVIDER, "Id of the provider.")
SINCE = Input("since", InputKind.INSTANT, "Only from then on.", required=False, default="now-90d")
YEAR = Input("since", InputKind.INSTANT, "Only from then on.", required=False, default="now-365d")
UNTIL = Input("until", InputKind.INSTANT, "Only before then.", required=False)
AS_OF = Input("as_of", InputKind.INSTANT, "How far the world has run.", required=False, default="now")
LIMIT = Input("limit", InputKind.NUMBER, f"Rows at most, up to {LIMIT_AT_MOST}.", required=False, default="100")
OBJECTIVE = Input("objective", InputKind.WORD, "Only clocks of this objective, such as `restore`.", required=False)
PRIORITY = Input("priority", InputKind.WORD, "Only of this priority.", required=False)
BASIS = Input(
    "basis", InputKind.WORD, "Whose times: `claimed`, `observed` or `agreed`.", required=False, default="agreed"
)


def hits(answered: Answered) -> list[dict[str, Any]]:
    """Return the hits of an answer."""
    found: list[dict[str, Any]] = answered["hits"]["hits"]
    return found


def total(answered: Answered) -> int:
    """Return how many documents fit a search, shown or not."""
    return int(answered["hits"]["total"]["value"])


def references(index: str, ids: Iterable[str]) -> tuple[Reference, ...]:
    """Return references to documents of an index, each once, in order; the first of them where there are many."""
    return tuple(Reference(index, one) for one in dict.fromkeys(ids))[:EVIDENCE_AT_MOST]


def every(*filters: Mapping[str, Any]) -> dict[str, Any]:
    """Return a query of what fits all filters."""
    return {"bool": {"filter": list(filters)}}


def either(*filters: Mapping[str, Any]) -> dict[str, Any]:
    """Return a query of what fits one filter at least."""
    return {"bool": {"should": list(filters), "minimum_should_match": 1}}


def between(field: str, since: datetime | None = None, until: datetime | None = None) -> dict[str, Any]:
    """Return a filter on an instant: from ``since`` on, before ``until``."""
    bounds = {"gte": since, "lt": until}
    return {"range": {field: {key: format_instant(at) for key, at in bounds.items() if at is not None}}}


def of_provider(asked: Asked) -> list[dict[str, Any]]:
    """Return the filter on a question's provider; none where it was left out."""
    name = asked.word("provider")
    return [] if name is None else [{"term": {"provider": name}}]


def ordered(*fields: str) -> list[dict[str, Any]]:
    """Return a sort by fields, ``-field`` downwards; what lacks one comes last, and an empty index is no fault."""
    return [
        {name.lstrip("-"): {"order": "desc" if name[0] == "-" else "asc", "missing": "_last", "unmapped_type": "long"}}
        for name in fields
    ]


def seconds_between(begin: datetime | None, end: datetime | None) -> float | None:
    """Return the seconds from one instant to another; None where either is not known."""
    return None if begin is None or end is None else (end - begin).total_seconds()


def said(moment: datetime | None) -> str | None:
    """Return an instant as rows have it."""
    return None if moment is None else format_instant(moment)
