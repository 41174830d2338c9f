"""Options that the consumers' kafka-python clients share. Pure."""

from collections.abc import Mapping
from typing import Any

from kafka.record import util

SESSION_TIMEOUT_MS = 10_000
"""How long after a kill -9 the partitions move to another member."""
MAX_RECORD_BYTES = 16 * 1024 * 1024


def consumer_options(connection: Mapping[str, Any], group: str) -> dict[str, Any]:
    """Return the options of a group member that commits by itself, after the work."""
    return {
        **connection,
        "group_id": group,
        "enable_auto_commit": False,
        "auto_offset_reset": "earliest",
        "session_timeout_ms": SESSION_TIMEOUT_MS,
        "heartbeat_interval_ms": SESSION_TIMEOUT_MS // 4,
    }


def producer_options(connection: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a producer: idempotent, acknowledged by all replicas (both are the client's defaults)."""
    return {**connection, "linger_ms": 2, "max_request_size": MAX_RECORD_BYTES}


def assert_fast_checksums() -> None:
    """Refuse to run on the pure-Python checksum, 23 times slower and silent about it.

    Raises:
        RuntimeError: if the ``crc32c`` extra of kafka-python is missing.
    """
    if util.crc32c_c is None:
        raise RuntimeError("kafka-python runs without crc32c: install kafka-python[crc32c]")
