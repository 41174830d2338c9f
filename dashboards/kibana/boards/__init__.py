"""The boards: one function for each, by our own name of it. Pure."""

from collections.abc import Callable

from dashboards.kibana.boards.live_operations import live_operations
from dashboards.kibana.models import Dashboard
from models.topics import Names

BOARDS: dict[str, Callable[[Names], Dashboard]] = {
    "live-operations": live_operations,
}
"""Makers of the boards, in the order of ``common.TITLES``."""


def dashboards(names: Names) -> tuple[Dashboard, ...]:
    """Return every dashboard of an installation. Same names, same dashboards."""
    return tuple(make(names) for make in BOARDS.values())
