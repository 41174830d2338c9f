"""A person opens the link of a page on a telephone, without an account and without scripts, and answers it once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from holdfast import kafka
from holdfast.settings import Settings
from models.answers import Answer, AnswerAction
from models.raw import RawPayload
from models.tokens import Claims, seal
from models.topics import Stream
from tests.board.conftest import Board
from tests.browser.conftest import SLOW_MS, browser, eventually
from tests.support.answers import SECRET, claims
from tests.support.processes import Service

__all__ = ["browser"]
pytestmark = [pytest.mark.live, pytest.mark.browser]


@pytest.fixture
def board(installation: Settings, tmp_path: Path) -> Iterator[Board]:
    """Yield a running board that knows the secret of links."""
    with Service("serve", installation, env={"HOLDFAST_LINK_SECRET": SECRET}) as service:
        service.wait_ready("holdfast.serve ready")
        running = Board(service, installation, kafka.names(installation))
        eventually(lambda: running.get("/healthz").status_code == 200)
        yield running


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """Yield a page as wide as a telephone; the test fails if its console has an error of ours."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    context.set_default_timeout(SLOW_MS)
    yield context.new_page()
    context.close()


def recorded(board: Board) -> list[Answer]:
    records = kafka.read_all(board.settings, board.names.topic(Stream.RAW))
    return [Answer.from_wire(RawPayload.from_wire(record.value).body) for record in records]


def address(board: Board, held: Claims) -> str:
    now = board.settings.clock.now()
    own = held.model_copy(update={"expires_at": now.replace(year=now.year + 1, day=1)})
    return f"{board.url}/a/{seal(own, SECRET.encode())}"


def test_a_link_is_opened_answered_once_and_then_already_used(board: Board, phone: Page) -> None:
    """What was looked at twice is not recorded; what was pressed is, with the form that goes on."""
    link = address(board, claims())
    for _ in range(2):
        phone.goto(link)
        phone.request.head(link)
    expect(phone.get_by_role("heading", name="inc-0")).to_be_visible()
    assert recorded(board) == []
    phone.get_by_role("button", name="Acknowledge: I have it in hand").click()
    expect(phone.get_by_role("status")).to_contain_text("in the name of Nimbus operations: acknowledged")
    phone.get_by_text("Name a time").click()
    phone.get_by_label("Within").select_option("2 hours")
    phone.get_by_role("button", name="Acknowledge and name this time").click()
    expect(phone.get_by_role("status")).to_contain_text("named a time, expected by")
    phone.goto(link)
    expect(phone.get_by_role("heading", name="This link was already used")).to_be_visible()
    assert [one.action for one in recorded(board)] == [AnswerAction.ACKNOWLEDGE, AnswerAction.ETA]


def test_every_form_fits_a_telephone(board: Board, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 740})
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(address(board, claims()))
    for summary in page.locator("summary").all():
        summary.click()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    heights = page.evaluate("[...document.querySelectorAll('.send')].map(one => one.getBoundingClientRect().height)")
    assert len(heights) == 6
    assert min(heights) >= 44
    page.close()
    assert complaints == []
