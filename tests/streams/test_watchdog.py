"""A worker that stops getting on ends by itself; one that has nothing to do, or is slow, goes on."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from holdfast import kafka
from holdfast.settings import Settings
from holdfast.stack.supervise import environment
from models.topics import Stream
from streams.config import changelogs
from streams.ending import EXIT_STUCK
from tests.support import samples

pytestmark = pytest.mark.live

STUCK_AFTER_S, WELL_AFTER_S = 5.0, 10.0
"""The second also has to do for one record and its commit on a busy machine; what comes before is not watched."""
WORKER = """
import asyncio, sys, time
from prometheus_client import CollectorRegistry
from holdfast.settings import load
from holdfast.working import stream_config
from streams import engine, worker, watchdog
from streams.documents import DocumentsReader
from streams.metrics import Metrics

class Reader(DocumentsReader):
    async def load(self):
        await super().load()
        while sys.argv[1] == "silent":
            await asyncio.sleep(1)
        if sys.argv[1] == "spinning":
            time.sleep(3600)

def ready():
    if sys.argv[1] == "well":
        watchdog.watch([app], float(sys.argv[2]))
    print("ready", flush=True)

watching = watchdog.watch
worker.watch = lambda apps: None if sys.argv[1] == "well" else watching(apps, float(sys.argv[2]))
settings = load()
settings.data_dir.mkdir(parents=True, exist_ok=True)
config = stream_config(settings)
app = engine.build(config, Reader(config), Metrics("track", CollectorRegistry()))
worker.run([app], "INFO", ready)
"""


@pytest.fixture
def prepared(installation: Settings) -> Settings:
    kafka.ensure_topics(installation, changelogs(kafka.names(installation)))
    with kafka.Publisher(installation) as publisher:
        publisher.send(*samples.record(samples.notice()))
    return installation


def start(settings: Settings, how: str, directory: Path) -> "subprocess.Popen[bytes]":
    """Start a worker whose agent behaves as told; its topic holds one record."""
    command = [sys.executable, "-c", WORKER, how, str(WELL_AFTER_S if how == "well" else STUCK_AFTER_S)]
    with (directory / "worker.log").open("wb") as log:
        return subprocess.Popen(command, env={**os.environ, **environment(settings)}, stdout=log, stderr=log)


@pytest.mark.parametrize("how", ["silent", "spinning"])
def test_a_worker_that_does_not_get_on_ends_by_itself(prepared: Settings, how: str, tmp_path: Path) -> None:
    """``silent``: the group counts it in, nothing rebalances, no record is taken. ``spinning``: its loop is dead."""
    worker = start(prepared, how, tmp_path)
    try:
        assert worker.wait(180) == EXIT_STUCK, (tmp_path / "worker.log").read_text()
    finally:
        worker.kill()
        worker.wait()


def test_a_worker_with_nothing_to_do_goes_on(prepared: Settings, tmp_path: Path) -> None:
    worker = start(prepared, "well", tmp_path)
    try:
        ends = time.monotonic() + 180
        while not list(kafka.read_all(prepared, kafka.names(prepared).topic(Stream.INCIDENTS))):
            assert time.monotonic() < ends, (tmp_path / "worker.log").read_text()
        time.sleep(WELL_AFTER_S * 1.5)
        assert worker.poll() is None, (tmp_path / "worker.log").read_text()
        worker.terminate()
        assert worker.wait(120) == 0
    finally:
        worker.kill()
        worker.wait()
