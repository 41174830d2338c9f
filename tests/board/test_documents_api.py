"""Documents by their names, as reports refer to them, from a real index."""

import pytest

from tests.board.conftest import Board
from tests.support import samples

pytestmark = pytest.mark.live


def test_a_document_is_given_as_it_is_in_the_index_and_nothing_else_is(board: Board) -> None:
    clock = samples.clock(0)
    board.index(clock)
    found = board.get(f"/api/documents/clocks/{clock.clock_id}")
    assert found.status_code == 200
    assert found.content != b""
    assert found.json()["clock_id"] == clock.clock_id
    assert board.get("/api/documents/clocks/nothing").status_code == 404
    assert board.get("/api/documents/notices/nothing").status_code == 404
    refused = board.get(f"/api/documents/dead-letters/{clock.clock_id}")
    assert refused.status_code == 404
    assert "there are availability, clocks" in refused.json()["detail"]
