"""``holdfast ingest``: files arrive on the raw topic, byte for byte, in order of time."""

from pathlib import Path

import orjson
import pytest
from click.testing import Result
from typer.testing import CliRunner

from holdfast import kafka
from holdfast.cli import build
from holdfast.settings import Settings
from models.documents import document_key, to_wire
from models.provider import Provider
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


def put_in_force(settings: Settings, *feeds: str) -> None:
    """Apply a provider with feeds of these ids."""
    configured = [{"id": feed, "format": "statuspage"} for feed in feeds]
    provider = Provider.model_validate(
        {"apiVersion": "holdfast/v1", "kind": "Provider", "id": "nimbus", "name": "Nimbus", "feeds": configured}
    )
    with kafka.Publisher(settings) as publisher:
        publisher.send(Stream.DOCUMENTS, document_key(provider), to_wire(provider))


def sent(settings: Settings) -> int:
    """Return how many payloads are on the raw topic."""
    return sum(1 for _ in kafka.read_all(settings, kafka.names(settings).topic(Stream.RAW)))


@pytest.mark.live
def test_payloads_arrive_as_they_are_in_order_of_time(installation: Settings, files: Path) -> None:
    put_in_force(installation, "nimbus-status")
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
    assert "`holdfast apply" in result.stderr, "a worker does not know of it yet"


@pytest.mark.live
def test_a_feed_that_no_document_in_force_names_is_refused_before_anything_is_sent(
    installation: Settings, files: Path
) -> None:
    """A slip of the pen must not end with all payloads in the dead letters and exit code 0."""
    put_in_force(installation, "nimbus-status", "nimbus-mail")
    one = files / "2026-05-04T090000Z.json"
    slip = run(installation, one, "--feed", "nimbus-statsu", "--format", "statuspage", "--json")
    assert (slip.exit_code, slip.stdout, sent(installation)) == (2, "", 0)
    told = " ".join(slip.stderr.replace("│", " ").split())
    assert "names a feed 'nimbus-statsu'" in told
    assert "did you mean nimbus-status" in told
    far = run(installation, one, "--feed", "xyz", "--format", "statuspage")
    assert (far.exit_code, sent(installation)) == (2, 0)
    assert "there are nimbus-mail, nimbus-status" in " ".join(far.stderr.replace("│", " ").split())
    right = run(installation, one, "--feed", "nimbus-status", "--format", "statuspage", "--json")
    assert (right.exit_code, orjson.loads(right.stdout)["payloads"], sent(installation)) == (0, 1, 1), right.output


@pytest.mark.live
def test_before_any_document_is_applied_payloads_are_sent_and_exit_1_says_what_is_missing(
    installation: Settings, files: Path
) -> None:
    one = files / "2026-05-04T090000Z.json"
    result = run(installation, one, "--feed", "nimbus-status", "--format", "statuspage", "--json")
    assert (result.exit_code, orjson.loads(result.stdout)["payloads"], sent(installation)) == (1, 1, 1)
    assert "no document in force names a feed 'nimbus-status'" in result.stderr
    assert "holdfast dead-letters replay --feed nimbus-status" in result.stderr


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
