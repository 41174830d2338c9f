"""A report as HTML in a real browser: nothing is refused, nothing is fetched, and it prints on A4."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from holdfast.drawing import svg
from holdfast.reports.html import html
from tests.reports import samples

pytestmark = pytest.mark.browser


def test_a_report_opens_without_a_complaint_or_a_request_and_prints(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(html(samples.report("<script>document.title = 'run'</script>"), svg))
    page = browser.new_page(viewport={"width": 420, "height": 900})
    complaints: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    assert page.title() == "<script>document.title = 'run'</script>"
    assert page.evaluate("document.images[0].naturalWidth") > 0
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    printed = page.pdf(format="A4")
    assert printed.startswith(b"%PDF-")
    page.close()
    assert complaints == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
