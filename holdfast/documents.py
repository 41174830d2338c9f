"""Reads a directory of YAML documents, with errors that name file, line, column and key. IO: reads files."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from models.agreement import AgreementVersion
from models.documents import KINDS, AnyDocument, Documents
from models.provider import Provider

SIZE_LIMIT = 1_000_000
"""Bytes of one file: a contract is a few kilobytes, a bomb is not."""
ALIAS_LIMIT = 20
"""``*`` aliases in one file: a few shared blocks, never the doubling of a YAML bomb."""

Loc = tuple[int | str, ...]


@dataclass(frozen=True)
class Finding:
    """One thing wrong, or doubtful, in a document. ``line`` and ``column`` count from 1; 0 is the whole file."""

    file: str
    line: int
    column: int
    key: str
    message: str
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        """Return the form that editors make a link of."""
        where = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{where}: {self.severity}: {self.key + ': ' if self.key else ''}{self.message}"


class DocumentsError(Exception):
    """The documents can't be used; ``findings`` says where and why. Print them and exit 1."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("\n".join(str(finding) for finding in findings))
        self.findings = tuple(findings)


@dataclass(frozen=True)
class Placed:
    """A document and the place that it was read from."""

    document: AnyDocument
    file: str
    tree: Any

    def finding(self, loc: Loc, message: str, severity: Literal["error", "warning"] = "error") -> Finding:
        """Return a finding at a key of this document."""
        line, column = _place(self.tree, loc)
        return Finding(self.file, line, column, _dotted(loc), message, severity)


def load_documents(directory: Path) -> Documents:
    """Read every ``*.yaml`` and ``*.yml`` below a directory (or one file).

    Raises:
        DocumentsError: if anything is wrong; warnings alone raise nothing.
    """
    documents, findings = check_documents(directory)
    if any(finding.severity == "error" for finding in findings):
        raise DocumentsError([finding for finding in findings if finding.severity == "error"])
    return documents


def check_documents(directory: Path) -> tuple[Documents, tuple[Finding, ...]]:
    """Return what could be read, and every finding: all of them, not only the first."""
    findings: list[Finding] = []
    placed: list[Placed] = []
    for file in _files(directory):
        for outcome in _read(file):
            (placed if isinstance(outcome, Placed) else findings).append(outcome)  # type: ignore[arg-type]
    if not placed and not findings:
        findings.append(Finding(str(directory), 0, 0, "", "no YAML documents here"))
    documents = Documents.of(one.document for one in placed)
    if not findings:  # a document that could not be read makes every reference to it look wrong
        findings.extend(_cross_check(placed, documents))
    return documents, tuple(sorted(findings, key=lambda one: (one.file, one.line, one.column)))


def _files(directory: Path) -> list[Path]:
    if directory.is_file():
        return [directory]
    return sorted(path for path in directory.rglob("*") if path.suffix in (".yaml", ".yml") and path.is_file())


def _read(file: Path) -> Iterator[Placed | Finding]:
    """Yield the documents of one file, or findings."""
    name = str(file)
    content = file.read_bytes()
    if len(content) > SIZE_LIMIT:
        yield Finding(name, 0, 0, "", f"larger than {SIZE_LIMIT} bytes")
        return
    try:
        text = content.decode("utf-8")
        if sum(1 for event in YAML().parse(text) if type(event).__name__ == "AliasEvent") > ALIAS_LIMIT:
            yield Finding(name, 0, 0, "", f"more than {ALIAS_LIMIT} aliases")
            return
        for tree in _yaml().load_all(text):
            if tree is not None:
                yield from _typed(name, tree)
    except UnicodeDecodeError as error:
        yield Finding(name, 0, 0, "", f"not UTF-8: {error.reason}")
    except MarkedYAMLError as error:
        mark = error.problem_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        yield Finding(name, line, column, "", f"not YAML: {error.problem or error.context}")
    except (YAMLError, RecursionError) as error:
        yield Finding(name, 0, 0, "", f"not YAML: {error}")


class _Constructor(RoundTripConstructor):
    """Leaves dates as text, so that a date that does not exist is a finding with its line like any other."""


_Constructor.add_constructor(
    "tag:yaml.org,2002:timestamp", lambda constructor, node: constructor.construct_scalar(node)
)


def _yaml() -> YAML:
    yaml = YAML(typ="rt")
    yaml.Constructor = _Constructor
    return yaml


def _typed(name: str, tree: Any) -> Iterator[Placed | Finding]:
    """Yield one typed document, or what is wrong with it."""
    if not isinstance(tree, CommentedMap):
        yield Finding(name, 1, 1, "", "a document is a mapping that begins with apiVersion and kind")
        return
    model = KINDS.get(str(tree.get("kind")))
    if model is None:
        line, column = _place(tree, ("kind",))
        yield Finding(name, line, column, "kind", f"{tree.get('kind')!r} is none of {', '.join(KINDS)}")
        return
    try:
        yield Placed(model.model_validate(_plain(tree)), name, tree)
    except ValidationError as error:
        for fault in _causes(error):
            loc = _yaml_loc(tree, fault["loc"])
            line, column = _place(tree, loc)
            yield Finding(name, line, column, _dotted(loc), _message(model, fault, loc))


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


def _plain(node: Any) -> Any:
    """Return ordinary dicts, lists and scalars: what pydantic reads."""
    if isinstance(node, CommentedMap):
        return {key: _plain(value) for key, value in node.items()}
    if isinstance(node, CommentedSeq):
        return [_plain(value) for value in node]
    for kind in (bool, int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return node


def _message(model: type[BaseModel], fault: Any, loc: Loc) -> str:
    """Return one fault in words; for an unknown key, with the nearest key that the format knows."""
    if fault["type"] == "extra_forbidden":
        near = get_close_matches(str(loc[-1]), _known_keys(model, loc[:-1]), n=1)
        return "unknown key" + (f"; did you mean {near[0]!r}?" if near else "")
    if fault["type"] == "missing":
        return "required key is missing"
    if fault["type"] in ("enum", "literal_error"):
        expected = str(fault["ctx"]["expected"])
        near = get_close_matches(str(fault["input"]), re.findall(r"'([^']*)'", expected), n=1)
        return f"{fault['input']!r} is none of {expected}" + (f"; did you mean {near[0]!r}?" if near else "")
    return str(fault["msg"]).removeprefix("Value error, ")


def _known_keys(model: type[BaseModel], loc: Loc) -> list[str]:
    """Return every key of the models on the way: near enough for a suggestion."""
    keys: set[str] = set()
    queue: list[type[BaseModel]] = [model]
    seen: set[type[BaseModel]] = set()
    while queue:
        current = queue.pop()
        if current in seen:
            continue
        seen.add(current)
        for key, field in current.model_fields.items():
            keys.add(field.alias or key)
            queue.extend(_models_in(field.annotation))
    return sorted(keys)


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in getattr(annotation, "__args__", ()) for model in _models_in(part)]


def _yaml_loc(tree: Any, loc: Loc) -> Loc:
    """Drop the parts that pydantic adds for unions and keys, so that the rest walks the YAML tree."""
    kept: list[int | str] = []
    node = tree
    for position, part in enumerate(loc):
        if _has(node, part):
            node = node[part]
            kept.append(part)
        elif position == len(loc) - 1 and isinstance(node, CommentedMap):
            kept.append(part)
    return tuple(kept)


def _has(node: Any, part: int | str) -> bool:
    if isinstance(node, CommentedMap):
        return part in node
    return isinstance(node, CommentedSeq) and isinstance(part, int) and part < len(node)


def _place(tree: Any, loc: Loc) -> tuple[int, int]:
    """Return line and column, from 1, of a key; of its parent where the key itself is missing."""
    node, place = tree, (tree.lc.line + 1, tree.lc.col + 1)
    for part in loc:
        try:
            if isinstance(node, CommentedMap):
                line, column = node.lc.key(part)
            else:
                line, column = node.lc.item(part)
            node = node[part]
        except (KeyError, AttributeError, TypeError, IndexError):
            break
        place = (line + 1, column + 1)
    return place


def _dotted(loc: Loc) -> str:
    text = ""
    for part in loc:
        text += f"[{part}]" if isinstance(part, int) else f"{'.' if text else ''}{part}"
    return text


def _cross_check(placed: Sequence[Placed], documents: Documents) -> Iterator[Finding]:
    """Yield references that lead nowhere, ids used twice, and what this release can't measure."""
    seen: dict[tuple[str, str], str] = {}
    for one in placed:
        first = seen.setdefault((one.document.kind, one.document.id), one.file)
        if first != one.file or sum(1 for other in placed if other.document is one.document) > 1:
            yield one.finding(("id",), f"{one.document.kind} {one.document.id!r} stands in {first} already")
        if one.document.kind == "Agreement":
            yield from _check_agreement(one, documents)
        elif one.document.kind == "EscalationPolicy":
            yield from _check_policy(one, documents)
        else:
            yield from _check_provider(one)


def _check_agreement(one: Placed, documents: Documents) -> Iterator[Finding]:
    agreement = documents.agreements[one.document.id]
    provider = documents.providers.get(agreement.provider)
    if provider is None:
        yield one.finding(("provider",), f"no Provider document {agreement.provider!r}")
    for index, version in enumerate(agreement.versions):
        at: Loc = ("versions", index)
        for service in version.services:
            if provider is not None and service not in provider.services:
                yield one.finding((*at, "services"), f"provider {provider.id!r} has no service {service!r}")
        if version.escalation is not None and version.escalation not in documents.policies:
            yield one.finding((*at, "escalation"), f"no EscalationPolicy document {version.escalation!r}")
        yield from _check_clauses(one, version, at, provider)


def _check_clauses(one: Placed, version: AgreementVersion, at: Loc, provider: Provider | None) -> Iterator[Finding]:
    owners = version.review.owners if version.review is not None else ()
    for name in owners:
        if provider is not None and name not in provider.contacts:
            yield one.finding((*at, "review", "owners"), f"provider {provider.id!r} has no contact {name!r}")


def _check_policy(one: Placed, documents: Documents) -> Iterator[Finding]:
    policy = documents.policies[one.document.id]
    people = {name for provider in documents.providers.values() for name in provider.contacts}
    for ladder, rungs in (("provider_ladder", policy.provider_ladder), ("customer_ladder", policy.customer_ladder)):
        for index, rung in enumerate(rungs):
            for name in rung.notify:
                if name not in people:
                    yield one.finding((ladder, index, "notify"), f"no contact {name!r} in any Provider document")


def _check_provider(one: Placed) -> Iterator[Finding]:
    assert one.document.kind == "Provider"
    provider = one.document
    feeds = [feed.id for feed in provider.feeds]
    for index, feed in enumerate(feeds):
        if feeds.index(feed) != index:
            yield one.finding(("feeds", index, "id"), f"feed {feed!r} stands here twice")
    for name, service in provider.services.items():
        for site in service.sites:
            if site not in provider.sites:
                yield one.finding(("services", name, "sites"), f"no site {site!r} in this document")
        for other in service.depends_on:
            if other not in provider.services:
                yield one.finding(("services", name, "depends_on"), f"no service {other!r} in this document")
