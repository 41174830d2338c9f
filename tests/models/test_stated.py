"""What somebody asked for, whether it counted on a clock, and why, in the words that people are shown."""

from datetime import timedelta

import pytest

from models.episode import Case
from models.notice import Phase, Ruling
from models.records import Basis
from models.stated import CLAIMED, PROPOSED, STRICT, UNANSWERED, Stated, stated
from tests.support.timeline import Timeline, agreement, at

HOUR = timedelta(hours=1)
FREE = {"reason": "access_denied", "objectives": ["restore"]}
ASKED = {"reason": "awaiting_customer", "objectives": ["restore"], "needs_acceptance": True}


def told(line: Timeline, basis: str = "agreed", as_of: str = "20:00") -> tuple[Stated, ...]:
    """Return what is told of the restore clock."""
    return stated(Case.of(line.facts), line.version, line.read(as_of, "restore", basis), at(as_of))


def pausing(spec=FREE, reason=None, begin="11:00", end="13:00"):
    """An incident from 10:00 to 15:00 with one pause."""
    line = Timeline(agreement(restore="4h", pauses=[spec], exclusions=["force_majeure"]))
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    line.asked = line.provider(begin, Phase.PAUSED, reason=reason or spec["reason"])
    line.provider(end, Phase.RESUMED, reason=reason or spec["reason"])
    line.provider("15:00", Phase.RESTORED, end="15:00")
    return line


def test_where_nobody_asked_for_anything_nothing_is_told():
    line = Timeline(agreement(restore="4h"))
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    assert told(line) == ()


@pytest.mark.parametrize(
    ("spec", "fields", "basis", "counts", "why"),
    [
        (FREE, {}, "agreed", True, "the agreement lists it and asks for no acceptance"),
        (FREE, {}, "claimed", True, CLAIMED),
        (FREE, {"reason": "lunch"}, "agreed", False, "the agreement lists no pause 'lunch' for restore"),
        (FREE, {"begin": "16:00", "end": "17:00"}, "agreed", False,
         "it lies outside the time of this clock, or past the limit"),
        (ASKED, {}, "agreed", False, UNANSWERED),
        (ASKED, {}, "claimed", True, CLAIMED),
        ({**FREE, "limit": "90m"}, {}, "agreed", True,
         "the agreement lists it and asks for no acceptance; only up to the limit of 90m, after that the clock ran on"),
        ({**FREE, "limit": "3h"}, {}, "agreed", True, "the agreement lists it and asks for no acceptance"),
    ],
    ids=[
        "a listed pause", "the provider's own figure", "a reason that is not listed", "a pause after the stop",
        "a pause that nobody accepted", "counts all the same on the provider's figure", "a pause longer than its limit",
        "a pause within its limit",
    ],
)  # fmt: skip
def test_why_a_pause_counts_or_not(spec, fields, basis, counts, why):
    (one,) = told(pausing(spec, **fields), basis)
    assert (one.kind, one.counts, one.why) == ("pause", counts, why)
    assert one.awaits_us is (why == UNANSWERED)


@pytest.mark.parametrize(
    ("ruling", "since", "counts", "why"),
    [
        (Ruling.ACCEPTED, None, True, "accepted by us, from 2026-05-04 12:00"),
        (Ruling.ACCEPTED, "10:30", True, "accepted by us"),
        (Ruling.REJECTED, None, False, "rejected by us"),
        (Ruling.DISPUTED, None, False, "disputed by us"),
    ],
    ids=["accepted when it was said", "accepted from before it began", "rejected", "disputed"],
)
def test_what_we_ruled_is_told_and_awaits_us_no_more(ruling, since, counts, why):
    line = pausing(ASKED)
    answer = line.customer("12:00", Phase.PAUSED, ruling=ruling, concerns=line.asked.notice_id, claimed_at=since)
    (one,) = told(line)
    assert (one.counts, one.why, one.ruling, one.ruled_by) == (counts, why, ruling, answer.notice_id)
    assert not one.awaits_us


def test_a_pause_tells_the_service_time_that_it_covers_counted_or_not():
    (one,) = told(pausing(reason="lunch"))
    assert (one.begin, one.end, one.would_deduct) == (at("11:00"), at("13:00"), 2 * HOUR)


def claiming(*, clause="force_majeure", **fields):
    """An outage from 10:00 to 16:00 with an exclusion claim at 17:00."""
    line = Timeline(agreement(restore="4h", exclusions=["force_majeure"]))
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    line.provider("16:00", Phase.RESTORED, end="16:00")
    line.asked = line.provider("17:00", Phase.EXCLUDED, reason=clause, **fields)
    return line


@pytest.mark.parametrize(
    ("basis", "counts", "why", "awaits_us"),
    [("claimed", True, CLAIMED, False), ("observed", False, STRICT, False), ("agreed", False, PROPOSED, True)],
)
def test_why_an_unanswered_exclusion_counts_or_not(basis, counts, why, awaits_us):
    (one,) = told(claiming(), basis)
    assert (one.kind, one.counts, one.why, one.awaits_us) == ("exclusion", counts, why, awaits_us)
    assert (one.begin, one.end, one.would_deduct) == (None, None, 6 * HOUR), "without an interval the whole incident"


@pytest.mark.parametrize(
    ("ruling", "counts"), [(Ruling.ACCEPTED, True), (Ruling.REJECTED, False), (Ruling.DISPUTED, False)]
)
def test_what_we_ruled_on_an_exclusion_is_told(ruling, counts):
    line = claiming()
    line.customer("18:00", Phase.EXCLUDED, ruling=ruling, concerns=line.asked.notice_id)
    (one,) = told(line)
    assert (one.counts, one.why) == (counts, f"{ruling.value} by us")


def test_an_interval_covers_its_part_of_a_clock_that_still_runs():
    line = Timeline(agreement(restore="4h", exclusions=["force_majeure"]))
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    line.provider("10:30", Phase.EXCLUDED, reason="force_majeure", claimed_at="09:00", claimed_end_at="13:00")
    (one,) = told(line, as_of="12:00")
    assert one.would_deduct == 2 * HOUR


@pytest.mark.parametrize("basis", list(Basis))
def test_a_clause_that_the_agreement_does_not_have_is_told_and_excuses_nothing(basis):
    (one,) = told(claiming(clause="bad_luck"), basis.value)
    assert (one.counts, one.why) == (False, "the agreement has no exclusion 'bad_luck'")
    assert one.would_deduct == timedelta(0)
    assert not one.awaits_us


def test_a_claim_without_any_clause_is_told_too():
    (one,) = told(claiming(clause=None))
    assert (one.reason, one.why) == ("", "the agreement has no exclusion ''")


def test_what_is_said_after_as_of_is_not_told():
    assert told(claiming(clause="bad_luck"), as_of="16:30") == ()
    assert told(claiming(), as_of="16:30") == ()
