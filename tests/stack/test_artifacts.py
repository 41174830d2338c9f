"""What counts as a jar of ours: the pinned bytes and nothing else. Against a Maven repository on loopback."""

import hashlib
import http.server
import multiprocessing
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from holdfast.settings import Settings
from holdfast.stack import artifacts
from holdfast.stack.artifacts import Jar
from holdfast.stack.errors import StackError

SERVER = "server-1.0"


class Repository:
    """A Maven repository of made-up jars, and how often each path was asked for."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.asked: list[str] = []
        self.missing_once: set[str] = set()

    def add(self, artifact: str, content: bytes) -> Jar:
        """Publish a jar; return its pin."""
        place = self.root / "org" / "example" / artifact / "1.0"
        place.mkdir(parents=True)
        (place / f"{artifact}-1.0.jar").write_bytes(content)
        return Jar(hashlib.sha256(content).hexdigest(), len(content), "org.example", artifact, "1.0")

    def replace(self, jar: Jar, content: bytes) -> None:
        """Publish other bytes in a jar's place."""
        (self.root / "org" / "example" / jar.artifact / "1.0" / jar.file_name).write_bytes(content)

    def downloads(self) -> list[str]:
        """Return the names of the jars that were asked for."""
        return [path.rpartition("/")[2] for path in self.asked if path.endswith(".jar")]


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    """Serve a repository on loopback, and make it the user's configured one."""
    repository = Repository(tmp_path / "repository")

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments, directory=str(repository.root))

        def do_GET(self) -> None:
            repository.asked.append(self.path)
            if self.path in repository.missing_once:
                repository.missing_once.remove(self.path)
                self.send_error(503)
            else:
                super().do_GET()

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    configuration = tmp_path / "jgo.conf"
    configuration.write_text(f"[repositories]\ncentral = http://127.0.0.1:{server.server_port}\n")
    monkeypatch.setenv("JGO_CONFIG_FILE", str(configuration))
    yield repository
    server.shutdown()
    thread.join()
    server.server_close()


def pin(monkeypatch: pytest.MonkeyPatch, *jars: Jar) -> None:
    """Make some jars the pinned ones."""
    monkeypatch.setattr(artifacts, "pinned", lambda _server: list(jars))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, data_dir=tmp_path / "data", jars_dir=tmp_path / "jars")


def test_jars_are_fetched_once(repository: Repository, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    pin(monkeypatch, repository.add("a", b"jar a"), repository.add("b", b"jar b"))
    first = artifacts.fetch(settings, SERVER)
    assert [path.read_bytes() for path in first] == [b"jar a", b"jar b"]
    assert artifacts.fetch(settings, SERVER) == first
    assert sorted(repository.downloads()) == ["a-1.0.jar", "b-1.0.jar"]


def test_a_jar_with_another_sum_is_refused(
    repository: Repository, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    jar = repository.add("a", b"jar a")
    pin(monkeypatch, jar)
    repository.replace(jar, b"evil!")
    with pytest.raises(StackError, match=r"org\.example:a:1\.0 is not the file that Holdfast pins"):
        artifacts.fetch(settings, SERVER)
    assert [path for path in (settings.jars_dir or Path()).rglob("*") if path.suffix == ".jar"] == []


@pytest.mark.parametrize("damage", [b"", b"jar", b"JAR A"], ids=["empty", "half", "other bytes"])
def test_a_damaged_jar_is_fetched_again(
    repository: Repository, settings: Settings, monkeypatch: pytest.MonkeyPatch, damage: bytes
) -> None:
    pin(monkeypatch, repository.add("a", b"jar a"))
    (path,) = artifacts.fetch(settings, SERVER)
    path.write_bytes(damage)
    assert artifacts.fetch(settings, SERVER)[0].read_bytes() == b"jar a"


def test_what_a_killed_download_left_never_counts(
    repository: Repository, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    pin(monkeypatch, repository.add("a", b"jar a"))
    left = artifacts.jars_dir(settings) / SERVER / ".staging-killed" / "org" / "a-1.0.jar"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"jar")
    artifacts.fetch(settings, SERVER)
    assert sorted(path.name for path in (artifacts.jars_dir(settings) / SERVER).iterdir()) == ["a-1.0.jar"]


def test_a_moment_of_trouble_is_tried_again(
    repository: Repository, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    pin(monkeypatch, repository.add("a", b"jar a"))
    repository.missing_once.add("/org/example/a/1.0/a-1.0.jar")
    assert artifacts.fetch(settings, SERVER)[0].read_bytes() == b"jar a"


def test_an_unreachable_repository_says_so_and_what_to_do(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "jgo.conf").write_text("[repositories]\ncentral = http://127.0.0.1:1\n")
    monkeypatch.setenv("JGO_CONFIG_FILE", str(tmp_path / "jgo.conf"))
    monkeypatch.setattr(artifacts, "ATTEMPTS", 1)
    pin(monkeypatch, Jar("0" * 64, 5, "org.example", "a", "1.0"))
    with pytest.raises(StackError, match=r"cannot download .* the connection is refused") as caught:
        artifacts.fetch(settings, SERVER)
    assert "holdfast doctor" in caught.value.next_step
    assert "HOLDFAST_JARS_DIR" in caught.value.next_step


def fetch_in_child(settings: Settings, jars: list[Jar]) -> None:
    """Fetch in another process."""
    artifacts.pinned = lambda _server: jars
    artifacts.fetch(settings, SERVER)


def test_two_at_once_download_each_jar_once(repository: Repository, settings: Settings) -> None:
    jars = [repository.add(f"a{number}", b"x" * 10_000 + bytes([number])) for number in range(20)]
    context = multiprocessing.get_context("spawn")
    children = [context.Process(target=fetch_in_child, args=(settings, jars)) for _ in range(2)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    assert [child.exitcode for child in children] == [0, 0]
    assert sorted(repository.downloads()) == sorted(jar.file_name for jar in jars)


@pytest.mark.parametrize("server", [artifacts.KAFKA, artifacts.ELASTICSEARCH])
def test_every_pinned_jar_has_a_sum_a_size_and_a_name_of_its_own(server: str) -> None:
    jars = artifacts.pinned(server)
    assert len({jar.file_name for jar in jars}) == len(jars) > 40
    assert all(len(bytes.fromhex(jar.sha256)) == 32 and jar.size > 0 for jar in jars)
    assert any(jar.version == server.rpartition("-")[2] for jar in jars)
