"""Decisions, contacts between the sides and heartbeats: what they are, whole, and the same by any way."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models.communication import ActionItem, Communication, CommunicationKind
from models.decision import Action, Decision, collect
from models.heartbeat import Heartbeat
from models.notice import Identity
from models.paging import Side

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def decision(**fields: Any) -> Decision:
    known = {
        "decision_id": "d", "provider": "nimbus", "incident_id": "i", "action": Action.ACKNOWLEDGE,
        "side": Side.CUSTOMER, "person": "noc", "identity": Identity.TOKEN, "decided_at": NOW,
    }  # fmt: skip
    return Decision.model_validate({**known, **fields})


def test_a_decision_is_known_by_its_id_and_its_time() -> None:
    assert (decision().document_id(), decision().occurred_at()) == ("d", NOW)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"side": None}, "names its incident and its side"),
        ({"incident_id": None}, "names its incident and its side"),
        ({"action": "mute"}, "a mute ends"),
        ({"action": "mute", "until": NOW}, "later than it begins"),
        ({"action": "mute", "until": NOW - timedelta(1)}, "later than it begins"),
        ({"decided_at": NOW.replace(tzinfo=None)}, "timezone"),
    ],
)
def test_half_a_decision_is_refused(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        decision(**fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"action": "mute", "until": NOW + timedelta(hours=1), "side": None, "incident_id": None},
        {"action": "mute", "until": NOW + timedelta(microseconds=1)},
        {"action": "unmute", "side": None, "incident_id": None},
    ],
    ids=["a mute of both ladders", "the shortest mute", "its end"],
)
def test_a_mute_may_be_of_all_incidents_and_both_sides(fields: dict[str, Any]) -> None:
    assert decision(**fields).person == "noc"


def test_of_two_decisions_with_one_id_the_earlier_one_counts() -> None:
    first, second = decision(person="ana"), decision(person="ben", decided_at=NOW + timedelta(seconds=1))
    assert collect([first, second]) == collect([second, first]) == (first,)
    assert collect([]) == ()


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3)), max_size=8), st.randoms(use_true_random=False))
def test_decisions_are_a_set_whatever_their_order_and_copies(told: list[tuple[str, int]], dice: random.Random) -> None:
    made = [decision(decision_id=name, decided_at=NOW + timedelta(seconds=after)) for name, after in told]
    mixed = [*made, *made]
    dice.shuffle(mixed)
    found = collect(mixed)
    assert found == collect(made)
    assert {one.decision_id for one in found} == {name for name, _ in told}
    assert [one.decided_at for one in found] == sorted(one.decided_at for one in found)
    assert all(one.decided_at == min(x.decided_at for x in made if x.decision_id == one.decision_id) for one in found)


MEETING = Communication(
    communication_id="c", provider="nimbus", kind=CommunicationKind.REVIEW, direction="both", channel="room",
    people=("ana", "duty"), identity=Identity.TOKEN, happened_at=NOW, clock="told", recorded_at=NOW,
    decisions=("Two looks a day.",), actions=(ActionItem(action_id="a", text="Send the report", owner="duty"),),
)  # fmt: skip


def test_a_contact_is_known_by_its_id_and_by_when_it_took_place() -> None:
    assert (MEETING.document_id(), MEETING.occurred_at()) == ("c", NOW)


def test_a_heartbeat_is_known_by_its_service_so_that_the_newest_counts() -> None:
    beat = Heartbeat(service="worker/0", beat_at=NOW, started_at=NOW - timedelta(days=1), pid=7, every_s=5.0)
    assert (beat.document_id(), beat.occurred_at()) == ("worker/0", NOW)
    assert beat.lag_records == {}


@pytest.mark.parametrize("fields", [{"kind": "gossip"}, {"direction": "up"}, {"clock": "kitchen"}, {"extra": 1}])
def test_a_contact_with_a_word_that_nobody_knows_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Communication.model_validate({**MEETING.model_dump(), **fields})
