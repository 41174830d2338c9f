"""What the stream applications are given by the composition root, and how their Faust apps are made. Pure values."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import faust

from models.ports import Clock
from models.topics import TOPICS, Names, Stream

NORMALISER = "normaliser"
ENGINE = "engine"
FEEDS_TABLE = "feeds"
INCIDENTS_TABLE = "incidents"
MAX_RECORD_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class StreamConfig:
    """Settings of one worker."""

    kafka: str
    """Bootstrap servers, comma-separated."""
    names: Names
    clock: Clock
    data_dir: Path
    instance: str = "0"
    """Tells workers apart: each has its own data directory and static group member."""
    late_after: timedelta = timedelta(seconds=60)
    session_timeout_s: float = 8.0
    """After this much silence the broker gives a worker's partitions to another."""


def changelogs(names: Names) -> tuple[tuple[str, int, bool], ...]:
    """Return (name, partitions, compacted) of the changelogs, to be created beside the topics of ``models.topics``."""
    partitions = {topic.stream: topic.partitions for topic in TOPICS}
    return (
        (_changelog(names, NORMALISER, FEEDS_TABLE), partitions[Stream.RAW], True),
        (_changelog(names, ENGINE, INCIDENTS_TABLE), partitions[Stream.LEDGER], True),
    )


def _changelog(names: Names, app: str, table: str) -> str:
    return f"{names.group(app)}-{table}-changelog"


def make_app(config: StreamConfig, name: str) -> faust.App:
    """Return a Faust app with the settings that streaming facts demand (ADR 0003).

    At-least-once always; topics are ours to create; no web server; memory tables backed by changelogs, no standby.
    """
    servers = [f"kafka://{server}" for server in config.kafka.split(",")]
    return faust.App(
        config.names.group(name),
        broker=servers,
        store="memory://",
        datadir=str(config.data_dir / f"faust-{name}-{config.instance}"),
        processing_guarantee="at_least_once",
        topic_partitions=4,
        topic_disable_leader=True,
        topic_allow_declare=False,
        table_standby_replicas=0,
        web_enabled=False,
        broker_commit_interval=0.5,
        broker_session_timeout=config.session_timeout_s,
        broker_heartbeat_interval=config.session_timeout_s / 4,
        broker_request_timeout=60.0,
        consumer_max_fetch_size=262_144,
        consumer_auto_offset_reset="earliest",
        consumer_group_instance_id=f"{name}-{config.instance}",
        producer_max_request_size=MAX_RECORD_BYTES,
        producer_linger=0.005,
        producer_acks=-1,
        stream_buffer_maxsize=16_384,
        stream_wait_empty=True,
        cython_optimizations=True,
        worker_redirect_stdouts=False,
    )


def raw_topic(app: faust.App, name: str, partitions: int) -> Any:
    """Return a topic of bytes: Faust must not decode, or a bad record is acknowledged and dropped."""
    return app.topic(
        name, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw", partitions=partitions
    )
