"""The formats that Holdfast reads, by name. To add one: write a dialect file and list it here. Pure."""

from dataclasses import dataclass
from typing import Protocol

from feeds import (
    alertmanager,
    bchydro,
    cap,
    google_cloud,
    oe417,
    outage_geojson,
    servicenow,
    servicenow_log,
    statements,
    statuspage,
    ticket_log,
)
from feeds.errors import PayloadError
from feeds.reading import Parsed
from models.notice import Speaker


class Parse(Protocol):
    """A dialect's one function."""

    def __call__(self, body: bytes, *, zone: str | None = None) -> Parsed:
        """Read one payload; raises ``PayloadError`` and nothing else."""
        ...


@dataclass(frozen=True)
class Dialect:
    """One format: how it is read, and what is known of it before any payload is seen."""

    name: str
    title: str
    parse: Parse
    speaker: Speaker
    """Whose word its statements are."""
    content_types: tuple[str, ...]
    """What to ask for and expect over HTTP, the best first."""


FORMATS: dict[str, Dialect] = {
    one.name: one
    for one in (
        Dialect("statuspage", "Atlassian Statuspage v2", statuspage.parse, Speaker.PROVIDER, ("application/json",)),
        Dialect(
            "google-cloud", "Google Cloud incidents.json", google_cloud.parse, Speaker.PROVIDER, ("application/json",)
        ),
        Dialect(
            "cap",
            "Common Alerting Protocol 1.0 to 1.2, Atom feeds of it, Meteoalarm JSON",
            cap.parse,
            Speaker.AUTHORITY,
            ("application/cap+xml", "application/atom+xml", "application/xml", "text/xml", "application/json"),
        ),
        Dialect(
            "alertmanager",
            "Prometheus Alertmanager webhook v4",
            alertmanager.parse,
            Speaker.MONITOR,
            ("application/json",),
        ),
        Dialect(
            "servicenow",
            "ServiceNow incidents, Table API and CSV export",
            servicenow.parse,
            Speaker.PROVIDER,
            ("application/json", "text/csv"),
        ),
        Dialect(
            "servicenow-log", "ServiceNow incident log, CSV", servicenow_log.parse, Speaker.PROVIDER, ("text/csv",)
        ),
        Dialect("ticket-log", "Incident tool's event log, CSV", ticket_log.parse, Speaker.PROVIDER, ("text/csv",)),
        Dialect("bchydro", "BC Hydro outage map", bchydro.parse, Speaker.PROVIDER, ("application/json",)),
        Dialect("oe417", "Major outages (OE-417), CSV", oe417.parse, Speaker.PROVIDER, ("text/csv",)),
        Dialect(
            "outage-geojson",
            "Outages as GeoJSON with StartTime",
            outage_geojson.parse,
            Speaker.PROVIDER,
            ("application/geo+json", "application/json"),
        ),
        Dialect(
            "statements",
            "Our own people's statements, JSON lines",
            statements.parse,
            Speaker.CUSTOMER,
            ("application/x-ndjson", "application/json"),
        ),
    )
}
"""By name, in the order that documentation shows."""


def dialect(name: str) -> Dialect:
    """Return a dialect.

    Raises:
        PayloadError: ``unknown_format``; the detail lists the names that exist.
    """
    found = FORMATS.get(name)
    if found is None:
        raise PayloadError("unknown_format", f"no format {name[:80]!r}; there are {', '.join(FORMATS)}")
    return found
