"""KQL as an Elasticsearch query, by Kibana's own mapping: the language of panels and of free filters. Pure.

``kql_reading`` says what the language is; here a tree becomes the query that Kibana would send for it: a value is a
``term`` of a keyword, ``match`` or ``match_phrase`` of text, a day's ``range`` of a date (ADR 0027).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from difflib import get_close_matches
from math import isfinite
from typing import Any

from dashboards.kibana.kql_reading import Compared, Either, Every, Exists, Is, KqlError, Node, Not, Token, Within, read
from models.instants import format_instant

__all__ = ["KqlError", "fields_of", "to_query"]

RANGES = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}
WHOLE = {"byte": 2**7, "short": 2**15, "integer": 2**31, "long": 2**63}
NUMBERS = (*WHOLE, "double", "float")
FIELDS_NAMED = 8
"""Fields that an error lists where none is like the one asked for."""

MATH = re.compile(r"now(?:[+-]\d{1,6}[smhdwMy])*(?:/[smhdwMy])?")
DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(T.*)?)?)?")
TIME = re.compile(r"T([01]\d|2[0-3])(?::[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?)?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)?")

Query = dict[str, Any]
Fields = Mapping[str, str]
"""Type by field name, sub-fields included."""


def to_query(expression: str, fields: Fields | None = None, now: datetime | None = None) -> Query:
    """Return the query that Kibana would send for an expression; an empty one matches everything.

    Args:
        expression: KQL of the known part.
        fields: of the index; None checks no field, and takes every value for a word.
        now: the instant that ``now`` stands for; None leaves it to Elasticsearch.

    Raises:
        KqlError: if the expression is not of the known part, names an unknown field or has a value that does not fit.

    >>> to_query('basis : "agreed"')
    {'bool': {'filter': [{'term': {'basis': 'agreed'}}]}}
    >>> to_query("late_s >= 60 and not text : cable", {"late_s": "double", "text": "text"})["bool"]["filter"][0]
    {'range': {'late_s': {'gte': 60}}}
    """
    tree = read(expression)
    if tree is None:
        return {"match_all": {}}
    return _bound(_Writer(fields, now), tree)


def fields_of(expression: str) -> set[str]:
    """Return the fields that an expression names; none of one that can't be read.

    >>> sorted(fields_of('basis : "agreed" and rungs : { side : "provider" }'))
    ['basis', 'rungs', 'rungs.side']
    """
    try:
        tree = read(expression)
    except KqlError:
        return set()
    return set() if tree is None else set(_named(tree, ""))


def _named(node: Node, path: str) -> Iterator[str]:
    if isinstance(node, Every | Either):
        for part in node.parts:
            yield from _named(part, path)
    elif isinstance(node, Not):
        yield from _named(node.part, path)
    elif isinstance(node, Within):
        yield path + node.path.text
        yield from _named(node.part, f"{path}{node.path.text}.")
    else:
        yield path + node.field.text


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes queries of one index."""

    fields: Fields | None
    now: datetime | None
    path: str = ""
    """Of the nested field that is written within, with its dot."""

    def query(self, node: Node) -> Query:
        if isinstance(node, Every):
            return _bound(self, node)
        if isinstance(node, Either):
            return self._either(node)
        if isinstance(node, Not):
            return {"bool": {"must_not": [self.query(node.part)]}}
        if isinstance(node, Within):
            return self._within(node)
        if isinstance(node, Exists):
            self._type(node.field)
            return {"exists": {"field": self.path + node.field.text}}
        return self._compared(node) if isinstance(node, Compared) else self._is(node)

    def _either(self, node: Either) -> Query:
        """Write alternatives; plain values of one field as one list of terms."""
        found = [self.query(part) for part in node.parts]
        terms = [one["term"] for one in found if "term" in one]
        names = {name for term in terms for name in term}
        if len(terms) == len(found) and len(names) == 1:
            name = names.pop()
            return {"terms": {name: [term[name] for term in terms]}}
        return {"bool": {"should": found, "minimum_should_match": 1}}

    def _within(self, node: Within) -> Query:
        if self._type(node.path) not in (None, "nested"):
            hint = f"write {node.path.text}.FIELD : VALUE for its fields"
            raise KqlError(f"{node.path.text!r} holds no list of objects", node.path.position, hint)
        path = self.path + node.path.text
        inner = replace(self, path=f"{path}.")
        return {"nested": {"path": path, "query": _bound(inner, node.part), "score_mode": "none"}}

    def _is(self, node: Is) -> Query:
        kind, value = self._type(node.field), node.value
        name = self.path + node.field.text
        if not value.is_quoted and value.text.endswith("*"):
            return _prefix(name, kind, value)
        if kind == "date":
            day = self._moment(value)
            return {"range": {name: {"gte": day, "lte": day}}}
        if kind == "text":
            return {"match_phrase" if value.is_quoted else "match": {name: value.text}}
        return {"term": {name: _value(kind, value)}}

    def _compared(self, node: Compared) -> Query:
        kind = self._type(node.field)
        if kind not in (None, "date", *NUMBERS):
            hint = "only numbers and dates are compared"
            raise KqlError(f"{node.field.text!r} is a {kind}", node.field.position, hint)
        value = self._moment(node.value) if kind == "date" else _value(kind, node.value)
        return {"range": {self.path + node.field.text: {RANGES[node.mark]: value}}}

    def _moment(self, value: Token) -> str:
        if MATH.fullmatch(value.text):
            return value.text if self.now is None else f"{format_instant(self.now)}||{value.text[3:]}"
        if not _is_date(value.text):
            hint = 'write "2026-05-01", "2026-05-01T12:00:00Z" or now-7d'
            raise KqlError(f"{value.text!r} is no time", value.position, hint)
        return value.text

    def _type(self, field: Token) -> str | None:
        """Return a field's type; None where no fields are known.

        Raises:
            KqlError: if the index has no such field.
        """
        if self.fields is None:
            return None
        found = self.fields.get(self.path + field.text)
        if found is None:
            raise KqlError(f"no field {self.path + field.text!r}", field.position, self._like(self.path + field.text))
        return found

    def _like(self, name: str) -> str:
        known = [one for one in self.fields or () if one.startswith(self.path)]
        close = get_close_matches(name, known, 3, 0.6)
        if close:
            return f"did you mean {', '.join(close)}?"
        return f"there are {', '.join(sorted(known)[:FIELDS_NAMED])} and others" if known else "it has no fields"


def _bound(writer: _Writer, node: Node) -> Query:
    """Write an expression as a list of filters: nothing here is scored."""
    parts = node.parts if isinstance(node, Every) else (node,)
    found = [writer.query(part) for part in parts]
    return {"bool": {"filter": [inner for one in found for inner in _filters(one)]}}


def _filters(query: Query) -> list[Query]:
    """Return the filters of a query that is nothing but a list of them, else the query itself."""
    inner = query.get("bool", {})
    return list(inner["filter"]) if set(inner) == {"filter"} else [query]


def _prefix(name: str, kind: str | None, value: Token) -> Query:
    begins = value.text[:-1]
    if kind not in (None, "keyword", "text"):
        raise KqlError(f"a {kind} has no beginning", value.position, "write the whole value, or compare it")
    if kind == "text" and not begins.isalnum():
        raise KqlError(f"{value.text!r} is not one word", value.position, "in text a * stands after one word")
    return {"prefix": {name: begins.lower() if kind == "text" else begins}}


def _value(kind: str | None, value: Token) -> str | int | float | bool:
    if kind in (None, "keyword"):
        return value.text
    if kind == "boolean":
        if value.text not in ("true", "false"):
            raise KqlError(f"{value.text!r} is neither true nor false", value.position)
        return value.text == "true"
    if kind in NUMBERS:
        return _number(kind or "", value)
    hint = "its fields are searched one by one" if kind in ("nested", "object") else 'only "field : *" is known of it'
    raise KqlError(f"values of a {kind} can't be searched", value.position, hint)


def _number(kind: str, value: Token) -> int | float:
    try:
        number = int(value.text) if re.fullmatch(r"-?[0-9]{1,19}", value.text) else float(value.text)
    except ValueError:
        raise KqlError(f"{value.text!r} is no number", value.position, "write it as 1200 or 0.75") from None
    limit = WHOLE.get(kind)
    if not isfinite(number) or (limit is not None and not -limit <= number < limit):
        raise KqlError(f"{value.text!r} does not fit a {kind}", value.position)
    return number


def _is_date(text: str) -> bool:
    match = DATE.fullmatch(text)
    if match is None or (match[4] is not None and TIME.fullmatch(match[4]) is None):
        return False
    try:
        date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
    except ValueError:
        return False
    return True
