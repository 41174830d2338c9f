"""How a rung goes on: at its pace, at the floor rate, while acknowledged, and after that has lapsed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.conditions import Circumstances
from models.decision import Action, Decision
from models.gates import Gates, Hold
from models.instants import LATEST
from models.loops import Loops
from models.notice import Identity
from models.paging import Side
from models.plan import PAGED, Climb, Names, Told, climb
from models.policy import EscalationPolicy

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def acknowledged(minute: float) -> Decision:
    return Decision(
        decision_id=f"a{minute}", provider="nimbus", incident_id="i", action=Action.ACKNOWLEDGE, side=Side.CUSTOMER,
        person="noc", identity=Identity.TOKEN, decided_at=at(minute),
    )  # fmt: skip


def climbed(
    repeat: dict[str, Any], answers: tuple[float, ...] = (), gates: Gates | None = None, **around: Any
) -> Climb:
    """A ladder of one rung that was told at noon."""
    policy = EscalationPolicy.model_validate(
        {
            "apiVersion": "holdfast/v1", "kind": "EscalationPolicy", "id": "major", "repeat": repeat,
            "customer_ladder": [{"when": {"promise": "broken"}, "notify": ["noc"], "via": ["webhook"]}],
        }
    )  # fmt: skip
    names = Names("i", policy)
    handled = {names.page_id(Side.CUSTOMER, 0, 0, "noc", "webhook"): Told(PAGED, NOON)}
    known = Circumstances(broken_at=(NOON,), **around)
    return climb(names, known, [acknowledged(one) for one in answers], gates or Gates(), handled, at(99999))


def loops(repeat: dict[str, Any], answers: tuple[float, ...] = (), gates: Gates | None = None, **around: Any) -> Loops:
    climb_ = climbed(repeat, answers, gates, **around)
    found = Loops.of(climb_, climb_.steps[0])
    assert found is not None
    return found


PACE = {"every": "10m", "loops": 3, "floor": "1h"}


def test_its_pace_then_the_floor_rate() -> None:
    assert [loops(PACE).at(one) for one in range(1, 6)] == [at(10), at(20), at(30), at(90), at(150)]
    assert [loops({"floor": "2h"}).at(one) for one in (1, 2)] == [at(120), at(240)]


@pytest.mark.parametrize(
    ("minute", "due", "following"),
    [(0, None, 1), (10, None, 1), (10.1, 1, 2), (25, 2, 3), (30.1, 3, 4), (89, 3, 4), (90.1, 4, 5), (151, 5, 6)],
)
def test_only_the_latest_repetition_is_due(minute: float, due: int | None, following: int) -> None:
    found = loops(PACE).due(at(minute))
    assert (found[0] if found else None) == due
    ahead = loops(PACE).next(at(minute))
    assert ahead is not None
    assert ahead[0] == following


def test_an_acknowledgement_quiets_it_for_good() -> None:
    found = loops(PACE, answers=(5,))
    assert (found.due(at(500)), found.next(at(500))) == (None, None)
    assert found.next(LATEST) is None


def test_an_acknowledgement_that_has_lapsed_quiets_only_until_then() -> None:
    found = loops({**PACE, "acknowledgement_holds": "30m"}, answers=(5,))
    assert found.due(at(35)) is None
    assert found.due(at(36)) is None, "what fell due while it was quiet is not told afterwards"
    assert found.next(at(6)) == (4, at(90))
    assert found.due(at(91)) == (4, at(90))


def test_the_last_acknowledgement_counts() -> None:
    found = loops({**PACE, "acknowledgement_holds": "30m"}, answers=(5, 70))
    assert found.next(at(71)) == (5, at(150))


def test_until_resolved_no_acknowledgement_counts() -> None:
    assert loops({**PACE, "until": "resolved"}, answers=(5,)).due(at(11)) == (1, at(10))


def test_nothing_is_repeated_that_is_over() -> None:
    over = climbed(PACE, ended_at=at(5))
    assert Loops.of(over, over.steps[0]) is None


def test_a_hold_gathers_repetitions_into_one_at_its_end() -> None:
    held = Gates((Hold(at(15), at(85), "mute"),))
    found = loops(PACE, gates=held)
    assert found.due(at(50)) is None
    assert found.next(at(50)) == (3, at(85))
    assert found.due(at(85.1)) == (3, at(85))


def test_what_failed_again_is_repeated_from_then() -> None:
    found = loops(PACE, back_at=at(27))
    assert found.next(at(27)) == (2, at(27))
    assert found.due(at(27.1)) == (2, at(27))
    assert found.next(at(27.1)) == (3, at(30))


@given(
    every=st.one_of(st.none(), st.integers(1, 90)), count=st.integers(0, 20), floor=st.integers(1, 300),
    answer=st.one_of(st.none(), st.integers(0, 500)), holds=st.one_of(st.none(), st.integers(1, 300)),
    minute=st.integers(0, 3000), hold=st.tuples(st.integers(0, 1000), st.integers(1, 1000)),
)  # fmt: skip
def test_repetitions_ascend_and_the_next_is_never_before_now(
    every: int | None, count: int, floor: int, answer: int | None, holds: int | None, minute: int, hold: tuple[int, int]
) -> None:
    repeat: dict[str, Any] = {"loops": count, "floor": f"{floor}m"}
    repeat |= {} if every is None else {"every": f"{every}m"}
    repeat |= {} if holds is None else {"acknowledgement_holds": f"{holds}m"}
    gates = Gates((Hold(at(hold[0]), at(hold[0] + hold[1]), "mute"),))
    found = loops(repeat, () if answer is None else (answer,), gates)
    instants = [found.at(one) for one in range(1, 30)]
    assert instants == sorted(set(instants))
    ahead, due = found.next(at(minute)), found.due(at(minute))
    if answer is None or holds is not None:
        assert ahead is not None, "never in silence"
        assert ahead[1] >= at(minute)
    if due is not None:
        assert due[1] < at(minute)
        assert ahead is None or ahead[0] > due[0] or ahead[1] > due[1]
