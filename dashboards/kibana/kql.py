"""The part of Kibana's query language that our panels use, read into an Elasticsearch query. Pure.

Known: ``field : "value"``, ``field : ("a" or "b")``, ``field : *``, ``field < "x"`` (and ``<=``, ``>``, ``>=``),
``not``, ``and``, ``or``, brackets. Anything else is an error, so a panel can't use what the checks can't follow.
"""

import re
from typing import Any

TOKEN = re.compile(r'\s*(?:(?P<text>"[^"\\]*")|(?P<mark><=|>=|[:()<>*])|(?P<word>[\w@.-]+))')
RANGES = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}

Query = dict[str, Any]


class KqlError(ValueError):
    """The expression is not of the part of the language that is used here."""


def to_query(expression: str) -> Query:
    """Return the query that Kibana would send for an expression; an empty one matches everything.

    Raises:
        KqlError: if the expression is not of the known part.

    >>> to_query('basis : "agreed"')
    {'bool': {'filter': [{'term': {'basis': 'agreed'}}]}}
    """
    reader = _Reader(_tokens(expression))
    if not reader.tokens:
        return {"match_all": {}}
    query = reader.either()
    if reader.tokens:
        raise KqlError(f"not understood from {reader.tokens[0]!r} on: {expression!r}")
    return query


def fields_of(expression: str) -> set[str]:
    """Return the fields that an expression names."""
    return {match[1] for match in re.finditer(r"([\w@.-]+)\s*(?::|<=?|>=?)", re.sub(r'"[^"]*"', '""', expression))}


def _tokens(expression: str) -> list[str]:
    found, position = [], 0
    rest = expression.rstrip()
    while position < len(rest):
        match = TOKEN.match(rest, position)
        if match is None:
            raise KqlError(f"not understood at {position}: {expression!r}")
        found.append(match[0].strip())
        position = match.end()
    return found


class _Reader:
    """Recursive descent: or binds weaker than and, and weaker than not."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens

    def either(self) -> Query:
        parts = [self._both()]
        while self._take("or"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else {"bool": {"should": parts, "minimum_should_match": 1}}

    def _both(self) -> Query:
        parts = [self._one()]
        while self._take("and"):
            parts.append(self._one())
        filters = [inner for part in parts for inner in part.get("bool", {}).get("filter", [part])]
        return {"bool": {"filter": filters}}

    def _one(self) -> Query:
        if self._take("not"):
            return {"bool": {"must_not": [self._one()]}}
        if self._take("("):
            inner = self.either()
            self._need(")")
            return inner
        return self._condition()

    def _condition(self) -> Query:
        field, mark = self._next(), self._next()
        if mark in RANGES:
            return {"range": {field: {RANGES[mark]: self._value()}}}
        if mark != ":":
            raise KqlError(f"a field is followed by : or a comparison, not by {mark!r}")
        if self._take("*"):
            return {"exists": {"field": field}}
        if not self._take("("):
            return {"term": {field: self._value()}}
        values = [self._value()]
        while self._take("or"):
            values.append(self._value())
        self._need(")")
        return {"terms": {field: values}}

    def _value(self) -> str:
        token = self._next()
        if not token.startswith('"'):
            raise KqlError(f"values are quoted: {token!r}")
        return token[1:-1]

    def _take(self, token: str) -> bool:
        if self.tokens and self.tokens[0] == token:
            self.tokens.pop(0)
            return True
        return False

    def _need(self, token: str) -> None:
        if not self._take(token):
            raise KqlError(f"{token!r} is missing")

    def _next(self) -> str:
        if not self.tokens:
            raise KqlError("the expression ends too early")
        return self.tokens.pop(0)
