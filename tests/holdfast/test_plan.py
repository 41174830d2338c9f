"""``holdfast plan`` on payload files: who will be told when, without servers."""

from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner, Result

from holdfast.cli import build
from tests.documents.test_lint import AGREEMENT, POLICY, PROVIDER
from tests.holdfast.test_measure import REPORTED, RESOLVED, WORKING, page

KEYS = [
    "incident_id", "source_incident_id", "provider", "title", "priority", "policy", "policy_version", "as_of", "plan",
    "forecast", "reason",
]  # fmt: skip
ZONED = PROVIDER.replace("email: noc@us.example", "email: noc@us.example, timezone: Asia/Tokyo")
DRAFT = POLICY.replace("share: 0.75", "share: 0.25").replace("id: ladder", "id: quick")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Documents, one open incident received at 10:30, and a draft policy."""
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "all.yaml").write_text("---\n".join((AGREEMENT, ZONED, POLICY)))
    (tmp_path / "2026-05-04T103000Z_incidents.json").write_bytes(page(REPORTED, WORKING))
    (tmp_path / "draft.yaml").write_text(DRAFT)
    return tmp_path


def asked(folder: Path, *options: str, path: str = "2026-05-04T103000Z_incidents.json") -> Result:
    fixed = ["--documents", str(folder / "documents"), "--provider", "nimbus", "--format", "statuspage"]
    return CliRunner().invoke(build(), ["plan", *fixed, *options, str(folder / path)])


def told(result: Result) -> list[tuple[str, int]]:
    """Return when each page of the first incident goes out, and which repetition it is."""
    (line,) = [orjson.loads(one) for one in result.stdout.splitlines()]
    return [(one["at"], one["loop"]) for one in line["forecast"]]


def test_one_open_incident_a_line_with_its_plan_and_what_comes(folder: Path) -> None:
    result = asked(folder, "--json", "--for", "8h")
    assert result.exit_code == 0, result.output
    (line,) = [orjson.loads(one) for one in result.stdout.splitlines()]
    assert list(line) == KEYS
    assert line["as_of"] == "2026-05-04T10:30:00Z", "as of the last payload"
    assert line["plan"]["rungs"][0]["due_at"] == "2026-05-04T13:00:00Z"
    assert told(result) == [("2026-05-04T13:00:00Z", 0), ("2026-05-04T17:00:00Z", 1)]
    assert list(line["forecast"][0]) == [
        "at", "side", "rung", "loop", "condition", "why", "held", "digest_s", "recipients",
    ]  # fmt: skip


def test_a_table_says_what_the_clock_of_whoever_is_told_shows(folder: Path) -> None:
    result = asked(folder)
    assert result.exit_code == 0
    for words in ("VMs are down", "2026-05-04 13:00", "2h30m", "our side", "NOC by email, Mon 22:00 JST", "1 again 1"):
        assert words in result.stdout


def test_what_was_told_before_as_of_is_not_told_again(folder: Path) -> None:
    result = asked(folder, "--json", "--as-of", "2026-05-04T14:00:00Z", "--for", "8h")
    assert told(result) == [("2026-05-04T17:00:00Z", 1), ("2026-05-04T21:00:00Z", 2)]


@pytest.mark.parametrize("policy", ["draft.yaml", "quick"])
def test_another_policy_can_be_tried(folder: Path, policy: str) -> None:
    (folder / "documents" / "quick.yaml").write_text(DRAFT)
    name = str(folder / policy) if policy.endswith("yaml") else policy
    result = asked(folder, "--json", "--policy", name, "--for", "4h")
    assert told(result) == [("2026-05-04T11:00:00Z", 0)]


def test_an_incident_that_is_over_has_no_preview(folder: Path) -> None:
    over = page(REPORTED, RESOLVED, resolved_at="2026-05-04T12:00:00Z")
    (folder / "2026-05-04T130000Z_over.json").write_bytes(over)
    result = asked(folder, path="2026-05-04T130000Z_over.json")
    assert (result.exit_code, result.stdout) == (0, "no open incident to which a policy applies\n")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--for", "soon"], "is no duration"),
        (["--for", "3bd"], "fixed length"),
        (["--for", "400d"], "fixed length"),
        (["--policy", "nothing"], "there is: ladder"),
        (["--incident", "nothing"], "no open incident 'nothing'"),
        (["--feed", "nothing"], "no feed 'nothing'"),
    ],
)
def test_what_is_asked_wrongly_is_said_with_exit_code_2(folder: Path, options: list[str], words: str) -> None:
    result = asked(folder, *options)
    assert result.exit_code == 2
    assert words in " ".join(result.output.replace("│", " ").split())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["one", "two"], "one incident at a time"),
        (["one", "--policy", "x"], "are for payload files"),
        (["one", "--provider", "nimbus"], "need --documents, --provider and --format"),
    ],
)
def test_an_incident_of_the_index_is_asked_for_by_itself(arguments: list[str], words: str) -> None:
    result = CliRunner().invoke(build(), ["plan", *arguments])
    assert result.exit_code == 2
    assert words in " ".join(result.output.replace("│", " ").split())


def test_what_can_not_be_read_is_told_and_ends_in_exit_code_1(folder: Path) -> None:
    (folder / "2026-05-04T103000Z_incidents.json").write_text("{")
    assert asked(folder).exit_code == 1
