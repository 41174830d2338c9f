"""``holdfast availability``: a month of payloads to figures, without servers."""

from typing import Any

import orjson
import pytest
from typer.testing import CliRunner

from holdfast.cli import build

DOCUMENTS = """
apiVersion: holdfast/v1
kind: Agreement
id: hosting
provider: nimbus
customer: us
contract: sla
versions:
  - version: "1"
    effective_from: 2026-01-01
    timezone: UTC
    currency: EUR
    services: [vm]
    calendars: {always: {hours: 24x7}}
    priorities: {p1: {severities: [major]}, p2: {severities: [minor]}}
    targets: [{objective: restore, p1: 4h}]
    maintenance: {notice: 5d, monthly_allowance: 4h}
    exclusions: [force_majeure]
    availability:
      - service: vm
        objective: "99.9"
        hours: always
        weights: {major: "1.0", minor: "0.3"}
        quantum: 60s
        rounding: "0.01"
    credits:
      tiers: [{below: "99.9", credit: "10"}, {below: "99.0", credit: "25"}]
      monthly_fee: "12000.00"
      claim_within: 30d
---
apiVersion: holdfast/v1
kind: Provider
id: nimbus
name: Nimbus
services: {vm: {}}
feeds: [{id: nimbus-status, format: statuspage, timezone: UTC}]
"""


def update(name: str, status: str, at: str) -> dict[str, Any]:
    return {"id": name, "status": status, "body": f"{status} {at}", **dict.fromkeys(("created_at", "display_at"), at)}


def incident(name: str, begin: str, end: str | None, impact: str = "major", **fields: Any) -> dict[str, Any]:
    first = update(f"{name}-1", "investigating", begin)
    updates = [first] if end is None else [first, update(f"{name}-2", "resolved", end)]
    status = updates[-1]["status"]
    ends = {"started_at": begin, "resolved_at": end}
    return {"id": name, "name": name, "impact": impact, "status": status, "incident_updates": updates, **ends, **fields}


@pytest.fixture
def folder(tmp_path):
    """Documents in ``documents``; a file per test."""
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "all.yaml").write_text(DOCUMENTS)
    return tmp_path


def run(folder, incidents, *options, command="availability", month="2026-05", as_of="2026-07-01T00:00:00Z"):
    file = folder / "2026-06-20T000000Z_page.json"
    file.write_bytes(orjson.dumps({"page": {"id": "p"}, "incidents": list(incidents)}))
    fixed = ["--documents", str(folder / "documents"), "--provider", "nimbus", "--format", "statuspage"]
    fixed += ["--month", month, "--as-of", as_of]
    return CliRunner().invoke(build(), [command, *fixed, *options, str(file)])


def lines(result):
    assert result.exit_code == 0, result.stderr
    return [orjson.loads(line) for line in result.stdout.splitlines()]


def test_an_hour_of_a_month_of_31_days(folder):
    (one,) = lines(run(folder, [incident("a", "2026-05-04T10:00:00Z", "2026-05-04T11:00:00Z")], "--json"))
    assert (one["service_time_s"], one["agreed"]["downtime_s"], one["agreed"]["percent"]) == (
        2678400.0,
        3600.0,
        "99.87",
    )
    assert (one["verdict"], one["is_final"], one["objective"]) == ("missed", True, "99.9")
    assert one["budget"]["allowed_s"] == 2678.4
    assert one["budget"]["next_tier_at"] is None
    assert [list(part) for part in one["agreed"]["incidents"]] == [["begin", "end", "weight", "incident_ids"]]


def test_overlapping_incidents_count_once_by_the_larger_weight(folder):
    incidents = [
        incident("a", "2026-05-04T10:00:00Z", "2026-05-04T10:30:00Z"),
        incident("b", "2026-05-04T10:20:00Z", "2026-05-04T11:00:00Z", "minor"),
    ]
    (one,) = lines(run(folder, incidents, "--json"))
    assert one["agreed"]["downtime_s"] == 1800 + 0.3 * 1800


def test_a_running_outage_counts_up_to_as_of_and_tells_when_the_next_tier_comes(folder):
    incidents = [incident("a", "2026-05-04T10:00:00Z", None)]
    (one,) = lines(run(folder, incidents, "--json", as_of="2026-05-04T10:10:30Z"))
    assert (one["is_final"], one["agreed"]["downtime_s"]) == (False, 600.0)
    assert one["budget"]["next_tier_below"] == "99.9"
    assert one["budget"]["next_tier_at"] == "2026-05-04T10:47:00Z"  # 0.105 % of 31 days are 46 min 52.32 s
    assert one["budget"]["minutes_to_next_tier"] == 36.5
    assert all(rate["is_burning"] for rate in one["budget"]["burn_rates"])


def works(name="m", created="2026-05-01T00:00:00Z", end="2026-05-10T03:00:00Z"):
    """Maintenance announced for 10 May, 01:00 to 02:00."""
    updates = [
        update(f"{name}-1", "scheduled", created),
        update(f"{name}-2", "in_progress", "2026-05-10T01:00:00Z"),
        update(f"{name}-3", "completed", end),
    ]
    window = {"scheduled_for": "2026-05-10T01:00:00Z", "scheduled_until": "2026-05-10T02:00:00Z", "resolved_at": end}
    return {
        "id": name,
        "name": name,
        "impact": "maintenance",
        "status": "completed",
        "incident_updates": updates,
        **window,
    }


@pytest.mark.parametrize(
    ("created", "agreed_s", "reason"),
    [("2026-05-01T00:00:00Z", 3600.0, None), ("2026-05-09T00:00:00Z", 7200.0, "announced_late")],
    ids=["the overrun counts", "announced too late it counts whole"],
)
def test_maintenance_is_excused_inside_a_window_announced_in_time(folder, created, agreed_s, reason):
    (one,) = lines(run(folder, [works(created=created)], "--json"))
    assert (one["strict"]["downtime_s"], one["provider"]["downtime_s"]) == (7200.0, 0.0)
    assert one["agreed"]["downtime_s"] == agreed_s
    assert [work["reason"] for work in one["maintenance"]] == [reason]


def test_blind_time_is_the_worst_case(folder):
    (one,) = lines(run(folder, [], "--json", "--blind", "2026-05-04T00:00:00Z/2026-05-05T00:00:00Z"))
    assert (one["agreed"]["percent"], one["agreed"]["percent_worst"], one["verdict"]) == (
        "100.00",
        "96.77",
        "indeterminate",
    )
    assert one["provider"]["percent_worst"] == "100.00"


def test_an_accepted_exclusion_leaves_the_agreed_figure_and_not_the_strict_one(folder):
    said = {"source": "nimbus-status", "source_incident_id": "a", "phase": "excluded", "reason": "force_majeure"}
    (folder / "decisions.jsonl").write_bytes(orjson.dumps({**said, "published_at": "2026-05-05T10:00:00Z"}))
    incidents = [incident("a", "2026-05-04T10:00:00Z", "2026-05-04T11:00:00Z")]
    (one,) = lines(run(folder, incidents, "--json", "--decisions", str(folder / "decisions.jsonl")))
    assert [one[side]["downtime_s"] for side in ("strict", "provider", "agreed")] == [3600.0, 0.0, 0.0]


def test_two_versions_share_a_month(folder):
    file = folder / "documents" / "all.yaml"
    at, end = DOCUMENTS.index("  - version"), DOCUMENTS.index("---\n")
    second = DOCUMENTS[at:end].replace('version: "1"', 'version: "2"').replace("2026-01-01", "2026-05-11")
    file.write_text(DOCUMENTS[:end] + second + DOCUMENTS[end:])
    found = lines(run(folder, [incident("a", "2026-05-10T23:00:00Z", "2026-05-11T02:00:00Z")], "--json"))
    assert [(one["agreement_version"], one["agreed"]["downtime_s"]) for one in found] == [("1", 3600.0), ("2", 7200.0)]
    assert sum(one["service_time_s"] for one in found) == 2678400.0
    (supposed,) = lines(
        run(folder, [incident("a", "2026-05-10T23:00:00Z", "2026-05-11T02:00:00Z")], "--json", "--what-if", "2")
    )
    assert (supposed["agreement_version"], supposed["agreed"]["downtime_s"]) == ("2", 10800.0)


def test_people_get_a_table_with_a_bar(folder):
    result = run(folder, [incident("a", "2026-05-04T10:00:00Z", "2026-05-04T10:20:00Z")], "--what-if", "1")
    assert result.exit_code == 0
    assert "a supposition, not a verdict" in result.stdout
    row = next(line for line in result.stdout.splitlines() if "hosting/1" in line)
    assert "99.96" in row
    assert "█████░░░░░ 55% left" in row


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--month", "2026-13"], "write it as 2026-05"),
        (["--blind", "2026-05-04T00:00:00Z"], "begin before end"),
        (["--what-if", "9"], "no version '9'"),
        (["--as-of", "2026-05-04"], "time without zone"),
    ],
    ids=["no month", "no interval", "no version", "no zone"],
)
def test_a_wrong_command_line_ends_in_2(folder, options, words):
    result = run(folder, [], *options)
    assert result.exit_code == 2
    assert words in " ".join(result.stderr.replace("│", " ").split())


def test_a_month_without_a_promise_is_told(folder):
    result = run(folder, [], month="2025-05")
    assert result.exit_code == 0
    assert "nothing promised for that month" in result.stderr


def test_what_cannot_be_read_ends_in_1(folder):
    (folder / "2026-06-01T000000Z_broken.json").write_text("{")
    result = run(folder, [], "--json", str(folder / "2026-06-01T000000Z_broken.json"))
    assert result.exit_code == 1
    assert "not_json" in result.stderr
