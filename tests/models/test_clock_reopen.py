"""Returns of trouble: reopening, the recurrence window, the stability window (measurement.md §4, Reopen)."""

import pytest

from models.notice import Phase
from models.records import Verdict
from tests.support.timeline import Timeline, agreement, at


def twice(*, back="12:00", again="13:00", **changes):
    """Down 10:00 to 11:00, and from ``back`` to ``again``."""
    line = Timeline(agreement(restore="90m", resolve="4h", **changes))
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    line.provider("11:00", Phase.RESTORED, end="11:00")
    line.provider(back, Phase.REOPENED)
    line.provider(again, Phase.RESTORED, end=again)
    return line


def seconds(reading):
    assert reading.elapsed is not None
    return reading.elapsed.least.total_seconds()


def test_continue_leaves_the_quiet_gap_out():
    reading = twice().read("14:00", "restore")
    assert seconds(reading) == 2 * 3600
    assert reading.verdict is Verdict.BREACHED
    assert reading.breached_at == at("12:30"), "an hour before the gap, half an hour after it"


def test_inclusive_counts_the_quiet_gap():
    reading = twice(reopen={"rule": "inclusive"}).read("14:00", "restore")
    assert seconds(reading) == 3 * 3600
    assert reading.breached_at == at("11:30")


def test_new_makes_a_clock_of_its_own():
    line = twice(reopen={"rule": "new"})
    first, second = line.read("14:00", "restore"), line.read("14:00", "restore", ordinal=1)
    assert (first.stopped_at, first.verdict) == (at("11:00"), Verdict.MET)
    assert (second.started_at, second.stopped_at, second.verdict) == (at("12:00"), at("13:00"), Verdict.MET)


@pytest.mark.parametrize(
    ("back", "clocks"), [("12:00", 1), ("1d 11:00", 1), ("1d 11:00:01", 2)], ids=["soon", "at the limit", "after it"]
)
def test_outside_the_recurrence_window_it_is_another_clock(back, clocks):
    line = twice(back=back, again="1d 12:00")
    found = [one for one in line.readings("3d 00:00") if one.objective == "restore" and one.basis == "agreed"]
    assert len(found) == clocks


def test_a_return_is_acknowledged_anew():
    line = twice(back="2d 10:00", again="2d 11:00", acknowledge="15m")
    assert line.read("3d 00:00", "acknowledge", ordinal=1).started_at == at("2d 10:00")


def test_monitors_go_with_the_return_that_they_saw():
    line = twice(back="2d 10:00", again="2d 11:00")
    line.monitor("09:55", fails="09:55", episode="a")
    line.monitor("11:10", fails="09:55", works="11:05", episode="a")
    line.monitor("2d 09:55", fails="2d 09:50", episode="b")
    line.monitor("2d 11:20", fails="2d 09:50", works="2d 11:15", episode="b")
    assert line.read("3d 00:00", "restore").stopped_at == at("11:05")
    again = line.read("3d 00:00", "restore", ordinal=1)
    assert (again.started_at, again.stopped_at) == (at("2d 09:50"), at("2d 11:15"))


def test_for_resolve_only_the_time_after_a_resolution_is_quiet():
    line = twice()
    line.provider("14:00", Phase.RESOLVED, end="14:00")
    assert seconds(line.read("15:00", "resolve")) == 4 * 3600
    line.provider("15:00", Phase.REOPENED)
    line.provider("16:00", Phase.RESOLVED, end="16:00")
    reading = line.read("17:00", "resolve")
    assert seconds(reading) == 5 * 3600
    assert reading.breached_at == at("15:00")


@pytest.mark.parametrize("phase", [Phase.UPDATE, Phase.ROOT_CAUSE])
def test_talking_about_it_afterwards_does_not_reopen(phase):
    line = Timeline(agreement(restore="90m"))
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    line.provider("11:00", Phase.RESTORED, end="11:00")
    line.provider("12:00", phase)
    assert line.read("13:00", "restore").stopped_at == at("11:00")


def test_a_claimed_end_after_the_provider_itself_reopened_is_cut_there():
    line = Timeline(agreement(restore="90m"))
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    line.provider("11:00", Phase.RESTORED, end="10:50", update_id="x")
    line.provider("12:00", Phase.REOPENED)
    line.provider("11:00", Phase.RESTORED, end="12:30", update_id="x", looks=("12:40", "12:45"))
    assert seconds(line.read("13:00", "restore")) == 3 * 3600


class TestStability:
    """A restore counts only if it holds for the window; then it counts from its own instant."""

    def restored(self, **changes):
        line = Timeline(agreement(restore="60m", stability_window="15m", **changes))
        line.provider("10:00", Phase.REPORTED, begin="10:00")
        line.provider("10:50", Phase.RESTORED, end="10:50")
        return line

    def test_while_it_may_not_hold_the_clock_runs_but_is_not_called_overdue(self):
        reading = self.restored().read("11:02", "restore")
        assert reading.verdict is Verdict.RUNNING
        assert reading.stopped_at is None
        assert reading.wakes == (at("11:05"),)
        assert reading.elapsed is not None
        assert (reading.elapsed.least, reading.elapsed.most) == (at("10:50") - at("10:00"), at("11:02") - at("10:00"))
        assert reading.reaches(1.0) is None, "nobody is paged for a breach that may not be one"
        assert "stability" in (reading.reason or "")

    def test_once_it_held_it_counts_from_its_own_instant(self):
        reading = self.restored().read("11:05", "restore")
        assert (reading.verdict, reading.stopped_at) == (Verdict.MET, at("10:50"))
        assert reading.wakes == ()

    def test_a_restore_that_came_too_late_is_overdue_while_it_waits(self):
        line = Timeline(agreement(restore="30m", stability_window="15m"))
        line.provider("10:00", Phase.REPORTED, begin="10:00")
        line.provider("10:50", Phase.RESTORED, end="10:50")
        assert line.read("10:55", "restore").verdict is Verdict.OVERDUE
        assert line.read("11:05", "restore").verdict is Verdict.BREACHED

    def test_a_restore_that_did_not_hold_never_was(self):
        line = self.restored()
        line.provider("11:04", Phase.REOPENED)
        reading = line.read("11:10", "restore")
        assert reading.verdict is Verdict.OVERDUE
        assert reading.breached_at == at("11:00")

    def test_a_restore_that_held_exactly_as_long_as_the_window_held(self):
        line = self.restored()
        line.provider("11:05", Phase.REOPENED)
        line.provider("11:10", Phase.RESTORED, end="11:10")
        assert seconds(line.read("12:00", "restore")) == 55 * 60

    def test_where_our_looks_cannot_tell_whether_it_held_both_lengths_are_told(self):
        line = Timeline(agreement(restore="60m", stability_window="15m"))
        line.provider("10:00", Phase.REPORTED, looks=("10:00", "10:00:01"))
        line.provider("10:50", Phase.RESTORED, looks=("10:48", "10:51"))
        line.provider("11:05", Phase.REOPENED, looks=("11:02", "11:07"))
        line.provider("11:08", Phase.RESTORED, looks=("11:07", "11:09"))
        reading = line.read("12:00", "restore", "observed")
        assert reading.elapsed is not None
        assert reading.elapsed.least == at("10:48") - at("10:00:01")
        assert reading.elapsed.most == at("11:09") - at("10:00")
        assert reading.verdict is Verdict.INDETERMINATE

    def test_monitors_that_flap_inside_the_window_are_one_outage(self):
        line = Timeline(agreement(restore="60m", stability_window="15m"))
        for number, (down, up) in enumerate([("10:00", "10:10"), ("10:15", "10:20"), ("10:30", "10:40")]):
            line.monitor(up, fails=down, works=up, episode=str(number))
        reading = line.read("12:00", "restore")
        assert seconds(reading) == 40 * 60
        assert reading.stopped_at == at("10:40")

    def test_the_workaround_waits_for_the_window_too(self):
        line = Timeline(agreement(workaround="60m", stability_window="15m"))
        line.provider("10:00", Phase.REPORTED, begin="10:00")
        line.provider("10:50", Phase.RESTORED, end="10:50")
        assert line.read("11:00", "workaround").verdict is Verdict.RUNNING
        assert line.read("11:05", "workaround").verdict is Verdict.MET


def test_a_return_outside_the_window_that_is_cancelled_leaves_the_first_trouble_judged():
    line = Timeline(agreement(restore="30m"))
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    line.provider("11:00", Phase.RESOLVED, end="11:00")
    line.provider("2d 12:00", Phase.REOPENED)
    line.provider("2d 13:00", Phase.CANCELLED)
    verdicts = [line.read("3d 00:00", "restore", ordinal=ordinal).verdict for ordinal in (0, 1)]
    assert verdicts == [Verdict.BREACHED, Verdict.CANCELLED]
