"""Ports on this machine: whether one is free, and who has it. IO: sockets, the process table."""

import itertools
import os
import socket
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from holdfast.settings import Settings
from holdfast.stack.errors import StackError

LOOPBACK = ("127.0.0.1", "localhost", "::1")
CONNECT_TIMEOUT_S = 1.0
PICK_FROM, PICK_RANGE, PICK_STRIDE = 20000, 9000, 101
_PICKED = itertools.count()


@dataclass(frozen=True)
class Port:
    """One port that a local server needs.

    Attributes:
        number: TCP port.
        purpose: what for, in words.
        setting: the environment variable that changes it.
        host: the address listened on.
    """

    number: int
    purpose: str
    setting: str
    host: str = "127.0.0.1"


def kafka_addresses(settings: Settings) -> list[tuple[str, int]]:
    """Return host and port of every bootstrap server."""
    pairs = (server.strip().rpartition(":") for server in settings.kafka.split(","))
    return [(host.strip("[]"), int(port)) for host, _, port in pairs]


def kafka_address(settings: Settings) -> tuple[str, int]:
    """Return host and port of the first bootstrap server."""
    return kafka_addresses(settings)[0]


def elasticsearch_address(settings: Settings) -> tuple[str, int]:
    """Return host and port of the cluster's URL."""
    parts = urlsplit(settings.elasticsearch)
    return parts.hostname or "127.0.0.1", parts.port or (443 if parts.scheme == "https" else 9200)


def is_local(settings: Settings) -> bool:
    """Return whether both servers are meant to run here, by their addresses."""
    return kafka_address(settings)[0] in LOOPBACK and elasticsearch_address(settings)[0] in LOOPBACK


def needed(settings: Settings) -> list[Port]:
    """Return the ports of the local servers."""
    return [
        Port(kafka_address(settings)[1], "Kafka", "HOLDFAST_KAFKA", kafka_address(settings)[0]),
        Port(settings.kafka_controller_port, "Kafka's controller", "HOLDFAST_KAFKA_CONTROLLER_PORT"),
        Port(
            elasticsearch_address(settings)[1],
            "Elasticsearch",
            "HOLDFAST_ELASTICSEARCH",
            elasticsearch_address(settings)[0],
        ),
        Port(
            settings.elasticsearch_transport_port,
            "Elasticsearch's transport",
            "HOLDFAST_ELASTICSEARCH_TRANSPORT_PORT",
        ),
    ]


def board_port(settings: Settings) -> Port:
    """Return the port of the board."""
    return Port(settings.board_port, "the board", "HOLDFAST_BOARD_PORT", settings.board_host)


def answers(host: str, port: int) -> bool:
    """Return whether something accepts connections."""
    with suppress(OSError), socket.create_connection((host, port), timeout=CONNECT_TIMEOUT_S) as connection:
        return bool(connection.getsockname() != connection.getpeername())  # TCP may meet itself on a free port
    return False


def is_free(port: Port) -> bool:
    """Return whether a server could listen there now."""
    family = socket.AF_INET6 if ":" in port.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((port.host, port.number))
        except OSError:
            return False
    return True


def holder(port: Port) -> str:
    """Return who listens on a port, as ``name (pid 123)``; "another process" when we may not know."""
    import psutil

    with suppress(psutil.Error):
        for connection in psutil.net_connections("tcp"):
            number = getattr(connection.laddr, "port", None)
            if connection.status == psutil.CONN_LISTEN and number == port.number and connection.pid:
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
    return "another process"


def require_free(ports: list[Port]) -> None:
    """Check that every port can be listened on.

    Raises:
        StackError: for the first that cannot; it says who has it and which setting moves ours.
    """
    for port in ports:
        if not is_free(port):
            raise StackError(
                f"port {port.number}, wanted for {port.purpose}, is taken by {holder(port)}",
                f"end that process, or set {port.setting} to another port (now {port.number}); "
                "if it is an earlier `holdfast up`, `holdfast down` ends it",
            )


def pick_free(count: int) -> list[int]:
    """Return ports that were free just now, for a throw-away stack; a process gets each one once.

    They are below the range from which systems choose ports of outgoing connections, so that none of those takes one
    before its server starts.
    """
    found: list[int] = []
    while len(found) < count:
        step = next(_PICKED)
        if step > PICK_RANGE:
            raise StackError(f"no free port from {PICK_FROM} to {PICK_FROM + PICK_RANGE}")
        port = Port(PICK_FROM + (os.getpid() * PICK_STRIDE + step) % PICK_RANGE, "a test", "none")
        if is_free(port):
            found.append(port.number)
    return found
