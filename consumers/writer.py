"""Writes documents to Elasticsearch and does not give up while the cluster is in trouble. IO: Elasticsearch."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch

from consumers.backoff import Backoff
from consumers.bulk import Operation, Refusal, chunks, describe, sort_answer

log = logging.getLogger("holdfast.index")

MAX_OPERATIONS = 4000
MAX_BYTES = 8 * 1024 * 1024
"""Of one request: half a megabyte is already efficient, 100 MB is what Elasticsearch takes at most."""
FILTER = "errors,items.*.status,items.*.error"
_REFUSED = (400, 413)
"""A whole request that is malformed or too large: some document's fault. Any other status is the cluster's trouble."""
PAUSES = Backoff(first_s=0.1, longest_s=10.0)


class BulkWriter:
    """Takes operations until each is stored or refused for good."""

    def __init__(
        self,
        client: Elasticsearch,
        prepare: Callable[[], None],
        wait: Callable[[float], None],
        pauses: Backoff = PAUSES,
        ready: threading.Event | None = None,
    ) -> None:
        """Keep the collaborators; nothing is opened.

        Args:
            client: with ``max_retries=0``: retrying is done here.
            prepare: makes sure that templates are there; called before the first write and after every trouble, so a
                cluster that comes back empty does not guess mappings. Its errors count as the cluster's trouble.
            wait: waits so many seconds and may raise to end the work; nothing half done is reported as done.
            pauses: between attempts.
            ready: set while the templates are known to be there; writers that share it prepare once for all.
        """
        self._client = client
        self._prepare = prepare
        self._wait = wait
        self._pauses = pauses
        self._ready = ready or threading.Event()
        self.indexed_count = 0
        self.retry_count = 0

    def write(self, operations: Sequence[Operation]) -> list[Refusal]:
        """Write all operations; return those that can never be stored, with the reason.

        Raises:
            Exception: whatever ``wait`` raises to end the work.
        """
        refused: list[Refusal] = []
        for chunk in chunks(operations, MAX_OPERATIONS, MAX_BYTES):
            refused += self._write_chunk(chunk)
        return refused

    def _write_chunk(self, operations: list[Operation]) -> list[Refusal]:
        refused: list[Refusal] = []
        attempt = 0
        while operations:
            try:
                if not self._ready.is_set():
                    self._prepare()
                    self._ready.set()
                answer = self._bulk(operations)
            except TransportError as error:
                trouble: str | None = f"{type(error).__name__}: {error.message}"
            except ApiError as error:
                if error.status_code in _REFUSED:
                    return refused + self._isolate(operations, error)
                trouble = f"{error.status_code} {error.message}"
            else:
                result = sort_answer(operations, answer)
                self.indexed_count += result.done
                refused += result.refused
                operations, trouble = result.again, result.trouble
            if operations:
                attempt += 1
                self._pause(attempt, len(operations), trouble)
        return refused

    def _bulk(self, operations: list[Operation]) -> Mapping[str, Any]:
        body = b"".join(operation.line for operation in operations)
        answer: Mapping[str, Any] = self._client.bulk(operations=body, filter_path=FILTER).body  # type: ignore[arg-type]  # bytes pass through as they are, 7 times cheaper
        return answer

    def _isolate(self, operations: list[Operation], error: ApiError) -> list[Refusal]:
        """A request was refused as a whole: halve it until the guilty operation stands alone."""
        if not self._ready.is_set():
            raise error  # the templates were refused, not the documents
        if len(operations) == 1:
            reason = error.info.get("error") if isinstance(error.info, dict) else None
            detail = describe(reason) if isinstance(reason, dict) else str(error)
            return [Refusal(operations[0].place, str(error.message), detail)]
        middle = len(operations) // 2
        return self._write_chunk(operations[:middle]) + self._write_chunk(operations[middle:])

    def _pause(self, attempt: int, count: int, trouble: str | None) -> None:
        pause_s = self._pauses.pause_s(attempt)
        self.retry_count += count
        self._ready.clear()
        level = logging.WARNING if attempt in (1, 5) or attempt % 20 == 0 else logging.DEBUG
        log.log(level, "elasticsearch trouble=%r documents=%d attempt=%d", trouble, count, attempt)
        self._wait(pause_s)
