"""What holds for every incident, however it was told (measurement.md §1): the guard of the fold and of its timer."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from models.clocks import measure
from models.fact import known_at
from models.reading import Reading
from models.records import Verdict
from tests.support.incidents import INCIDENTS, LAST_MINUTE, MINUTES, agreements, minute

RUNNING = (Verdict.RUNNING, Verdict.OVERDUE)
TICK = timedelta(microseconds=1)
AFTER_ALL = minute(LAST_MINUTE + 1)


def settled(readings: Iterable[Reading]) -> list[Reading]:
    """Leave out what ages: elapsed of running clocks, and the instants ahead."""
    return [
        replace(one, wakes=(), elapsed=None if one.verdict in RUNNING else one.elapsed) for one in readings
    ]  # fmt: skip


@given(INCIDENTS, agreements(), MINUTES, st.randoms(use_true_random=False))
def test_order_and_copies_of_facts_do_not_matter(facts, version, count, random):
    shuffled = [*facts, *random.choices(facts, k=3)]
    random.shuffle(shuffled)
    assert measure(facts, version, minute(count)) == measure(shuffled, version, minute(count))


@given(INCIDENTS, agreements(), MINUTES)
def test_a_later_look_at_what_is_known_changes_nothing(facts, version, count):
    again = [replace(fact, received_at=fact.received_at + timedelta(days=9)) for fact in facts]
    assert measure([*facts, *again], version, minute(count)) == measure(facts, version, minute(count))


@given(INCIDENTS, agreements(), MINUTES)
def test_bounds_and_verdicts_agree(facts, version, count):
    as_of = minute(count)
    for one in measure(facts, version, as_of):
        assert (one.breached_at is not None) == (one.verdict in (Verdict.BREACHED, Verdict.OVERDUE))
        assert all(at >= as_of for at in one.wakes)
        assert one.started_at is None or one.elapsed is None or one.started_at <= as_of
        assert one.stopped_at is None or (one.started_at is not None and one.started_at <= one.stopped_at <= as_of)
        if one.elapsed is None:
            assert one.verdict in (Verdict.INDETERMINATE, Verdict.NOT_APPLICABLE, Verdict.CANCELLED)
            assert one.reason is not None or one.verdict is Verdict.CANCELLED
            continue
        least, most = one.elapsed.least, one.elapsed.most
        assert least >= timedelta(0)
        assert most is None or least <= most <= as_of - one.started_at
        late = one.verdict in (Verdict.BREACHED, Verdict.OVERDUE)
        assert not late or (least > one.target and one.breached_at < as_of)
        assert one.verdict is not Verdict.MET or (most is not None and most <= one.target)
        assert one.verdict is not Verdict.RUNNING or least <= one.target
        assert one.verdict is not Verdict.INDETERMINATE or (least <= one.target and (most is None or most > one.target))


@given(INCIDENTS, agreements(), st.integers(0, 200))
def test_between_wakes_nothing_changes_and_wakes_come_to_an_end(facts, version, wait):
    """The engine arms one timer, at the next wake: what changed in between would be told too late."""
    as_of = max(fact.received_at for fact in facts) + timedelta(minutes=wait)
    for _ in range(1000):
        readings = measure(facts, version, as_of)
        wake = min((at for one in readings for at in one.wakes), default=None)
        until = as_of + timedelta(days=3650) if wake is None else max(as_of, wake - TICK)
        assert settled(measure(facts, version, until)) == settled(readings)
        if wake is None:
            return
        assert wake >= as_of
        as_of = wake + TICK
    raise AssertionError("wakes without end")


@given(INCIDENTS, agreements())
def test_overdue_is_told_by_a_wake_at_its_own_breach_instant(facts, version):
    as_of = max(fact.received_at for fact in facts)
    while wakes := [at for one in measure(facts, version, as_of) for at in one.wakes]:
        before = {(one.objective, one.basis, one.ordinal): one.verdict for one in measure(facts, version, as_of)}
        as_of = min(wakes) + TICK
        for one in measure(facts, version, as_of):
            if (
                one.verdict is Verdict.OVERDUE
                and before.get((one.objective, one.basis, one.ordinal)) is Verdict.RUNNING
            ):
                assert one.breached_at == as_of - TICK


@given(INCIDENTS, agreements(), MINUTES)
def test_what_was_known_then_is_measured_as_if_nothing_had_come_since(facts, version, count):
    instant = minute(count)
    known = known_at({str(key): fact for key, fact in enumerate(facts)}, instant).values()
    alone = [fact for fact in facts if fact.received_at <= instant]
    assert measure(known, version, AFTER_ALL) == measure(alone, version, AFTER_ALL)


@given(INCIDENTS, agreements(), st.sampled_from([0.25, 0.5, 1.0, 2.0]))
def test_a_share_is_reached_no_later_for_sure_than_at_best_and_never_after_a_stop(facts, version, share):
    for one in measure(facts, version, AFTER_ALL):
        early, late = one.reaches(share), one.reaches(share, for_certain=True)
        stop = one.stretches[-1].end if one.stretches else None
        assert early is None or late is None or early <= late
        assert late is None or stop is None or late < stop.earliest
