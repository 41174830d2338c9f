"""The due heap: one instant per incident, earliest first, again until applied."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from streams.heap import DueHeap

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
A, B = ("nimbus", "a"), ("nimbus", "b")


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_what_is_due_comes_earliest_first_and_only_once() -> None:
    heap = DueHeap()
    heap.arm(A, at(20))
    heap.arm(B, at(10))
    assert heap.next_due() == at(10)
    assert heap.take_due(at(30)) == [(B, at(10)), (A, at(20))]
    assert heap.take_due(at(30)) == []


def test_the_latest_armed_instant_counts() -> None:
    heap = DueHeap()
    heap.arm(A, at(10))
    heap.arm(A, at(20))
    assert heap.take_due(at(15)) == []
    heap.arm(A, None)
    assert heap.take_due(at(99)) == []
    assert len(heap) == 0


def test_a_taken_instant_can_be_given_back_until_it_is_applied() -> None:
    heap = DueHeap()
    heap.arm(A, at(10))
    (taken,) = heap.take_due(at(11))
    heap.again(*taken)
    assert heap.take_due(at(12)) == [taken]
    heap.arm(A, at(50))
    heap.again(*taken)
    assert heap.take_due(at(13)) == []


def test_rebuilding_forgets_what_was_there() -> None:
    heap = DueHeap()
    heap.arm(A, at(10))
    heap.rebuild([(B, at(5))])
    assert heap.take_due(at(99)) == [(B, at(5))]


@given(st.lists(st.tuples(st.integers(0, 5), st.none() | st.integers(0, 100)), max_size=40), st.integers(0, 100))
def test_it_agrees_with_a_plain_dict(armings: list[tuple[int, int | None]], now: int) -> None:
    heap, plain = DueHeap(), dict[tuple[str, str], datetime]()
    for number, due in armings:
        case = ("p", str(number))
        heap.arm(case, None if due is None else at(due))
        plain.pop(case, None)
        if due is not None:
            plain[case] = at(due)
    wanted = sorted((due, case) for case, due in plain.items() if due <= at(now))
    assert heap.take_due(at(now)) == [(case, due) for due, case in wanted]
