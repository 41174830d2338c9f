"""Our own people's statements: what is read, what is refused and where, and of whose incident they are."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from feeds import statements
from feeds.errors import PayloadError
from feeds.files import sheets
from feeds.series import FeedContext, replay
from feeds.stamp import Attributed, Look, to_notice
from models.notice import PARSE_KEYS, Flag, Notice, Phase, Ruling, Speaker, Statement
from models.provider import Provider
from tests.feeds.looks import at, incident, payload, stamp, summary, update

NIMBUS = Provider.model_validate(
    {"apiVersion": "holdfast/v1", "kind": "Provider", "id": "nimbus", "name": "Nimbus",
     "services": {"vm": {"components": ["Compute*"]}, "dns": {}}}
)  # fmt: skip
LOOK = Look("status", at(60), provider=NIMBUS)


def line(**fields: Any) -> bytes:
    return orjson.dumps({"source_incident_id": "inc-1", "phase": "paused", **fields})


def one(**fields: Any) -> Statement:
    (statement,) = statements.parse(line(**fields)).statements
    return statement


def notice(look: Look = LOOK, **fields: Any) -> Notice:
    return to_notice(one(**fields), look)


def test_a_ruling_is_read_with_all_that_it_says() -> None:
    said = one(
        reason="awaiting_customer", ruling="accepted", concerns="u7", claimed_at=stamp(0), claimed_end_at=stamp(5),
        recovery_point_at=stamp(-9), promised_at=stamp(9), promises="restore", severity=" MAJOR ", text=" Agreed. ",
        source_update_id="r1", flags=["test"],
    )  # fmt: skip
    assert (said.speaker, said.ruling, said.reason, said.concerns) == (
        Speaker.CUSTOMER, Ruling.ACCEPTED, "awaiting_customer", "u7",
    )  # fmt: skip
    assert (said.claimed_at, said.claimed_end_at, said.recovery_point_at) == (at(0), at(5), at(-9))
    assert (said.promised_at, said.promises, said.severity, said.text) == (at(9), "restore", "major", "Agreed.")
    assert (said.source_update_id, said.flags, said.published_at) == ("r1", (Flag.TEST,), None)


@pytest.mark.parametrize(
    "body",
    [
        line() + b"\n" + line(phase="resumed"),
        b"\n" + line() + b"\r\n\r\n" + line(phase="resumed") + b"\n",
        b"[" + line() + b",\n" + line(phase="resumed") + b"]",
        b"\xef\xbb\xbf" + line() + b"\n" + line(phase="resumed"),
    ],
    ids=["lines", "blank lines between", "an array", "a byte-order mark"],
)
def test_lines_and_arrays_say_the_same(body: bytes) -> None:
    assert [said.phase for said in statements.parse(body).statements] == [Phase.PAUSED, Phase.RESUMED]


def test_one_object_over_several_lines_is_one_statement() -> None:
    body = json.dumps({"source_incident_id": 7, "phase": "update"}, indent=2).encode()
    assert [said.source_incident_id for said in statements.parse(body).statements] == ["7"]
    assert statements.parse(b"[]").statements == ()


@pytest.mark.parametrize(
    ("bad", "reason", "words"),
    [
        (line(severty="x"), "wrong_shape", "unknown key severty"),
        (line(heads_incident=True), "wrong_shape", "unknown key heads_incident"),
        (line(phase="pause"), "wrong_shape", "phase: Input should be 'reported'"),
        (line(phase=None), "wrong_shape", "phase: "),
        (line(source_incident_id=None), "wrong_shape", "statement has no id"),
        (line(speaker="them"), "wrong_shape", "not 'them'"),
        (line(text=5), "wrong_shape", "text: "),
        (line(services="vm"), "wrong_shape", "services: "),
        (line(reason="Awaiting customer"), "wrong_shape", "written like awaiting_customer"),
        (line(claimed_at="2026-05-04T09:00:00"), "naive_time", "claimed_at: "),
        (line(claimed_at="soon"), "bad_time", "claimed_at: "),
        (line(promised_at=5), "bad_time", "promised_at: "),
        (b"[1]", "wrong_shape", "statement is no object"),
        (b"{", "not_json", ""),
    ],
)
def test_what_can_not_be_read_is_told_with_its_line_and_the_rest_is_read(bad: bytes, reason: str, words: str) -> None:
    parsed = statements.parse(line() + b"\n\n" + bad + b"\n")
    ((found, detail),) = parsed.problems
    assert (found, detail[:8], len(parsed.statements)) == (reason, "line 3: ", 1)
    assert words in detail
    with pytest.raises(PayloadError, match=reason):
        statements.parse(bad)


def test_in_an_array_a_problem_names_its_place() -> None:
    parsed = statements.parse(b"[" + line() + b",3]")
    assert parsed.problems == (("wrong_shape", "statement 2: statement is no object"),)
    with pytest.raises(PayloadError, match="not_json"):
        statements.parse(b" \n")


def test_a_time_without_offset_is_read_in_the_feeds_zone() -> None:
    (said,) = statements.parse(line(claimed_at="2026-05-04T11:00:00"), zone="Europe/Berlin").statements
    assert said.claimed_at == at(0)


def test_what_names_a_feed_counts_for_that_feeds_incident() -> None:
    ours = notice(source="other")
    assert (ours.source, ours.source_incident_id, ours.provider) == ("other", "inc-1", "nimbus")
    assert notice().source == "status"


def test_the_same_statement_is_the_same_notice_by_whichever_feed_it_came() -> None:
    by_desk = notice(Look("desk", at(90), provider=NIMBUS), source="status")
    assert by_desk.notice_id == notice().notice_id == notice(source="status").notice_id
    assert (
        len({notice(**fields).notice_id for fields in ({}, {"services": ["vm"]}, {"severity": "x"}, {"text": "y"})})
        == 4
    )


def test_it_never_takes_the_id_of_what_the_feed_itself_says() -> None:
    said = one(speaker="provider", source_update_id="u1")
    plain = Statement.model_validate({**said.model_dump(), "heads_incident": True})
    assert to_notice(said, LOOK).notice_id != to_notice(plain, LOOK).notice_id
    assert Attributed.model_fields.keys() - Statement.model_fields.keys() == {"source", "services"}


@pytest.mark.parametrize(
    ("fields", "services"),
    [
        ({"phase": "reported"}, ("vm", "dns")),
        ({"phase": "reported", "components": ["Compute 1"]}, ("vm",)),
        ({"phase": "reported", "services": ["dns"]}, ("dns",)),
        ({"phase": "excluded"}, ()),
        ({"phase": "excluded", "components": ["compute 1"]}, ("vm",)),
    ],
)
def test_a_report_without_services_is_of_all_and_anything_else_widens_nothing(
    fields: dict[str, Any], services: tuple[str, ...]
) -> None:
    assert notice(**fields).services == services


def test_a_line_of_a_series_keeps_the_time_at_which_it_was_received_and_its_lists(tmp_path: Path) -> None:
    path = tmp_path / "decisions.jsonl"
    path.write_bytes(line(received_at=stamp(3), services=["vm"]) + b"\n" + line(phase="resumed", published_at=stamp(4)))
    found, refused = sheets([path], received_at=at(50))
    told = [n for step in replay([one.load("f", "statements") for one in found], FeedContext("f", "statements"))
            for n in step.notices]  # fmt: skip
    assert ([n.phase.value for n in told], refused) == (["paused", "resumed"], [])
    assert [(n.received_at, n.published_at) for n in told] == [(at(3), at(3)), (at(50), at(4))]
    assert told[0].services == ("vm",)


def test_lines_of_parse_are_read_back_with_all_that_they_say() -> None:
    page = summary(incident(update("investigating", 0), update("resolved", 9), resolved_at=stamp(9)))
    (step,) = replay([payload(page, 10)], FeedContext("status", "statuspage", provider=NIMBUS))
    known = [document for document in (one.model_dump(mode="json") for one in step.notices)]
    lines = b"\n".join(orjson.dumps({key: document[key] for key in PARSE_KEYS}) for document in known)
    look = Look("status", step.notices[0].received_at, provider=NIMBUS)
    again = [to_notice(said, look).model_dump(mode="json") for said in statements.parse(lines).statements]
    assert known
    assert [{**one, "notice_id": ""} for one in again] == [{**one, "notice_id": ""} for one in known]


def test_said_by_the_time_at_which_it_was_received_at_the_latest() -> None:
    assert one(received_at=stamp(3)).published_at == at(3)
    assert one(received_at=stamp(3), published_at=stamp(2)).published_at == at(3) - timedelta(minutes=1)
