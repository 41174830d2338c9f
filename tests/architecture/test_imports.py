"""Importing a module opens nothing: no client, no thread, no socket, no look at the environment's settings."""

import os
import pkgutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("models", "feeds", "streams", "consumers", "dashboards", "board", "holdfast")
PROBE = """
import importlib, sys, threading
import croniter  # a dependency of mode that asks file(1) about the interpreter when imported

def refuse(event, arguments):
    if event in ("socket.connect", "socket.bind", "subprocess.Popen", "os.exec", "os.fork"):
        raise AssertionError(f"{name} does {event} {arguments} when imported")

sys.addaudithook(refuse)
for name in sys.argv[1:]:
    importlib.import_module(name)
    assert threading.active_count() == 1, f"{name} starts a thread when imported"
"""


def modules() -> list[str]:
    """Return the names of all our modules but the entry point."""
    return sorted(
        found.name
        for package in PACKAGES
        for found in [*pkgutil.walk_packages([str(ROOT / package)], f"{package}.")]
        if not found.name.endswith("__main__")
    )


def test_importing_every_module_opens_nothing() -> None:
    environment = {**os.environ, "HOLDFAST_BOARD_PORT": "not a number", "HOLDFAST_CLOCK_TEXT": "nonsense"}
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *modules()],
        env=environment,
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len(modules()) > 50
