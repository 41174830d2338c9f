"""Presses of buttons in Slack and acknowledgements in PagerDuty: signed, once, and bound to the page."""

import hmac
from hashlib import sha256
from typing import Any
from urllib.parse import quote

import httpx
import orjson
import pytest
from pydantic import SecretStr

from models.answers import AnswerAction
from models.notice import Identity
from models.paging import PageKind, Side
from models.tokens import Claims, seal
from tests.board.desk import Desk, path
from tests.support import samples
from tests.support.answers import SECRET, claims

KEY = "the key of the platform"
HELD = claims(Side.CUSTOMER)
OPTIONS = {"slack_secret": SecretStr(KEY), "pagerduty_secret": SecretStr(KEY)}


@pytest.fixture
def desk() -> Desk:
    return Desk(options=OPTIONS)


def token(held: Claims = HELD) -> str:
    return seal(held, SECRET.encode())


def press(value: Any, action_id: str = "holdfast_acknowledge") -> bytes:
    """Return the body of a block action as Slack sends it."""
    payload = {
        "type": "block_actions",
        "user": {"id": "U1", "username": "mira", "name": "mira.k"},
        "actions": [{"type": "button", "action_id": action_id, "value": value}],
    }
    return b"payload=" + quote(orjson.dumps(payload)).encode()


def slack(desk: Desk, body: bytes, *, age_s: float = 0, key: str = KEY, **headers: Any) -> httpx.Response:
    stamp = str(int(desk.clock.at.timestamp() - age_s))
    signature = "v0=" + hmac.new(key.encode(), f"v0:{stamp}:".encode() + body, sha256).hexdigest()
    told: dict[str, Any] = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature, **headers}
    told["Content-Type"] = "application/x-www-form-urlencoded"
    return desk.ask("POST", "/api/callbacks/slack", content=body, headers=told)


def test_a_press_in_slack_acknowledges_once(desk: Desk) -> None:
    assert [slack(desk, press(token())).status_code for _ in range(2)] == [200, 200]
    (said,) = desk.answers
    assert (said.action, said.identity, said.channel) == (AnswerAction.ACKNOWLEDGE, Identity.PLATFORM, "slack")
    assert said.text == "by mira.k in Slack"
    assert said.claims == HELD


def test_the_button_and_the_link_of_a_page_are_one_answer(desk: Desk) -> None:
    slack(desk, press(token()))
    assert desk.post(HELD, action="note", text="x").status_code == 409
    assert desk.answers[0].answer_id == HELD.token_id


REFUSED_OF_SLACK = {
    "another key": ({"key": "another"}, 401),
    "six minutes old": ({"age_s": 301}, 401),
    "six minutes ahead": ({"age_s": -301}, 401),
    "no signature": ({"X-Slack-Signature": ""}, 401),
    "a signature that is no text": ({"X-Slack-Signature": b"v0=\xe9"}, 401),
    "a stamp that is none": ({"X-Slack-Request-Timestamp": "yesterday"}, 401),
    "a stamp beyond all bounds": ({"X-Slack-Request-Timestamp": "9" * 40}, 401),
}


@pytest.mark.parametrize("name", REFUSED_OF_SLACK)
def test_what_slack_did_not_sign_just_now_is_refused(desk: Desk, name: str) -> None:
    arguments, status = REFUSED_OF_SLACK[name]
    assert slack(desk, press(token()), **arguments).status_code == status
    assert desk.published == []


BAD = {
    "no form": (b"{}", 400),
    "a payload that is no JSON": (b"payload=x", 400),
    "a payload that is no object": (b"payload=[]", 400),
    "a forged token": (press(token()[:-4] + "abcd"), 403),
    "a button of somebody else": (press(token(), "other"), 200),
    "a value that is no text": (press({"a": 1}), 200),
    "no actions": (b"payload=" + quote('{"actions": 5}').encode(), 200),
}


@pytest.mark.parametrize("name", BAD)
def test_a_signed_call_that_is_no_press_of_ours_records_nothing(desk: Desk, name: str) -> None:
    body, status = BAD[name]
    assert slack(desk, body).status_code == status
    assert desk.published == []


def test_a_press_that_could_not_be_stored_is_told_to_the_platform(desk: Desk) -> None:
    desk.is_broker_up = False
    assert slack(desk, press(token())).status_code == 503


@pytest.mark.parametrize("platform", ["slack", "pagerduty"])
def test_without_a_secret_calls_are_refused(platform: str) -> None:
    answer = Desk().ask("POST", f"/api/callbacks/{platform}", content=b"{}")
    assert (answer.status_code, f"HOLDFAST_{platform.upper()}" in answer.json()["detail"]) == (403, True)


def event(kind: str = "incident.acknowledged", **data: Any) -> bytes:
    """Return a V3 webhook as PagerDuty sends it."""
    told = {
        "id": "01E",
        "event_type": kind,
        "resource_type": "incident",
        "occurred_at": "2026-05-04T09:39:00.000Z",
        "agent": {"id": "PL1", "summary": "Mira K.", "type": "user_reference"},
        "data": {"id": "PI1", "type": "incident", **data},
    }
    return orjson.dumps({"event": told})


def pagerduty(desk: Desk, body: bytes, signatures: str | None = None) -> httpx.Response:
    own = "v1=" + hmac.new(KEY.encode(), body, sha256).hexdigest()
    headers = {"X-PagerDuty-Signature": own if signatures is None else signatures}
    return desk.ask("POST", "/api/callbacks/pagerduty", content=body, headers=headers)


def test_an_acknowledgement_in_pagerduty_is_found_by_the_link_in_it(desk: Desk) -> None:
    body = event(body={"details": {"answer": f"https://holdfast.example{path(HELD)}", "other": "https://x/a/short"}})
    assert [pagerduty(desk, body).status_code for _ in range(2)] == [200, 200]
    (said,) = desk.answers
    assert (said.claims, said.text, said.their_stamp) == (HELD, "by Mira K. in PagerDuty", samples.later(9))


def test_an_acknowledgement_in_pagerduty_is_found_by_the_pages_id(desk: Desk) -> None:
    page = samples.page(0, source="nimbus-status", expires_at=samples.later(60))
    desk.knows(page)
    assert pagerduty(desk, event(incident_key=page.page_id)).status_code == 200
    assert [one.claims for one in desk.answers] == [Claims.of(page)]


def test_a_bundle_acknowledged_in_pagerduty_acknowledges_every_page_in_it(desk: Desk) -> None:
    pages = [samples.page(number, expires_at=samples.later(60)) for number in (1, 2)]
    members = tuple(page.page_id for page in pages)
    bundle = samples.page(3, kind=PageKind.BUNDLE, members=(*members, "out of view"))
    desk.knows(*pages, bundle)
    assert pagerduty(desk, event(incident_key=bundle.page_id)).status_code == 200
    assert [one.claims for one in desk.answers] == [Claims.of(page) for page in pages]


@pytest.mark.parametrize(
    "body",
    [
        event(incident_key="nobody"),
        event(),
        event("incident.triggered", link=path(HELD)),
        event(link=path(HELD)[:-3] + "xyz"),
        event(incident_key=samples.page(1).page_id),
        event(incident_key=samples.page(2).page_id),
    ],
    ids=["unknown key", "no key", "another event", "a forged link", "a page without an end", "a page that is over"],
)
def test_what_is_no_page_of_ours_is_taken_and_not_recorded(desk: Desk, body: bytes) -> None:
    desk.knows(samples.page(1), samples.page(2, expires_at=samples.later(1)))
    assert pagerduty(desk, body).status_code == 202
    assert desk.published == []


def test_one_of_several_signatures_is_enough_while_a_secret_is_changed(desk: Desk) -> None:
    body = event(link=path(HELD))
    own = "v1=" + hmac.new(KEY.encode(), body, sha256).hexdigest()
    assert pagerduty(desk, body, f"v1={'0' * 64}, {own}").status_code == 200
    assert pagerduty(desk, body, f"v1={'0' * 64}").status_code == 401
    assert pagerduty(desk, body, "").status_code == 401


@pytest.mark.parametrize("body", [b"x", b"[]", b'{"event": 1}', b"1"])
def test_a_signed_call_of_another_form_is_refused(desk: Desk, body: bytes) -> None:
    assert pagerduty(desk, body).status_code == 400
