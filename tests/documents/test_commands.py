"""``holdfast lint`` as people and programs meet it, and ``holdfast apply`` on a real broker."""

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from kafka.errors import KafkaTimeoutError
from rich.console import Console
from ruamel.yaml import YAML
from typer.testing import CliRunner

from holdfast import kafka
from holdfast.cli import build
from holdfast.documents import check_documents
from holdfast.findings import Finding, shown
from holdfast.schema import document_schema
from holdfast.settings import Settings
from holdfast.stack.ports import pick_free
from holdfast.stack.supervise import environment
from models.documents import is_version_key
from models.topics import Stream
from tests.documents.test_lint import AGREEMENT, FILES
from tests.support.corpus import ROOT

RUNNER = CliRunner()


def write(folder: Path, **changes: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, content in FILES.items():
        (folder / name).write_text(changes.get(name.removesuffix(".yaml"), content))
    return folder


def lint(*arguments: str, code: int = 0) -> str:
    done = RUNNER.invoke(build(), ["lint", *arguments])
    assert done.exit_code == code, done.output
    return done.output


BROKEN = AGREEMENT.replace("stability_window", "stabilty_window")


def test_a_pipe_gets_a_finding_a_line(tmp_path):
    folder = write(tmp_path / "d", agreement=BROKEN)
    assert lint(str(folder), code=1).splitlines() == [
        f"{folder}/agreement.yaml:18:5: error: versions[0].stabilty_window: "
        "unknown key; did you mean 'stability_window'?",
        "2 documents, 1 error, 0 warnings",
    ]


def test_a_program_gets_objects(tmp_path):
    folder = write(tmp_path / "d", agreement=BROKEN)
    (found,) = map(json.loads, lint(str(folder), "--json", code=1).splitlines())
    assert found == {
        "file": f"{folder}/agreement.yaml",
        "line": 18,
        "column": 5,
        "key": "versions[0].stabilty_window",
        "message": "unknown key; did you mean 'stability_window'?",
        "severity": "error",
    }


def test_warnings_alone_are_no_failure(tmp_path):
    folder = write(tmp_path / "d", provider=FILES["provider.yaml"].replace(", email: noc@us.example", ""))
    assert lint(str(folder)).splitlines()[-1] == "3 documents, 0 errors, 1 warning"


def test_lint_without_a_directory_says_what_it_needs():
    assert "name a directory of YAML documents" in lint(code=2)


@pytest.mark.parametrize(
    ("finding", "lines", "expected"),
    [
        (
            Finding("a.yaml", 2, 3, "b.c", "unknown key; did you mean 'd'?"),
            ["b:", "  c: 1"],
            ["error: b.c: unknown key", " --> a.yaml:2:3", "2 |   c: 1", "  |   ^ did you mean 'd'?"],
        ),
        (
            Finding("a.yaml", 10, 7, "b", "no"),
            [""] * 9 + ["b: {x: 'y z'}"],
            ["error: b: no", "  --> a.yaml:10:7", "10 | b: {x: 'y z'}", "   |       ^"],
        ),
        (
            Finding("a.yaml", 1, 4, "b", "no", "warning"),
            ["b: 'y z' # [bold]"],
            ["warning: b: no", " --> a.yaml:1:4", "1 | b: 'y z' # [bold]", "  |    ^^^^^"],
        ),
        (
            Finding("a.yaml", 1, 5, "p1", "no"),
            ["p1: 15 minutes, p2: 30m"],
            ["error: p1: no", " --> a.yaml:1:5", "1 | p1: 15 minutes, p2: 30m", "  |     ^^^^^^^^^^"],
        ),
        (
            Finding("a.yaml", 1, 1, "p1", "no"),
            ["08:00-12:30 # early"],
            ["error: p1: no", " --> a.yaml:1:1", "1 | 08:00-12:30 # early", "  | ^^^^^^^^^^^"],
        ),
        (Finding("a.yaml", 0, 0, "", "too large"), [], ["error: too large", " --> a.yaml"]),
        (Finding("a.yaml", 3, 1, "", "no end; close it"), ["b"], ["error: no end", " --> a.yaml:3:1", "     close it"]),
    ],
    ids=[
        "a key and a hint",
        "past the tenth line",
        "a quoted value",
        "a value with a space",
        "colons",
        "the whole file",
        "past the last line",
    ],
)
def test_a_terminal_gets_the_line_with_the_place_marked(finding, lines, expected):
    console = Console(width=200, color_system=None)
    with console.capture() as capture:
        console.print(shown(finding, lines))
    assert [line.rstrip() for line in capture.get().splitlines() if line.strip()] == expected


def test_the_schema_accepts_what_lint_accepts_and_knows_every_key(tmp_path):
    schema = json.loads(lint("--schema"))
    assert schema == json.loads(json.dumps(document_schema()))
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    for file in sorted((ROOT / "examples" / "agreements").glob("*.yaml")):
        for document in YAML(typ="safe", pure=True).load_all(file.read_text().replace("2026-01-01", "'2026-01-01'")):
            assert list(validator.iter_errors(document)) == []
    for content, changed in ((AGREEMENT, BROKEN), (AGREEMENT, AGREEMENT.replace("p1: 4h", "p1: 4 hours"))):
        documents = [
            YAML(typ="safe", pure=True).load(one.replace("2026-01-01", "'2026-01-01'")) for one in (content, changed)
        ]
        assert [bool(list(validator.iter_errors(one))) for one in documents] == [False, True]


def test_of_one_file_nothing_is_pruned(tmp_path):
    file = write(tmp_path / "d") / "provider.yaml"
    done = RUNNER.invoke(build(), ["apply", str(file), "--prune"])
    assert done.exit_code == 2
    assert "needs the whole directory" in done.output


def test_broken_documents_are_not_published(tmp_path):
    done = RUNNER.invoke(build(), ["apply", str(write(tmp_path / "d", agreement=BROKEN))])
    assert done.exit_code == 1
    assert "nothing published: mend the errors above first" in done.output


def test_a_dry_run_needs_the_broker_too_and_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(kafka, "LISTEN_PATIENCE_S", 0.0)
    monkeypatch.setenv("HOLDFAST_KAFKA", f"127.0.0.1:{pick_free(1)[0]}")
    done = RUNNER.invoke(build(), ["apply", str(write(tmp_path / "d")), "--dry-run"])
    assert done.exit_code == 1
    assert "Next step: `holdfast up`" in done.output


def test_a_broker_that_stops_answering_is_told_with_the_next_step(tmp_path, monkeypatch):
    def fails(settings: Settings) -> None:
        raise KafkaTimeoutError("no answer")

    monkeypatch.setattr(kafka, "ensure_topics", fails)
    done = RUNNER.invoke(build(), ["apply", str(write(tmp_path / "d"))])
    assert done.exit_code == 1
    assert "the broker stopped answering: " in done.output
    assert "Next step: the same command again" in done.output


def apply(settings: Settings, *arguments: str, code: int = 0) -> list[str]:
    command = [sys.executable, "-m", "holdfast", "apply", *arguments]
    done = subprocess.run(command, env=environment(settings), capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == code, done.stderr
    return (done.stdout + done.stderr).splitlines()


def on_the_topic(settings: Settings) -> list[tuple[str, bool]]:
    """Return the keys of all records in order, and whether each is a tombstone."""
    records = kafka.read_all(settings, kafka.names(settings).topic(Stream.DOCUMENTS))
    return [(record.key.decode(), record.value is None) for record in records]


def in_force(settings: Settings) -> list[str]:
    """Return the keys of all records but kept versions of policies, sorted."""
    return sorted(key for key, _ in on_the_topic(settings) if not is_version_key(key))


@pytest.mark.live
def test_apply_publishes_what_changed_and_no_more(installation: Settings, tmp_path: Path) -> None:
    """From the first publication to a deletion, with what must be asked for by name."""
    folder = write(tmp_path / "d")
    new = ["new        Agreement/hosting: version '1' from 2026-01-01", "new        EscalationPolicy/ladder"]
    new.append("new        Provider/nimbus")
    assert apply(installation, str(folder), "--dry-run") == [*new, "3 documents would be published, 0 unchanged"]
    assert on_the_topic(installation) == []
    assert apply(installation, str(folder)) == [*new, "3 documents published, 0 unchanged"]
    assert apply(installation, str(folder))[-1] == "0 documents published, 3 unchanged"
    published = ["Agreement/hosting", "EscalationPolicy/ladder", "Provider/nimbus"]
    assert in_force(installation) == published, "what is unchanged is not published again"
    kept = [key for key, _ in on_the_topic(installation) if is_version_key(key)]
    assert [key.partition("@")[0] for key in kept] == ["EscalationPolicy/ladder"], "incidents pin a policy's version"

    write(folder, agreement=AGREEMENT.replace("p1: 4h", "p1: 5h"))
    refused = apply(installation, str(folder), code=1)
    assert refused[0].endswith("version '1' changed (targets), in force since 2026-01-01")
    assert refused[-1] == "Next step: add a version with a later effective_from, or confirm with --amend"
    assert len(on_the_topic(installation)) == 4
    assert apply(installation, str(folder), "--amend")[-1] == "1 document published, 2 unchanged"

    write(folder, agreement=AGREEMENT.replace("p1: 4h", "p1: 5h").replace("    escalation: ladder\n", ""))
    (folder / "policy.yaml").unlink()
    told = apply(installation, str(folder), "--amend")
    assert "gone       EscalationPolicy/ladder: published earlier, not here any more; --prune deletes it" in told
    assert "gone       EscalationPolicy/ladder: deleted" in apply(installation, str(folder), "--prune")
    assert apply(installation, str(folder))[-1] == "0 documents published, 2 unchanged"
    assert on_the_topic(installation)[-1] == ("EscalationPolicy/ladder", True)
    assert check_documents(folder)[1] == ()
