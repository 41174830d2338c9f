"""How the local Kafka broker is configured and started: one node, KRaft, loopback. IO: files, one child to format."""

import subprocess
import uuid
from base64 import urlsafe_b64encode
from pathlib import Path

from holdfast.kafka import MAX_RECORD_BYTES
from holdfast.stack.errors import StackError
from holdfast.stack.java import java

HEAP = "-Xmx512m"
FORMAT_TIMEOUT_S = 180.0
NAMESPACE = uuid.UUID("c1f5b9b2-3b52-4d0e-9a0e-6f1f8f6f2a11")
"""Cluster ids are derived from the data directory under this namespace."""
JVM_OPTIONS = (
    HEAP,
    "-XX:+UseSerialGC",
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.awt.headless=true",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=info",
)


def properties(data: Path, host: str, port: int, controller_port: int) -> str:
    """Return ``server.properties`` of a single node."""
    listener = f"PLAINTEXT://{host}:{port}"
    return "\n".join(
        (
            "process.roles=broker,controller",
            "node.id=1",
            f"controller.quorum.voters=1@127.0.0.1:{controller_port}",
            f"listeners={listener},CONTROLLER://127.0.0.1:{controller_port}",
            f"advertised.listeners={listener}",
            "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "controller.listener.names=CONTROLLER",
            "inter.broker.listener.name=PLAINTEXT",
            f"log.dirs={data}",
            # One node holds the only copy.
            "offsets.topic.replication.factor=1",
            "transaction.state.log.replication.factor=1",
            "transaction.state.log.min.isr=1",
            "share.coordinator.state.topic.replication.factor=1",
            "share.coordinator.state.topic.min.isr=1",
            # Small, so that it starts quickly.
            "offsets.topic.num.partitions=4",
            "transaction.state.log.num.partitions=1",
            "share.coordinator.state.topic.num.partitions=1",
            "log.cleaner.dedupe.buffer.size=16777216",
            "log.index.size.max.bytes=1048576",
            "group.initial.rebalance.delay.ms=0",
            "group.min.session.timeout.ms=1000",
            # A machine that was off for a month still knows where its readers were.
            "offsets.retention.minutes=525600",
            "auto.create.topics.enable=false",
            f"message.max.bytes={MAX_RECORD_BYTES}",
            "",
        )
    )


def command(jars: list[Path], main_class: str, *arguments: str, jvm_options: str = "") -> list[str]:
    """Return the command line of a Kafka program; ``jvm_options`` are separated by spaces and win over ours."""
    return [str(java()), *JVM_OPTIONS, *jvm_options.split(), "-cp", ":".join(map(str, jars)), main_class, *arguments]


def prepare(directory: Path, jars: list[Path], host: str, port: int, controller_port: int) -> Path:
    """Write the configuration and format the log directory if that was never done.

    Returns:
        The configuration file.

    Raises:
        StackError: if Kafka refuses to format.
    """
    data = directory / "data"
    data.mkdir(parents=True, exist_ok=True)
    file = directory / "server.properties"
    file.write_text(properties(data, host, port, controller_port))
    if not (data / "meta.properties").exists():
        cluster = urlsafe_b64encode(uuid.uuid5(NAMESPACE, str(directory)).bytes).rstrip(b"=").decode()
        _format(jars, file, f"{'x' if cluster.startswith('-') else cluster[0]}{cluster[1:]}")
    return file


def _format(jars: list[Path], file: Path, cluster: str) -> None:
    try:
        done = subprocess.run(  # noqa: S603 - our own command line, no shell
            command(jars, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(file)),
            capture_output=True,
            text=True,
            timeout=FORMAT_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise StackError(
            f"Kafka did not prepare its data directory {file.parent} in {FORMAT_TIMEOUT_S:.0f} s",
            "try again when the machine is less busy",
        ) from error
    if done.returncode != 0:
        last = "\n".join((done.stdout + done.stderr).splitlines()[-8:])
        raise StackError(f"Kafka could not prepare its data directory {file.parent}:\n{last}")
