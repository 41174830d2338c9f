"""Claimed times beside what we saw: earlier begins, later ends, edits and stamps that can't be."""

from datetime import timedelta

import pytest

from models.episode import Case
from models.honesty import Doubt, checked, claimed_and_observed, doubts
from models.notice import Flag, Phase
from tests.support.timeline import Timeline, agreement, at

NOW = at("23:00")


def told(**edits):
    """Return the facts of an incident that was down from 10:00 to 12:00 by everybody's word."""
    line = Timeline(agreement(restore="4h"))
    line.provider("10:05", Phase.REPORTED, begin=edits.get("begin", "10:00"))
    line.provider("12:10", Phase.RESOLVED, begin=edits.get("begin", "10:00"), end=edits.get("end", "12:00"))
    return line


def witnessed(line, fails="10:00", works="12:00"):
    """Add what our probe saw."""
    line.monitor(fails, fails=fails)
    if works is not None:
        line.monitor(works, fails=fails, works=works)
    return Case.of(line.facts)


@pytest.mark.parametrize(
    ("fields", "fails", "works", "expected"),
    [
        ({}, "10:00", "12:00", ()),
        ({}, "09:56", "12:04", ()),
        ({"begin": "10:30"}, "10:00", "12:00", (Doubt.BEGAN_EARLIER,)),
        ({"end": "11:00"}, "10:00", "12:00", (Doubt.ENDED_LATER,)),
        ({"begin": "10:30", "end": "11:00"}, "10:00", "12:00", (Doubt.BEGAN_EARLIER, Doubt.ENDED_LATER)),
        ({}, "10:00", None, (Doubt.ENDED_LATER,)),
    ],
    ids=["as claimed", "within five minutes", "begin", "end", "both", "still failing for our probe"],
)
def test_claims_are_compared_with_what_our_probes_saw(fields, fails, works, expected):
    assert doubts(witnessed(told(**fields), fails, works), NOW) == expected


def test_without_a_witness_nothing_is_compared():
    case = Case.of(told(begin="10:30").facts)
    assert doubts(case, NOW) == ()
    assert claimed_and_observed(case) is None


def test_lengths_by_both_words_and_none_while_either_lasts():
    assert claimed_and_observed(witnessed(told(end="11:00"))) == (timedelta(hours=1), timedelta(hours=2))
    assert claimed_and_observed(witnessed(told(), works=None)) is None
    line = Timeline(agreement(restore="4h"))
    line.provider("10:05", Phase.REPORTED, begin="10:00")
    assert claimed_and_observed(witnessed(line)) is None


def test_a_claimed_time_that_was_changed_afterwards_is_a_doubt_and_a_first_one_is_none():
    line = Timeline(agreement(restore="4h"))
    line.provider("10:05", Phase.REPORTED, begin="10:00", update_id="u")
    line.provider("10:30", Phase.REPORTED, begin="10:20", update_id="u")
    assert doubts(Case.of(line.facts), NOW) == (Doubt.EDITED,)
    fresh = Timeline(agreement(restore="4h"))
    fresh.provider("10:05", Phase.REPORTED, update_id="u")
    fresh.provider("10:30", Phase.REPORTED, begin="10:20", update_id="u")
    assert doubts(Case.of(fresh.facts), NOW) == ()


def test_a_stamp_from_before_a_look_that_did_not_show_it_is_a_doubt():
    line = Timeline(agreement(restore="4h"))
    line.provider("10:05", Phase.REPORTED, begin="10:00", looks=("10:30", "10:35"))
    assert doubts(Case.of(line.facts), NOW) == (Doubt.BACKDATED,)


def test_a_record_without_a_word_of_the_provider_or_written_afterwards_is_not_checked():
    assert checked(Case.of(told().facts))
    assert not checked(Case.of(()))
    line = Timeline(agreement(restore="4h"))
    line.provider("12:10", Phase.RESOLVED, begin="10:00", end="12:00", flags=(Flag.BACKFILLED, Flag.HISTORICAL))
    assert not checked(Case.of(line.facts))


def test_where_nobody_showed_a_begin_nothing_is_compared():
    line = Timeline(agreement(restore="4h"))
    line.customer("10:00", Phase.UPDATE)
    case = Case.of(line.facts)
    assert claimed_and_observed(case) is None
    assert doubts(case, NOW) == ()
