"""The boards: one function for each, by our own name of it. Pure."""

from collections.abc import Callable

from dashboards.kibana.boards.availability_and_budget import availability_and_budget
from dashboards.kibana.boards.breach_trend import breach_trend
from dashboards.kibana.boards.communication_cadence import communication_cadence
from dashboards.kibana.boards.disaster_map import disaster_map
from dashboards.kibana.boards.escalation_audit import escalation_audit
from dashboards.kibana.boards.live_operations import live_operations
from dashboards.kibana.boards.postmortem_timeline import postmortem_timeline
from dashboards.kibana.boards.provider_scorecard import provider_scorecard
from dashboards.kibana.boards.response_percentiles import response_percentiles
from dashboards.kibana.models import Dashboard
from models.topics import Names

BOARDS: dict[str, Callable[[Names], Dashboard]] = {
    "live-operations": live_operations,
    "provider-scorecard": provider_scorecard,
    "breach-trend": breach_trend,
    "response-percentiles": response_percentiles,
    "availability-and-budget": availability_and_budget,
    "disaster-map": disaster_map,
    "escalation-audit": escalation_audit,
    "communication-cadence": communication_cadence,
    "postmortem-timeline": postmortem_timeline,
}
"""Makers of the boards, in the order of ``common.TITLES``."""


def dashboards(names: Names) -> tuple[Dashboard, ...]:
    """Return every dashboard of an installation. Same names, same dashboards."""
    return tuple(make(names) for make in BOARDS.values())
