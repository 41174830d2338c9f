"""One `holdfast up` per data directory; status and down find it; the doctor says what is wrong."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from holdfast.settings import Settings
from holdfast.stack import broker, checks, memory, running
from holdfast.stack.checks import State
from holdfast.stack.errors import StackError
from holdfast.stack.local import LocalStack, elasticsearch_answers, kafka_answers
from holdfast.stack.supervise import environment
from tests.stack.test_children import is_gone
from tests.support.stack import stack_settings


def holdfast(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command with an installation's settings."""
    return subprocess.run(
        [sys.executable, "-m", "holdfast", *arguments],
        env={**os.environ, **environment(settings)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_second_one_in_the_same_data_directory_is_refused(tmp_path: Path) -> None:
    with running.alone(tmp_path), pytest.raises(StackError, match="already runs") as caught, running.alone(tmp_path):
        pass
    assert "holdfast down" in caught.value.next_step
    with running.alone(tmp_path):
        pass


def test_nothing_running_is_said_and_exits_1(tmp_path: Path) -> None:
    settings = stack_settings(tmp_path)
    shown = holdfast(settings, "status", "--json")
    assert (shown.returncode, json.loads(shown.stdout)) == (1, {"running": False, "pid": None, "children": []})
    assert holdfast(settings, "down").returncode == 0


def test_what_is_just_starting_is_no_installation_that_runs_well(tmp_path: Path) -> None:
    settings = stack_settings(tmp_path)
    with running.alone(tmp_path):
        shown = holdfast(settings, "status")
        as_json = holdfast(settings, "status", "--json")
    assert (shown.returncode, as_json.returncode) == (1, 1)
    assert "just starting" in shown.stdout
    assert json.loads(as_json.stdout) == {"running": True, "pid": None, "children": []}


@pytest.mark.live
def test_up_runs_the_servers_until_down_and_keeps_their_data(tmp_path: Path) -> None:
    settings = stack_settings(tmp_path)
    up = subprocess.Popen(
        [sys.executable, "-m", "holdfast", "up", "--stack-only"],
        env={**os.environ, **environment(settings)},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert up.stderr is not None
    shown = "".join(iter(up.stderr.readline, "Ctrl-C, or `holdfast down` elsewhere, ends everything; data stays.\n"))
    assert settings.kafka in shown
    status = json.loads(holdfast(settings, "status", "--json").stdout)
    assert [(child["name"], child["state"]) for child in status["children"]] == [
        ("Elasticsearch", "up"),
        ("Kafka", "up"),
    ]
    found = [json.loads(line) for line in holdfast(settings, "doctor", "--json").stdout.splitlines()]
    assert [finding for finding in found if finding["state"] == "problem"] == []
    assert holdfast(settings, "down").returncode == 0
    assert up.wait() == 0
    up.stderr.close()
    assert all(is_gone(child["pid"]) for child in status["children"])
    assert (tmp_path / "kafka" / "data" / "meta.properties").exists()


@pytest.mark.live
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_no_server_is_left_after_the_end_of_up(tmp_path: Path, number: signal.Signals) -> None:
    settings = stack_settings(tmp_path)
    up = subprocess.Popen(
        [sys.executable, "-m", "holdfast", "up", "--stack-only"],
        env={**os.environ, **environment(settings)},
        stderr=subprocess.DEVNULL,
    )
    while len(children := psutil.Process(up.pid).children(recursive=True)) < 2:
        assert up.poll() is None
        time.sleep(0.1)
    os.kill(up.pid, number)
    assert up.wait() == (0 if number is signal.SIGINT else -number)
    psutil.wait_procs(children, timeout=120)
    assert [child.pid for child in children if not is_gone(child.pid)] == []
    assert running.find(tmp_path) is None


@pytest.mark.live
def test_servers_start_again_on_their_data_after_kill_9(tmp_path: Path) -> None:
    settings = stack_settings(tmp_path)
    with LocalStack(settings) as local:
        for child in local.children:
            assert child.pid is not None
            os.kill(child.pid, signal.SIGKILL)
            child.wait()
        assert local.failed() is not None
    with LocalStack(settings):
        assert kafka_answers(settings)
        assert elasticsearch_answers(settings)


@pytest.mark.live
def test_a_server_that_cannot_start_shows_the_end_of_its_log(tmp_path: Path) -> None:
    settings = stack_settings(tmp_path)
    (tmp_path / "elasticsearch").mkdir(parents=True)
    (tmp_path / "elasticsearch" / "data").write_text("not a directory")
    with pytest.raises(StackError, match=r"(?s)Elasticsearch ended with code 1 while starting.*elasticsearch\.log"):
        LocalStack(settings).start()


def test_a_broker_that_is_not_prepared_in_time_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker, "command", lambda *_: [sys.executable, "-c", "import time; time.sleep(600)"])
    monkeypatch.setattr(broker, "FORMAT_TIMEOUT_S", 0.1)
    with pytest.raises(StackError, match="did not prepare its data directory") as caught:
        broker.prepare(tmp_path, [], "127.0.0.1", 1, 2)
    assert "less busy" in caught.value.next_step


@pytest.mark.parametrize(
    ("version", "state"),
    [((3, 10, 9), State.PROBLEM), ((3, 11, 0), State.OK), ((3, 13, 9), State.OK), ((3, 14, 0), State.PROBLEM)],
)
def test_the_doctor_knows_the_pythons_that_work(version: tuple[int, ...], state: State) -> None:
    assert checks.python(version).state is state


def test_the_doctor_names_missing_packages() -> None:
    finding = checks.packages(("json", "no_such_package"))
    assert (finding.state, finding.message) == (State.PROBLEM, "not installed: no_such_package")
    assert "run.py" in checks.local_packages(("no_such_package",)).next_step


def test_the_doctor_measures_the_disk_of_a_directory_that_is_not_there_yet(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data_dir=tmp_path / "not" / "yet")
    assert checks.disk(settings).state is State.OK
    finding = checks.disk(settings, needed_mb=shutil.disk_usage(tmp_path).total)
    assert finding.state is State.PROBLEM
    assert "HOLDFAST_DATA_DIR" in finding.next_step


def test_the_doctor_says_which_documents_are_missing(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, documents=tmp_path / "gone")
    assert checks.place_of_documents(settings).state is State.PROBLEM


def test_too_little_memory_says_how_much_is_wanted() -> None:
    with pytest.raises(StackError, match="too little memory") as caught:
        memory.require(needed_mb=10**9)
    assert "HOLDFAST_KAFKA" in caught.value.next_step


def test_the_doctor_exits_1_and_names_the_taken_port(tmp_path: Path) -> None:
    settings = stack_settings(tmp_path)
    code = f"import socket; s=socket.create_server(('127.0.0.1',{settings.board_port})); print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as taker:
        assert taker.stdout is not None
        taker.stdout.readline()
        done = holdfast(settings, "doctor", "--json")
        taker.communicate("\n")
    assert done.returncode == 1, done.stderr
    problems = [line for line in map(json.loads, done.stdout.splitlines()) if line["state"] == "problem"]
    (finding,) = [line for line in problems if line["check"] == f"port {settings.board_port}"]
    assert str(taker.pid) in finding["message"]
    assert "HOLDFAST_BOARD_PORT" in finding["next_step"]
