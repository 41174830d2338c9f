"""Which reviews an agreement asks for, until when, and which were missed."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models.review_periods import ReviewPeriod
from models.reviews import ReviewState, missed, owed, reviews, to_look_back_on
from tests.support.reviews import contract, meeting, utc, version


def told(agreement, as_of):
    """Return (period, begin, end) of each review owed, instants to the hour."""
    return [(one.period.name, f"{one.begin:%m-%d %H}", f"{one.end:%m-%d %H}") for one in owed(agreement, utc(as_of))]


@pytest.mark.parametrize(
    ("every", "day", "name", "until"),
    [
        ("week", date(2026, 12, 31), "2026-W53", date(2027, 1, 4)),
        ("week", date(2027, 1, 3), "2026-W53", date(2027, 1, 4)),
        ("week", date(2024, 12, 30), "2025-W01", date(2025, 1, 6)),
        ("month", date(2026, 12, 31), "2026-12", date(2027, 1, 1)),
        ("month", date(2028, 2, 29), "2028-02", date(2028, 3, 1)),
        ("quarter", date(2026, 11, 2), "2026-Q4", date(2027, 1, 1)),
        ("quarter", date(2026, 4, 1), "2026-Q2", date(2026, 7, 1)),
        ("year", date(2026, 5, 4), "2026", date(2027, 1, 1)),
    ],
    ids=[
        "a week over the year's end has the number of its Thursday", "and so on its last day",
        "a week that begins in December may be the next year's first", "December", "a leap February",
        "the last quarter", "the first day of a quarter", "a year",
    ],
)  # fmt: skip
def test_a_day_lies_in_the_period_of_its_calendar(every, day, name, until):
    period = ReviewPeriod.containing(every, day)
    assert (period.name, period.until) == (name, until)
    assert ReviewPeriod.parse(name) == period


@given(st.sampled_from(["week", "month", "quarter", "year"]), st.dates(date(1990, 1, 8), date(2199, 12, 20)))
def test_periods_follow_each_other_without_gaps_and_are_read_back_by_name(every, day):
    period = ReviewPeriod.containing(every, day)
    assert period.first <= day < period.until
    assert period.following.first == period.until
    assert ReviewPeriod.parse(period.name) == period


@pytest.mark.parametrize("text", ["2026-13", "2026-W54", "2027-W53", "2026-Q5", "26-05", "1789", "2026-5", ""])
def test_what_is_no_period_is_refused_with_the_form(text):
    with pytest.raises(ValueError, match="is no period"):
        ReviewPeriod.parse(text)


@pytest.mark.parametrize(
    ("fields", "as_of", "expected"),
    [
        ({}, "2026-03-10 00:00", [("2026-01", "01-01 00", "02-01 00"), ("2026-02", "02-01 00", "03-01 00"),
                                  ("2026-03", "03-01 00", "04-01 00")]),
        ({"effective_to": "2026-02-10"}, "2026-06-01 00:00",
         [("2026-01", "01-01 00", "02-01 00"), ("2026-02", "02-01 00", "02-10 00")]),
        ({"review": {"every": "month", "since": "2026-03-15"}}, "2026-04-02 00:00",
         [("2026-03", "03-15 00", "04-01 00"), ("2026-04", "04-01 00", "05-01 00")]),
        ({"timezone": "Europe/Berlin", "review": {"every": "month", "since": "2026-03-01"}}, "2026-04-02 00:00",
         [("2026-03", "02-28 23", "03-31 22"), ("2026-04", "03-31 22", "04-30 22")]),
        ({"timezone": "America/Santiago", "review": {"every": "week", "since": "2026-08-31"}}, "2026-09-05 00:00",
         [("2026-W36", "08-31 04", "09-07 03")]),
        ({"review": None}, "2026-06-01 00:00", []),
    ],
    ids=[
        "each month from the first day on", "a month that the end of the agreement cuts is owed in part",
        "nothing is asked for before a day, and the first month is a part",
        "a month with the spring change is 743 hours", "a week whose zone changes its clocks is an hour short",
        "an agreement without the clause asks for none",
    ],
)  # fmt: skip
def test_the_reviews_that_an_agreement_asks_for(fields, as_of, expected):
    assert told(contract(version(**fields)), as_of) == expected


def test_a_version_that_begins_in_mid_month_owes_the_rest_of_it():
    assert told(contract(version("2026-05-20")), "2026-06-02 00:00")[0] == ("2026-05", "05-20 00", "06-01 00")


def test_two_versions_of_one_rhythm_share_the_month_in_which_they_change():
    agreement = contract(version("2026-01-01"), version("2026-02-10", review={"every": "month", "due_within": "5d"}))
    shared = owed(agreement, utc("2026-02-05 00:00"))[1]
    assert (shared.version.version, f"{shared.begin:%m-%d}", f"{shared.end:%m-%d}") == ("2026-02-10", "02-01", "03-01")
    assert shared.due_at == utc("2026-03-06 00:00")


def test_two_versions_of_different_rhythms_owe_a_part_each():
    agreement = contract(version("2026-01-01"), version("2026-02-10", review={"every": "quarter"}))
    assert told(agreement, "2026-04-01 00:00") == [
        ("2026-01", "01-01 00", "02-01 00"),
        ("2026-02", "02-01 00", "02-10 00"),
        ("2026-Q1", "02-10 00", "04-01 00"),
        ("2026-Q2", "04-01 00", "07-01 00"),
    ]


def april(*meetings, as_of):
    """Return the review of April 2026, due on 16 May, as it stands."""
    return to_look_back_on(reviews(contract(), meetings, utc(as_of)), "2026-04")


@pytest.mark.parametrize(
    ("as_of", "state"),
    [
        ("2026-04-30 23:59", ReviewState.UPCOMING),
        ("2026-05-01 00:00", ReviewState.DUE),
        ("2026-05-16 00:00", ReviewState.DUE),
        ("2026-05-16 00:01", ReviewState.MISSED),
    ],
    ids=["while the month runs", "once it is over", "at the very last instant", "a minute later"],
)
def test_a_review_that_nobody_held_is_missed_after_its_time(as_of, state):
    assert april(as_of=as_of).state is state


def test_a_missed_review_is_a_finding_that_says_how_late_it_is():
    found = april(as_of="2026-05-18 00:00")
    assert found in missed(reviews(contract(), (), utc("2026-05-18 00:00")))
    assert (found.late, found.line()["late_s"]) == (timedelta(days=2), 172_800.0)
    assert "2026-05-16 00:00 UTC" in found.reason


@pytest.mark.parametrize(
    ("held", "fields", "state", "late"),
    [
        ("2026-05-12 09:00", {}, ReviewState.HELD, None),
        ("2026-04-29 09:00", {}, ReviewState.HELD, None),
        ("2026-05-17 00:00", {}, ReviewState.HELD, timedelta(days=1)),
        ("2026-03-31 09:00", {}, ReviewState.MISSED, timedelta(days=15)),
        ("2026-05-12 09:00", {"agreement": "another"}, ReviewState.MISSED, timedelta(days=15)),
        ("2026-05-12 09:00", {"provider": "polaris"}, ReviewState.MISSED, timedelta(days=15)),
        ("2026-05-12 09:00", {"kind": "meeting"}, ReviewState.MISSED, timedelta(days=15)),
        ("2026-05-12 09:00", {"review_period": "2026-03"}, ReviewState.MISSED, timedelta(days=15)),
    ],
    ids=[
        "held in time", "held in the last days of the period", "held late is held, and late",
        "held before the period began is none", "of another agreement", "of another provider",
        "a meeting that was no review", "the review of another month",
    ],
)  # fmt: skip
def test_minutes_hold_the_review_that_they_name(held, fields, state, late):
    found = april(meeting("2026-04", held, **fields), as_of="2026-05-31 00:00")
    assert (found.state, found.late) == (state, late)


def test_minutes_that_another_record_corrects_do_not_hold_a_review():
    wrong = meeting("2026-04", "2026-05-12 09:00")
    right = meeting("2026-03", "2026-05-12 09:00", corrects=wrong.communication_id)
    assert april(wrong, right, as_of="2026-05-31 00:00").state is ReviewState.MISSED


def test_a_meeting_that_lies_ahead_holds_nothing_yet():
    ahead = meeting("2026-04", "2026-05-12 09:00")
    assert april(ahead, as_of="2026-05-11 00:00").state is ReviewState.DUE


@given(st.permutations([meeting(f"2026-0{month}", f"2026-0{month + 1}-05 09:00") for month in (1, 2, 3, 4)]))
def test_order_and_copies_of_minutes_change_nothing(shuffled):
    in_order = sorted(shuffled, key=lambda one: one.happened_at)
    as_of = utc("2026-06-20 00:00")
    assert reviews(contract(), [*shuffled, *shuffled], as_of) == reviews(contract(), in_order, as_of)


@given(st.integers(0, 500), st.integers(0, 500))
def test_a_review_only_ever_goes_from_upcoming_to_due_to_missed(first, second):
    """Time alone never takes a finding back."""
    order = (ReviewState.UPCOMING, ReviewState.DUE, ReviewState.MISSED)
    early, later = (utc("2026-01-01 00:00") + timedelta(days=days) for days in sorted((first, second)))
    before = {one.owed.period: order.index(one.state) for one in reviews(contract(), (), early)}
    after = {one.owed.period: order.index(one.state) for one in reviews(contract(), (), later)}
    assert all(after[period] >= state for period, state in before.items())


def test_a_meeting_now_looks_back_on_the_latest_month_that_is_over_and_was_not_reviewed():
    as_of = utc("2026-05-20 00:00")
    assert to_look_back_on(reviews(contract(), (), as_of)).owed.period.name == "2026-04"
    held = [meeting(f"2026-0{month}", "2026-05-12 09:00") for month in (1, 2, 3, 4)]
    assert to_look_back_on(reviews(contract(), held, as_of)).owed.period.name == "2026-05"
    assert to_look_back_on(reviews(contract(), held, as_of), "2031-01") is None


@pytest.mark.parametrize("due", ["0d", "3bd", "soon"])
def test_the_time_for_a_review_is_a_fixed_one(due):
    with pytest.raises(ValidationError):
        contract(version(review={"every": "month", "due_within": due}))
