"""Sets the demo up: settings of its own, servers, services that are ready, and waiting until all is done. IO."""

import secrets
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from holdfast import kafka, story
from holdfast.clock import Clock
from holdfast.settings import Settings
from holdfast.stack.local import LocalStack, elasticsearch_answers, kafka_answers
from holdfast.stack.supervise import Supervisor
from models.documents import Documents
from models.topics import TOPICS, Stream

SERVICES = ("worker", "index", "notify", "watch")
BOARD = ("serve",)
READY_S = 120.0
DRAIN_S = 90.0
LEAD_S = 8.0
"""Real seconds from starting the services to the story's Monday: what they take to be ready on a small machine.

The story's first trouble comes on its second day, so a slower machine still sees all of it in time."""


class StageError(Exception):
    """The demo can't go on; the message says what happened and where to look."""


def demo_settings(given: Settings, board_port: int) -> Settings:
    """Return the demo's settings: addresses as given, everything else its own.

    Servers that already answer are shared under a prefix that nobody else has; else the demo starts its own, with data
    in a folder of its own.

    Args:
        given: from the environment.
        board_port: a free port.
    """
    from holdfast.stack import artifacts

    own = f"demo-{Clock.from_text('').now():%Y%m%d-%H%M%S}" if answers(given) else "demo"
    changed: dict[str, Any] = {
        "prefix": given.prefix if "prefix" in given.model_fields_set else own,
        "data_dir": given.data_dir / "demo",
        "jars_dir": artifacts.jars_dir(given),
        "board_port": board_port,
        "metrics_port": 0,
        "documents": None,
        "deadman_url": None,
    }
    return given.model_copy(update=changed)


def on_stage(settings: Settings, clock: Clock, webhook_url: str, secret: str, smtp_port: int) -> Settings:
    """Return the services' settings: the story's clock, and pages to the demo's own sinks.

    Args:
        settings: of ``demo_settings``.
        clock: the story's.
        webhook_url: of the webhook sink.
        secret: that signs pages to it.
        smtp_port: of the mail sink.
    """
    changed: dict[str, Any] = {
        "clock_text": clock.to_text(),
        "webhook_url": webhook_url,
        "webhook_secret": SecretStr(secret),
        "smtp_host": "127.0.0.1",
        "smtp_port": smtp_port,
        "smtp_user": None,
        "smtp_password": None,
        "smtp_starttls": False,
        "mail_from": "holdfast@localhost",
    }
    return settings.model_copy(update=changed)


def example_documents() -> Documents:
    """Return the agreements, providers and policies that the story is told against.

    Raises:
        StageError: if they are not there.
    """
    from holdfast.documents import load_documents

    here = Path(__file__).resolve()
    for folder in (here.parent / "agreements", here.parents[2] / "examples" / "agreements"):
        if folder.is_dir():
            return load_documents(folder)
    raise StageError("examples/agreements is not here: run the demo from a checkout of Holdfast")


def fresh_secret() -> str:
    """Return a key for this run's signatures."""
    return secrets.token_urlsafe(32)


def answers(settings: Settings) -> bool:
    """Return whether both servers answer already."""
    return kafka_answers(settings) and elasticsearch_answers(settings)


def servers(settings: Settings, say: Callable[[str], None]) -> LocalStack | None:
    """Return the demo's own servers, emptied and not yet started; None where others answer already."""
    if answers(settings):
        return None
    for folder in ("kafka", "elasticsearch"):
        shutil.rmtree(settings.data_dir / folder, ignore_errors=True)
    return LocalStack(settings, say)


def clock_for(length_s: float) -> Clock:
    """Return a clock that reaches the story's Monday in ``LEAD_S`` and its end ``length_s`` real seconds later.

    From the end on it goes at the pace of real time: what is still open then is open as things are in life.
    """
    monday = (Clock.from_text("").now() + timedelta(seconds=LEAD_S)).timestamp()
    return Clock(monday, story.ORIGIN, story.LENGTH.total_seconds() / length_s, story.ORIGIN + story.LENGTH)


def real_pace(clock: Clock) -> Clock:
    """Return a clock that shows the same and runs at speed 1: for who tells viewers how fast time goes."""
    return Clock(Clock.from_text("").now().timestamp(), clock.now())


def services(settings: Settings, names: Sequence[str], say: Callable[[str], None]) -> Supervisor:
    """Return services, not yet started; the servers are not theirs to start."""
    supervisor = Supervisor(settings, names, say)
    supervisor.stack = None
    return supervisor


def await_ready(supervisor: Supervisor) -> None:
    """Wait until every service has said that it is ready.

    Raises:
        StageError: if one ends, or the time is over.
    """
    ends = time.monotonic() + READY_S
    for watched in supervisor.watched:
        child = watched.child
        while f"holdfast.{child.name} ready" not in child.log.read_text(errors="replace"):
            if not child.running:
                raise StageError(
                    f"{child.name} ended with code {child.poll()}; the end of {child.log}:\n{child.tail()}"
                )
            if time.monotonic() > ends:
                raise StageError(
                    f"{child.name} is not ready after {READY_S:.0f} s; the end of {child.log}:\n{child.tail()}"
                )
            time.sleep(0.1)


READERS = {
    "normaliser": (Stream.RAW,),
    "engine": (Stream.LEDGER,),
    "indexer": tuple(stream for stream in Stream if stream not in (Stream.RAW, Stream.DOCUMENTS, Stream.HEARTBEATS)),
    "notifier": (Stream.PAGES,),
}
"""Who reads what, by consumer group."""


@dataclass(frozen=True)
class Backlog:
    """Records that each consumer group has not finished, summed over its partitions."""

    groups: dict[str, int]
    ends: int
    """All records on all topics: while it grows, somebody still writes."""

    @property
    def is_empty(self) -> bool:
        """True when every group is done."""
        return not any(self.groups.values())


def backlog(admin: Any, consumer: Any, settings: Settings) -> Backlog:
    """Return what the installation's groups have not finished.

    Args:
        admin: a ``KafkaAdminClient``.
        consumer: a ``KafkaConsumer`` without a group, for end offsets.
        settings: whose topics and groups.
    """
    from kafka import TopicPartition

    names = kafka.names(settings)
    partitions: dict[Stream, list[Any]] = {
        topic.stream: [TopicPartition(names.topic(topic.stream), number) for number in range(topic.partitions)]
        for topic in TOPICS
        if topic.stream is not Stream.HEARTBEATS  # these never end
    }
    ends = consumer.end_offsets([one for group in partitions.values() for one in group])
    lags: dict[str, int] = {}
    for reader, streams in READERS.items():
        group = names.group(reader)
        committed = {one: found.offset for one, found in admin.list_group_offsets(group).get(group, {}).items()}
        mine = [one for stream in streams for one in partitions[stream]]
        lags[reader] = sum(max(0, ends[one] - max(0, committed.get(one, 0))) for one in mine)
    return Backlog(lags, sum(ends.values()))


def drain(settings: Settings) -> None:
    """Wait until everything sent has gone the whole way: no group has anything left, twice, and nothing was added.

    Raises:
        StageError: if that takes longer than ``DRAIN_S``; it names who is behind.
    """
    from kafka import KafkaConsumer
    from kafka.admin import KafkaAdminClient

    admin = KafkaAdminClient(**kafka.options(settings))
    consumer = KafkaConsumer(**kafka.options(settings), group_id=None)
    ends, before = time.monotonic() + DRAIN_S, Backlog({}, -1)
    try:
        while True:
            now = backlog(admin, consumer, settings)
            if now.is_empty and now == before:
                return
            if time.monotonic() > ends:
                behind = ", ".join(f"{name} by {lag}" for name, lag in now.groups.items() if lag) or "nobody is behind"
                raise StageError(f"not all is done {DRAIN_S:.0f} s after the story's end: {behind}")
            before = now
            time.sleep(0.7)  # longer than the engine's commit interval
    finally:
        consumer.close()
        admin.close()
