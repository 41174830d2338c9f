"""What all boards have in common: the row of links, the controls, and short ways to say what stands often. Pure."""

from dashboards.kibana.data_views import view_id
from dashboards.kibana.models import ByTerms, Control, Grid, Kql, Link, Links, Panel, RankByFigure, RankByName, Source
from models.topics import Names

TITLES = {
    "live-operations": "Live operations",
    "provider-scorecard": "Provider scorecard",
    "breach-trend": "Breach trend",
    "response-percentiles": "Response percentiles",
    "availability-and-budget": "Availability and budget",
    "disaster-map": "Disaster map",
    "escalation-audit": "Escalation audit",
    "communication-cadence": "Communication cadence",
    "postmortem-timeline": "Postmortem timeline",
}
"""Title of each board by our own name of it, in the order of the links."""
CONTROLS = {
    "provider": "Provider",
    "services": "Service",
    "priority": "Priority",
    "objective": "Objective",
    "basis": "Basis",
}
"""Title of each common control by the field that it narrows."""
AGREED = 'basis : "agreed"'
STILL_OPEN = 'verdict : ("running" or "paused" or "overdue")'
LOST_ATTEMPT = 'outcome : ("failed" or "unknown")'
LINKS_ROWS = 3
"""Rows of the grid that the links take: the first free row below them."""


def board_id(names: Names, own: str) -> str:
    """Return the id of a board in Kibana by our own name of it, a key of ``TITLES``."""
    if own not in TITLES:
        raise KeyError(f"no board {own!r}")
    return names.index(own)


def title_of(names: Names, own: str) -> str:
    """Return the title of a board: the prefix tells the installations of one Kibana apart."""
    return f"{TITLES[own]} ({names.prefix})"


def links_row(names: Names) -> Panel:
    """Return the row of links to all boards; it is the first of every board's panels."""
    links = tuple(Link(label=title, dashboard_id=board_id(names, own)) for own, title in TITLES.items())
    config = Links(title="Boards", description="The other boards of this installation.", links=links)
    return Panel(id="boards", grid=Grid(x=0, y=0, w=48, h=LINKS_ROWS), config=config)


def common_controls(names: Names, view: str, *fields: str) -> tuple[Control, ...]:
    """Return the controls that all boards share, or those of them that a board can have.

    Kibana narrows every panel by every control, and one whose index has not the field becomes empty. So a board leaves
    out what one of its panels can't follow (and ``lint`` says both: one too many, one too few).

    ``basis`` starts with *agreed* chosen, and then the board's panels say nothing of the basis themselves. A board with
    a panel that fixes or compares bases has no such control.

    Args:
        names: of the installation.
        view: own name of the data view whose values are offered.
        fields: keys of ``CONTROLS``; all of them if none is named.
    """
    return tuple(
        Control(
            data_view_id=view_id(names, view),
            field_name=field,
            title=title,
            selected_options=("agreed",) if field == "basis" else None,
            single_select=True if field == "basis" else None,
        )
        for field, title in CONTROLS.items()
        if not fields or field in fields
    )


def source(names: Names, view: str) -> Source:
    """Return a data view by our own name of it."""
    return Source(ref_id=view_id(names, view))


def kql(*conditions: str) -> Kql:
    """Return the filter of documents that meet all conditions."""
    return Kql(expression=" and ".join(one for one in conditions if one))


def terms(
    field: str,
    label: str,
    limit: int = 10,
    *,
    by_name: bool = False,
    colors: tuple[tuple[str, str], ...] = (),
) -> ByTerms:
    """Return a bucket for each value of a field: the first figure's largest first, or by name."""
    rank = RankByName() if by_name else RankByFigure()
    return ByTerms(fields=(field,), label=label, limit=limit, rank_by=rank, colors=colors)
