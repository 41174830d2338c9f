"""``holdfast backtest``: two agreements judged against the same history, and what makes the difference."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner, Result

from holdfast.backtesting import Figures
from holdfast.cli import build
from tests.documents.test_lint import AGREEMENT, POLICY, PROVIDER
from tests.holdfast.test_measure import RESOLVED, page, update
from tests.support.corpus import corpus_dir

FIGURES = ["n", "met", "breached", "indeterminate", "open", "left_out", "met_share", "median_s", "p90_s"]
SIDE = ["verdict", "priority", "target_s", "elapsed_min_s", "elapsed_max_s", "over_s"]
KEYS = {
    "objective": [
        "kind", "objective", "priority", *(f"a_{name}" for name in FIGURES), *(f"b_{name}" for name in FIGURES),
    ],
    "incident": [
        "kind", "incident_id", "source_incident_id", "title", "objective", "ordinal", "started_at", "breaches",
        *(f"a_{name}" for name in SIDE), *(f"b_{name}" for name in SIDE),
    ],
    "availability": ["kind", "month", "part", "service", "a_percent", "b_percent", "a_downtime_s", "b_downtime_s"],
    "credit": ["kind", "month", "currency", "a_credit", "b_credit"],
    "summary": [
        "kind", "incidents", "breaches_more", "breaches_fewer", "a_breached", "b_breached",
        "a_uncovered", "b_uncovered", "a_not_in_force", "b_not_in_force",
    ],
}  # fmt: skip
MONEY = """\
    currency: EUR
    availability: [{service: vm, objective: "99.95", hours: always, rounding: "0.01"}]
    credits: {tiers: [{below: "99.95", credit: "10"}], basis: monthly_fee, monthly_fee: "1000.00"}
    stability_window"""
AS_OF = "2026-07-01T00:00:00Z"


def incident(name: str, restored: str, impact: str = "major") -> bytes:
    """Return a page with one incident of 4 May, from 10:00 to a time of that day."""
    told = [update("u1", "investigating", "10:00:00"), update("u2", "monitoring", restored), RESOLVED]
    return page(*told, id=name, impact=impact, resolved_at="2026-05-04T12:00:00Z")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A promises p1 4h; B p1 30m and p2 2h; three incidents: p1 of one hour, p1 of ten minutes, p2 of an hour."""
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "all.yaml").write_text("---\n".join((AGREEMENT, PROVIDER, POLICY)))
    write_draft(tmp_path, p1="30m, p2: 2h")
    for name, restored, impact in (
        ("long", "11:00:00", "major"),
        ("short", "10:10:00", "major"),
        ("small", "11:00:00", "minor"),
    ):
        (tmp_path / f"2026-05-04T13000{len(name)}Z_{name}.json").write_bytes(incident(name, restored, impact))
    return tmp_path


def write_draft(folder: Path, p1: str, more: str = "    stability_window") -> None:
    text = (
        AGREEMENT.replace("id: hosting", "id: next").replace("2026-01-01", "2027-01-01").replace("p1: 4h", f"p1: {p1}")
    )
    (folder / "draft.yaml").write_text(text.replace("    stability_window", more, 1))


def backtest(folder: Path, *options: str, paths: tuple[str, ...] = ()) -> Result:
    files = list(paths) or sorted(str(path) for path in folder.glob("2026*.json"))
    sides = ["--documents", str(folder / "documents"), "--against", str(folder / "draft.yaml")]
    fixed = [*sides, "--provider", "nimbus", "--format", "statuspage", "--as-of", AS_OF]
    return CliRunner().invoke(build(), ["backtest", *fixed, *options, *files])


def lines(folder: Path, *options: str) -> dict[str, list[dict[str, Any]]]:
    """Return the objects by kind; their keys are checked on the way."""
    result = backtest(folder, "--json", *options)
    assert result.exit_code == 0
    found: dict[str, list[dict[str, Any]]] = {}
    for line in result.stdout.splitlines():
        one = orjson.loads(line)
        assert list(one) == KEYS[one["kind"]]
        found.setdefault(one["kind"], []).append(one)
    return found


def test_clocks_are_counted_under_each_side(folder):
    rows = {(one["objective"], one["priority"]): one for one in lines(folder)["objective"]}
    p1, p2 = rows["restore", "p1"], rows["restore", "p2"]
    assert (p1["a_n"], p1["a_met"], p1["a_breached"], p1["a_met_share"]) == (2, 2, 0, 1.0)
    assert (p1["b_n"], p1["b_met"], p1["b_breached"], p1["b_met_share"]) == (2, 1, 1, 0.5)
    assert (p2["a_n"], p2["a_met_share"], p2["b_n"], p2["b_met"]) == (0, None, 1, 1)
    assert p1["a_median_s"] is None, "two cases are too few for a median"


def test_the_incidents_that_make_the_difference_come_heaviest_first(folder):
    found = [
        (one["source_incident_id"], one["breaches"], one["a_verdict"], one["b_verdict"], one["b_over_s"])
        for one in lines(folder)["incident"]
    ]
    assert found == [("long", 1, "met", "breached", 1800.0), ("small", 0, None, "met", -3600.0)]


def test_the_summary_counts_what_was_supposed(folder):
    (summary,) = lines(folder)["summary"]
    assert (summary["incidents"], summary["breaches_more"], summary["breaches_fewer"]) == (3, 1, 0)
    assert (summary["a_breached"], summary["b_breached"]) == (0, 1)
    assert (summary["a_not_in_force"], summary["b_not_in_force"]) == (0, 3)
    assert "B: 3 incidents began while no version of it was in force" in backtest(folder).stderr


def test_people_get_tables_and_a_last_line_in_words(folder):
    result = backtest(folder)
    text = result.stdout
    assert result.exit_code == 0
    assert "suppositions, not verdicts" in text
    assert "breached, 30m over 30m" in text
    assert "nothing promised" in text
    last = text.splitlines()[-1]
    assert last == "B would have cost 1 more breach than A in 3 incidents: 1 new, 0 saved; 1 of the new ones p1."
    assert all(len(line) <= 140 for line in text.splitlines())


def test_a_kinder_draft_saves_breaches(folder):
    text = (folder / "documents" / "all.yaml").read_text()
    (folder / "documents" / "all.yaml").write_text(text.replace("p1: 4h", "p1: 5m"))
    assert "B would have cost 1 fewer breach than A in 3 incidents: 0 new, 1 saved" in backtest(folder).stdout
    write_draft(folder, p1="2h")
    assert "B would have cost 2 fewer breaches than A" in backtest(folder).stdout


def test_the_same_agreement_twice_makes_no_difference(folder):
    write_draft(folder, p1="4h")
    found = lines(folder)
    assert "incident" not in found
    assert "B would have judged none of the clocks of 3 incidents" in backtest(folder).stdout.splitlines()[-1]


def test_as_many_breaches_may_be_others(folder):
    """A judges the long one only, B the small one only."""
    text = (folder / "documents" / "all.yaml").read_text()
    (folder / "documents" / "all.yaml").write_text(text.replace("p1: 4h", "p1: 30m"))
    write_draft(folder, p1="4h, p2: 30m")
    assert "as many breaches as A in 3 incidents: 1 new, 1 saved; 1 of the new ones p2." in backtest(folder).stdout


def test_availability_and_money_are_compared_month_by_month(folder):
    text = (folder / "documents" / "all.yaml").read_text()
    (folder / "documents" / "all.yaml").write_text(text.replace("    stability_window", MONEY, 1))
    write_draft(folder, "4h", MONEY.replace('credit: "10"', 'credit: "25"').replace('"0.01"', '"0.0001"'))
    found = lines(folder)
    may = next(one for one in found["availability"] if one["month"] == "2026-05")
    assert (may["service"], may["part"], may["a_downtime_s"]) == ("vm", 0, 3600.0)
    assert (may["a_percent"], may["b_percent"]) == ("99.87", "99.8656"), "an hour of 31 days"
    credit = found["credit"][0]
    assert (credit["month"], credit["a_credit"], credit["b_credit"]) == ("2026-05", "100.00", "250.00")
    table = backtest(folder).stdout
    assert "Credits where they differ" in table
    assert "Availability where it differs" in table
    assert "B would have paid back 250.00 instead of 100.00 EUR" in table.splitlines()[-1]


def test_a_side_that_promises_no_availability_leaves_its_half_empty(folder):
    write_draft(folder, "4h", MONEY)
    may = next(one for one in lines(folder)["availability"] if one["month"] == "2026-05")
    assert (may["a_percent"], may["b_percent"]) == (None, "99.87")


def test_services_that_a_side_does_not_cover_are_told(folder):
    provider = PROVIDER.replace("  vm: {sites: [fra1]}", "  vm: {components: [web]}\n  mail: {components: [smtp]}")
    (folder / "documents" / "all.yaml").write_text("---\n".join((AGREEMENT, provider, POLICY)))
    (folder / "draft.yaml").write_text((folder / "draft.yaml").read_text().replace("[vm]", "[mail]"))
    for path in folder.glob("2026*.json"):
        body = orjson.loads(path.read_bytes())
        body["incidents"][0]["components"] = [{"id": "c", "name": "web"}]
        path.write_bytes(orjson.dumps(body))
    result = backtest(folder)
    assert "B: 3 incidents of services that it does not cover" in result.stderr


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--provider", "cirrus"], 2, "there is: nimbus"),
        (["--as-of", "2300-01-01T00:00:00Z"], 2, "1990 to 2199"),
        (["--format", "telex"], 2, "no format"),
    ],
)
def test_what_is_asked_wrongly_is_a_usage_error(folder, options, code, words):
    result = backtest(folder, *options)
    assert (result.exit_code, result.stdout) == (code, "")
    assert words in " ".join(result.stderr.replace("│", " ").split())


def test_a_draft_that_is_broken_is_told_with_its_line(folder):
    (folder / "draft.yaml").write_text((folder / "draft.yaml").read_text().replace("p1: 30m", "p1: soon"))
    result = backtest(folder)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "draft.yaml:17:" in result.stderr


def test_what_can_not_be_read_is_told_and_the_rest_is_judged(folder):
    (folder / "2026-05-04T120000Z_broken.json").write_bytes(b"<html>")
    result = backtest(folder, "--json")
    assert (result.exit_code, len(result.stdout.splitlines())) == (1, 5)
    assert "not_json" in result.stderr


def test_percentiles_need_five_cases_and_are_those_of_the_nearest_rank():
    few, enough = Figures(took=[1.0, 2.0, 3.0, 4.0]), Figures(took=[5.0, 1.0, 2.0, 4.0, 3.0])
    assert (few.median_s, few.p90_s) == (None, None)
    assert (enough.median_s, enough.p90_s) == (3.0, 5.0)


def test_what_still_runs_is_kept_apart(folder):
    rows = {one["priority"]: one for one in lines(folder, "--as-of", "2026-05-04T10:20:00Z")["objective"]}
    assert (rows["p1"]["a_open"], rows["p1"]["a_met"], rows["p1"]["a_n"]) == (2, 0, 2), "held for ten minutes only"


@pytest.mark.corpus
def test_years_of_a_real_page_add_up(folder):
    text = (folder / "documents" / "all.yaml").read_text()
    words = {
        "[major]": "[major, critical]",
        "[minor]": "[minor, none]",
        "2026-01-01": "2010-01-01",
        "p1: 4h": "p1: 4h, p2: 8h",
    }
    for old, new in words.items():
        text = text.replace(old, new)
    (folder / "documents" / "all.yaml").write_text(text)
    draft = (folder / "draft.yaml").read_text()
    (folder / "draft.yaml").write_text(
        draft.replace("[major]", "[major, critical]").replace("[minor]", "[minor, none]")
    )
    result = backtest(folder, "--json", paths=(str(corpus_dir("statuspage/github_incidents")),))
    found = [orjson.loads(line) for line in result.stdout.splitlines()]
    summary = found[-1]
    assert result.exit_code == 0
    assert summary["incidents"] > 400
    rows = [one for one in found if one["kind"] == "objective"]
    assert summary["b_breached"] - summary["a_breached"] == summary["breaches_more"] - summary["breaches_fewer"]
    assert sum(one["a_breached"] for one in rows) == summary["a_breached"]
