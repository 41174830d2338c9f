"""Acknowledging and muting through the API, with the board's token."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from models.decision import Action, Decision
from models.notice import Identity
from models.paging import Side
from tests.board.desk import TOKEN, Desk
from tests.support import samples

INCIDENT = samples.incident(0).incident_id


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.knows(samples.incident(0))
    return desk


def told(desk: Desk, action: str, token: str = TOKEN, **fields: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return desk.ask("POST", f"/api/incidents/{INCIDENT}/{action}", json=fields, headers=headers)


def decided(desk: Desk) -> Decision:
    """Return the one decision that was published."""
    assert [(one.feed, one.format) for one in desk.published] == [("answers", "decision")]
    (decision,) = desk.documents(Decision)
    assert isinstance(decision, Decision)
    return decision


def test_our_own_ladder_is_acknowledged_unless_told_otherwise(desk: Desk) -> None:
    answer = told(desk, "acknowledge", person="duty")
    decision = decided(desk)
    assert (answer.status_code, answer.json()["decision_id"]) == (202, decision.decision_id)
    assert (decision.action, decision.side, decision.incident_id) == (Action.ACKNOWLEDGE, Side.CUSTOMER, INCIDENT)
    assert (decision.provider, decision.person, decision.identity) == ("nimbus", "duty", Identity.TOKEN)
    assert decision.channel == "api"


def test_a_mute_is_of_both_sides_and_ends(desk: Desk) -> None:
    assert told(desk, "mute", person="duty", reason="known", **{"for": "2h"}).status_code == 202
    decision = decided(desk)
    assert (decision.action, decision.side) == (Action.MUTE, None)
    assert decision.until == desk.clock.at + timedelta(hours=2)


def test_a_mute_can_be_ended(desk: Desk) -> None:
    assert told(desk, "unmute", person="duty", side="provider").status_code == 202
    assert (decided(desk).action, decided(desk).side) == (Action.UNMUTE, Side.PROVIDER)


REFUSED: dict[str, tuple[str, dict[str, Any], str]] = {
    "nobody": ("acknowledge", {}, "person"),
    "a side that is none": ("acknowledge", {"person": "duty", "side": "theirs"}, "side"),
    "a mute without an end": ("mute", {"person": "duty", "reason": "known"}, "a mute ends"),
    "a mute that is over": ("mute", {"person": "duty", "reason": "x", "until": "2026-05-04T09:00:00Z"}, "a mute ends"),
    "a mute with two ends": (
        "mute", {"person": "duty", "reason": "x", "until": "2026-05-05T09:00:00Z", "for": "2h"}, "either",
    ),
    "a mute without a reason": ("mute", {"person": "duty", "for": "2h"}, "a mute says why"),
    "a mute for business days": ("mute", {"person": "duty", "reason": "x", "for": "2bd"}, "no fixed length"),
    "a key that is none": ("mute", {"person": "duty", "reason": "x", "hours": 2}, "hours"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_an_order_that_is_not_whole_is_refused_in_words(desk: Desk, name: str) -> None:
    action, fields, words = REFUSED[name]
    answer = told(desk, action, **fields)
    assert answer.status_code == 422
    assert words in answer.json()["detail"]
    assert desk.published == []


def test_only_the_bearer_of_the_token_decides(desk: Desk) -> None:
    assert told(desk, "acknowledge", token="wrong", person="duty").status_code == 401
    assert desk.published == []


def test_what_the_broker_does_not_have_is_not_decided(desk: Desk) -> None:
    desk.is_broker_up = False
    assert told(desk, "acknowledge", person="duty").status_code == 503


def test_an_incident_out_of_view_is_asked_of_the_index(desk: Desk) -> None:
    """Which does not answer here."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    answer = desk.ask("POST", "/api/incidents/inc-9/acknowledge", json={"person": "duty"}, headers=headers)
    assert answer.status_code == 503
