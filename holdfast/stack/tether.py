"""Run a command that dies when the process that asked for it dies, even by kill -9. IO: processes.

A script of its own (standard library only): ``python tether.py PARENT_PID exec|watch COMMAND…``.

- ``exec`` (Linux): asks the kernel for SIGKILL when the parent dies, then becomes the command.
- ``watch`` (elsewhere): stays beside the command and kills it when standard input, a pipe from the parent, ends.

The kernel counts the death of the parent's *thread* that started the command: start it from a thread that lives on.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading

PR_SET_PDEATHSIG = 1
PARENT_IS_GONE = 125
"""Exit code when the parent died before the command could start."""


def become(parent: int, command: list[str]) -> int:
    """Replace this process by the command, to be killed by the kernel with its parent."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != parent:  # it died before the kernel was asked
        return PARENT_IS_GONE
    os.execvp(command[0], command)  # noqa: S606 - no shell is the point


def watch(command: list[str]) -> int:
    """Run the command until it ends, or until the pipe on standard input does."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603 - our parent's command
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _frame: child.send_signal(received))

    def kill_at_end_of_input() -> None:
        while os.read(0, 1024):
            pass
        child.kill()

    threading.Thread(target=kill_at_end_of_input, daemon=True).start()
    code = child.wait()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    parent_pid, mode, *rest = sys.argv[1:]
    sys.exit(become(int(parent_pid), rest) if mode == "exec" else watch(rest))
