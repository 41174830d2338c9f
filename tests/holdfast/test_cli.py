"""The command line as a whole: what it is, before any command."""

import re
import tomllib
from pathlib import Path

from typer.testing import CliRunner

from holdfast.cli import build

PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"


def test_the_version_is_the_projects() -> None:
    """Also where nothing else is installed or configured: it is what a report of a fault begins with."""
    result = CliRunner().invoke(build(), ["--version"])
    assert result.exit_code == 0, result.output
    assert result.stdout == f"holdfast {tomllib.loads(PROJECT.read_text())['project']['version']}\n"


def test_help_names_the_option_and_what_holdfast_is_for() -> None:
    result = CliRunner().invoke(build(), ["--help"], env={"TERM": "dumb", "COLUMNS": "120"})
    assert result.exit_code == 0
    assert "--version" in re.sub(r"\x1b\[[0-9;]*m", "", result.stdout)
    assert "Holds providers to the recovery that was agreed" in result.stdout


def test_without_a_command_the_help_is_shown() -> None:
    result = CliRunner().invoke(build(), [])
    assert (result.exit_code, "ingest" in result.output) == (2, True)
