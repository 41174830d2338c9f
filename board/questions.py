"""Questions of the record and free filters, as an API; the library of questions is handed in. IO: HTTP, the index."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import JSONResponse

from board.receive import BrokerUnavailableError
from models.questions import Answer, Library, QuestionError

AT_ONCE = 4
"""Questions answered at the same time: the index has other work too."""
INPUTS_AT_MOST = 20
FREE = "search"
"""The question behind ``/api/search``."""
Text = Annotated[str, Query(max_length=2_000)]


class Counter:
    """Where questions are asked: a few at a time, and who comes on top is told to come again."""

    def __init__(self, library: Library | None) -> None:
        self._library = library
        self._places = threading.BoundedSemaphore(AT_ONCE)

    @property
    def library(self) -> Library:
        """The questions.

        Raises:
            HTTPException: 404 if this board answers none.
        """
        if self._library is None:
            raise HTTPException(HTTPStatus.NOT_FOUND, "this board answers no questions; `holdfast serve` does")
        return self._library

    def ask(self, name: str, inputs: Mapping[str, str]) -> Answer:
        """Answer a question.

        Raises:
            HTTPException: 404 if there is none of that name, 422 if it is asked wrongly, 429 if too many are asked at
                once, 503 if the index or the documents can't be had now.
        """
        if name not in {one.name for one in self.library.descriptions()}:
            raise HTTPException(HTTPStatus.NOT_FOUND, f"no question {name!r}; GET /api/questions lists them")
        if len(inputs) > INPUTS_AT_MOST:
            raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, f"more than {INPUTS_AT_MOST} inputs")
        if not self._places.acquire(blocking=False):
            again = {"Retry-After": "1"}
            raise HTTPException(HTTPStatus.TOO_MANY_REQUESTS, f"{AT_ONCE} questions are being answered", again)
        try:
            with _answering():
                return self.library.ask(name, inputs)
        finally:
            self._places.release()


@contextmanager
def _answering() -> Iterator[None]:
    """Turn what can't be answered into the API's words."""
    try:
        yield
    except QuestionError as error:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from error
    except (OSError, BrokerUnavailableError) as error:
        raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, str(error), {"Retry-After": "5"}) from error


def router(counter: Counter) -> APIRouter:
    """Return the routes. Handlers that search run in worker threads."""
    routes = APIRouter()

    @routes.get("/api/questions")
    def questions() -> JSONResponse:
        """List the questions: what each asks for, its columns, and what it rests on."""
        return JSONResponse({"questions": [asdict(one) for one in counter.library.descriptions()]})

    @routes.get("/api/questions/{name}")
    def question(name: str, request: Request) -> JSONResponse:
        """Answer one; its inputs are the query's parameters."""
        return JSONResponse(answer_json(counter.ask(name, dict(request.query_params))))

    @routes.get("/api/search/{kind}")
    def search(
        kind: str, filter: Text = "", sort: Text = "", limit: Annotated[int, Query(ge=1, le=1000)] = 100
    ) -> JSONResponse:
        """Return documents of a kind that fit a filter in KQL (docs/reference/filters.md)."""
        given = {"kind": kind, "filter": filter, "sort": sort, "limit": str(limit)}
        found = counter.ask(FREE, given)
        return JSONResponse({"total": found.total, "documents": [document for _, document in found.rows]})

    return routes


def answer_json(answer: Answer) -> dict[str, Any]:
    """Return an answer as one JSON object, a row an object by its columns."""
    names = [column.name for column in answer.columns]
    return {
        "question": answer.question,
        "inputs": dict(answer.inputs),
        "columns": [asdict(column) for column in answer.columns],
        "rows": [dict(zip(names, row, strict=True)) for row in answer.rows],
        "evidence": [asdict(one) for one in answer.evidence],
        "total": answer.total,
        "note": answer.note,
    }
