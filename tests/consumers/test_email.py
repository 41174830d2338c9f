"""One attempt by e-mail against a real SMTP server: what arrives, and what is known after it."""

from email.message import EmailMessage
from typing import Any

import pytest

from consumers.channels import Mail, MailServer, Options, Result
from models.paging import Outcome, Page
from tests.support import samples
from tests.support.attempts import LINKS, answerable, attempt, closed_port
from tests.support.receivers import MailReceiver

NOW = samples.STARTED


def mail_page(**fields: Any) -> Page:
    return samples.page(**{"channel": "email", "address": "duty@example.org", **fields})


def send(mail: MailReceiver, page: Page | None = None, **options: object) -> Result:
    server = MailServer(port=mail.port, sender="Holdfast <h@example.org>")
    channel = Mail(lambda: NOW, server, Options(timeout_s=60, links=LINKS))
    return attempt(channel, page or mail_page(), **options)  # type: ignore[arg-type]  # number and repeated


def plain(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_mail_arrives_as_it_was_meant() -> None:
    """Plain text, every line, dots and umlauts too."""
    with MailReceiver() as mail:
        page = mail_page(title="Störung bei nimbus", text="first\n.\n..dots\nGrüße " + "long " * 300)
        assert send(mail, page, repeated=True) == Result(Outcome.SENT, 250, proof="250 taken")
    (message,) = mail.messages
    assert mail.recipients == [["duty@example.org"]]
    assert message["Subject"] == "nimbus: incident inc-0"
    assert message["Message-ID"] == f"<{page.page_id}@example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    content = plain(message)
    assert content.startswith("Störung bei nimbus\n")
    assert page.text in content
    assert "may be a repeat" in content


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [("450 greylisted", Outcome.RETRYING), ("550 no such user", Outcome.FAILED), ("554 spam", Outcome.FAILED)],
)
def test_a_mail_servers_reply_decides(reply: str, outcome: Outcome) -> None:
    """4xx may pass, 5xx is for good (RFC 5321)."""
    with MailReceiver([reply]) as mail:
        result = send(mail)
    assert (result.outcome, result.status_code) == (outcome, int(reply[:3]))


@pytest.mark.parametrize("address", [None, "a@example.org\nBcc: b@example.org", "ümlaut@example.org", "nobody"])
def test_mail_to_no_address_fails_or_is_the_servers_business(address: str | None) -> None:
    """No address ends the notifier."""
    with MailReceiver() as mail:
        result = send(mail, mail_page(address=address))
    assert result.outcome in (Outcome.FAILED, Outcome.SENT)
    assert all(recipients == [address] for recipients in mail.recipients)


def test_a_mail_server_that_is_not_there_or_has_no_encryption_is_tried_again() -> None:
    """Nothing was handed over; and with STARTTLS asked for, nothing goes in the clear."""
    absent = Mail(lambda: NOW, MailServer(port=closed_port()), Options(timeout_s=2))
    assert attempt(absent, mail_page()).outcome is Outcome.RETRYING
    with MailReceiver() as mail:
        careful = Mail(lambda: NOW, MailServer(port=mail.port, starttls=True), Options(timeout_s=60))
        assert attempt(careful, mail_page()).outcome is Outcome.RETRYING
    assert mail.attempts == 0


def test_a_password_never_travels_in_the_clear() -> None:
    """A setting that would do it is refused at start."""
    with pytest.raises(ValueError, match="HOLDFAST_SMTP_STARTTLS"):
        MailServer(host="mail.example.org", user="u", password="p")
    MailServer(host="mail.example.org", user="u", password="p", starttls=True)
    MailServer(host="127.0.0.1", user="u", password="p")


def test_a_page_that_can_be_answered_arrives_with_its_link_and_reply_address_whole() -> None:
    """Folded, encoded and taken apart by real servers, both are still what was signed."""
    page = answerable(channel="email", address="duty@example.org")
    with MailReceiver() as mail:
        assert send(mail, page).outcome is Outcome.SENT
    (message,) = mail.messages
    html = message.get_body(("html",))
    assert html is not None
    assert message["Reply-To"] == LINKS.reply_address(page)
    assert str(LINKS.answer_url(page)) in plain(message)
    assert f'href="{LINKS.answer_url(page)}"' in html.get_content().replace("\r\n", "\n")


def test_the_servers_word_on_the_message_is_the_proof() -> None:
    """Its queue id is what a postmaster finds it by."""
    with MailReceiver(["250 2.0.0 Ok: queued as 4bXk2v1zJz9"]) as mail:
        assert send(mail).proof == "250 2.0.0 Ok: queued as 4bXk2v1zJz9"


def test_an_address_from_the_environment_is_not_told() -> None:
    """Neither by a bad one's error, nor by a missing one's."""
    look_up = {"DUTY_MAIL": "duty.person@example.org", "BAD": "bad.person@example.org\nBcc: x@example.org"}.get
    with MailReceiver(["550 no such user duty.person@example.org"]) as mail:
        options = Options(timeout_s=60, look_up=look_up)
        server = MailServer(port=mail.port)
        refused, bad, missing = (
            attempt(Mail(lambda: NOW, server, options), mail_page(address=f"env:{name}"))
            for name in ("DUTY_MAIL", "BAD", "NOBODY")
        )
    assert refused.error == "550 no such user ***"
    assert bad.outcome is missing.outcome is Outcome.FAILED
    assert "person" not in (bad.error or "")
    assert "NOBODY is not set" in (missing.error or "")
