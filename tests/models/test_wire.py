"""What travels: documents, payloads, dead letters and headers come back as they went, and name themselves."""

import base64
from datetime import UTC, datetime

import orjson
import pytest

from models.document import Document
from models.instants import seconds
from models.notice import Notice, Phase, Ruling, Speaker, Statement
from models.raw import DETAIL_LIMIT, DeadLetter, RawPayload
from models.topics import HEADER_ID, HEADER_MONTH, HEADER_VERSION, Names, Stream, document_headers
from tests.support.samples import clock, dead_letter, delivery, incident, later, notice, one_of_each, page, plan

AT = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize("document", one_of_each(), ids=lambda one: type(one).__name__)
def test_a_document_comes_back_as_it_went(document):
    wire = document.to_wire()
    assert type(document).from_wire(wire) == document
    assert orjson.loads(wire)["schema_version"] == 1


@pytest.mark.parametrize(
    ("document", "name", "version", "when"),
    [
        (notice(), notice().notice_id, None, later(1)),
        (incident(revision=3), incident().incident_id, 3, incident().started_at),
        (clock(revision=4), clock().clock_id, 4, clock().started_at),
        (plan(revision=2), plan().incident_id, 2, plan().started_at),
        (page(), page().page_id, None, page().due_at),
        (delivery(), delivery().delivery_id, None, delivery().finished_at),
        (dead_letter(), dead_letter().letter_id, None, dead_letter().received_at),
    ],
    ids=lambda one: type(one).__name__,
)
def test_a_document_has_an_id_a_version_where_it_changes_and_a_time(document, name, version, when):
    assert (document.document_id(), document.document_version(), document.occurred_at()) == (name, version, when)


def test_a_notice_without_a_stamp_has_the_time_at_which_we_had_it():
    assert notice(published_at=None).occurred_at() == later(2)


@pytest.mark.parametrize("known", ["started_at", "stopped_at", "due_at", "incident_started_at"])
def test_a_clock_is_dated_by_the_first_time_that_it_has(known):
    times = dict.fromkeys(("started_at", "stopped_at", "due_at", "incident_started_at"))
    assert clock(**{**times, known: AT}).occurred_at() == AT


def test_a_clock_without_any_time_cannot_be_dated():
    times = dict.fromkeys(("started_at", "stopped_at", "due_at", "incident_started_at"))
    with pytest.raises(ValueError, match="has no time at all"):
        clock(**times).occurred_at()


@pytest.mark.parametrize("question", [Document.document_id, Document.occurred_at])
def test_a_document_that_is_none_in_particular_has_no_identity(question):
    with pytest.raises(TypeError, match="Document has no"):
        question(Document())


@pytest.mark.parametrize(
    ("wire", "why"),
    [
        (b"[]", "a document is a JSON object"),
        (b"{", "unexpected end"),
        (b'{"schema_version": 2}', "document of schema version 2, this build reads 1"),
        (b"{}", "document of schema version None, this build reads 1"),
    ],
)
def test_bytes_that_are_no_document_are_refused(wire, why):
    with pytest.raises(ValueError, match=why):
        Notice.from_wire(wire)


def payload(**fields):
    values = {"feed": "nimbus", "format": "statuspage", "body": b"\x00{}", "received_at": AT}
    return RawPayload(**{**values, **fields})


@pytest.mark.parametrize(
    "fields",
    [{}, {"received_after": later(0)}, {"name": "page.json"}, {"content_type": "application/json"}],
    ids=["bare", "with the look before", "with a name", "with its type"],
)
def test_a_payload_comes_back_as_it_went(fields):
    assert RawPayload.from_wire(payload(**fields).to_wire()) == payload(**fields)


def test_the_envelope_of_a_payload_says_only_what_is_known():
    event = orjson.loads(payload().to_wire())
    assert event.pop("id") == payload().payload_id
    assert event == {
        "specversion": "1.0",
        "source": "/feeds/nimbus",
        "type": "org.holdfast.raw.statuspage",
        "time": "2026-05-04T12:00:00Z",
        "datacontenttype": "application/octet-stream",
        "data_base64": base64.b64encode(b"\x00{}").decode(),
    }


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"specversion": "0.3"}, "not a CloudEvents 1.0 envelope"),
        ({"type": "org.example"}, "not a raw payload: type 'org.example'"),
        ({"source": "/elsewhere"}, "source '/elsewhere'"),
        ({"data_base64": "?"}, "base64"),
    ],
)
def test_an_envelope_of_something_else_is_refused(changes, why):
    event = {**orjson.loads(payload().to_wire()), **changes}
    with pytest.raises(ValueError, match=why):
        RawPayload.from_wire(orjson.dumps(event))


def test_an_envelope_that_is_no_object_is_refused():
    with pytest.raises(ValueError, match="not a CloudEvents"):
        RawPayload.from_wire(b'"1.0"')


def test_a_refused_payload_keeps_its_bytes_and_says_why_at_bounded_length():
    letter = payload(name="page.json").refused("letter-1", "not_json", "x" * (DETAIL_LIMIT + 1))
    assert (letter.stage, letter.reason, len(letter.detail)) == ("normalise", "not_json", DETAIL_LIMIT)
    assert (letter.raw_bytes(), letter.name, letter.received_at) == (b"\x00{}", "page.json", AT)
    assert DeadLetter.from_wire(letter.to_wire()) == letter


def test_the_same_bytes_of_the_same_look_are_one_payload():
    assert payload().payload_id == payload(name="other").payload_id
    assert len({payload(**one).payload_id for one in ({}, {"body": b"{}"}, {"received_at": later(1)})}) == 3


def statement(**fields):
    values = {"source_incident_id": "inc-1", "speaker": Speaker.PROVIDER, "phase": Phase.UPDATE, "text": "News."}
    return Statement(**{**values, **fields})


@pytest.mark.parametrize(
    ("fields", "is_news"),
    [
        ({"title": "Renamed"}, False),
        ({"severity": "major"}, False),
        ({"title": "Renamed", "heads_incident": True}, True),
        ({"text": "Other news."}, True),
        ({"reason": "awaiting_customer"}, True),
        ({"ruling": Ruling.ACCEPTED}, True),
        ({"promises": "restore"}, True),
    ],
    ids=[
        "the incident's title, repeated", "its severity, repeated", "its title, where it is told", "other words",
        "a reason", "a ruling", "a promise of something else",
    ],
)  # fmt: skip
def test_what_was_said_makes_another_digest_and_what_is_repeated_does_not(fields, is_news):
    assert (statement(**fields).digest() != statement().digest()) is is_news


def test_names_are_of_one_installation():
    names = Names("trial")
    assert (names.topic(Stream.LEDGER), names.index("clocks"), names.group("indexer")) == (
        "trial.ledger", "trial-clocks", "trial-indexer",
    )  # fmt: skip


def test_headers_say_only_what_is_known():
    assert document_headers("a") == [(HEADER_ID, b"a")]
    assert document_headers("a", version=3, month="2026-05") == [
        (HEADER_ID, b"a"), (HEADER_VERSION, b"3"), (HEADER_MONTH, b"2026-05"),
    ]  # fmt: skip


def test_seconds_are_the_unit_of_the_wire():
    assert seconds(later(1.5) - later(0)) == 90.0
