"""Slack, Teams, PagerDuty and Opsgenie over real HTTP: what they get, and what their answers mean."""

from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest

from consumers.channels import Channel, Opsgenie, Options, PagerDuty, Result, Slack, Teams
from consumers.channels.base import AddressError
from consumers.links import Links
from models.paging import Outcome, Page, PageKind, Side
from tests.support import samples
from tests.support.attempts import HOSTILE, LINKS, answerable, attempt, closed_port
from tests.support.receivers import Answer, Request, WebhookReceiver

KEY = "R0123456789ABCDEF0123456789ABCDE"
LONG = "ü<&>" * 20_000
Make = Callable[[str, Options], tuple[Channel, str]]
"""Makes a channel for a receiver's URL, and gives the address that its pages have."""

MAKERS: dict[str, Make] = {
    "slack": lambda url, options: (Slack(options), f"{url}/T0/hunter2secret"),
    "teams": lambda url, options: (Teams(options), f"{url}/workflows/1?sig=hunter2secret"),
    "pagerduty": lambda url, options: (PagerDuty(options, url), KEY),
    "opsgenie": lambda url, options: (Opsgenie(options, url), KEY),
}
ACCEPTED: dict[str, tuple[Answer, str | None]] = {
    "slack": ((200, {"x-slack-req-id": "8f2a"}, b"ok"), "ok 8f2a"),
    "teams": ((202, {"x-ms-workflow-run-id": "0858"}), "0858"),
    "pagerduty": ((202, {}, b'{"status":"success","message":"Event processed","dedup_key":"k1"}'), "k1"),
    "opsgenie": ((202, {}, b'{"result":"Request will be processed","took":0.3,"requestId":"43a29c5c"}'), "43a29c5c"),
}
VENDORS = pytest.mark.parametrize("vendor", MAKERS)


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with WebhookReceiver() as running:
        yield running


def tell(
    vendor: str, receiver: WebhookReceiver, page: Page | None = None, *, repeated: bool = False, timeout_s: float = 20
) -> Result:
    channel, address = MAKERS[vendor](receiver.url, Options(timeout_s=timeout_s, links=LINKS))
    return attempt(channel, (page or answerable()).model_copy(update={"address": address}), repeated=repeated)


def body(request: Request) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(request.body)
    return found


def texts(value: Any) -> list[str]:
    """Return every text in a document."""
    if isinstance(value, dict):
        return [text for one in value.values() for text in texts(one)]
    if isinstance(value, list):
        return [text for one in value for text in texts(one)]
    return [value] if isinstance(value, str) else []


@VENDORS
def test_what_a_vendor_gives_for_it_is_the_proof(vendor: str, receiver: WebhookReceiver) -> None:
    answer, proof = ACCEPTED[vendor]
    receiver.answer = lambda _: answer
    result = tell(vendor, receiver)
    assert (result.outcome, result.proof, result.error) == (Outcome.SENT, proof, None)


@VENDORS
@pytest.mark.parametrize("text", [b"", b"[]", b'{"dedup_key": 5, "requestId": null}', b"\xff\xfe", b"<html>"])
def test_an_acceptance_in_other_words_is_one(vendor: str, text: bytes, receiver: WebhookReceiver) -> None:
    """The status counts; a text that can't be read proves nothing and breaks nothing."""
    receiver.answer = lambda _: (202, {}, text)
    assert tell(vendor, receiver).outcome is Outcome.SENT


@VENDORS
@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (400, Outcome.FAILED), (401, Outcome.FAILED), (403, Outcome.FAILED), (404, Outcome.FAILED),
        (410, Outcome.FAILED), (413, Outcome.FAILED), (422, Outcome.FAILED), (302, Outcome.FAILED),
        (408, Outcome.RETRYING), (429, Outcome.RETRYING), (500, Outcome.RETRYING), (503, Outcome.RETRYING),
    ],
)  # fmt: skip
def test_a_refusal_is_for_good_or_may_pass(
    vendor: str, status: int, outcome: Outcome, receiver: WebhookReceiver
) -> None:
    receiver.answer = lambda _: (
        status,
        {"Retry-After": "7", "Location": "http://127.0.0.1:1/"},
        b"channel_is_archived",
    )
    result = tell(vendor, receiver)
    assert (result.outcome, result.status_code) == (outcome, status)
    assert result.retry_after_s == (7.0 if outcome is Outcome.RETRYING else None)
    assert status == 302 or "channel_is_archived" in (result.error or "")
    assert len(receiver.requests) == 1


@VENDORS
def test_no_answer_is_unknown_and_nobody_there_is_not(vendor: str, receiver: WebhookReceiver) -> None:
    receiver.answer = lambda _: None
    assert tell(vendor, receiver).outcome is Outcome.UNKNOWN
    receiver.open.clear()
    assert tell(vendor, receiver, timeout_s=2.0).outcome is Outcome.UNKNOWN
    channel, address = MAKERS[vendor](f"http://127.0.0.1:{closed_port()}", Options())
    assert attempt(channel, answerable(address=address)).outcome is Outcome.RETRYING


@VENDORS
@pytest.mark.parametrize("named", [True, False], ids=["in the environment", "written out"])
def test_no_secret_of_an_address_is_told(vendor: str, named: bool, receiver: WebhookReceiver) -> None:
    """Not even if the vendor's refusal quotes it."""
    receiver.answer = lambda request: (
        403,
        {},
        f"{request.path} {request.headers.get('authorization')} {request.body[:200].decode()}".encode(),
    )
    channel, secret = MAKERS[vendor](receiver.url, Options(look_up=lambda name: secrets.get(name)))
    secrets = {"THE_KEY": secret}
    result = attempt(channel, answerable(address="env:THE_KEY" if named else secret))
    assert result.outcome is Outcome.FAILED
    assert len(receiver.requests) == 1
    assert result.error is not None
    for text in ("hunter2", KEY):
        assert text not in result.error + repr(result)


@VENDORS
@pytest.mark.parametrize("address", [None, "env:NOT_SET"])
def test_a_contact_without_an_address_fails_with_the_next_step(
    vendor: str, address: str | None, receiver: WebhookReceiver
) -> None:
    channel, _ = MAKERS[vendor](receiver.url, Options())
    result = attempt(channel, samples.page(address=address))
    assert result.outcome is Outcome.FAILED
    assert ("NOT_SET is not set" if address else f"as {vendor}") in (result.error or "")
    assert receiver.requests == []


@pytest.mark.parametrize("vendor", ["slack", "teams"])
@pytest.mark.parametrize(
    "url", ["http://hooks.example/T0/hunter2secret", "hunter2secret", "ftp://h/hunter2secret", "h["]
)
def test_an_address_that_would_tell_a_secret_in_the_clear_is_refused(vendor: str, url: str) -> None:
    channel, _ = MAKERS[vendor]("http://127.0.0.1:1", Options())
    result = attempt(channel, samples.page(address=url))
    assert result.outcome is Outcome.FAILED
    assert "https://" in (result.error or "")
    assert "hunter2" not in (result.error or "")


@pytest.mark.parametrize("vendor", ["pagerduty", "opsgenie"])
def test_a_setting_that_would_do_it_ends_the_start(vendor: str) -> None:
    with pytest.raises(AddressError, match=f"HOLDFAST_{vendor.upper()}_URL"):
        MAKERS[vendor]("http://events.example/", Options())


@VENDORS
@pytest.mark.parametrize("key", ["a\r\nX-Injected: 1", "kéy", "\x00" * 32])
def test_a_key_that_is_none_adds_no_header(vendor: str, key: str, receiver: WebhookReceiver) -> None:
    channel, _ = MAKERS[vendor](receiver.url, Options())
    result = attempt(channel, samples.page(address=key))
    assert all("x-injected" not in request.headers for request in receiver.requests)
    assert result.outcome in (Outcome.FAILED, Outcome.SENT)


@VENDORS
def test_attempts_say_the_same_but_for_the_mark_of_a_repeat(vendor: str, receiver: WebhookReceiver) -> None:
    for repeated in (False, False, True):
        tell(vendor, receiver, repeated=repeated)
    first, again, marked = (request.body for request in receiver.requests)
    assert first == again
    assert (b"may be a repeat" in marked) == (vendor in ("slack", "teams")), "the others merge repeats by their key"


@VENDORS
def test_the_answer_page_is_linked_for_both_sides_and_the_board_for_ours(
    vendor: str, receiver: WebhookReceiver
) -> None:
    for page in (answerable(), answerable(side=Side.PROVIDER)):
        tell(vendor, receiver, page)
        said = "\n".join(texts(body(receiver.requests[-1])))
        assert str(LINKS.answer_url(page)) in said
        assert (f"/incidents/{page.incident_id}" in said) == (page.side is Side.CUSTOMER)
        assert ("policy standard" in said) == (page.side is Side.CUSTOMER)


@VENDORS
@pytest.mark.parametrize("kind", PageKind)
def test_every_kind_of_page_can_be_told(vendor: str, kind: PageKind, receiver: WebhookReceiver) -> None:
    """Empty texts too: a vendor refuses empty fields."""
    page = answerable(
        kind=kind, hazard="nws/storm-1", title="Storm", text="", services=(), priority=None, objective=None
    )
    assert tell(vendor, receiver, page).outcome is Outcome.SENT
    assert "" not in texts(body(receiver.requests[0]))


def slack(
    receiver: WebhookReceiver, page: Page | None = None
) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    tell("slack", receiver, page)
    message = body(receiver.requests[-1])
    blocks: dict[str, list[dict[str, Any]]] = {}
    for block in message["blocks"]:
        blocks.setdefault(block["type"], []).append(block)
    return message, blocks


def test_slack_gets_a_button_that_carries_the_token(receiver: WebhookReceiver) -> None:
    """Whoever receives the press has all it needs; links are buttons too."""
    _, blocks = slack(receiver)
    press, answer, incident = blocks["actions"][0]["elements"]
    assert (press["action_id"], press["value"]) == ("holdfast_acknowledge", LINKS.token(answerable()))
    assert answer["url"] == LINKS.answer_url(answerable())
    assert incident["url"] == LINKS.incident_url(answerable())
    assert len({one["action_id"] for one in (press, answer, incident)}) == 3


def test_slack_gets_no_button_that_nobody_answers(receiver: WebhookReceiver) -> None:
    """Without the signing secret a press is refused, and without a token there is nothing to press."""
    channel = Slack(Options(links=LINKS), can_press=False)
    attempt(channel, answerable(address=receiver.url))
    attempt(Slack(Options(links=LINKS)), samples.page(address=receiver.url))
    attempt(Slack(Options(links=Links())), answerable(address=receiver.url))
    assert len(receiver.requests) == 3
    assert not [one for one in receiver.requests if b"holdfast_acknowledge" in one.body]


def test_slack_keeps_its_limits_and_reads_no_markup(receiver: WebhookReceiver) -> None:
    """A title from a status page mentions nobody and links nowhere."""
    names = tuple(f"service-{number}" for number in range(900))
    message, blocks = slack(receiver, answerable(title=HOSTILE + LONG, text=LONG, reason=LONG, services=names))
    assert len(blocks["header"][0]["text"]["text"]) == 150
    assert all(len(block["text"]["text"]) <= 3000 for block in blocks["section"] if "text" in block)
    (facts,) = [block["fields"] for block in blocks["section"] if "fields" in block]
    assert len(facts) <= 10
    assert all(len(fact["text"]) <= 2000 for fact in facts)
    assert all(len(button.get("value", "")) <= 2000 for button in blocks["actions"][0]["elements"])
    for text in [message["text"], *(fact["text"] for fact in facts)]:
        assert "<" not in text
        assert ">" not in text
    assert len(message["text"]) <= 3000


def card(receiver: WebhookReceiver, page: Page | None = None) -> dict[str, Any]:
    tell("teams", receiver, page)
    message = body(receiver.requests[-1])
    (attachment,) = message["attachments"]
    assert message["type"] == "message"
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    found: dict[str, Any] = attachment["content"]
    return found


def test_teams_gets_a_card_with_links(receiver: WebhookReceiver) -> None:
    found = card(receiver)
    assert (found["type"], found["version"]) == ("AdaptiveCard", "1.4")
    assert [(one["type"], one["url"]) for one in found["actions"]] == [
        ("Action.OpenUrl", LINKS.answer_url(answerable())),
        ("Action.OpenUrl", LINKS.incident_url(answerable())),
    ]


def test_teams_reads_no_markup(receiver: WebhookReceiver) -> None:
    """Only runs of a RichTextBlock hold what people wrote: there Markdown is text."""
    found = card(receiver, answerable(title=HOSTILE, text=HOSTILE, provider=HOSTILE))
    assert {block["type"] for block in found["body"]} == {"RichTextBlock"}
    assert {run["type"] for block in found["body"] for run in block["inlines"]} == {"TextRun"}
    assert found["body"][0]["inlines"][0]["text"] == HOSTILE


@pytest.mark.parametrize("text", ["x" * 200_000, "line\n" * 40_000, "ü" * 100_000, '"\\' * 50_000])
def test_teams_gets_no_more_than_28_kb(text: str, receiver: WebhookReceiver) -> None:
    found = card(receiver, answerable(title=text, text=text, reason=text))
    assert len(receiver.requests[-1].body) <= 28 * 1024
    assert len(found["actions"]) == 2


def test_pagerduty_gets_an_event(receiver: WebhookReceiver) -> None:
    tell("pagerduty", receiver)
    event, page = body(receiver.requests[0]), answerable()
    assert (event["routing_key"], event["event_action"]) == (KEY, "trigger")
    payload = event["payload"]
    assert (payload["source"], payload["component"], payload["group"]) == ("nimbus", "mail", "nimbus")
    assert (payload["class"], payload["timestamp"]) == ("restore", "2026-05-04T12:30:00Z")
    assert payload["custom_details"]["why"] == "75% of restore target"
    assert [link["href"] for link in event["links"]] == [LINKS.answer_url(page), LINKS.incident_url(page)]


def test_pagerduty_merges_one_page_and_rings_for_the_next(receiver: WebhookReceiver) -> None:
    """The key is the page's: a repeat is one event there, another rung of the incident another."""
    pages = [answerable(0), answerable(0), answerable(1, rung=1)]
    for page in pages:
        tell("pagerduty", receiver, page)
    keys = [body(request)["dedup_key"] for request in receiver.requests]
    assert keys == [page.page_id for page in pages]
    assert keys[0] == keys[1] != keys[2]


@pytest.mark.parametrize(
    ("priority", "severity", "level"),
    [
        ("p1", "critical", "P1"), ("P1", "critical", "P1"), ("p2", "error", "P2"), ("p3", "warning", "P3"),
        ("p4", "info", "P4"), ("p5", "info", "P5"), ("p9", "info", "P5"), (None, "error", "P3"),
    ],
)  # fmt: skip
def test_a_priority_has_its_word_at_each_vendor(
    priority: str | None, severity: str, level: str, receiver: WebhookReceiver
) -> None:
    page = answerable(priority=priority)
    tell("pagerduty", receiver, page)
    tell("opsgenie", receiver, page)
    event, alarm = map(body, receiver.requests)
    assert (event["payload"]["severity"], alarm["priority"]) == (severity, level)


def test_pagerduty_and_opsgenie_keep_their_limits(receiver: WebhookReceiver) -> None:
    names = tuple(f"service-{number}-{'x' * 90}" for number in range(90))
    page = answerable(title=LONG, text=LONG, reason=LONG, services=names, provider="p" * 900)
    tell("pagerduty", receiver, page)
    tell("opsgenie", receiver, page)
    event, alarm = map(body, receiver.requests)
    assert len(event["payload"]["summary"]) == 1024
    assert len(event["dedup_key"]) <= 255
    assert len(receiver.requests[0].body) <= 512_000
    assert len(alarm["message"]) == 130
    assert len(alarm["alias"]) <= 512
    assert len(alarm["description"]) <= 15_000
    assert str(LINKS.answer_url(page)) in alarm["description"], "cutting does not lose the link"
    assert len(alarm["entity"]) <= 512
    assert len(alarm["tags"]) <= 20
    assert all(len(tag) <= 50 for tag in alarm["tags"])
    assert sum(len(key) + len(value) for key, value in alarm["details"].items()) <= 8000


def test_opsgenie_gets_its_key_in_a_header_and_the_page_as_alias(receiver: WebhookReceiver) -> None:
    tell("opsgenie", receiver)
    (request,) = receiver.requests
    assert request.headers["authorization"] == f"GenieKey {KEY}"
    assert body(request)["alias"] == answerable().page_id
    assert KEY.encode() not in request.body
