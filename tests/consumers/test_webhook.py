"""One attempt by webhook against a real receiver: what is known after it."""

from collections.abc import Iterator

import orjson
import pytest

from consumers.channels import Options, Result, Webhook
from consumers.signature import verify
from models.paging import Fallback, Outcome, Page
from tests.support import samples
from tests.support.attempts import LINKS, answerable, attempt, closed_port
from tests.support.receivers import WebhookReceiver

SECRET = b"a shared secret of some length"
NOW = samples.STARTED


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with WebhookReceiver() as running:
        yield running


def post(receiver: WebhookReceiver, page: Page | None = None, timeout_s: float = 20, **options: object) -> Result:
    webhook = Webhook(lambda: NOW, receiver.url, SECRET, Options(timeout_s=timeout_s))
    return attempt(webhook, page or samples.page(), **options)  # type: ignore[arg-type]  # number and repeated


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
    result = post(receiver, timeout_s=2.0)
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


def test_a_body_carries_the_links_and_nobody_elses_address(receiver: WebhookReceiver) -> None:
    """Who gets it can show a button; whom else we would tell is not their business."""
    other = Fallback(recipient="boss", recipient_name="Boss", channel="email", address="boss@example.org")
    page = answerable(fallbacks=(other,), quota_per_h=6)
    attempt(Webhook(lambda: NOW, receiver.url, options=Options(links=LINKS)), page)
    body = orjson.loads(receiver.requests[0].body)
    assert body["answer_url"] == LINKS.answer_url(page)
    assert body["incident_url"] == f"https://holdfast.example/incidents/{page.incident_id}"
    assert body["quota_per_h"] == 6
    assert "fallbacks" not in body
    assert b"boss@example.org" not in receiver.requests[0].body


@pytest.mark.parametrize(
    ("headers", "proof"),
    [
        ({"Holdfast-Receipt": "ticket 4711", "X-Request-Id": "r1"}, "ticket 4711"),
        ({"X-Request-Id": "r1"}, "r1"),
        ({"X-Request-Id": "r" * 900}, "r" * 199 + "…"),
        ({}, None),
    ],
)
def test_a_receipt_is_proof(receiver: WebhookReceiver, headers: dict[str, str], proof: str | None) -> None:
    """What the receiver calls it is what to ask the receiver by."""
    receiver.answer = lambda _: (200, headers)
    assert post(receiver).proof == proof


def test_an_address_from_the_environment_is_used_and_never_told(receiver: WebhookReceiver) -> None:
    """The record names the variable; the receiver's echo of it is struck out."""
    url = f"{receiver.url}/hunter2secret?token=verysecret"
    receiver.answer = lambda request: (404, {}, f"no {request.path} here: hunter2secret".encode())
    channel = Webhook(lambda: NOW, options=Options(look_up={"DUTY_HOOK": url}.get))
    page = samples.page(address="env:DUTY_HOOK")
    assert channel.receiver(page) == "env:DUTY_HOOK"
    result = attempt(channel, page)
    assert (result.outcome, result.status_code) == (Outcome.FAILED, 404)
    assert receiver.requests[0].path == "/pages/hunter2secret?token=verysecret"
    assert result.error is not None
    assert "secret" not in result.error
    assert "here: ***" in result.error


def test_a_variable_that_is_not_set_fails_and_is_named() -> None:
    """The next step is in the record."""
    result = attempt(Webhook(lambda: NOW), samples.page(address="env:DUTY_HOOK"))
    assert result.outcome is Outcome.FAILED
    assert "DUTY_HOOK is not set" in (result.error or "")
    assert "holdfast notify" in (result.error or "")


@pytest.mark.parametrize("value", ["http://[", "http://u:hunter2secret@h:notaport/", "hunter2secret", "http://a\nb/"])
def test_a_variable_that_holds_no_address_fails_without_telling_it(value: str) -> None:
    """Exception texts quote what they could not read."""
    channel = Webhook(lambda: NOW, options=Options(look_up={"DUTY_HOOK": value}.get))
    result = attempt(channel, samples.page(address="env:DUTY_HOOK"))
    assert result.outcome is Outcome.FAILED
    assert result.error
    assert "hunter2" not in result.error
    assert "notaport" not in result.error


def test_an_answer_whose_text_never_ends_is_judged_by_its_status(receiver: WebhookReceiver) -> None:
    """The status line is there: the outcome is known."""
    receiver.answer = lambda _: (404, {"Content-Length": "100000"}, b"no such")
    result = post(receiver)
    assert (result.outcome, result.status_code) == (Outcome.FAILED, 404)
