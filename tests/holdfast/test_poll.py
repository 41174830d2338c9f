"""``holdfast poll`` as a process: from a real page over HTTP into a real broker, over restarts and kill -9."""

import logging
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from holdfast import kafka
from holdfast.cli import build
from holdfast.settings import Settings
from models.raw import RawPayload
from models.topics import Stream
from tests.feeds.test_poller import Answer, Server
from tests.support.processes import Service

PATIENCE_S = 180.0


@pytest.fixture(autouse=True)
def own_logging() -> Iterator[None]:
    """The command sends log lines to the stderr that it is run with: give the tests theirs back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def server() -> "Server":
    return Server()


def documents(folder: Path, url: str | None, every: str = "1s") -> Path:
    folder.mkdir()
    feed = f"{{id: nimbus-status, format: statuspage, every: {every}, url: '{url}'}}" if url else "{id: f, format: cap}"
    text = f"apiVersion: holdfast/v1\nkind: Provider\nid: nimbus\nname: Nimbus\nfeeds:\n  - {feed}\n"
    (folder / "nimbus.yaml").write_text(text)
    return folder


def published(settings: Settings) -> list[RawPayload]:
    topic = kafka.names(settings).topic(Stream.RAW)
    return [RawPayload.from_wire(record.value) for record in kafka.read_all(settings, topic)]


def wait_for(settings: Settings, count: int) -> list[RawPayload]:
    deadline = time.monotonic() + PATIENCE_S
    while len(found := published(settings)) < count:
        assert time.monotonic() < deadline, f"{len(found)} payloads, waiting for {count}"
        time.sleep(0.2)
    return found


def once(settings: Settings, folder: Path) -> Result:
    env = {
        "HOLDFAST_KAFKA": settings.kafka,
        "HOLDFAST_PREFIX": settings.prefix,
        "HOLDFAST_DATA_DIR": str(settings.data_dir),
    }
    return CliRunner().invoke(build(), ["poll", "--once", "--documents", str(folder)], env=env)


@pytest.mark.live
def test_once_looks_at_every_feed_and_says_what_came(installation: Settings, server: Server, tmp_path: Path) -> None:
    folder = documents(tmp_path / "documents", server.url)
    try:
        server.answers = [Answer(body=b'{"a":1}', headers={"ETag": '"v1"'}), Answer(304), Answer(500)]
        results = [once(installation, folder) for _ in range(3)]
    finally:
        server.close()
    assert [result.exit_code for result in results] == [0, 0, 1]
    assert results[0].stdout.strip() == "nimbus-status: published"
    assert results[1].stdout.strip() == "nimbus-status: unchanged"
    assert "500" in results[2].stderr
    assert [one.body for one in published(installation)] == [b'{"a":1}']


@pytest.mark.live
def test_a_killed_poller_goes_on_where_it_was(installation: Settings, server: Server, tmp_path: Path) -> None:
    """After kill -9 the next payload still knows the last look before it, and nothing is asked for anew."""
    folder = documents(tmp_path / "documents", server.url)
    server.answers = [Answer(body=b"1", headers={"ETag": '"v1"'}), Answer(304)]
    try:
        with Service(f"poll --documents {folder}", installation) as poller:
            (first,) = wait_for(installation, 1)
            deadline = time.monotonic() + PATIENCE_S
            while len(server.asked) < 3:
                assert time.monotonic() < deadline
                time.sleep(0.1)
            poller.kill9()
            asked = len(server.asked)
            server.answers = [Answer(body=b"2", headers={"ETag": '"v2"'}), Answer(304)]
            poller.start()
            second = wait_for(installation, 2)[1]
            assert server.asked[asked]["if-none-match"] == '"v1"'
            assert second.received_after is not None
            assert first.received_at <= second.received_after < second.received_at
            assert poller.stop() == 0
    finally:
        server.close()


def test_nothing_to_poll_is_told(tmp_path: Path) -> None:
    folder = documents(tmp_path / "documents", None)
    result = CliRunner().invoke(build(), ["poll", "--documents", str(folder)])
    assert result.exit_code == 1
    assert "nothing to poll" in result.stderr


def test_documents_that_are_wrong_are_told_with_their_findings(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("kind: Provider\n")
    result = CliRunner().invoke(build(), ["poll", "--documents", str(tmp_path)])
    assert result.exit_code == 1
    assert "bad.yaml" in result.stderr


def test_without_documents_it_is_wrong_usage() -> None:
    assert CliRunner().invoke(build(), ["poll"], env={"HOLDFAST_DOCUMENTS": ""}).exit_code == 2
