"""What a page says to people and to machines."""

import orjson
import pytest

from consumers.message import REPEATED_WORDS, email, summary, webhook_body
from tests.support import samples


def test_a_webhook_gets_the_page_and_a_line_for_people() -> None:
    """The page's own fields under their own names; the rest says what it is."""
    body = orjson.loads(webhook_body(samples.page()))
    assert body.items() >= orjson.loads(samples.page().to_wire()).items()
    assert body["type"] == "org.holdfast.page"
    assert body["summary"] == "nimbus: Mail is delayed | 75% of restore target"
    assert (body["late"], body["late_text"]) == (False, None)


@pytest.mark.parametrize(("late_s", "words"), [(0.0, None), (59.9, None), (60.0, "1 min"), (9000.0, "150 min")])
def test_a_late_page_says_so_in_words(late_s: float, words: str | None) -> None:
    """Who gets it must not think that it just happened."""
    page = samples.page(late_s=late_s, issued_at=samples.later(180 + late_s / 60))
    body = orjson.loads(webhook_body(page))
    if words is None:
        assert "Late" not in summary(page)
        assert not body["late"]
    else:
        assert f"Late by {words}: this was due at 2026-05-04T12:30:00Z." in summary(page)
        assert body["late"]
        message = email(page, "h@example.org", "duty@example.org", repeated=False, now=samples.STARTED)
        assert message["Subject"].startswith("[late] ")
        assert f"Late by {words}" in message.get_content()


def test_what_counts_as_late_is_a_setting() -> None:
    """The demo's clock runs by hours a second; the pipeline's own pace is no lateness there."""
    page = samples.page(late_s=953.0)
    assert orjson.loads(webhook_body(page, 3600.0))["late"] is False
    message = email(page, "h@example.org", "d@example.org", repeated=False, now=samples.STARTED, late_from_s=3600.0)
    assert "[late]" not in message["Subject"]
    assert "Late" not in message.get_content() + summary(page, 3600.0)


def test_an_email_is_automatic_and_has_one_id_for_all_attempts() -> None:
    """No out-of-office robot answers it (RFC 3834), and mail programs fold repeats together."""
    page = samples.page(channel="email", address="duty@example.org", title="one\r\nBcc: x@example.org\nline")
    first = email(page, "Holdfast <h@example.org>", "duty@example.org", repeated=False, now=samples.STARTED)
    again = email(page, "Holdfast <h@example.org>", "duty@example.org", repeated=True, now=samples.later(5))
    assert first["Auto-Submitted"] == "auto-generated"
    assert first["Message-ID"] == again["Message-ID"] == f"<{page.page_id}@example.org>"
    assert first["Subject"] == "one Bcc: x@example.org line"
    assert first["Bcc"] is None
    assert (first["Holdfast-Repeated"], again["Holdfast-Repeated"]) == (None, "true")
    assert REPEATED_WORDS not in first.get_content()
    assert REPEATED_WORDS in again.get_content()
    for words in ("nimbus", "mail", "inc-0", "75% of restore target", "2026-05-04T12:30:00Z", "Duty manager"):
        assert words in first.get_content()


def test_an_address_with_a_line_break_is_an_error() -> None:
    """It could add headers."""
    with pytest.raises(ValueError, match=r"linefeed|newline|invalid"):
        email(samples.page(), "h@example.org", "a@example.org\nBcc: b@example.org", repeated=False, now=samples.STARTED)
