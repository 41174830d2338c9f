"""ServiceNow's incidents: a record tells only how it stands, so ends, holds and reopenings are read with care."""

import csv
import io
import json
from collections import Counter
from typing import Any

import pytest

from feeds import servicenow
from feeds.errors import PayloadError
from models.notice import Flag, Phase, Speaker, Statement
from tests.support.corpus import corpus_dir

OPEN = {"number": "INC1", "state": "1", "opened_at": "2026-05-04 09:00:00", "sys_updated_on": "2026-05-04 10:00:00"}


def read(*records: dict[str, Any]) -> tuple[Statement, ...]:
    return servicenow.parse(json.dumps({"result": list(records)}).encode(), zone="UTC").statements


def said(**fields: Any) -> list[str]:
    return [f"{one.phase.value} {one.reason or ''}".strip() for one in read({**OPEN, **fields})]


DONE = {"state": "7", "resolved_at": "2026-05-04 11:00:00", "closed_at": "2026-05-06 11:00:00"}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ["reported"]),
        ({"state": "2"}, ["reported", "engaged", "resumed"]),
        ({"state": "In Progress"}, ["reported", "engaged", "resumed"]),
        ({"state": "Assigned"}, ["reported", "acknowledged", "resumed"]),
        ({"state": "-5"}, ["reported", "update", "resumed"]),
        ({"state": "3", "hold_reason": "1"}, ["reported", "paused awaiting_caller"]),
        ({"state": "On Hold", "hold_reason": "Awaiting Lift"}, ["reported", "paused awaiting_lift"]),
        ({"state": "3"}, ["reported", "paused on_hold"]),
        ({**DONE, "state": "6"}, ["reported", "resolved"]),
        ({**DONE}, ["reported", "resolved", "closed"]),
        ({**DONE, "resolved_at": ""}, ["reported", "closed"]),
        ({**DONE, "state": "8"}, ["reported", "cancelled"]),
        ({**DONE, "state": "1"}, ["reported"]),
        ({"state": "2", "reopen_count": "1"}, ["reported", "reopened", "engaged", "resumed"]),
        ({"state": None, "incident_state": 2}, ["reported", "engaged", "resumed"]),
    ],
)
def test_how_it_stands_gives_the_phases(fields: dict[str, Any], expected: list[str]) -> None:
    assert said(**fields) == expected


def test_ends_are_when_the_record_says_and_do_not_show_when_the_desk_first_spoke() -> None:
    opened, resolved, closed = read({**OPEN, **DONE})
    assert [one.speaker for one in (opened, resolved, closed)] == [Speaker.CUSTOMER, Speaker.PROVIDER, Speaker.PROVIDER]
    assert str(resolved.claimed_at) == str(resolved.published_at) == "2026-05-04 11:00:00+00:00"
    assert str(closed.claimed_at) == "2026-05-06 11:00:00+00:00"
    assert [one.flags for one in (opened, resolved, closed)] == [(), (Flag.BACKFILLED,), (Flag.BACKFILLED,)]


def test_a_resolution_written_over_after_the_closing_is_taken_at_the_closing() -> None:
    _, resolved, closed = read({**OPEN, **DONE, "resolved_at": "2026-05-09 11:00:00"})
    assert resolved.claimed_at == closed.claimed_at


def test_what_is_done_again_after_it_was_reopened_is_a_statement_of_its_own() -> None:
    first = read({**OPEN, **DONE, "reopen_count": "0"})
    later = read({**OPEN, "state": "2", "reopen_count": "1", "reopened_time": "2026-05-05 08:00:00"})
    again = read({**OPEN, **DONE, "reopen_count": "1"})
    assert first[1].source_update_id != again[1].source_update_id
    assert str(later[1].published_at) == "2026-05-05 08:00:00+00:00"


def test_begun_work_is_one_statement_and_each_hold_one_of_its_own() -> None:
    polls = [
        read({**OPEN, "state": state, "hold_reason": hold, "sys_updated_on": f"2026-05-04 1{minute}:00:00"})
        for minute, (state, hold) in enumerate([("2", ""), ("3", "4"), ("2", ""), ("3", "4")])
    ]
    ids = Counter((one.phase, one.source_update_id) for poll in polls for one in poll)
    assert Counter(phase for phase, _ in ids) == {
        Phase.REPORTED: 1, Phase.ENGAGED: 1, Phase.RESUMED: 2, Phase.PAUSED: 2,
    }  # fmt: skip


def test_values_with_display_values_are_read_by_what_each_is_good_for() -> None:
    shown = {
        **OPEN,
        "number": {"display_value": "INC1", "value": "INC1"},
        "state": {"display_value": "In Progress", "value": "2"},
        "opened_at": {"display_value": "05/04/2026 11:00:00", "value": "2026-05-04 09:00:00"},
        "cmdb_ci": {"display_value": "mail-1", "link": "https://example.test/ci/5"},
        "location": {"display_value": "", "value": ""},
        "priority": {"display_value": "1 - Critical", "value": "1"},
    }
    reported, engaged, _ = read(shown)
    assert (str(reported.claimed_at), reported.components, reported.regions, reported.severity) == (
        "2026-05-04 09:00:00+00:00", ("mail-1",), (), "1 - critical",
    )  # fmt: skip
    assert (engaged.phase, engaged.text) == (Phase.ENGAGED, "In Progress")


def test_one_record_alone_and_the_export_say_the_same() -> None:
    record = {**OPEN, **DONE, "short_description": "Mail is down"}
    text = io.StringIO()
    table = csv.DictWriter(text, list(record))
    table.writeheader()
    table.writerow(record)
    single = servicenow.parse(json.dumps({"result": record}).encode(), zone="UTC")
    assert single.statements == servicenow.parse(text.getvalue().encode(), zone="UTC").statements == read(record)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"error": {"message": "User Not Authenticated"}}', "wrong_shape"),
        (b'{"result": "x"}', "wrong_shape"),
        (b"{", "not_json"),
        (b"number,opened_at\nINC1,2026-05-04 09:00:00\n", "wrong_shape"),
        (b"number,opened_at,sys_updated_on\nINC1,2026-05-04 09:00:00Z,2026-05-04 09:00:00Z\n", "wrong_shape"),
        (json.dumps({"result": [{**OPEN, "number": ""}]}).encode(), "wrong_shape"),
        (json.dumps({"result": [{**OPEN, "opened_at": ""}]}).encode(), "bad_time"),
        (json.dumps({"result": [{**OPEN, "opened_at": "05/04/2026 11:00:00"}]}).encode(), "bad_time"),
    ],
)
def test_what_is_none_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(PayloadError) as caught:
        servicenow.parse(body, zone="UTC")
    assert caught.value.reason == reason


def test_times_without_offset_need_a_zone_and_one_bad_record_does_not_take_the_others_along() -> None:
    body = json.dumps({"result": [OPEN]}).encode()
    with pytest.raises(PayloadError, match="naive_time: record 0: opened_at"):
        servicenow.parse(body)
    table = b"number,state,opened_at,sys_updated_on\nINC1,1,,\nINC2,1,2026-05-04 09:00:00,2026-05-04 09:00:00\n"
    parsed = servicenow.parse(table, zone="UTC")
    assert (len(parsed.statements), parsed.problems) == (
        1, (("bad_time", "line 2: a record needs opened_at and sys_updated_on"),),
    )  # fmt: skip


@pytest.mark.corpus
def test_the_real_export_agrees_with_a_walk_of_its_rows() -> None:
    body = (corpus_dir("itsm_servicenow") / "incidents_REST.csv").read_bytes()
    parsed = servicenow.parse(body, zone="UTC")
    states = Counter(row["incident_state"] for row in csv.DictReader(io.StringIO(body.decode())))
    phases = Counter[Any](one.phase.value for one in parsed.statements)
    assert parsed.problems == ()
    assert phases["reported"] == states.total() > 0
    assert (phases["engaged"], phases["paused"], phases["closed"]) == (states["2"], states["3"], states["7"])
    assert {one.reason for one in parsed.statements if one.phase is Phase.PAUSED} <= {
        "awaiting_caller", "awaiting_evidence", "awaiting_problem", "awaiting_vendor",
    }  # fmt: skip
