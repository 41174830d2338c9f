"""What a person at the board sees: news without a reload, time running, and the truth when the connection is lost."""

import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, expect

from holdfast.clock import Clock
from models.paging import RungState
from models.records import Objective, Verdict
from tests.board.scenes import Story, noc
from tests.browser.conftest import Board, Viewer, eventually
from tests.support import samples

pytestmark = [pytest.mark.live, pytest.mark.browser]
HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=2</script>"\'><svg onload=alert(3)>'


def _now() -> datetime:
    """Return the wall clock, asked when a test needs it: between import and test lies half of a run of all tests."""
    return Clock.from_text(None).now()


def _due_in(minutes: float, revision: int = 1, **fields: object) -> list:
    """Return an incident of this very moment, and its clock that is due in so many minutes."""
    now = _now()
    due = now + timedelta(minutes=minutes)
    clock = samples.clock(0, revision, started_at=due - timedelta(hours=4), due_at=due, warnings=(), **fields)
    return [samples.incident(0, started_at=due - timedelta(hours=4), last_notice_at=now), clock]


def test_a_quiet_board_says_so(viewer: Viewer) -> None:
    viewer.open()
    expect(viewer.page.get_by_text("All quiet.")).to_be_visible()


def test_a_new_incident_and_its_breach_appear_without_a_reload(viewer: Viewer) -> None:
    """Also spoken: a screen reader hears of it."""
    page = viewer.open().page
    page.evaluate("window.sameLife = true")
    viewer.board.publish(*_due_in(30))
    expect(page.get_by_role("link", name="Mail is delayed")).to_be_visible()
    expect(page.locator("article")).to_have_class(re.compile("is-running"))
    expect(page.locator("[data-say]")).to_contain_text("New incident: nimbus, Mail is delayed")
    viewer.board.publish(*_due_in(-1, 2, verdict=Verdict.OVERDUE))
    expect(page.locator("article")).to_have_class(re.compile("is-overdue"))
    expect(page.locator("article .badge")).to_have_text("overdue")
    expect(page.locator("[data-say]")).to_contain_text("Overdue: nimbus, restore")
    expect(page).to_have_title(re.compile(r"^\(1 overdue\)"))
    assert page.evaluate("window.sameLife")
    assert page.locator(".quiet").is_hidden()


def test_the_countdown_runs_and_turns_into_time_over(viewer: Viewer) -> None:
    viewer.board.publish(*_due_in(-0.5), *Story(_now(), "late", "polaris", "Slow", -10).incident().documents)
    page = viewer.open().page
    left = page.locator("article time.left").first
    expect(left).to_have_text(re.compile(r"^\+\d\d:\d\d$"))
    before = left.inner_text()
    expect(left).not_to_have_text(before)
    assert left.inner_text() > before


def test_what_a_provider_writes_is_text(viewer: Viewer) -> None:
    """On the board, on the incident's page, and when it comes by the live events."""
    story = Story(_now(), HOSTILE[:40], "nimbus", HOSTILE, -10, {"services": (HOSTILE,), "witnesses": (HOSTILE,)})
    story.incident().clock(Objective.RESTORE, 60)
    hostile = [story.documents[0], *(one.model_copy(update={"reason": HOSTILE}) for one in story.documents[1:])]
    said = story.said("update", -5, HOSTILE).documents[-1]
    page = viewer.open().page
    viewer.board.publish(*hostile)
    viewer.board.index(*hostile, said)
    expect(page.get_by_role("link", name=HOSTILE)).to_be_visible()
    expect(page.locator(".word q")).to_have_text(f"{HOSTILE}")
    page.reload()
    expect(page.get_by_role("link", name=HOSTILE)).to_be_visible()
    page.get_by_role("link", name=HOSTILE).click()
    expect(page.locator(".said").first).to_have_text(HOSTILE)
    assert page.title().startswith(HOSTILE[:20])
    assert page.locator("main img, main script, main svg[onload]").count() == 0


def test_a_lost_board_is_told_at_once_and_recovers(viewer: Viewer) -> None:
    """Countdowns go on by themselves, so silence must be loud: kill -9 of the server, then a new one."""
    viewer.board.publish(*_due_in(30))
    page = viewer.open().page
    viewer.board.service.kill9()
    banner = page.get_by_role("alert")
    expect(banner).to_contain_text("Connection to the board lost")
    expect(banner).to_contain_text(re.compile(r"\d+ (s|min) old"))
    viewer.board.service.start()
    viewer.board.service.wait_ready("holdfast.serve ready")
    viewer.board.publish(*_due_in(20))
    expect(banner).to_be_hidden()
    expect(page.locator("[data-link]")).to_have_attribute("data-is", "live")
    viewer.complaints.clear()  # the browser reports the refused connections, as it should


def test_the_keyboard_reaches_everything_and_keeps_its_place(viewer: Viewer) -> None:
    """Skip link, incident, back; and a card that is drawn again keeps the focus."""
    viewer.board.publish(*_due_in(30))
    viewer.board.index(*_due_in(30))
    page = viewer.open().page
    link = page.get_by_role("link", name="Mail is delayed")
    expect(link).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the incidents")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(link).to_be_focused()
    viewer.board.publish(*_due_in(-1, 2, verdict=Verdict.OVERDUE))
    expect(page.locator("article")).to_have_class(re.compile("is-overdue"))
    expect(link).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Clocks on three bases")).to_be_visible()


def test_the_theme_is_chosen_and_kept(viewer: Viewer) -> None:
    page = viewer.open().page
    switch = page.get_by_role("button", name="Theme")
    colours = set()
    for name in ("dark", "light"):
        switch.click()
        expect(switch).to_have_text(f"Theme: {name}")
        page.reload()
        expect(switch).to_have_text(f"Theme: {name}")
        colours.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert len(colours) == 2


def test_states_differ_by_word_and_shape_not_by_colour_alone(viewer: Viewer) -> None:
    """Every clock and every verdict on a full board has an icon and a word; equal words have equal shapes."""
    scene = noc(_now())
    viewer.board.publish(*scene)
    page = viewer.open().page
    expect(page.locator("article")).to_have_count(5)
    shapes: dict[str, set[str]] = {}
    for cell in page.locator("td.standing, .badge").all():
        word = cell.inner_text().split(" ")[0]
        shapes.setdefault(word, set()).add(cell.locator("use").get_attribute("href") or "")
    assert {"overdue", "warning", "running"} <= set(shapes)
    assert all(len(found) == 1 for found in shapes.values())
    assert len(set.union(*shapes.values())) == len(shapes)


def test_a_telephone_shows_all_of_a_card_without_scrolling_sideways(viewer: Viewer) -> None:
    """The board is looked at in the night, too: no clock and no name lies beyond the edge."""
    viewer.page.set_viewport_size({"width": 390, "height": 844})
    viewer.board.publish(*noc(_now()))
    page = viewer.open().page
    expect(page.locator("article")).to_have_count(5)
    expect(page.locator("article time.left").first).to_be_visible()
    assert page.evaluate(BEYOND) == []


BEYOND = """[...document.querySelectorAll('main *')].filter(one => !one.closest('.unseen, .scroll, thead') &&
    one.getBoundingClientRect().right > innerWidth + 1).map(one => one.outerHTML.slice(0, 200))"""


def test_a_telephone_shows_the_whole_plan_and_time_line_of_an_incident(viewer: Viewer) -> None:
    """Who is told next is read in the night, too. The table of clocks scrolls within itself, the page does not."""
    viewer.page.set_viewport_size({"width": 360, "height": 740})
    rungs = tuple(
        samples.planned_page(
            rung,
            recipient_name="Head of Operations and Infrastructure, deputising",
            condition="100% of restore target, and nobody has acknowledged",
            state=RungState.SUPPRESSED,
            reason="already acknowledged by the provider's duty manager",
        )
        for rung in range(3)
    )
    viewer.board.index(*_due_in(30), samples.plan(rungs=rungs), samples.notice(0, source_incident_id="inc-0"))
    page = viewer.open(f"/incidents/{samples.incident(0).incident_id}").page
    expect(page.get_by_role("heading", name="Escalation plan")).to_be_visible()
    expect(page.get_by_text("Head of Operations").first).to_be_visible()
    assert page.evaluate(BEYOND) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    first = page.locator(".stacks tbody tr").first
    shown = first.evaluate("one => [...one.querySelectorAll('td')].map(td => getComputedStyle(td, '::before').content)")
    assert [text.strip('": ') for text in shown] == ["Rung", "When", "Due", "State"]
    side = page.locator(".stacks").first.get_attribute("aria-labelledby")
    assert page.locator(f"#{side}").inner_text() == "Our side"


def test_time_runs_as_fast_as_the_boards_clock(browser, board: Board) -> None:
    """On the demo's clock a minute passes in a second, on the page as well."""
    fast = Clock(_now().timestamp(), _now(), 60.0)
    board.service.stop()
    board.service._env["HOLDFAST_CLOCK_TEXT"] = fast.to_text()
    board.service.start()
    board.service.wait_ready("holdfast.serve ready")
    eventually(lambda: board.get("/healthz").status_code == 200)
    board.publish(*_due_in(240))
    page = browser.new_page()
    page.goto(board.url)
    left = page.locator("article time.left").first
    expect(left).to_be_visible()
    due = left.get_attribute("datetime")
    page.wait_for_timeout(2000)
    before = fast.now()
    shown = page.evaluate("document.querySelector('[data-wall]').textContent")
    asked_min = (fast.now() - before).total_seconds() / 60
    assert due is not None
    hours, minutes, _ = (int(part) for part in shown.split(":"))
    ahead_min = (hours * 60 + minutes - before.hour * 60 - before.minute + 720) % 1440 - 720
    assert -5 <= ahead_min <= asked_min + 5
    expect(page.get_by_text(re.compile("clock runs .60"))).to_be_visible()
    page.close()


def test_a_question_is_asked_on_the_board_without_scripts(browser: Browser, board: Board) -> None:
    """From the navigation to the form, to the answer, to the document that it rests on."""
    board.index(*_due_in(-30, verdict=Verdict.OVERDUE), samples.notice(0))
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(board.url)
    page.get_by_role("link", name="Questions").click()
    page.get_by_role("link", name="Which clocks ran out, and by how much?").click()
    page.get_by_role("textbox", name="provider").fill("nimbus")
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_role("cell", name="restore")).to_be_visible()
    expect(page.get_by_role("textbox", name="provider")).to_have_value("nimbus")
    proof = page.get_by_role("link", name="clocks/").first.get_attribute("href")
    assert board.get(str(proof)).json()["objective"] == "restore"
    context.close()
