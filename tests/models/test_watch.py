"""What the watcher makes of heartbeats: a table of troubles, and what is none."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.heartbeat import Heartbeat
from models.watch import Judgement, Limits, Seen, Severity, Trouble, judge, unreachable

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
EVERY_S = 5.0


def beat(ago_s: float = 0.0, service: str = "worker", **fields: Any) -> Heartbeat:
    """Return a beat of so many seconds ago."""
    at = NOW - timedelta(seconds=ago_s)
    values: dict[str, Any] = {"service": service, "started_at": NOW - timedelta(hours=1), "pid": 7, "every_s": EVERY_S}
    return Heartbeat(**{**values, "beat_at": at, **fields})


def seen(*beats: Heartbeat, heard_s: float = 1.0) -> Seen:
    """Return a service that beat so, the last time so many seconds ago."""
    return Seen(beats, heard_s)


def lagging(*lags: int) -> Seen:
    """Return a service with a lag of the ledger that went so."""
    first = len(lags) - 1
    return seen(*(beat(EVERY_S * (first - n), lag_records={"ledger": lag}) for n, lag in enumerate(lags)))


def judged(one: Seen, service: str = "worker", limits: Limits | None = None) -> Judgement:
    """Judge one service."""
    return judge({service: one}, (), NOW, limits or Limits())


TROUBLES = {
    "a service that missed more than three beats is silent": (
        seen(beat(), heard_s=15.1), Trouble.SILENT, Severity.ALARM),
    "one whose thread beats while its work stands still is stuck": (
        seen(beat(progress_age_s=60.1)), Trouble.STUCK, Severity.ALARM),
    "a lag above the limit that grows": (lagging(1500, 1600, 2000), Trouble.LAG, Severity.ALARM),
    "a lag above the limit that stays as it is": (lagging(1500, 1500, 1500), Trouble.LAG, Severity.ALARM),
    "an instant that fell due and is not applied": (seen(beat(oldest_due_s=31)), Trouble.DUE_NOT_TOLD, Severity.ALARM),
    "a page that is late is worth a look": (
        seen(beat(outbox_pages=2, outbox_age_s=61)), Trouble.PAGES_LATE, Severity.WARNING),
    "a page that does not get out at all is an alarm": (
        seen(beat(outbox_pages=2, outbox_age_s=301)), Trouble.OUTBOX_STUCK, Severity.ALARM),
    "a clock that went back between two beats": (
        seen(beat(0), beat(3600), beat(3595)), Trouble.CLOCK_STEPPED, Severity.ALARM),
    "a beat from the future": (seen(beat(-6)), Trouble.CLOCK_DIFFERS, Severity.ALARM),
    "one feed of several that was not seen": (
        seen(beat(feeds=3, feeds_overdue=1)), Trouble.FEEDS_OVERDUE, Severity.WARNING),
    "all feeds at once: the fault is likely ours": (
        seen(beat(feeds=3, feeds_overdue=3)), Trouble.FEEDS_OVERDUE, Severity.ALARM),
    "the only feed may be its provider's fault": (
        seen(beat(feeds=1, feeds_overdue=1)), Trouble.FEEDS_OVERDUE, Severity.WARNING),
    "what the service says itself": (seen(beat(trouble="disk full")), Trouble.SERVICE_TROUBLE, Severity.ALARM),
}  # fmt: skip


@pytest.mark.parametrize(("one", "trouble", "severity"), TROUBLES.values(), ids=TROUBLES)
def test_trouble_is_found_and_alone(one: Seen, trouble: Trouble, severity: Severity) -> None:
    judgement = judged(one)
    assert [(found.trouble, found.severity) for found in judgement.findings] == [(trouble, severity)]
    assert judgement.findings[0].words
    assert judgement.findings[0].next_step
    assert judgement.is_well is (severity is Severity.WARNING)


WELL = {
    "three beats late to the tenth is not silent": seen(beat(), heard_s=15.0),
    "a minute without progress is patience": seen(beat(progress_age_s=60.0)),
    "a service whose progress nobody measures": seen(beat(progress_age_s=None)),
    "a large lag that gets less: it catches up after a restart": lagging(9000, 8000, 7000),
    "a large lag seen only twice": lagging(9000, 9500),
    "a small lag that grows": lagging(10, 500, 1000),
    "a lag that has just gone above the limit": lagging(10, 500, 1500),
    "an instant that has just fallen due": seen(beat(oldest_due_s=30)),
    "a page that is just being brought": seen(beat(outbox_pages=900, outbox_age_s=60)),
    "clocks that lie apart a little": seen(beat(-5)),
    "a clock that is set back by less than a second": seen(beat(5), beat(5.9)),
    "feeds that are all seen": seen(beat(feeds=3)),
}


@pytest.mark.parametrize("one", WELL.values(), ids=WELL)
def test_what_is_no_trouble(one: Seen) -> None:
    assert judged(one) == Judgement(())


def test_a_silent_service_is_not_judged_by_what_it_said_before() -> None:
    judgement = judged(seen(beat(oldest_due_s=500, trouble="disk full"), heard_s=60))
    assert [found.trouble for found in judgement.findings] == [Trouble.SILENT]


def test_what_the_watcher_says_of_the_others_is_not_told_again_as_its_own_trouble() -> None:
    assert judged(seen(beat(service="watch", trouble="worker is silent")), "watch").findings == ()
    assert judged(seen(beat(service="watch"), heard_s=60), "watch").findings[0].trouble is Trouble.SILENT


def test_a_service_that_never_beat_is_missed_and_an_instance_of_it_is_enough() -> None:
    one = seen(beat(service="index/2"))
    assert judge({"index/2": one}, ("index",), NOW, Limits()) == Judgement(())
    findings = judge({"index/2": one}, ("index", "worker"), NOW, Limits()).findings
    assert [(found.service, found.trouble) for found in findings] == [("worker", Trouble.SILENT)]


def test_a_second_instance_that_fell_silent_is_missed_though_the_first_one_beats() -> None:
    both = {"worker": seen(beat()), "worker/2": seen(beat(), heard_s=100)}
    findings = judge(both, ("worker",), NOW, Limits()).findings
    assert [found.service for found in findings] == ["worker/2"]


def test_while_services_may_still_be_starting_they_are_awaited_and_nobody_is_told_that_all_is_well() -> None:
    old = {"worker": seen(beat(7200), heard_s=7200), "serve": seen(beat())}
    judgement = judge(old, ("worker", "index", "serve"), NOW, Limits(), listening_s=30)
    assert judgement == Judgement((), ("index", "worker"))
    assert not judgement.is_well
    missed = judge(old, ("worker", "index", "serve"), NOW, Limits(), listening_s=60).findings
    assert [found.service for found in missed] == ["index", "worker"]


def test_who_was_heard_since_the_watcher_listens_and_fell_silent_is_missed_at_once() -> None:
    judgement = judge({"worker": seen(beat(), heard_s=20)}, ("worker",), NOW, Limits(), listening_s=30)
    assert [found.trouble for found in judgement.findings] == [Trouble.SILENT]


def test_on_a_faster_clock_the_limits_of_the_product_s_clock_are_longer_and_the_real_ones_are_not() -> None:
    fast = Limits().at_speed(1000.0)
    assert judged(seen(beat(oldest_due_s=20_000)), limits=fast).findings == ()
    assert judged(seen(beat(oldest_due_s=31_000)), limits=fast).findings[0].trouble is Trouble.DUE_NOT_TOLD
    assert judged(seen(beat(), heard_s=16), limits=fast).findings[0].trouble is Trouble.SILENT


@given(
    lag=st.integers(0, 10**6),
    due_s=st.floats(0, 10**6),
    age_s=st.floats(0, 10**6),
    heard_s=st.floats(0, 10**6),
    ahead_s=st.floats(-(10**6), 10**6),
)
def test_the_call_goes_out_only_if_nothing_keeps_pages_from_people(
    lag: int, due_s: float, age_s: float, heard_s: float, ahead_s: float
) -> None:
    figures = {"lag_records": {"ledger": lag}, "oldest_due_s": due_s, "outbox_age_s": age_s}
    one = seen(*(beat(-ahead_s, **figures) for _ in range(3)), heard_s=heard_s)
    limits = Limits()
    within = (
        lag <= limits.lag_records
        and due_s <= limits.due_s
        and age_s <= limits.outbox_s
        and heard_s <= 15
        and round(ahead_s, 6) <= limits.skew_s
    )
    assert judged(one).is_well is within


def test_a_log_of_heartbeats_that_can_not_be_read_is_cause_for_alarm_and_keeps_the_call_back() -> None:
    finding = unreachable("kafka:9092")
    assert (finding.trouble, finding.severity) == (Trouble.UNREACHABLE, Severity.ALARM)
    assert "Kafka at kafka:9092 does not answer" in finding.words
    assert not Judgement((finding,)).is_well
