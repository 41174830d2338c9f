"""Findings: figures of real histories, the page that they fill in, and that neither says more than was told."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner, Result

from feeds.files import sheets
from holdfast.cli import build
from holdfast.documents import load_documents
from holdfast.histories import table
from holdfast.histories.blocks import BLOCKS
from holdfast.histories.page import PageError, refresh
from holdfast.histories.reading import Gathered, gather
from holdfast.histories.report import figures
from holdfast.histories.statistics import curve, percentile, share, summary
from holdfast.histories.table import HISTORIES, History
from holdfast.histories.words import hours, span
from holdfast.measuring import Measured, Question, answer
from models.clocks import Reading
from models.moment import Elapsed
from models.priority import priority_of
from models.records import Basis, Objective, Verdict
from tests.support.corpus import CORPUS, corpus_dir

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = ROOT / "examples" / "histories"
AS_OF = datetime(2026, 5, 20, tzinfo=UTC)


def clock(verdict: Verdict, minutes: float | None = None) -> Reading:
    """Return a clock of one objective that took so long, or never stopped."""
    length = None if minutes is None else timedelta(minutes=minutes)
    return Reading(
        Objective.RESTORE, Basis.AGREED, 0, timedelta(hours=1), AS_OF, None,
        None if length is None else AS_OF + length,
        None if length is None else Elapsed(length, length),
        verdict, None,
    )  # fmt: skip


# --- statistics -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lengths", "part", "expected"),
    [
        ([5, 1, 4, 2, 3], 0.5, 3),
        ([5, 1, 4, 2, 3], 0.9, 5),
        ([1, 2, 3, 4, 5, 6], 0.5, 3),
        ([1, 2, 3, 4], 0.5, None),
        ([], 0.9, None),
        ([7, 7, 7, 7, 7], 0.0, 7),
    ],
)
def test_a_percentile_is_the_length_of_a_real_case_and_none_below_five(lengths, part, expected):
    assert percentile(lengths, part) == expected


def test_a_summary_counts_overdue_clocks_against_the_share_met_and_open_ones_apart():
    clocks = [clock(Verdict.MET, 10)] * 3 + [
        clock(Verdict.BREACHED, 90),
        clock(Verdict.OVERDUE),
        clock(Verdict.RUNNING),
    ]
    clocks += [clock(Verdict.INDETERMINATE), clock(Verdict.EXCLUDED)]
    found = summary(clocks)
    assert (found["clocks"], found["n"], found["judged"], found["met_share"]) == (8, 4, 5, 0.6)
    assert (found["open"], found["overdue"], found["indeterminate"], found["other"]) == (1, 1, 1, 1)
    assert found["median_s"] is None, "four lengths are not enough for a median"


def test_a_share_and_a_curve_need_five_cases():
    assert (share(2, 4), share(2, 5)) == (None, 0.4)
    assert (curve([1, 2]), curve([1, 2, 3, 4, 5])[0], curve([1, 2, 3, 4, 5])[-1]) == ([], 1, 5)


@pytest.mark.parametrize(
    ("length", "words"),
    [(0, "0 s"), (0.4, "under 1 s"), (119, "119 s"), (120, "2 min"), (7199, "120 min"), (7200, "2 h"),
     (259_200, "3 d"), (-3960, "-66 min"), (None, "not enough data")],
)  # fmt: skip
def test_a_length_is_told_in_the_unit_that_suits_it(length, words):
    assert span(length) == words


def test_office_time_is_never_told_in_days():
    assert [hours(one) for one in (None, 600, 72_000, 1_000_000)] == ["not enough data", "10 min", "20 h", "278 h"]


# --- histories of our own ---------------------------------------------------------------------------------------------


def cloud(
    *updates: tuple[str, str], begin: str, end: str | None, name: str = "one", severity: str = "high"
) -> dict[str, Any]:
    return {
        "id": name, "begin": begin, "end": end, "severity": severity, "external_desc": f"Trouble {name}",
        "affected_products": [{"title": "Compute"}],
        "updates": [
            {"created": stamp, "modified": stamp, "when": stamp, "text": text,
             "status": "AVAILABLE" if end and stamp >= end else "SERVICE_OUTAGE"} for stamp, text in updates
        ],
    }  # fmt: skip


def at(minutes: float) -> str:
    return f"{datetime(2026, 5, 4, 10, tzinfo=UTC) + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%S+00:00}"


PROMISE = "We will provide an update by Monday, 2026-05-04 {} UTC."
WORDS = (
    (at(20), "Investigating. " + PROMISE.format("10:50")),
    (at(45), "Engineers are working on it. " + PROMISE.format("11:00")),
    (at(75), "Still working."),
    (at(95), "It is resolved."),
)


def watched(tmp_path: Path, name: str, provider: str, form: str, looks: dict[str, Any]) -> Gathered:
    """Return a history of looks by their times, under the yardsticks of examples/histories."""
    (tmp_path / name).mkdir()
    for when, payload in looks.items():
        (tmp_path / name / f"{when}.json").write_bytes(orjson.dumps(payload))
    history = History(
        name, name, provider, form, (name,), AS_OF, None, ("promises-only",) if form == "google-cloud" else ()
    )
    return gather(history, tmp_path, load_documents(DOCUMENTS))


@pytest.fixture
def moved(tmp_path: Path) -> Gathered:
    """A cloud's incident whose end was moved before 30 minutes of the trouble, ten days later."""
    first = cloud(*WORDS, begin=at(0), end=at(90))
    return watched(
        tmp_path, "cloud", "google-cloud", "google-cloud",
        {"2026-05-04T103000Z": [cloud(*WORDS[:1], begin=at(0), end=None)], "2026-05-04T120000Z": [first],
         "2026-05-14T120000Z": [{**first, "end": at(60)}]},
    )  # fmt: skip


def test_the_clocks_are_those_of_the_product_itself(moved, tmp_path):
    question = Question(load_documents(DOCUMENTS), "google-cloud", "google-cloud", AS_OF)
    feed = question.context().feed
    payloads = [sheet.load(feed, "google-cloud") for sheet in sheets([tmp_path / "cloud"])[0]]
    theirs = [{**one.line(), "revision": None} for one in answer(question, payloads, []).clocks]
    ours = [
        Measured(
            one.subject.incident_id, one.name, one.title, "google-cloud", one.subject.services,
            priority_of(one.subject.facts, one.contract.version), one.contract, reading, None,
        ).line()
        for one in moved.incidents for reading in one.readings
    ]  # fmt: skip
    assert ours == theirs
    assert len(ours) > 10


def test_an_end_that_was_moved_is_told_with_what_it_did_to_the_clock(moved):
    found = figures(moved)["edits"]
    (move,) = found["ends_moved"]
    assert (move["from"], move["to"], move["seen"]) == ("2026-05-04 11:30", "2026-05-04 11:00", "2026-05-14 12:00")
    assert (move["moved_s"], move["before"]["length_s"], move["after"]["length_s"]) == (-1800, 5400, 3600)
    assert (found["begins_moved"], found["watched"], found["ended_while_watched"]) == ([], 1, 1)
    assert BLOCKS["moves"]({"cloud": figures(moved)}).count("\n") == 2, "a head, its rule and one row"


def test_promises_are_kept_to_the_second_and_late_by_what_they_are_late(moved):
    found = figures(moved)["words_promised"]
    assert (found["promises"], found["kept"], found["late"], found["open"]) == (2, 1, 1, 0)
    assert found["margins_s"] == [-300, 900]
    assert (found["kept_share"], found["late_within_15m"], found["late_over_1h"]) == (None, 1, 0)


def test_a_promise_that_nobody_answered_is_late_and_has_no_margin(tmp_path):
    looks = {"2026-05-04T120000Z": [cloud(WORDS[0], begin=at(0), end=None)]}
    found = figures(watched(tmp_path, "cloud", "google-cloud", "google-cloud", looks))["words_promised"]
    assert (found["promises"], found["kept"], found["late"], found["margins_s"]) == (1, 0, 1, [])


def test_the_first_word_is_held_against_the_begin_that_the_provider_claims(moved):
    found = figures(moved)
    assert (found["first_words"]["n"], found["first_words"]["same_minute"]) == (1, 0)
    row = next(one for one in found["bases"] if (one["objective"], one["other"]) == ("restore", "claimed"))
    assert (row["clocks"], row["judged_by_both"], row["differ"]) == (1, 1, 0)


def test_silences_name_their_longest_gap(moved):
    (first, *_) = figures(moved)["silences"]["worst"]
    assert (first["incident"], first["from"], first["length_s"]) == ("one", "2026-05-04 10:45", 1800)


def power(when: datetime, **fields: Any) -> dict[str, Any]:
    stamp = int(when.timestamp() * 1000)
    told = {"id": 7, "dateOff": stamp, "lastUpdated": stamp, "crewStatus": "ONSITE", "area": "Main St", "showEtr": True}
    return {**told, **fields}


@pytest.mark.parametrize(
    ("estimate_h", "outcome"), [(1, "late"), (2.5, "between_looks"), (4, "gone_before")],
)  # fmt: skip
def test_an_estimate_is_late_only_where_a_look_after_it_still_lists_the_outage(tmp_path, estimate_h, outcome):
    begin = datetime(2026, 5, 4, 10, tzinfo=UTC)
    row = power(begin, crewEtr=int((begin + timedelta(hours=estimate_h)).timestamp() * 1000))
    looks: dict[str, Any] = {"2026-05-04T100500Z": [row], "2026-05-04T120000Z": [row], "2026-05-04T130000Z": []}
    found = figures(watched(tmp_path, "power", "bc-hydro", "bchydro", looks))["restorations_promised"]
    assert (found["with_estimate"], found[outcome]) == (1, 1)
    assert (found["rows"][0]["last_seen_out"], found["rows"][0]["not_listed"]) == (
        "2026-05-04T12:00:00Z", "2026-05-04T13:00:00Z",
    )  # fmt: skip


def test_an_outage_that_is_still_listed_leaves_its_estimate_open_and_one_without_has_none(tmp_path):
    begin = datetime(2026, 5, 19, 23, tzinfo=UTC)
    rows = [
        power(begin, crewEtr=int((begin + timedelta(hours=9)).timestamp() * 1000)),
        power(begin, id=8, crewEtr=None),
    ]
    gathered = watched(tmp_path, "power", "bc-hydro", "bchydro", {"2026-05-19T230500Z": rows})
    found = figures(gathered)["restorations_promised"]
    assert (found["incidents"], found["with_estimate"], found["open"]) == (2, 1, 1)


def written(tmp_path: Path, name: str, provider: str, form: str, body: str, drafts: tuple[str, ...] = ()) -> Gathered:
    """Return a history of one file."""
    (tmp_path / name).write_text(body)
    return gather(
        History(name, name, provider, form, (name,), AS_OF, AS_OF, drafts), tmp_path, load_documents(DOCUMENTS)
    )


LOG_HEAD = "SR Number,Change Date+Time,Status,Sub Status,Involved ST,SR Latest Impact\n"


def test_a_pause_that_the_agreement_lists_decides_the_verdict_and_another_does_not(tmp_path):
    rows = [
        f"{ticket},{day}T{time}:00+02:00,{status},L1,High"
        for ticket, reason in (("T1", "Wait - User"), ("T2", "Wait"))
        for day, time, status in (
            ("2012-05-07", "09:00", "Accepted,In Progress"), ("2012-05-07", "10:00", f"Accepted,{reason}"),
            ("2012-05-09", "09:00", "Accepted,In Progress"), ("2012-05-09", "10:00", "Completed,Resolved"),
        )
    ]  # fmt: skip
    found = figures(
        written(
            tmp_path, "log.csv", "volvo-it", "ticket-log", LOG_HEAD + "\n".join(rows), ("no-pauses", "around-the-clock")
        )
    )
    resolve = found["drafts"]["no-pauses"]["resolve"]
    assert (resolve["clocks"], resolve["failed_here"], resolve["failed_there"], resolve["blamed_there"]) == (2, 1, 2, 1)
    assert found["pauses"]["by_reason"] == [
        {"reason": "wait", "count": 1, "listed": False}, {"reason": "wait_user", "count": 1, "listed": True},
    ]  # fmt: skip
    assert found["pauses"]["paused_total_s"] == 21 * 3600, "from 10:00 to 18:00, a whole day of eleven hours, and two"


GRID_HEAD = (
    "OBS,U.S._STATE,CAUSE.CATEGORY,OUTAGE.START.DATE,OUTAGE.START.TIME,"
    "OUTAGE.RESTORATION.DATE,OUTAGE.RESTORATION.TIME\n"
)


def test_an_outage_without_an_end_after_its_begin_has_no_length_and_stands_in_no_figure(tmp_path):
    start = '"Friday, July 1, 2011",5:00:00 PM'
    ends = ['"Friday, July 1, 2011",6:00:00 PM'] * 5 + [start, "NA,NA"]
    body = GRID_HEAD + "\n".join(f"{number},Ohio,storm,{start},{end}" for number, end in enumerate(ends, 1))
    found = figures(written(tmp_path, "list.csv", "us-grid", "oe417", body))
    every, storm = found["causes"]
    assert (every["cause"], storm["cause"]) == ("all causes", "storm")
    assert (storm["incidents"], storm["without_length"], storm["n"], storm["median_s"]) == (7, 2, 5, 3600)
    held = found["overview"]
    assert (held["imported"] + held["written_afterwards"], held["told_live"]) == (7, 0)


def test_what_can_not_be_read_is_counted_and_a_missing_file_is_said(tmp_path):
    body = GRID_HEAD + '1,Ohio,storm,NA,NA,NA,NA\n2,Ohio,storm,"Friday, July 1, 2011",5:00:00 PM,NA,NA'
    held = figures(written(tmp_path, "list.csv", "us-grid", "oe417", body))["overview"]
    assert (held["incidents"], held["unread"]) == (1, 1)
    with pytest.raises(FileNotFoundError, match="not there"):
        gather(table.BY_ID["us-grid"], tmp_path, load_documents(DOCUMENTS))


# --- the page ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def told(moved) -> dict[str, Any]:
    return {"cloud": figures(moved)}


def test_a_page_is_filled_in_and_filling_it_in_again_changes_nothing(told):
    page = "<!-- table: edits -->\nold\n<!-- end -->\nn <!--=cloud/overview/incidents count-->9<!---->, "
    page += "moved <!--=cloud/edits/ends_moved/incident=one/moved_s span-->?<!---->, "
    page += "<!--=cloud/edits/ends_moved rows-->?<!---->"
    filled = refresh(page, told)
    assert "old" not in filled
    told_now = "n <!--=cloud/overview/incidents count-->1<!---->, "
    told_now += "moved <!--=cloud/edits/ends_moved/incident=one/moved_s span-->-30 min<!---->, "
    assert filled.endswith(told_now + "<!--=cloud/edits/ends_moved rows-->1<!---->")
    assert "| cloud | " in filled
    assert refresh(filled, told) == filled


@pytest.mark.parametrize(
    ("mark", "why"),
    [
        ("<!-- table: weather -->\n<!-- end -->", "no table 'weather'"),
        ("<!--=cloud/overview/wind count--><!---->", "no 'wind'"),
        ("<!--=cloud/overview/incidents/more count--><!---->", "no 'more'"),
        ("<!--=cloud/overview/incidents furlongs--><!---->", "no form 'furlongs'"),
        ("<!--=cloud/answers/objective=restore/n count--><!---->", "rows are"),
    ],
)
def test_a_mark_that_names_what_is_not_there_is_an_error(told, mark, why):
    with pytest.raises(PageError, match=why):
        refresh(mark, told)


def test_every_table_of_an_empty_report_is_empty():
    assert [name for name, block in BLOCKS.items() if block({})] == []


# --- the command ------------------------------------------------------------------------------------------------------


def run(*options: str) -> Result:
    return CliRunner().invoke(build(), ["findings", "--documents", str(DOCUMENTS), *options])


@pytest.fixture
def small(tmp_path: Path, moved: Gathered, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the small history the only one there is."""
    monkeypatch.setattr(table, "BY_ID", {"cloud": moved.history})
    monkeypatch.setattr(table, "HISTORIES", (moved.history,))
    return tmp_path


def test_the_command_tells_figures_as_json_and_tables_for_people(small, told):
    result = run("--corpus", str(small), "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, json.loads(orjson.dumps(told)))
    result = run("--corpus", str(small), "--history", "cloud")
    assert result.exit_code == 0
    assert "## moves" in result.stdout
    assert "## desks" not in result.stdout, "tables without rows are left out"


def test_the_command_refuses_what_it_can_not_tell(small, tmp_path):
    assert run("--corpus", str(small), "--history", "moon").exit_code == 2
    assert run("--corpus", str(small), "--history", "cloud", "--out", str(tmp_path)).exit_code == 2
    empty = tmp_path / "empty"
    empty.mkdir()
    result = run("--corpus", str(empty))
    assert result.exit_code == 1
    assert "not there" in result.stderr


def test_nothing_is_written_where_the_page_names_what_is_not_there(small, tmp_path):
    (tmp_path / "findings.md").write_text("<!--=moon/overview/incidents count--><!---->")
    result = run("--corpus", str(small), "--out", str(tmp_path))
    assert result.exit_code == 1
    assert "no 'moon'" in result.stderr
    assert not (tmp_path / "images").exists()


# --- the real ones ----------------------------------------------------------------------------------------------------


@pytest.mark.corpus
def test_the_page_and_its_charts_are_what_the_command_makes_of_the_real_histories(tmp_path):
    """The whole page, every figure and chart; how to mend it: holdfast findings ... --out docs."""
    pytest.importorskip("vl_convert")
    for history in HISTORIES:
        corpus_dir(history.paths[0].partition("/")[0])
    page = (ROOT / "docs" / "findings.md").read_text(encoding="utf-8")
    (tmp_path / "findings.md").write_text(page, encoding="utf-8")
    result = run("--corpus", str(CORPUS), "--out", str(tmp_path))
    assert (result.exit_code, result.stdout) == (0, "")
    assert (tmp_path / "findings.md").read_text(encoding="utf-8") == page
    kept = {path.name: path.read_bytes() for path in (ROOT / "docs" / "images" / "findings").iterdir()}
    assert {path.name: path.read_bytes() for path in (tmp_path / "images" / "findings").iterdir()} == kept
    assert max(map(len, kept.values())) < 150_000
    assert all(f"images/findings/{name}" in page for name in kept)
