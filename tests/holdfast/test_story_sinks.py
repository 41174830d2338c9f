"""The demo's receivers do what receivers are told to do: check the signature, count by key."""

import smtplib
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage

import httpx
import pytest

from consumers.signature import HEADER, sign
from holdfast import story
from holdfast.clock import Clock
from holdfast.stack.ports import pick_free
from holdfast.story.rehearsal import Outcome, rehearse
from holdfast.story.sinks import MailSink, Received, WebhookSink
from holdfast.story.stage import clock_for, example_documents
from holdfast.story.summary import INDICES, Summary, problems_of, verdicts_of

FAST = Clock(Clock.from_text("").now().timestamp(), story.ORIGIN, 10_000.0)
BODY = b'{"title": "[P1] nimbus vm: acknowledge breached"}'


@pytest.fixture
def told() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def webhook(told: list[tuple[str, str]]) -> Iterator[WebhookSink]:
    with WebhookSink("secret", FAST, lambda channel, line: told.append((channel, line))) as sink:
        yield sink


def post(sink: WebhookSink, body: bytes, *, secret: bytes = b"secret", key: str = "page-1", age_s: int = 0) -> int:
    """Send a page as the notifier does, signed on the product's clock; return the answer's status."""
    at = int(FAST.now().timestamp()) - age_s
    headers = {HEADER: sign(secret, body, at), "Idempotency-Key": key}
    return httpx.post(sink.url, content=body, headers=headers).status_code


def test_a_signed_page_is_taken_and_told(webhook: WebhookSink, told: list[tuple[str, str]]) -> None:
    assert post(webhook, BODY) == 204
    assert webhook.received == Received(calls=1, keys={"page-1"}, refused=0)
    assert told == [("webhook", "[P1] nimbus vm: acknowledge breached")]


def test_the_same_key_again_is_the_same_page(webhook: WebhookSink, told: list[tuple[str, str]]) -> None:
    for _ in range(3):
        assert post(webhook, BODY) == 204
    assert (webhook.received.calls, webhook.received.keys) == (3, {"page-1"})
    assert len(told) == 1


def test_another_secret_is_refused_and_counted(webhook: WebhookSink, told: list[tuple[str, str]]) -> None:
    assert post(webhook, BODY, secret=b"other") == 401
    assert webhook.received == Received(calls=1, keys=set(), refused=1)
    assert told == []


def test_a_page_without_signature_is_refused(webhook: WebhookSink) -> None:
    assert httpx.post(webhook.url, content=BODY).status_code == 401


def test_age_is_allowed_for_in_real_time_whatever_the_clocks_speed(webhook: WebhookSink) -> None:
    minute = int(60 * FAST.speed)
    assert post(webhook, BODY, age_s=4 * minute) == 204
    assert post(webhook, BODY, age_s=6 * minute) == 401


def test_mail_is_counted_by_its_message_id(told: list[tuple[str, str]]) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "holdfast@localhost", "duty@nimbus.example", "P1"
    message["Message-ID"] = "<page-2@localhost>"
    message.set_content("Why you: 80% of acknowledge target.")
    with MailSink(pick_free(1)[0], lambda channel, line: told.append((channel, line))) as sink:
        for _ in range(2):
            with smtplib.SMTP("127.0.0.1", sink.port) as client:
                client.send_message(message)
        assert (sink.received.calls, sink.received.keys) == (2, {"<page-2@localhost>"})
    assert told == [("email", "to duty@nimbus.example: P1")]


def test_mail_is_taken_from_any_account() -> None:
    with MailSink(pick_free(1)[0]) as sink, smtplib.SMTP("127.0.0.1", sink.port) as client:
        assert client.login("somebody", "a password")[0] == 235


def test_the_storys_clock_reaches_its_monday_after_the_lead_and_its_end_when_asked() -> None:
    clock = clock_for(60.0)
    monday, end = clock.real_seconds_until(story.ORIGIN), clock.real_seconds_until(story.ORIGIN + story.LENGTH)
    assert monday > 0
    assert end - monday == pytest.approx(60.0, abs=0.1)


@pytest.fixture(scope="module")
def expected() -> Outcome:
    return rehearse(story.payloads(), example_documents(), story.ORIGIN + story.LENGTH)


def as_indexed(outcome: Outcome) -> tuple[Summary, list[dict[str, object]]]:
    """Return what the demo finds when all has gone well."""
    clocks = [clock.model_dump(mode="json") for clock in outcome.clocks.values()]
    sizes = {"notices": outcome.notices, "incidents": outcome.incidents, "pages": outcome.pages}
    documents = {index: len(sizes.get(index, ())) for index in INDICES}
    pages = {
        channel: {"pages": count, "calls": count, "refused": 0}
        for channel in ("webhook", "email")
        for count in [sum(page.channel == channel for page in outcome.pages.values())]
    }
    return Summary([], verdicts_of(clocks), pages, documents), clocks


def test_nothing_is_wrong_when_all_is_as_rehearsed(expected: Outcome) -> None:
    summary, clocks = as_indexed(expected)
    assert problems_of(summary, clocks, expected) == []


def test_another_verdict_is_named(expected: Outcome) -> None:
    summary, clocks = as_indexed(expected)
    changed = next(clock for clock in clocks if clock["verdict"] == "met")
    changed["verdict"] = "breached"
    (problem,) = problems_of(summary, clocks, expected)
    assert "expected met, indexed breached" in problem


def test_a_missing_clock_is_named(expected: Outcome) -> None:
    summary, clocks = as_indexed(expected)
    (problem,) = problems_of(summary, clocks[1:], expected)
    assert "indexed nothing" in problem


def test_a_page_that_never_came_is_named(expected: Outcome) -> None:
    summary, clocks = as_indexed(expected)
    pages = {**summary.pages, "webhook": {"pages": 0, "calls": 0, "refused": 0}}
    (problem,) = problems_of(replace(summary, pages=pages), clocks, expected)
    assert problem == "pages delivered by webhook: 0, expected 6"


def test_verdicts_are_counted_per_objective_and_basis(expected: Outcome) -> None:
    _, clocks = as_indexed(expected)
    rows = verdicts_of(clocks)
    assert [row["objective"] for row in rows[::3]] == [
        "notify",
        "acknowledge",
        "respond",
        "update",
        "restore",
        "resolve",
    ]
    assert sum(count for row in rows for key, count in row.items() if key not in ("objective", "basis")) == len(clocks)
