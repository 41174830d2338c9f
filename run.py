#!/usr/bin/env python3
"""Set up Holdfast in this folder and run it: needs Python 3.11 to 3.13 with venv, and a package index, nothing else.

    python3 run.py demo [options]         the told story on real local servers; shows where to look
    python3 run.py test [pytest options]  all checks and tests, real servers and a real browser included
    python3 run.py holdfast COMMAND ...   any command, such as `doctor` or `up`

The environment is ``.venv`` beside this file, from requirements.lock with its hashes; it is made once and again when
the lock changes. pip is asked as you have configured it. Standard library only; IO: files, processes, pip.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent
LOCK = ROOT / "requirements.lock"
VENV = ROOT / ".venv"
FROM, BELOW = (3, 11), (3, 14)
DISK_NEEDS_MB = 2000
NO_TESTS = 5
"""pytest's exit code when nothing was collected."""
UNREACHABLE = (
    "from versions: none",
    "NewConnectionError",
    "Max retries",
    "Could not fetch URL",
    "timed out",
    "SSLError",
)
"""What pip says when it did not get through."""


class Step(NamedTuple):
    """Something that Python runs and that has to pass."""

    name: str
    command: list[str]
    may_be_empty: bool = False
    """Whether it may find no test."""


GATES = (
    Step("ruff check", ["-m", "ruff", "check", "."]),
    Step("ruff format", ["-m", "ruff", "format", "--check", "."]),
    Step(
        "import-linter", ["-c", "import sys; from importlinter.cli import lint_imports_command; lint_imports_command()"]
    ),
    Step("mypy", ["-m", "mypy"]),
)
WITHOUT_SERVERS = ["-m", "not live and not browser", "-n", "2", "--dist", "loadgroup"]
RULES = ("tests/models", "tests/documents", "tests/scenarios")
"""The tests that have to reach every branch of ``models``; a hair is left for what chance does not draw."""
COVERED = ["--cov=models", "--cov-branch", "--cov-report=term-missing:skip-covered", "--cov-fail-under=99.5"]
ON_SERVERS = ["-m", "live or browser", "-n", "2", "--dist", "loadgroup", "--no-loadscope-reorder", "--durations=12"]
"""The longest first, one by one, so that nobody waits at the end."""


class SetupError(Exception):
    """The environment cannot be made; the message says why and what to do."""


def main(arguments: list[str]) -> int:
    """Run one command; return its exit code (2 for usage)."""
    if not arguments or arguments[0] not in ("demo", "test", "holdfast"):
        print(__doc__.strip())
        return 0 if arguments[:1] in (["-h"], ["--help"]) else 2
    try:
        check_version(sys.version_info[:3])
        python = environment()
    except SetupError as error:
        print(f"run.py: {error}", file=sys.stderr)
        return 1
    if arguments[0] == "test":
        return run_tests(python, arguments[1:])
    rest = arguments if arguments[0] == "demo" else arguments[1:]
    sys.stdout.flush()
    os.execv(str(python), [str(python), "-m", "holdfast", *rest])  # noqa: S606 - our own interpreter, no shell


def check_version(version: tuple[int, ...], there: Callable[[str], object] | None = None) -> None:
    """Check the version of Python that runs this.

    Raises:
        SetupError: if Holdfast does not run on it; names another one on this machine if there is one.
    """
    if FROM <= tuple(version[:2]) < BELOW:
        return
    names = [f"python3.{minor}" for minor in range(BELOW[1] - 1, FROM[1] - 1, -1)]
    others = [name for name in names if (there or works)(name)]
    next_step = (
        f"run `{others[0]} run.py ...` instead" if others else "install Python 3.13 (or 3.12, 3.11) and use that"
    )
    raise SetupError(
        "Python {} is not supported, 3.11 to 3.13 are.\nNext step: {}".format(".".join(map(str, version)), next_step)
    )


def environment() -> Path:
    """Make or bring up to date the environment; return its Python.

    Raises:
        SetupError: if it cannot be made.
    """
    python = VENV / "bin" / "python"
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if not is_current(VENV, wanted, python):
        check_disk()
        began = time.monotonic()
        make_venv(python)
        install(python, count_packages(LOCK.read_text()))
        (VENV / "holdfast.lock").write_text(wanted)
        say(f"Environment ready in {time.monotonic() - began:.0f} s: {VENV}")
    link(python)
    return python


def is_current(venv: Path, wanted: str, python: Path) -> bool:
    """Return whether the environment was made from the lock of this digest, and its Python still starts."""
    stamp = venv / "holdfast.lock"
    return stamp.is_file() and stamp.read_text().strip() == wanted and starts(python)


def works(name: str) -> bool:
    """Return whether a Python of this name is on the PATH and starts (a version manager's shim may not)."""
    return shutil.which(name) is not None and starts(Path(name), "--version")


def starts(python: Path, *arguments: str) -> bool:
    """Return whether an interpreter runs, by default with nothing to do."""
    command = [str(python), *(arguments or ("-c", ""))]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603 - no shell
    except OSError:
        return False


def check_disk() -> None:
    """Check that the environment fits.

    Raises:
        SetupError: if it does not.
    """
    free = shutil.disk_usage(str(ROOT)).free // (1024 * 1024)
    if free < DISK_NEEDS_MB:
        raise SetupError(
            f"{free} MiB are free under {ROOT}, {DISK_NEEDS_MB} MiB are wanted.\nNext step: make room there"
        )


def make_venv(python: Path) -> None:
    """Make ``.venv`` with pip, or keep one that works.

    Raises:
        SetupError: if Python lacks its venv module.
    """
    if starts(python, "-m", "pip", "--version"):
        return
    say("Making {} with Python {}.{}.{} ...".format(VENV, *sys.version_info[:3]))
    done = subprocess.run(  # noqa: S603 - our own interpreter, no shell
        [sys.executable, "-m", "venv", "--clear", str(VENV)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SetupError(
            f"Python's venv module does not work here:\n{done.stdout.strip()}\nNext step: on Debian and Ubuntu "
            "`apt-get install python3-venv`, elsewhere install Python with venv and pip"
        )


def count_packages(lock: str) -> int:
    """Return how many packages a lock names."""
    return sum(1 for line in lock.splitlines() if "==" in line and not line.startswith((" ", "#")))


def install(python: Path, total: int) -> None:
    """Install the lock, every file checked against its hash.

    Raises:
        SetupError: if pip fails.
    """
    log = VENV / "pip.log"
    command = [str(python), "-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--progress-bar=off"]
    command += ["--require-hashes", "--no-deps", "-r", str(LOCK)]
    begun = 0
    with log.open("w") as file:
        process = subprocess.Popen(  # noqa: S603 - pip of our own environment, no shell
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True
        )
        assert process.stdout is not None
        try:
            for line in process.stdout:
                file.write(line)
                if line.startswith(("Collecting ", "Requirement already satisfied")):
                    begun += 1
                    progress("Fetching packages", begun, total)
                elif line.startswith("Installing collected packages"):
                    say(f"\nInstalling {total} packages (about a minute) ...")
        except BaseException:
            process.terminate()
            process.wait()
            raise
    if process.wait() != 0:
        raise SetupError(explain(log.read_text(), log))


def explain(output: str, log: Path) -> str:
    """Return what a failed pip run means and the next step."""
    last = "\n".join("  " + line for line in output.strip().splitlines()[-6:])
    if "No space left" in output:
        why, step = "the disk is full", f"make room under {ROOT}, then run this again"
    elif "HASHES" in output or ("hash" in output.lower() and "mismatch" in output.lower()):
        why = "a package is not the one that requirements.lock pins"
        step = "do not use it: ask who runs your package index, or run this again with another one"
    elif any(word in output for word in UNREACHABLE):
        why = "the package index cannot be reached, or has nothing for this machine"
        step = "check the network and pip's configuration (`pip config list`: index, proxy, certificate), then again"
    elif "No matching distribution" in output:
        why = "the package index does not have a package for this machine"
        step = "use Linux or macOS on x86-64 or ARM64, or another package index"
    else:
        why, step = "pip failed", f"read {log}"
    return f"{why}:\n{last}\nNext step: {step} (whole output: {log})"


def link(python: Path) -> None:
    """Let the environment find the packages of this folder, and give it a ``holdfast`` command."""
    for site in (VENV / "lib").glob("python3*/site-packages"):
        write(site / "holdfast.pth", f"{ROOT}\n")
    command = VENV / "bin" / "holdfast"
    if write(command, f"#!{python}\nimport sys\n\nfrom holdfast.cli import main\n\nsys.exit(main())\n"):
        command.chmod(0o755)


def write(file: Path, text: str) -> bool:
    """Write a file unless it says so already; return whether it did not."""
    if file.is_file() and file.read_text() == text:
        return False
    file.write_text(text)
    return True


def run_tests(python: Path, arguments: list[str]) -> int:
    """Run all gates, then the tests; return 0 if everything passed, else 1.

    One after the other: tests on servers share two cores as it is, and what runs beside them makes them as much longer.
    Only where all tests run can the rules be asked for every branch of ``models``.
    """
    phases = [("tests without servers", WITHOUT_SERVERS)]
    if not arguments:
        others = [*WITHOUT_SERVERS, *("--ignore=" + folder for folder in RULES)]
        phases = [
            ("rules, every branch of models", [*RULES, *WITHOUT_SERVERS, *COVERED]),
            ("other tests without servers", others),
        ]
    phases.append(("tests on real servers and in a browser", ON_SERVERS))
    tests = [Step(name, ["-m", "pytest", *options, *arguments], may_be_empty=True) for name, options in phases]
    results = [run_step(python, step) for step in (*GATES, *tests)]
    say("\n=== summary\n" + "\n".join(line for _, line in results))
    return 0 if all(passed for passed, _ in results) else 1


def run_step(python: Path, step: Step) -> tuple[bool, str]:
    """Run a step; return whether it passed, and its line of the summary."""
    say(f"\n=== {step.name}")
    began = time.monotonic()
    code = subprocess.run([str(python), *step.command], cwd=str(ROOT), check=False).returncode  # noqa: S603 - our own
    passed, took_s = code == 0 or (step.may_be_empty and code == NO_TESTS), time.monotonic() - began
    return passed, "{:<40} {:<8} {:6.1f} s".format(step.name, "passed" if passed else "FAILED", took_s)


def progress(what: str, count: int, total: int) -> None:
    """Show how far a long step is: in place on a terminal, else a line now and then."""
    if sys.stdout.isatty():
        print(f"\r{what} {count}/{total}", end="", flush=True)
    elif count % 25 == 0:
        say(f"{what} {count}/{total}")


def say(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("\nrun.py: stopped; the same command goes on from here")
