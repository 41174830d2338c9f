"""Payload files: when they were received, series of polls, and files that are refused."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feeds.files import FileError, received_in_name, sheets
from tests.feeds.looks import at


@pytest.mark.parametrize(
    "name",
    [
        "2026-05-04T090000Z.json", "2026-05-04T090000Z_summary.json", "2026-05-04T09:00:00Z.json",
        "20260504T090000Z.json", "2026-05-04T09-00-00Z-x.json", "2026-05-04T0900Z.json", "2026-05-04T110000+0200.json",
        "2026-05-04T11:00:00.000+02:00_poll.json", "2026-05-04t090000z.json",
    ],
)  # fmt: skip
def test_a_time_at_the_start_of_a_name(name: str) -> None:
    assert received_in_name(name) == at(0)


@pytest.mark.parametrize(
    "name", ["incidents.json", "2026-05-04_history.atom", "x2026-05-04T090000Z.json", "20260504.json"]
)
def test_names_without_a_time(name: str) -> None:
    assert received_in_name(name) is None


@pytest.mark.parametrize("name", ["2026-05-04T090000.json", "2026-13-04T090000Z.json", "2026-05-04T996000Z.json"])
def test_a_time_that_is_naive_or_none_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"{}")
    found, refused = sheets([tmp_path])
    assert found == []
    assert [error.reason for error in refused] == ["naive_time"]
    found, refused = sheets([tmp_path], received_at=at(0))
    assert (len(found), refused) == (1, [])


def test_received_at_is_by_hand_else_by_name_else_by_modification(tmp_path: Path) -> None:
    named, plain = tmp_path / "2026-05-04T090000Z.json", tmp_path / "incidents.json"
    for path in (named, plain):
        path.write_bytes(b"{}")
    os.utime(plain, (at(-5).timestamp(), at(-5).timestamp()))
    found, _ = sheets([tmp_path])
    assert [(one.path, one.received_at) for one in found] == [(plain, at(-5)), (named, at(0))]
    assert {one.received_at for one in sheets([tmp_path], received_at=at(7))[0]} == {at(7)}


def test_a_line_of_a_series_is_a_poll_with_its_own_time(tmp_path: Path) -> None:
    path = tmp_path / "polls.jsonl"
    path.write_text(
        '{"polled_at": "2026-05-04T09:05:00Z", "commit": "x", "summary": {"incidents": []}}\n'
        "\n"
        '{"received_at": "2026-05-04T09:00:00Z", "body": "<alert/>"}\n'
        '{"incidents": []}\n'
        "not json\n"
    )
    found, refused = sheets([path], received_at=at(60))
    assert refused == []
    read = [(one.line, one.received_at, one.load("f", "x").body) for one in found]
    assert read == [
        (3, at(0), b"<alert/>"),
        (1, at(5), b'{"incidents":[]}'),
        (4, at(60), b'{"incidents": []}'),
        (5, at(60), b"not json"),
    ]
    assert found[0].load("f", "x").name == f"{path}:3"


def test_directories_are_walked_whole_and_each_file_is_taken_once(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / ".git").mkdir()
    for name in ("a/1.json", "2.xml", ".git/config", ".hidden"):
        (tmp_path / name).write_bytes(b"{}")
    found, _ = sheets([tmp_path, tmp_path / "2.xml"], received_at=at(0))
    assert [one.path.name for one in found] == ["2.xml", "1.json"]
    assert [one.load("f", "x").content_type for one in found] == ["application/xml", "application/json"]


def test_what_is_too_large_is_refused_and_the_rest_is_taken(tmp_path: Path) -> None:
    (tmp_path / "big.json").write_bytes(b" " * 101)
    (tmp_path / "small.json").write_bytes(b" " * 100)
    (tmp_path / "polls.jsonl").write_bytes(b"{}\n" + b" " * 200 + b"\n")
    found, refused = sheets([tmp_path], limit=100)
    assert sorted(one.path.name for one in found) == ["polls.jsonl", "small.json"]
    assert sorted(Path(error.name).name for error in refused) == ["big.json", "polls.jsonl:2"]
    assert {error.reason for error in refused} == {"too_large"}


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    _, refused = sheets([path])
    assert [error.reason for error in refused] == ["unreadable_file"]
    path.write_bytes(b"{}")
    (sheet,) = sheets([path])[0]
    path.unlink()
    with pytest.raises(FileError, match="unreadable_file"):
        sheet.load("f", "x")


def test_modification_times_are_utc(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(b"{}")
    os.utime(path, (0, 0))
    assert sheets([path])[0][0].received_at == datetime(1970, 1, 1, tzinfo=UTC)
