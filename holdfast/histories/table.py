"""The histories that docs/findings.md tells of: where their payloads lie, who speaks, and as of when. Pure.

To add one: put its payloads below the corpus directory, write its provider and agreement, and add a line here.
"""

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class History:
    """One provider's record, as one series of looks.

    Attributes:
        history_id: names it in the page, in ``--history`` and in the JSON.
        title: for people.
        provider: id of the document that its agreement is with.
        format: a name of ``feeds.registry.FORMATS``.
        paths: files and directories below the corpus directory.
        as_of: how far the world had run: the last look, or the day on which the file was exported.
        received_at: when the payloads were in hand; None where their own names or lines say so. A date of a file would
            make the figures depend on who copied it.
        drafts: versions of the agreement to compare with.
    """

    history_id: str
    title: str
    provider: str
    format: str
    paths: tuple[str, ...]
    as_of: datetime
    received_at: datetime | None = None
    drafts: tuple[str, ...] = ()


def _at(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def _exported(
    history_id: str, title: str, provider: str, form: str, path: str, at: datetime, drafts: tuple[str, ...] = ()
) -> History:
    return History(history_id, title, provider, form, (path,), at, at, drafts)


PROMISES = ("promises-only",)
DESK = ("no-pauses", "around-the-clock")
STATUSPAGE, GOOGLE = "statuspage", "google-cloud"

HISTORIES = (
    _exported(
        "github", "GitHub", "github", STATUSPAGE, "statuspage/github_incidents", _at(2023, 10, 7), PROMISES
    ),
    _exported(
        "emma", "Emma", "emma", STATUSPAGE, "statuspage/emma_incidents_2019.json", _at(2019, 2, 19), PROMISES
    ),
    _exported(
        "claude", "Claude", "claude", STATUSPAGE, "statuspage/claude_incidents_trimmed.json", _at(2026, 6, 7), PROMISES
    ),
    History(
        "oracle-cloud", "Oracle Cloud, polled", "oracle-cloud", STATUSPAGE, ("statuspage/oci_polls",),
        _at(2021, 5, 27, 6, 11, 57), None, PROMISES,
    ),
    _exported(
        "google-2020", "Google Cloud 2019 to 2020", "google-cloud", GOOGLE, "gcp/incidents_2020-11-06_oldschema.json",
        _at(2020, 11, 7, 1, 47, 49), PROMISES,
    ),
    _exported(
        "google-2022", "Google Cloud 2021 to 2022", "google-cloud", GOOGLE, "gcp/incidents_2022-07-01.json",
        _at(2022, 7, 2), PROMISES,
    ),
    History(
        "google-2026", "Google Cloud July 2026, polled", "google-cloud", GOOGLE, ("gcp/polls_2026-07",),
        _at(2026, 7, 25, 14, 15, 13), None, PROMISES,
    ),
    _exported(
        "service-desk", "A service desk (ServiceNow log)", "service-desk", "servicenow-log",
        "itsm_servicenow/incident_event_log_head.csv", _at(2017, 2, 19), DESK,
    ),
    _exported(
        "volvo-it", "Volvo IT incident desk", "volvo-it", "ticket-log", "itsm_volvo_bpic2013/VINST-new_head.csv",
        _at(2012, 5, 31), DESK,
    ),
    History(
        "bc-hydro", "BC Hydro, polled", "bc-hydro", "bchydro", ("power_outages_bchydro",), _at(2025, 4, 18, 18, 51, 24),
    ),
    _exported(
        "us-grid", "Major outages, United States", "us-grid", "oe417",
        "power_outages_other/us_major_outages_part1.csv", _at(2016, 8, 1),
    ),
    _exported(
        "union-power", "A power co-operative", "union-power", "outage-geojson",
        "power_outages_other/outages30Day.json", _at(2018, 10, 16),
    ),
)  # fmt: skip
"""In the order of the page."""

BY_ID = {history.history_id: history for history in HISTORIES}
