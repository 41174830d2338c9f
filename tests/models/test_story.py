"""The story of one clock: endpoints with whose word they are, the clause, the priority's steps, what lies ahead."""

import copy
from datetime import timedelta

import pytest

from models.agreement import Agreement
from models.notice import Flag, Phase, Speaker
from models.records import Verdict
from models.story import Story, story
from tests.support.ledger import AGREEMENT
from tests.support.timeline import Timeline, at

OFFICE = {"hours": {"mon-fri": ["09:00-17:00"]}, "timezone": "UTC"}


def contract(**changes):
    """Return the sample agreement with other keys in its one version."""
    document = copy.deepcopy(AGREEMENT)
    document["versions"][0].update(changes)
    return Agreement.model_validate(document)


def begun(agreement=None):
    """An incident that the provider reported at 10:00."""
    line = Timeline((agreement or contract()).versions[0])
    line.agreement = agreement or contract()
    line.first = line.provider("10:00", Phase.REPORTED, begin="10:00")
    return line


def tell(line, name="restore|agreed|0", as_of="12:00", words=None) -> Story:
    found = story(line.facts, (line.agreement, line.agreement.versions[0]), name, at(as_of), words)
    assert found is not None
    return found


def ahead(line, **asked):
    return [(f"{one.at:%H:%M}", one.what) for one in tell(line, **asked).ahead]


def test_where_the_facts_give_no_such_clock_there_is_no_story():
    line = begun()
    terms = (line.agreement, line.agreement.versions[0])
    assert story(line.facts, terms, "restore|agreed|7", at("12:00")) is None
    test = line.say(Speaker.PROVIDER, at("10:00"), Phase.REPORTED, source_incident_id="drill", flags=(Flag.TEST,))
    assert story([test], terms, "restore|agreed|0", at("12:00")) is None


def test_an_endpoint_is_somebodys_word():
    line = begun()
    last = line.provider("13:00", Phase.RESTORED, end="12:30")
    found = tell(line, as_of="14:00", words={last.notice_id: "It works again."})
    assert (found.start.at.earliest, found.start.fact, found.start.words) == (at("10:00"), line.first, None)
    assert (found.stop.at.earliest, found.stop.fact, found.stop.words) == (at("12:30"), last, "It works again.")
    assert {one.basis.value for one in found.others} == {"claimed", "observed"}
    assert found.facts == {one.notice_id: one for one in line.facts}


def test_a_clock_that_runs_has_no_stop():
    assert tell(begun()).stop is None


def test_of_a_clock_that_never_ran_the_start_is_told_where_it_would_have_had_one():
    line = Timeline(contract().versions[0])
    line.agreement = contract()
    line.say(Speaker.PROVIDER, at("15:00"), Phase.REPORTED, published_at=at("09:00"), flags=(Flag.BACKFILLED,))
    line.say(Speaker.PROVIDER, at("15:00"), Phase.RESTORED, published_at=at("11:00"), flags=(Flag.BACKFILLED,))
    found = tell(line, "acknowledge|agreed|0", "16:00")
    assert (found.reading.verdict, found.stop) == (Verdict.INDETERMINATE, None)
    assert found.start is None or found.start.fact is None


def test_the_clause_says_where_in_the_document_the_limit_stands():
    clause = tell(begun()).clause
    assert (clause.agreement, clause.version, clause.path) == ("nimbus-sla", "1", "versions[0].targets[2].p1")
    assert (clause.limit, clause.target, clause.calendar, clause.is_promise) == ("4h", timedelta(hours=4), None, False)


def test_a_limit_in_office_hours_names_its_calendar():
    targets = [{"objective": "restore", "p1": "4h", "calendar": "office"}]
    line = begun(contract(calendars={"office": OFFICE}, targets=targets))
    assert (tell(line).clause.calendar, tell(line).clause.zone) == ("office", "UTC")


def test_an_update_owed_by_a_time_that_the_provider_named_is_judged_by_its_promise():
    line = begun()
    line.provider("10:10", Phase.UPDATE, promised_at="10:30", text_digest="news")
    found = tell(line, "update|agreed|1", "10:20")
    assert (found.clause.is_promise, found.clause.target) == (True, timedelta(minutes=20))
    assert not tell(line, "update|agreed|0", "10:20").clause.is_promise


def test_an_update_that_the_final_priority_does_not_ask_for_is_no_promise():
    line = begun(contract(priority_change="strictest"))
    line.provider("11:00", Phase.SEVERITY_CHANGED, severity="minor")
    for basis in ("claimed", "agreed"):
        assert not tell(line, f"update|{basis}|0").clause.is_promise


def test_each_step_of_the_priority_names_the_statement_with_the_severity():
    line = begun()
    line.facts.clear()
    low = line.provider("10:00", Phase.REPORTED, begin="10:00", severity="minor")
    high = line.provider("11:00", Phase.UPDATE, severity="critical")
    steps = tell(line).steps
    assert [(one.at, one.priority, one.fact) for one in steps] == [(at("10:00"), "p2", low), (at("11:00"), "p1", high)]


def test_what_lies_ahead_of_a_running_clock_are_its_warnings_and_its_due_instant():
    due = "the target is used up: after this it is overdue"
    assert ahead(begun()) == [("14:00", due)]
    assert ahead(begun(), name="acknowledge|observed|0", as_of="10:00") == []
    seen = Timeline(contract().versions[0])
    seen.agreement = contract()
    seen.monitor("10:00", fails="10:00")
    assert ahead(seen, name="acknowledge|agreed|0", as_of="10:01") == [
        ("10:07", "50% of the target is used up"), ("10:15", due),
    ]  # fmt: skip


def test_a_break_lies_ahead_with_its_reason():
    line = begun(contract(pauses=[{"reason": "access_denied", "objectives": ["restore"]}]))
    line.provider("10:30", Phase.PAUSED, reason="access_denied", claimed_at="10:30", claimed_end_at="13:00")
    assert ahead(line, as_of="11:00")[0] == ("13:00", "the break for access_denied ends")


def test_a_break_without_an_end_lies_ahead_as_nothing():
    line = begun(contract(pauses=[{"reason": "access_denied", "objectives": ["restore"]}]))
    line.provider("10:30", Phase.PAUSED, reason="access_denied")
    assert ahead(line, as_of="11:00") == []


def test_a_stop_may_lie_ahead_by_the_kindest_reading():
    line = Timeline(contract().versions[0])
    line.agreement = contract()
    line.provider("11:00", Phase.REPORTED, looks=("10:00", "11:00"), published_at=None)
    found = ahead(line, name="restore|observed|0", as_of="11:30")
    assert ("15:00", "the target is used up by the kindest reading too") in found


def test_a_restore_that_has_yet_to_hold_lies_ahead():
    line = begun(contract(stability_window="2h"))
    line.provider("12:00", Phase.RESTORED, end="12:00")
    held = [one for one in ahead(line, as_of="12:30") if "held" in one[1]]
    assert held == [("14:00", "the restore has held for 2:00:00")]


@pytest.mark.parametrize("name", ["restore|agreed|0", "update|agreed|0", "resolve|claimed|0"])
def test_the_story_tells_the_reading_of_the_core(name):
    line = begun()
    assert tell(line, name).reading in line.readings("12:00")
