"""The report on the cause runs from the restoration; the recovery point is a window of lost work."""

from datetime import timedelta

import pytest

from models.notice import Phase
from models.records import Verdict
from tests.support.timeline import Timeline, agreement, at

OFFICE = {"office": {"hours": {"mon-fri": ["09:00-17:00"]}}}
REPORT = [{"objective": "root_cause", "p1": "5bd", "calendar": "office"}]


def restored(**changes):
    line = Timeline(agreement(**changes))
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    line.provider("12:00", Phase.RESTORED, end="12:00")
    return line


def test_no_report_is_owed_before_it_is_restored():
    line = Timeline(agreement(root_cause="5d"))
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    assert line.readings("20:00") == ()


def test_a_report_is_owed_from_the_restoration_in_business_days():
    line = restored(calendars=OFFICE, targets=REPORT)
    reading = line.read("13:00", "root_cause")
    assert (reading.verdict, reading.started_at) == (Verdict.RUNNING, at("12:00"))
    assert reading.due_at == at("7d 12:00"), "Monday noon, five business days later"
    assert reading.target == timedelta(hours=40)
    line.provider("7d 12:00", Phase.ROOT_CAUSE)
    assert line.read("8d 12:00", "root_cause").verdict is Verdict.MET, "at the very limit"


def test_a_late_report_breaches_and_the_weekend_does_not_count():
    line = restored(calendars=OFFICE, targets=[{**REPORT[0], "p1": "4eobd"}])
    line.provider("7d 09:30", Phase.ROOT_CAUSE)
    reading = line.read("8d 00:00", "root_cause")
    assert (reading.verdict, reading.due_at) == (Verdict.BREACHED, at("4d 17:00"))
    assert reading.breached_at == at("7d 09:00"), "no open time passed between Friday's close and Monday's opening"


def test_a_restoration_that_may_not_hold_starts_no_clock_yet():
    line = restored(root_cause="5d", stability_window="30m")
    assert line.readings("12:20") == ()
    assert line.read("12:30", "root_cause").started_at == at("12:00")


def test_when_trouble_returns_the_report_is_owed_from_the_last_restoration():
    line = restored(root_cause="5d")
    line.provider("13:00", Phase.REOPENED)
    assert line.readings("13:30") == ()
    line.provider("14:00", Phase.RESTORED, end="14:00")
    assert line.read("15:00", "root_cause").started_at == at("14:00")


class TestRecoveryPoint:
    def line(self):
        line = Timeline(agreement(recovery_point="15m"))
        line.provider("10:00", Phase.REPORTED, begin="10:00")
        return line

    @pytest.mark.parametrize("basis", ["claimed", "observed", "agreed"])
    def test_unknown_is_not_zero(self, basis):
        reading = self.line().read("12:00", "recovery_point", basis)
        assert (reading.verdict, reading.elapsed) == (Verdict.INDETERMINATE, None)

    def test_it_is_the_time_before_the_onset_for_which_nothing_can_be_recovered(self):
        line = self.line()
        line.provider("11:00", Phase.UPDATE, recovery_point_at="09:45")
        reading = line.read("12:00", "recovery_point")
        assert (reading.verdict, reading.elapsed.least) == (Verdict.MET, timedelta(minutes=15))
        assert line.read("12:00", "recovery_point", "observed").verdict is Verdict.INDETERMINATE

    def test_our_own_evidence_goes_before_the_providers_word(self):
        line = self.line()
        line.provider("11:00", Phase.UPDATE, recovery_point_at="09:50")
        line.customer("12:00", Phase.UPDATE, recovery_point_at="09:30")
        readings = {basis: line.read("13:00", "recovery_point", basis).verdict.value for basis in ("claimed", "agreed")}
        assert readings == {"claimed": "met", "agreed": "breached"}

    def test_a_point_after_the_onset_lost_nothing(self):
        line = self.line()
        line.provider("11:00", Phase.UPDATE, recovery_point_at="10:30")
        reading = line.read("12:00", "recovery_point")
        assert (reading.verdict, reading.elapsed.most) == (Verdict.MET, timedelta(0))

    def test_a_return_outside_the_window_has_no_point_yet(self):
        line = self.line()
        line.provider("11:00", Phase.UPDATE, recovery_point_at="09:45")
        line.provider("12:00", Phase.RESOLVED, end="12:00")
        line.provider("2d 13:00", Phase.REOPENED)
        assert line.read("2d 14:00", "recovery_point", ordinal=1).verdict is Verdict.INDETERMINATE
