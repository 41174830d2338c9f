"""Questions as pages: a form that works without scripts, an answer with its documents, and refusals on the page."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

import httpx
import pytest
from fastapi import FastAPI

from board import question_pages
from board.live import Connections, Live
from board.questions import Counter
from board.render import Renderer
from board.security import SecurityHeaders
from holdfast.clock import Clock
from models.questions import Answer, Column, Input, InputKind, QuestionDescription, QuestionError, Reference
from models.topics import Names

HOSTILE = '"><script>alert(1)</script>'
COLUMNS = (
    Column("incident_id", "The incident."),
    Column("length_s", "How long it was.", "s"),
    Column("share", "Of all.", "share"),
    Column("never", "Always empty."),
)


class Record:
    """A library of two questions whose answers name what they were given."""

    def descriptions(self) -> Sequence[QuestionDescription]:
        """Return one question about an incident, and one about none."""
        about = Input("incident", InputKind.INCIDENT, "Which.")
        since = Input("since", InputKind.INSTANT, "From then on.", required=False, default="now-90d")
        return [
            QuestionDescription("silence", "What was the longest silence?", (about, since), COLUMNS, "Its notices."),
            QuestionDescription("slowest", "What was slowest?", (since,), COLUMNS, "Clocks."),
        ]

    def ask(self, name: str, inputs: Mapping[str, str]) -> Answer:
        """Answer with one row; without an incident it is refused."""
        if name == "silence" and not inputs.get("incident"):
            raise QuestionError("input 'incident' is missing")
        row = (inputs.get("incident", HOSTILE), 5400, 0.5, None)
        evidence = tuple(Reference("notices", f"n/{number}") for number in range(60))
        return Answer(name, {"incident": "0a1b"}, COLUMNS, (row,), evidence, 70, "not enough data: n=1")


Get = Callable[..., httpx.Response]


@pytest.fixture
def get() -> Get:
    """Return a way to ask for the pages alone: nothing is connected to."""
    nowhere = Connections({"hosts": "http://127.0.0.1:9"}, {"bootstrap_servers": "127.0.0.1:9"}, Names("t"))
    app = FastAPI()
    app.include_router(question_pages.router(Live(nowhere, Clock.from_text(None), 1.0, Renderer()), Counter(Record())))
    app.add_middleware(SecurityHeaders)

    async def asked(path: str, **params: str) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://board") as client:
            return await client.get(path, params=params or None)

    return lambda path, **params: asyncio.run(asked(path, **params))


def test_all_questions_are_listed_and_those_about_an_incident_lead_on_with_it(get: Get) -> None:
    every = get("/questions").text
    assert 'href="/questions/silence"' in every
    assert 'href="/questions/slowest"' in every
    assert "incident [since]" in every
    about = get("/questions", incident="0a 1b").text
    assert 'href="/questions/silence?incident=0a+1b"' in about
    assert "/questions/slowest" not in about


def test_a_form_asks_by_get_and_says_what_each_input_is(get: Get) -> None:
    page = get("/questions/silence")
    assert '<form method="get" action="/questions/silence">' in page.text
    assert 'name="incident" value=""' in page.text
    assert "may be left out, then now-90d" in page.text
    assert "Answer</h2>" not in page.text, "nothing was asked yet"
    assert 'http-equiv="refresh"' not in page.text, "a reload would take what is being typed"
    assert "form-action 'self'" in page.headers["content-security-policy"]
    assert "script-src 'self'" in page.headers["content-security-policy"]


def test_an_answer_has_units_links_and_its_documents(get: Get) -> None:
    page = get("/questions/silence", incident="0a1b", since="").text
    assert '<td data-of="incident_id"><a href="/incidents/0a1b">0a1b</a></td>' in page
    assert "1h30m" in page
    assert "share (share)" in page
    assert "50.0%" in page
    assert 'data-of="never"' not in page, "a column that is empty in every row is left out"
    assert '<a href="/api/documents/notices/n%2F49">notices/n/49</a>' in page
    assert "notices/n/50" not in page
    assert "Rests on 70 documents" in page
    assert "and 20 more" in page
    assert "not enough data: n=1" in page
    assert 'href="/api/questions/silence?incident=0a1b"' in page
    assert 'name="incident" value="0a1b"' in page, "what was asked stays in the form"


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/questions/silence?incident=", 422, "input &#39;incident&#39; is missing"),
        ("/questions/silence?" + "&".join(f"i{n}=1" for n in range(21)), 422, "more than 20 inputs"),
        ("/questions/why", 404, "no question"),
    ],
)
def test_what_can_not_be_answered_is_told_on_the_page(get: Get, path: str, status: int, words: str) -> None:
    page = get(path)
    assert (page.status_code, words in page.text) == (status, True)


def test_what_was_typed_and_what_was_found_is_text(get: Get) -> None:
    page = get("/questions/silence", incident=HOSTILE).text
    assert HOSTILE not in page
    assert page.count("&lt;script&gt;alert(1)") >= 2
    assert f'href="/incidents/{HOSTILE}' not in page
