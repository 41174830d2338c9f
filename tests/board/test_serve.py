"""The board's process: it comes up without its sources, says so, and ends in order."""

import httpx
import pytest

from holdfast.settings import Settings
from holdfast.stack.ports import pick_free
from tests.board.conftest import ANSWER_S, eventually, put
from tests.support import samples
from tests.support.processes import Service


@pytest.fixture
def nowhere(tmp_path) -> Settings:
    """Return settings under which nothing answers."""
    kafka, elasticsearch, board = pick_free(3)
    return Settings(
        _env_file=None,
        kafka=f"127.0.0.1:{kafka}",
        elasticsearch=f"http://127.0.0.1:{elasticsearch}",
        board_port=board,
        data_dir=tmp_path,
    )


def test_the_board_comes_up_without_its_sources_and_says_so(nowhere: Settings) -> None:
    """An empty board is not a quiet day: until the index has answered the page says that it is loading."""
    url = f"http://127.0.0.1:{nowhere.board_port}"
    with Service("serve", nowhere) as service:
        service.wait_ready("holdfast.serve ready")
        page = httpx.get(url, timeout=ANSWER_S).text
        assert "All quiet" not in page
        assert "Loading" in page
        health = httpx.get(f"{url}/healthz", timeout=ANSWER_S)
        assert (health.status_code, health.json()["status"]) == (503, "out of date")
        refused = httpx.get(f"{url}/api/incidents", timeout=ANSWER_S)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        assert "can't be reached" in refused.json()["detail"]
        assert httpx.get(f"{url}/incidents/x", timeout=ANSWER_S).status_code == 503
        assert (
            httpx.post(f"{url}/api/feeds/probe/alertmanager", content=b"{}", timeout=ANSWER_S).status_code == 403
        )  # no token set
        assert service.stop() == 0


def test_a_payload_that_the_broker_does_not_confirm_is_not_accepted(nowhere: Settings) -> None:
    url = f"http://127.0.0.1:{nowhere.board_port}"
    with Service("serve", nowhere, env={"HOLDFAST_BOARD_TOKEN": "t"}) as service:
        service.wait_ready("holdfast.serve ready")
        answer = httpx.post(
            f"{url}/api/feeds/probe/alertmanager",
            content=b"{}",
            headers={"Authorization": "Bearer t"},
            timeout=ANSWER_S,
        )
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


def test_a_port_that_is_taken_is_told_with_the_next_step(nowhere: Settings) -> None:
    with Service("serve", nowhere) as first:
        first.wait_ready("holdfast.serve ready")
        with Service("serve", nowhere, instance="second") as second:
            assert second.wait() == 1
            assert "HOLDFAST_BOARD_PORT" in second.log()


@pytest.mark.live
def test_a_restarted_board_shows_what_it_showed(installation: Settings) -> None:
    """All of its state is on the topics and in the index: kill -9 loses nothing."""
    put(installation, [samples.incident(0), samples.clock(0)])
    url = f"http://127.0.0.1:{installation.board_port}"
    with Service("serve", installation) as service:
        for _ in range(2):
            service.wait_ready("holdfast.serve ready")
            eventually(lambda: "Mail is delayed" in httpx.get(url, timeout=ANSWER_S).text)
            service.kill9()
            service.start()
