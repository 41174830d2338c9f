"""How much memory is left on this machine, or in its container. IO: reads the system's figures."""

from contextlib import suppress
from pathlib import Path

from holdfast.stack.errors import StackError

STACK_NEEDS_MB = 1200
"""Kafka, Elasticsearch and what the JVMs need around their heaps, measured and rounded up."""
CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")
CGROUP_USED = Path("/sys/fs/cgroup/memory.current")


def available_mb() -> int:
    """Return MiB that new processes can have: the machine's, or the container's limit when that is less."""
    import psutil

    free = int(psutil.virtual_memory().available)
    with suppress(OSError, ValueError):
        free = min(free, int(CGROUP_LIMIT.read_text()) - int(CGROUP_USED.read_text()))
    return max(free, 0) // (1024 * 1024)


def require(needed_mb: int = STACK_NEEDS_MB) -> None:
    """Check that the servers fit.

    Raises:
        StackError: if they do not.
    """
    free = available_mb()
    if free < needed_mb:
        raise StackError(
            f"too little memory: {free} MiB are free, the local Kafka and Elasticsearch need about {needed_mb} MiB",
            "close other programs, or set HOLDFAST_KAFKA and HOLDFAST_ELASTICSEARCH to servers elsewhere",
        )
