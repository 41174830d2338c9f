"""Which jars the local servers are, and how they get here: pinned by SHA-256, fetched by jgo. IO: files, HTTP.

The pinned lists (``*.sha256``: sum, bytes, Maven coordinate) are the whole closure of

- ``org.apache.kafka:kafka_2.13:4.1.0`` + ``org.apache.kafka:kafka-tools:4.1.0`` + ``org.slf4j:slf4j-simple:1.7.36``,
  without what only Kafka Connect uses (Jersey, Jetty and their kin);
- ``org.elasticsearch:elasticsearch:9.5.3`` + ``org.elasticsearch.plugin:transport-netty4:9.5.3``.
"""

import fcntl
import hashlib
import os
import shutil
import ssl
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

from holdfast.settings import Settings
from holdfast.stack.errors import StackError

KAFKA = "kafka-4.1.0"
ELASTICSEARCH = "elasticsearch-9.5.3"
PARALLEL_DOWNLOADS = 12
ATTEMPTS = 3
HTTP_TIMEOUT_S = 30
CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
CA_BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")
"""Where Debian, Red Hat, and Alpine or macOS keep the machine's certificate authorities."""
REASONS = {
    "CERTIFICATE_VERIFY_FAILED": "its certificate is not trusted here (REQUESTS_CA_BUNDLE names a proxy's own)",
    "NameResolutionError": "its name does not resolve",
    "refused": "the connection is refused",
    "timed out": "it does not answer in time",
    "not found in remote": "it does not have this file, or refuses to give it",
}
"""What a failed download means, by a word in the error."""


@dataclass(frozen=True)
class Jar:
    """One pinned file.

    Attributes:
        sha256: hexadecimal.
        size: bytes.
        group: Maven group id.
        artifact: Maven artifact id.
        version: its version.
    """

    sha256: str
    size: int
    group: str
    artifact: str
    version: str

    @property
    def file_name(self) -> str:
        """Return the name in the cache."""
        return f"{self.artifact}-{self.version}.jar"


def pinned(server: str) -> list[Jar]:
    """Return the jars of ``KAFKA`` or ``ELASTICSEARCH``."""
    lines = Path(__file__).with_name(f"{server}.sha256").read_text().splitlines()
    return [Jar(sha, int(size), *coordinate.split(":")) for sha, size, coordinate in map(str.split, lines)]


def jars_dir(settings: Settings) -> Path:
    """Return the directory of the cache."""
    return settings.jars_dir or settings.data_dir / "jars"


def missing(directory: Path, jars: list[Jar]) -> list[Jar]:
    """Return the jars that are not there with the pinned sum."""
    return [jar for jar in jars if not intact(directory / jar.file_name, jar)]


def intact(path: Path, jar: Jar) -> bool:
    """Return whether a file is the pinned one, by size and SHA-256."""
    try:
        if path.stat().st_size != jar.size:
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == jar.sha256
    except FileNotFoundError:
        return False


def fetch(settings: Settings, server: str, progress: Progress | None = None) -> list[Path]:
    """Return the jars of a server, downloading what is missing; safe to call from several processes at once.

    Raises:
        StackError: if a jar cannot be had, or is not the pinned one.
    """
    root = jars_dir(settings)
    directory = root / server
    jars = pinned(server)
    if missing(directory, jars):
        directory.mkdir(parents=True, exist_ok=True)
        with _lock(root / f".{server}.lock"):
            wanted = missing(directory, jars)  # another process may have been here meanwhile
            if wanted:
                _download(wanted, directory, progress or download_progress(), f"{server} jars")
    return [directory / jar.file_name for jar in jars]


def download_progress() -> Progress:
    """Return a progress display for downloads."""
    return Progress(TextColumn("{task.description:<24}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _download(jars: list[Jar], directory: Path, progress: Progress, title: str) -> None:
    for left in directory.glob(".staging-*"):  # of a download that was killed; we hold the lock
        shutil.rmtree(left, ignore_errors=True)
    with progress, machine_trust(), tempfile.TemporaryDirectory(prefix=".staging-", dir=directory) as staging:
        task = progress.add_task(title, total=sum(jar.size for jar in jars))
        context = _maven(Path(staging), lambda count: progress.advance(task, count))
        largest_first = sorted(jars, key=lambda jar: -jar.size)
        pool = ThreadPoolExecutor(PARALLEL_DOWNLOADS)
        try:
            for _ in pool.map(lambda jar: _download_one(context, jar, directory), largest_first):
                pass
        finally:
            pool.shutdown(cancel_futures=True)


@contextmanager
def machine_trust() -> Iterator[None]:
    """Let jgo's HTTP client trust whom this machine trusts, as pip and browsers do: a company's proxy has its own CA.

    The client (requests) would else know the public authorities only, and offers no other switch than the environment.
    """
    bundles = (ssl.get_default_verify_paths().cafile, *CA_BUNDLES)
    bundle = next((path for path in bundles if path and Path(path).is_file()), None)
    if bundle is None or any(os.environ.get(name) for name in CA_VARIABLES):
        yield
        return
    os.environ[CA_VARIABLES[0]] = bundle
    try:
        yield
    finally:
        del os.environ[CA_VARIABLES[0]]


def _maven(staging: Path, advance: Any) -> Any:
    """Return jgo's context: the user's own repositories of ``jgo.conf`` first, then Maven Central."""
    from jgo.config import GlobalSettings
    from jgo.maven import MavenContext, PythonResolver

    @contextmanager
    def reporter(_name: str, _size: int) -> Iterator[Any]:
        yield advance

    repositories = {**GlobalSettings.load().repositories}
    if "central" not in repositories:
        from jgo.constants import MAVEN_CENTRAL_URL

        repositories["central"] = MAVEN_CENTRAL_URL
    resolver = PythonResolver(progress_callback=reporter)
    return MavenContext(resolver=resolver, repo_cache=staging, remote_repos=repositories, timeout=HTTP_TIMEOUT_S)


def _download_one(context: Any, jar: Jar, directory: Path) -> None:
    """Fetch into staging, check the sum, move into place: a half download never counts."""
    artifact = context.project(jar.group, jar.artifact).at_version(jar.version).artifact()
    staged = Path(artifact.cached_path)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            artifact.resolve()
            break
        except (OSError, RuntimeError) as error:  # requests' errors are OSErrors; jgo's "not found" a RuntimeError
            staged.unlink(missing_ok=True)
            if attempt == ATTEMPTS:
                raise _unreachable(jar, error) from error
            time.sleep(attempt)
    if not intact(staged, jar):
        raise StackError(
            f"{jar.group}:{jar.artifact}:{jar.version} is not the file that Holdfast pins (SHA-256 differs)",
            "do not use it; if you have set a repository in ~/.config/jgo.conf, ask who runs it, else report this",
        )
    os.replace(staged, directory / jar.file_name)


def try_registry(jar: Jar, timeout_s: int) -> None:
    """Ask the first repository that will be used for one jar, without downloading it.

    Raises:
        StackError: if it cannot be had there.
    """
    from jgo.util import http

    context = _maven(Path("nowhere"), lambda _count: None)  # only asked: nothing is stored
    artifact = context.project(jar.group, jar.artifact).at_version(jar.version).artifact()
    repository = next(iter(context.remote_repos.values()))
    address = f"{repository}/{artifact.component.path_prefix.as_posix()}/{jar.file_name}"
    try:
        with machine_trust():
            http.head(address, timeout=timeout_s).raise_for_status()
    except OSError as error:  # requests' errors are OSErrors
        raise _unreachable(jar, error) from error


def _unreachable(jar: Jar, error: Exception) -> StackError:
    told = str(error)
    reason = next((words for word, words in REASONS.items() if word in told), told[-200:])
    return StackError(
        f"cannot download {jar.group}:{jar.artifact}:{jar.version} from the Maven repository: {reason}",
        "check the network and run `holdfast doctor`; a mirror is set under [repositories] in ~/.config/jgo.conf, "
        "and HOLDFAST_JARS_DIR may name a folder that another machine has filled",
    )
