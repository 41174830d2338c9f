"""The e-mail of a page: threaded, safe to show, and different words for each side."""

from email.message import EmailMessage
from html.parser import HTMLParser

import pytest

from consumers.links import Links
from consumers.mail import Envelope, email
from consumers.message import REPEATED_WORDS
from models.paging import Page, PageKind, Side
from tests.support import samples
from tests.support.attempts import HOSTILE, LINKS, answerable

ENVELOPE = Envelope("Holdfast <h@example.org>", "duty@example.org", samples.STARTED)
INTERNAL = ("policy", "standard", "rung", "our side", "ladder", "/incidents/")
"""Words of lines that are ours alone."""


class Seen(HTMLParser):
    """Collects tags, attributes and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert found is not None
    return str(found.get_content())


def make(page: Page, links: Links = LINKS, *, repeated: bool = False) -> EmailMessage:
    return email(page, Envelope(ENVELOPE.sender, ENVELOPE.recipient, samples.STARTED, repeated), links)


def test_an_email_is_automatic_and_has_one_id_for_all_attempts() -> None:
    """No out-of-office robot answers it (RFC 3834), and mail programs fold repeats together."""
    page = answerable(channel="email", title="one\r\nBcc: x@example.org\nline")
    first, again = make(page), make(page, repeated=True)
    assert first["Auto-Submitted"] == "auto-generated"
    assert first["X-Auto-Response-Suppress"] == "All"
    assert first["Message-ID"] == again["Message-ID"] == f"<{page.page_id}@example.org>"
    assert first["Bcc"] is None
    assert (first["Holdfast-Repeated"], again["Holdfast-Repeated"]) == (None, "true")
    for kind in ("plain", "html"):
        assert REPEATED_WORDS not in part(first, kind)
        assert REPEATED_WORDS in part(again, kind)
        for words in ("nimbus", "mail", "inc-0", "75% of restore target", "2026-05-04T12:30:00Z", "Duty manager"):
            assert words in part(first, kind)
    assert [one.get_content_type() for one in first.iter_parts()] == ["text/plain", "text/html"]


def test_pages_of_one_incident_and_side_are_one_conversation() -> None:
    """Later rungs, loops and lateness change neither the root nor the subject; the other side has its own."""
    early = make(answerable(0))
    late = make(answerable(1, rung=2, loop=3, title="[P1] nimbus: restore breached", late_s=600.0, reason="breached"))
    theirs = make(answerable(2, side=Side.PROVIDER))
    other = make(answerable(3, incident_id="another", source_incident_id="inc-1"))
    assert early["References"] == early["In-Reply-To"] == late["References"]
    assert early["Subject"] == late["Subject"] == "nimbus: incident inc-0"
    assert len({one["References"] for one in (early, theirs, other)}) == 3
    assert len({one["Message-ID"] for one in (early, late, theirs, other)}) == 4
    assert "Late by 10 min" in part(late, "plain").splitlines()[1]


@pytest.mark.parametrize("kind", [PageKind.EXPOSURE, PageKind.ALL_CLEAR])
def test_a_hazards_messages_are_one_conversation(kind: PageKind) -> None:
    """Until the all clear, whatever incidents it hits."""
    fields = {"hazard": "nws/storm-1", "title": "Storm: 3 sites of nimbus", "expires_at": None}
    message = make(samples.page(kind=kind, **fields))
    bundle = make(samples.page(9, kind=PageKind.BUNDLE, members=("a", "b"), **fields))
    assert message["Subject"] == "Storm: 3 sites of nimbus"
    assert message["References"] == bundle["References"] is not None
    assert "nws/storm-1" in part(message, "plain")
    assert "Why:" not in part(message, "plain")


def test_a_bundle_of_unlike_pages_belongs_to_no_conversation_and_lists_them() -> None:
    """Its text has the members and their links; it has none of its own."""
    text = f"Two pages:\n- inc-0 {LINKS.answer_url(answerable())}\n- inc-1"
    message = make(answerable(kind=PageKind.BUNDLE, members=("a", "b"), title="2 pages, low priority", text=text))
    assert message["References"] is None
    assert message["Reply-To"] is None
    assert "Answer this page" not in part(message, "plain")
    assert "Answer this page" not in part(message, "html")
    for line in text.splitlines():
        assert line in part(message, "plain")
        assert line in Seen(part(message, "html")).text


def test_each_side_is_told_its_own_rights() -> None:
    """The provider can say more; ours is told what it does not do."""
    theirs, ours = make(answerable(side=Side.PROVIDER)), make(answerable())
    for kind in ("plain", "html"):
        for words in ("acknowledge", "expect service", "paused", "reason", "restored", "root cause"):
            assert words in part(theirs, kind)
        assert "does not stop the provider's clock" in " ".join(Seen(part(ours, kind)).text.split())
        assert "does not stop the provider's clock" not in part(theirs, kind)
        assert not [word for word in INTERNAL if word in part(theirs, kind)]


def test_without_links_nothing_is_offered() -> None:
    """A page that can't be answered does not say that it can."""
    for message in (make(answerable(), Links()), make(samples.page())):
        assert message["Reply-To"] is None
        for kind in ("plain", "html"):
            assert "You can answer" not in part(message, kind)
            assert "reply to this mail" not in part(message, kind).lower()
            assert "/a/" not in part(message, kind)


def test_a_hostile_text_is_shown_and_does_nothing() -> None:
    """Titles come from status pages: nobody's script, tag or image gets into the HTML."""
    fields = {"title": HOSTILE, "text": f"{HOSTILE}\n<img src=x>", "provider": HOSTILE, "recipient_name": HOSTILE}
    seen = Seen(part(make(answerable(**fields)), "html"))
    assert not {"script", "img", "style", "link", "iframe", "form"} & set(seen.tags)
    assert seen.text.count(HOSTILE) >= 4
    assert "<img src=x>" in seen.text


def test_the_html_loads_nothing_and_can_be_read_in_the_dark() -> None:
    """Inline styles only; its two links are our own; no colour of text without its ground."""
    page = answerable()
    seen = Seen(part(make(page), "html"))
    links = [value for _, name, value in seen.attributes if name == "href"]
    assert links == [LINKS.answer_url(page), LINKS.incident_url(page)]
    assert not [name for _, name, _ in seen.attributes if name in ("src", "background", "class") or name[:2] == "on"]
    assert ("meta", "content", "light dark") in seen.attributes
    for _, name, value in seen.attributes:
        if name == "style" and value is not None:
            coloured = [one for one in value.split(";") if one.startswith("color:") and one != "color:inherit"]
            assert bool(coloured) == ("background-color:" in value)
            assert "url(" not in value


@pytest.mark.parametrize("recipient", ["a@example.org\nBcc: b@example.org", "a@example.org\r\n\r\nbody"])
def test_an_address_with_a_line_break_is_an_error(recipient: str) -> None:
    """It could add headers."""
    with pytest.raises(ValueError, match=r"linefeed|newline|invalid"):
        email(answerable(), Envelope("h@example.org", recipient, samples.STARTED))


@pytest.mark.parametrize("field", ["provider", "source_incident_id", "page_id"])
def test_no_field_of_a_page_adds_a_header(field: str) -> None:
    """Feeds name incidents: a line break is folded away, or the page fails; there is never a further header."""
    page = answerable(**{field: "x\r\nBcc: b@example.org"})
    try:
        message = make(page)
    except ValueError:
        return
    assert message["Bcc"] is None
    assert b"\nBcc:" not in message.as_bytes().split(b"\n\n")[0]
