"""What is read out of Google Cloud's incidents.json, old schema and new."""

from typing import Any

import orjson
import pytest

from feeds import google_cloud
from feeds.errors import PayloadError
from models.notice import Flag, Statement
from tests.feeds.looks import at, stamp


def row(status: str | None, minutes: float, text: str = "An update.", **fields: Any) -> dict[str, Any]:
    told = {"created": stamp(minutes), "modified": stamp(minutes), "when": stamp(minutes), "text": text}
    return {**told, **({"status": status} if status else {}), **fields}


def outage(*rows: dict[str, Any], end: float | None = None, **fields: Any) -> dict[str, Any]:
    """Return an incident that begins 30 minutes before its first update."""
    return {
        "id": "AbC",
        "number": "17",
        "begin": stamp(-30),
        "created": stamp(0),
        "end": None if end is None else stamp(end),
        "external_desc": "Disks are slow",
        "severity": "medium",
        "service_name": "Multiple Products",
        "affected_products": [{"title": "Compute Engine", "id": "x"}, {"title": "Disks", "id": "y"}],
        "updates": list(reversed(rows)),
        **fields,
    }


def read(*incidents: dict[str, Any]) -> tuple[Statement, ...]:
    return google_cloud.parse(orjson.dumps(list(incidents))).statements


def phases(*rows: dict[str, Any], end: float | None = None) -> list[str]:
    return [one.phase.value for one in read(outage(*rows, end=end))]


DOWN, UP = "SERVICE_DISRUPTION", "AVAILABLE"
REPORT = "# Mini Incident Report\nWe apologize."


@pytest.mark.parametrize(
    ("rows", "end", "expected"),
    [
        ([row(DOWN, 0), row(UP, 60)], 59, ["reported", "resolved"]),
        ([row(DOWN, 0), row(UP, 60), row(UP, 90)], 59, ["reported", "resolved", "update"]),
        ([row(DOWN, 0), row(UP, 60), row(UP, 3000, REPORT)], 59, ["reported", "resolved", "root_cause"]),
        ([row(DOWN, 0), row(DOWN, 20, "Engineers are investigating.")], None, ["reported", "engaged"]),
        ([row(DOWN, 0), row(DOWN, 20, "It has been mitigated.")], None, ["reported", "mitigated"]),
        ([row(DOWN, 0), row(UP, 20), row(DOWN, 40), row(UP, 60)], 60, ["reported", "restored", "reopened", "resolved"]),
        ([row(DOWN, 0), row(UP, 20)], None, ["reported", "resolved"]),
        ([row(None, 0), row(None, 20), row(None, 60), row(None, 90)], 59, ["reported", "update", "resolved", "update"]),
        ([row(None, 0), row(None, 20)], None, ["reported", "update"]),
        ([row(None, 0), row(None, 20)], 300, ["reported", "resolved"]),
        ([row(UP, 100)], 59, ["resolved"]),
    ],
)  # fmt: skip
def test_statuses_times_and_texts_give_phases(
    rows: list[dict[str, Any]], end: float | None, expected: list[str]
) -> None:
    assert phases(*rows, end=end) == expected


def test_a_report_does_not_close_an_incident_whose_closing_update_was_set_back_to_disruption() -> None:
    rows = [row(DOWN, 0), row(DOWN, 60), row(UP, 3000, "# Preliminary Incident Report"), row(UP, 9000, REPORT)]
    assert phases(*rows, end=59) == ["reported", "resolved", "root_cause", "root_cause"]


def test_the_first_statement_claims_the_begin_and_the_closing_one_the_end() -> None:
    first, last = read(outage(row(DOWN, 0), row(UP, 60), end=45))
    assert (first.claimed_at, first.claimed_end_at) == (at(-30), None)
    assert (last.claimed_at, last.claimed_end_at) == (at(45), at(45))
    assert (first.published_at, last.published_at) == (at(0), at(60))


def test_an_incident_without_end_claims_none_while_it_is_open() -> None:
    assert [one.claimed_end_at for one in read(outage(row(DOWN, 0), row(DOWN, 60)))] == [None, None]


def test_an_edited_begin_is_a_new_version_of_the_first_statement_only() -> None:
    rows = (row(DOWN, 0), row(DOWN, 30), row(UP, 60))
    before, after = read(outage(*rows, end=60)), read(outage(*rows, end=60, begin=stamp(-90)))
    assert [old.digest() == new.digest() for old, new in zip(before, after, strict=True)] == [False, True, True]
    assert [one.source_update_id for one in before] == [one.source_update_id for one in after]
    assert after[0].claimed_at == at(-90)


def test_an_edited_end_is_a_new_version_of_the_closing_statement_only() -> None:
    rows = (row(DOWN, 0), row(DOWN, 30), row(UP, 60))
    before, after = read(outage(*rows, end=60)), read(outage(*rows, end=40))
    assert [old.digest() == new.digest() for old, new in zip(before, after, strict=True)] == [True, True, False]


def test_modified_is_an_edit_and_never_the_time_of_speaking() -> None:
    (only,) = read(outage(row(DOWN, 0, modified=stamp(600))))
    assert Flag.EDITED in only.flags
    assert only.published_at == at(0)


def test_an_incident_first_told_after_its_end_is_backfilled() -> None:
    assert Flag.BACKFILLED in read(outage(row(UP, 600), end=30))[0].flags


def test_old_numbers_are_unique_only_within_a_service() -> None:
    old = [
        {**outage(row(None, 0)), "id": None, "number": 20008, "service_key": key, "affected_products": None}
        for key in ("appengine", "bigquery")
    ]
    assert [one.source_incident_id for one in read(*old)] == ["appengine/20008", "bigquery/20008"]
    assert read(old[0])[0].components == ("Multiple Products",)


def test_two_updates_of_one_instant_are_two_statements() -> None:
    twins = read(outage(row(DOWN, 0, "One."), row(DOWN, 0, "Two.")))
    assert len({one.source_update_id for one in twins}) == 2


def test_an_incident_without_updates_still_says_its_description() -> None:
    (only,) = read(outage())
    assert (only.text, only.published_at) == ("Disks are slow", at(0))


def test_promised_times_are_pacific_wall_clock() -> None:
    (only,) = read(outage(row(DOWN, 0, "We will provide an update by Monday, 2026-05-04 03:30 US/Pacific.")))
    assert only.promised_at == at(90)


def test_a_list_is_a_look_at_all_incidents_and_one_incident_is_not() -> None:
    one = outage(row(DOWN, 0))
    assert google_cloud.parse(orjson.dumps([one])).scope == "incidents"
    assert google_cloud.parse(orjson.dumps(one)).scope is None
    assert google_cloud.parse(b"[]").statements == ()


@pytest.mark.parametrize("payload", [{}, {"incidents": []}, "text", None, [1], [{"a": 1}], [{"updates": 1, "id": "x"}]])
def test_what_is_no_list_of_incidents_is_refused_as_such(payload: Any) -> None:
    with pytest.raises(PayloadError) as caught:
        google_cloud.parse(orjson.dumps(payload))
    assert caught.value.reason == "wrong_shape"
