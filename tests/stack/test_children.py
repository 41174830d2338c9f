"""Children do not outlive us, their output is kept, and what ends is started again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from holdfast.settings import Settings
from holdfast.stack.child import TETHER, Child
from holdfast.stack.errors import StackError
from holdfast.stack.ports import Port, holder, is_free, pick_free, require_free
from holdfast.stack.supervise import Supervisor, Watched, environment, services

SLEEP = [sys.executable, "-c", "import time; print('here', flush=True); time.sleep(600)"]
PARENT = """
import sys, time
from pathlib import Path
from holdfast.stack.child import Child
child = Child("sleeper", [sys.executable, "-c", "import time; time.sleep(600)"], Path(sys.argv[1]))
child.start()
print(child.pid, flush=True)
time.sleep(600)
"""


def eventually(true: Callable[[], bool]) -> bool:
    """Return whether something becomes true in a reasonable time."""
    ends = time.monotonic() + 120
    while not true() and time.monotonic() < ends:
        time.sleep(0.02)
    return true()


def is_gone(pid: int) -> bool:
    """Return whether a process has ended."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_a_child_is_gone_after_kill_9_of_its_parent(tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path / "log")], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert not is_gone(child)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    assert eventually(lambda: is_gone(child))


def test_where_the_kernel_cannot_help_a_watcher_ends_the_child_with_its_parent(tmp_path: Path) -> None:
    command = [sys.executable, str(TETHER), "0", "watch", sys.executable, "-c", "import time; time.sleep(600)"]
    watcher = subprocess.Popen(command, stdin=subprocess.PIPE)
    assert watcher.stdin is not None
    assert eventually(lambda: len(psutil.Process(watcher.pid).children()) == 1)
    (child,) = psutil.Process(watcher.pid).children()
    watcher.stdin.close()  # what the kernel does for a parent that dies
    assert eventually(lambda: is_gone(child.pid))
    assert watcher.wait() == 128 + signal.SIGKILL


def test_a_child_whose_parent_is_already_gone_does_not_start() -> None:
    done = subprocess.run([sys.executable, str(TETHER), "1", "exec", "false"], check=False)
    assert done.returncode == 125


def test_output_goes_to_the_log_and_the_life_before_is_kept(tmp_path: Path) -> None:
    child = Child(
        "echo", [sys.executable, "-c", "import os; print(os.environ['WORD'])"], tmp_path / "log", {"WORD": "a"}
    )
    child.start()
    child.wait()
    assert child.tail() == "a"
    child.start()
    child.wait()
    assert ((tmp_path / "log").read_text(), (tmp_path / "log.1").read_text()) == ("a\n", "a\n")


def test_a_child_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    code = "import signal,time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
    child = Child("deaf", [sys.executable, "-c", code], tmp_path / "log")
    child.start()
    assert eventually(lambda: child.tail() == "deaf")
    child.stop(grace_s=0.2)
    assert child.poll() == -signal.SIGKILL


def test_a_taken_port_says_who_has_it_and_which_setting_moves_ours() -> None:
    (number,) = pick_free(1)
    code = f"import socket,time; s=socket.create_server(('127.0.0.1',{number})); print(flush=True); time.sleep(600)"
    taker = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    port = Port(number, "Kafka", "HOLDFAST_KAFKA")
    try:
        assert taker.stdout is not None
        assert taker.stdout.readline() == b"\n"  # it listens
        assert not is_free(port)
        with pytest.raises(StackError) as caught:
            require_free([port])
        assert f"port {number}, wanted for Kafka, is taken by {holder(port)}" in str(caught.value)
        assert f"pid {taker.pid}" in str(caught.value)
        assert "HOLDFAST_KAFKA" in caught.value.next_step
    finally:
        taker.kill()
        taker.communicate()


def remote(tmp_path: Path) -> Settings:
    """Return settings of an installation whose servers are elsewhere, so that a supervisor starts none."""
    return Settings(_env_file=None, kafka="kafka.example:9092", data_dir=tmp_path, prefix="x")


def supervised(tmp_path: Path, code: str) -> tuple[Supervisor, Watched, list[str]]:
    """Return a supervisor that watches one started child."""
    lines: list[str] = []
    supervisor = Supervisor(remote(tmp_path), [], say=lines.append)
    watched = Watched(Child("child", [sys.executable, "-c", code], tmp_path / "child.log"))
    watched.child.start()
    supervisor.watched.append(watched)
    return supervisor, watched, lines


def test_a_child_that_is_killed_is_started_again(tmp_path: Path) -> None:
    supervisor, watched, lines = supervised(tmp_path, "import time; time.sleep(600)")
    first = watched.child.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    supervisor.in_background()
    assert eventually(lambda: watched.restarts == 1 and watched.child.running)
    assert watched.child.pid != first
    assert "child ended with code -9; starting again" in lines[0]
    watched.child.stop()
    supervisor.stop()


def test_a_wrong_command_line_is_not_tried_for_ever(tmp_path: Path) -> None:
    supervisor, watched, lines = supervised(tmp_path, "import sys; print('no such option'); sys.exit(2)")
    watched.child.wait()
    for _ in range(3):
        supervisor.check()
    assert (watched.state, watched.restarts) == ("given up", 0)
    assert lines[0].endswith("no such option")


def test_waits_grow_until_a_child_was_healthy_for_a_while(tmp_path: Path) -> None:
    watched = Watched(Child("child", [], tmp_path / "log"), started=0.0)
    assert [watched.next_start(now=1.0) - 1.0 for _ in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert watched.next_start(now=100.0) - 100.0 == 0.5


def test_a_service_gets_exactly_our_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = Settings(
        _env_file=None, data_dir=tmp_path, smtp_starttls=True, webhook_secret="s3cret", board_port=1, documents=tmp_path
    )
    for name, value in environment(ours).items():
        monkeypatch.setenv(name, value)
    assert Settings(_env_file=None) == ours


def test_the_poller_runs_only_where_documents_tell_what_to_poll(tmp_path: Path) -> None:
    assert services(Settings(_env_file=None)) == ["worker", "index", "notify", "serve", "watch"]
    assert services(Settings(_env_file=None, documents=tmp_path))[-1] == "poll"


def test_the_mailbox_runs_only_where_pages_have_reply_addresses() -> None:
    secret = "sixteen characters, at least"
    assert "mailbox" in services(Settings(_env_file=None, link_secret=secret, reply_domain="reply.us.example"))
    assert "mailbox" not in services(Settings(_env_file=None, link_secret=secret))
    assert "mailbox" not in services(Settings(_env_file=None, reply_domain="reply.us.example"))
