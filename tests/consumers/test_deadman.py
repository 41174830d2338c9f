"""The dead-man call, against a real HTTP server."""

from datetime import UTC, datetime

import orjson
import pytest

from consumers.deadman import DeadMan
from consumers.signature import HEADER, verify
from holdfast.stack.ports import pick_free
from tests.support.receivers import WebhookReceiver

SECRET = b"0123456789abcdef"
NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def caller(receiver: WebhookReceiver, secret: bytes | None = SECRET, timeout_s: float = 60.0) -> DeadMan:
    """Return who calls a receiver."""
    return DeadMan(receiver.url, lambda: NOW, secret, timeout_s)


def test_a_call_says_that_all_is_well_and_is_signed_as_webhook_pages_are() -> None:
    with WebhookReceiver() as receiver:
        assert caller(receiver).call(["index", "worker"]) is True
    (request,) = receiver.requests
    assert orjson.loads(request.body) == {
        "status": "well", "at": "2026-05-04T12:00:00Z", "services": ["index", "worker"],
    }  # fmt: skip
    verify(request.headers[HEADER.lower()], SECRET, request.body, int(NOW.timestamp()))


def test_without_a_secret_it_is_not_signed() -> None:
    with WebhookReceiver() as receiver:
        caller(receiver, None).call([])
    assert HEADER.lower() not in receiver.requests[0].headers


def test_it_calls_once_a_minute_however_often_it_is_asked() -> None:
    with WebhookReceiver() as receiver:
        who = caller(receiver)
        assert [who.call([]) for _ in range(5)] == [True, None, None, None, None]
    assert len(receiver.requests) == 1


@pytest.mark.parametrize("status", [301, 404, 500])
def test_an_answer_other_than_2xx_is_no_success_and_is_tried_again_sooner(
    status: int,
) -> None:
    with WebhookReceiver(answer=lambda _: (status, {"Location": "http://127.0.0.1:9/"})) as receiver:
        who = DeadMan(receiver.url, lambda: NOW, every_s=0.0)
        assert [who.call([]), who.call([])] == [False, False]
    assert len(receiver.requests) == 2


def test_a_receiver_that_hangs_holds_nobody_up() -> None:
    with WebhookReceiver() as receiver:
        receiver.open.clear()
        assert caller(receiver, timeout_s=0.3).call([]) is False  # before the receiver answers: it hangs for minutes
        receiver.open.set()


def test_nobody_there_is_no_success_and_the_address_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    who = DeadMan(f"http://127.0.0.1:{pick_free(1)[0]}/ping/s3cret-token", lambda: NOW)
    assert who.call([]) is False
    assert "127.0.0.1" in caplog.text
    assert "s3cret" not in caplog.text


@pytest.mark.parametrize("url", ["", "s3cret", "ftp://s3cret.example/", "http:///s3cret"])
def test_what_is_no_http_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError, match="HOLDFAST_DEADMAN_URL") as caught:
        DeadMan(url, lambda: NOW)
    assert "s3cret" not in str(caught.value)
