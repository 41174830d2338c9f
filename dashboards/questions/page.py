"""The reference page of the questions, docs/reference/questions.md: written from the library itself. Pure."""

from collections.abc import Iterable, Iterator, Sequence

from dashboards.questions.asking import Question
from models.questions import Column, Input

INTRODUCTION = """# Questions

Written by `holdfast ask --markdown` from the library; do not edit.

Every question has a name, inputs, columns with units, and the documents that its answer rests on. Ask it

- by command: `holdfast ask longest-silence 4f1c2a`, with `--json`, `--csv`, `--markdown`, `--evidence` and `--explain`;
- by the API: `GET /api/questions/longest-silence?incident=4f1c2a`, and `GET /api/questions` for the list;
- on the board's page `/questions`: a form for each, and the answer with links to its documents; an incident's page
  leads to those about it;
- in Kibana, where a filter is given below: it is saved there under the question's name.

Instants are RFC 3339 in UTC; an input also takes a day (`2026-05-01`), `now` and `now-30d` (`s`, `m`, `h`, `d`, `w`).
Lengths (`_s`) are seconds, shares 0 to 1. Rows always come in the same order. A figure of fewer than five cases is
empty. A named incident bounds the time itself: `since` and `until` do not apply then. What a filter knows is in
[Filters](filters.md), why it is so in [decision 0027](../adr/0027-questions.md).
"""


def page(questions: Sequence[Question]) -> str:
    """Return the page."""
    parts = [INTRODUCTION, "\n".join(_contents(questions)), *("\n".join(_section(one)) for one in questions)]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _contents(questions: Iterable[Question]) -> Iterator[str]:
    yield "| question | |"
    yield "|---|---|"
    for one in questions:
        yield f"| [{one.name}](#{one.name}) | {one.description.title} |"


def _section(one: Question) -> Iterator[str]:
    described = one.description
    yield from (f"## {one.name}", "", described.title, "")
    if described.inputs:
        yield from ("| input | meaning | default |", "|---|---|---|", *map(_input, described.inputs), "")
    yield from ("| column | meaning | unit |", "|---|---|---|", *map(_column, described.columns), "")
    yield f"Rests on: {described.evidence}"
    if one.kql:
        yield from ("", f"In Kibana, on `{one.index}`: `{one.kql}`")


def _input(one: Input) -> str:
    default = f"`{one.default}`" if one.default is not None else "" if one.required else "none"
    return f"| `{one.name}` | {one.meaning} | {default or 'must be given'} |"


def _column(one: Column) -> str:
    return f"| `{one.name}` | {one.meaning} | {one.unit or ''} |"
