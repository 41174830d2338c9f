"""Rules of docs/explanation/rules.md in one case each: priorities, closures, pauses, excuses, recovery points."""

from datetime import timedelta

import pytest

from models.notice import Phase, Ruling
from models.records import Verdict
from tests.support.timeline import Timeline, agreement, at, evidence

HOUR = timedelta(hours=1)
PAUSE = {"reason": "access_denied", "objectives": ["restore"]}


@pytest.mark.parametrize(
    ("mode", "verdict", "began", "breached"),
    [
        ("retroactive", Verdict.BREACHED, "10:00", "14:00"),
        ("reset", Verdict.MET, "12:00", None),
        ("strictest", Verdict.BREACHED, "10:00", "14:00"),
    ],
)
def test_a_rise_of_the_priority_applies_from_the_start_anew_or_strictly(mode, verdict, began, breached):
    """Rule 19: minor (8 h) at 10:00, major (4 h) at 12:00, restored at 15:00."""
    targets = [{"objective": "restore", "p1": "4h", "p2": "8h"}]
    line = Timeline(agreement(targets=targets, priority_change=mode))
    line.provider("10:00", Phase.REPORTED, begin="10:00", severity="minor")
    line.provider("12:00", Phase.UPDATE, severity="major")
    line.provider("15:00", Phase.RESTORED, end="15:00", severity="major")
    reading = line.read("16:00", "restore")
    told = (reading.verdict, reading.started_at, reading.breached_at)
    assert told == (verdict, at(began), at(breached) if breached else None)


def test_strictest_differs_from_retroactive_where_the_higher_priority_has_more_time():
    """Rule 19: minor has 2 h and major 4 h; restored after 3 h."""
    verdicts = {}
    for mode in ("retroactive", "strictest"):
        targets = [{"objective": "restore", "p1": "4h", "p2": "2h"}]
        line = Timeline(agreement(targets=targets, priority_change=mode))
        line.provider("10:00", Phase.REPORTED, begin="10:00", severity="minor")
        line.provider("11:00", Phase.UPDATE, severity="major")
        line.provider("13:00", Phase.RESTORED, end="13:00", severity="major")
        verdicts[mode] = line.read("16:00", "restore").verdict
    assert verdicts == {"retroactive": Verdict.MET, "strictest": Verdict.BREACHED}


def test_a_provider_that_closes_does_not_stop_what_our_witnesses_see():
    """Rule 22: closed at 11:00, and our probe fails until 15:00."""
    line = Timeline(agreement(restore="4h", evidence=evidence(restore="observed")))
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    line.monitor("10:01", fails="10:00")
    line.provider("11:00", Phase.CLOSED, end="11:00")
    assert line.read("13:00", "restore", "claimed").verdict is Verdict.MET
    assert line.read("13:00", "restore").verdict is Verdict.RUNNING
    line.monitor("15:00", fails="10:00", works="15:00")
    assert line.read("16:00", "restore").verdict is Verdict.BREACHED


@pytest.mark.parametrize(
    ("begin", "end", "paused"),
    [("08:00", "11:00", 1), ("14:00", "18:00", 1), ("08:00", "18:00", 5), ("16:00", "18:00", 0)],
    ids=["begun before the clock", "ended after it", "around it", "after it"],
)
def test_a_pause_is_cut_to_the_clock(begin, end, paused):
    """Rule 25: the clock runs from 10:00 to 15:00."""
    line = Timeline(agreement(restore="4h", pauses=[PAUSE]))
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    line.provider("15:00", Phase.RESTORED, end="15:00")
    line.provider("19:00", Phase.PAUSED, reason="access_denied", claimed_at=begin, claimed_end_at=end)
    reading = line.read("20:00", "restore", "claimed")
    assert (reading.paused, reading.elapsed.least) == (paused * HOUR, (5 - paused) * HOUR)


@pytest.mark.parametrize("clause", ["force_majeure", "customer_fault", "third_party_fault"])
@pytest.mark.parametrize(
    ("ruling", "agreed"),
    [
        (None, Verdict.BREACHED),
        (Ruling.ACCEPTED, Verdict.EXCLUDED),
        (Ruling.REJECTED, Verdict.BREACHED),
        (Ruling.DISPUTED, Verdict.BREACHED),
    ],
    ids=["proposed", "accepted", "rejected", "disputed"],
)
def test_every_excuse_is_a_claim_that_we_rule_upon_and_three_figures_are_shown(clause, ruling, agreed):
    """Rules 29 and 30: one way for all clauses."""
    line = Timeline(agreement(restore="4h", exclusions=[clause]))
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    line.provider("16:00", Phase.RESTORED, end="16:00")
    claim = line.provider("17:00", Phase.EXCLUDED, reason=clause)
    if ruling:
        line.customer("18:00", Phase.EXCLUDED, ruling=ruling, concerns=claim.update_id)
    shown = [line.read("20:00", "restore", basis).verdict for basis in ("claimed", "observed", "agreed")]
    assert shown == [Verdict.EXCLUDED, Verdict.BREACHED, agreed]


def test_a_recovery_point_that_nobody_named_is_unknown_and_not_zero():
    """Rule 48."""
    line = Timeline(agreement(recovery_point="15m"))
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    reading = line.read("20:00", "recovery_point")
    assert (reading.verdict, reading.elapsed) == (Verdict.INDETERMINATE, None)
    line.provider("11:00", Phase.UPDATE, recovery_point_at="09:00")
    reading = line.read("20:00", "recovery_point")
    assert (reading.verdict, reading.elapsed.least) == (Verdict.BREACHED, HOUR)
