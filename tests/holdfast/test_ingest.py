"""``holdfast ingest``: files arrive on the raw topic, byte for byte, in order of time."""

from pathlib import Path

import orjson
import pytest
from click.testing import Result
from typer.testing import CliRunner

from holdfast import kafka
from holdfast.cli import build
from holdfast.settings import Settings
from models.raw import DeadLetter, RawPayload
from models.topics import Stream

PROVIDER = """
apiVersion: holdfast/v1
kind: Provider
id: nimbus
name: Nimbus
feeds:
  - {id: nimbus-status, format: google-cloud}
"""


def run(settings: Settings | None, *arguments: object) -> Result:
    env = {"HOLDFAST_KAFKA": settings.kafka, "HOLDFAST_PREFIX": settings.prefix} if settings else {}
    return CliRunner().invoke(build(), ["ingest", *map(str, arguments)], env=env)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "payloads"
    folder.mkdir()
    (folder / "2026-05-04T091000Z.json").write_bytes(b'{"second": 1}')
    (folder / "2026-05-04T090000Z.json").write_bytes(b"\x00first\xff")
    (folder / "polls.jsonl").write_bytes(b'{"polled_at": "2026-05-04T09:05:00Z", "summary": {"a": 1}}\n')
    (folder / "2026-05-04T090000.json").write_bytes(b"no zone")
    return folder


@pytest.mark.live
def test_payloads_arrive_as_they_are_in_order_of_time(installation: Settings, files: Path) -> None:
    result = run(installation, files, "--feed", "nimbus-status", "--format", "statuspage", "--json")
    assert result.exit_code == 1, result.output
    counts = orjson.loads(result.stdout)
    assert (counts["payloads"], counts["refused"], counts["feed"]) == (3, 1, "nimbus-status")
    names = kafka.names(installation)
    records = list(kafka.read_all(installation, names.topic(Stream.RAW)))
    read = [RawPayload.from_wire(record.value) for record in records]
    assert [one.body for one in read] == [b"\x00first\xff", b'{"a":1}', b'{"second": 1}']
    assert {(one.feed, one.format) for one in read} == {("nimbus-status", "statuspage")}
    assert {record.key for record in records} == {b"nimbus-status"}
    (refused,) = kafka.read_all(installation, names.topic(Stream.DEAD_LETTERS))
    letter = DeadLetter.from_wire(refused.value)
    assert (letter.stage, letter.reason, dict(refused.headers)["id"]) == (
        "ingest",
        "naive_time",
        letter.letter_id.encode(),
    )


@pytest.mark.live
def test_the_format_comes_from_the_documents(installation: Settings, files: Path, tmp_path: Path) -> None:
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "nimbus.yaml").write_text(PROVIDER)
    one = files / "2026-05-04T090000Z.json"
    result = run(installation, one, "--feed", "nimbus-status", "--documents", documents, "--json")
    assert (result.exit_code, orjson.loads(result.stdout)["format"]) == (0, "google-cloud")
    unknown = run(installation, one, "--feed", "other", "--documents", documents)
    assert unknown.exit_code == 2
    assert "other" in unknown.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["x", "--feed", "f", "--format", "cap"],
        [".", "--format", "cap"],
        [".", "--feed", "f", "--format", "none"],
        [".", "--feed", "f"],
    ],
)
def test_wrong_usage_exits_2(arguments: list[str]) -> None:
    assert run(None, *arguments).exit_code == 2
