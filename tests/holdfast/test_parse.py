"""``holdfast parse`` as a user runs it: lines, order, exit codes, and what is told on stderr."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from click.testing import Result
from typer.testing import CliRunner

from holdfast.cli import build
from models.notice import PARSE_KEYS
from tests.feeds.looks import incident, stamp, summary, update


def run(*arguments: object, input: bytes | None = None) -> Result:
    return CliRunner().invoke(build(), ["parse", *map(str, arguments)], input=input)


def lines(result: Result) -> list[dict[str, object]]:
    return [orjson.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def polls(tmp_path: Path) -> Path:
    """Three polls of one page: reported; an update; gone."""
    first, second = update("investigating", 0), update("identified", 10)
    bodies: Sequence[dict[str, object]] = [summary(incident(first)), summary(incident(first, second)), summary()]
    for minutes, body in zip((5, 15, 25), bodies, strict=True):
        (tmp_path / f"2026-05-04T09{minutes:02}00Z_summary.json").write_bytes(orjson.dumps(body))
    return tmp_path


def test_each_line_has_the_documented_keys_in_their_order(polls: Path) -> None:
    result = run("--format", "statuspage", polls, "--json")
    assert result.exit_code == 0
    for line in result.stdout.splitlines():
        assert tuple(orjson.loads(line)) == PARSE_KEYS
    assert {line["source"] for line in lines(result)} == {"statuspage"}
    assert {line["provider"] for line in lines(result)} == {None}


def test_a_series_in_one_call_says_each_statement_once_and_what_vanished(polls: Path) -> None:
    told = [
        (line["phase"], line["received_at"], line["flags"]) for line in lines(run("-f", "statuspage", polls, "--json"))
    ]
    assert told == [
        ("reported", "2026-05-04T09:05:00Z", []),
        ("engaged", "2026-05-04T09:15:00Z", []),
        ("closed", "2026-05-04T09:25:00Z", ["vanished"]),
    ]


def test_files_in_any_order_are_read_by_time(polls: Path) -> None:
    files = sorted(polls.iterdir(), reverse=True)
    assert run("-f", "statuspage", *files, "--json").stdout == run("-f", "statuspage", polls, "--json").stdout


def test_unreadable_payloads_are_told_and_the_others_read(polls: Path) -> None:
    (polls / "page.json").write_bytes(b"<html>")
    (polls / "2026-05-04T090000.json").write_bytes(b"{}")
    result = run("-f", "statuspage", polls, "--json")
    assert result.exit_code == 1
    assert len(lines(result)) == 3
    assert "page.json: not_json: " in result.stderr
    assert "2026-05-04T090000.json: naive_time: " in result.stderr


def test_standard_input_and_a_time_by_hand() -> None:
    body = orjson.dumps(summary(incident(update("investigating", 0))))
    result = run("-f", "statuspage", "-", "--json", "--received-at", stamp(3), input=body)
    assert [line["received_at"] for line in lines(result)] == [stamp(3)]


def test_standard_input_without_a_time_was_received_now() -> None:
    body = orjson.dumps(summary(incident(update("investigating", 0))))
    before = datetime.now(UTC)
    (line,) = lines(run("-f", "statuspage", "-", "--json", input=body))
    assert before <= datetime.fromisoformat(str(line["received_at"])) <= datetime.now(UTC)


def test_naive_times_need_the_feeds_zone(tmp_path: Path) -> None:
    naive = incident(update("investigating", 0, created_at="2026-05-04T11:00:00", display_at=None, updated_at=None))
    (tmp_path / "a.json").write_bytes(orjson.dumps(summary(naive)))
    refused = run("-f", "statuspage", tmp_path, "--json")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "naive_time" in refused.stderr
    (line,) = lines(run("-f", "statuspage", tmp_path, "--json", "--feed-timezone", "Europe/Berlin"))
    assert line["published_at"] == stamp(0)


def test_without_json_a_table_is_shown(polls: Path) -> None:
    result = run("-f", "statuspage", polls)
    assert result.exit_code == 0
    assert "3 notices" in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["-f", "no-such", "."],
        ["-f", "statuspage", "/no/such/file"],
        ["-f", "statuspage", ".", "--received-at", "2026-05-04T09:00:00"],
        ["-f", "statuspage", ".", "--received-at", "noon"],
        ["-f", "statuspage", ".", "--feed-timezone", "Mars/Olympus"],
        ["-f", "statuspage"],
        ["."],
    ],
)
def test_wrong_usage_exits_2(arguments: list[str]) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
