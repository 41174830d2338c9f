"""The pieces of a clock's time tile it without gaps, and what is counted of them is the elapsed time."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.clocks import measure
from models.notice import Phase
from models.spans import SpanKind, by_day, spans
from tests.support.incidents import INCIDENTS, LAST_MINUTE, agreements, minute
from tests.support.timeline import Timeline, agreement, at

OFFICE = {"office": {"hours": {"mon-fri": ["09:00-12:00", "13:00-17:00"]}, "timezone": "UTC"}}
PAUSE = {"reason": "access_denied", "objectives": ["restore"]}


def pieces(line, as_of, basis="agreed", objective="restore"):
    """Return (kind, begin, end, certain) of each piece, as times of the day."""
    found = spans(line.read(as_of, objective, basis), at(as_of), line.version.exclusions)
    return [(one.kind.value, f"{one.begin:%H:%M}", f"{one.end:%H:%M}", one.is_certain) for one in found]


def office(**changes):
    """Return an agreement to restore within four hours of the office."""
    return agreement(targets=[{"objective": "restore", "p1": "4h", "calendar": "office"}], calendars=OFFICE, **changes)


def test_around_the_clock_all_of_it_is_one_piece():
    line = Timeline(agreement(restore="4h"))
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    line.provider("15:00", Phase.RESTORED, end="15:00")
    assert pieces(line, "16:00") == [("counted", "10:00", "15:00", True)]


def test_closed_hours_part_what_counts():
    line = Timeline(office())
    line.provider("08:00", Phase.REPORTED, begin="08:00")
    line.provider("18:00", Phase.RESTORED, end="18:00")
    assert pieces(line, "19:00") == [
        ("closed", "08:00", "09:00", True), ("counted", "09:00", "12:00", True), ("closed", "12:00", "13:00", True),
        ("counted", "13:00", "17:00", True), ("closed", "17:00", "18:00", True),
    ]  # fmt: skip


def test_a_pause_is_taken_out_with_its_reason_and_the_statement_that_makes_it():
    line = Timeline(office(pauses=[PAUSE]))
    line.provider("09:00", Phase.REPORTED, begin="09:00")
    pause = line.provider("11:00", Phase.PAUSED, reason="access_denied")
    line.provider("14:00", Phase.RESUMED, reason="access_denied")
    line.provider("15:00", Phase.RESTORED, end="15:00")
    found = spans(line.read("16:00", "restore"), at("16:00"))
    paused = [one for one in found if one.kind is SpanKind.PAUSED]
    assert [(one.reason, one.notice_ids, one.length) for one in paused] == [
        ("access_denied", (pause.notice_id,), timedelta(hours=2))
    ], "of three hours one is lunch"


def test_breaks_before_and_after_a_piece_leave_it_alone():
    line = Timeline(agreement(restore="4h", pauses=[PAUSE], reopen={"window": "24h", "rule": "continue"}))
    line.provider("09:00", Phase.REPORTED, begin="09:00")
    line.provider("09:30", Phase.PAUSED, reason="access_denied")
    line.provider("10:00", Phase.RESTORED, end="10:00")
    line.provider("12:00", Phase.REOPENED)
    line.provider("12:30", Phase.RESUMED, reason="access_denied")
    line.provider("13:00", Phase.RESTORED, end="13:00")
    assert pieces(line, "14:00") == [
        ("counted", "09:00", "09:30", True), ("paused", "09:30", "10:00", True), ("quiet", "10:00", "12:00", True),
        ("paused", "12:00", "12:30", True), ("counted", "12:30", "13:00", True),
    ]  # fmt: skip


def test_an_exclusion_is_told_apart_from_a_pause():
    line = Timeline(agreement(restore="4h", exclusions=["force_majeure"]))
    line.provider("09:00", Phase.REPORTED, begin="09:00")
    line.provider("10:00", Phase.EXCLUDED, reason="force_majeure", begin="10:00", end="11:00")
    line.provider("12:00", Phase.RESTORED, end="12:00")
    assert pieces(line, "13:00", "claimed")[1] == ("excluded", "10:00", "11:00", True)
    assert pieces(line, "13:00", "agreed") == [("counted", "09:00", "12:00", True)]


def test_ends_known_to_an_interval_count_only_perhaps():
    line = Timeline(agreement(restore="4h"))
    line.provider("10:00", Phase.REPORTED, looks=("09:50", "10:00"))
    line.provider("12:00", Phase.RESTORED, looks=("11:50", "12:00"))
    assert pieces(line, "13:00", "observed") == [
        ("counted", "09:50", "10:00", False), ("counted", "10:00", "11:50", True), ("counted", "11:50", "12:00", False),
    ]  # fmt: skip


def test_a_restore_that_may_not_hold_leaves_the_rest_in_doubt():
    line = Timeline(agreement(restore="4h", stability_window="30m"))
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    line.provider("11:00", Phase.RESTORED, end="11:00")
    assert pieces(line, "11:10") == [("counted", "10:00", "11:00", True), ("counted", "11:00", "11:10", False)]


def test_a_page_that_stops_listing_it_leaves_the_rest_in_doubt():
    line = Timeline(agreement(restore="4h"))
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    line.vanish(("11:00", "11:10"))
    assert pieces(line, "12:00") == [("counted", "10:00", "11:00", True), ("counted", "11:00", "12:00", False)]


def test_a_clock_that_never_ran_has_no_pieces():
    line = Timeline(agreement(recovery_point="1h"))
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    assert pieces(line, "12:00", objective="recovery_point") == []


def test_days_are_those_of_the_calendar_and_closed_ones_are_left_out():
    line = Timeline(office(pauses=[PAUSE]))
    line.provider("4d 16:00", Phase.REPORTED, begin="4d 16:00")
    line.provider("7d 10:00", Phase.PAUSED, reason="access_denied")
    line.provider("7d 11:00", Phase.RESTORED, end="7d 11:00")
    found = by_day(spans(line.read("8d 00:00", "restore"), at("8d 00:00")), "UTC")
    assert [(one.day.isoformat(), one.counted, one.paused) for one in found] == [
        ("2026-05-08", timedelta(hours=1), timedelta(0)),
        ("2026-05-11", timedelta(hours=1), timedelta(hours=1)),
    ], "a weekend lies between"


@pytest.mark.parametrize("calendar", ["always", "office"])
@given(INCIDENTS, agreements(), st.integers(0, LAST_MINUTE))
def test_pieces_tile_the_time_and_what_is_certain_of_them_is_the_least_that_elapsed(calendar, incident, version, count):
    targets = [{"objective": one.objective, "p1": "2h", "p2": "5h", "calendar": calendar} for one in version.targets]
    calendars = {**OFFICE, "always": {"hours": "24x7"}}
    pauses = [{"reason": "access_denied", "objectives": ["restore"]}]
    version = agreement(
        targets=targets, calendars=calendars, pauses=pauses, evidence=version.evidence.model_dump(),
        reopen=version.reopen.model_dump(), stability_window=version.stability_window,
    )  # fmt: skip
    for reading in measure(incident, version, minute(count)):
        found = spans(reading, minute(count))
        for one, after in pairwise(found):
            assert one.begin < one.end == after.begin
        if not found or reading.elapsed is None:
            continue
        assert found[0].begin == reading.stretches[0].begin.earliest
        counted = [one for one in found if one.kind is SpanKind.COUNTED]
        assert sum((one.length for one in counted if one.is_certain), timedelta(0)) == reading.elapsed.least


def test_a_pause_of_the_first_outage_does_not_touch_the_second():
    line = Timeline(agreement(restore="4h", pauses=[PAUSE]))
    line.provider("09:00", Phase.REPORTED, begin="09:00")
    line.provider("09:10", Phase.PAUSED, reason="access_denied")
    line.provider("09:20", Phase.RESUMED, reason="access_denied")
    line.provider("10:00", Phase.RESTORED, end="10:00")
    line.provider("12:00", Phase.REOPENED)
    line.provider("13:00", Phase.RESTORED, end="13:00")
    assert pieces(line, "14:00")[3:] == [("quiet", "10:00", "12:00", True), ("counted", "12:00", "13:00", True)]
