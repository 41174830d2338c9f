"""Data views: which index, by which time. Pure."""

from dashboards.kibana.models import DataView
from models.topics import Names

VIEWS = (
    ("incidents", "incidents", "Incidents by start", "@timestamp"),
    ("incidents-now", "incidents", "Incidents, whenever they started", None),
    ("clocks", "clocks", "Clocks by start", "@timestamp"),
    ("clocks-now", "clocks", "Clocks, whenever they started", None),
    ("clocks-stopped", "clocks", "Clocks by stop", "stopped_at"),
    ("breaches", "clocks", "Clocks by breach", "breached_at"),
    ("notices", "notices", "Notices by publication", "@timestamp"),
    ("pages", "pages", "Pages by due instant", "@timestamp"),
    ("deliveries", "deliveries", "Deliveries by end of attempt", "@timestamp"),
    ("dead-letters", "dead-letters", "Dead letters by receipt", "@timestamp"),
)
"""(own name, index, words, time field). An incident of last week that is still open belongs to now, so what asks for
the present reads a view without a time field: the dashboard's time picker must not hide it."""


def data_views(names: Names) -> tuple[DataView, ...]:
    """Return an installation's data views; ids are readable and stay."""
    return tuple(
        DataView(
            id=view_id(names, name),
            index=index,
            name=f"{names.prefix}: {words}",
            title=names.index(index),
            time_field=at,
        )
        for name, index, words, at in VIEWS
    )


def view_id(names: Names, name: str) -> str:
    """Return the id of a data view by our own name of it."""
    return names.index(name)
