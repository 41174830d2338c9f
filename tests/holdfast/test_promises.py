"""``holdfast promises read``: promises out of payload files, with their words, judged where documents are given."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from holdfast.cli import build

AGREEMENT = """
apiVersion: holdfast/v1
kind: Agreement
id: cloud
provider: cloud
customer: us
contract: sla
versions:
  - version: "1"
    effective_from: 2020-01-01
    timezone: UTC
    services: [vm]
    calendars: {always: {hours: 24x7}}
    priorities: {p1: {severities: [major]}}
    targets: [{objective: restore, p1: 4h}]
---
apiVersion: holdfast/v1
kind: Provider
id: cloud
name: Cloud
services: {vm: {criticality: high}}
feeds: [{id: cloud-status, format: statuspage}]
"""


def run(*arguments: str) -> Result:
    return CliRunner().invoke(build(), ["promises", *arguments])


def update(name: str, status: str, at: str, body: str) -> dict[str, str]:
    return {"id": name, "status": status, "body": body, "created_at": at, "display_at": at, "updated_at": at}


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """Write an incident that promises an update for 10:30 and speaks again at 10:45."""
    updates = [
        update("u2", "identified", "2026-05-04T10:45:00Z", "We found it."),
        update("u1", "investigating", "2026-05-04T10:00:00Z", "We look into it. Next update by 10:30 UTC."),
    ]
    incident = {
        "id": "inc-1", "name": "VM down", "status": "identified", "impact": "major",
        "created_at": "2026-05-04T10:00:00Z", "started_at": "2026-05-04T10:00:00Z", "incident_updates": updates,
    }  # fmt: skip
    path = tmp_path / "2026-05-04T11:00:00Z.json"
    path.write_text(json.dumps({"page": {"id": "p"}, "incidents": [incident]}))
    return path


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "cloud.yaml").write_text(AGREEMENT)
    return folder


def judged(page: Path, documents: Path, *more: str) -> Result:
    return run(
        "read", str(page), "--format", "statuspage", "--documents", str(documents), "--provider", "cloud",
        "--as-of", "2026-05-04T12:00:00Z", *more,
    )  # fmt: skip


def test_without_documents_it_lists_what_is_read_and_judges_nothing(page):
    result = run("read", str(page), "--format", "statuspage", "--json")
    assert result.exit_code == 0
    (line,) = [json.loads(text) for text in result.stdout.splitlines()]
    assert (line["promised_at"], line["phrase"]) == ("2026-05-04T10:30:00Z", "Next update by 10:30 UTC")
    assert result.stderr == "1 promise in 2 texts\n"


def test_with_documents_it_says_what_came_of_each_on_all_bases(page, documents):
    told = json.loads(judged(page, documents, "--json").stdout)
    agreed = next(one for one in told["promises"] if one["basis"] == "agreed")
    assert (agreed["keeping"], agreed["late_by_s"], agreed["phrase"]) == ("late", 900, "Next update by 10:30 UTC")
    rates = next(one for one in told["rates"] if one["basis"] == "agreed")
    assert (rates["n"], rates["late"], rates["kept_share"]) == (1, 1, None)


def test_a_decision_of_our_people_corrects_it_and_the_table_says_who(page, documents, tmp_path):
    statement = {
        "source_incident_id": "inc-1", "phase": "promised", "concerns": "u1", "person": "lead",
        "published_at": "2026-05-04T10:50:00Z", "promised_at": "2026-05-04T11:00:00Z",
    }  # fmt: skip
    path = tmp_path / "decided.jsonl"
    path.write_text(json.dumps(statement))
    result = judged(page, documents, "--decisions", str(path))
    assert result.exit_code == 0, result.output
    assert "kept" in result.stdout
    assert "corrected by lead, was 2026-05-04 10:30" in " ".join(result.stdout.split())


@pytest.mark.parametrize(
    "arguments",
    [
        ("read", "PAGE", "--format", "statuspage", "--provider", "cloud"),
        ("read", "PAGE", "--format", "nothing"),
        ("list",),
        ("list", "inc-1", "--provider", "cloud"),
        ("correct", "n", "--by", "lead"),
        ("correct", "n", "--by", "lead", "--none", "--at", "2026-05-04T11:00:00Z"),
        ("correct", "n", "--by", "lead", "--none", "--of", "peace"),
    ],
)
def test_what_is_asked_wrongly_is_a_usage_error(arguments, page):
    assert run(*(str(page) if one == "PAGE" else one for one in arguments)).exit_code == 2


def test_list_may_be_left_out():
    assert run("inc-1", "--provider", "cloud").exit_code == 2
    assert "give an incident, or --provider ID" in run("inc-1", "--provider", "cloud").stderr
