"""``python -m dashboards.catalogue [--check]``: write what is generated from the catalogue, or compare. IO: files."""

import sys
from pathlib import Path

from dashboards.catalogue.generated import FOLDERS, files

ROOT = Path(__file__).resolve().parents[2]


def differing(root: Path) -> list[str]:
    """Return the paths of generated files that are not what the catalogue says, are missing, or too many."""
    wanted = files()
    present = {path.relative_to(root).as_posix() for folder in FOLDERS for path in (root / folder).glob("*")}
    stale = {name for name, content in wanted.items() if not _is(root / name, content)}
    return sorted(stale | (present - set(wanted)))


def write(root: Path) -> None:
    """Write every generated file, and delete from their folders what is none."""
    for name in differing(root):
        (root / name).unlink(missing_ok=True)
    for name, content in files().items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(content)


def main(arguments: list[str]) -> int:
    """Run the command line; return its exit code: 1 if files differ, 2 if it can't be read."""
    if arguments not in ([], ["--check"]):
        print("usage: python -m dashboards.catalogue [--check]", file=sys.stderr)
        return 2
    stale = differing(ROOT)
    for name in stale:
        print(name)
    if arguments:
        return 1 if stale else 0
    write(ROOT)
    return 0


def _is(path: Path, content: bytes) -> bool:
    return path.exists() and path.read_bytes() == content


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
