"""What is read out of Statuspage payloads: phases, claims, flags, and the shapes that pages answer with."""

from datetime import datetime
from typing import Any

import orjson
import pytest

from feeds import statuspage
from feeds.errors import PayloadError
from models.notice import Flag, Kind, Phase, Statement
from tests.feeds.looks import PAGE, at, history, incident, stamp, summary, update


def read(payload: Any, **options: Any) -> tuple[Statement, ...]:
    return statuspage.parse(orjson.dumps(payload), **options).statements


def phases(*statuses: str) -> list[str]:
    updates = [update(status, minutes) for minutes, status in enumerate(statuses)]
    return [one.phase.value for one in read(history(incident(*updates)))]


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (["investigating", "identified", "monitoring", "resolved"], ["reported", "engaged", "restored", "resolved"]),
        (["investigating", "investigating", "investigating"], ["reported", "engaged", "update"]),
        (["investigating", "identified", "identified"], ["reported", "engaged", "update"]),
        (["identified", "resolved"], ["engaged", "resolved"]),
        (["monitoring", "resolved"], ["restored", "resolved"]),
        (["investigating", "monitoring", "monitoring"], ["reported", "restored", "update"]),
        (["investigating", "monitoring", "investigating"], ["reported", "restored", "reopened"]),
        (["investigating", "resolved", "identified", "resolved"], ["reported", "resolved", "reopened", "resolved"]),
        (["investigating", "resolved", "postmortem"], ["reported", "resolved", "root_cause"]),
        (["investigating", "something new"], ["reported", "update"]),
        (["resolved"], ["resolved"]),
    ],
)
def test_statuses_in_their_order_give_phases(statuses: list[str], expected: list[str]) -> None:
    assert phases(*statuses) == expected


def test_an_incident_imported_with_one_resolved_update_shows_nothing_of_the_first_response() -> None:
    imported = incident(update("resolved", 90, created_at=stamp(500_000)), started_at=stamp(90), resolved_at=stamp(90))
    (only,) = read(history(imported))
    assert only.phase is Phase.RESOLVED
    assert Flag.BACKFILLED in only.flags
    assert (only.claimed_at, only.claimed_end_at) == (at(90), at(90))
    assert only.published_at == at(500_000)


def test_a_started_at_that_is_the_moment_of_writing_does_not_hide_the_earlier_time_shown() -> None:
    told_late = incident(
        update("investigating", 10, created_at=stamp(300)),
        update("resolved", 40, created_at=stamp(300.1)),
        created_at=stamp(300),
        started_at=stamp(300),
    )
    first, last = read(history(told_late))
    assert first.claimed_at == at(10)
    assert Flag.BACKFILLED in first.flags
    assert Flag.BACKFILLED in last.flags
    assert first.published_at == at(300)


def test_a_history_written_in_any_order_is_told_in_the_order_shown() -> None:
    written = incident(
        update("investigating", 10, created_at=stamp(302)),
        update("identified", 20, created_at=stamp(300)),
        update("resolved", 40, created_at=stamp(301)),
    )
    assert [one.phase.value for one in read(history(written))] == ["reported", "engaged", "resolved"]


def test_only_the_last_resolve_of_a_reopened_incident_claims_its_end() -> None:
    twice = incident(
        update("investigating", 0), update("resolved", 10), update("investigating", 20), update("resolved", 30)
    )
    ends = [one.claimed_end_at for one in read(history(twice))]
    assert ends == [None, None, None, at(30)]


def test_an_edit_of_an_update_is_flagged_and_is_a_new_version_of_the_same_statement() -> None:
    first = read(history(incident(update("investigating", 0))))[0]
    edited = read(history(incident(update("investigating", 0, body="Other words", updated_at=stamp(30)))))[0]
    assert Flag.EDITED in edited.flags
    assert edited.source_update_id == first.source_update_id
    assert edited.digest() != first.digest()


def test_a_renamed_incident_changes_its_first_statement_only() -> None:
    updates = (update("investigating", 0), update("identified", 5), update("resolved", 9))
    before = [one.digest() for one in read(history(incident(*updates)))]
    after = [one.digest() for one in read(history(incident(*updates, name="Mail and calendar are delayed")))]
    assert [old == new for old, new in zip(before, after, strict=True)] == [False, True, True]


def test_components_of_an_update_are_its_own_else_those_named_before() -> None:
    named = incident(
        update("investigating", 0, affected_components=[{"code": "c1", "name": "SMTP relay"}]),
        update("identified", 5, affected_components=None),
        update("monitoring", 9, affected_components=[{"code": "c2", "name": "Webmail"}]),
        components=[{"name": "Everything"}],
    )
    assert [one.components for one in read(history(named))] == [("SMTP relay",), ("SMTP relay",), ("Webmail",)]
    assert read(history(incident(update("investigating", 0))))[0].components == ("SMTP relay",)


def test_maintenance_claims_its_announced_window_and_runs_through_its_own_phases() -> None:
    planned = incident(
        *(update(status, 10 * n) for n, status in enumerate(["scheduled", "in_progress", "verifying", "completed"])),
        impact="maintenance",
        scheduled_for=stamp(600),
        scheduled_until=stamp(720),
    )
    statements = read({"page": PAGE, "scheduled_maintenances": [planned]})
    assert [one.phase.value for one in statements] == ["reported", "engaged", "restored", "resolved"]
    assert {one.kind for one in statements} == {Kind.MAINTENANCE}
    assert (statements[0].claimed_at, statements[0].claimed_end_at) == (at(600), at(720))


@pytest.mark.parametrize(
    ("payload", "scope", "listed"),
    [
        (summary(incident(update("investigating", 0))), "summary", {"inc-1"}),
        (summary(incident(update("resolved", 0))), "summary", set()),
        (summary(), "summary", set()),
        (history(incident(update("investigating", 0))), "incidents", None),
        ({"page": PAGE, "incident": incident(update("investigating", 0))}, "incident:inc-1", None),
        (incident(update("investigating", 0)), "incident:inc-1", None),
        ({"meta": {}, "page": PAGE, "incident": incident(update("investigating", 0))}, None, None),
        ({"meta": {}, "page": PAGE, "component": {}, "component_update": {}}, None, None),
        ({"page": PAGE, "scheduled_maintenances": []}, "maintenances", None),
        ({"page": PAGE, "status": {"indicator": "none"}}, None, None),
    ],
)
def test_each_shape_of_payload_says_what_a_look_at_it_covers(
    payload: Any, scope: str | None, listed: set[str] | None
) -> None:
    parsed = statuspage.parse(orjson.dumps(payload))
    assert parsed.scope == scope
    assert parsed.listed == listed


@pytest.mark.parametrize(
    ("status", "fields", "expected"),
    [
        ("investigating", {}, at(0)),
        ("monitoring", {"monitoring_at": stamp(7)}, at(7)),
        ("resolved", {"resolved_at": stamp(9)}, at(9)),
        ("identified", {}, None),
    ],
)
def test_an_incident_without_updates_is_dated_by_its_own_field_for_its_status_or_not_at_all(
    status: str, fields: dict[str, Any], expected: datetime | None
) -> None:
    (only,) = read(history({**incident(), "status": status, "incident_updates": [], **fields}))
    assert only.published_at == expected


def test_an_unreadable_incident_does_not_hide_the_others() -> None:
    parsed = statuspage.parse(orjson.dumps(history({"name": "no id"}, incident(update("investigating", 0)))))
    assert len(parsed.statements) == 1
    assert parsed.problems == (("wrong_shape", "incident 0: incident has no id"),)


def test_naive_times_are_read_in_the_feeds_zone_and_never_in_the_pages() -> None:
    naive = history(incident(update("investigating", 0, display_at="2026-05-04T11:00:00", created_at=None)))
    with pytest.raises(PayloadError) as caught:
        read(naive)
    assert caught.value.reason == "naive_time"
    assert read(naive, zone="Europe/Berlin")[0].published_at == at(0)


def test_a_promise_of_the_next_update_is_read_where_it_is_plain() -> None:
    promised = [
        one.promised_at
        for one in read(
            history(
                incident(
                    update("investigating", 0, body="We look into it. Next update in 30 minutes."),
                    update("identified", 31, body="<b>Next Update by:</b> May 4, 2026 10:15 UTC"),
                    update("identified", 80, body="We will post another update shortly."),
                )
            )
        )
    ]
    assert promised == [at(30), at(75), None]


@pytest.mark.parametrize("payload", [[], {}, {"incidents": {}}, {"incident": None}, {"page": PAGE}, "text", 7, None])
def test_what_is_no_statuspage_payload_is_refused_as_such(payload: Any) -> None:
    with pytest.raises(PayloadError) as caught:
        read(payload)
    assert caught.value.reason == "wrong_shape"


def test_a_report_on_the_cause_leaves_the_claimed_end_with_the_update_that_resolved() -> None:
    rows = [update("investigating", 0), update("resolved", 60)]
    before = read(history(incident(*rows, resolved_at=stamp(55))))
    after = read(history(incident(*rows, update("postmortem", 900), resolved_at=stamp(55))))
    assert [one.claimed_end_at for one in before] == [None, at(55)]
    assert [one.claimed_end_at for one in after] == [None, at(55), None]
