"""A told story: a bad week with two providers, in their feeds' real formats, for the demo and for tests. Pure.

``payloads`` is what our pollers and our webhook would have received, with true times of the story's own week; play
them in order against ``examples/agreements``. Same code, same bytes: nothing depends on when or where it runs.
"""

from datetime import datetime, timedelta
from itertools import chain

from holdfast.story import google_cloud, statuspage, week
from holdfast.story.looks import Poller, pushed, warned
from holdfast.story.script import LENGTH, ORIGIN, at
from models.raw import RawPayload

__all__ = ["LENGTH", "ORIGIN", "narration", "payloads"]

_FIVE, _FIFTEEN = timedelta(minutes=5), timedelta(minutes=15)
NIMBUS_STATUS = Poller(
    "nimbus-status",
    "statuspage",
    _FIVE,
    timedelta(minutes=1),
    "https://status.nimbus.example/api/v2/incidents.json",
)
NIMBUS_MAINTENANCE = Poller(
    "nimbus-maintenance",
    "statuspage",
    _FIFTEEN,
    timedelta(minutes=2),
    "https://status.nimbus.example/api/v2/scheduled-maintenances.json",
)
BOREALIS_STATUS = Poller(
    "borealis-status", "google-cloud", _FIVE, timedelta(0), "https://status.borealis.example/incidents.json"
)


def payloads() -> tuple[RawPayload, ...]:
    """Return everything that is received in the story's week, by ``received_at`` and then by feed."""
    found = chain(
        NIMBUS_STATUS.payloads(
            (change for one in week.NIMBUS_INCIDENTS for change in one.changed_at()),
            lambda look: statuspage.incidents_json(week.NIMBUS_INCIDENTS, look),
        ),
        NIMBUS_MAINTENANCE.payloads(
            (change for one in week.NIMBUS_MAINTENANCES for change in one.changed_at()),
            lambda look: statuspage.maintenances_json(week.NIMBUS_MAINTENANCES, look),
        ),
        BOREALIS_STATUS.payloads(
            (change for one in week.BOREALIS_INCIDENTS for change in one.changed_at()),
            lambda look: google_cloud.incidents_json(week.BOREALIS_INCIDENTS, look),
        ),
        pushed("nimbus-probes", week.NIMBUS_PROBES),
        pushed("borealis-probes", week.BOREALIS_PROBES),
        warned("weather-warnings", week.WARNINGS, timedelta(minutes=10)),
        (one.payload() for one in week.ACKNOWLEDGED),
    )
    return tuple(sorted(found, key=lambda payload: (payload.received_at, payload.feed)))


def narration() -> tuple[tuple[datetime, str], ...]:
    """Return what happens in the story, ascending: (instant, one sentence)."""
    return tuple((at(when), text) for when, text in week.NARRATION)
