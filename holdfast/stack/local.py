"""Start, await and stop the two local servers. IO: processes, files, sockets."""

import http.client
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from holdfast.settings import Settings
from holdfast.stack import artifacts, broker, elasticsearch_node, memory, ports
from holdfast.stack.child import Child
from holdfast.stack.errors import StackError

READY_TIMEOUT_S = 180.0
POLL_S = 0.1

Say = Callable[[str], None]
"""Takes one line of progress."""


class LocalStack:
    """A Kafka broker and an Elasticsearch node as our children, which die with us; their data stays.

    Use as a context manager, or call ``start`` and ``stop``.
    """

    def __init__(self, settings: Settings, say: Say = lambda _line: None) -> None:
        """Describe the stack; nothing starts yet.

        Args:
            settings: addresses, ports and directories.
            say: is told what happens, a line each.
        """
        self.settings = settings
        self._say = say
        self.children: list[Child] = []

    def __enter__(self) -> Self:
        """Start and wait until both servers answer."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop both servers."""
        self.stop()

    def start(self) -> None:
        """Start both servers and return when both answer.

        Raises:
            StackError: if a port is taken, memory or Java is missing, jars cannot be had, or a server ends.
        """
        ports.require_free(ports.needed(self.settings))
        memory.require()
        kafka_jars = artifacts.fetch(self.settings, artifacts.KAFKA)
        elasticsearch_jars = artifacts.fetch(self.settings, artifacts.ELASTICSEARCH)
        began = time.monotonic()
        try:
            self._say("Starting Elasticsearch and Kafka ...")
            elasticsearch = self._launch(elasticsearch_child(self.settings, elasticsearch_jars))
            kafka = self._launch(kafka_child(self.settings, kafka_jars))
            self._await(kafka, lambda: kafka_answers(self.settings), began)
            self._await(elasticsearch, lambda: elasticsearch_answers(self.settings), began)
        except BaseException:
            self.stop()
            raise

    def _launch(self, child: Child) -> Child:
        child.start()
        self.children.append(child)
        return child

    def _await(self, child: Child, ready: Callable[[], bool], began: float) -> None:
        while not ready():
            if not child.running:
                raise _failure(child, f"ended with code {child.poll()} while starting")
            if time.monotonic() - began > READY_TIMEOUT_S:
                raise _failure(child, f"does not answer after {READY_TIMEOUT_S:.0f} s")
            time.sleep(POLL_S)
        self._say(f"{child.name} is up after {time.monotonic() - began:.1f} s (pid {child.pid}, log {child.log})")

    def failed(self) -> Child | None:
        """Return a server that has ended by itself, if any."""
        return next((child for child in self.children if not child.running), None)

    def stop(self) -> None:
        """Stop both servers; what they hold stays on disk."""
        for child in self.children:
            child.terminate()
        for child in self.children:
            child.wait()
        self.children.clear()


def _failure(child: Child, what: str) -> StackError:
    return StackError(f"{child.name} {what}; the end of {child.log}:\n{child.tail()}")


def kafka_child(settings: Settings, jars: list[Path]) -> Child:
    """Return the broker, configured and formatted, not started."""
    host, port = ports.kafka_address(settings)
    file = broker.prepare(settings.data_dir.absolute() / "kafka", jars, host, port, settings.kafka_controller_port)
    command = broker.command(jars, "kafka.Kafka", str(file), jvm_options=settings.jvm_options)
    return Child("Kafka", command, settings.data_dir / "logs" / "kafka.log")


def elasticsearch_child(settings: Settings, jars: list[Path]) -> Child:
    """Return the node, its home laid out, not started."""
    host, port = ports.elasticsearch_address(settings)
    directory = settings.data_dir.absolute() / "elasticsearch"
    home = directory / "home"
    elasticsearch_node.lay_out(home, jars, artifacts.ELASTICSEARCH.rpartition("-")[2])
    classpath = ":".join(str(jar) for jar in jars if not elasticsearch_node.is_module_jar(jar))
    given = {
        "--home": str(home),
        "--data": str(directory / "data"),
        "--host": host,
        "--http-port": str(port),
        "--transport-port": str(settings.elasticsearch_transport_port),
        "--classpath": classpath,
    }
    options = [part for pair in given.items() for part in pair] + [f"--jvm-options={settings.jvm_options}"]
    command = [sys.executable, "-m", "holdfast.stack.elasticsearch_node", *options]
    return Child("Elasticsearch", command, settings.data_dir / "logs" / "elasticsearch.log")


def kafka_answers(settings: Settings) -> bool:
    """Return whether the broker accepts connections and tells its topics."""
    if not ports.answers(*ports.kafka_address(settings)):
        return False
    try:
        admin = KafkaAdminClient(bootstrap_servers=settings.kafka.split(","))
    except KafkaError:
        return False
    try:
        admin.list_topics()
    except KafkaError:
        return False
    finally:
        admin.close()
    return True


def elasticsearch_answers(settings: Settings) -> bool:
    """Return whether a local node has elected itself and serves requests."""
    connection = http.client.HTTPConnection(*ports.elasticsearch_address(settings), timeout=5)
    try:
        connection.request("GET", "/_cluster/health")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
