"""An incident's time line: claims beside what we saw, clocks, pages, contacts, decisions and hazards, with proof."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.communication import CommunicationKind
from models.derived import Lane, TimelineEntry
from models.matter import Matter
from models.notice import Flag, Kind, Phase, Ruling, Speaker
from models.paging import Answered, Outcome, Side
from models.records import Basis, Objective, Verdict
from models.timeline_entries import timeline_entries
from tests.support import samples
from tests.support.reviews import action, meeting
from tests.support.samples import later

INCIDENT = samples.incident(members=("nimbus-status/inc-1", "probe-eu/mail"), exposures=("storms/s-1",))
MATTER = Matter(INCIDENT)


def said(ordinal=0, **fields):
    """Return a provider's statement about the incident, had as soon as it was made."""
    at = fields.pop("at", 10 * ordinal)
    times = {"claimed_at": None, "published_at": later(at), "received_at": later(at), "received_after": None}
    return samples.notice(ordinal, **{**times, **fields})


def seen(ordinal, phase, at):
    """Return what our probe saw."""
    return said(
        ordinal, at=at, phase=phase, speaker=Speaker.MONITOR, source="probe-eu", source_incident_id="mail",
        claimed_at=later(at),
    )  # fmt: skip


def contact(**fields):
    """Return an entry of the log about the incident."""
    return meeting("2026-05", "2026-05-04 10:00", **{"incident_ids": (INCIDENT.incident_id,), **fields})


def lines(*notices, matter=MATTER, contacts=()):
    """Return each entry as (lane, what, from, until), in minutes since the incident began."""
    found = timeline_entries(matter, notices, contacts)
    return [(one.lane.value, one.what, minutes(one.starts_at), minutes(one.ends_at)) for one in found]


def minutes(at):
    """Return the minutes from the sample's start; None of nothing."""
    return None if at is None else (at - samples.STARTED).total_seconds() / 60


def test_the_outage_stands_twice_once_by_their_times_and_once_by_ours():
    told = [
        said(0, claimed_at=later(0), at=12),
        said(1, phase=Phase.RESOLVED, claimed_at=later(0), claimed_end_at=later(60), at=90),
        seen(2, Phase.REPORTED, -5),
        seen(3, Phase.RESTORED, 80),
    ]
    assert lines(*told) == [
        ("observed", "outage", -5, 80),
        ("observed", "reported", -5, None),
        ("claimed", "outage", 0, 60),
        ("claimed", "reported", 0, None),
        ("claimed", "resolved", 60, None),
        ("observed", "restored", 80, None),
    ]


def test_each_claim_tells_when_we_had_it():
    (outage, claim) = timeline_entries(MATTER, [said(0, claimed_at=later(0), at=12)])[:2]
    assert (outage.what, outage.known_at, outage.text) == ("outage", later(12), "down, and no end is known")
    assert (claim.what, claim.known_at, claim.who) == ("reported", later(12), "nimbus-status")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"phase": Phase.UPDATE, "claimed_at": later(5)}, ("claimed", "update", 5, None)),
        ({"phase": Phase.UPDATE, "claimed_at": later(15)}, ("claimed", "update", 10, None)),
        ({"phase": Phase.REPORTED, "claimed_at": later(99)}, ("claimed", "reported", 10, None)),
        ({"phase": Phase.RESTORED}, ("claimed", "restored", 10, None)),
        ({"phase": Phase.PAUSED, "claimed_at": later(1), "claimed_end_at": later(4)}, ("claimed", "paused", 1, 4)),
        ({"phase": Phase.PAUSED, "claimed_at": later(4), "claimed_end_at": later(1)}, ("claimed", "paused", 4, None)),
        ({"phase": Phase.CLOSED, "flags": (Flag.VANISHED,)}, ("observed", "vanished", 10, None)),
        ({"speaker": Speaker.CUSTOMER, "phase": Phase.REPORTED}, ("observed", "reported", 10, None)),
        (
            {"speaker": Speaker.CUSTOMER, "phase": Phase.PAUSED, "ruling": Ruling.REJECTED},
            ("decision", "rejected", 10, None),
        ),
    ],
    ids=lambda value: " ".join(f"{key}={one}" for key, one in value.items()) if isinstance(value, dict) else "",
)
def test_a_statement_stands_where_its_speaker_says_it_belongs(fields, expected):
    assert expected in lines(said(1, **fields))


def test_maintenance_is_a_span_and_no_outage():
    work = said(1, kind=Kind.MAINTENANCE, claimed_at=later(100), claimed_end_at=later(160))
    assert lines(work) == [("claimed", "update", 100, 160)]


def test_an_edit_stands_where_we_saw_it_and_says_what_changed():
    first = said(0, text=None, title="Slow mail", severity="minor")
    again = said(
        1, source_update_id=first.source_update_id, phase=Phase.REPORTED, text=None, title="Slow mail", severity="major"
    )
    (edit,) = [one for one in timeline_entries(MATTER, [first, again]) if one.what == "edited"]
    assert (edit.starts_at, edit.text) == (later(10), "severity: major (was minor)")
    assert edit.refers_to == f"notices/{again.notice_id}"
    moved = again.model_copy(update={"severity": "minor", "services": ("mail", "chat")})
    (same,) = [one for one in timeline_entries(MATTER, [first, moved]) if one.what == "edited"]
    assert same.text == "Slow mail"


def test_hazards_are_spans_in_a_lane_of_their_own():
    storm = said(
        0, source="storms", source_incident_id="s-1", kind=Kind.EXPOSURE, speaker=Speaker.AUTHORITY,
        claimed_at=later(-60), claimed_end_at=later(300), text="Sites North inside the area.",
    )  # fmt: skip
    assert lines(storm) == [("hazard", "exposure", -60, 300)]


def test_others_incidents_and_exercises_are_left_out():
    elsewhere = meeting("2026-05", "2026-05-04 10:00")
    assert lines(said(0, source_incident_id="inc-9"), said(1, flags=(Flag.TEST,)), contacts=[elsewhere]) == []


def test_a_clock_tells_how_long_it_ran_when_it_was_due_and_when_its_target_passed():
    restore = samples.clock(
        0, stopped_at=later(300), breached_at=later(240), verdict=Verdict.BREACHED, reason="late by a poll"
    )
    gap = samples.clock(1, objective=Objective.UPDATE, due_at=None, verdict=Verdict.PENDING).model_copy(
        update={"ordinal": 1}
    )
    never = samples.clock(2, started_at=None, verdict=Verdict.NOT_APPLICABLE)
    claimed = samples.clock(3, basis=Basis.CLAIMED)
    matter = replace(MATTER, clocks=(restore, gap, never, claimed))
    assert lines(matter=matter) == [
        ("clock", "restore", 0, 300),
        ("clock", "update", 0, None),
        ("clock", "breached", 240, None),
        ("clock", "due", 240, None),
    ]
    texts = {one.what: one.text for one in timeline_entries(matter, [])}
    assert texts["restore"] == "restore: breached, 4h agreed (late by a poll)"
    assert texts["update"] == "update 2: pending, 4h agreed"


def test_a_page_lasts_until_it_was_brought_and_each_attempt_is_told():
    page = samples.page(issued_at=later(180))
    tries = (
        samples.delivery(outcome=Outcome.SENDING),
        samples.delivery(attempt=1, outcome=Outcome.RETRYING, finished_at=later(181), error="refused"),
        samples.delivery(attempt=2, finished_at=later(183)),
        samples.delivery(attempt=3, finished_at=later(184), repeated=True),
        samples.delivery(7, outcome=Outcome.FAILED, finished_at=later(190), delivery_id="other"),
    )
    matter = replace(MATTER, pages=(page, page), deliveries=tries)
    assert lines(matter=matter) == [
        ("page", "paged", 180, 183),
        ("page", "retrying", 181, None),
        ("page", "sent", 183, None),
        ("page", "sent", 184, None),
        ("page", "failed", 190, None),
    ]
    told = timeline_entries(matter, [])
    assert [one.who for one in told] == ["Duty manager"] * 4 + ["duty"]
    assert told[1].text == "by webhook, attempt 1: refused"


def test_a_delivery_from_before_its_page_gives_no_end():
    matter = replace(MATTER, pages=(samples.page(),), deliveries=(samples.delivery(finished_at=later(100)),))
    assert ("page", "paged", 180, None) in lines(matter=matter)


def test_replies_stand_with_the_pages_and_other_contacts_by_themselves():
    reply = contact(kind=CommunicationKind.REPLY, communication_id="r", text="I have it.")
    silent = contact(kind=CommunicationKind.CALL, communication_id="c", people=(), text=None, subject=None)
    wrong = contact(kind=CommunicationKind.MAIL, communication_id="w")
    right = contact(kind=CommunicationKind.MAIL, communication_id="m", corrects="w", text=None, subject="About it")
    found = timeline_entries(MATTER, [], [reply, silent, wrong, right])
    assert [(one.lane.value, one.what, one.who, one.text) for one in found] == [
        ("page", "answered", "us-vm", "I have it."),
        ("contact", "call", "room", ""),
        ("contact", "mail", "us-vm", "About it"),
    ]


def test_a_meeting_about_it_tells_what_was_decided_and_who_undertook_what_as_it_stands_now():
    """Another meeting may have recorded that an action is done; actions of other incidents are not told."""
    relay, pager = action("relay", due_on=date(2026, 6, 1)), action("pager", owner="us-vm")
    held = contact(people=("us-vm",), communication_id="held", decisions=("It counts.",), actions=(relay, pager))
    relayed = relay.model_copy(update={"done_on": date(2026, 5, 28)})
    later_on = meeting("2026-06", "2026-06-04 10:00", communication_id="later", actions=(relayed, action("other")))
    found = [one for one in timeline_entries(MATTER, [], iter([later_on, held])) if one.lane is Lane.DECISION]
    assert sorted((one.what, one.who, one.text, one.refers_to) for one in found) == [
        ("action", "nimbus-sm", "done on 2026-05-28, until 2026-06-01: do relay", "communications/later"),
        ("action", "us-vm", "open: do pager", "communications/held"),
        ("decided", "us-vm", "It counts.", "communications/held"),
    ]
    assert {(one.starts_at, one.known_at) for one in found} == {(held.happened_at, held.recorded_at)}


def test_acknowledgements_and_mutes_are_decisions():
    answers = (
        Answered(action="acknowledge", side=Side.CUSTOMER, person="duty", identity="token", at=later(20)),
        Answered(
            action="mute", side=None, person="duty", identity="token", at=later(30), until=later(90), reason="known"
        ),
    )
    matter = replace(MATTER, plan=samples.plan(answers=answers))
    assert lines(matter=matter) == [("decision", "acknowledge", 20, None), ("decision", "mute", 30, 90)]
    assert [one.text for one in timeline_entries(matter, [])] == [
        "acknowledge: the customer's ladder",
        "mute: both sides (known)",
    ]


def test_an_entry_is_a_document_with_an_id_of_its_own():
    (one,) = timeline_entries(replace(MATTER, pages=(samples.page(),)), [])
    assert one.document_id() == one.entry_id
    assert one.occurred_at() == later(180)
    assert TimelineEntry.from_wire(one.to_wire()) == one


FULL = replace(
    MATTER,
    clocks=(samples.clock(0), samples.clock(1, objective=Objective.UPDATE)),
    pages=(samples.page(0), samples.page(1)),
    deliveries=(samples.delivery(0), samples.delivery(1)),
)
NOTICES = [
    said(0, claimed_at=later(0)), said(1), said(2, phase=Phase.RESOLVED), seen(3, Phase.REPORTED, 4),
    said(4, source_update_id="update-1", text="Changed."),
]  # fmt: skip


@given(st.permutations(NOTICES), st.permutations([*FULL.clocks, *FULL.clocks]), st.permutations(FULL.pages * 2))
def test_order_and_copies_change_nothing_and_every_entry_has_an_id_of_its_own(notices, clocks, pages):
    matter = replace(FULL, clocks=tuple(clocks), pages=tuple(pages))
    found = timeline_entries(matter, [*notices, notices[0]])
    assert found == timeline_entries(FULL, NOTICES)
    assert len({one.entry_id for one in found}) == len(found)
    assert {one.lane for one in found} == {Lane.CLAIMED, Lane.OBSERVED, Lane.CLOCK, Lane.PAGE}
    assert all(one.ends_at is None or one.ends_at >= one.starts_at for one in found)
