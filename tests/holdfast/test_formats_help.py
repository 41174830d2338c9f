"""Help and reference name every format, so that a new dialect can't be left out of them."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from feeds.registry import FORMATS
from feeds.statements import KEYS
from holdfast.cli import build

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "commands.md"
COMMANDS = ("parse", "ingest", "measure")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_names_every_format(command: str) -> None:
    shown = CliRunner().invoke(build(), [command, "--help"], env={"COLUMNS": "200", "TERMINAL_WIDTH": "200"}).stdout
    assert ", ".join(FORMATS) in " ".join(shown.replace("│", " ").split())


@pytest.mark.parametrize("command", COMMANDS)
def test_the_reference_names_every_format(command: str) -> None:
    section = REFERENCE.read_text(encoding="utf-8").split(f"### `holdfast {command}`\n")[1].split("\n##")[0]
    assert [name for name in FORMATS if f"`{name}`" not in section] == []


def test_the_reference_names_every_key_of_a_statement() -> None:
    section = REFERENCE.read_text(encoding="utf-8").split("## Statements of our own people")[1]
    assert [key for key in KEYS if f"`{key}`" not in section] == []


def test_starting_the_command_line_reads_no_dialect() -> None:
    code = "import sys; from holdfast.cli import build; build(); sys.exit('feeds.registry' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
