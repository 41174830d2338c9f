"""The time line tells notices, verdicts and pages in the order in which they happened."""

from typing import Any

import pytest

from board.state import dossier_of
from board.timeline import timeline
from models.instants import format_instant
from models.notice import Flag, Kind, Phase, Ruling, Speaker
from models.paging import Answered, Outcome, Side
from models.records import Basis, Objective, Verdict
from tests.support import samples
from tests.support.samples import later


def test_everything_in_order_with_whose_word_it_is() -> None:
    breached = samples.clock(0, 2, verdict=Verdict.BREACHED, breached_at=later(240), stopped_at=later(300))
    claimed = samples.clock(1, basis=Basis.CLAIMED, verdict=Verdict.BREACHED, breached_at=later(240))
    dossier = dossier_of(
        samples.incident(),
        [breached, claimed],
        None,
        [samples.page()],
        [samples.delivery(outcome=Outcome.SENDING), samples.delivery(attempt=2, error="late")],
    )
    said = [samples.notice(1, flags=(Flag.EDITED,)), samples.notice(0), samples.notice(9, kind=Kind.EXPOSURE)]
    told = [(entry.what, entry.mark, entry.text) for entry in timeline(dossier, said)]
    assert told == [
        ("notice", "reported", "We are looking into it (0)."),
        ("notice", "update", "We are looking into it (1)."),
        ("hazard", "exposure", "We are looking into it (9)."),
        ("page", "paged", "75% of restore target: nimbus: Mail is delayed"),
        ("delivery", "sent", "by webhook, attempt 2: late"),
        ("verdict", "breached", "restore: target passed"),
        ("verdict", "breached", "restore: clock stopped"),
    ]


def test_entries_are_json_with_the_three_times_of_a_notice() -> None:
    (entry,) = timeline(dossier_of(samples.incident(), [], None, [], []), [samples.notice(0, claimed_at=None)])
    assert entry.to_document() == {
        "at": "2026-05-04T09:31:00Z",
        "what": "notice",
        "mark": "reported",
        "who": "provider · nimbus-status",
        "text": "We are looking into it (0).",
        "claimed_at": None,
        "published_at": "2026-05-04T09:31:00Z",
        "received_at": "2026-05-04T09:32:00Z",
        "flags": [],
        "ref": samples.notice(0).notice_id,
    }


@pytest.mark.parametrize(
    ("fields", "mark", "first"),
    [
        ({"phase": Phase.PAUSED, "reason": "awaiting_customer"}, "paused", "paused: awaiting customer"),
        ({"phase": Phase.PAUSED}, "paused", "paused"),
        ({"phase": Phase.RESUMED, "reason": "awaiting_customer"}, "resumed", "resumed: awaiting customer"),
        ({"phase": Phase.EXCLUDED, "reason": "force_majeure"}, "excluded", "asks for exclusion: force majeure"),
        ({"phase": Phase.CANCELLED, "reason": "duplicate"}, "cancelled", "cancelled: duplicate"),
        (
            {"phase": Phase.PAUSED, "speaker": Speaker.CUSTOMER, "ruling": Ruling.ACCEPTED},
            "accepted",
            "our side accepted the pause",
        ),
        (
            {"phase": Phase.PAUSED, "speaker": Speaker.CUSTOMER, "ruling": "disputed", "reason": "awaiting_customer"},
            "disputed",
            "our side disputed the pause: awaiting customer",
        ),
        (
            {"phase": Phase.EXCLUDED, "speaker": Speaker.CUSTOMER, "ruling": "rejected", "concerns": "update-3"},
            "rejected",
            "our side rejected the exclusion (claim update-3)",
        ),
        (
            {"phase": Phase.SEVERITY_CHANGED, "speaker": Speaker.CUSTOMER, "ruling": "accepted", "severity": "minor"},
            "accepted",
            "our side accepted severity minor",
        ),
        (
            {"phase": Phase.ROOT_CAUSE, "speaker": Speaker.PROVIDER, "ruling": "proposed"},
            "proposed",
            "their side proposed the statement 'root cause'",
        ),
        (
            {"recovery_point_at": later(-5)},
            "reported",
            "last recoverable point 2026-05-04T09:25:00Z",
        ),
        (
            {"phase": Phase.PROMISED, "promised_at": later(30), "promises": "restore"},
            "promised",
            "names 2026-05-04T10:00:00Z for the restoration",
        ),
        (
            {"phase": Phase.UPDATE, "promised_at": later(30)},
            "update",
            "names 2026-05-04T10:00:00Z for the next update",
        ),
        ({"phase": Phase.RESUMED}, "resumed", "We are looking into it (0)."),
        ({"phase": Phase.UPDATE, "reason": "awaiting_customer"}, "update", "We are looking into it (0)."),
    ],
    ids=[
        "a pause and why",
        "a pause without a reason",
        "the end of a pause",
        "an exclusion is asked for",
        "withdrawn, and why",
        "our side takes a pause",
        "our side disputes it",
        "our side refuses one exclusion of several",
        "our side takes a lower severity",
        "a ruling that is nobody's to make is told as what it is",
        "a recovery point",
        "a time named for the restoration",
        "a time named for the next word",
        "work goes on, without a word more",
        "a reason of what needs none is not told",
    ],
)
def test_pauses_claims_and_promises_are_told_in_plain_words(fields: dict[str, Any], mark: str, first: str) -> None:
    (entry,) = timeline(dossier_of(samples.incident(), [], None, [], []), [samples.notice(0, **fields)])
    assert (entry.mark, entry.text.split("\n")[0]) == (mark, first)
    assert entry.text.endswith("We are looking into it (0).")


def test_another_reason_for_a_pause_is_told_as_an_edit() -> None:
    """Whether it counts at all hangs on the reason."""
    before = samples.notice(0, phase=Phase.PAUSED, reason="awaiting_customer")
    after = before.model_copy(update={"notice_id": "later", "received_at": later(50), "reason": "awaiting_parts"})
    told = timeline(dossier_of(samples.incident(), [], None, [], []), [before, after])
    assert told[1].mark == "edited"
    assert told[1].text == "reason: awaiting_parts (was awaiting_customer)"


def test_a_running_clock_past_its_target_is_told_as_overdue() -> None:
    overdue = samples.clock(objective=Objective.UPDATE, verdict=Verdict.OVERDUE, breached_at=later(240))
    numbered = overdue.model_copy(update={"ordinal": 2})
    (entry,) = timeline(dossier_of(samples.incident(), [numbered], None, [], []), [])
    assert (entry.mark, entry.text) == ("overdue", "update 3: target passed")


def test_an_edit_is_told_when_it_was_seen_and_says_what_changed() -> None:
    """It bears the first version's stamp; there it would hide when the provider moved its begin."""
    first = samples.notice(0)
    moved = first.model_copy(
        update={"notice_id": "moved", "claimed_at": later(-9), "severity": None, "received_at": later(300)}
    )
    entries = timeline(dossier_of(samples.incident(), [], None, [], []), [moved, samples.notice(1), first])
    assert [(entry.at, entry.mark) for entry in entries] == [
        (first.order_at, "reported"),
        (samples.notice(1).order_at, "update"),
        (moved.received_at, "edited"),
    ]
    assert first.claimed_at is not None
    assert entries[-1].text == (
        f"severity: none (was {first.severity}); "
        f"claimed time: {format_instant(later(-9))} (was {format_instant(first.claimed_at)})"
    )


def test_a_probe_that_fires_again_is_not_an_edit() -> None:
    """Its statements carry no ids of their own, only what they are."""
    fired = samples.notice(0, speaker=Speaker.MONITOR, source_update_id="firing")
    again = fired.model_copy(update={"notice_id": "again", "severity": "critical", "received_at": later(300)})
    told = timeline(dossier_of(samples.incident(), [], None, [], []), [fired, again])
    assert [entry.mark for entry in told] == ["reported", "reported"]


def test_a_view_of_the_past_shows_nothing_that_came_later_and_no_verdict_of_today() -> None:
    clock = samples.clock(
        objective=Objective.RESTORE, basis=Basis.AGREED, verdict=Verdict.BREACHED, breached_at=later(60)
    )  # fmt: skip
    dossier = dossier_of(samples.incident(), [clock], None, [samples.page()], [])
    said = [samples.notice(0), samples.notice(1, flags=(Flag.EDITED,), received_at=later(600))]
    told = [(entry.what, entry.text) for entry in timeline(dossier, said, later(5))]
    assert told == [("notice", "We are looking into it (0).")]
    assert len(timeline(dossier, said)) > 2


def test_what_our_people_decided_about_the_ladders_is_told_by_whom_and_until_when() -> None:
    answers = (
        Answered(action="acknowledge", side=Side.CUSTOMER, person="noc", identity="token", at=later(5)),
        Answered(
            action="mute", side=None, person="boss", identity="token", at=later(6), until=later(66), reason="known"
        ),
    )
    dossier = dossier_of(samples.incident(), [], samples.plan(answers=answers), [], [])
    told = [(one.at, one.mark, one.who, one.text) for one in timeline(dossier, ()) if one.what == "decision"]
    assert told == [
        (later(5), "acknowledge", "noc", "the customer's ladder"),
        (later(6), "mute", "boss", f"both ladders until {later(66):%Y-%m-%d %H:%M} UTC: known"),
    ]
    assert [one.mark for one in timeline(dossier, (), later(5)) if one.what == "decision"] == ["acknowledge"]
