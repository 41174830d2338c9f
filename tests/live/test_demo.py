"""``holdfast demo`` as a newcomer runs it: real servers, real processes, an end by itself and an end by Ctrl-C."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from holdfast.settings import Settings
from holdfast.stack.supervise import environment
from tests.support.stack import stack_settings

pytestmark = pytest.mark.live

PATIENCE_S = 300.0


@contextmanager
def demo(env: Mapping[str, str], log: Path, *options: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run the demo with its progress in a file; it is gone when the block is left."""
    with log.open("wb") as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "holdfast", "demo", *options],
            stdout=subprocess.PIPE,
            stderr=err,
            env={**os.environ, **env},
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
            process.communicate(timeout=PATIENCE_S)


def command_of(child: psutil.Process) -> str:
    """Return a process's command line; nothing if it has ended since it was listed."""
    try:
        return " ".join(child.cmdline())
    except psutil.NoSuchProcess:
        return ""


def wait_for(text: str, log: Path, process: "subprocess.Popen[bytes]") -> None:
    """Wait until the demo has said something."""
    ends = time.monotonic() + PATIENCE_S
    while text not in log.read_text(errors="replace"):
        assert process.poll() is None, log.read_text(errors="replace")
        assert time.monotonic() < ends, f"never said {text!r}:\n{log.read_text(errors='replace')}"
        time.sleep(0.1)


def test_the_demo_ends_by_itself_with_the_outcome_of_the_rehearsal(installation: Settings, tmp_path: Path) -> None:
    """An hour of the story takes 0.7 s here: at 0.2 s a busy machine brings a word so late that a page goes first."""
    log = tmp_path / "demo.log"
    with demo(environment(installation), log, "--headless", "--for", "2m", "--json") as process:
        out, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, log.read_text()
    summary = json.loads(out)
    assert summary["problems"] == []
    assert summary["pages"] == {
        "webhook": {"pages": 6, "calls": 6, "refused": 0},
        "email": {"pages": 8, "calls": 8, "refused": 0},
    }
    assert summary["documents"] | {"deliveries": 0} == {
        "notices": 51,
        "incidents": 7,
        "clocks": 150,
        "plans": 5,
        "pages": 14,
        "deliveries": 0,
        "dead-letters": 0,
    }
    restore = {row["basis"]: row for row in summary["verdicts"] if row["objective"] == "restore"}
    assert restore["agreed"] == {"objective": "restore", "basis": "agreed", "running": 1, "met": 3, "breached": 2}
    assert restore["claimed"]["breached"] == 1
    assert "Two chillers fail in Frankfurt" in log.read_text()


def test_ctrl_c_ends_every_process_that_was_started_and_data_stays(tmp_path: Path) -> None:
    settings, log = stack_settings(tmp_path / "data"), tmp_path / "demo.log"
    with demo(environment(settings), log, "--for", "5m", "--json") as process:
        wait_for("Mon 00:00", log, process)
        started = psutil.Process(process.pid).children(recursive=True)
        names = {command_of(child) for child in started}
        assert any("kafka.Kafka" in name for name in names)
        assert any("holdfast worker" in name for name in names)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE_S)
    gone, alive = psutil.wait_procs(started, timeout=60)
    assert alive == []
    assert len(gone) == len(started)
    assert process.returncode == 0
    assert "everything that was started has ended" in log.read_text()
    assert (settings.data_dir / "demo" / "kafka").is_dir()


@pytest.mark.parametrize("length", ["5s", "soon", "60", "-1m"])
def test_a_length_that_makes_no_sense_is_a_usage_error(length: str) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "holdfast", "demo", f"--for={length}"], capture_output=True, text=True, timeout=180
    )
    assert result.returncode == 2
    assert "such as 60s or 5m" in " ".join(result.stderr.replace("│", " ").split())
