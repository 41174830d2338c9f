"""What holds pages back: mutes, windows and hours, alone and end to end."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.decision import Action, Decision
from models.gates import STEPS, Gates, Hold, mutes
from models.notice import Identity
from models.paging import Side
from models.policy import Hours

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
OFFICE = Hours.model_validate({"timezone": "Europe/Berlin", "hours": {"mon": ["09:00-17:00"], "tue": ["09:00-17:00"]}})


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def muted(begin: float, end: float, side: Side | None = None, why: str | None = None) -> Decision:
    return Decision(
        decision_id=f"m{begin}-{end}-{side}", provider="nimbus", incident_id="i", action=Action.MUTE, side=side,
        person="boss", identity=Identity.TOKEN, decided_at=at(begin), until=at(end), reason=why,
    )  # fmt: skip


def unmuted(when: float, side: Side | None = None) -> Decision:
    return Decision(
        decision_id=f"u{when}-{side}", provider="nimbus", incident_id="i", action=Action.UNMUTE, side=side,
        person="boss", identity=Identity.TOKEN, decided_at=at(when),
    )  # fmt: skip


P, C = Side.PROVIDER, Side.CUSTOMER
UNMUTED = {
    "of both sides ends all": ([muted(0, 60), muted(0, 60, C), unmuted(10)], {P: 10, C: 10}),
    "of one side ends that side's": ([muted(0, 60, P), muted(0, 50, C), unmuted(10, C)], {P: 60, C: 10}),
    "of one side leaves a mute of both": ([muted(0, 60), unmuted(10, C)], {P: 60, C: 60}),
    "after its end changes nothing": ([muted(0, 5), unmuted(10)], {P: 5, C: 5}),
    "before its begin does not touch it": ([unmuted(0), muted(2, 30)], {P: 30, C: 30}),
    "at its begin leaves nothing of it": ([muted(5, 60), unmuted(5)], {P: 5, C: 5}),
    "followed by another mute": ([muted(0, 60), unmuted(5), muted(5, 20)], {P: 20, C: 20}),
}


@pytest.mark.parametrize("name", UNMUTED)
def test_an_unmute(name: str) -> None:
    decisions, until = UNMUTED[name]
    begun = max(one.decided_at for one in decisions if one.action is Action.MUTE)
    gates = Gates(mutes(decisions))
    for side, minute in until.items():
        assert gates.pass_at(min(begun, at(minute)), side, None).at == at(minute)


def test_a_mute_names_who_until_when_and_why() -> None:
    (hold,) = mutes([muted(0, 60, why="drill")])
    assert hold.reason == "muted by boss until 2026-05-04 13:00 UTC: drill"
    assert mutes([muted(0, 60)])[0].reason == "muted by boss until 2026-05-04 13:00 UTC"


def test_holds_that_meet_end_to_end_are_one_and_the_last_is_named() -> None:
    gates = Gates((Hold(at(0), at(10), "one"), Hold(at(10), at(20), "two"), Hold(at(5), at(15), "three")))
    passed = gates.pass_at(at(1), C, None)
    assert (passed.at, passed.held) == (at(20), "two")


def test_a_mute_that_ends_outside_the_hours_is_held_on_by_the_hours() -> None:
    passed = Gates((Hold(at(0), at(300), "mute"),)).pass_at(at(1), C, OFFICE)
    assert passed.at == datetime(2026, 5, 5, 7, tzinfo=UTC)
    assert passed.held == "outside the hours of this rung (Europe/Berlin) until 2026-05-05 07:00 UTC"


def test_more_holds_than_anybody_makes_are_looked_at_only_so_far() -> None:
    chain = tuple(Hold(at(step), at(step + 1), "held") for step in range(STEPS + 5))
    assert Gates(chain).pass_at(at(0), C, None).at == at(STEPS)


@st.composite
def gates_of(draw: st.DrawFn) -> Gates:
    """A few holds of both sides and of one."""
    holds = []
    for _ in range(draw(st.integers(0, 5))):
        begin = draw(st.integers(0, 5000))
        side = draw(st.sampled_from([None, *Side]))
        holds.append(Hold(at(begin), at(begin + draw(st.integers(1, 2000))), "held", side))
    return Gates(tuple(holds))


@given(gates=gates_of(), minute=st.integers(-100, 8000), side=st.sampled_from(Side), has_hours=st.booleans())
def test_gates_open_at_or_after_the_instant_and_stay_open_there(
    gates: Gates, minute: int, side: Side, has_hours: bool
) -> None:
    hours = OFFICE if has_hours else None
    passed = gates.pass_at(at(minute), side, hours)
    assert passed.at is not None
    assert passed.at >= at(minute)
    assert (passed.held is None) is (passed.at == at(minute))
    again = gates.pass_at(passed.at, side, hours)
    assert (again.at, again.held) == (passed.at, None)
