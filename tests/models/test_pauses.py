"""Pauses stop a clock for reasons that the agreement lists, within limits, and on ``agreed`` only once accepted."""

from datetime import timedelta

import pytest

from models.moment import Moment
from models.notice import Phase, Ruling
from models.outage import Outage
from models.pauses import breaks_of
from models.records import Basis, Objective, Verdict
from models.service_time import Break, united
from tests.support.timeline import Timeline, agreement, at

HOUR = timedelta(hours=1)
FREE = {"reason": "access_denied", "objectives": ["restore"]}
ASKED = {"reason": "awaiting_customer", "objectives": ["restore", "update"], "needs_acceptance": True}


def paused(*, pauses=(FREE,), reason="access_denied", **changes):
    """An incident from 10:00 whose provider pauses from 11:00 to 13:00 and restores at 15:00; target 4 h."""
    line = Timeline(agreement(restore="4h", pauses=list(pauses), **changes))
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    line.provider("11:00", Phase.PAUSED, reason=reason)
    line.provider("13:00", Phase.RESUMED, reason=reason)
    line.provider("15:00", Phase.RESTORED, end="15:00")
    return line


def test_a_listed_pause_is_taken_out_of_elapsed():
    reading = paused().read("16:00", "restore")
    assert (reading.verdict, reading.elapsed.least, reading.paused) == (Verdict.MET, 3 * HOUR, 2 * HOUR)
    assert reading.due_at == at("16:00"), "two hours later than without the pause"


@pytest.mark.parametrize("basis", ["claimed", "observed", "agreed"])
def test_a_reason_that_the_agreement_does_not_list_pauses_nothing(basis):
    assert paused(reason="lunch").read("16:00", "restore", basis).verdict is Verdict.BREACHED


def test_a_pause_counts_for_the_objectives_that_it_is_listed_for():
    line = paused(resolve="4h")
    assert line.read("16:00", "resolve").paused == timedelta(0)


def test_while_it_is_paused_the_due_instant_is_not_known():
    line = paused()
    reading = line.read("12:00", "restore")
    assert (reading.verdict, reading.due_at, reading.elapsed.most) == (Verdict.PAUSED, None, HOUR)
    assert line.read("13:30", "restore").verdict is Verdict.RUNNING


def test_a_clock_past_its_target_stays_overdue_while_it_is_paused():
    line = Timeline(agreement(restore="30m", pauses=[FREE]))
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    line.provider("11:00", Phase.PAUSED, reason="access_denied")
    reading = line.read("12:00", "restore")
    assert (reading.verdict, reading.breached_at) == (Verdict.OVERDUE, at("10:30"))


def test_a_pause_without_an_end_lasts_until_the_clock_stops():
    line = Timeline(agreement(restore="4h", pauses=[FREE]))
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    line.provider("11:00", Phase.PAUSED, reason="access_denied")
    line.provider("20:00", Phase.RESTORED, end="20:00")
    reading = line.read("21:00", "restore")
    assert (reading.verdict, reading.elapsed.most, reading.paused) == (Verdict.MET, HOUR, 9 * HOUR)


def test_a_pause_that_ends_after_the_stop_is_clipped_to_it():
    line = Timeline(agreement(restore="4h", pauses=[FREE]))
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    line.provider("14:00", Phase.PAUSED, reason="access_denied")
    line.provider("15:00", Phase.RESTORED, end="15:00")
    line.provider("18:00", Phase.RESUMED, reason="access_denied")
    assert line.read("19:00", "restore").paused == HOUR


def test_overlapping_pauses_count_once():
    line = Timeline(agreement(restore="4h", pauses=[FREE, {"reason": "power_off", "objectives": ["restore"]}]))
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    line.provider("11:00", Phase.PAUSED, reason="access_denied")
    line.provider("12:00", Phase.PAUSED, reason="power_off")
    line.provider("13:00", Phase.RESUMED, reason="access_denied")
    line.provider("14:00", Phase.RESUMED)
    line.provider("16:00", Phase.RESTORED, end="16:00")
    reading = line.read("17:00", "restore")
    assert (reading.paused, reading.elapsed.least) == (3 * HOUR, 3 * HOUR)
    assert [one.reason for one in reading.time.breaks] == ["access_denied, power_off"]


def test_resuming_another_reason_does_not_end_a_pause():
    line = paused()
    line.facts[2] = line.provider("13:00", Phase.RESUMED, reason="power_off")
    line.facts.pop()
    assert line.read("16:00", "restore").paused == 4 * HOUR


def test_beyond_its_limit_a_pause_counts_no_more_and_the_clock_runs_on():
    line = paused(pauses=[{**FREE, "limit": "90m"}])
    reading = line.read("16:00", "restore")
    assert (reading.paused, reading.elapsed.least) == (1.5 * HOUR, 3.5 * HOUR)
    assert line.read("12:45", "restore").verdict is Verdict.RUNNING
    assert at("12:30") in line.read("12:00", "restore").wakes, "the clock runs again by time alone"


def test_the_limit_is_for_all_pauses_of_one_reason_together():
    line = Timeline(agreement(restore="9h", pauses=[{**FREE, "limit": "90m"}]))
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    for begin, end in (("11:00", "12:00"), ("13:00", "14:00"), ("15:00", "16:00")):
        line.provider(begin, Phase.PAUSED, reason="access_denied")
        line.provider(end, Phase.RESUMED, reason="access_denied")
    line.provider("17:00", Phase.RESTORED, end="17:00")
    assert line.read("18:00", "restore").paused == 1.5 * HOUR


def test_a_pause_in_closed_hours_takes_nothing_from_open_ones():
    hours = {"office": {"hours": {"mon-fri": ["09:00-12:00", "14:00-18:00"]}}, "always": {"hours": "24x7"}}
    line = paused(
        calendars=hours, targets=[{"objective": "restore", "p1": "4h", "calendar": "office"}]
    )  # fmt: skip
    reading = line.read("16:00", "restore")
    assert (reading.paused, reading.elapsed.least) == (HOUR, 2 * HOUR), "of 11:00 to 13:00 one hour was open"


class TestAcceptance:
    def line(self, **ruling):
        line = Timeline(agreement(restore="4h", pauses=[ASKED]))
        line.provider("10:00", Phase.REPORTED, begin="10:00")
        self.claim = line.provider("11:00", Phase.PAUSED, reason="awaiting_customer")
        line.provider("14:00", Phase.RESUMED)
        line.provider("16:00", Phase.RESTORED, end="16:00")
        if ruling:
            line.customer("12:00", Phase.PAUSED, **ruling)
        return line

    def test_unaccepted_it_counts_on_claimed_only(self):
        line = self.line()
        verdicts = {basis: line.read("17:00", "restore", basis).verdict.value for basis in ("claimed", "agreed")}
        assert verdicts == {"claimed": "met", "agreed": "breached"}
        assert line.read("17:00", "restore", "observed").verdict is Verdict.BREACHED

    def test_accepted_it_counts_from_the_acceptance(self):
        line = self.line(ruling=Ruling.ACCEPTED, reason="awaiting_customer")
        reading = line.read("17:00", "restore")
        assert (reading.paused, reading.verdict) == (2 * HOUR, Verdict.MET)
        assert line.read("11:30", "restore").verdict is Verdict.RUNNING, "not accepted yet by then"

    def test_an_acceptance_may_name_an_earlier_instant(self):
        line = self.line(ruling=Ruling.ACCEPTED, claimed_at="11:00")
        assert line.read("17:00", "restore").paused == 3 * HOUR

    def test_it_may_name_the_claim_by_its_id(self):
        line = self.line()
        line.customer("12:00", Phase.UPDATE, ruling=Ruling.ACCEPTED, concerns=self.claim.update_id)
        assert line.read("17:00", "restore").paused == 2 * HOUR

    @pytest.mark.parametrize("ruling", [Ruling.REJECTED, Ruling.DISPUTED])
    def test_a_later_refusal_takes_an_acceptance_back(self, ruling):
        line = self.line(ruling=Ruling.ACCEPTED)
        line.customer("18:00", Phase.PAUSED, ruling=ruling)
        assert line.read("19:00", "restore").verdict is Verdict.BREACHED
        assert line.read("17:00", "restore").verdict is Verdict.MET, "as of then it was accepted"

    def test_a_pause_that_our_own_side_states_needs_nobodys_acceptance(self):
        line = Timeline(agreement(restore="4h", pauses=[ASKED]))
        line.provider("10:00", Phase.REPORTED, begin="10:00")
        line.customer("11:00", Phase.PAUSED, reason="awaiting_customer")
        line.customer("14:00", Phase.RESUMED)
        line.provider("16:00", Phase.RESTORED, end="16:00")
        assert line.read("17:00", "restore").paused == 3 * HOUR

    def test_an_accepted_interval_counts_whole(self):
        line = Timeline(agreement(restore="4h", pauses=[ASKED]))
        line.provider("10:00", Phase.REPORTED, begin="10:00")
        line.provider("16:00", Phase.RESTORED, end="16:00")
        line.provider("16:30", Phase.PAUSED, begin="11:00", end="14:00", reason="awaiting_customer")
        assert line.read("17:00", "restore").paused == timedelta(0)
        line.customer("18:00", Phase.PAUSED, ruling=Ruling.ACCEPTED)
        assert line.read("19:00", "restore").paused == 3 * HOUR

    def test_a_claim_that_its_speaker_withdrew_counts_nowhere(self):
        line = self.line(ruling=Ruling.ACCEPTED)
        line.provider("16:30", Phase.CANCELLED, concerns=self.claim.update_id)
        readings = {basis: line.read("17:00", "restore", basis) for basis in ("claimed", "agreed")}
        assert {one.paused for one in readings.values()} == {timedelta(0)}
        assert readings["agreed"].verdict is Verdict.BREACHED, "the claim was cancelled, not the incident"

    def test_our_peoples_ruling_shows_no_failure(self):
        line = self.line(ruling=Ruling.ACCEPTED)
        assert line.read("17:00", "restore", "observed").started_at == at("10:00")


def test_our_own_acknowledgement_never_stops_the_providers_clock():
    line = Timeline(agreement(acknowledge="15m"))
    line.customer("10:00", Phase.REPORTED, claimed_at="10:00")
    line.customer("10:05", Phase.ACKNOWLEDGED)
    assert line.read("11:00", "acknowledge").verdict is Verdict.OVERDUE


def test_a_pause_that_nobody_ended_does_not_hold_a_return_outside_the_recurrence_window():
    line = Timeline(agreement(restore="4h", pauses=[FREE]))
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    line.provider("11:00", Phase.PAUSED, reason="access_denied")
    line.provider("12:00", Phase.RESOLVED, end="12:00")
    line.provider("2d 13:00", Phase.REOPENED)
    assert line.read("2d 14:00", "restore", ordinal=1).verdict is Verdict.RUNNING


def test_the_times_of_a_pause_are_not_those_of_the_incident():
    line = Timeline(agreement(restore="4h", pauses=[FREE]))
    line.provider("10:00", Phase.REPORTED)
    line.provider("11:00", Phase.PAUSED, begin="08:00", end="12:00", reason="access_denied")
    assert {one.started_at for one in line.readings("13:00")} == {at("10:00")}


def test_a_promise_of_the_next_word_does_not_move_with_a_pause():
    pauses = [{"reason": "access_denied", "objectives": ["update"], "limit": "2h"}]
    line = Timeline(agreement(update="2h", pauses=pauses))
    line.provider("10:00", Phase.REPORTED, begin="10:00", promised_at="13:00")
    line.customer("11:00", Phase.PAUSED, reason="access_denied")
    assert line.read("11:30", "update").due_at == at("13:00"), "the interval would be used up at 14:00"


def test_without_a_pause_there_is_no_break():
    stretches = (Outage(Moment.point(at("10:00")), None),)
    assert breaks_of((), paused().version, Objective.RESTORE, Basis.AGREED, stretches) == ()


def test_a_break_of_no_length_is_left_out():
    empty, real = (Break(at("10:00"), at(end), "lunch", ("n1",)) for end in ("10:00", "11:00"))
    assert united([empty, real]) == (real,)


def test_a_ruling_on_another_pause_leaves_this_one_as_it_is():
    line = paused(pauses=(ASKED,), reason="awaiting_customer")
    line.customer("12:00", Phase.PAUSED, ruling=Ruling.ACCEPTED, concerns="another")
    assert line.read("16:00", "restore").paused == timedelta(0)
