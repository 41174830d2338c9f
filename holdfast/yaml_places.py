"""YAML with the place of everything in it, for findings that name line and column. IO: reads files.

What a contract never needs is refused before anything is built of it: thousands of aliases, nesting without end, tags.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from holdfast.findings import Finding, Severity
from models.spec import Loc

SIZE_LIMIT = 1_000_000
"""Bytes of one file: a contract is a few kilobytes, a bomb is not."""
ALIAS_LIMIT = 20
"""``*`` aliases in one file: a few shared blocks, never the doubling of a YAML bomb."""
DEPTH_LIMIT = 30
"""Levels of lists and mappings; the format itself has nine."""
PLAIN_TAGS = (None, "!", "tag:yaml.org,2002:str")

SCALARS = (bool, int, float, str)


@dataclass(frozen=True)
class Tree:
    """One document as it stands in its file."""

    file: str
    root: Any

    def finding(
        self, loc: Loc, message: str, severity: Severity = "error", *, at_key: bool = False, key: Loc | None = None
    ) -> Finding:
        """Return a finding at a place of this document.

        Args:
            loc: where; the nearest part that is there counts, so a missing key is told at its parent.
            message: what is wrong.
            severity: how much.
            at_key: whether the key itself is meant and not its value.
            key: what to name it by, where that is not ``loc``.
        """
        line, column = self.place(loc, at_key=at_key)
        return Finding(self.file, line, column, dotted(loc if key is None else key), message, severity)

    def place(self, loc: Loc, *, at_key: bool = False) -> tuple[int, int]:
        """Return line and column, from 1: of a scalar value, else of the key or the entry of a list."""
        node, place = self.root, (1, 1)
        if isinstance(node, CommentedMap | CommentedSeq):
            place = (node.lc.line + 1, node.lc.col + 1)
        for position, part in enumerate(loc):
            try:
                below = node[part]
                wants_value = isinstance(below, SCALARS) and not (at_key and position == len(loc) - 1)
                if isinstance(node, CommentedSeq):
                    line, column = node.lc.item(part)
                else:
                    line, column = node.lc.value(part) if wants_value else node.lc.key(part)
            except (KeyError, AttributeError, TypeError, IndexError):
                break
            node, place = below, (line + 1, column + 1)
        return place

    def plain(self) -> Any:
        """Return ordinary dicts, lists and scalars: what pydantic reads.

        Raises:
            RecursionError: if something contains itself.
        """
        return _plain(self.root)


def read_trees(file: Path) -> Iterator[Tree | Finding]:
    """Yield the documents of one file, or what keeps them from being read."""
    name = str(file)
    try:
        content = file.read_bytes()
        if len(content) > SIZE_LIMIT:
            yield Finding(name, 0, 0, "", f"larger than {SIZE_LIMIT} bytes")
        else:
            yield from _trees(name, content.decode("utf-8"))
    except OSError as error:
        yield Finding(name, 0, 0, "", f"can't be read: {error.strerror}")
    except UnicodeDecodeError as error:
        yield Finding(name, 0, 0, "", f"not UTF-8: {error.reason}")


def _trees(name: str, text: str) -> Iterator[Tree | Finding]:
    try:
        refused = _refused(name, text)
        roots = () if refused is not None else _yaml().load_all(text)
        yield from (Tree(name, root) for root in roots if root is not None)
        if refused is not None:
            yield refused
    except MarkedYAMLError as error:
        line, column = _mark(error.problem_mark)
        yield Finding(name, line, column, "", f"not YAML: {_first_line(error.problem or error.context)}")
    # The reader lets Python's own errors through: a number of thousands of digits, a string as a mapping to merge.
    except (YAMLError, RecursionError, ValueError, TypeError, AttributeError, KeyError, AssertionError) as error:
        yield Finding(name, 0, 0, "", f"not YAML: {_first_line(error)}")


def _refused(name: str, text: str) -> Finding | None:
    """Return the first thing that no contract needs; nothing is built of the file while this looks."""
    depth = aliases = 0
    for event in YAML().parse(text):
        kind = type(event).__name__
        line, column = _mark(event.start_mark)
        if kind in ("MappingStartEvent", "SequenceStartEvent"):
            depth += 1
            if depth > DEPTH_LIMIT:
                return Finding(name, line, column, "", f"nested deeper than {DEPTH_LIMIT} levels")
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            depth -= 1
        elif kind == "AliasEvent":
            aliases += 1
            if aliases > ALIAS_LIMIT:
                return Finding(name, line, column, "", f"more than {ALIAS_LIMIT} aliases")
        if getattr(event, "tag", None) not in PLAIN_TAGS:
            return Finding(name, line, column, "", f"tag {event.tag} is not part of the format; write plain values")
    return None


def _mark(mark: Any) -> tuple[int, int]:
    return (mark.line + 1, mark.column + 1) if mark is not None else (0, 0)


def _first_line(text: object) -> str:
    return (str(text).strip().splitlines() or ["it can't be read"])[0][:200]


class _Constructor(RoundTripConstructor):
    """Leaves dates as text, so that a date that does not exist is a finding with its line like any other."""


_Constructor.add_constructor(
    "tag:yaml.org,2002:timestamp", lambda constructor, node: constructor.construct_scalar(node)
)


def _yaml() -> YAML:
    yaml = YAML(typ="rt")
    yaml.Constructor = _Constructor
    return yaml


def _plain(node: Any) -> Any:
    if isinstance(node, CommentedMap):
        return {_plain(key): _plain(value) for key, value in node.items()}
    if isinstance(node, CommentedSeq):
        return [_plain(value) for value in node]
    for kind in SCALARS:
        if isinstance(node, kind):
            return kind(node)
    return str(node) if isinstance(node, tuple) else node


def has(node: Any, part: int | str) -> bool:
    """Return whether a part of a place is directly below a node."""
    if isinstance(node, CommentedMap):
        return part in node
    return isinstance(node, CommentedSeq) and isinstance(part, int) and part < len(node)


def dotted(loc: Loc) -> str:
    """Return a place as people write it.

    >>> dotted(("versions", 0, "targets"))
    'versions[0].targets'
    """
    text = ""
    for part in loc:
        text += f"[{part}]" if isinstance(part, int) else f"{'.' if text else ''}{part}"
    return text
