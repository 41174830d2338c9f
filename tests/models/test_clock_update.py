"""The update cadence: a clock per gap, what resets it, promises (measurement.md §4)."""

import pytest

from models.notice import Flag, Phase
from models.records import Verdict
from tests.support.timeline import Timeline, agreement, at


def started(**changes):
    line = Timeline(agreement(update="60m", **changes))
    line.provider("10:00", Phase.REPORTED, begin="10:00", text_digest="a")
    return line


def test_a_clock_per_gap_until_it_is_resolved():
    line = started()
    line.provider("11:00", Phase.UPDATE, text_digest="b")
    line.provider("12:30", Phase.RESTORED, end="12:30", text_digest="c")
    line.provider("13:00", Phase.RESOLVED, end="12:30", text_digest="d")
    line.provider("18:00", Phase.ROOT_CAUSE, text_digest="e")
    assert line.gaps("20:00") == ["met", "breached", "met"]
    assert line.read("20:00", "update", ordinal=1).breached_at == at("12:00")


def test_the_last_gap_is_open_while_it_is_unresolved():
    line = started()
    assert line.gaps("10:59") == ["running"]
    assert line.read("10:59", "update").due_at == at("11:00")
    assert line.gaps("11:00:00.000001") == ["overdue"]


def test_restored_is_not_resolved_so_the_cadence_goes_on():
    line = started()
    line.provider("10:30", Phase.RESTORED, end="10:30", text_digest="b")
    assert line.gaps("12:00") == ["met", "overdue"]


@pytest.mark.parametrize(
    "again",
    [
        {"phase": Phase.UPDATE, "text_digest": "a"},
        {"phase": Phase.UPDATE, "text_digest": None},
        {"phase": Phase.REPORTED, "text_digest": "a"},
        {"phase": Phase.ACKNOWLEDGED, "text_digest": "auto", "flags": (Flag.AUTOMATIC_REPLY,)},
    ],
    ids=["the same text", "no text", "the same report", "a robot"],
)
def test_what_says_nothing_new_does_not_reset_it(again):
    line = started()
    line.provider("10:50", **again)
    line.provider("11:30", Phase.UPDATE, text_digest="b")
    assert line.gaps("11:40") == ["breached", "running"]


def test_an_edit_does_not_reset_it():
    line = started()
    line.provider("10:30", Phase.UPDATE, text_digest="b", update_id="x")
    line.provider("10:30", Phase.UPDATE, text_digest="c", update_id="x", looks=("11:00", "11:05"))
    assert line.read("11:40", "update", ordinal=1).started_at == at("10:30")
    assert line.gaps("11:40") == ["met", "overdue"]


def test_a_copy_on_a_second_channel_does_not_reset_it():
    line = started()
    line.provider("10:30", Phase.ENGAGED, text_digest="b")
    line.provider("11:20", Phase.ENGAGED, text_digest="b", source="mail")
    assert line.gaps("11:40") == ["met", "overdue"]


def test_a_late_copy_of_an_earlier_step_does_not_reopen():
    line = Timeline(agreement(restore="4h"))
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    line.provider("10:30", Phase.ENGAGED, text_digest="b")
    line.provider("11:00", Phase.RESTORED, end="11:00")
    line.provider("11:20", Phase.ENGAGED, text_digest="b", source="mail")
    assert line.read("12:00", "restore").stopped_at == at("11:00")


def test_a_new_phase_with_the_same_text_is_news():
    line = started()
    line.provider("10:50", Phase.ENGAGED, text_digest="a")
    assert line.gaps("11:40") == ["met", "running"]


@pytest.mark.parametrize("phase", [Phase.REOPENED, Phase.ENGAGED])
def test_a_return_after_the_resolution_starts_the_cadence_again(phase):
    line = started()
    line.provider("10:30", Phase.RESOLVED, end="10:30", text_digest="b")
    line.provider("14:00", phase, text_digest="c")
    assert line.gaps("15:30") == ["met", "overdue"]


@pytest.mark.parametrize(
    ("promised", "spoke", "verdict", "due"),
    [
        ("10:20", "10:20", "met", "10:20"),
        ("10:20", "10:20:01", "breached", "10:20"),
        ("13:00", "11:00", "met", "11:00"),
        ("13:00", "12:00", "breached", "11:00"),
        ("09:00", "11:00", "met", "11:00"),
    ],
    ids=["kept", "broken", "later than the interval", "the interval is the earlier", "in the past"],
)
def test_the_earlier_of_interval_and_promise_is_due(promised, spoke, verdict, due):
    line = Timeline(agreement(update="60m"))
    line.provider("10:00", Phase.REPORTED, begin="10:00", text_digest="a", promised_at=promised)
    line.provider(spoke, Phase.UPDATE, text_digest="b")
    assert line.gaps("12:30")[0] == verdict
    assert line.read("12:30", "update").due_at == at(due)


def test_a_promise_names_an_instant_however_vaguely_we_saw_it_given():
    line = Timeline(agreement(update="60m"))
    line.provider("09:58", Phase.REPORTED, text_digest="a", promised_at="10:20", looks=("09:55", "10:00"))
    line.provider("10:26", Phase.UPDATE, text_digest="b", looks=("10:25", "10:30"))
    reading = line.read("10:40", "update", "observed")
    assert reading.verdict is Verdict.BREACHED
    assert reading.breached_at == reading.due_at == at("10:20")


def test_moving_a_promise_afterwards_helps_on_the_claimed_basis_only():
    line = Timeline(agreement(update="60m"))
    line.provider("10:00", Phase.REPORTED, text_digest="a", promised_at="10:20", update_id="x")
    line.provider("10:30", Phase.UPDATE, text_digest="b")
    line.provider(
        "10:00", Phase.REPORTED, text_digest="c", promised_at="10:40", update_id="x", looks=("10:30", "10:35")
    )
    assert line.gaps("10:50")[0] == "breached"
    assert line.gaps("10:50", "claimed")[0] == "met"


def test_a_vanished_incident_leaves_the_last_gap_unknown_or_breached():
    line = started()
    line.vanish(("10:30", "10:40"))
    assert line.gaps("20:00") == ["indeterminate"]
    late = started()
    late.vanish(("11:30", "11:40"))
    assert late.gaps("20:00") == ["breached"]
