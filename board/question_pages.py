"""The named questions as pages: the list, a form that asks by GET, the answer with its documents. IO: HTTP, the index.

They work without scripts, and an answer has an address that can be passed on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse

from board.live import Live
from board.questions import Counter
from models.cells import cell_text, column_title, held_columns
from models.questions import Answer, Column, InputKind, QuestionDescription

EVIDENCE_SHOWN = 50
"""Documents that a page lists; the API has all that the answer names."""
PLACEHOLDERS = {
    InputKind.INSTANT: "2026-05-01T12:00:00Z, or now-30d",
    InputKind.FILTER: "priority : P1 and not phase : *",
}
Given = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True)
class Cell:
    """One cell of an answer."""

    text: str
    href: str | None
    """Where it leads; None: nowhere."""


@dataclass(frozen=True)
class Shown:
    """An answer as a page has it."""

    titles: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    evidence: tuple[Cell, ...]
    total: int
    note: str | None
    api: str
    """Address of the same answer for programs."""


def router(live: Live, counter: Counter) -> APIRouter:
    """Return the routes. Handlers that search run in worker threads."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/questions")
    def listed(incident: Given = "") -> HTMLResponse:
        known = [
            one for one in counter.library.descriptions() if not incident or "incident" in {i.name for i in one.inputs}
        ]
        query = f"?{urlencode({'incident': incident})}" if incident else ""
        links = [(one, f"/questions/{quote(one.name, safe='')}{query}") for one in known]
        return HTMLResponse(live.renderer.page("questions.html", **_frame(live), links=links, incident=incident))

    @routes.get("/questions/{name}")
    def one(name: str, request: Request) -> HTMLResponse:
        described = next((one for one in counter.library.descriptions() if one.name == name), None)
        if described is None:
            raise HTTPException(HTTPStatus.NOT_FOUND, f"no question {name!r}; the page of questions lists them")
        given = {key: text.strip() for key, text in request.query_params.items()}
        return _asked(live, counter, described, given)

    return routes


def _asked(live: Live, counter: Counter, described: QuestionDescription, given: Mapping[str, str]) -> HTMLResponse:
    """Return the form, with the answer where something was given, or with why there is none."""
    shown, fault, status = None, None, int(HTTPStatus.OK)
    if given:
        try:
            shown = answer_view(counter.ask(described.name, given))
        except HTTPException as error:
            fault, status = str(error.detail), error.status_code
    context: dict[str, Any] = {"asked": described, "given": given, "answer": shown, "fault": fault}
    page = live.renderer.page("question.html", **_frame(live), **context, placeholders=PLACEHOLDERS)
    return HTMLResponse(page, status)


def answer_view(answer: Answer) -> Shown:
    """Return an answer as a page has it; columns that are empty in every row are left out.

    >>> column = Column("incident_id", "The incident.")
    >>> answer_view(Answer("slowest", {"limit": "1"}, (column,), (("0a1b",),), (), 1)).rows
    ((Cell(text='0a1b', href='/incidents/0a1b'),),)
    """
    held = held_columns(answer)
    return Shown(
        titles=tuple(column_title(answer.columns[place]) for place in held),
        rows=tuple(tuple(_cell(row[place], answer.columns[place]) for place in held) for row in answer.rows),
        evidence=tuple(
            Cell(f"{one.index}/{one.document_id}", f"/api/documents/{one.index}/{quote(one.document_id, safe='')}")
            for one in answer.evidence[:EVIDENCE_SHOWN]
        ),
        total=answer.total,
        note=answer.note,
        api=f"/api/questions/{quote(answer.question, safe='')}?{urlencode(answer.inputs)}",
    )


def _cell(content: Any, column: Column) -> Cell:
    is_incident = column.name in ("incident", "incident_id") and isinstance(content, str)
    return Cell(cell_text(content, column), f"/incidents/{quote(content, safe='')}" if is_incident else None)


def _frame(live: Live) -> dict[str, Any]:
    return {"now": live.clock.now(), "speed": live.speed, "last_event_id": live.last_event_id}
