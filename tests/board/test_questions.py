"""Questions and filters by the board's API: the same answers as by command, and refusals that say what to do."""

import threading
from collections.abc import Mapping, Sequence

import pytest
from fastapi import HTTPException

from board.questions import AT_ONCE, INPUTS_AT_MOST, Counter
from board.receive import BrokerUnavailableError
from models.questions import Answer, Column, QuestionDescription, QuestionError
from tests.board.conftest import Board
from tests.support import samples

pytestmark = pytest.mark.live


@pytest.fixture
def told(board: Board) -> Board:
    """Yield a board whose index knows one incident and a broken clock."""
    late = samples.clock(0, verdict="breached", over_s=60.0, stopped_at=samples.later(241))
    board.index(samples.incident(0), late, samples.notice(0), samples.notice(1))
    return board


def test_every_question_is_listed_with_what_it_asks_for(board: Board) -> None:
    listed = {one["name"]: one for one in board.get("/api/questions").json()["questions"]}
    assert len(listed) >= 20
    assert listed["what-if"]["inputs"][1]["name"] == "version"
    assert {"name": "length_s", "meaning": "How long it was, at most.", "unit": "s"} in listed["longest-silence"][
        "columns"
    ]


def test_a_question_is_answered_with_its_evidence_and_a_filter_finds_it(told: Board) -> None:
    answer = told.get("/api/questions/clocks-run-out", params={"incident": "inc-0"}).json()
    (row,) = answer["rows"]
    assert (row["objective"], row["verdict"], row["over_s"]) == ("restore", "breached", 60.0)
    assert answer["evidence"] == [{"index": "clocks", "document_id": row_id(told)}]
    assert answer["inputs"] == {"incident": "inc-0", "since": "now-90d", "limit": "100"}
    assert answer["total"] == 1
    found = told.get("/api/search/notices", params={"filter": "phase : reported and text : looking"}).json()
    assert [one["phase"] for one in found["documents"]] == ["reported"] * found["total"] == ["reported"]


def row_id(told: Board) -> str:
    """Return the id of the clock that ran out."""
    (clock,) = told.get("/api/search/clocks", params={"filter": 'verdict : "breached"'}).json()["documents"]
    return str(clock["clock_id"])


REFUSED = (
    ("/api/questions/why", 404, "GET /api/questions lists them"),
    ("/api/questions/what-if", 422, "input 'incident' is missing"),
    ("/api/questions/slowest?objectiv=restore", 422, "did you mean 'objective'?"),
    ("/api/questions/slowest?since=yesterday", 422, "write 2026-05-01"),
    ("/api/questions/said-by?incident=none", 422, "no incident has an id"),
    ("/api/search/clocks?filter=objectiv:restore", 422, "did you mean objective"),
    ("/api/search/clock", 422, "did you mean 'clocks'?"),
    ("/api/search/clocks?sort=reasons", 422, "sort: no field 'reasons'"),
    ("/api/search/clocks?limit=1001", 422, ""),
    ("/api/search/clocks?filter=" + "x" * 2001, 422, ""),
)


def test_what_can_not_be_answered_is_refused_with_what_to_do(board: Board) -> None:
    for path, status, words in REFUSED:
        answer = board.get(path)
        assert (answer.status_code, path) == (status, path)
        assert words in str(answer.json()["detail"])


class Slow:
    """A library of one question that waits, or fails, as it is told."""

    def __init__(self) -> None:
        self.asked, self.go_on = threading.Semaphore(0), threading.Event()
        self.fault: Exception | None = None

    def descriptions(self) -> Sequence[QuestionDescription]:
        """Return the one question."""
        return [QuestionDescription("wait", "How long?", (), (Column("n", "Number."),), "Nothing.")]

    def ask(self, name: str, inputs: Mapping[str, str]) -> Answer:
        """Answer once it is let go."""
        if self.fault is not None:
            raise self.fault
        self.asked.release()
        assert self.go_on.wait(120)
        return Answer(name, inputs, (Column("n", "Number."),), ((1,),), (), 0)


def test_a_fifth_question_at_once_is_told_to_come_again() -> None:
    library = Slow()
    counter, answers = Counter(library), []
    others = [threading.Thread(target=lambda: answers.append(counter.ask("wait", {}).rows)) for _ in range(AT_ONCE)]
    for one in others:
        one.start()
    for _ in others:
        assert library.asked.acquire(timeout=120)
    with pytest.raises(HTTPException) as refused:
        counter.ask("wait", {})
    library.go_on.set()
    for one in others:
        one.join()
    assert (refused.value.status_code, refused.value.headers) == (429, {"Retry-After": "1"})
    assert answers == [((1,),)] * AT_ONCE
    assert counter.ask("wait", {}).rows == ((1,),)


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (OSError("no index"), 503),
        (BrokerUnavailableError("no broker"), 503),
        (QuestionError("asked wrongly"), 422),
    ],
)
def test_a_fault_is_told_and_frees_its_place(fault: Exception, status: int) -> None:
    library = Slow()
    library.fault = fault
    counter = Counter(library)
    for _ in range(AT_ONCE + 1):
        with pytest.raises(HTTPException) as refused:
            counter.ask("wait", {})
        assert (refused.value.status_code, refused.value.detail) == (status, str(fault))


@pytest.mark.parametrize(
    ("counter", "name", "inputs", "status"),
    [
        (Counter(Slow()), "wait", {f"i{n}": "1" for n in range(INPUTS_AT_MOST + 1)}, 422),
        (Counter(Slow()), "go", {}, 404),
        (Counter(None), "wait", {}, 404),
    ],
)
def test_what_nobody_can_answer_is_refused_before_it_is_asked(counter, name, inputs, status) -> None:
    with pytest.raises(HTTPException) as refused:
        counter.ask(name, inputs)
    assert refused.value.status_code == status
