"""The auditor on a real run: clean where nothing was lost, and telling where something was."""

import json
import subprocess
import sys
import time
from typing import Any

import pytest
from kafka import TopicPartition
from kafka.admin import KafkaAdminClient

from holdfast import kafka
from holdfast.auditing import audit_installation
from holdfast.settings import Settings
from holdfast.stack.supervise import environment
from models.delivered import FINAL
from models.paging import Delivery, Page
from models.topics import Stream, document_headers
from tests.support import fleet
from tests.support.faults import READY, expect, offer, prepare
from tests.support.processes import Service
from tests.support.receivers import WebhookReceiver
from tests.support.topics import values

pytestmark = pytest.mark.live
PATIENCE_S = 240.0


def audited(settings: Settings, *options: str) -> tuple[int, dict[str, Any]]:
    """Run ``holdfast audit --json``; return its exit code and what it said."""
    command = [sys.executable, "-m", "holdfast", "audit", "--json", *options]
    ended = subprocess.run(command, env=environment(settings), capture_output=True, text=True, timeout=300)
    assert ended.stdout, ended.stderr
    return ended.returncode, json.loads(ended.stdout)


def pages_of(settings: Settings) -> list[Page]:
    return [Page.from_wire(value) for value in values(settings, Stream.PAGES)]


def wait_for_outcomes(settings: Settings) -> None:
    """Wait until every page has a final delivery."""
    ends = time.monotonic() + PATIENCE_S
    while True:
        told = [Delivery.from_wire(value) for value in values(settings, Stream.DELIVERIES)]
        done = {one.page_id for one in told if one.outcome in FINAL}
        if {page.page_id for page in pages_of(settings)} <= done:
            return
        assert time.monotonic() < ends, "pages without outcome"
        time.sleep(0.5)


def lose_the_first_page(settings: Settings) -> str:
    """Delete the first page of a partition from the log itself; return its id."""
    topic = kafka.names(settings).topic(Stream.PAGES)
    first = next(iter(kafka.read_all(settings, topic)))
    admin = KafkaAdminClient(**kafka.options(settings))
    try:
        admin.delete_records({TopicPartition(topic, first.partition): first.offset + 1})
    finally:
        admin.close()
    return Page.from_wire(first.value).page_id


def test_a_real_run_is_clean_and_a_page_taken_from_the_log_and_one_put_there_are_found(installation: Settings) -> None:
    with WebhookReceiver() as receiver:
        changed = {"webhook_url": receiver.url, "page_attempts": 1, "page_timeout_s": 60.0, "late_after_s": 3600.0}
        settings = installation.model_copy(update=changed)
        documents = prepare(settings, 2)
        with Service("worker --stage track", settings) as worker, Service("notify", settings) as notifier:
            worker.wait_ready(READY)
            notifier.wait_ready("holdfast.notify ready")
            notices = fleet.histories(2, 10, 3.0, fleet.now())
            offer(settings, notices)
            expect(settings, notices, documents)
            wait_for_outcomes(settings)
            code, said = audited(settings, "--since", "all")  # while everything runs on
            assert (code, said["findings"]) == (0, [])
            assert said["pages"] == len(pages_of(settings)) > 0
        assert audited(settings)[0] == 0
        lost = lose_the_first_page(settings)
        stray = pages_of(settings)[0].model_copy(update={"page_id": "stray", "issued_at": settings.clock.now()})
        with kafka.Publisher(settings) as publisher:
            publisher.send(Stream.PAGES, stray.postbox, stray.to_wire(), document_headers("stray", month="2026-05"))
    code, said = audited(settings)
    assert code == 1
    assert {(one["fault"], one["page_id"]) for one in said["findings"]} == {
        ("page_missing", lost), ("page_unexpected", "stray"),
    }  # fmt: skip
    assert len(audit_installation(settings, None).faults) == 2
