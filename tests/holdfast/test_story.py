"""The demo's story: its payloads have the formats' real shape and true times, and these are the verdicts on it."""

from collections import Counter
from datetime import timedelta

import pytest

from feeds import answers
from feeds.registry import dialect
from holdfast import story
from holdfast.story.rehearsal import Outcome, rehearse
from holdfast.story.script import Edited, at
from holdfast.story.stage import example_documents
from holdfast.story.week import COOLING, SNAPSHOTS, STORM_OUTAGE
from models.answers import ANSWERS_FEED
from models.notice import Flag, Kind, Notice
from models.paging import PageKind
from models.raw import RawPayload
from models.records import IncidentDocument, IncidentStatus

PAYLOADS = story.payloads()
POLLED = [payload for payload in PAYLOADS if payload.format != "alertmanager"]


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    return rehearse(PAYLOADS, example_documents(), story.ORIGIN + story.LENGTH)


def incident(outcome: Outcome, title: str) -> IncidentDocument:
    (found,) = [one for one in outcome.incidents.values() if one.title == title]
    return found


def verdicts(outcome: Outcome, title: str, basis: str) -> dict[str, str]:
    """Verdict by objective of one incident; of ``update``, which has a clock per gap, how many of them were kept."""
    incident_id = incident(outcome, title).incident_id
    mine = [one for one in outcome.clocks.values() if one.incident_id == incident_id and one.basis == basis]
    single = {one.objective.value: one.verdict.value for one in mine if one.objective != "update"}
    gaps = [one.verdict for one in mine if one.objective == "update"]
    return single | ({"update": f"{gaps.count('met')} of {len(gaps)}"} if gaps else {})


def test_the_same_code_gives_the_same_bytes() -> None:
    assert story.payloads() == PAYLOADS


def test_the_week_begins_on_a_monday_and_everything_is_received_within_it() -> None:
    assert story.ORIGIN.weekday() == 0
    assert all(story.ORIGIN < payload.received_at < story.ORIGIN + story.LENGTH for payload in PAYLOADS)


def test_payloads_come_in_the_order_in_which_they_are_received() -> None:
    assert [payload.received_at for payload in PAYLOADS] == sorted(payload.received_at for payload in PAYLOADS)


@pytest.mark.parametrize(
    "payload",
    [one for one in PAYLOADS if one.feed != ANSWERS_FEED],
    ids=lambda payload: f"{payload.feed}-{payload.received_at:%a%H%M%S}",
)
def test_every_payload_is_read_whole_by_its_dialect(payload: RawPayload) -> None:
    assert dialect(payload.format).parse(payload.body, zone="UTC").problems == ()


def test_whoever_acknowledges_was_paged_before_on_that_side(outcome: Outcome) -> None:
    decided = [one for payload in PAYLOADS if payload.feed == ANSWERS_FEED for one in answers.read(payload).decisions]
    assert len(decided) == 7
    for one in decided:
        told = [
            page.due_at
            for page in outcome.pages.values()
            if (page.incident_id, page.recipient, page.side) == (one.incident_id, one.person, one.side)
        ]
        assert min(told) < one.decided_at


def test_nothing_is_received_before_it_was_said(outcome: Outcome) -> None:
    said = [notice for notice in outcome.notices.values() if notice.published_at is not None]
    assert said
    assert all(notice.published_at <= notice.received_at for notice in said if notice.published_at)


def test_what_a_poll_shows_for_the_first_time_was_published_after_the_look_before(outcome: Outcome) -> None:
    for notice in first_tellings(outcome):
        if notice.received_after is not None and notice.published_at is not None:
            assert notice.received_after < notice.published_at <= notice.received_at, notice.title


def first_tellings(outcome: Outcome) -> list[Notice]:
    """Statements as they were first seen; later edits of them left out. Exposures are our own words."""
    first: dict[tuple[str, str, str | None], Notice] = {}
    for notice in sorted(outcome.notices.values(), key=lambda one: one.received_at):
        if notice.kind is not Kind.EXPOSURE:
            first.setdefault((notice.source, notice.source_incident_id, notice.source_update_id), notice)
    return list(first.values())


def test_a_look_knows_the_look_before_it() -> None:
    for payload in POLLED:
        if payload.received_after is not None:
            assert timedelta(0) < payload.received_at - payload.received_after <= timedelta(minutes=15)


def test_quiet_looks_say_nothing_new(outcome: Outcome) -> None:
    assert len(PAYLOADS) > 2 * len(outcome.notices)


def test_the_story_reads_without_a_dead_letter(outcome: Outcome) -> None:
    assert outcome.letters == []


def test_these_incidents_come_of_it(outcome: Outcome) -> None:
    told = {(one.provider, one.title, one.kind, one.priority) for one in outcome.incidents.values()}
    assert told == {
        ("nimbus", "Errors when starting virtual machines", "incident", "p2"),
        ("nimbus", "Virtual machines unavailable in Frankfurt", "incident", "p1"),
        ("nimbus", "Firmware of block storage shelves", "maintenance", None),
        ("nimbus", "Block storage slow after maintenance", "incident", "p2"),
        ("borealis", "The wide area network in Gothenburg is down.", "incident", "p1"),
        ("borealis", "Caller names are missing on some calls.", "incident", "p3"),
        ("nimbus", SNAPSHOTS.name, "incident", "p2"),
    }
    open_ones = {one.title for one in outcome.incidents.values() if one.status is not IncidentStatus.RESOLVED}
    assert open_ones == {SNAPSHOTS.name}


def test_one_incident_is_open_at_the_end_and_nothing_of_it_is_near_its_limit(outcome: Outcome) -> None:
    end = story.ORIGIN + story.LENGTH
    stopped = {"met", "breached", "indeterminate"}
    running = [one for one in outcome.clocks.values() if one.verdict not in stopped]
    assert {one.verdict.value for one in running} == {"running"}
    assert {one.incident_id for one in running} == {incident(outcome, SNAPSHOTS.name).incident_id}
    assert {one.objective.value for one in running} == {"update", "restore", "resolve"}
    assert min(one.due_at for one in running if one.due_at) - end > timedelta(hours=3)


def test_the_cooling_failure_breaks_what_was_agreed(outcome: Outcome) -> None:
    assert verdicts(outcome, COOLING.name, "agreed") == {
        "notify": "breached",
        "acknowledge": "breached",
        "respond": "breached",
        "restore": "breached",
        "resolve": "met",
        "update": "6 of 10",
    }


def test_by_the_begin_that_nimbus_wrote_down_afterwards_it_spoke_in_time(outcome: Outcome) -> None:
    claimed = verdicts(outcome, COOLING.name, "claimed")
    assert (claimed["notify"], claimed["acknowledge"]) == ("met", "met")
    assert incident(outcome, COOLING.name).claimed_started_at == at("tue 02:41")
    assert incident(outcome, COOLING.name).observed_started_at == at("tue 02:08:30")


def test_the_second_failure_belongs_to_the_same_incident(outcome: Outcome) -> None:
    cooling = incident(outcome, COOLING.name)
    assert cooling.reopened_count == 1
    assert cooling.restored_at == at("tue 13:04:30")
    (restore,) = [
        one
        for one in outcome.clocks.values()
        if one.incident_id == cooling.incident_id and (one.objective, one.basis) == ("restore", "agreed")
    ]
    down = (at("tue 08:41:15") - at("tue 02:08:30")) + (at("tue 13:04:30") - at("tue 08:58"))
    assert restore.elapsed_min_s == restore.elapsed_max_s == down.total_seconds()
    assert restore.breached_at == at("tue 06:08:30")


def test_a_breach_is_dated_by_the_contract_not_by_who_looked(outcome: Outcome) -> None:
    cooling = incident(outcome, COOLING.name)
    breached = {
        one.objective.value: one.breached_at
        for one in outcome.clocks.values()
        if one.incident_id == cooling.incident_id and one.basis == "agreed" and one.objective != "update"
    }
    assert breached["acknowledge"] == at("tue 02:23:30")
    assert breached["resolve"] is None


def test_the_outage_in_the_storm_is_linked_to_it_and_nothing_else_is(outcome: Outcome) -> None:
    exposed = {one.title for one in outcome.incidents.values() if one.exposures}
    assert exposed == {STORM_OUTAGE.description}
    kinds = Counter(notice.kind for notice in outcome.notices.values())
    assert kinds[Kind.HAZARD] == 3
    exposures = [notice for notice in outcome.notices.values() if notice.kind is Kind.EXPOSURE]
    assert {notice.provider for notice in exposures} == {"borealis"}
    assert all("Gothenburg 1" in (notice.text or "") for notice in exposures)


def test_the_exercise_is_kept_and_exposes_nobody(outcome: Outcome) -> None:
    exercise = [notice for notice in outcome.notices.values() if Flag.TEST in notice.flags]
    assert len(exercise) == 1
    assert exercise[0].kind is Kind.HAZARD


def test_moving_the_end_afterwards_turns_the_claimed_verdict_and_no_other(outcome: Outcome) -> None:
    title = STORM_OUTAGE.description
    assert verdicts(outcome, title, "claimed")["restore"] == "met"
    assert verdicts(outcome, title, "observed")["restore"] == "breached"
    assert verdicts(outcome, title, "agreed")["restore"] == "breached"


def test_a_broken_promise_is_a_missed_update_even_within_the_interval(outcome: Outcome) -> None:
    storm = incident(outcome, STORM_OUTAGE.description)
    missed = [
        one
        for one in outcome.clocks.values()
        if one.incident_id == storm.incident_id and one.objective == "update" and one.verdict == "breached"
    ]
    assert {one.basis.value for one in missed} == {"claimed", "observed", "agreed"}
    assert {one.breached_at for one in missed} == {at("wed 17:30")}


def test_what_was_imported_is_not_judged_on_how_soon_it_was_told(outcome: Outcome) -> None:
    agreed = verdicts(outcome, "Errors when starting virtual machines", "agreed")
    assert agreed["notify"] == agreed["acknowledge"] == agreed["respond"] == "indeterminate"
    assert agreed["restore"] == "met"


def test_the_overrun_counts_from_the_end_of_the_announced_window(outcome: Outcome) -> None:
    overrun = incident(outcome, "Block storage slow after maintenance")
    assert overrun.started_at == at("fri 02:05")
    assert verdicts(outcome, overrun.title or "", "agreed")["acknowledge"] == "breached"
    maintenance = incident(outcome, "Firmware of block storage shelves")
    assert not [one for one in outcome.clocks.values() if one.incident_id == maintenance.incident_id]


def test_the_small_fault_keeps_every_promise_and_pages_nobody(outcome: Outcome) -> None:
    title = "Caller names are missing on some calls."
    for basis in ("claimed", "observed", "agreed"):
        assert set(verdicts(outcome, title, basis).values()) == {"met", "2 of 2"}
    assert not [page for page in outcome.pages.values() if page.incident_id == incident(outcome, title).incident_id]


def test_these_people_are_paged_at_these_instants(outcome: Outcome) -> None:
    rungs = [page for page in outcome.pages.values() if page.kind is PageKind.RUNG]
    pages = sorted((page.due_at, page.recipient, page.channel) for page in rungs)
    assert pages == [
        (at("tue 02:20:30"), "nimbus-duty", "email"),
        (at("tue 02:23:30"), "us-noc", "webhook"),
        (at("tue 05:08:30"), "nimbus-service-manager", "email"),
        (at("tue 05:30:21"), "us-noc", "webhook"),
        (at("tue 06:38:30"), "us-vendor-manager", "email"),
        (at("tue 06:38:30"), "us-vendor-manager", "webhook"),
        (at("wed 18:21:10"), "borealis-account", "email"),
        (at("wed 18:21:10"), "us-continuity", "email"),
        (at("wed 18:21:10"), "us-continuity", "webhook"),
        (at("fri 02:29"), "nimbus-duty", "email"),
        (at("fri 02:35"), "us-noc", "webhook"),
    ]
    assert all(page.late_s == 0 and page.loop == 0 for page in outcome.pages.values())


def test_all_clear_goes_to_whoever_the_storm_s_outage_was_told(outcome: Outcome) -> None:
    clear = [page for page in outcome.pages.values() if page.kind is PageKind.ALL_CLEAR]
    assert sorted((page.due_at, page.recipient, page.channel) for page in clear) == [
        (at("thu 02:00"), "borealis-account", "email"),
        (at("thu 02:00"), "us-continuity", "email"),
        (at("thu 02:00"), "us-continuity", "webhook"),
    ]


def test_the_narration_tells_instants_of_the_week_in_order() -> None:
    instants = [instant for instant, _ in story.narration()]
    assert instants == sorted(instants)
    assert instants[0] >= story.ORIGIN
    assert instants[-1] < story.ORIGIN + story.LENGTH


@pytest.mark.parametrize(
    ("instant", "shown"), [("mon 00:00", "a"), ("tue 09:59:59", "a"), ("tue 10:00", "b"), ("sun 23:00", "b")]
)
def test_an_edited_field_shows_the_new_value_from_the_edit_on(instant: str, shown: str) -> None:
    assert Edited("a", (("tue 10:00", "b"),)).shown_at(at(instant)) == shown
