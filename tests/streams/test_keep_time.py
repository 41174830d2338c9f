"""Keeping time: a wake is sent until the fold applied it, ever more seldom. A broken reader ends the process."""

import asyncio
import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from models.topics import Names
from streams import documents, engine
from streams.config import StreamConfig
from streams.documents import DocumentsReader
from streams.engine import LONGEST_RESEND_S, RESEND_AFTER_S, TimeKeeper
from streams.heap import DueHeap
from streams.metrics import Metrics

DUE = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
CASE = ("nimbus", "inc-1")


class LateClock:
    """Stands a minute after what is due."""

    def now(self) -> datetime:
        return DUE + timedelta(minutes=1)

    def real_seconds_until(self, instant: datetime) -> float:
        return (instant - self.now()).total_seconds()


class Broker:
    """Takes records and remembers when; stands in for an app and its producer."""

    def __init__(self) -> None:
        self.producer = self
        self.now_s = 0.0
        self.sent_at: list[float] = []

    async def send(self, *_: Any) -> "asyncio.Future[None]":
        self.sent_at.append(self.now_s)
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        written.set_result(None)
        return written


@pytest.fixture
def config(tmp_path: Path) -> StreamConfig:
    return StreamConfig("127.0.0.1:1", Names("t"), LateClock(), tmp_path)


def sent_at(config: StreamConfig, monkeypatch: pytest.MonkeyPatch, seconds: int, applied_at: float) -> list[float]:
    """Return when a wake is sent that the fold applies so late, ticking every second."""
    broker, heap = Broker(), DueHeap()
    monkeypatch.setattr(engine, "monotonic", lambda: broker.now_s)
    keeper = TimeKeeper(broker, config, heap, Metrics("track", CollectorRegistry()))
    heap.arm(CASE, DUE)

    async def tick() -> None:
        for second in range(seconds):
            broker.now_s = float(second)
            if second == applied_at:
                heap.arm(CASE, None)
            await keeper._tick()

    asyncio.run(tick())
    return broker.sent_at


def test_a_wake_that_is_not_applied_is_sent_again_ever_more_seldom(
    config: StreamConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = sent_at(config, monkeypatch, 3600, applied_at=-1)
    pauses = [later - earlier for earlier, later in itertools.pairwise(sent)]
    assert pauses[:4] == [RESEND_AFTER_S * 2**times for times in range(4)]
    assert max(pauses) == LONGEST_RESEND_S
    assert len(sent) < 25, "the ledger keeps every one of them for ever"


def test_a_wake_that_is_applied_is_not_sent_again(config: StreamConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sent_at(config, monkeypatch, 60, applied_at=1) == [0.0]


class Died(BaseException):
    """Stands in for the end of the process."""


class BrokenConsumer:
    """Fails as a lost connection does that never comes back."""

    async def getmany(self, **_: Any) -> dict[object, list[object]]:
        raise OSError("gone")

    async def stop(self) -> None:
        """Nothing to stop."""


def test_a_reader_of_documents_that_fails_ends_the_process(
    config: StreamConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Agreements that silently stay as they were would be measured by."""

    def die(*_: Any) -> None:
        raise Died

    monkeypatch.setattr(documents, "die", die)
    with pytest.raises(Died):
        asyncio.run(DocumentsReader(config)._follow(BrokenConsumer()))
