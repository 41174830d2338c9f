"""Severities become priorities; what a rise on the way does to running clocks (measurement.md §4)."""

from datetime import timedelta

import pytest

from models.clocks import priority_of
from models.notice import Flag, Kind, Phase, Ruling, Speaker
from models.records import Verdict
from tests.support.timeline import Timeline, agreement, at

TARGETS = [
    {"objective": "restore", "p1": "4h", "p2": "8h"},
    {"objective": "acknowledge", "p1": "15m", "p2": "30m"},
    {"objective": "resolve", "p1": "3h", "p2": "2h"},
]


def raised(rule, at_="12:00"):
    """A minor incident from 10:00, major from ``at_`` on, restored at 15:00."""
    line = Timeline(agreement(targets=TARGETS, priority_change=rule))
    line.provider("10:00", Phase.REPORTED, begin="10:00", severity="minor")
    line.provider(at_, Phase.UPDATE, severity="major")
    line.provider("15:00", Phase.RESTORED, end="15:00", severity="minor")
    return line


def test_retroactive_judges_by_the_new_target_from_the_original_start():
    reading = raised("retroactive").read("16:00", "restore")
    assert (reading.started_at, reading.target, reading.breached_at) == (at("10:00"), timedelta(hours=4), at("14:00"))


def test_reset_begins_anew_at_the_rise():
    line = raised("reset")
    reading = line.read("16:00", "restore")
    assert (reading.started_at, reading.target, reading.verdict) == (at("12:00"), timedelta(hours=4), Verdict.MET)
    assert line.read("16:00", "acknowledge").target == timedelta(minutes=30), "it stopped before the rise"


def test_reset_does_not_undo_a_breach():
    line = raised("reset", at_="14:00")
    line.version = agreement(
        targets=[{"objective": "restore", "p1": "4h", "p2": "2h"}], priority_change="reset"
    )  # fmt: skip
    reading = line.read("16:00", "restore")
    assert (reading.verdict, reading.breached_at) == (Verdict.BREACHED, at("12:00"))


def test_strictest_takes_the_shortest_target_of_all_reached():
    line = raised("strictest")
    assert line.read("16:00", "restore").target == timedelta(hours=4)
    assert line.read("16:00", "resolve").target == timedelta(hours=2)


def test_lowering_a_priority_has_no_effect():
    line = raised("retroactive")
    assert priority_of(line.facts, line.version) == "p1"


@pytest.mark.parametrize(
    ("told", "priority"),
    [
        ([(Speaker.PROVIDER, "MAJOR")], "p1"),
        ([(Speaker.PROVIDER, "minor"), (Speaker.MONITOR, "major")], "p2"),
        ([(Speaker.PROVIDER, "weird"), (Speaker.MONITOR, "major")], "p1"),
        ([(Speaker.PROVIDER, None), (Speaker.CUSTOMER, "major")], "p1"),
        ([(Speaker.AUTHORITY, "major")], "p2"),
        ([(Speaker.PROVIDER, "weird")], "p2"),
    ],
    ids=["any case", "the provider's counts", "unknown word", "ours while it names none", "no authority", "lowest"],
)
def test_whose_severity_counts(told, priority):
    line = Timeline(agreement(restore="4h"))
    for number, (speaker, severity) in enumerate(told):
        line.say(speaker, at(f"10:0{number}"), Phase.REPORTED, severity=severity)
    assert priority_of(line.facts, line.version) == priority


def test_tests_and_maintenance_name_no_priority():
    line = Timeline(agreement(restore="4h"))
    line.provider("10:00", Phase.REPORTED, severity="major", flags=(Flag.TEST,))
    line.provider("10:00", Phase.REPORTED, severity="major", kind=Kind.MAINTENANCE)
    assert priority_of(line.facts, line.version) == "p2"


def test_a_priority_for_which_nothing_is_promised_makes_no_clock():
    line = Timeline(agreement(restore="4h"))
    line.provider("10:00", Phase.REPORTED, severity="minor")
    assert line.readings("12:00") == ()


class TestLowering:
    def line(self):
        """A major incident from 10:00 whose provider calls it minor at 11:00; restored after 6 h."""
        line = Timeline(agreement(targets=TARGETS))
        line.provider("10:00", Phase.REPORTED, begin="10:00", severity="major")
        self.change = line.provider("11:00", Phase.SEVERITY_CHANGED, severity="minor")
        line.provider("16:00", Phase.RESTORED, end="16:00", severity="minor")
        return line

    def read(self, line, as_of="20:00"):
        bases = ("claimed", "observed", "agreed")
        return {basis: line.read(as_of, "restore", basis).verdict.value for basis in bases}

    def test_unaccepted_it_changes_the_providers_own_figure_only(self):
        assert self.read(self.line()) == {"claimed": "met", "observed": "breached", "agreed": "breached"}

    def test_accepted_it_counts(self):
        line = self.line()
        line.severity = None
        line.customer("17:00", Phase.SEVERITY_CHANGED, ruling=Ruling.ACCEPTED, concerns=self.change.update_id)
        assert self.read(line) == {"claimed": "met", "observed": "met", "agreed": "met"}
        assert self.read(line, "16:30")["agreed"] == "breached", "as of before the acceptance"
        assert line.read("20:00", "restore").priority == "p2"

    def test_rejected_it_does_not(self):
        line = self.line()
        line.customer("17:00", Phase.SEVERITY_CHANGED, ruling=Ruling.REJECTED, severity="minor")
        assert self.read(line)["agreed"] == "breached"

    def test_an_edit_of_the_severity_never_lowers_it(self):
        line = Timeline(agreement(targets=TARGETS))
        line.provider("10:00", Phase.REPORTED, begin="10:00", severity="major", update_id="head")
        line.provider("16:00", Phase.RESTORED, end="16:00")
        line.provider("17:00", Phase.REPORTED, begin="10:00", severity="minor", update_id="head")
        assert self.read(line)["claimed"] == "breached"


def test_a_severity_said_later_than_as_of_has_no_effect_yet():
    assert raised("retroactive").read("11:00", "restore").target == timedelta(hours=8)


def test_a_return_outside_the_recurrence_window_has_a_priority_of_its_own():
    line = Timeline(agreement(targets=TARGETS))
    line.provider("10:00", Phase.REPORTED, begin="10:00", severity="minor")
    line.provider("11:00", Phase.RESOLVED, end="11:00", severity="minor")
    line.provider("2d 10:00", Phase.REOPENED, severity="major")
    targets = [line.read("3d 00:00", "restore", ordinal=ordinal).target for ordinal in (0, 1)]
    assert targets == [timedelta(hours=8), timedelta(hours=4)]


def test_under_reset_a_promise_does_not_take_back_a_breach_from_before_the_rise():
    line = Timeline(agreement(targets=[{"objective": "update", "p1": "2d", "p2": "30m"}], priority_change="reset"))
    line.provider("00:00", Phase.REPORTED, begin="00:00", severity="minor")
    line.provider("02:00", Phase.UPDATE, severity="minor", text_digest="a", promised_at="09:00")
    line.provider("03:00", Phase.UPDATE, severity="major", text_digest="b")
    assert line.gaps("04:00")[1] == "breached"


def test_an_edit_that_repeats_the_severity_does_not_undo_a_lowering():
    line = Timeline(agreement(targets=TARGETS))
    line.provider("10:00", Phase.REPORTED, begin="10:00", update_id="head")
    line.severity = "minor"
    line.customer("11:00", Phase.SEVERITY_CHANGED)
    line.severity = "major"
    line.provider("12:00", Phase.REPORTED, begin="09:50", update_id="head")
    assert line.read("13:00", "restore").priority == "p2"


def test_under_reset_a_breach_before_the_rise_is_one_only_with_the_exclusions_taken_out():
    targets = [{"objective": "restore", "p1": "10h", "p2": "1h"}]
    line = Timeline(agreement(targets=targets, priority_change="reset", exclusions=["customer_fault"]))
    line.provider("10:00", Phase.REPORTED, begin="10:00", severity="minor")
    line.customer("10:05", Phase.EXCLUDED, reason="customer_fault", claimed_at="10:10", claimed_end_at="11:30")
    line.provider("12:00", Phase.UPDATE, severity="major")
    reading = line.read("13:00", "restore")
    assert (reading.started_at, reading.target) == (at("12:00"), timedelta(hours=10))


def test_reset_to_a_priority_without_a_promise_leaves_no_clock():
    """Lowered by our people to p2, for which nothing is promised; raised again only after it was restored."""
    line = Timeline(agreement(restore="4h", priority_change="reset"))
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    line.customer("11:00", Phase.SEVERITY_CHANGED, severity="minor")
    line.provider("12:00", Phase.RESTORED, end="12:00")
    line.customer("13:00", Phase.SEVERITY_CHANGED, severity="major")
    assert [one for one in line.readings("14:00") if one.basis == "agreed" and one.objective == "restore"] == []
