"""Servers that are killed, workers that are frozen: everything catches up, and what is told stays true."""

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

import pytest

from holdfast import kafka
from holdfast.settings import Settings
from holdfast.stack.local import LocalStack, elasticsearch_answers, kafka_answers
from models.ids import stable_id
from models.notice import Notice, Phase, Speaker
from models.records import IncidentDocument
from models.topics import Stream
from tests.support import fleet, topics
from tests.support.faults import READY, Kept, expect, offer, prepare
from tests.support.processes import Service
from tests.support.receivers import WebhookReceiver

pytestmark = pytest.mark.live

COUNT = 800
WAVES = 10
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


def freeze_with_records_in_hand(settings: Settings, worker: Service) -> list[Notice]:
    """Freeze a worker in the middle of its work; return all that was offered.

    More is offered as long as it was faster than we are.
    """
    offered: list[Notice] = []
    for wave in range(WAVES):
        begun = said(range(wave * COUNT, (wave + 1) * COUNT), Phase.REPORTED)
        offer(settings, begun)
        offered += begun
        topics.wait_until(lambda before=wave * COUNT: incidents(settings, Phase.REPORTED) > before + 200)
        worker.pause()
        if incidents(settings, Phase.REPORTED) < len(offered):
            return offered
        worker.resume()
    raise AssertionError(f"frozen too late in each of {WAVES} waves to have anything in hand")


def test_a_frozen_worker_that_wakes_up_among_others_writes_nothing(installation: Settings) -> None:
    """It has a batch in hand and thousands of records in its buffers, and its partitions are another worker's."""
    documents = prepare(installation, 8)
    patient = installation.model_copy(update={"late_after_s": 3600.0})  # a slow machine is not an outage of the tracker
    first, second = (Service("worker --stage track", patient, instance=name) for name in ("a", "b"))
    with Kept(first) as thawed, Kept(second) as other:
        for service in (first, second):
            service.wait_ready(READY)
        begun = freeze_with_records_in_hand(installation, first)
        time.sleep(SESSION_S)
        engaged = said(range(len(begun)), Phase.ENGAGED)
        offer(installation, engaged)
        topics.wait_until(lambda: incidents(installation, Phase.ENGAGED) == len(begun))
        first.resume()
        time.sleep(2.0)
        for worker in (thawed, other):  # what the rows say is only read by who comes next
            worker.kill9()
        ended = said(range(len(begun)), Phase.RESTORED)
        offer(installation, ended)
        expect(installation, begun + engaged + ended, documents)


def kill_and_restart(stack: LocalStack, name: str, away_s: float) -> None:
    """Kill a server without warning; start it again after a while, on the same data, and wait until it answers."""
    (server,) = (child for child in stack.children if child.name == name)
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    server.wait()
    time.sleep(away_s)
    server.start()
    answers = kafka_answers if name == "Kafka" else elasticsearch_answers
    topics.wait_until(lambda: answers(stack.settings))


def test_every_service_catches_up_after_both_servers_were_killed_under_load(own_stack: LocalStack) -> None:
    """The broker is away for longer than a session, Elasticsearch for a while under writes."""
    settings = own_stack.settings.model_copy(update={"late_after_s": 3600.0, "page_first_pause_s": 0.1})
    kafka.ensure_topics(settings)
    documents = prepare(settings, 4)
    with WebhookReceiver() as receiver:
        env = {"HOLDFAST_WEBHOOK_URL": receiver.url, "HOLDFAST_SMTP_PORT": "1"}
        with (
            Kept(Service("worker", settings, env=env)) as worker,
            Kept(Service("index", settings, env=env), "holdfast.index ready") as indexer,
            Kept(Service("notify", settings, env=env), "holdfast.notify ready") as notifier,
        ):
            for kept in (worker, indexer, notifier):
                kept.service.wait_ready(kept.ready)
            notices = fleet.histories(4, 200, 8.0, fleet.now())
            offering = threading.Thread(target=offer, args=(settings, notices))
            offering.start()
            time.sleep(5.0)
            kill_and_restart(own_stack, "Kafka", SESSION_S + 2)
            kill_and_restart(own_stack, "Elasticsearch", 5.0)
            offering.join()
            found = expect(settings, notices, documents)
            indexed = {
                "incidents": "IncidentDocument",
                "clocks": "ClockDocument",
                "plans": "PlanDocument",
                "pages": "Page",
            }
            for index, kind in indexed.items():
                wanted = {name.partition("/")[2] for name in [*found.last, *found.pages] if name.startswith(f"{kind}/")}
                topics.wait_until(lambda index=index, wanted=wanted: topics.sources(settings, index).keys() == wanted)
            assert topics.counts(settings, "notices") == Counter({1: len({one.notice_id for one in notices})})
            for name, sources in topics.sources(settings, "incidents").items():
                (source,) = sources
                assert source["revision"] == max(found.versions[f"IncidentDocument/{name}"])
            by_webhook = {name.partition("/")[2] for name, page in found.pages.items() if page["channel"] == "webhook"}
            topics.wait_until(lambda: {request.key for request in receiver.requests} == by_webhook)
            assert topics.values(settings, Stream.DEAD_LETTERS) == []
    first_times = Counter(request.key for request in receiver.requests if not request.repeated)
    assert set(first_times.values()) == {1}, "paged twice without saying so"
