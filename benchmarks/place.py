"""Where a benchmark runs: servers of its own, or those that are named; a fresh installation for each round. IO: all.

Own servers are the local stack on free ports in a temporary directory, with the JVM options that users get. Servers
named by ``HOLDFAST_TEST_KAFKA`` and ``HOLDFAST_TEST_ELASTICSEARCH`` are used as they are.
"""

import itertools
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from elasticsearch import Elasticsearch
from kafka.admin import KafkaAdminClient

from benchmarks.service import tidy
from holdfast import kafka
from holdfast.settings import Settings
from holdfast.stack import artifacts
from holdfast.stack.local import LocalStack
from holdfast.stack.ports import pick_free

_COUNTER = itertools.count()


@dataclass(frozen=True)
class Place:
    """Two servers and a directory."""

    kafka: str
    elasticsearch: str
    directory: Path
    servers: dict[str, int]
    """Process ids of the servers, by name, where they run on this machine."""

    @contextmanager
    def installation(self, **fields: Any) -> Iterator[Settings]:
        """Yield settings of an empty installation; its topics, indices and services are removed afterwards.

        Args:
            fields: settings other than the defaults.
        """
        number = next(_COUNTER)
        settings = Settings(
            _env_file=None,
            kafka=self.kafka,
            elasticsearch=self.elasticsearch,
            prefix=f"bench{os.getpid()}-{number}",
            data_dir=self.directory / f"installation-{number}",
            board_port=pick_free(1)[0],
            log_level="WARNING",
            **fields,
        )
        kafka.ensure_topics(settings)
        try:
            yield settings
        finally:
            tidy()
            _forget(settings)


@contextmanager
def place() -> Iterator[Place]:
    """Yield the place that the environment asks for.

    Raises:
        StackError: if servers of our own can't run here; the message says what to do.
    """
    broker, index = os.environ.get("HOLDFAST_TEST_KAFKA"), os.environ.get("HOLDFAST_TEST_ELASTICSEARCH")
    with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as name:
        directory = Path(name)
        if broker and index:
            yield Place(broker, index, directory, _listening({"Kafka": broker, "Elasticsearch": index}))
            return
        with LocalStack(_own(directory), say=_say) as stack:
            pids = {child.name: child.pid for child in stack.children if child.pid is not None}
            yield Place(stack.settings.kafka, stack.settings.elasticsearch, directory, pids)


def _own(directory: Path) -> Settings:
    broker, controller, http, transport = pick_free(4)
    return Settings(
        _env_file=None,
        kafka=f"127.0.0.1:{broker}",
        kafka_controller_port=controller,
        elasticsearch=f"http://127.0.0.1:{http}",
        elasticsearch_transport_port=transport,
        data_dir=directory,
        jars_dir=artifacts.jars_dir(Settings(_env_file=None)),
    )


def _listening(addresses: dict[str, str]) -> dict[str, int]:
    """Return the processes of ours that listen on these ports."""
    ports = {name: int(address.rstrip("/").rpartition(":")[2]) for name, address in addresses.items()}
    found: dict[str, int] = {}
    try:
        for connection in psutil.net_connections("tcp"):
            for name, port in ports.items():
                here = connection.laddr and connection.laddr.port == port
                if connection.status == psutil.CONN_LISTEN and here and connection.pid:
                    found[name] = connection.pid
    except psutil.AccessDenied:
        return {}  # macOS tells only root: the servers' figures are left out
    return found


def _forget(settings: Settings) -> None:
    """Delete an installation's topics, indices and templates."""
    admin = KafkaAdminClient(**kafka.options(settings))
    try:
        mine = [name for name in admin.list_topics() if name.startswith((f"{settings.prefix}.", f"{settings.prefix}-"))]
        if mine:
            admin.delete_topics(mine)
    finally:
        admin.close()
    with Elasticsearch(settings.elasticsearch, request_timeout=120) as client:
        for index in list(client.indices.get(index=f"{settings.prefix}-*", allow_no_indices=True)):
            client.indices.delete(index=index)
        for template in client.indices.get_index_template()["index_templates"]:
            if template["name"].startswith(settings.prefix):
                client.indices.delete_index_template(name=template["name"])


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
