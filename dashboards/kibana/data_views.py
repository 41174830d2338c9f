"""Data views: which index, by which time, and how the fields are shown. Pure."""

from dashboards.catalogue import KINDS
from dashboards.catalogue.formats import field_descriptions, field_formats
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
    ("communications", "communications", "Contacts by when they took place", "@timestamp"),
    ("plans-now", "plans", "Escalation plans, whenever their incidents started", None),
    ("scorecards", "scorecards", "Scorecards by begin of their month or period", "@timestamp"),
    ("scorecards-now", "scorecards", "Scorecards, whatever they sum up", None),
    ("availability", "availability", "Availability by day", "@timestamp"),
    ("availability-now", "availability", "Availability, all days", None),
    ("hazards", "hazards", "Hazards by begin", "@timestamp"),
    ("hazards-now", "hazards", "Hazards, whenever they began", None),
    ("promises", "promises", "Promises by the time that was named", "@timestamp"),
    ("promises-now", "promises", "Promises, whenever they fall due", None),
    ("promises-said", "promises", "Promises by when they were made", "said_at"),
    ("timelines", "timelines", "Time lines by begin of each entry", "@timestamp"),
    ("timelines-whole", "timelines", "Time lines, whenever", None),
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
            field_formats=field_formats(KINDS[index]),
            field_attrs=field_descriptions(KINDS[index]),
        )
        for name, index, words, at in VIEWS
    )


def view_id(names: Names, name: str) -> str:
    """Return the id of a data view by our own name of it."""
    return names.index(name)
