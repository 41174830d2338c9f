"""From what to what each clock runs where several statements could begin or stop it; which pauses count, how far."""

from datetime import timedelta

import pytest

from models.notice import Phase, Ruling
from models.records import Verdict
from tests.support.timeline import Timeline, agreement, at

HOUR = timedelta(hours=1)


def told(**changes):
    """An incident that the provider reported at 10:00."""
    line = Timeline(agreement(**changes))
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    return line


@pytest.mark.parametrize(
    ("said", "stop"),
    [
        ([("11:00", Phase.MITIGATED), ("12:00", Phase.MITIGATED), ("13:00", Phase.RESTORED)], "11:00"),
        ([("13:00", Phase.RESTORED), ("14:00", Phase.MITIGATED)], "13:00"),
        ([("13:00", Phase.RESTORED)], "13:00"),
        ([("11:00", Phase.MITIGATED)], "11:00"),
        ([], None),
    ],
    ids=["the first workaround", "restored before it", "no workaround", "never restored", "neither yet"],
)
def test_a_workaround_is_the_first_of_mitigation_and_restore(said, stop):
    line = told(workaround="8h")
    for when, phase in said:
        line.provider(when, phase, begin=when)
    reading = line.read("16:00", "workaround")
    assert reading.stopped_at == (stop and at(stop))
    assert reading.verdict is (Verdict.MET if stop else Verdict.RUNNING)


def test_the_first_root_cause_stops_the_clock():
    line = told(root_cause="5d")
    line.provider("12:00", Phase.RESTORED, end="12:00")
    for when in ("14:00", "15:00"):
        line.provider(when, Phase.ROOT_CAUSE)
    reading = line.read("16:00", "root_cause")
    assert (reading.started_at, reading.stopped_at) == (at("12:00"), at("14:00"))


def test_of_two_recovery_points_the_earlier_one_is_admitted():
    line = told(recovery_point="4h")
    for point in ("09:00", "08:00"):
        line.provider("12:00", Phase.UPDATE, recovery_point_at=point)
    assert line.read("16:00", "recovery_point", "claimed").elapsed.least == 2 * HOUR


@pytest.mark.parametrize(("basis", "minutes"), [("claimed", 15), ("observed", 20), ("agreed", 20)])
def test_notice_is_owed_from_the_claimed_begin_or_from_what_we_saw(basis, minutes):
    line = Timeline(agreement(notify="30m"))
    line.monitor("10:01", fails="10:00")
    line.provider("10:20", Phase.REPORTED, begin="10:05")
    assert line.read("12:00", "notify", basis).elapsed.least == timedelta(minutes=minutes)


@pytest.mark.parametrize(("promises", "due"), [(None, "10:30"), ("update", "10:30"), ("restore", "11:00")])
def test_a_promise_to_restore_is_none_to_speak(promises, due):
    line = Timeline(agreement(update="1h"))
    line.provider("10:00", Phase.REPORTED, begin="10:00", promised_at="10:30", promises=promises)
    assert line.read("10:10", "update").due_at == at(due)


def test_a_return_claimed_to_lie_before_the_end_cuts_the_end():
    line = told(restore="8h")
    line.provider("12:00", Phase.RESTORED, end="12:00")
    line.provider("12:30", Phase.REOPENED, begin="11:30")
    line.provider("13:00", Phase.RESTORED, end="13:00")
    assert line.read("16:00", "restore", "claimed").elapsed.least == 3 * HOUR


def pausing(*intervals, limit="3h"):
    """A running clock with pauses of one reason, each stated when it began."""
    line = told(restore="8h", pauses=[{"reason": "access", "objectives": ["restore"], "limit": limit}])
    line.asked = [
        line.provider(begin, Phase.PAUSED, reason="access", claimed_at=begin, claimed_end_at=end)
        for begin, end in intervals
    ]
    return line


@pytest.mark.parametrize(
    ("intervals", "hours"),
    [
        ([("11:00", "13:00")], 2),
        ([("11:00", "15:00")], 3),
        ([("11:00", "13:00"), ("12:00", "14:00")], 3),
        ([("11:00", "13:30"), ("12:00", "13:00"), ("15:00", "15:30")], 3),
        ([("11:00", "13:00"), ("14:00", "16:00")], 3),
    ],
    ids=["within", "beyond", "overlapping", "one inside another", "the rest of the limit"],
)
@pytest.mark.parametrize("basis", ["claimed", "agreed"])
def test_how_much_of_pauses_counts_within_a_limit(intervals, hours, basis):
    line = pausing(*intervals)
    reading = line.read("17:00", "restore", basis)
    assert reading.paused == hours * HOUR
    assert {one.reason for one in reading.time.breaks} == {"access"}
    assert reading.time.breaks[0].notice_ids[0] == line.asked[0].notice_id


def asking(**answer):
    """A pause from 11:00 to 13:00 that needs our acceptance, and what our people said at 12:00."""
    spec = {"reason": "access", "objectives": ["restore"], "needs_acceptance": True}
    line = told(restore="8h", pauses=[spec])
    line.asked = line.provider("11:00", Phase.PAUSED, reason="access")
    line.answer = line.customer(answer.pop("when", "12:00"), Phase.PAUSED, ruling=Ruling.ACCEPTED, **answer)
    line.provider("13:00", Phase.RESUMED, reason="access")
    return line


@pytest.mark.parametrize(
    ("answer", "hours"),
    [
        ({}, 1),
        ({"reason": "access"}, 1),
        ({"reason": "lunch"}, 0),
        ({"when": "10:30"}, 0),
        ({"when": "11:00"}, 2),
        ({"when": "14:00"}, 0),
    ],
    ids=[
        "whatever was asked", "its reason", "another reason", "before it was asked", "when it was asked",
        "after it was over",
    ],
)  # fmt: skip
def test_which_pause_an_acceptance_answers_and_from_when(answer, hours):
    assert asking(**answer).read("17:00", "restore").paused == hours * HOUR


def test_a_pause_that_counts_names_who_asked_and_who_accepted():
    line = asking()
    assert line.read("17:00", "restore").time.breaks[0].notice_ids == (line.asked.notice_id, line.answer.notice_id)
    assert line.read("17:00", "restore", "claimed").time.breaks[0].notice_ids == (line.asked.notice_id,)


def test_an_exclusion_that_takes_a_part_names_who_asked_and_who_accepted():
    line = told(restore="8h", exclusions=["force_majeure"])
    asked = line.provider(
        "15:00", Phase.EXCLUDED, reason="force_majeure", claimed_at="11:00", claimed_end_at="12:00"
    )  # fmt: skip
    answer = line.customer("16:00", Phase.EXCLUDED, ruling=Ruling.ACCEPTED)
    (one,) = line.read("17:00", "restore").time.breaks
    assert (one.begin, one.end, one.notice_ids) == (at("11:00"), at("12:00"), (asked.notice_id, answer.notice_id))
