"""Which pages go out now, which wait, and which are told in one message."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.bundle_page import bundle_page
from consumers.bundling import (
    ALL_CLEAR_WITHIN,
    BREACHED,
    MOST_MEMBERS,
    Decision,
    Message,
    Reason,
    Rules,
    Waiting,
    decide,
    is_ruled,
    subject,
)
from consumers.failover import stand_in
from consumers.told import Telling, Told
from models.paging import Fallback, Outcome, Page, PageKind
from models.policy import Condition
from models.records import Objective
from tests.support import samples
from tests.support.samples import STARTED, later

RULES = Rules(timedelta(seconds=20))
STORM = "dwd/storm-1"
RESTORE_BREACHED = str(Condition(objective=Objective.RESTORE, breached=True))


def waiting(*pages: Page) -> list[Waiting]:
    """Return pages as they wait, in the order of the topic."""
    return [Waiting(page, offset, page.issued_at) for offset, page in enumerate(pages)]


def page(number: int, minute: float = 0, **fields: object) -> Page:
    """Return a page of an incident of its own, issued so many minutes after the start."""
    own = {"incident_id": f"i{number}", "provider": f"p{number}", "issued_at": later(minute), "priority": "p2"}
    return samples.page(number, **{**own, **fields})


def hazard(number: int, minute: float = 0, **fields: object) -> Page:
    """Return a page of an incident in the storm."""
    return page(number, minute, **{"hazard": STORM, "cadence_s": 1800.0, **fields})


def tell(told: Told, one: Page, minute: float, outcome: Outcome = Outcome.SENT) -> None:
    """Deliver a page."""
    about = (subject(one), one.priority, one.hazard)
    told.note(Telling(one.page_id, outcome, later(minute), one.kind, *about))


def numbers(message: Message | None, pages: list[Page]) -> list[int]:
    """Return which pages a message tells."""
    return [] if message is None else [pages.index(one.page) for one in message.waiting]


def at(pages: list[Page], minute: float, told: Told | None = None, rules: Rules = RULES) -> Decision:
    """Return what is decided at a minute."""
    return decide(waiting(*pages), told or Told(), later(minute), rules)


def test_a_page_of_low_priority_waits_for_the_next_whole_four_hours_and_goes_with_all_that_came() -> None:
    """STARTED is 09:30; the next multiple of four hours since 1970 is 12:00."""
    pages = [page(0, digest_s=14400.0), page(1, 100, digest_s=14400.0), page(2, 100)]
    early = at(pages, 149)
    assert numbers(early.next, pages) == [2]
    assert early.held == {pages[0].page_id: Reason.DIGEST, pages[1].page_id: Reason.DIGEST}
    assert early.wake_at == later(150)
    digest = at(pages[:2], 150)
    assert digest.next is not None
    assert (numbers(digest.next, pages), digest.next.reason) == ([0, 1], Reason.DIGEST)
    assert not at(pages[:1], 150).next.is_bundle  # type: ignore[union-attr]  # it is due


def test_pages_of_one_hazard_are_gathered_and_later_ones_wait_for_the_cadence() -> None:
    """One message after twenty seconds, with the list; the next half an hour after it."""
    pages, told = [hazard(0), hazard(1, 0.2), hazard(2, 5)], Told()
    assert at(pages[:2], 0.3).wake_at == later(20 / 60)
    first = at(pages[:2], 20 / 60)
    assert (numbers(first.next, pages), first.held) == ([0, 1], {})
    told.reserve("bundle", later(20 / 60), STORM)
    second = at(pages[2:], 6, told)
    assert second.held == {pages[2].page_id: Reason.HAZARD}
    assert second.wake_at == later(20 / 60 + 30)
    assert numbers(at(pages[2:], 31, told).next, pages) == [2]


def test_a_breach_at_p1_waits_no_longer_than_the_gathering_and_takes_the_others_along() -> None:
    """Whatever the cadence says."""
    pages, told = [hazard(0, 5), hazard(1, 6, priority="P1", reason=RESTORE_BREACHED)], Told()
    told.reserve("bundle", later(4), STORM)
    assert at(pages, 6, told).wake_at == later(6) + timedelta(seconds=20)
    assert numbers(at(pages, 6.5, told).next, pages) == [0, 1]


def test_a_breach_is_told_from_the_words_of_its_condition() -> None:
    """The page has no other word for it."""
    late = Condition.model_validate({"objective": "restore", "breached": True, "after": "1h"})
    assert RESTORE_BREACHED.endswith(BREACHED)
    assert str(late).endswith(BREACHED)
    assert not str(Condition(objective=Objective.RESTORE, share=0.75)).endswith(BREACHED)


def test_the_all_clear_comes_when_all_that_were_told_of_are_clear() -> None:
    """One message for the hazard, not one for each provider."""
    told = Told()
    for number in range(2):
        tell(told, hazard(number), 1)
    clears = [hazard(number, 60 + number, kind=PageKind.ALL_CLEAR).model_copy() for number in range(2)]
    one = at(clears[:1], 61, told)
    assert (one.next, one.held) == (None, {clears[0].page_id: Reason.ALL_CLEAR})
    assert one.wake_at == later(60) + ALL_CLEAR_WITHIN
    both = at(clears, 61, told)
    assert both.next is not None
    assert (numbers(both.next, clears), both.next.unclear) == ([0, 1], ())


def test_an_all_clear_waits_a_day_at_most_and_then_names_who_is_missing() -> None:
    """Even a single one is then a message of its own kind."""
    told = Told()
    for number in range(2):
        tell(told, hazard(number), 1)
    clear = hazard(0, 60, kind=PageKind.ALL_CLEAR)
    message = at([clear], 60 + 24 * 60, told).next
    assert message is not None
    assert message.is_bundle
    assert message.unclear == (("p1", "i1"),)
    assert "Not clear yet:\n- p1, incident i1" in bundle_page(message, later(1500)).text


def test_an_all_clear_takes_held_news_along_and_never_overtakes_it() -> None:
    """What waits for the cadence is told with its end."""
    told, pages = Told(), [hazard(0, 2), hazard(0, 10, kind=PageKind.ALL_CLEAR, page_id="clear")]
    tell(told, hazard(0), 1)
    assert numbers(at(pages, 10, told).next, pages) == [0, 1]


def test_an_all_clear_is_outdated_by_a_later_failure_of_the_same_incident() -> None:
    """It stays held, also when the later page has been told already."""
    told, clear = Told(), hazard(0, 2, kind=PageKind.ALL_CLEAR)
    tell(told, hazard(0, 3), 3)
    rules = Rules(RULES.gather, paged_at={(STORM, subject(clear)): 7})
    assert at([clear], 5, told, rules).next is None
    assert at([clear], 5, told).next is not None


def test_past_the_quota_pages_wait_and_are_told_together_most_urgent_first() -> None:
    """Three an hour: three go out alone, the other three when the first of these is an hour ago."""
    told = Told()
    pages = [page(number, quota_per_h=3, priority=f"p{5 - number % 3}") for number in range(6)]
    for number in range(3):
        assert numbers(at(pages[number:], number, told).next, pages) == [number]
        tell(told, pages[number], number)
    full = at(pages[3:], 3, told)
    assert full.next is None
    assert set(full.held.values()) == {Reason.QUOTA}
    assert full.wake_at == later(60)
    freed = at(pages[3:], 60, told)
    assert freed.next is not None
    assert (numbers(freed.next, pages), freed.next.reason) == ([5, 4, 3], Reason.QUOTA)


def test_the_first_page_of_an_incident_at_p1_passes_a_full_quota_and_its_next_one_does_not() -> None:
    """Of each incident, for each person."""
    told, urgent, again = Told(), page(0, priority="P1", quota_per_h=1), page(1, priority="p1", quota_per_h=1)
    tell(told, page(9), 0)
    assert at([urgent], 1, told).next is not None
    tell(told, urgent, 1)
    assert at([again.model_copy(update={"incident_id": "i0", "provider": "p0"})], 2, told).next is None
    assert at([again], 2, told).next is not None


def test_a_message_has_room_for_so_many_pages_and_the_rest_waits() -> None:
    """Nobody reads more, and none is lost."""
    message = at([page(number, digest_s=60.0) for number in range(MOST_MEMBERS + 5)], 60).next
    assert message is not None
    assert len(message.waiting) == MOST_MEMBERS


def test_where_too_many_wait_they_are_told_early_but_a_quota_holds() -> None:
    """Memory is bounded by telling, not by dropping."""
    told, crowded = Told(), Rules(RULES.gather, crowded=True)
    tell(told, page(9), 0)
    assert at([page(0, digest_s=14400.0), hazard(1)], 0.1, told, crowded).held == {}
    assert at([page(0, quota_per_h=1)], 0.1, told, crowded).next is None


@pytest.mark.parametrize("hours", [-2, 1])
def test_after_a_clock_was_set_what_was_sent_in_its_future_holds_nothing_up(hours: int) -> None:
    """More is told then rather than less."""
    told = Told()
    told.reserve("sent", STARTED + timedelta(hours=hours), STORM)
    decision = at([hazard(0, 0, quota_per_h=1)], 1, told)
    assert (decision.next is not None, decision.held) == (True, {})


PAGES = st.builds(
    lambda number, minute, **fields: page(number, minute, **fields),
    st.integers(0, 5),
    st.integers(0, 90),
    priority=st.sampled_from(["p1", "p2", "p4", None]),
    kind=st.sampled_from([PageKind.RUNG, PageKind.RUNG, PageKind.EXPOSURE, PageKind.ALL_CLEAR]),
    hazard=st.sampled_from([None, STORM, "usgs/quake"]),
    cadence_s=st.sampled_from([None, 600.0]),
    digest_s=st.sampled_from([None, None, 3600.0]),
    quota_per_h=st.sampled_from([None, 1, 3]),
)


@given(st.lists(PAGES, max_size=12), st.lists(st.tuples(PAGES, st.integers(0, 90)), max_size=8), st.integers(0, 2000))
def test_each_page_is_told_ready_or_held_until_an_instant_that_is_named(
    many: list[Page], before: list[tuple[Page, int]], minute: int
) -> None:
    """None is forgotten, none is in two messages, and the same question has the same answer."""
    told = Told()
    for number, (one, sent) in enumerate(before):
        tell(told, one.model_copy(update={"page_id": f"before{number}"}), sent)
    pages = [one.model_copy(update={"page_id": f"p{number}"}) for number, one in enumerate(many)]
    decision = at(pages, minute, told)
    assert {*decision.ready, *decision.held} == {one.page_id for one in pages}
    assert not {*decision.ready} & {*decision.held}
    assert (decision.next is None) == (not decision.ready)
    assert decision.next is None or {one.page.page_id for one in decision.next.waiting} <= {*decision.ready}
    assert (decision.wake_at is None) == (not decision.held)
    assert decision.wake_at is None or later(minute) < decision.wake_at <= later(minute) + ALL_CLEAR_WITHIN
    assert at(pages, minute, told) == decision


@given(st.lists(PAGES, max_size=12))
def test_in_the_end_everything_is_told_once_and_no_hour_has_more_than_the_quota(many: list[Page]) -> None:
    """A person's day, decided step by step."""
    told, now, sent, starts = Told(), STARTED, [], []
    left = [one.model_copy(update={"page_id": f"p{number}", "quota_per_h": 2}) for number, one in enumerate(many)]
    left.sort(key=lambda one: one.issued_at)
    while left:
        there = [one for one in left if one.issued_at <= now]
        decision = decide(waiting(*there), told, now, RULES)
        if decision.next is not None:
            told_now = [one.page for one in decision.next.waiting]
            exempt = any(one.priority == "p1" and not told.was_urgent(subject(one)) for one in told_now)
            starts += [] if exempt else [(now, told.count(now))]
            for number, one in enumerate(told_now):
                tell_at(told, one, now, Outcome.SENT if number == 0 else Outcome.BUNDLED)
            sent += told_now
            left = [one for one in left if one not in told_now]
            continue
        coming = [one.issued_at for one in left if one.issued_at > now]
        now = min([*coming, *([decision.wake_at] if decision.wake_at else [])])
    assert sorted(one.page_id for one in sent) == sorted(f"p{number}" for number in range(len(many)))
    assert all(count < 2 for _, count in starts)


def tell_at(told: Told, one: Page, now: datetime, outcome: Outcome) -> None:
    """Deliver a page at an instant."""
    told.note(Telling(one.page_id, outcome, now, one.kind, subject(one), one.priority, one.hazard))


def test_the_words_of_a_bundle_are_those_of_its_members_with_each_ones_link() -> None:
    """It is the first member's where a page has a thing once; it can't be answered itself."""
    other = Fallback(recipient="boss", recipient_name="Boss", channel="email", address="b@example.org")
    pages = [hazard(0, critical=False, expires_at=later(999)), hazard(1, priority="p1", fallbacks=(other,))]
    message = Message(tuple(waiting(*pages)), later(1), Reason.HAZARD)
    bundle = bundle_page(message, later(2), lambda one: f"https://h.example/{one.provider}")
    assert (bundle.kind, bundle.members) == (PageKind.BUNDLE, tuple(one.page_id for one in pages))
    assert (bundle.critical, bundle.priority, bundle.hazard, bundle.expires_at) == (True, "p1", STORM, None)
    assert (bundle.due_at, bundle.issued_at, bundle.late_s) == (later(1), later(2), 60.0)
    assert bundle.title == "2 pages told together in dwd/storm-1: p0, p1"
    assert all(one.text in bundle.text and f"Answer: https://h.example/{one.provider}" in bundle.text for one in pages)
    assert bundle.fallbacks == ()
    assert not is_ruled(bundle)
    assert bundle_page(message, later(3)).page_id == bundle.page_id


def test_a_stand_in_is_a_page_of_its_own_to_the_first_fallback() -> None:
    """A bundle loses the links of the person that it was for."""
    first = Fallback(recipient="boss", recipient_name="Boss", channel="email", address="b@example.org")
    second = first.model_copy(update={"channel": "sms"})
    failed = page(0, fallbacks=(first, second), rota="night", kind=PageKind.BUNDLE, text="1. Mail\nAnswer: https://x")
    other = stand_in(failed, later(190))
    assert (other.recipient, other.channel, other.address) == ("boss", "email", "b@example.org")
    assert (other.fallbacks, other.stands_in_for, other.rota) == ((second,), failed.page_id, None)
    assert (other.issued_at, other.late_s, other.text) == (later(190), 600.0, "1. Mail")
    assert stand_in(failed, later(500)).page_id == other.page_id != failed.page_id
