"""Minutes, and the actions in them: what was recorded last counts."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.meetings import MeetingError, Minutes, actions, read_action, record, record_done
from models.review_periods import ReviewPeriod
from tests.support.reviews import CONTACTS, action, meeting, utc

NOW = utc("2026-06-11 08:00")


def minutes(**fields):
    """Return minutes of the review of May."""
    values = {
        "provider": "nimbus",
        "agreement": "nimbus-hosting",
        "period": ReviewPeriod.parse("2026-05"),
        "present": ("us-vm", "nimbus-sm"),
        "by": "us-vm",
        "text": "We met.",
        "held_at": utc("2026-06-10 09:00"),
        "decisions": ("The restore target stays.",),
        "actions": (read_action("nimbus-sm: Report on the cause by 2026-07-01", ("nimbus", "2026-05")),),
    }
    return Minutes(**{**values, **fields})


@pytest.mark.parametrize(
    ("text", "owner", "what", "due"),
    [
        ("nimbus-sm: report by 2026-07-01", "nimbus-sm", "report", date(2026, 7, 1)),
        ("us-vm:call them", "us-vm", "call them", None),
        ("us-vm: stand by him by 2026-07-01 ", "us-vm", "stand by him", date(2026, 7, 1)),
        ("us-vm: mend a: b", "us-vm", "mend a: b", None),
    ],
    ids=["with a date", "without one", "the word by in the text", "a colon in the text"],
)
def test_an_action_has_an_owner_words_and_perhaps_a_date(text, owner, what, due):
    found = read_action(text, ("nimbus",))
    assert (found.owner, found.text, found.due_on, found.done_on) == (owner, what, due, None)


@pytest.mark.parametrize("text", ["call them", "us vm: call", "us-vm: ", "us-vm: call by 2026-02-30"])
def test_what_is_no_action_is_refused(text):
    with pytest.raises(MeetingError):
        read_action(text, ("nimbus",))


def test_the_same_words_in_another_meeting_are_another_action():
    one, other = (read_action("us-vm: call", ("nimbus", period)).action_id for period in ("2026-05", "2026-06"))
    assert one != other == read_action("us-vm: call", ("nimbus", "2026-06")).action_id


def test_the_same_minutes_are_one_record_whenever_they_are_sent():
    one, again = record(minutes(), CONTACTS, NOW), record(minutes(), CONTACTS, NOW + timedelta(hours=1))
    assert one.communication_id == again.communication_id
    assert record(minutes(text="Otherwise."), CONTACTS, NOW).communication_id != one.communication_id
    assert (one.review_period, one.agreement, one.people[0]) == ("2026-05", "nimbus-hosting", "us-vm")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"present": ()}, "nobody was present"),
        ({"present": ("us-vm", "nobody")}, "no contact nobody"),
        ({"by": "nobody"}, "no contact nobody"),
        ({"actions": (action("a", owner="nobody"),)}, "no contact nobody"),
        ({"held_at": NOW + timedelta(seconds=1)}, "lies ahead"),
        ({"text": "x" * 200_001}, "too long"),
        ({"decisions": ("x",) * 201}, "too long"),
        ({"channel": ""}, "a channel is a word"),
    ],
    ids=[
        "without anybody", "with somebody unknown", "recorded by nobody known", "an action of nobody known", "ahead",
        "endless minutes", "endless decisions", "without a channel",
    ],
)  # fmt: skip
def test_minutes_that_cannot_be_put_on_record_say_why(fields, message):
    with pytest.raises(MeetingError, match=message):
        record(minutes(**fields), CONTACTS, NOW)


MEETINGS = (
    meeting("2026-03", "2026-04-08 09:00", actions=(action("a", due_on=date(2026, 5, 1)), action("b"))),
    meeting("2026-04", "2026-05-08 09:00", actions=(action("a", due_on=date(2026, 6, 1)), action("c"))),
    meeting("2026-05", "2026-06-08 09:00", actions=(action("c", done_on=date(2026, 6, 1)),)),
)


@given(st.permutations(MEETINGS))
def test_of_an_action_told_of_again_the_latest_record_counts(shuffled):
    found = {one.detail.action_id: one for one in actions([*shuffled, *shuffled])}
    assert found["a"].detail.due_on == date(2026, 6, 1)
    assert found["a"].raised_at == utc("2026-04-08 09:00")
    assert (found["b"].is_open, found["c"].is_open) == (True, False)
    assert [one.detail.action_id for one in actions(shuffled)] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("as_of", "overdue"), [("2026-06-01 23:59", False), ("2026-06-02 00:00", True)], ids=["on its day", "after it"]
)
def test_an_action_is_overdue_once_its_day_is_over(as_of, overdue):
    assert actions(MEETINGS)[0].is_overdue(utc(as_of)) is overdue


def test_an_action_is_done_by_another_record():
    done = record_done(actions(MEETINGS)[0], "us-vm", date(2026, 6, 9), NOW)
    found = {one.detail.action_id: one for one in actions([*MEETINGS, done])}
    assert (found["a"].is_open, found["a"].detail.done_on) == (False, date(2026, 6, 9))
    assert found["a"].agreement == "nimbus-hosting"
