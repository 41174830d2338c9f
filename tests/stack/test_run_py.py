"""run.py: which Pythons it takes, when it makes the environment again, and what it says when that fails."""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Load run.py with its folder somewhere else."""
    spec = importlib.util.spec_from_file_location("run", ROOT / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "LOCK", tmp_path / "requirements.lock")
    return module


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 4), (3, 13, 9)])
def test_supported_pythons_pass(run: ModuleType, version: tuple[int, ...]) -> None:
    run.check_version(version)


@pytest.mark.parametrize("version", [(3, 8, 18), (3, 10, 13), (3, 14, 0)])
def test_another_python_is_named_if_there_is_one(run: ModuleType, version: tuple[int, ...]) -> None:
    with pytest.raises(run.SetupError, match=r"3\.\d+\.\d+ is not supported(?s:.*)run `python3\.12 run\.py"):
        run.check_version(version, {"python3.12": "/usr/bin/python3.12"}.get)
    with pytest.raises(run.SetupError, match=r"install Python 3\.13"):
        run.check_version(version, {}.get)


def test_the_environment_is_made_again_only_when_the_lock_changes(run: ModuleType) -> None:
    (run.VENV).mkdir()
    python = Path(sys.executable)
    assert not run.is_current(run.VENV, "digest", python)
    (run.VENV / "holdfast.lock").write_text("digest")
    assert run.is_current(run.VENV, "digest", python)
    assert not run.is_current(run.VENV, "another digest", python)
    assert not run.is_current(run.VENV, "digest", run.VENV / "bin" / "python"), "its Python is gone"


def test_the_count_of_packages_is_the_lock_s(run: ModuleType) -> None:
    lock = "a==1 \\\n    --hash=sha256:0\n    # via b\nb==2 ; python_version < '3.12' \\\n    --hash=sha256:1\n# c==3\n"
    assert run.count_packages(lock) == 2
    assert run.count_packages((ROOT / "requirements.lock").read_text()) > 100


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("WARNING: Retrying ... NewConnectionError\nERROR: No matching distribution found for a", "cannot be reached"),
        ("ERROR: Could not find a version (from versions: none)\nERROR: No matching distribution", "cannot be reached"),
        (
            "(from versions: 2, 3)\nERROR: No matching distribution found for a==1",
            "does not have a package for this machine",
        ),
        ("ERROR: [Errno 28] No space left on device", "the disk is full"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "requirements.lock pins"),
        ("ERROR: something new", "pip failed"),
    ],
)
def test_a_failed_install_says_why_and_the_next_step(run: ModuleType, output: str, words: str) -> None:
    told = run.explain(output, Path("pip.log"))
    assert words in told
    assert "Next step: " in told
    assert output.splitlines()[-1] in told


def test_the_folder_s_packages_and_command_are_found_in_the_environment(run: ModuleType) -> None:
    site = run.VENV / "lib" / "python3.12" / "site-packages"
    site.mkdir(parents=True)
    (run.VENV / "bin").mkdir()
    run.link(run.VENV / "bin" / "python")
    assert (site / "holdfast.pth").read_text() == f"{run.ROOT}\n"
    assert (run.VENV / "bin" / "holdfast").stat().st_mode & 0o111


@pytest.mark.parametrize(("arguments", "code"), [([], 2), (["nonsense"], 2), (["--help"], 0)])
def test_usage(run: ModuleType, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int) -> None:
    assert run.main(arguments) == code
    assert "python3 run.py demo" in capsys.readouterr().out


def test_ctrl_c_while_packages_are_fetched_ends_pip_and_says_so(tmp_path: Path) -> None:
    """No traceback, and no pip left behind that goes on writing into the environment."""
    shutil.copy(ROOT / "run.py", tmp_path)
    (tmp_path / "requirements.lock").write_text("never-answered==1 --hash=sha256:" + 64 * "0" + "\n")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(180)
        env = {**os.environ, "PIP_INDEX_URL": f"http://127.0.0.1:{silent.getsockname()[1]}/simple"}
        command = [sys.executable, "run.py", "holdfast"]
        running = subprocess.Popen(command, cwd=tmp_path, env=env, stderr=subprocess.PIPE, text=True)
        asked, _ = silent.accept()  # pip waits for its answer now
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=180)
        with asked:
            asked.settimeout(180)
            while asked.recv(4096):  # until pip is gone: the kernel then closes its end
                time.sleep(0.01)
    assert running.returncode == 1
    assert said.splitlines()[-1] == "run.py: stopped; the same command goes on from here"
    assert "Traceback" not in said


def test_every_step_runs_though_one_fails_and_each_counts(
    run: ModuleType, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Where only some tests are asked for, nobody asks them for every branch, and to find none is no failure."""
    python, log = tmp_path / "python", tmp_path / "log"
    fails = 'case "$*" in *--cov=models*) echo misses; exit 1;; *"-m live"*) exit 5;; esac'
    python.write_text(f'#!/bin/sh\necho "$*" >> {log}\n{fails}\n')
    python.chmod(0o755)
    assert run.run_tests(python, []) == 1
    told = capfd.readouterr().out
    summary = told.partition("=== summary\n")[2].splitlines()
    assert "misses" in told
    assert [line.split()[-3] for line in summary if line.startswith("rules, ")] == ["FAILED"]
    assert [line.split()[-3] for line in summary if not line.startswith("rules, ")] == ["passed"] * 6
    assert len(log.read_text().splitlines()) == len(summary)
    assert run.run_tests(python, ["-k", "some"]) == 0
    assert "--cov" not in log.read_text().partition("-k some")[2]
