"""An answer on real servers: from the link to the ledger and the communication log, through a kill -9 of the board."""

from collections.abc import Iterator

import httpx
import pytest

from holdfast import kafka
from holdfast.settings import Settings
from models.communication import Communication
from models.decision import Decision
from models.notice import Notice, Phase
from models.tokens import Claims, seal
from models.topics import HEADER_TYPE, Stream
from tests.board.conftest import ANSWER_S, Board, eventually
from tests.support.answers import SECRET, claims
from tests.support.processes import Service

pytestmark = pytest.mark.live


@pytest.fixture
def board(installation: Settings) -> Iterator[Board]:
    """Yield a current board that knows the secret of links; a worker and an indexer run beside it."""
    with (
        Service("worker --stage normalise", installation) as worker,
        Service("index", installation) as indexer,
        Service("serve", installation, env={"HOLDFAST_LINK_SECRET": SECRET}) as service,
    ):
        worker.wait_ready("holdfast.worker ready")
        indexer.wait_ready("holdfast.index ready")
        service.wait_ready("holdfast.serve ready")
        running = Board(service, installation, kafka.names(installation))
        eventually(lambda: running.get("/healthz").status_code == 200)
        yield running


def link(board: Board, held: Claims) -> str:
    return f"{board.url}/a/{seal(held, SECRET.encode())}"


def records(board: Board, stream: Stream) -> list[tuple[str, bytes]]:
    """Return what is on a topic: (type, value)."""
    found = kafka.read_all(board.settings, board.names.topic(stream))
    return [(dict(one.headers).get(HEADER_TYPE, b"").decode(), one.value) for one in found]


def test_a_link_is_one_answer_whatever_is_looked_at_and_killed(board: Board) -> None:
    """Looking records nothing; what was recorded is known to a board that was born after it."""
    now = board.settings.clock.now()
    held = claims(expires_at=now.replace(year=now.year + 1, day=1))
    for method in ("GET", "HEAD", "GET", "HEAD"):
        assert httpx.request(method, link(board, held), timeout=ANSWER_S).status_code == 200
    assert records(board, Stream.RAW) == []
    answer = httpx.post(link(board, held), data={"action": "eta", "within_min": "60"}, timeout=ANSWER_S)
    assert (answer.status_code, "named a time" in answer.text) == (200, True)
    assert len(records(board, Stream.RAW)) == 1
    board.service.kill9()
    eventually(lambda: len(records(board, Stream.COMMUNICATIONS)) == 1 and len(records(board, Stream.LEDGER)) == 2)
    (notice_kind, notice), (decision_kind, decision) = records(board, Stream.LEDGER)
    assert (notice_kind, decision_kind) == ("notice", "decision")
    assert Notice.from_wire(notice).phase is Phase.PROMISED
    assert Decision.from_wire(decision).person == held.recipient
    ((_, entry),) = records(board, Stream.COMMUNICATIONS)
    assert Communication.from_wire(entry).page_id == held.page_id
    board.service.start()
    board.service.wait_ready("holdfast.serve ready")
    eventually(lambda: "already used" in httpx.get(link(board, held), timeout=ANSWER_S).text)
    again = httpx.post(link(board, held), data={"action": "acknowledge"}, timeout=ANSWER_S)
    assert (again.status_code, "already used" in again.text) == (409, True)
    assert len(records(board, Stream.RAW)) == 1
