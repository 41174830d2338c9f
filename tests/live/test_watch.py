"""The watcher on real services: they beat, one is killed, and the dead-man call stays away."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from consumers.deadman import DeadMan
from holdfast import kafka
from holdfast.beating import Beat
from holdfast.settings import Settings
from holdfast.stack.ports import pick_free
from holdfast.stack.supervise import environment
from holdfast.watching import Watch
from models.heartbeat import Figures
from models.topics import Stream
from models.watch import Trouble
from tests.support import samples
from tests.support.processes import Service
from tests.support.receivers import WebhookReceiver
from tests.support.topics import wait_until

pytestmark = pytest.mark.live

SERVICES = ("worker", "index", "notify", "serve")
PATIENCE_S = 240.0


@pytest.fixture
def beating(installation: Settings) -> Settings:
    """Settings under which services beat every two seconds."""
    return installation.model_copy(update={"heartbeat_every_s": 2.0})


@pytest.fixture
def fleet(beating: Settings) -> Iterator[dict[str, Service]]:
    """All services of one installation, ready."""
    with ExitStack() as stack:
        services = {name: stack.enter_context(Service(name, beating)) for name in SERVICES}
        for name, service in services.items():
            service.wait_ready(f"holdfast.{name} ready")
        yield services


def once(settings: Settings, *options: str) -> tuple[int, dict[str, object]]:
    """Run ``holdfast watch --once --json``; return its exit code and what it said."""
    command = [sys.executable, "-m", "holdfast", "watch", "--once", "--json", *options]
    ended = subprocess.run(command, env=environment(settings), capture_output=True, text=True, timeout=300)
    return ended.returncode, json.loads(ended.stdout)


def looking(watch: Watch, check: Callable[[], bool]) -> None:
    """Let the watcher look and call until a check holds."""

    def step() -> bool:
        watch.judgement = watch.look()
        watch._call()
        return check()

    wait_until(step, PATIENCE_S)


def _all_beat_since(watch: Watch, began: float) -> bool:
    """Return whether every service was heard after the watcher began: else its silence is only awaited at first."""
    seen = watch._ear.seen()
    return all(name in seen and seen[name].heard_s < time.monotonic() - began for name in SERVICES)


def _troubles(watch: Watch) -> list[tuple[str, Trouble]]:
    return [(one.service, one.trouble) for one in watch.judgement.findings]


def test_the_call_goes_out_while_all_are_there_and_stays_away_when_one_is_killed(
    beating: Settings, fleet: dict[str, Service]
) -> None:
    with WebhookReceiver() as receiver:
        began = time.monotonic()
        watch = Watch(beating, SERVICES, DeadMan(receiver.url, beating.clock.now, every_s=0.0))
        looking(watch, lambda: len(receiver.requests) >= 3 and _all_beat_since(watch, began))
        fleet["index"].kill9()
        looking(watch, lambda: _troubles(watch) == [("index", Trouble.SILENT)])
        calls = len(receiver.requests)
        code, said = once(beating)
        assert (code, said["well"]) == (1, False)
        for _ in range(10):
            watch.judgement = watch.look()
            watch._call()
        assert len(receiver.requests) == calls, "called though a service is dead"
        fleet["index"].start()
        looking(watch, lambda: len(receiver.requests) > calls)
        watch.close()
    wait_until(lambda: once(beating)[0] == 0, PATIENCE_S)


def test_what_the_worker_says_of_itself_is_what_the_broker_knows(beating: Settings) -> None:
    with kafka.Publisher(beating) as publisher:
        publisher.send(*samples.record(samples.notice()))
    with Service("worker", beating) as worker:
        worker.wait_ready("holdfast.worker ready")
        watch = Watch(beating, ("worker",))
        looking(watch, lambda: watch.judgement.is_well)
        wait_until(lambda: _latest(watch, "worker") == {"ledger": 0, "raw": 0}, PATIENCE_S)
        assert worker.stop() == 0
        looking(watch, lambda: "worker" not in watch._ear.seen())  # it said goodbye
        watch.close()


def _latest(watch: Watch, service: str) -> dict[str, int]:
    watch.look()
    return watch._ear.seen()[service].latest.lag_records


def test_a_frozen_loop_is_told_by_a_heart_that_still_beats(beating: Settings) -> None:
    """The thread of the heartbeat lives on; the figures say since when nothing moves."""
    with Beat(beating, "worker", lambda: Figures(progress_age_s=61.0)):
        watch = Watch(beating, ("worker",))
        looking(watch, lambda: _troubles(watch) == [("worker", Trouble.STUCK)])
        watch.close()


def test_figures_that_can_t_be_read_are_trouble_and_end_nothing(beating: Settings) -> None:
    def broken() -> Figures:
        raise RuntimeError("no figures")

    with Beat(beating, "notify", broken):
        watch = Watch(beating, ("notify",))
        looking(watch, lambda: _troubles(watch) == [("notify", Trouble.SERVICE_TROUBLE)])
        watch.close()


def test_without_a_broker_a_service_goes_on_and_the_watcher_says_what_is_wrong(beating: Settings) -> None:
    away = beating.model_copy(update={"kafka": f"127.0.0.1:{pick_free(1)[0]}"})
    with WebhookReceiver() as receiver:
        with Beat(away, "worker"):
            watch = Watch(away, ("worker",), DeadMan(receiver.url, away.clock.now))
            watch.judgement = watch.look()
            watch._call()
        assert [one.trouble for one in watch.judgement.findings] == [Trouble.UNREACHABLE]
        assert receiver.requests == []


def test_an_instance_that_was_taken_away_for_good_is_forgotten_when_told_so(beating: Settings) -> None:
    topic = kafka.names(beating).topic(Stream.HEARTBEATS)
    beat = Beat(beating, "worker/2").start()
    wait_until(lambda: any(record.key == b"worker/2" for record in kafka.read_all(beating, topic)), PATIENCE_S)
    beat.stop(goodbye=False)
    command = [sys.executable, "-m", "holdfast", "watch", "--forget", "worker/2"]
    subprocess.run(command, env=environment(beating), check=True, timeout=300)
    watch = Watch(beating, ())
    assert watch.look(at_once=True).findings == ()
    assert watch._ear.seen() == {}
    watch.close()
