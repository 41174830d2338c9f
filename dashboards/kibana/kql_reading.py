"""Reads KQL into a tree: conditions, and what binds them. Pure.

The part of Kibana's query language that is known is told in docs/reference/filters.md (ADR 0027). Anything else is an
error that says where it stands and what to write instead. Length, depth and the number of conditions are bounded here,
so whatever is asked ends soon.
"""

import re
from dataclasses import dataclass
from typing import TypeAlias

LENGTH_AT_MOST = 2_000
"""Characters of an expression."""
DEPTH_AT_MOST = 20
"""Brackets, braces and ``not`` inside one another."""
CLAUSES_AT_MOST = 200
"""Values and comparisons."""

TOKEN = re.compile(r'\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<mark><=|>=|[:(){}<>])|(?P<word>[^\s"():<>{}]+))', re.DOTALL)
FIELD = re.compile(r"[\w@][\w@.-]*")
COMPARISONS = ("<=", ">=", "<", ">")
BINDING = ("and", "or", "not")


class KqlError(ValueError):
    """The expression is not of the part of the language that is known; the message says where, and what to write.

    ``position`` counts characters from 0.
    """

    def __init__(self, fault: str, position: int, hint: str | None = None) -> None:
        super().__init__(f"{fault} (at character {position + 1})" + (f"; {hint}" if hint else ""))
        self.position = position
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Token:
    """One word, mark or quoted text, and where it begins."""

    text: str
    position: int
    is_quoted: bool = False

    def is_(self, *words: str) -> bool:
        """Return whether it is one of these words or marks; as in Kibana, ``AND`` is ``and``."""
        return not self.is_quoted and self.text.lower() in words


@dataclass(frozen=True, slots=True)
class Is:
    """A field has a value."""

    field: Token
    value: Token


@dataclass(frozen=True, slots=True)
class Compared:
    """A field lies on one side of a value."""

    field: Token
    mark: str
    """``<``, ``<=``, ``>`` or ``>=``."""
    value: Token


@dataclass(frozen=True, slots=True)
class Exists:
    """A field has any value."""

    field: Token


@dataclass(frozen=True, slots=True)
class Within:
    """One object of a nested field fits all of an expression."""

    path: Token
    part: "Node"


@dataclass(frozen=True, slots=True)
class Not:
    """What does not fit."""

    part: "Node"


@dataclass(frozen=True, slots=True)
class Every:
    """What fits all parts."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Either:
    """What fits one part at least."""

    parts: tuple["Node", ...]


Node: TypeAlias = Is | Compared | Exists | Within | Not | Every | Either


def read(expression: str) -> Node | None:
    """Return an expression's tree; None of an empty one.

    Raises:
        KqlError: if it is not of the known part, or too long, too deep or of too many conditions.
    """
    reader = _Reader(_tokens(expression), len(expression))
    return reader.whole()


def _tokens(expression: str) -> list[Token]:
    if len(expression) > LENGTH_AT_MOST:
        raise KqlError(f"longer than {LENGTH_AT_MOST} characters", LENGTH_AT_MOST, "ask for less at once")
    found, position, end = [], 0, len(expression.rstrip())
    while position < end:
        match = TOKEN.match(expression, position)
        if match is None:
            raise KqlError("a quotation that does not end", expression.index('"', position), 'close it with "')
        text, begins = match["text"], match.start(match.lastgroup or 0)
        token = match[0].strip() if text is None else re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)
        found.append(Token(token, begins, text is not None))
        position = match.end()
    return found


class _Reader:
    """Recursive descent: or binds weaker than and, and weaker than not."""

    def __init__(self, tokens: list[Token], end: int) -> None:
        self._tokens = tokens
        self._end = end
        self._next = 0
        self._depth = 0
        self._clauses = 0

    def whole(self) -> Node | None:
        if not self._tokens:
            return None
        found = self._either(None)
        if self._next < len(self._tokens):
            left = self._tokens[self._next]
            hint = "a value of several words is quoted; conditions are joined by and, or"
            raise KqlError(f"{left.text!r} is not expected", left.position, hint)
        return found

    def _either(self, field: Token | None) -> Node:
        """Read parts joined by ``or``: conditions, or inside ``field : ( )`` values of that field."""
        parts = [self._every(field)]
        while self._take("or"):
            parts.append(self._every(field))
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _every(self, field: Token | None) -> Node:
        parts = [self._one(field)]
        while self._take("and"):
            parts.append(self._one(field))
        return parts[0] if len(parts) == 1 else Every(tuple(parts))

    def _one(self, field: Token | None) -> Node:
        self._deeper(1)
        if self._take("not"):
            found: Node = Not(self._one(field))
        elif self._take("("):
            found = self._either(field)
            self._need(")")
        else:
            found = self._condition() if field is None else self._value_of(field)
        self._deeper(-1)
        return found

    def _condition(self) -> Node:
        field = self._field()
        mark = self._token("a field is followed by : or by <, <=, >, >=")
        if mark.is_(*COMPARISONS):
            return Compared(field, mark.text, self._value())
        if not mark.is_(":"):
            hint = f'write field : "value"; text without a field is not searched, such as {field.text} here'
            raise KqlError(f"a field is followed by : or a comparison, not by {mark.text!r}", mark.position, hint)
        if self._take("{"):
            self._deeper(1)
            inner = self._either(None)
            self._need("}")
            self._deeper(-1)
            return Within(field, inner)
        if self._take("("):
            self._deeper(1)
            listed = self._either(field)
            self._need(")")
            self._deeper(-1)
            return listed
        return self._value_of(field)

    def _field(self) -> Token:
        token = self._token("a condition is missing")
        if token.is_quoted or token.is_(*BINDING) or FIELD.fullmatch(token.text) is None:
            raise KqlError(f"{token.text!r} is no name of a field", token.position, 'write field : "value"')
        return token

    def _value_of(self, field: Token) -> Node:
        value = self._value()
        return Exists(field) if value.text == "*" and not value.is_quoted else Is(field, value)

    def _value(self) -> Token:
        token = self._token("a value is missing")
        self._clauses += 1
        if self._clauses > CLAUSES_AT_MOST:
            raise KqlError(f"more than {CLAUSES_AT_MOST} conditions", token.position, "ask for less at once")
        if token.is_quoted:
            return token
        if token.is_(*BINDING) or token.text[0] in ":(){}<>":
            raise KqlError(f"a value is missing before {token.text!r}", token.position, f'quote it: "{token.text}"')
        if token.text.startswith("'"):
            raise KqlError("quotation marks are double", token.position, 'write "value"')
        if "*" in token.text[:-1] or "\\" in token.text:
            hint = "a * stands at the end only, as in eu-*; quote the value to mean the sign itself"
            raise KqlError(f"{token.text!r} can't be searched for", token.position, hint)
        return token

    def _deeper(self, by: int) -> None:
        self._depth += by
        if self._depth > DEPTH_AT_MOST:
            at = self._tokens[min(self._next, len(self._tokens) - 1)].position
            raise KqlError(f"deeper than {DEPTH_AT_MOST} brackets", at, "ask for less at once")

    def _take(self, word: str) -> bool:
        if self._next < len(self._tokens) and self._tokens[self._next].is_(word):
            self._next += 1
            return True
        return False

    def _need(self, mark: str) -> None:
        if not self._take(mark):
            at = self._tokens[self._next].position if self._next < len(self._tokens) else self._end
            raise KqlError(f"{mark!r} is missing", at)

    def _token(self, missing: str) -> Token:
        if self._next >= len(self._tokens):
            raise KqlError(f"the expression ends too early: {missing}", self._end)
        self._next += 1
        return self._tokens[self._next - 1]
