"""What our own people order of a ladder becomes a decision, or is refused with what it lacks."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models.decision import Action, Decision
from models.instruction import REASON_LENGTH, Instruction, decide
from models.notice import Identity
from models.paging import Side
from tests.support.samples import later

INCIDENT = ("nimbus", "incident-1")
EVERY = ("nimbus", None)
NOW = later(30)


def ordered(**fields: Any) -> Instruction:
    """Return an order as the API reads it."""
    return Instruction.model_validate({"person": "ada", "reason": "planned work", **fields})


def decided(action: Action, subject: tuple[str, str | None] = INCIDENT, minutes: float = 30, **fields: Any) -> Decision:
    """Return the decision that an order by the API makes."""
    return decide(action, ordered(**fields), subject, "api", later(minutes))


@pytest.mark.parametrize(
    ("fields", "end"),
    [
        ({"for": "2h"}, NOW + timedelta(hours=2)),
        ({"for": "90s"}, NOW + timedelta(seconds=90)),
        ({"until": later(240)}, later(240)),
        ({}, None),
    ],
    ids=["two hours from now", "seconds from now", "at the instant that is named", "nothing says so"],
)
def test_a_mute_ends_at_an_instant_or_after_a_time(fields: dict[str, Any], end: Any) -> None:
    assert ordered(**fields).ends_at(NOW) == end


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "two ends": ({"for": "2h", "until": "2026-05-04T12:00:00Z"}, "either at an instant"),
    "a length that a calendar decides": ({"for": "2bd"}, "for"),
    "no length at all": ({"for": "0h"}, "for"),
    "words for a length": ({"for": "a while"}, "is no duration"),
    "nobody": ({"person": ""}, "person"),
    "a reason without end": ({"reason": "x" * (REASON_LENGTH + 1)}, "reason"),
    "a third side": ({"side": "press"}, "side"),
    "a key that no order has": ({"ladder": "ours"}, "ladder"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_order_that_can_not_be_read_is_refused_at_its_place(name: str) -> None:
    fields, words = REFUSED[name]
    with pytest.raises(ValidationError, match=words):
        ordered(**fields)


@pytest.mark.parametrize(
    ("action", "fields", "side"),
    [
        (Action.ACKNOWLEDGE, {}, Side.CUSTOMER),
        (Action.ACKNOWLEDGE, {"side": "provider"}, Side.PROVIDER),
        (Action.MUTE, {"for": "1h"}, None),
        (Action.MUTE, {"for": "1h", "side": "customer"}, Side.CUSTOMER),
        (Action.UNMUTE, {}, None),
    ],
    ids=["taken: ours", "taken: theirs by name", "muted: both", "muted: one by name", "unmuted: both"],
)
def test_an_order_that_names_no_side_takes_our_ladder_and_mutes_both(
    action: Action, fields: dict[str, Any], side: Side | None
) -> None:
    assert decided(action, **fields).side is side


def test_a_decision_says_who_gave_the_order_how_it_came_and_when() -> None:
    found = decided(Action.MUTE, person_name="Ada", until=later(60))
    assert (found.provider, found.incident_id, found.action) == ("nimbus", "incident-1", Action.MUTE)
    assert (found.person, found.person_name, found.reason) == ("ada", "Ada", "planned work")
    assert (found.identity, found.channel) == (Identity.TOKEN, "api")
    assert (found.decided_at, found.until) == (NOW, later(60))


@pytest.mark.parametrize("action", [Action.ACKNOWLEDGE, Action.UNMUTE])
def test_only_a_mute_ends(action: Action) -> None:
    assert decided(action, until=later(60)).until is None


LACKING: dict[str, tuple[Action, tuple[str, str | None], dict[str, Any], str]] = {
    "a mute without a reason": (Action.MUTE, INCIDENT, {"for": "1h", "reason": None}, "give a reason"),
    "a mute with a blank reason": (Action.MUTE, INCIDENT, {"for": "1h", "reason": " \t "}, "give a reason"),
    "a mute without an end": (Action.MUTE, INCIDENT, {}, "a mute ends"),
    "a mute that is over": (Action.MUTE, INCIDENT, {"until": later(29)}, "later than it begins"),
    "a mute that ends as it begins": (Action.MUTE, INCIDENT, {"until": NOW}, "later than it begins"),
    "an acknowledgement of everything": (Action.ACKNOWLEDGE, EVERY, {}, "names its incident"),
}


@pytest.mark.parametrize("name", LACKING)
def test_an_order_that_is_not_whole_is_refused_in_words(name: str) -> None:
    action, subject, fields, words = LACKING[name]
    with pytest.raises(ValueError, match=words):
        decided(action, subject, **fields)


@pytest.mark.parametrize("action", [Action.MUTE, Action.UNMUTE])
def test_all_incidents_of_a_provider_can_be_muted_and_heard_again(action: Action) -> None:
    assert decided(action, EVERY, **({"for": "1h"} if action is Action.MUTE else {})).incident_id is None


def test_an_order_to_acknowledge_needs_no_reason() -> None:
    assert decided(Action.ACKNOWLEDGE, reason=None).reason is None


ORDERS = st.tuples(
    st.sampled_from([Action.ACKNOWLEDGE, Action.UNMUTE]),
    st.sampled_from(["ada", "bo"]),
    st.sampled_from(["customer", "provider"]),
    st.integers(0, 5),
)


@given(ORDERS, ORDERS)
def test_the_same_order_at_the_same_instant_is_one_decision_and_any_other_is_another(one: Any, two: Any) -> None:
    first, second = (
        decided(action, minutes=minutes, person=person, side=side).decision_id
        for action, person, side, minutes in (one, two)
    )
    assert (first == second) is (one == two)
