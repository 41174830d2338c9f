"""An agenda has every open point of the agreement, in one order, with whose it is and what shows it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.agenda import AGENDA_AT_MOST, Setting, agenda
from models.agenda_points import PointKind
from models.fact import fact_of
from models.figures import figures
from models.matter import Matter
from models.notice import Kind, Phase, Ruling, Speaker
from models.paging import Answered, Outcome, Side
from models.records import IncidentStatus, Verdict
from models.reviews import reviews, to_look_back_on
from models.summing_up import agenda_sections, markdown, plain
from tests.support import samples
from tests.support.reviews import CONTACTS, action, contract, matter, meeting, utc, version

AS_OF = utc("2026-06-05 00:00")
LAST_MONTH = meeting("2026-04", "2026-05-08 09:00", actions=(action("a", due_on=date(2026, 6, 1)), action("b")))


def about(matters, communications=(LAST_MONTH,), agreement=None, as_of=AS_OF):
    """Return the agenda of the review of May 2026."""
    agreement = agreement or contract()
    review = to_look_back_on(reviews(agreement, communications, as_of), "2026-05")
    return agenda(Setting(review, CONTACTS, as_of), matters, communications)


def points(kind, *arguments, **named):
    """Return the points of a kind."""
    return [one for one in about(*arguments, **named).points if one.kind is kind]


def ended(ordinal=0, **fields):
    """Return an incident of May that is over."""
    return matter(ordinal, status=IncidentStatus.RESOLVED, **fields)


def test_a_missed_target_is_a_point_of_theirs_with_the_clock_that_shows_it():
    (point,) = points(PointKind.BREACH, [ended()])
    assert (point.side, point.evidence) == (Side.PROVIDER, ("restore-0",))
    assert "restore (P1) of 4h late by 1h" in point.text


def test_late_updates_of_one_incident_are_one_point():
    (point,) = points(PointKind.SILENCE, [ended()])
    assert "1 of 1 updates late or missing, the worst by 30m" in point.text


def test_a_promise_that_nothing_followed_is_a_point_with_its_notice():
    (point,) = points(PointKind.PROMISE, [ended()])
    assert "next word promised for 2026-05-04 10:00 never came" in point.text
    assert point.evidence == (samples.notice(0).notice_id,)


@pytest.mark.parametrize(
    ("started", "status", "is_asked"),
    [
        ("2026-05-01 00:00", IncidentStatus.RESOLVED, True),
        ("2026-04-30 23:59", IncidentStatus.RESOLVED, False),
        ("2026-04-30 23:59", IncidentStatus.OPEN, True),
        ("2026-06-01 00:00", IncidentStatus.OPEN, False),
    ],
    ids=["of its first instant", "of before, and over", "of before, and still open", "of after it"],
)
def test_the_incidents_of_the_period_and_older_open_ones_are_looked_at(started, status, is_asked):
    found = points(PointKind.BREACH, [matter(started_at=utc(started), status=status)])
    assert bool(found) is is_asked


def test_incidents_of_other_agreements_and_providers_are_left_out():
    assert about([ended(agreement="another"), ended(1, provider="polaris")]).incidents == 0


def changed(before, now):
    """Return an incident whose restore clock was judged anew."""
    one = ended()
    clock = one.clocks[0].model_copy(update={"verdict": now, "replaces": before})
    return replace(one, clocks=(clock,))


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        (Verdict.BREACHED, Verdict.MET, "was breached, is met: the breach is withdrawn"),
        (Verdict.OVERDUE, Verdict.EXCLUDED, "was overdue, is excluded: the breach is withdrawn"),
        (Verdict.MET, Verdict.BREACHED, "was met, is breached"),
        (Verdict.OVERDUE, Verdict.BREACHED, None),
        (Verdict.RUNNING, Verdict.MET, None),
        (None, Verdict.MET, None),
    ],
    ids=["withdrawn", "excused while it ran", "a breach after all", "it only stopped", "it only ended", "the first"],
)
def test_a_verdict_given_anew_is_a_point_for_both(before, now, words):
    found = points(PointKind.CHANGED, [changed(before, now)])
    assert [one.side for one in found] == [None] * len(found)
    assert (words in found[0].text) if words else found == []


@pytest.mark.parametrize(
    ("ruling", "side"),
    [(None, Side.CUSTOMER), (Ruling.DISPUTED, None), (Ruling.ACCEPTED, "gone"), (Ruling.REJECTED, "gone")],
    ids=["nobody ruled: ours", "disputed: of both", "accepted", "rejected"],
)
def test_a_claim_is_a_point_until_it_is_decided(ruling, side):
    claim = {"source_incident_id": "inc-0", "reason": "force_majeure", "phase": Phase.EXCLUDED}
    said = [samples.notice(7, **claim)]
    if ruling is not None:
        said.append(samples.notice(8, **claim, speaker=Speaker.CUSTOMER, ruling=ruling))
    one = ended()
    one = replace(one, facts=(*one.facts, *(fact_of(notice) for notice in said)))
    found = points(PointKind.CLAIM, [one], agreement=contract(version(exclusions=["force_majeure"])))
    assert [point.side for point in found] == ([] if side == "gone" else [side])


def paged(*answers, outcome=Outcome.SENT):
    """Return an incident with a page to their duty desk that was to be answered in half an hour."""
    page = samples.page(0, side=Side.PROVIDER, answer_by=samples.later(210))
    plan = samples.plan(0, answers=answers)
    return replace(ended(), pages=(page,), plan=plan, deliveries=(samples.delivery(0, outcome=outcome),))


def answer(side, minutes):
    """Return an acknowledgement so many minutes after the incident's start."""
    return Answered(action="acknowledge", side=side, person="x", identity="token", at=samples.later(minutes))


@pytest.mark.parametrize(
    ("answers", "count"),
    [((), 1), ((answer(Side.PROVIDER, 200),), 0), ((answer(Side.CUSTOMER, 200),), 1)],
    ids=["nobody did", "they did", "only our side did"],
)
def test_a_page_that_was_to_be_answered_and_was_not_is_a_point_of_its_side(answers, count):
    found = points(PointKind.UNANSWERED, [paged(*answers)])
    assert [one.side for one in found] == [Side.PROVIDER] * count


def test_somebody_who_could_not_be_reached_is_a_point_of_ours():
    assert points(PointKind.UNDELIVERED, [paged()]) == []
    (point,) = points(PointKind.UNDELIVERED, [paged(outcome=Outcome.FAILED)])
    assert (point.side, "duty could not be reached by webhook" in point.text) == (Side.CUSTOMER, True)


def test_open_actions_and_missed_reviews_come_first():
    found = about([ended()]).points
    assert [one.kind for one in found[:5]] == [PointKind.REVIEW_MISSED] * 3 + [PointKind.ACTION] * 2
    assert "until 2026-06-01: overdue" in found[3].text + found[4].text
    assert {one.side for one in found[3:5]} == {Side.PROVIDER}


def test_work_outside_its_terms_is_a_point():
    announced = samples.notice(
        9, kind=Kind.MAINTENANCE, source_incident_id="inc-3", claimed_at=samples.later(60),
        claimed_end_at=samples.later(120), published_at=samples.later(0), received_at=samples.later(0),
        received_after=None, phase=Phase.REPORTED,
    )  # fmt: skip
    work = samples.incident(3, kind="maintenance", agreement=None, agreement_version=None)
    found = points(
        PointKind.MAINTENANCE,
        [Matter(work, facts=(fact_of(announced),))],
        agreement=contract(version(maintenance={"notice": "5d"})),
    )
    assert ["announced too late" in one.text for one in found] == [True]


def test_a_month_that_pays_back_is_a_point_of_ours_until_it_is_claimed():
    one = ended()
    over = samples.notice(
        5, source_incident_id="inc-0", phase=Phase.RESTORED, claimed_at=samples.later(2000),
        published_at=samples.later(2000), received_at=samples.later(2000), received_after=None,
    )  # fmt: skip
    one = replace(one, facts=(*one.facts, fact_of(over)))
    paying = contract(
        version(
            currency="EUR",
            availability=[{"service": "mail", "objective": "99.9"}],
            credits={"tiers": [{"below": "99.5", "credit": "10"}], "monthly_fee": "1200.00", "claim_within": "30d"},
        )
    )
    (point,) = points(PointKind.CREDIT, [one], agreement=paying)
    assert (point.side, point.due_at) == (Side.CUSTOMER, utc("2026-07-01 00:00"))
    assert "120.00 EUR" in point.text
    late = about([one], agreement=paying, as_of=utc("2026-07-01 00:01"))
    assert [point for point in late.points if point.kind is PointKind.CREDIT] == []


MATTERS = (ended(), matter(1, started_at=utc("2026-05-20 00:00")), changed(Verdict.BREACHED, Verdict.MET), paged())
MATTERS = tuple(
    replace(one, incident=one.incident.model_copy(update={"incident_id": f"m{number}"}))
    for number, one in enumerate(MATTERS)
)


@given(st.permutations([*MATTERS, MATTERS[0]]), st.permutations([LAST_MONTH, meeting("2026-03", "2026-04-05 09:00")]))
def test_order_and_copies_change_nothing(matters, communications):
    in_order = sorted(communications, key=lambda one: one.happened_at)
    assert about(matters, communications) == about(MATTERS, in_order)


def test_figures_show_how_many_and_how_many_are_still_open_and_none_below_five():
    clocks = [one.agreed[0] for one in (ended(number) for number in range(4))]
    running = samples.clock(9, clock_id="running")
    (few,) = figures([*clocks, running])
    assert (few.n, few.open, few.median_s, few.met_share) == (4, 1, None, None)
    met = samples.clock(8, clock_id="met", verdict=Verdict.MET, elapsed_min_s=60.0, elapsed_max_s=60.0)
    (enough,) = figures([*clocks, running, met])
    assert (enough.n, enough.median_s, enough.p90_s, enough.met_share) == (5, 18_000.0, 18_000.0, 0.2)


def test_an_agenda_is_told_as_json_with_every_way_a_promise_ends_and_so_many_points_at_most():
    found = about([ended()])
    line = found.line()
    assert (line["as_of"], line["incidents"], line["still_open"]) == ("2026-06-05T00:00:00Z", 1, 0)
    assert line["review"]["period"] == "2026-05"
    assert line["promises"] == {
        "kept": 0, "late": 0, "broken": 1, "open": 0, "indeterminate": 0, "withdrawn": 0,
    }  # fmt: skip
    assert [one["objective"] for one in line["figures"]] == [one.objective.value for one in found.figures]
    assert (len(line["points"]), line["points_left_out"]) == (len(found.points), 0)
    crowd = replace(found, points=found.points[:1] * (AGENDA_AT_MOST + 3)).line()
    assert (len(crowd["points"]), crowd["points_left_out"]) == (AGENDA_AT_MOST, 3)


def test_an_agenda_in_words_is_text_whatever_the_provider_wrote():
    hostile = ended(title="[x](javascript:1) <b>\x1b[31m`")
    sections = agenda_sections(about([hostile]))
    written = markdown("Review", sections)
    assert "\\[x\\](javascript:1) \\<b\\>" in written
    assert "\x1b" not in written + plain("Review", sections)
    assert "n=1, 0 met, 1 missed; not enough data for more; 0 still open" in plain("Review", sections)


def test_without_open_points_an_agenda_says_so():
    held = [meeting(f"2026-0{month}", f"2026-0{month + 1}-05 09:00") for month in (1, 2, 3, 4)]
    assert agenda_sections(about([], held))[1].lines == ("none",)


def test_an_overdue_clock_is_late_by_the_time_that_passed():
    one = ended()
    clock = one.clocks[0].model_copy(
        update={"verdict": Verdict.OVERDUE, "elapsed_max_s": None, "due_at": AS_OF - timedelta(hours=3)}
    )
    (point,) = points(PointKind.BREACH, [replace(one, clocks=(clock,))])
    assert "overdue by 3h" in point.text
