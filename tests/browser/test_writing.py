"""One of our own people signs in on the board, adds a note and mutes, in a real browser with scripts and without."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from feeds.answers import read
from holdfast import kafka
from models.decision import Action
from models.documents import Documents
from models.raw import RawPayload
from models.records import IncidentDocument
from models.topics import Stream
from tests.board.conftest import TOKEN, Board
from tests.board.test_writing import PROVIDER
from tests.browser.conftest import SLOW_MS, Viewer, board, browser, viewer
from tests.support import samples
from tests.support.fleet import publish

__all__ = ["board", "browser", "viewer"]
pytestmark = [pytest.mark.live, pytest.mark.browser]


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """Yield a page as wide as a small telephone, without scripts."""
    context = browser.new_context(viewport={"width": 380, "height": 800}, java_script_enabled=False)
    context.set_default_timeout(SLOW_MS)
    yield context.new_page()
    context.close()


@pytest.fixture
def incident(board: Board) -> IncidentDocument:
    """Return an incident that the board knows, of a provider whose document is in force."""
    known = samples.incident(0)
    publish(board.settings, Documents.of([PROVIDER]))
    board.index(known)
    return known


def sign_in(page: Page, token: str = TOKEN) -> None:
    page.get_by_label("Who you are").select_option("lead")
    page.get_by_label("Token of this installation").fill(token)
    page.get_by_role("button", name="Sign in").click()


def sent(board: Board) -> list[RawPayload]:
    records = kafka.read_all(board.settings, board.names.topic(Stream.RAW))
    return [RawPayload.from_wire(record.value) for record in records]


def test_a_person_signs_in_adds_a_note_mutes_and_is_told_so(
    board: Board, incident: IncidentDocument, phone: Page
) -> None:
    phone.goto(f"{board.url}/incidents/{incident.incident_id}")
    phone.get_by_role("link", name="Sign in to write").click()
    sign_in(phone, "wrong")
    expect(phone.get_by_role("alert")).to_contain_text("not the token")
    sign_in(phone)
    expect(phone.get_by_text("You write as Ada <Lead>")).to_be_visible()
    phone.get_by_text("Add a contact to the log").click()
    phone.get_by_label("Direction").select_option("they told us")
    phone.get_by_label("What was said").fill("They have found the switch.")
    phone.get_by_role("button", name="Add to the log").click()
    expect(phone.get_by_role("status").first).to_contain_text("Your note is recorded")
    phone.get_by_text("Mute", exact=True).click()
    phone.get_by_label("For how long").select_option("2 hours")
    phone.get_by_label("Reason").fill("known")
    phone.get_by_role("button", name="Send no page until then").click()
    expect(phone.get_by_role("status").first).to_contain_text("Muted")
    note, mute = (read(one) for one in sent(board))
    assert [one.text for one in note.communications] == ["They have found the switch."]
    (decision,) = mute.decisions
    assert (decision.action, decision.person, decision.channel) == (Action.MUTE, "lead", "board")
    assert decision.until == decision.decided_at + timedelta(hours=2)
    phone.get_by_role("button", name="Sign out").click()
    phone.goto(f"{board.url}/incidents/{incident.incident_id}")
    expect(phone.get_by_role("link", name="Sign in to write")).to_be_visible()


def test_the_forms_fit_a_telephone_and_keep_what_is_written_while_the_page_changes(
    incident: IncidentDocument, viewer: Viewer
) -> None:
    page = viewer.page
    page.set_viewport_size({"width": 380, "height": 800})
    page.goto(f"{viewer.board.url}/login?incident={incident.incident_id}")
    page.keyboard.press("Tab")
    page.keyboard.type("Ada")
    page.keyboard.press("Tab")
    page.keyboard.type(TOKEN)
    page.keyboard.press("Enter")
    page.wait_for_selector('[data-link][data-is="live"]')
    for summary in page.locator(".writing summary").all():
        summary.focus()
        page.keyboard.press("Enter")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_label("What was said").fill("half a sen")
    viewer.board.publish(samples.incident(0, 2, title="Mail is lost"))
    viewer.board.index(samples.incident(0, 2, title="Mail is lost"))
    expect(page.get_by_role("heading", name="Mail is lost").first).to_be_attached()
    expect(page.get_by_label("What was said")).to_have_value("half a sen")
