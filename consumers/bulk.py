"""What goes into a bulk request, and what its answer means. Pure.

A record's value is already the document, and its headers say where it goes, so the body is put together from bytes
without reading JSON. Documents that change are written by external version: an older one never wins and answers 409,
which is success. Documents that never change are created once: a second one answers 409, which is success too.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from models.topics import HEADER_ID, HEADER_MONTH, HEADER_TYPE, HEADER_VERSION, Names, Stream

CURRENT = (Stream.INCIDENTS, Stream.CLOCKS, Stream.PLANS)
"""Streams of documents that change: one index, external versions."""
MONTHLY = {
    Stream.LEDGER: "notices",
    Stream.PAGES: "pages",
    Stream.DELIVERIES: "deliveries",
    Stream.DEAD_LETTERS: "dead-letters",
    Stream.COMMUNICATIONS: "communications",
}
"""Streams of documents that never change, and their indices."""
INDEXED = (*CURRENT, *MONTHLY)

MAX_ID_BYTES = 512
"""Elasticsearch refuses a whole request for one longer ``_id``."""
MAX_VERSION = 2**63 - 1
_ID = re.compile(rb"[\x21\x23-\x5b\x5d-\x7e]+")
"""Printable ASCII without blank, quote and backslash: needs no escaping in JSON."""
_MONTH = re.compile(rb"\d{4}-(0[1-9]|1[0-2])")
_LINE_BREAKS = bytes.maketrans(b"\r\n", b"  ")


@dataclass(frozen=True, slots=True)
class Operation:
    """One document on its way into an index, with the place of its record."""

    line: bytes
    """Action and document as two lines of NDJSON."""
    place: tuple[str, int, int]
    """(topic, partition, offset)."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a record can't be indexed, ever: it becomes a dead letter."""

    place: tuple[str, int, int]
    reason: str
    """Short and stable: our own word, or Elasticsearch's error type."""
    detail: str


class Addresses:
    """Where the records of each topic go."""

    def __init__(self, names: Names) -> None:
        self._current = {names.topic(stream): f"{names.index(stream.value)}-000001".encode() for stream in CURRENT}
        self._monthly = {names.topic(stream): names.index(index).encode() for stream, index in MONTHLY.items()}
        self._ledger = names.topic(Stream.LEDGER)

    @property
    def topics(self) -> list[str]:
        """Return every topic that is indexed, sorted."""
        return sorted([*self._current, *self._monthly])

    def operation(self, record: Any) -> Operation | Refusal | None:
        """Return how a Kafka record is indexed.

        Args:
            record: with ``topic``, ``partition``, ``offset``, ``value`` and ``headers``.

        Returns:
            None for what is on the ledger but no notice (wakes, decisions); a Refusal for a record that lacks what it
            needs.
        """
        headers = dict(record.headers)
        place = (record.topic, record.partition, record.offset)
        if record.topic == self._ledger and (kind := headers.get(HEADER_TYPE)) != b"notice":
            known = kind in (b"wake", b"decision")
            return None if known else Refusal(place, "bad_header", f"header {HEADER_TYPE!r} is unknown: {kind!r}")
        value: bytes = record.value or b""
        if not (value.startswith(b"{") and value.endswith(b"}")):
            return Refusal(place, "not_a_document", "the value is no JSON object")
        document_id = headers.get(HEADER_ID) or b""
        if not _ID.fullmatch(document_id) or len(document_id) > MAX_ID_BYTES:
            return Refusal(place, "bad_header", f"header {HEADER_ID!r} is missing or no id: {document_id[:80]!r}")
        action = self._action(record.topic, document_id, headers)
        if isinstance(action, str):
            return Refusal(place, "bad_header", action)
        # A raw line break can only be white space in JSON, and would end the line of a bulk request too early.
        return Operation(b"%b\n%b\n" % (action, value.translate(_LINE_BREAKS)), place)

    def _action(self, topic: str, document_id: bytes, headers: Mapping[str, bytes]) -> bytes | str:
        """Return the action line, or what is wrong with the headers."""
        index = self._current.get(topic)
        if index is None:
            month = headers.get(HEADER_MONTH) or b""
            if not _MONTH.fullmatch(month):
                return f"header {HEADER_MONTH!r} is missing or no month: {month[:80]!r}"
            return b'{"create":{"_index":"%b-%b","_id":"%b"}}' % (self._monthly[topic], month, document_id)
        version = headers.get(HEADER_VERSION) or b""
        if not (version.isdigit() and len(version) < 20 and int(version) <= MAX_VERSION):
            return f"header {HEADER_VERSION!r} is missing or no version: {version[:80]!r}"
        action = b'{"index":{"_index":"%b","_id":"%b","version":%d,"version_type":"external"}}'
        return action % (index, document_id, int(version))


def chunks(operations: Sequence[Operation], max_count: int, max_bytes: int) -> Iterator[list[Operation]]:
    """Split operations into bulk requests, in order.

    Args:
        operations: any number.
        max_count: of operations in one request, at least 1.
        max_bytes: of one request's body; a single larger document goes alone.
    """
    chunk: list[Operation] = []
    size = 0
    for operation in operations:
        if chunk and (len(chunk) >= max_count or size + len(operation.line) > max_bytes):
            yield chunk
            chunk, size = [], 0
        chunk.append(operation)
        size += len(operation.line)
    if chunk:
        yield chunk


@dataclass(frozen=True)
class Sorted:
    """A bulk answer, sorted by what is to be done."""

    done: int
    again: list[Operation]
    """Try these later: the cluster's trouble, not the document's."""
    trouble: str | None
    """The first error of those to be tried again, for the log."""
    refused: list[Refusal]


_CLUSTER_TROUBLE = {401, 403, 404, 408, 429}
"""A missing right, a missing index, a full queue: somebody mends it, and no document is to blame."""


def retryable(status: int, error_type: str) -> bool:
    """Return whether a failed request or operation is worth trying again as it is.

    ``validation_exception`` is how Elasticsearch says that the cluster may hold no more shards.
    """
    return status in _CLUSTER_TROUBLE or status >= 500 or error_type == "validation_exception"


def sort_answer(operations: Sequence[Operation], answer: Mapping[str, Any]) -> Sorted:
    """Sort the answer to one bulk request.

    Args:
        operations: of the request, in its order.
        answer: with ``errors`` and ``items`` (``filter_path=errors,items.*.status,items.*.error``).
    """
    if not answer.get("errors"):
        return Sorted(len(operations), [], None, [])
    done, trouble = 0, None
    again: list[Operation] = []
    refused: list[Refusal] = []
    for operation, entry in zip(operations, answer["items"], strict=True):
        result: Mapping[str, Any] = next(iter(entry.values()))
        status, error = int(result["status"]), result.get("error") or {}
        if status < 300 or status == 409:
            done += 1
        elif retryable(status, error.get("type", "")):
            again.append(operation)
            trouble = trouble or f"{status} {error.get('type')}: {error.get('reason')}"
        else:
            refused.append(Refusal(operation.place, str(error.get("type", f"status_{status}")), describe(error)))
    return Sorted(done, again, trouble, refused)


def describe(error: Mapping[str, Any]) -> str:
    """Return an Elasticsearch error in one line, with its cause, which names the field."""
    words = str(error.get("reason") or orjson.dumps(error).decode())
    cause = error.get("caused_by")
    if isinstance(cause, Mapping):
        words = f"{words}: {describe(cause)}"
    return words[:2000]
