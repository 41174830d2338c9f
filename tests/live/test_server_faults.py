"""Servers that are killed, workers that are frozen: everything catches up, and what is told stays true."""

import time
from collections.abc import Iterable
from datetime import timedelta

import pytest

from holdfast.settings import Settings
from models.ids import stable_id
from models.notice import Notice, Phase, Speaker
from models.records import IncidentDocument
from models.topics import Stream
from tests.support import fleet, topics
from tests.support.faults import READY, Kept, expect, offer, prepare
from tests.support.processes import Service

pytestmark = [pytest.mark.live, pytest.mark.timeout(300)]

COUNT = 1600
SESSION_S = 8.0
"""After this much silence a worker's partitions are given to another (``streams.config``)."""


def said(numbers: Iterable[int], phase: Phase) -> list[Notice]:
    """Return one notice of each incident, received now."""
    now = fleet.now()
    return [
        Notice(
            notice_id=stable_id(str(number), phase.value),
            source=f"p{number % 8}-status",
            source_incident_id=f"inc-{number}",
            source_update_id=phase.value,
            speaker=Speaker.PROVIDER,
            phase=phase,
            provider=f"p{number % 8}",
            services=("mail",),
            severity="major",
            title=f"Incident {number}",
            text=phase.value,
            claimed_at=now,
            published_at=now,
            received_at=now + timedelta(microseconds=number),
        )
        for number in numbers
    ]


def incidents(settings: Settings, phase: Phase) -> int:
    """Return how many incidents were told to be in a phase."""
    documents = map(IncidentDocument.from_wire, topics.values(settings, Stream.INCIDENTS))
    return len({one.incident_id for one in documents if one.phase == phase})


def test_a_frozen_worker_that_wakes_up_among_others_writes_nothing(installation: Settings) -> None:
    """It has a batch in hand and thousands of records in its buffers, and its partitions are another worker's."""
    documents = prepare(installation, 8)
    patient = installation.model_copy(update={"late_after_s": 3600.0})  # a slow machine is not an outage of the tracker
    first, second = (Service("worker --stage track", patient, instance=name) for name in ("a", "b"))
    with Kept(first) as thawed, Kept(second) as other:
        for service in (first, second):
            service.wait_ready(READY)
        begun = said(range(COUNT), Phase.REPORTED)
        offer(installation, begun)
        topics.wait_until(lambda: len(topics.values(installation, Stream.INCIDENTS)) > 400)
        first.pause()
        assert incidents(installation, Phase.REPORTED) < COUNT, "frozen too late to have anything in hand"
        time.sleep(SESSION_S)
        engaged = said(range(COUNT), Phase.ENGAGED)
        offer(installation, engaged)
        topics.wait_until(lambda: incidents(installation, Phase.ENGAGED) == COUNT, timeout_s=60)
        first.resume()
        time.sleep(2.0)
        for worker in (thawed, other):  # what the rows say is only read by who comes next
            worker.kill9()
        ended = said(range(COUNT), Phase.RESTORED)
        offer(installation, ended)
        expect(installation, begun + engaged + ended, documents)
