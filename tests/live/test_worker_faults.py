"""Workers that are killed: nothing skipped, nothing doubled, nobody paged twice.

An independent reader of the topics compares with the pure core, which knows neither Kafka nor Faust.
"""

import threading
import time

import pytest

from holdfast.settings import Settings
from tests.support import fleet
from tests.support.faults import READY, Kept, expect, offer, prepare
from tests.support.processes import Service

pytestmark = pytest.mark.live


def patient(settings: Settings) -> Settings:
    """Return settings under which a slow machine is not an outage of the tracker."""
    return settings.model_copy(update={"late_after_s": 3600.0})


def test_a_worker_killed_mid_stream_loses_and_doubles_nothing(installation: Settings) -> None:
    documents = prepare(installation, 2)
    with Kept(Service("worker --stage track", patient(installation))) as worker:
        worker.service.wait_ready(READY)
        notices = fleet.histories(2, 150, 15.0, fleet.now())
        offering = threading.Thread(target=offer, args=(installation, notices))
        offering.start()
        for life in range(3):
            time.sleep(1.0 + life)
            worker.kill9()
        offering.join()
        found = expect(installation, notices, documents)
    assert worker.service.lives > 3
    assert len(found.pages) > 100


def test_two_workers_under_load_five_kills_and_the_rebalances_they_cause(installation: Settings) -> None:
    documents = prepare(installation, 8)
    services = [Service("worker --stage track", patient(installation), instance=name) for name in ("a", "b")]
    with Kept(services[0]) as first, Kept(services[1]) as second:
        for service in services:
            service.wait_ready(READY)
        notices = fleet.histories(8, 1600, 270.0, fleet.now())  # 270 new incidents a second: 1000 notices
        offering = threading.Thread(target=offer, args=(installation, notices))
        offering.start()
        for life in range(5):
            time.sleep(2.0)
            # the second stays away for longer than its session: its partitions move, and move back
            (second.kill9(away_s=10.0) if life % 2 else first.kill9())
        offering.join()
        found = expect(installation, notices, documents)
    assert sum(service.lives for service in services) > 6
    assert len(found.pages) > 1400
