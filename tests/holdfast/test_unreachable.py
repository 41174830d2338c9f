"""What the commands say when a server is away or a setting does not fit: quickly, and with the next step."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from holdfast import kafka
from holdfast.settings import Settings, SettingsError, load
from holdfast.stack.ports import pick_free

EXAMPLES = Path(__file__).parents[2] / "examples" / "agreements"


def holdfast(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "holdfast", *arguments]
    return subprocess.run(
        command,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("apply", str(EXAMPLES)),
        ("ingest", "--feed", "nimbus-status", "--format", "statuspage", "-"),
        ("worker",),
        ("index", "--once"),
        ("notify", "--once"),
        ("poll", "--once", "--documents", str(EXAMPLES)),
        ("dead-letters", "list"),
        ("rebuild", "--yes"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_without_a_broker_every_command_says_where_it_looked_and_what_to_do(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    """The client's own thirty seconds of attempts, and their log lines, are not the answer."""
    address = f"127.0.0.1:{pick_free(1)[0]}"
    done = holdfast(*arguments, HOLDFAST_KAFKA=address, HOLDFAST_DATA_DIR=str(tmp_path))
    assert done.returncode == 1
    assert f"no Kafka broker at {address}: nothing listens there" in done.stderr
    assert "Next step: `holdfast up`" in done.stderr
    assert "kafka.net" not in done.stderr
    assert "Traceback" not in done.stderr


def test_the_second_bootstrap_server_is_enough_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of them may be down: it listens, so the question is whether it answers as a broker."""
    monkeypatch.setattr(kafka, "BOOTSTRAP_TIMEOUT_MS", 500)
    with hanging_up() as port:
        settings = Settings(kafka=f"127.0.0.1:{pick_free(1)[0]},127.0.0.1:{port}")
        with pytest.raises(kafka.KafkaUnreachableError, match="does not answer as one"):
            kafka.ensure_topics(settings)


@contextmanager
def hanging_up() -> Iterator[int]:
    """Yield a port where something takes connections and ends them."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    server.accept()[0].close()

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("HOLDFAST_BOARD_PORT", "web", "valid integer"),
        ("HOLDFAST_BOARD_PORT", "70000", "less than or equal to 65535"),
        ("HOLDFAST_KAFKA", "localhost", "'localhost' is no host:port"),
        ("HOLDFAST_KAFKA", "a:9092,b", "'b' is no host:port"),
        ("HOLDFAST_ELASTICSEARCH", "localhost:9200", "scheme, host and port"),
        ("HOLDFAST_ELASTICSEARCH", "https://search.example", "scheme, host and port"),
        ("HOLDFAST_PREFIX", "My Prefix", "should match pattern"),
        ("HOLDFAST_LOG_LEVEL", "LOUD", "should match pattern"),
        ("HOLDFAST_CLOCK_TEXT", "soon", "HOLDFAST_CLOCK_TEXT"),
    ],
)
def test_a_setting_that_does_not_fit_is_named(
    variable: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variable's own name, as it stands in the environment; never its value where that may be a secret."""
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=variable) as caught:
        load()
    assert said in str(caught.value)


def test_a_setting_that_does_not_fit_is_usage() -> None:
    """Exit code 2 and no traceback, whatever the command."""
    done = holdfast("incidents", HOLDFAST_SMTP_PORT="mail")
    assert (done.returncode, done.stdout) == (2, "")
    assert "HOLDFAST_SMTP_PORT" in done.stderr
    assert "Traceback" not in done.stderr
