"""The question that is free: documents of one kind that fit a filter. Pure."""

from typing import Any

from dashboards.kibana.kql import to_query
from dashboards.questions.asking import (
    LIMIT,
    Asked,
    Found,
    Question,
    Search,
    Steps,
    every,
    hits,
    ordered,
    references,
    total,
)
from dashboards.questions.fields import searchable
from dashboards.questions.inputs import like
from dashboards.questions.listings import UNIQUE
from models.questions import Column, Input, InputKind, QuestionDescription, QuestionError

SORTED = ("keyword", "date", "boolean", "byte", "short", "integer", "long", "float", "double")
"""Types that documents can be put in order by."""


def _search(asked: Asked) -> Steps:
    index = asked.text("kind")
    if index not in UNIQUE:
        raise QuestionError(f"no kind {index!r}{like(index, list(UNIQUE))}; there are {', '.join(UNIQUE)}")
    fields = searchable(index)
    body: dict[str, Any] = {
        "query": every(to_query(asked.word("filter") or "", fields, asked.now)),
        "sort": ordered(_order(asked.text("sort"), index), *UNIQUE[index]),
        "size": asked.limit,
        "track_total_hits": True,
    }
    answered = yield Search(index, body)
    rows = tuple((hit["_id"], hit["_source"]) for hit in hits(answered))
    count = total(answered)
    note = f"{len(rows)} of {count} shown; `limit` shows more" if len(rows) < count else None
    return Found(rows, references(index, (row[0] for row in rows)), count, note if count else "no document fits")


def _order(text: str, index: str) -> str:
    """Return the field that is sorted by, ``-field`` downwards.

    Raises:
        QuestionError: if the index has no such field, or can't be sorted by it.
    """
    name, fields = text.removeprefix("-"), searchable(index)
    if fields.get(f"{name}.keyword") in SORTED:
        return f"{text}.keyword"
    if name not in fields:
        raise QuestionError(f"sort: no field {name!r}{like(name, list(fields))}")
    if fields[name] not in SORTED:
        raise QuestionError(f"sort: nothing is ordered by {name!r}, a {fields[name]}; take a keyword, number or date")
    return text


SEARCH = Question(
    QuestionDescription(
        "search",
        "Which documents of a kind fit a filter?",
        (
            Input("kind", InputKind.WORD, f"One of {', '.join(UNIQUE)}."),
            Input("filter", InputKind.FILTER, "KQL (docs/reference/filters.md); left out, all.", required=False),
            Input("sort", InputKind.WORD, "A field; `-field` downwards.", required=False, default="-@timestamp"),
            LIMIT,
        ),
        (Column("document_id", "Its id."), Column("document", "The document as it is in the index.")),
        "The documents themselves.",
    ),
    _search,
)
