"""Where clocks start and stop, whose word counts, and what exactly is a breach (measurement.md §4)."""

from datetime import timedelta

import pytest

from models.notice import Flag, Kind, Phase
from models.records import Basis, Objective, Verdict
from tests.support.timeline import Timeline, agreement, at, evidence


def told(version=None, **changes):
    """Monitor sees 10:01, customer reports 10:03, provider publishes 10:05 and claims 10:02; restored at 11:00."""
    line = Timeline(version or agreement(**changes))
    line.monitor("10:01:30", fails="10:01")
    line.customer("10:03", published_at="10:03")
    line.provider("10:05", Phase.REPORTED, begin="10:02")
    line.provider("10:20", Phase.ENGAGED)
    line.provider("11:05", Phase.RESTORED, end="11:00")
    line.monitor("11:02", fails="10:01", works="11:01:30")
    line.provider("12:00", Phase.RESOLVED, end="11:58")
    return line


@pytest.mark.parametrize(
    ("rule", "start"),
    [
        ("earliest", "10:01"),
        ("claimed", "10:02"),
        ("reported", "10:03"),
        ("observed", "10:01"),
        ("published", "10:05"),
    ],
)
def test_the_agreed_start_is_the_agreements_choice(rule, start):
    line = told(restore="4h", evidence=evidence(start=rule))
    assert line.read("13:00", "restore").started_at == at(start)


def test_each_basis_has_its_own_start_and_stop():
    line = told(restore="4h")
    spans = {basis: line.read("13:00", "restore", basis.value) for basis in Basis}
    assert (spans[Basis.CLAIMED].started_at, spans[Basis.CLAIMED].stopped_at) == (at("10:02"), at("11:00"))
    assert (spans[Basis.OBSERVED].started_at, spans[Basis.OBSERVED].stopped_at) == (at("10:01"), at("11:01:30"))
    assert (spans[Basis.AGREED].started_at, spans[Basis.AGREED].stopped_at) == (at("10:01"), at("11:01:30"))


@pytest.mark.parametrize(
    ("rule", "stop"),
    [("claimed", "11:00"), ("published", "11:05"), ("observed", "11:01:30")],
)
def test_the_agreed_restore_is_by_the_evidence_rule(rule, stop):
    assert told(restore="4h", evidence=evidence(restore=rule)).read("13:00", "restore").stopped_at == at(stop)


def test_restore_falls_back_to_the_claim_where_no_witness_of_ours_exists():
    line = Timeline(agreement(restore="4h"))
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    line.provider("11:05", Phase.RESTORED, end="11:00")
    assert line.read("13:00", "restore", "agreed").stopped_at == at("11:00")
    assert line.read("13:00", "restore", "observed").stopped_at == at("11:05")


def test_a_customer_who_only_reported_does_not_keep_a_restored_service_down():
    line = Timeline(agreement(restore="4h"))
    line.customer("10:00")
    line.provider("10:05", Phase.REPORTED, begin="10:00")
    line.provider("11:05", Phase.RESTORED, end="11:00")
    assert line.read("13:00", "restore").stopped_at == at("11:00")


def test_a_customer_who_tells_the_end_is_a_witness_of_it():
    line = Timeline(agreement(restore="4h"))
    line.customer("10:00")
    line.provider("10:05", Phase.REPORTED, begin="10:00")
    line.provider("11:00", Phase.RESTORED, end="11:00")
    line.customer("11:30", Phase.RESTORED, claimed_at="11:30")
    assert line.read("13:00", "restore", "agreed").stopped_at == at("11:30")
    assert line.read("13:00", "restore", "claimed").stopped_at == at("11:00")


@pytest.mark.parametrize(
    ("objective", "start", "stop"),
    [
        ("notify", "10:01", "10:05"),
        ("acknowledge", "10:01", "10:05"),
        ("respond", "10:01", "10:20"),
        ("workaround", "10:01", "11:01:30"),
        ("restore", "10:01", "11:01:30"),
        ("resolve", "10:01", "11:58"),
    ],
)
def test_what_starts_and_stops_each_objective(objective, start, stop):
    reading = told(**{objective: "4h"}).read("13:00", objective)
    assert (reading.started_at, reading.stopped_at) == (at(start), at(stop))
    assert reading.verdict is Verdict.MET


@pytest.mark.parametrize(
    ("stop", "verdict", "breached_at"),
    [
        ("10:14:59.999999", Verdict.MET, None),
        ("10:15:00", Verdict.MET, None),
        ("10:15:00.000001", Verdict.BREACHED, "10:15:00"),
        ("18:00", Verdict.BREACHED, "10:15:00"),
    ],
)
def test_within_fifteen_minutes_includes_the_fifteenth(stop, verdict, breached_at):
    line = Timeline(agreement(acknowledge="15m"))
    line.monitor("10:00", fails="10:00")
    line.provider(stop, Phase.REPORTED)
    reading = line.read("20:00", "acknowledge")
    assert reading.verdict is verdict
    assert reading.breached_at == (at(breached_at) if breached_at else None)


@pytest.mark.parametrize(
    ("as_of", "verdict", "breached_at"),
    [
        ("10:00", Verdict.RUNNING, None),
        ("10:15", Verdict.RUNNING, None),
        ("10:15:00.000001", Verdict.OVERDUE, "10:15"),
        ("2d 00:00", Verdict.OVERDUE, "10:15"),
    ],
)
def test_a_running_clock_is_overdue_from_the_instant_after_its_target(as_of, verdict, breached_at):
    line = Timeline(agreement(acknowledge="15m"))
    line.monitor("10:00", fails="10:00")
    reading = line.read(as_of, "acknowledge")
    assert reading.verdict is verdict
    assert reading.breached_at == (at(breached_at) if breached_at else None)
    assert reading.elapsed is not None
    assert reading.elapsed.least == reading.elapsed.most == at(as_of) - at("10:00")


def test_warning_stages_have_computed_instants():
    line = Timeline(
        agreement(targets=[{"objective": "restore", "p1": "4h", "warn_at": [0.75, 0.5]}]),
    )
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    reading = line.read("10:01", "restore")
    assert reading.warnings == ((0.5, at("12:00")), (0.75, at("13:00")))
    assert reading.wakes == (at("12:00"), at("13:00"), at("14:00"))
    assert reading.due_at == at("14:00")


def test_our_acknowledgement_never_stops_the_providers_clock():
    line = Timeline(agreement(acknowledge="15m", respond="15m"))
    line.monitor("10:00", fails="10:00")
    line.customer("10:01", Phase.ACKNOWLEDGED)
    line.customer("10:02", Phase.ENGAGED)
    assert line.read("11:00", "acknowledge").verdict is Verdict.OVERDUE
    assert line.read("11:00", "respond").verdict is Verdict.OVERDUE


@pytest.mark.parametrize(("counts", "stop"), [(False, "10:30"), (True, "10:01")])
def test_an_automatic_reply_acknowledges_only_where_the_agreement_says_so(counts, stop):
    line = Timeline(
        agreement(acknowledge="15m", notify="15m", evidence=evidence(automatic_replies_count=counts)),
    )
    line.monitor("10:00", fails="10:00")
    line.provider("10:01", Phase.ACKNOWLEDGED, flags=(Flag.AUTOMATIC_REPLY,))
    line.provider("10:30", Phase.ENGAGED)
    assert line.read("11:00", "acknowledge").stopped_at == at(stop)
    assert line.read("11:00", "notify").stopped_at == at("10:01"), "it is a notice issued by the provider"


@pytest.mark.parametrize("phase", [Phase.ENGAGED, Phase.UPDATE, Phase.MITIGATED, Phase.RESTORED, Phase.RESOLVED])
def test_a_later_phase_implies_the_ones_skipped(phase):
    line = Timeline(agreement(acknowledge="15m", respond="15m"))
    line.monitor("10:00", fails="10:00")
    line.provider("10:10", phase)
    assert line.read("11:00", "acknowledge").stopped_at == at("10:10")
    assert line.read("11:00", "respond").stopped_at == at("10:10")


@pytest.mark.parametrize("phase", [Phase.RESOLVED, Phase.CLOSED])
def test_resolved_without_restored_is_restored_and_worked_round(phase):
    line = Timeline(agreement(restore="4h", workaround="4h", resolve="4h"))
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    line.provider("11:00", phase, end="10:55")
    for objective in ("restore", "workaround", "resolve"):
        assert line.read("12:00", objective).stopped_at == at("10:55")


def test_restored_is_not_resolved():
    line = Timeline(agreement(restore="4h", resolve="4h"))
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    line.provider("11:00", Phase.RESTORED, end="11:00")
    assert line.read("12:00", "restore").verdict is Verdict.MET
    assert line.read("12:00", "resolve").verdict is Verdict.RUNNING


def test_a_workaround_stops_its_clock_before_the_restore_does():
    line = Timeline(agreement(restore="4h", workaround="1h"))
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    line.provider("10:40", Phase.MITIGATED)
    line.provider("12:00", Phase.RESTORED, end="12:00")
    assert line.read("13:00", "workaround").stopped_at == at("10:40")
    assert line.read("13:00", "restore").stopped_at == at("12:00")


def test_a_provider_that_knew_before_we_saw_it_notified_at_once():
    line = Timeline(agreement(notify="15m"))
    line.provider("10:00", Phase.REPORTED)
    line.monitor("10:05", fails="10:04")
    reading = line.read("11:00", "notify")
    assert reading.verdict is Verdict.MET
    assert reading.started_at == reading.stopped_at == at("10:04")


def test_notify_needs_an_onset_or_a_claimed_begin():
    line = Timeline(agreement(notify="15m"))
    line.provider("10:00", Phase.ENGAGED)
    reading = line.read("11:00", "notify")
    assert reading.verdict is Verdict.NOT_APPLICABLE
    assert reading.elapsed is None
    assert "onset" in (reading.reason or "")


def test_silence_of_the_provider_runs_from_what_we_saw():
    line = Timeline(agreement(notify="15m", acknowledge="15m", restore="4h"))
    line.monitor("10:00", fails="10:00")
    line.monitor("10:50", fails="10:00", works="10:45")
    assert line.read("12:00", "notify").verdict is Verdict.OVERDUE
    assert line.read("12:00", "restore", "agreed").stopped_at == at("10:45")
    assert line.read("12:00", "restore", "claimed").verdict is Verdict.RUNNING, "it has claimed nothing"


def test_an_alert_whose_beginning_we_missed_still_names_its_onset():
    line = Timeline(agreement(notify="15m"))
    line.monitor("10:50", fails="10:00", works="10:45")
    assert line.read("12:00", "notify").started_at == at("10:00")


def test_a_monitor_whose_clock_runs_ahead_is_believed_from_when_it_told_us():
    line = Timeline(agreement(notify="15m"))
    line.monitor("10:00", fails="10:00:00.300000")
    assert line.read("12:00", "notify").started_at == at("10:00")


def test_down_while_any_monitor_fails():
    line = Timeline(agreement(restore="4h"))
    line.monitor("10:00", fails="10:00", episode="a")
    line.monitor("10:10", fails="10:10", episode="b")
    line.monitor("10:30", fails="10:00", works="10:30", episode="a")
    line.monitor("11:00", fails="10:10", works="11:00", episode="b")
    assert line.read("12:00", "restore").stopped_at == at("11:00")


@pytest.mark.parametrize(
    ("begin", "end", "stop"),
    [
        ("10:00", "10:00", "11:00"),
        ("10:00", "09:00", "11:00"),
        ("10:00", "13:00", "11:00"),
    ],
    ids=["no interval at all", "before the begin", "in the future"],
)
def test_a_claimed_end_that_cannot_be_is_not_used(begin, end, stop):
    line = Timeline(agreement(restore="4h"))
    line.provider("10:05", Phase.REPORTED, begin=begin)
    line.provider("11:00", Phase.RESTORED, end=end)
    reading = line.read("14:00", "restore", "claimed")
    assert reading.stopped_at == at(stop)


def test_what_ended_before_the_agreed_start_took_no_time():
    line = Timeline(agreement(restore="4h", evidence=evidence(start="published")))
    line.provider("10:30", Phase.REPORTED, begin="10:00")
    line.provider("11:00", Phase.RESTORED, end="10:20")
    reading = line.read("14:00", "restore")
    assert reading.elapsed is not None
    assert reading.elapsed.most == timedelta(0)
    assert reading.started_at == reading.stopped_at == at("10:30")


def test_a_stamp_in_the_future_is_not_believed():
    line = Timeline(agreement(acknowledge="15m"))
    line.monitor("10:00", fails="10:00")
    line.say(line.provider("10:01", Phase.REPORTED).speaker, at("10:02"), Phase.ACKNOWLEDGED, published_at=at("23:00"))
    del line.facts[1]
    for basis in Basis:
        assert line.read("11:00", "acknowledge", basis.value).stopped_at == at("10:02")


def test_a_backdated_step_counts_on_the_claimed_basis_only():
    line = Timeline(agreement(respond="15m"))
    line.monitor("10:00", fails="10:00")
    line.provider("10:05", Phase.REPORTED, begin="10:00")
    line.provider("10:40", Phase.ENGAGED, begin="10:10")
    assert line.read("11:00", "respond", "claimed").verdict is Verdict.MET
    assert line.read("11:00", "respond", "agreed").verdict is Verdict.BREACHED


def test_an_edited_begin_is_the_claim_that_counts_and_the_first_look_is_what_we_saw():
    line = Timeline(agreement(restore="1h", evidence=evidence(start="claimed")))
    line.provider("10:00", Phase.REPORTED, begin="09:30", update_id="head")
    line.provider("11:00", Phase.RESTORED, end="10:45")
    assert line.read("12:00", "restore").verdict is Verdict.BREACHED
    line.provider("10:00", Phase.REPORTED, begin="09:50", update_id="head", looks=("12:00", "12:05"))
    assert line.read("13:00", "restore").verdict is Verdict.MET
    assert line.read("13:00", "restore", "observed").started_at == at("10:00")


def test_cancelled_makes_every_clock_cancelled_until_it_is_taken_back():
    line = Timeline(agreement(acknowledge="15m", restore="1h"))
    line.provider("10:00", Phase.REPORTED, begin="09:00")
    line.provider("10:30", Phase.CANCELLED)
    line.provider("10:40", Phase.ROOT_CAUSE)
    readings = line.readings("12:00")
    assert {one.verdict for one in readings} == {Verdict.CANCELLED}
    assert not any(one.wakes or one.breached_at for one in readings)
    line.provider("10:50", Phase.REOPENED)
    assert line.read("12:00", "restore").verdict is Verdict.OVERDUE


@pytest.mark.parametrize(
    "fields",
    [{"kind": Kind.MAINTENANCE}, {"kind": Kind.HAZARD}, {"kind": Kind.EXPOSURE}, {"flags": (Flag.TEST,)}],
)
def test_what_is_no_incident_makes_no_clock(fields):
    line = Timeline(agreement(acknowledge="15m"))
    line.provider("10:00", Phase.REPORTED, begin="10:00", **fields)
    assert line.readings("12:00") == ()


def test_before_its_start_a_clock_is_not_there():
    line = Timeline(agreement(acknowledge="15m", restore="4h"))
    line.provider("10:05", Phase.REPORTED, begin="10:00")
    line.provider("11:00", Phase.RESTORED, end="10:50")
    assert line.readings("09:59") == ()
    assert line.read("10:30", "restore").verdict is Verdict.RUNNING, "a later stop has not happened yet"
    assert line.read("10:02", "acknowledge").verdict is Verdict.RUNNING


def test_readings_come_in_the_order_of_objective_basis_and_ordinal():
    line = told(notify="1h", acknowledge="1h", respond="1h", update="1h", workaround="1h", restore="1h", resolve="1h")
    order = [
        (list(Objective).index(one.objective), list(Basis).index(one.basis), one.ordinal)
        for one in line.readings("13:00")
    ]
    assert order == sorted(order)
    assert len(set(order)) == len(order)


HISTORY = (Flag.BACKFILLED, Flag.HISTORICAL)


def test_a_list_of_past_events_does_not_say_that_what_has_no_end_still_lasts():
    line = Timeline(agreement(notify="30m", restore="4h"))
    line.provider("30d 00:00", Phase.REPORTED, begin="10:00", flags=HISTORY)
    verdicts = {one.verdict.value for one in line.readings("31d 00:00")}
    assert verdicts == {"indeterminate"}


def test_an_imported_end_that_is_not_after_the_begin_tells_no_length():
    line = Timeline(agreement(restore="4h"))
    line.provider("30d 00:00", Phase.REPORTED, begin="10:00", flags=HISTORY)
    line.provider("30d 00:00", Phase.RESOLVED, begin="10:00", end="10:00", flags=HISTORY)
    assert line.read("31d 00:00", "restore").verdict.value == "indeterminate"


def test_an_imported_interval_is_judged_by_what_it_claims():
    line = Timeline(agreement(restore="4h"))
    line.provider("30d 00:00", Phase.REPORTED, begin="10:00", flags=HISTORY)
    line.provider("30d 00:00", Phase.RESOLVED, begin="10:00", end="15:00", flags=HISTORY)
    assert line.read("31d 00:00", "restore").elapsed.least == timedelta(hours=5)
