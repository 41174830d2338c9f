"""Prints the part of requirements.lock that Holdfast needs to run in a container: no tests, no tools, no local servers.

The lock names for every package what wants it (``# via``). Walks that from the dependencies of pyproject.toml, with
those of the extras that the command line names. The image installs the result with ``--require-hashes --no-deps`` and
then runs ``pip check``, so a package that this walk missed fails the build. IO: reads two files, writes standard
output. Standard library only.
"""

import re
import sys
import tomllib
from pathlib import Path
from typing import Any

OURSELVES = "holdfast"


def normal(name: str) -> str:
    """Return a package name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def blocks(lock: str) -> list[tuple[str, str, set[str]]]:
    """Return (package, text, packages that want it) per block; one package may have several, for several Pythons."""
    found = []
    for block in re.split(r"\n(?=[A-Za-z0-9])", lock.strip()):
        requirement, _, comment = block.partition("# via")
        name = re.match(r"[A-Za-z0-9._-]+", requirement)
        if name is None:
            raise SystemExit(f"requirements.lock: not a requirement: {block[:60]!r}")
        wanted_by = {normal(word.strip(" #").split(" ")[0]) for word in comment.splitlines() if word.strip(" #")}
        found.append((normal(name[0]), block, wanted_by))
    return found


def base(lock: str, dependencies: list[str]) -> list[str]:
    """Return the blocks needed by some dependencies, in the lock's order.

    Args:
        lock: content of requirements.lock.
        dependencies: requirements as pyproject.toml writes them.
    """
    known = blocks(lock)
    wanted = {normal(re.split(r"[\[<>=!~; ]", one, maxsplit=1)[0]) for one in dependencies}
    missing = wanted - {name for name, _, _ in known}
    if missing:
        raise SystemExit(f"requirements.lock lacks {', '.join(sorted(missing))}: compile it again")
    grown = True
    while grown:
        more = {name for name, _, wanted_by in known if wanted_by & wanted} - {OURSELVES}
        grown = not more <= wanted
        wanted |= more
    return [text for name, text, _ in known if name in wanted]


def requirements(project: dict[str, Any], extras: list[str]) -> list[str]:
    """Return the requirements of the project and of some of its extras; an unknown one ends the build."""
    known: dict[str, list[str]] = project["optional-dependencies"]
    unknown = sorted(set(extras) - set(known))
    if unknown:
        raise SystemExit(f"no extra {', '.join(unknown)}; there are {', '.join(sorted(known))}")
    return [*project["dependencies"], *(one for extra in extras for one in known[extra])]


def main(extras: list[str]) -> None:
    """Print the base lock of the project in the working directory.

    Args:
        extras: of pyproject.toml, such as ``analytics``.
    """
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    lock = Path("requirements.lock").read_text(encoding="utf-8")
    sys.stdout.write("\n".join(base(lock, requirements(project, extras))) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
