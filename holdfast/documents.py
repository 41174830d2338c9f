"""Reads a directory of YAML documents, with errors that name file, line, column and key. IO: reads files."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import Tag, ValidationError
from ruamel.yaml.comments import CommentedMap

from holdfast.findings import DocumentsError, Finding
from holdfast.yaml_places import ALIAS_LIMIT, DEPTH_LIMIT, SIZE_LIMIT, Tree, has, read_trees
from models.documents import KINDS, AnyDocument, Documents
from models.spec import Loc, Spec
from models.terms import CALENDARS, LIMITS

__all__ = [
    "ALIAS_LIMIT",
    "DEPTH_LIMIT",
    "SIZE_LIMIT",
    "DocumentsError",
    "Finding",
    "Placed",
    "check_documents",
    "load_documents",
]

GATHERED = (LIMITS, CALENDARS)
KEY_FAULTS = ("extra_forbidden", "missing", "invalid_key")
"""Faults of a key itself, not of what stands behind it."""
WORDS = {
    "missing": "required key is missing",
    "invalid_key": "keys are text; write it in quotes",
    "model_type": "keys with values are needed here",
    "model_attributes_type": "keys with values are needed here",
    "dict_type": "keys with values are needed here",
    "tuple_type": "a list is needed here; write [...], or one entry a line after a dash",
}


@dataclass(frozen=True)
class Placed:
    """A document and the place that it was read from."""

    document: AnyDocument
    tree: Tree


def load_documents(directory: Path) -> Documents:
    """Read every ``*.yaml`` and ``*.yml`` below a directory (or one file).

    Raises:
        DocumentsError: if anything is wrong; warnings alone raise nothing.
    """
    documents, findings = check_documents(directory, warnings=False)
    if findings:
        raise DocumentsError(findings)
    return documents


def check_documents(directory: Path, *, warnings: bool = True) -> tuple[Documents, tuple[Finding, ...]]:
    """Return what could be read, and every finding: all of them, not only the first.

    Args:
        directory: of the documents, or one file.
        warnings: False leaves them out, and saves the time that they take.
    """
    from holdfast.lint import doubts, faults

    findings: list[Finding] = []
    placed: list[Placed] = []
    for file in _files(directory):
        for outcome in _read(file):
            (placed if isinstance(outcome, Placed) else findings).append(outcome)  # type: ignore[arg-type]
    if not placed and not findings:
        findings.append(Finding(str(directory), 0, 0, "", "no YAML documents here"))
    documents = Documents.of(one.document for one in placed)
    if not findings:  # a document that could not be read makes every reference to it look wrong
        findings.extend(faults(placed, documents))
        if warnings:
            findings.extend(doubts(placed, documents))
    return documents, tuple(sorted(findings, key=lambda one: (one.file, one.line, one.column, one.message)))


def _files(directory: Path) -> list[Path]:
    if directory.is_file():
        return [directory]
    return sorted(path for path in directory.rglob("*") if path.suffix in (".yaml", ".yml") and path.is_file())


def _read(file: Path) -> Iterator[Placed | Finding]:
    """Yield the documents of one file, typed, or findings."""
    for tree in read_trees(file):
        if isinstance(tree, Finding):
            yield tree
        else:
            yield from _typed(tree)


def _typed(tree: Tree) -> Iterator[Placed | Finding]:
    if not isinstance(tree.root, CommentedMap):
        yield tree.finding((), "a document is a mapping that begins with apiVersion and kind")
        return
    kind = str(tree.root.get("kind"))
    model = KINDS.get(kind)
    if model is None:
        near = _question(kind, list(KINDS))
        yield tree.finding(("kind",), f"{kind[:80]!r} is none of {', '.join(KINDS)}{near}")
        return
    try:
        content = tree.plain()
    except RecursionError:
        yield tree.finding((), "something here contains itself by an alias")
        return
    try:
        yield Placed(model.model_validate(content), tree)
    except ValidationError as error:
        for fault in _causes(error):
            loc = _yaml_loc(tree.root, _without_tags(model, fault["loc"]))
            # What is missing is told by its name at the place where it would stand.
            message = _message(model, fault, loc)
            yield tree.finding(loc, message, at_key=fault["type"] in KEY_FAULTS)


def _causes(error: ValidationError) -> list[Any]:
    """Leave out "too short" where an entry below it is what is wrong."""
    faults = error.errors(include_url=False)
    locs = [fault["loc"] for fault in faults]
    return [
        fault
        for fault in faults
        if fault["type"] != "too_short"
        or not any(loc != fault["loc"] and loc[: len(fault["loc"])] == fault["loc"] for loc in locs)
    ]


def _message(model: type[Spec], fault: Any, loc: Loc) -> str:
    """Return one fault in words; for an unknown key, with the nearest key that the format knows there."""
    kind, given = fault["type"], fault["input"]
    if kind == "extra_forbidden":
        return "unknown key" + _nearest_key(str(loc[-1]), keys_at(model, fault["loc"][:-1]))
    if kind in ("enum", "literal_error"):
        expected = str(fault["ctx"]["expected"])
        return f"{str(given)[:80]!r} is none of {expected}" + _question(str(given), re.findall(r"'([^']*)'", expected))
    if kind == "string_type":
        return "text is needed here" if isinstance(given, dict | list) else f"{given!r} is no text; write it in quotes"
    return WORDS.get(kind) or str(fault["msg"]).removeprefix("Value error, ")


def _nearest_key(key: str, known: tuple[str, ...]) -> str:
    """Return the nearest key of a place, or all of them where none is near."""
    return _question(key, known) or f"; known here: {', '.join(known)}"


def _question(word: str, known: "tuple[str, ...] | list[str]") -> str:
    near = get_close_matches(word, known, n=1) or get_close_matches(word.lower(), known, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def keys_at(model: type[Spec], loc: Loc) -> tuple[str, ...]:
    """Return the keys that the format knows at a place: those of that part of a document and of no other.

    Args:
        model: of the whole document.
        loc: as pydantic tells it, with the tags of unions and the names of gathered fields.
    """
    found: list[Any] = [model]
    for part in loc:
        found = [below for one in found for below in _below(one, part)]
    return tuple(key for one in found for spec in _specs(one) for key in spec.known_keys())


def _without_tags(model: type[Spec], loc: Loc) -> Loc:
    """Drop the names of a union's members: one may be the name of a key as well."""
    found: list[Any] = [model]
    kept: list[int | str] = []
    for part in loc:
        if not any(_has_tag(one, part) for one in found):
            kept.append(part)
        found = [below for one in found for below in _below(one, part)]
    return tuple(kept)


def _has_tag(annotation: Any, part: int | str) -> bool:
    arguments = get_args(annotation)
    if get_origin(annotation) is Annotated:
        return any(isinstance(one, Tag) and one.tag == part for one in arguments[1:]) or _has_tag(arguments[0], part)
    return get_origin(annotation) in (Union, UnionType) and any(_has_tag(one, part) for one in arguments)


def _below(annotation: Any, part: int | str) -> list[Any]:
    """Return the types that may stand at a part of a place below a type."""
    if isinstance(annotation, type) and issubclass(annotation, Spec):
        fields = annotation.model_fields.items()
        return [field.annotation for name, field in fields if part == (field.alias or name)]
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        tags = [one.tag for one in arguments[1:] if isinstance(one, Tag)]
        return [arguments[0]] if part in tags else _below(arguments[0], part)
    if origin in (Union, UnionType):
        return [below for one in arguments for below in _below(one, part)]
    return [arguments[1]] if origin is dict else [arguments[0]] if origin is tuple else []


def _specs(annotation: Any) -> list[type[Spec]]:
    """Return the models among the types that an annotation allows."""
    if isinstance(annotation, type) and issubclass(annotation, Spec):
        return [annotation]
    if get_origin(annotation) in (Annotated, Union, UnionType):
        return [spec for one in get_args(annotation) for spec in _specs(one)]
    return []


def _yaml_loc(root: Any, loc: Loc) -> Loc:
    """Drop the parts that are in no document, such as gathered keys, so that the rest walks the YAML tree."""
    kept: list[int | str] = []
    node = root
    for position, part in enumerate(loc):
        if has(node, part):
            node = node[part]
            kept.append(part)
        elif position == len(loc) - 1 and isinstance(node, CommentedMap) and part not in GATHERED:
            kept.append(part)
    return tuple(kept)
