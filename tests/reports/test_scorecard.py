"""Scorecards and review packs of a made-up provider: sections, weights, claims, the same bytes in any order."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime

import orjson
import pytest

from holdfast.drawing import svg
from holdfast.reports.blocks import Callout, Chart, Heading, Report, Table
from holdfast.reports.claim_pack import COLUMNS, claim_csv, claim_json
from holdfast.reports.crediting import months_between
from holdfast.reports.data import data
from holdfast.reports.looking_back import period_of
from holdfast.reports.markdown import markdown
from holdfast.reports.review import review
from holdfast.reports.scorecard import scorecard
from models.derived import ALL, Scorecard, Tally
from models.meetings import MeetingError
from models.months import Month
from models.records import Basis, Objective
from models.scoring import Dimension
from tests.reports import samples as made

SECTIONS = [
    "Score", "Clocks by objective", "Trend", "Stability", "Claimed and observed times",
    "Security and compliance evidence", "Availability and money",
]  # fmt: skip


def card(month, objective=Objective.RESTORE, *, tally=Tally.MONTH, n=8, **fields):
    """Return a computed scorecard of all services and priorities."""
    begins = datetime(2026, month, 1, tzinfo=UTC)
    enough = n >= 5
    figures = (
        {"met_share": 0.75, "median_s": 3600.0 * month, "p90_s": 9000.0 * month, "target_s": 14400.0} if enough else {}
    )
    values = {
        "tally": tally, "provider": "arbor-cloud", "service": ALL, "priority": ALL, "objective": objective,
        "basis": Basis.AGREED, "begins_at": begins, "ends_at": begins, "as_of": begins, "n": n, "met": 6, "breached": 2,
        "censored": 0, "indeterminate": 0, "left_out": 0, "common_cause": 0, "onboarding": False, "enough": enough,
    }  # fmt: skip
    return Scorecard(**{**values, **figures, **fields})


CARDS = (
    card(5), card(6), card(5, Objective.NOTIFY, n=3),
    card(5, tally=Tally.PERIOD, slope_per_month=0.12, slope_low=-0.05, slope_high=0.3, breach_ratio=1.4,
         changed_at=datetime(2026, 6, 1, tzinfo=UTC), before_s=3600.0, after_s=7200.0, onboarding=True),
)  # fmt: skip


def headings(report: Report) -> list[str]:
    """Return the sections of a report."""
    return [one.text for one in report.blocks if isinstance(one, Heading)]


def section(report: Report, heading: str) -> str:
    """Return a section as Markdown."""
    return markdown(report).split(f"\n## {heading}\n")[1].split("\n## ")[0]


def test_a_scorecard_has_every_section_and_every_table_is_whole():
    report = scorecard(made.pack().sheet)
    assert headings(report) == SECTIONS
    for table in report.blocks:
        if isinstance(table, Table):
            assert all(len(row) == len(table.columns) for row in table.rows), table.caption


def test_every_dimension_stands_with_its_weight_and_what_it_counts():
    report = scorecard(made.pack().sheet)
    (table,) = [one for one in report.blocks if isinstance(one, Table) and one.caption == "Dimensions"]
    assert [row[0].text for row in table.rows] == list(Dimension)
    counted = [float(row[8].text.removesuffix(" %")) for row in table.rows]
    assert sum(counted) == pytest.approx(100, abs=0.5)
    for row in table.rows:
        assert (row[4].text == "not enough data") == (int(row[2].text) < 5)


def test_dimensions_with_few_cases_are_left_out_and_it_says_so():
    sheet = made.pack().sheet
    (told,) = [one for one in scorecard(sheet).blocks if isinstance(one, Callout) and one.label == "Left out"]
    assert "commercial" in told.words.text
    assert "in proportion" in told.words.text


def test_other_weights_give_another_score():
    sheet = made.pack().sheet
    only = replace(sheet, weights={Dimension.RECOVERY: 1})
    assert only.score.total == pytest.approx(100 * next(
        one.measured.share for one in sheet.score.parts if one.measured.dimension is Dimension.RECOVERY
    ))  # fmt: skip
    none = replace(sheet, weights={Dimension.COMMERCIAL: 1})
    assert "none: the dimensions with enough cases hold less than half" in section(scorecard(none), "Score")


def test_without_computed_scorecards_it_says_what_to_run():
    assert "run holdfast analyse" in section(scorecard(replace(made.pack().sheet, cards=())), "Trend")


def test_trends_have_intervals_and_charts_for_months_with_enough_cases():
    report = scorecard(replace(made.pack().sheet, cards=CARDS))
    text = section(report, "Trend")
    assert "+12.0 % (-5.0 % to +30.0 %)" in text
    assert "1.40 |" in text
    assert "2026-06 | 1h | 2h" in text
    assert "yes: judge the slope" in text
    names = [one.name for one in report.blocks if isinstance(one, Chart)]
    assert names == ["compare", "months", "trend"]
    (months,) = [one for one in report.blocks if isinstance(one, Chart) and one.name == "months"]
    assert "2026-05 notify: n=3, not enough data" in months.told


def test_every_chart_is_the_same_picture_when_it_is_drawn_again():
    """The renderer counts gradients and clip paths over all charts of a process."""
    report = scorecard(replace(made.pack().sheet, cards=CARDS))
    charts = [one for one in report.blocks if isinstance(one, Chart)]
    assert [svg(one.spec) for one in charts] == [svg(one.spec) for one in charts]
    assert any("gradient_" in svg(one.spec) for one in charts)


def test_a_period_that_runs_says_so():
    sheet = made.pack().sheet
    early = replace(sheet, look=replace(sheet.look, as_of=sheet.look.begin))
    assert scorecard(early).blocks[0] == Callout("Not over", scorecard(early).blocks[0].words)
    assert "No clock ran." in section(scorecard(early), "Clocks by objective")


def test_money_has_the_cost_of_downtime_beside_the_fee_and_until_when_to_claim():
    pack = made.pack()
    text = section(scorecard(pack.sheet), "Availability and money")
    assert "12000.00 EUR" in text
    assert "can be claimed" in text or "the time to claim is over" in text
    bare = replace(pack.sheet, look=replace(pack.sheet.look, availabilities=()))
    assert "No agreement promises availability" in section(scorecard(bare), "Availability and money")
    free = replace(pack.sheet, credits=())
    assert "No agreement pays credits" in section(scorecard(free), "Availability and money")


def test_a_pack_has_last_time_actions_the_scorecard_and_points():
    report = review(made.pack())
    assert headings(report) == ["Last time", "Actions", *SECTIONS, "Points to go through"]
    assert "Review of 2026-05, held at" in section(report, "Last time")
    assert "Our head of operations" in section(report, "Last time")


def test_a_pack_of_a_provider_of_whom_nothing_is_on_record_says_so():
    pack = made.pack()
    sheet = replace(pack.sheet, look=replace(pack.sheet.look, matters=(), reviews=()))
    report = review(replace(pack, communications=(), sheet=sheet))
    assert "No review is on record." in section(report, "Last time")
    assert "None is open" in section(report, "Actions")
    assert section(report, "Points to go through").strip().startswith("None.")
    assert "No evidence on record." in section(report, "Security and compliance evidence")


def test_order_and_copies_of_the_record_change_nothing():
    pack = made.pack()
    look = pack.sheet.look
    turned = replace(pack.sheet, look=replace(look, matters=look.matters[::-1]))
    other = replace(pack, communications=pack.communications[::-1] * 2, sheet=turned)
    assert markdown(review(other)) == markdown(review(pack))
    assert orjson.dumps(data(review(other))) == orjson.dumps(data(review(pack)))


def test_a_claim_has_a_line_for_each_outage_with_its_deadline():
    pack = made.pack()
    rows = list(csv.DictReader(io.StringIO(claim_csv(pack.claims))))
    assert tuple(rows[0]) == COLUMNS
    assert {row["month"] for row in rows} == {"2026-06"}
    assert all(row["claim_by"] and row["currency"] == "EUR" for row in rows)
    assert any(row["down_from"] and row["incident_ids"] for row in rows)
    told = [orjson.loads(line) for line in claim_json(*_first(pack), pack.sheet.look.as_of).splitlines()]
    assert told[0]["month"] == "2026-06"
    assert sum(len(one["attach"]) for one in told[0]["services"]) == sum(1 for row in rows if row["down_from"])


def _first(pack):
    agreement, found = pack.claims[0]
    return agreement, [found]


@pytest.mark.parametrize(
    ("name", "expected"), [(None, "2026-Q2"), ("2026-Q1", "2026-Q1"), ("2026-09", "2026-09"), ("2026", "2026")]
)
def test_a_period_is_named_or_the_quarter_before(name, expected):
    assert period_of(name, datetime(2026, 8, 3, tzinfo=UTC)).name == expected


def test_a_period_that_is_none_is_refused():
    with pytest.raises(MeetingError, match="no period"):
        period_of("autumn", datetime(2026, 8, 3, tzinfo=UTC))


def test_months_between_two_instants_are_those_of_the_zone_and_at_most_twelve():
    begin = datetime(2026, 5, 31, 23, tzinfo=UTC)
    assert months_between(begin, begin, "Europe/Berlin") == (Month(2026, 6),)
    assert len(months_between(begin, datetime(2030, 1, 1, tzinfo=UTC), "UTC")) == 12
