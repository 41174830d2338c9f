"""The story of a verdict: whose word the endpoints are, by which clause it is judged, and what would change it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.agreement import Agreement
from models.case import clock_name
from models.clocks import measure
from models.notice import Flag, Phase, Ruling, Speaker
from models.records import Basis, Objective
from models.story import story
from tests.support.incidents import INCIDENTS, LAST_MINUTE, agreements, minute
from tests.support.timeline import Timeline, agreement, at

OFFICE = {"always": {"hours": "24x7"}, "office": {"hours": {"mon-fri": ["09:00-17:00"]}, "timezone": "Europe/Berlin"}}


def contract(version):
    """Return an agreement with one version, as contracts are told."""
    fields = {"apiVersion": "holdfast/v1", "kind": "Agreement", "id": "hosting", "provider": "nimbus", "customer": "us"}
    return Agreement(**fields, contract="sla", versions=(version,)), version


def tell(line, as_of, name="restore|agreed|0", words=None):
    """Return the story of one clock of a time line."""
    return story(line.facts, contract(line.version), name, at(as_of), words)


def simple(**changes):
    """An incident from 10:00, restored at 12:00."""
    line = Timeline(agreement(**{"restore": "4h", **changes}))
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    line.provider("12:00", Phase.RESTORED, end="12:00")
    return line


def test_endpoints_name_the_notice_and_what_it_said():
    line = simple()
    reported, restored = line.facts
    told = tell(line, "13:00", words={reported.notice_id: "We are looking into it"})
    assert (told.start.fact, told.start.words) == (reported, "We are looking into it")
    assert (told.stop.fact, told.stop.words, told.stop.at.latest) == (restored, None, at("12:00"))


def test_a_clock_that_runs_has_no_stop():
    line = Timeline(agreement(restore="4h"))
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    assert tell(line, "11:00").stop is None


def test_a_clock_of_which_nothing_can_be_said_has_a_start_and_no_word_for_it():
    line = Timeline(agreement(recovery_point="1h"))
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    told = tell(line, "11:00", "recovery_point|agreed|0")
    assert (told.start.at.earliest, told.start.fact, told.stop, told.spans) == (at("10:00"), None, None, ())


def test_what_was_written_afterwards_and_names_no_time_has_no_start():
    line = Timeline(agreement(restore="1h"))
    fields = {"flags": (Flag.BACKFILLED,), "looks": ("1d 09:00", "1d 10:00")}
    line.provider("10:00", Phase.REPORTED, **fields)
    line.provider("12:00", Phase.RESOLVED, **fields)
    told = tell(line, "2d 11:00")
    assert (told.start, told.stop, told.ahead) == (None, None, ())


def test_there_is_no_story_of_a_clock_that_is_not_there():
    assert tell(simple(), "13:00", "resolve|agreed|0") is None


def test_the_clause_is_named_by_its_key_in_the_document():
    targets = [
        {"objective": "resolve", "p1": "8h"},
        {"objective": "restore", "p1": "4h", "p2": "3bd", "calendar": "always", "p2_calendar": "office"},
    ]
    line = Timeline(agreement(targets=targets, calendars=OFFICE, stability_window="15m"), severity="minor")
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    clause = tell(line, "11:00").clause
    assert (clause.path, clause.limit, clause.calendar, clause.zone) == (
        "versions[0].targets[1].p2", "3bd", "office", "Europe/Berlin",
    )  # fmt: skip
    assert (clause.agreement, clause.version, clause.is_promise) == ("hosting", "1", False)


@pytest.mark.parametrize(
    ("promised", "is_promise"), [("10:20", True), ("12:00", False), (None, False)],
    ids=["a time before the limit", "a time after it", "no time named"],
)  # fmt: skip
def test_an_update_owed_by_the_providers_own_word_says_so(promised, is_promise):
    line = Timeline(agreement(update="1h"))
    line.provider("10:00", Phase.REPORTED, begin="10:00", promised_at=promised)
    assert tell(line, "10:10", "update|agreed|0").clause.is_promise is is_promise


def test_the_priority_is_told_with_the_severities_that_made_it():
    line = Timeline(agreement(restore="4h"), severity="minor")
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    line.provider("10:30", Phase.UPDATE, severity="major")
    steps = tell(line, "11:00").steps
    assert [(step.priority, step.at, step.fact) for step in steps] == [
        ("p2", at("10:00"), line.facts[0]), ("p1", at("10:30"), line.facts[1]),
    ]  # fmt: skip


def test_a_lowering_that_takes_its_severity_from_what_it_accepts_names_nobody():
    line = Timeline(agreement(restore="4h", targets=[{"objective": "restore", "p1": "4h", "p2": "8h"}]))
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    asked = line.provider("10:30", Phase.SEVERITY_CHANGED, severity="minor", update_id="down")
    line.customer("10:40", Phase.SEVERITY_CHANGED, ruling=Ruling.ACCEPTED, concerns=asked.update_id, severity=None)
    steps = tell(line, "11:00").steps
    assert [step.priority for step in steps] == ["p1", "p2"]
    assert steps[-1].fact is None


def test_the_other_two_bases_stand_beside_it():
    told = tell(simple(), "13:00")
    assert [one.basis for one in told.others] == [Basis.CLAIMED, Basis.OBSERVED]
    assert {one.objective for one in told.others} == {Objective.RESTORE}


def test_what_comes_next_is_told_in_order():
    line = Timeline(
        agreement(
            targets=[{"objective": "restore", "p1": "4h", "warn_at": [0.5]}],
            pauses=[{"reason": "access_denied", "objectives": ["restore"]}],
        )
    )
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    line.say(
        Speaker.PROVIDER, at("10:10"), Phase.PAUSED, reason="access_denied", published_at=at("10:10"),
        claimed_at=at("10:10"), claimed_end_at=at("10:40"),
    )  # fmt: skip
    ahead = [(f"{one.at:%H:%M}", one.what) for one in tell(line, "10:20").ahead]
    assert ahead == [
        ("10:40", "the break for access_denied ends"),
        ("12:30", "50% of the target is used up"),
        ("14:30", "the target is used up: after this it is overdue"),
    ]


def test_while_a_clock_stands_still_nobody_knows_when_it_is_due():
    line = Timeline(agreement(restore="4h", pauses=[{"reason": "access_denied", "objectives": ["restore"]}]))
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    line.provider("10:10", Phase.PAUSED, reason="access_denied")
    assert tell(line, "10:20").ahead == ()


def test_an_uncertain_start_is_due_twice():
    line = Timeline(agreement(restore="4h", evidence={"start": "published", "acknowledge": "observed"}))
    line.provider("10:00", Phase.REPORTED, looks=("09:50", "10:00"))
    ahead = [(f"{one.at:%H:%M}", one.what) for one in tell(line, "10:20").ahead]
    assert ahead == [
        ("13:50", "the target is used up: after this it is overdue"),
        ("14:00", "the target is used up by the kindest reading too"),
    ]


def test_closed_time_after_the_limit_moves_the_breach_to_the_next_opening():
    targets = [{"objective": "restore", "p1": "1h", "calendar": "office"}]
    line = Timeline(agreement(targets=targets, calendars=OFFICE))
    line.provider("14:00", Phase.REPORTED, begin="14:00")
    ahead = [(f"{one.at:%d %H:%M}", one.what) for one in tell(line, "14:20").ahead]
    assert ahead == [
        ("04 15:00", "the target is used up: after this it is overdue"),
        ("05 07:00", "service hours begin again: from here on it is overdue"),
    ]


def test_a_restore_that_must_hold_changes_nothing_before_its_window_ends():
    line = simple(stability_window="15m")
    (one,) = tell(line, "12:05").ahead
    assert (one.at, one.what) == (at("12:15"), "the restore has held for 0:15:00")


@given(INCIDENTS, agreements(), st.integers(0, LAST_MINUTE))
def test_every_reading_has_a_story_that_says_nothing_else_than_it(incident, version, count):
    for reading in measure(incident, version, minute(count)):
        told = story(incident, contract(version), clock_name(reading), minute(count))
        assert told is not None
        assert told.reading == reading
        assert told.clause.target == reading.target
        if reading.started_at is not None:
            assert told.start is not None
            assert told.start.at.earliest == reading.started_at
        assert [one.at for one in told.ahead] == list(reading.wakes)
