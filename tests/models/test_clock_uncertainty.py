"""What our looks can and can't tell: poll gaps, back-dating, vanished and imported incidents (measurement.md §4)."""

import pytest

from models.notice import Flag, Phase, Speaker
from models.records import Basis, Verdict
from tests.support.timeline import Timeline, agreement, at, evidence


@pytest.mark.parametrize(
    ("target", "verdict", "breached_at"),
    [
        ("179s", Verdict.BREACHED, "10:02:59"),
        ("3m", Verdict.INDETERMINATE, None),
        ("5m", Verdict.INDETERMINATE, None),
        ("479s", Verdict.INDETERMINATE, None),
        ("8m", Verdict.MET, None),
    ],
)
def test_a_five_minute_poll_cannot_judge_a_promise_that_lies_within_it(target, verdict, breached_at):
    line = Timeline(agreement(acknowledge=target))
    line.monitor("10:00", fails="10:00")
    line.provider("10:06", Phase.REPORTED, looks=("10:03", "10:08"))
    reading = line.read("12:00", "acknowledge", "observed")
    assert reading.verdict is verdict
    assert reading.elapsed is not None
    assert (reading.elapsed.least, reading.elapsed.most) == (at("10:03") - at("10:00"), at("10:08") - at("10:00"))
    assert reading.breached_at == (at(breached_at) if breached_at else None)
    assert (reading.reason is not None) == (verdict is Verdict.INDETERMINATE)
    assert line.read("12:00", "acknowledge", "agreed").stopped_at == at("10:06"), "the stamp is precise, and fits"


def test_the_agreement_may_count_looks_instead_of_stamps():
    line = Timeline(agreement(acknowledge="5m", evidence=evidence(acknowledge="observed")))
    line.monitor("10:00", fails="10:00")
    line.provider("10:03", Phase.REPORTED, looks=("10:01", "10:06"))
    assert line.read("12:00", "acknowledge", "agreed").verdict is Verdict.INDETERMINATE


def test_a_stamp_from_before_our_last_look_is_backdated_and_gives_way_to_what_we_saw():
    line = Timeline(agreement(acknowledge="15m"))
    line.monitor("10:00", fails="10:00")
    line.provider("10:05", Phase.REPORTED, looks=("10:30", "10:31"))
    assert line.read("12:00", "acknowledge", "claimed").verdict is Verdict.MET
    for basis in ("observed", "agreed"):
        reading = line.read("12:00", "acknowledge", basis)
        assert (reading.verdict, reading.stopped_at) == (Verdict.BREACHED, at("10:31"))


def test_a_start_known_to_an_interval_is_overdue_only_when_that_is_certain():
    line = Timeline(agreement(respond="15m"))
    line.provider("10:04", Phase.REPORTED, looks=("10:00", "10:05"))
    reading = line.read("10:16", "respond", "observed")
    assert (reading.due_at, reading.verdict) == (at("10:15"), Verdict.RUNNING)
    assert at("10:20") in reading.wakes
    late = line.read("10:20:00.000001", "respond", "observed")
    assert (late.verdict, late.breached_at) == (Verdict.OVERDUE, at("10:20"))


class TestVanished:
    """A page that drops an incident shows only that it ended after the last look."""

    def line(self, gone, **changes):
        line = Timeline(agreement(restore="4h", resolve="4h", respond="30m", **changes))
        line.provider("10:00", Phase.REPORTED, begin="10:00", looks=("09:59", "10:00"))
        line.vanish(gone)
        return line

    @pytest.mark.parametrize("objective", ["restore", "resolve"])
    @pytest.mark.parametrize("basis", list(Basis))
    def test_it_is_never_treated_as_restored(self, objective, basis):
        reading = self.line(("11:00", "11:05")).read("23:00", objective, basis.value)
        assert reading.verdict is Verdict.INDETERMINATE
        assert reading.stopped_at is None
        assert reading.elapsed is not None
        assert reading.elapsed.most is None
        assert reading.wakes == ()
        assert "stopped listing" in (reading.reason or "")

    def test_it_is_breached_where_the_last_look_showed_it_past_the_target(self):
        reading = self.line(("14:30", "14:35")).read("23:00", "restore")
        assert (reading.verdict, reading.breached_at) == (Verdict.BREACHED, at("14:00"))

    def test_words_that_we_may_have_missed_leave_their_clocks_unknown(self):
        assert self.line(("10:20", "10:25")).read("23:00", "respond").verdict is Verdict.INDETERMINATE
        assert self.line(("10:40", "10:45")).read("23:00", "respond").verdict is Verdict.BREACHED

    def test_vanishing_after_it_was_restored_changes_nothing(self):
        line = self.line(("12:00", "12:05"))
        line.provider("11:00", Phase.RESTORED, end="11:00", looks=("10:59", "11:00"))
        assert line.read("23:00", "restore").verdict is Verdict.MET
        assert line.read("23:00", "resolve").verdict is Verdict.INDETERMINATE

    def test_what_is_shown_again_had_not_ended(self):
        line = self.line(("11:00", "11:05"))
        line.provider("11:30", Phase.UPDATE, looks=("11:29", "11:31"))
        assert line.read("12:00", "restore").verdict is Verdict.RUNNING

    def test_our_monitors_may_know_when_it_ended(self):
        line = self.line(("11:00", "11:05"))
        line.monitor("10:00", fails="10:00")
        line.monitor("11:20", fails="10:00", works="11:15")
        assert line.read("12:00", "restore", "agreed").stopped_at == at("11:15")


class TestImported:
    """A record written afterwards shows nothing of when the provider first spoke."""

    OBJECTIVES = ("notify", "acknowledge", "respond", "workaround", "restore", "resolve")

    def line(self, *, begin="10:00", end="10:00", written="20d 09:00", looks=None):
        line = Timeline(agreement(**dict.fromkeys(self.OBJECTIVES, "4h"), update="1h"))
        line.provider(written, Phase.RESOLVED, begin=begin, end=end, flags=(Flag.BACKFILLED,), looks=looks)
        return line

    @pytest.mark.parametrize("objective", OBJECTIVES)
    @pytest.mark.parametrize("basis", list(Basis))
    @pytest.mark.parametrize("looks", [None, ("20d 08:59", "20d 09:01")], ids=["history", "while we watched"])
    def test_with_begin_equal_to_end_nothing_is_measurable_and_nothing_is_zero(self, objective, basis, looks):
        reading = self.line(looks=looks).read("30d 00:00", objective, basis.value)
        assert reading.verdict is Verdict.INDETERMINATE
        assert (reading.elapsed, reading.stopped_at, reading.breached_at, reading.wakes) == (None, None, None, ())
        assert "written after the fact" in (reading.reason or "")

    @pytest.mark.parametrize("objective", ["workaround", "restore", "resolve"])
    def test_a_claimed_interval_is_a_claim(self, objective):
        line = self.line(begin="10:00", end="11:00")
        for basis in ("claimed", "agreed"):
            reading = line.read("30d 00:00", objective, basis)
            assert (reading.started_at, reading.stopped_at) == (at("10:00"), at("11:00"))
            assert reading.verdict is Verdict.MET
        assert line.read("30d 00:00", objective, "observed").verdict is Verdict.INDETERMINATE
        assert line.read("30d 00:00", "acknowledge").verdict is Verdict.INDETERMINATE

    def test_no_update_was_owed_that_could_be_judged(self):
        assert self.line().gaps("30d 00:00") == []

    def test_its_start_is_the_instant_that_it_names(self):
        assert self.line().read("30d 00:00", "restore").started_at == at("10:00")

    def test_a_provider_that_backdates_while_we_watch_is_measured_by_its_stamps_and_our_looks(self):
        line = Timeline(agreement(acknowledge="15m"))
        line.monitor("10:00", fails="10:00")
        line.provider("10:40", Phase.REPORTED, begin="10:05", flags=(Flag.BACKFILLED,), looks=("10:39", "10:41"))
        line.provider("10:50", Phase.RESOLVED, end="10:45", flags=(Flag.BACKFILLED,), looks=("10:49", "10:51"))
        reading = line.read("12:00", "acknowledge")
        assert (reading.verdict, reading.stopped_at) == (Verdict.BREACHED, at("10:40"))

    def test_our_monitors_make_a_restore_measurable(self):
        line = self.line(end="11:00")
        line.monitor("10:00", fails="10:00")
        line.monitor("11:00", fails="10:00", works="10:58")
        assert line.read("30d 00:00", "restore", "observed").stopped_at == at("10:58")

    def test_history_that_a_page_lists_again_is_not_years_late(self):
        line = Timeline(agreement(acknowledge="15m", restore="4h"))
        looks = ("30d 00:00", "30d 00:05")
        line.provider("10:05", Phase.REPORTED, begin="10:00", looks=looks)
        line.provider("11:05", Phase.RESOLVED, end="11:00", looks=looks)
        assert line.read("40d 00:00", "acknowledge").verdict is Verdict.INDETERMINATE
        assert line.read("40d 00:00", "restore").stopped_at == at("11:00")


def test_a_first_word_that_it_is_over_does_not_say_how_long_it_lasted():
    line = Timeline(agreement(restore="4h", resolve="4h"))
    line.provider("10:00", Phase.RESTORED, end="10:00")
    line.provider("11:00", Phase.RESOLVED, end="11:00")
    for basis in Basis:
        reading = line.read("12:00", "restore", basis.value)
        assert (reading.verdict, reading.elapsed) == (Verdict.INDETERMINATE, None)


def test_a_statement_without_any_stamp_is_measured_by_when_we_had_it():
    line = Timeline(agreement(acknowledge="15m"))
    line.monitor("10:00", fails="10:00")
    line.say(Speaker.PROVIDER, at("10:20"), Phase.REPORTED)
    for basis in Basis:
        assert line.read("12:00", "acknowledge", basis.value).stopped_at == at("10:20")
