"""Kibana's filter language over one document in plain Python: a second reading of it that knows no Elasticsearch.

Written from the language's own description: ``and`` binds tighter than ``or``, ``not`` tightest; a field with several
values matches when one of them does; ``field : *`` asks for any value at all; ``*`` within an unquoted word stands for
any characters; ``now+30m`` and ``now/d`` are date mathematics. A document is the dict that travels, JSON read back.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

from models.instants import parse_instant

Wire = Mapping[str, Any]
"""A document as it travels."""
Test = Callable[[Wire], bool]

TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|<=|>=|[:(){}<>]|[^\s:(){}<>"]+)')
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*Z")
MATHEMATICS = re.compile(r"([+-]\d+|/)([smhdwMy])")
LENGTHS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
MONDAY = datetime(1970, 1, 5, tzinfo=UTC)
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda one, other: bool(one < other),
    "<=": lambda one, other: bool(one <= other),
    ">": lambda one, other: bool(one > other),
    ">=": lambda one, other: bool(one >= other),
}


def values(document: Wire, field: str) -> list[Any]:
    """Return every value that a field has in a document, those inside lists of objects too; instants are read.

    A date keeps milliseconds, as an index does. ``title.keyword`` is the whole ``title``.
    """
    return [_read(value) for value in _walk(document, field.removesuffix(".keyword").split("."))]


def matcher(expression: str, now: datetime) -> Test:
    """Return the test that an expression is; an empty one takes every document.

    Args:
        expression: such as ``basis : "agreed" and due_at < "now+30m"``.
        now: what ``now`` means.

    Raises:
        ValueError: if it can't be read to its end.
    """
    tokens = TOKEN.findall(expression)
    if not tokens:
        return lambda _document: True
    reading = _Reading(tokens, now)
    found = reading.any_of()
    if reading.tokens:
        raise ValueError(f"left over: {reading.tokens}, of {expression!r}")
    return found


def moment(text: str, now: datetime) -> datetime:
    """Return the instant that a date, or a piece of date mathematics, names.

    >>> moment("now-1d/d", datetime(2026, 5, 4, 9, 30, tzinfo=UTC)).isoformat()
    '2026-05-03T00:00:00+00:00'
    """
    head, _, tail = text.partition("||")
    at, steps = (now, text[3:]) if text.startswith("now") else (parse_instant(head), tail)
    for step, unit in MATHEMATICS.findall(steps):
        at = _floor(at, LENGTHS[unit]) if step == "/" else at + int(step) * LENGTHS[unit]
    return at


def _floor(at: datetime, length: timedelta) -> datetime:
    return at - (at - MONDAY) % length


def _walk(node: Any, path: list[str]) -> Iterator[Any]:
    if isinstance(node, list | tuple):
        for entry in node:
            yield from _walk(entry, path)
    elif not path:
        if node is not None:
            yield node
    elif isinstance(node, Mapping):
        yield from _walk(node.get(path[0]), path[1:])


def _read(value: Any) -> Any:
    return _instant(value) if isinstance(value, str) else value


@lru_cache(maxsize=65_536)
def _instant(text: str) -> datetime | str:
    if not INSTANT.fullmatch(text):
        return text
    at = parse_instant(text)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


class _Reading:
    """Recursive descent over the tokens that are left."""

    def __init__(self, tokens: list[str], now: datetime) -> None:
        self.tokens = tokens
        self.now = now

    def any_of(self) -> Test:
        tests = [self._all_of()]
        while self._skip("or"):
            tests.append(self._all_of())
        return lambda document: any(test(document) for test in tests)

    def _all_of(self) -> Test:
        tests = [self._not()]
        while self._skip("and"):
            tests.append(self._not())
        return lambda document: all(test(document) for test in tests)

    def _not(self) -> Test:
        if self._skip("not"):
            test = self._not()
            return lambda document: not test(document)
        if self._skip("("):
            inner = self.any_of()
            self._close()
            return inner
        field, mark = _plain(self.tokens.pop(0)), self.tokens.pop(0)
        if mark in COMPARE:
            return self._compared(field, mark, _plain(self.tokens.pop(0)))
        if mark != ":":
            raise ValueError(f"{mark!r} after {field!r}")
        return self._valued(field)

    def _valued(self, field: str) -> Test:
        """Read one value, several in brackets that are joined by ``or`` or by ``and``, or conditions of one object."""
        if self._skip("{"):
            inner = self.any_of()
            self._close("}")
            return lambda document: any(inner(one) for one in values(document, field))
        if not self._skip("("):
            return self._equal(field, self.tokens.pop(0))
        tests, joined = [self._equal(field, self.tokens.pop(0))], any
        while self.tokens[0].lower() in ("or", "and"):
            joined = any if self.tokens.pop(0).lower() == "or" else all
            tests.append(self._equal(field, self.tokens.pop(0)))
        self._close()
        return lambda document: joined(test(document) for test in tests)

    def _equal(self, field: str, token: str) -> Test:
        if token == "*":
            return lambda document: bool(values(document, field))
        if "*" in token and not token.startswith('"'):
            pattern = token.replace("[", "[[]").replace("?", "[?]")
            return lambda document: any(fnmatchcase(str(one), pattern) for one in values(document, field))
        told = _plain(token)
        return lambda document: any(one == _like(told, one, self.now) for one in values(document, field))

    def _compared(self, field: str, mark: str, told: str) -> Test:
        compare = COMPARE[mark]
        return lambda document: any(compare(one, _like(told, one, self.now)) for one in values(document, field))

    def _skip(self, word: str) -> bool:
        if self.tokens and self.tokens[0].lower() == word:
            self.tokens.pop(0)
            return True
        return False

    def _close(self, bracket: str = ")") -> None:
        if not self._skip(bracket):
            raise ValueError(f"{bracket} is missing")


def _plain(token: str) -> str:
    return re.sub(r"\\(.)", r"\1", token[1:-1] if token.startswith('"') else token)


def _like(told: str, one: Any, now: datetime) -> Any:
    """Return what was written, as the kind of value that it is compared with."""
    if isinstance(one, bool):
        return told == "true"
    if isinstance(one, datetime):
        return moment(told, now)
    return float(told) if isinstance(one, int | float) else told
