"""``holdfast sample``: files, topics and index; never mixed with what is there."""

from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner, Result

from holdfast.cli import build
from holdfast.sample import Shape, history
from holdfast.sample.records import STREAMS, hazard_records, records
from holdfast.settings import Settings
from models.notice import Notice
from tests.support import topics
from tests.support.processes import Service

SHAPE = ("--providers", "2", "--begin", "2026-05", "--months", "1", "--notices", "60")


def run(*options: str) -> Result:
    return CliRunner().invoke(build(), ["sample", *options])


def test_files_hold_documents_without_a_fault_notices_in_order_and_the_truth(tmp_path: Path) -> None:
    result = run(*SHAPE, "--out", str(tmp_path))

    assert result.exit_code == 0, result.output
    linted = CliRunner().invoke(build(), ["lint", str(tmp_path / "documents")])
    assert "0 errors, 0 warnings" in linted.output
    notices = [Notice.from_wire(line) for line in (tmp_path / "notices.ndjson").read_bytes().splitlines()]
    assert 30 <= len(notices) <= 120
    assert [one.received_at for one in notices] == sorted(one.received_at for one in notices)
    truth = [orjson.loads(line) for line in (tmp_path / "truth.ndjson").read_bytes().splitlines()]
    told = {(one.source, one.source_incident_id) for one in notices}
    heard = [one for one in truth if one["first_word_at"] is not None and one["first_word_at"] < "2026-05-31T23:50"]
    assert heard
    assert {(one["source"], one["source_incident_id"]) for one in heard} <= told


def test_the_same_command_writes_the_same_files(tmp_path: Path) -> None:
    written = []
    for name in ("one", "other"):
        run(*SHAPE, "--out", str(tmp_path / name))
        written.append({path.name: path.read_bytes() for path in (tmp_path / name).rglob("*.*")})

    assert written[0]
    assert written[0] == written[1]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "name one of"),
        (("--index", "--to-topics"), "name one of"),
        (("--begin", "2026-13", "--index"), "write it as 2026-05"),
        (("--months", "0", "--index"), "--months"),
    ],
)
def test_what_can_not_be_made_is_a_usage_error(options: tuple[str, ...], said: str) -> None:
    result = run(*options)

    assert result.exit_code == 2
    assert said in result.output


def test_every_record_says_where_it_goes() -> None:
    made = history(Shape(providers=1, incidents_per_month=4))

    found = [*hazard_records(made), *records(made, "arbor-cloud")]

    assert {one.stream for one in found} <= set(STREAMS.values())
    assert len({(one.stream, one.document_id) for one in found}) == len(found)
    for one in found:
        written = dict(one.headers())
        assert written["id"] == one.document_id.encode()
        assert ("version" in written) is (one.version is not None)
        assert ("month" in written) is (one.version is None)


@pytest.mark.live
def test_an_empty_index_is_filled_and_a_filled_one_left_alone(installation: Settings) -> None:
    command = " ".join(["sample", *SHAPE, "--index"])

    with Service(command, installation) as first:
        assert first.wait() == 0, first.log()
    notices = topics.sources(installation, "notices")
    clocks = topics.sources(installation, "clocks")
    with Service(command, installation, instance="again") as second:
        assert second.wait() == 1

    assert "made-up records need an installation of their own" in second.log()
    assert len(notices) >= 30
    assert {one["provider"] for (one,) in clocks.values()} == {"arbor-cloud", "birch-carrier"}


@pytest.mark.live
def test_empty_topics_are_filled_and_the_indexer_reads_them(installation: Settings) -> None:
    command = " ".join(["sample", *SHAPE, "--to-topics"])

    with Service(command, installation) as first:
        assert first.wait() == 0, first.log()
    with Service("index --once", installation) as indexer:
        assert indexer.wait() == 0
    with Service(command, installation, instance="again") as second:
        assert second.wait() == 1

    assert f"the topics {installation.prefix}.* hold" in second.log()
    assert len(topics.sources(installation, "notices")) >= 30
