"""Ticket logs: what a desk's states come to, whose word they are, and that every pause ends."""

import csv
import io
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds import servicenow_log, ticket_log
from feeds.errors import REASONS, PayloadError
from feeds.registry import dialect
from models.notice import Phase, Speaker, Statement
from tests.support.corpus import corpus_dir

HEAD = "SR Number,Change Date+Time,Status,Sub Status,Involved ST,SR Latest Impact\n"


def log(*rows: str) -> tuple[Statement, ...]:
    """Read rows of (minute, status, sub status, group, impact) of one ticket."""
    lines = [f"T1,2010-03-31T10:{row.partition(',')[0]}:00+01:00,{row.partition(',')[2]}" for row in rows]
    return ticket_log.parse((HEAD + "\r\n".join(lines)).encode("utf-8-sig")).statements


def said(*rows: str) -> list[str]:
    return [f"{one.phase.value} {one.reason or ''}".strip() for one in log(*rows)]


WORK, QUEUE, WAIT = "Accepted,In Progress,L1,Low", "Queued,Awaiting Assignment,L1,Low", "Accepted,Wait - User,L1,Low"
VENDOR, TAKEN = "Accepted,Wait - Vendor,L1,Low", "Accepted,Assigned,L1,Low"
DONE, CLOSED = "Completed,Resolved,L1,Low", "Completed,Closed,L1,Low"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["00," + QUEUE], ["reported"]),
        (["00," + WORK], ["reported", "engaged"]),
        (["00," + QUEUE, "05," + TAKEN, "06," + WORK], ["reported", "acknowledged", "engaged"]),
        (["00," + WORK, "05," + WORK], ["reported", "engaged"]),
        (["00," + WORK, "05,Accepted,In Progress,L2,Low"], ["reported", "engaged", "update"]),
        (["00," + WORK, "05," + QUEUE, "09," + WORK], ["reported", "engaged", "update", "update"]),
        (["00," + WORK, "05," + WAIT, "09," + WORK], ["reported", "engaged", "paused wait_user", "resumed wait_user"]),
        (["00," + WAIT, "09," + WORK], ["reported", "paused wait_user", "resumed wait_user", "engaged"]),
        (["00," + WAIT, "09," + VENDOR], ["reported", "paused wait_user", "resumed wait_user", "paused wait_vendor"]),
        (["00," + WAIT, "09," + DONE], ["reported", "paused wait_user", "resolved", "resumed wait_user"]),
        (["00," + WAIT, "09," + WORK, "09," + WAIT], ["reported", "paused wait_user"]),
        (["00," + WORK, "05," + DONE, "09," + CLOSED], ["reported", "engaged", "resolved", "closed"]),
        (["00," + WORK, "05," + DONE, "05," + CLOSED], ["reported", "engaged", "resolved", "closed"]),
        (["00," + WORK, "05," + DONE, "09," + WORK], ["reported", "engaged", "resolved", "reopened"]),
        (["00," + DONE, "09," + WAIT], ["reported", "resolved", "reopened", "paused wait_user"]),
        (["00," + WORK, "05,Completed,Cancelled,L1,Low"], ["reported", "engaged", "cancelled"]),
        (["00," + WORK, "05,Completed,In Call,L1,Low"], ["reported", "engaged", "resolved"]),
        (["00," + WORK, "05,Unmatched,Unmatched,L1,Low"], ["reported", "engaged", "update"]),
        (["00," + WORK, "05,Accepted,In Progress,L1,High"], ["reported", "engaged", "severity_changed"]),
        (["00," + WORK, "05,Accepted,In Progress,?,"], ["reported", "engaged"]),
    ],
)
def test_states_come_to_phases(rows: list[str], expected: list[str]) -> None:
    assert said(*rows) == expected


def test_our_people_report_and_the_desk_answers() -> None:
    first, engaged, done = log("00," + WORK, "30," + DONE)
    assert [one.speaker for one in (first, engaged, done)] == [Speaker.CUSTOMER, Speaker.PROVIDER, Speaker.PROVIDER]
    assert (first.claimed_at, first.severity) == (first.published_at, "low")
    assert engaged.claimed_at is None  # else the desk would claim that the trouble began when it took it
    assert done.claimed_at == done.published_at
    assert str(done.published_at) == "2010-03-31 09:30:00+00:00"


SERVICENOW = "number,incident_state,sys_mod_count,opened_at,sys_updated_at,priority,category\n"


def test_a_servicenow_row_is_read_in_the_feeds_zone_and_in_order_of_its_count() -> None:
    rows = (
        "I1,Resolved,2,29-02-2016 01:16,29-02-2016 01:23,3 - Moderate,Mail\n"
        "I1,New,0,29-02-2016 01:16,29-02-2016 01:23,3 - Moderate,Mail\n"
        "I1,-100,3,29-02-2016 01:16,29-02-2016 02:00,2 - High,?\n"
    )
    found = servicenow_log.parse((SERVICENOW + rows).encode(), zone="Europe/Berlin").statements
    assert [one.phase.value for one in found] == ["reported", "resolved", "severity_changed"]
    assert str(found[0].claimed_at) == "2016-02-29 00:16:00+00:00"
    assert (found[0].components, found[2].severity) == (("Mail",), "2 - high")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (SERVICENOW + "I1,New,0,29-02-2016 01:16,29-02-2016 01:23,,\n", "naive_time"),
        (SERVICENOW + "I1,New,0,29/02/2016 01:16,29-02-2016 01:23Z,,\n", "bad_time"),
        (SERVICENOW + "I1,New,0,?,2016-02-29T01:23Z,,\n", "bad_time"),
        (SERVICENOW + ",New,0,2016-02-29T01:23Z,2016-02-29T01:23Z,,\n", "wrong_shape"),
        (SERVICENOW + "I1,New,0,2016-02-29T01:23Z,2016-02-29T01:23Z,,,,\n", "wrong_shape"),
        (SERVICENOW + '"I1,New', "not_csv"),
        ("a,b\n1,2\n", "wrong_shape"),
    ],
)
def test_what_can_not_be_read_is_told_with_its_reason(body: str, reason: str) -> None:
    with pytest.raises(PayloadError) as caught:
        servicenow_log.parse(body.encode())
    assert caught.value.reason == reason


def test_a_bad_row_does_not_take_the_others_along() -> None:
    good = "T1;2010-03-31T10:00:00+01:00;Accepted;In Progress;\xe9;Low\n"
    parsed = ticket_log.parse((HEAD.replace(",", ";") + good + "T2;;Accepted;Assigned;L1;Low\n").encode("latin-1"))
    assert ([one.source_incident_id for one in parsed.statements], len(parsed.problems)) == (["T1", "T1"], 1)


ODD_CELLS = (
    "", "?", "T1", "New", "Wait - User", "Resolved", "29-02-2016 01:16", "2010-03-31T10:00:00Z", "99-99-9999 99:99",
    '"', "\x00", ";", "\n", "Queued", "x" * 200_000,
)  # fmt: skip
CELL = st.sampled_from(ODD_CELLS) | st.text(max_size=8)


@pytest.mark.parametrize("name", ["servicenow-log", "ticket-log", "oe417"])
@given(st.lists(st.lists(CELL, max_size=8), max_size=5), st.binary(max_size=30))
def test_any_table_gives_statements_or_a_reason(name: str, rows: list[list[str]], tail: bytes) -> None:
    head = {"servicenow-log": SERVICENOW, "ticket-log": HEAD}.get(
        name, "OBS,OUTAGE.START.DATE,OUTAGE.START.TIME,OUTAGE.RESTORATION.DATE,OUTAGE.RESTORATION.TIME\n"
    )
    body = head + "\n".join(",".join(row) for row in rows)
    try:
        parsed = dialect(name).parse(body.encode("utf-8", "surrogatepass") + tail, zone="UTC")
    except PayloadError as error:
        assert error.reason in REASONS  # noqa: PT017 - either outcome is fine, an unknown reason is not
    else:
        assert {reason for reason, _ in parsed.problems} <= set(REASONS)


REAL: list[tuple[str, str, str, str]] = [
    ("servicenow-log", "itsm_servicenow", "incident_event_log_head.csv", "number"),
    ("ticket-log", "itsm_volvo_bpic2013", "VINST-new_head.csv", "SR Number"),
]


@pytest.mark.corpus
@pytest.mark.parametrize(("name", "folder", "file", "key"), REAL)
def test_real_logs_agree_with_a_walk_of_their_rows(name: str, folder: str, file: str, key: str) -> None:
    body = (corpus_dir(folder) / file).read_bytes()
    parsed = dialect(name).parse(body, zone="UTC")
    tickets = {row[key] for row in csv.DictReader(io.StringIO(body.decode("utf-8-sig")))}
    count = Counter[Any](one.phase for one in parsed.statements)
    assert (parsed.problems, count[Phase.REPORTED]) == ((), len(tickets))
    ids = [(one.source_incident_id, one.source_update_id) for one in parsed.statements]
    assert len(set(ids)) == len(ids)
    paused = Counter((one.source_incident_id, one.reason) for one in parsed.statements if one.phase is Phase.PAUSED)
    resumed = Counter((one.source_incident_id, one.reason) for one in parsed.statements if one.phase is Phase.RESUMED)
    assert paused == resumed
    assert sum(paused.values())
