"""What goes into a bulk request, and what its answer means."""

from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.bulk import Addresses, Operation, Refusal, chunks, describe, sort_answer
from models.topics import Headers, Names
from tests.support import samples

ADDRESSES = Addresses(Names("t"))
PLACE = ("t.incidents", 0, 7)


def record(topic: str, value: bytes | None, headers: Headers) -> Any:
    return SimpleNamespace(topic=topic, partition=0, offset=7, value=value, headers=headers)


def sample(document: Any) -> Any:
    stream, _, value, headers = samples.record(document)
    return record(Names("t").topic(stream), value, headers)


def lines(operation: object) -> tuple[dict[str, Any], dict[str, Any]]:
    assert isinstance(operation, Operation)
    action, document, rest = operation.line.split(b"\n")
    assert rest == b""
    return orjson.loads(action), orjson.loads(document)


def test_a_document_that_changes_is_written_by_its_revision() -> None:
    """An older revision never wins: Elasticsearch compares external versions."""
    action, document = lines(ADDRESSES.operation(sample(samples.incident(revision=3))))
    wanted = {"_index": "t-incidents-000001", "_id": samples.incident().incident_id, "version": 3}
    assert action == {"index": {**wanted, "version_type": "external"}}
    assert document["revision"] == 3


def test_a_document_that_never_changes_is_created_once_in_its_month() -> None:
    """The month is the document's own, so a replay years later finds the same index."""
    action, _ = lines(ADDRESSES.operation(sample(samples.notice())))
    assert action == {"create": {"_index": "t-notices-2026-05", "_id": samples.notice().notice_id}}


@pytest.mark.parametrize("kind", [b"wake", b"decision"])
def test_what_is_no_notice_on_the_ledger_is_passed_over(kind: bytes) -> None:
    """Wakes and decisions are for the engine."""
    assert ADDRESSES.operation(record("t.ledger", b"{}", [("type", kind)])) is None


@pytest.mark.parametrize(
    ("topic", "value", "headers", "reason"),
    [
        ("t.incidents", None, [("id", b"a"), ("version", b"1")], "not_a_document"),
        ("t.incidents", b"", [("id", b"a"), ("version", b"1")], "not_a_document"),
        ("t.incidents", b"<html>", [("id", b"a"), ("version", b"1")], "not_a_document"),
        ("t.incidents", b"{}", [], "bad_header"),
        ("t.incidents", b"{}", [("id", b'a"b'), ("version", b"1")], "bad_header"),
        ("t.incidents", b"{}", [("id", b"a\n"), ("version", b"1")], "bad_header"),
        ("t.incidents", b"{}", [("id", b"a" * 513), ("version", b"1")], "bad_header"),
        ("t.incidents", b"{}", [("id", b"a")], "bad_header"),
        ("t.incidents", b"{}", [("id", b"a"), ("version", b"-1")], "bad_header"),
        ("t.incidents", b"{}", [("id", b"a"), ("version", b"9" * 19)], "bad_header"),
        ("t.incidents", b"{}", [("id", b"a"), ("version", b"9" * 5000)], "bad_header"),
        ("t.pages", b"{}", [("id", b"a")], "bad_header"),
        ("t.pages", b"{}", [("id", b"a"), ("month", b"2026-13")], "bad_header"),
        ("t.pages", b"{}", [("id", b"a"), ("month", b"2026-05/../x")], "bad_header"),
        ("t.ledger", b"{}", [("id", b"a"), ("month", b"2026-05")], "bad_header"),
    ],
)
def test_a_record_that_lacks_what_it_needs_is_refused(
    topic: str, value: bytes | None, headers: Headers, reason: str
) -> None:
    """One that Elasticsearch would answer by refusing the whole request is kept out of it."""
    outcome = ADDRESSES.operation(record(topic, value, headers))
    assert isinstance(outcome, Refusal)
    assert outcome.reason == reason


def test_line_breaks_between_the_parts_of_a_document_do_no_harm() -> None:
    """NDJSON ends a document at a line break; in JSON a raw one can only be white space."""
    value = b'{\n  "a": "x\\ny"\r\n}'
    operation = ADDRESSES.operation(record("t.incidents", value, [("id", b"a"), ("version", b"1")]))
    assert lines(operation)[1] == {"a": "x\ny"}


@given(st.lists(st.integers(1, 50), max_size=40), st.integers(1, 7), st.integers(1, 120))
def test_chunks_keep_order_and_limits(sizes: list[int], max_count: int, max_bytes: int) -> None:
    """Nothing is lost, and only a document that is too large by itself goes over the limit."""
    operations = [Operation(b"x" * size, ("t", 0, number)) for number, size in enumerate(sizes)]
    found = list(chunks(operations, max_count, max_bytes))
    assert [operation for chunk in found for operation in chunk] == operations
    for chunk in found:
        assert 1 <= len(chunk) <= max_count
        assert len(chunk) == 1 or sum(len(operation.line) for operation in chunk) <= max_bytes


@pytest.mark.parametrize(
    ("status", "kind", "sort"),
    [
        (200, None, "done"),
        (201, None, "done"),
        (409, "version_conflict_engine_exception", "done"),
        (429, "es_rejected_execution_exception", "again"),
        (429, "cluster_block_exception", "again"),
        (503, "unavailable_shards_exception", "again"),
        (500, "boom", "again"),
        (404, "index_not_found_exception", "again"),
        (403, "security_exception", "again"),
        (400, "validation_exception", "again"),
        (400, "document_parsing_exception", "refused"),
        (400, "strict_dynamic_mapping_exception", "refused"),
        (413, "too_large", "refused"),
    ],
)
def test_answers_are_sorted_by_who_is_to_blame(status: int, kind: str | None, sort: str) -> None:
    """The cluster's trouble is waited out; only a document's own fault makes a dead letter."""
    error = (
        {"error": {"type": kind, "reason": "why", "caused_by": {"type": "x", "reason": "field [y]"}}} if kind else {}
    )
    operation = Operation(b"", PLACE)
    answer = {"errors": True, "items": [{"create": {"status": status, **error}}]}
    result = sort_answer([operation], answer)
    found = {"done": bool(result.done), "again": bool(result.again), "refused": bool(result.refused)}
    assert found == {name: name == sort for name in found}
    if result.refused:
        assert result.refused == [Refusal(PLACE, str(kind), "why: field [y]")]


def test_an_answer_of_another_length_is_no_answer() -> None:
    """Guessing which document an outcome belongs to would lose one."""
    with pytest.raises(ValueError, match="zip"):
        sort_answer([Operation(b"", PLACE)], {"errors": True, "items": []})


def test_an_error_is_told_with_its_cause_and_not_at_any_length() -> None:
    """The cause names the field; a whole document in an error stays out of the letter."""
    assert describe({"reason": "failed to parse", "caused_by": {"reason": "x" * 5000}}).startswith("failed to parse: x")
    assert len(describe({"reason": "y" * 5000})) == 2000
