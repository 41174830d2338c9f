"""One attempt against real receivers: what is known after it."""

import asyncio
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from consumers.channels import Attempt, Channel, Mail, MailServer, Result, Webhook
from consumers.signature import verify
from models.paging import Outcome, Page
from tests.support import samples
from tests.support.receivers import MailReceiver, WebhookReceiver

SECRET = b"a shared secret of some length"
NOW = samples.STARTED


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with WebhookReceiver() as running:
        yield running


def attempt(channel: Channel, page: Page, number: int = 1, *, repeated: bool = False) -> Result:
    async def once() -> Result:
        try:
            return await channel.deliver(Attempt(page, number, repeated))
        finally:
            await channel.close()

    return asyncio.run(once())


def post(receiver: WebhookReceiver, page: Page | None = None, **options: object) -> Result:
    webhook = Webhook(lambda: NOW, receiver.url, SECRET, timeout_s=0.5)
    return attempt(webhook, page or samples.page(), **options)  # type: ignore[arg-type]  # number and repeated


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_a_webhook_is_signed_and_carries_the_key_of_its_page(receiver: WebhookReceiver) -> None:
    """The receiver can check who sent it, and that it has not had it before."""
    assert post(receiver, number=2, repeated=True) == Result(Outcome.SENT, 200)
    (request,) = receiver.requests
    verify(request.headers["holdfast-signature"], SECRET, request.body, int(NOW.timestamp()) + 5)
    assert request.key == request.page_id == samples.page().page_id
    assert (request.headers["holdfast-attempt"], request.repeated) == ("2", True)
    assert request.headers["content-type"] == "application/json"


def test_every_attempt_has_the_same_body(receiver: WebhookReceiver) -> None:
    """Receivers that compare bodies under one key must not refuse a repeat."""
    post(receiver)
    post(receiver, number=2, repeated=True)
    first, second = receiver.requests
    assert first.body == second.body
    assert not first.repeated


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.SENT), (202, Outcome.SENT), (204, Outcome.SENT),
        (400, Outcome.FAILED), (401, Outcome.FAILED), (404, Outcome.FAILED), (410, Outcome.FAILED),
        (301, Outcome.FAILED), (307, Outcome.FAILED),
        (408, Outcome.RETRYING), (425, Outcome.RETRYING), (429, Outcome.RETRYING),
        (500, Outcome.RETRYING), (503, Outcome.RETRYING),
    ],
)  # fmt: skip
def test_an_answer_decides(receiver: WebhookReceiver, status: int, outcome: Outcome) -> None:
    """2xx is sent, what may pass is retried, anything else is for good."""
    receiver.answer = lambda _: (status, {"Location": "http://127.0.0.1:1/"} if 300 <= status < 400 else {})
    result = post(receiver)
    assert (result.outcome, result.status_code) == (outcome, status)
    assert (result.error is None) == (outcome is Outcome.SENT)
    assert len(receiver.requests) == 1


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "999999"}, 300.0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "Mon, 04 May 2026 09:30:20 GMT", "Date": "Mon, 04 May 2026 09:30:00 GMT"}, 20.0),
        ({}, None),
    ],
)
def test_a_receiver_may_ask_to_be_left_alone(
    receiver: WebhookReceiver, headers: dict[str, str], seconds: float | None
) -> None:
    """Retry-After in seconds or as a date, within reason (RFC 9110)."""
    receiver.answer = lambda _: (503, headers)
    assert post(receiver).retry_after_s == seconds


def test_a_receiver_that_hangs_leaves_the_outcome_unknown(receiver: WebhookReceiver) -> None:
    """It has the request: it may have acted on it."""
    receiver.open.clear()
    result = post(receiver)
    assert result.outcome is Outcome.UNKNOWN
    assert len(receiver.requests) == 1


def test_a_connection_that_breaks_after_the_request_leaves_the_outcome_unknown(receiver: WebhookReceiver) -> None:
    """No answer is no refusal."""
    receiver.answer = lambda _: None
    assert post(receiver).outcome is Outcome.UNKNOWN


def test_a_receiver_that_is_not_there_does_not_have_the_page() -> None:
    """Never connected: worth another try, and no repeat."""
    page = samples.page(address=f"http://127.0.0.1:{closed_port()}/")
    assert attempt(Webhook(lambda: NOW), page).outcome is Outcome.RETRYING


@pytest.mark.parametrize("address", [None, "ftp://example.org/", "file:///etc/passwd", "not a url"])
def test_an_address_that_is_none_fails_and_says_what_to_do(address: str | None) -> None:
    """Nobody was told, and the record says why."""
    result = attempt(Webhook(lambda: NOW), samples.page(address=address))
    assert result.outcome is Outcome.FAILED
    assert "HOLDFAST_WEBHOOK_URL" in (result.error or "")


def test_without_a_secret_nothing_is_signed(receiver: WebhookReceiver) -> None:
    """An empty signature would look like one."""
    attempt(Webhook(lambda: NOW, receiver.url), samples.page())
    assert "holdfast-signature" not in receiver.requests[0].headers


def mail_page(**fields: Any) -> Page:
    return samples.page(**{"channel": "email", "address": "duty@example.org", **fields})


def send(mail: MailReceiver, page: Page | None = None, **options: object) -> Result:
    server = MailServer(port=mail.port, sender="Holdfast <h@example.org>")
    channel = Mail(lambda: NOW, server, timeout_s=5)
    return attempt(channel, page or mail_page(), **options)  # type: ignore[arg-type]  # number and repeated


def test_mail_arrives_as_it_was_meant() -> None:
    """Plain text, every line, dots and umlauts too."""
    with MailReceiver() as mail:
        page = mail_page(title="Störung bei nimbus", text="first\n.\n..dots\nGrüße " + "long " * 300)
        assert send(mail, page, repeated=True) == Result(Outcome.SENT, 250)
    (message,) = mail.messages
    assert mail.recipients == [["duty@example.org"]]
    assert message["Subject"] == "Störung bei nimbus"
    assert message["Message-ID"] == f"<{page.page_id}@example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    content = message.get_content().replace("\r\n", "\n")
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
    absent = Mail(lambda: NOW, MailServer(port=closed_port()), timeout_s=2)
    assert attempt(absent, mail_page()).outcome is Outcome.RETRYING
    with MailReceiver() as mail:
        careful = Mail(lambda: NOW, MailServer(port=mail.port, starttls=True), timeout_s=5)
        assert attempt(careful, mail_page()).outcome is Outcome.RETRYING
    assert mail.attempts == 0


def test_a_password_never_travels_in_the_clear() -> None:
    """A setting that would do it is refused at start."""
    with pytest.raises(ValueError, match="HOLDFAST_SMTP_STARTTLS"):
        MailServer(host="mail.example.org", user="u", password="p")
    MailServer(host="mail.example.org", user="u", password="p", starttls=True)
    MailServer(host="127.0.0.1", user="u", password="p")
