"""Each time that a provider names is a promise: kept, late, broken or open, on each basis."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.notice import Flag, Kind, Phase, Speaker
from models.promises import Keeping, broken_at, ledger, tally
from models.records import Basis, Verdict
from tests.support.incidents import INCIDENTS, LAST_MINUTE, agreements, minute
from tests.support.timeline import Timeline, agreement, at


def told(*, window=None):
    """An incident from 10:00 that is restored at 12:00, with an update promised for 10:30 and one for 11:30."""
    line = Timeline(agreement(restore="4h", stability_window=window))
    line.provider("10:00", Phase.REPORTED, begin="10:00", promised_at="10:30", text_digest="a")
    line.provider("10:25", Phase.ENGAGED, promised_at="11:30", text_digest="b")
    line.provider("12:00", Phase.RESTORED, end="12:00", text_digest="c")
    return line


def judged(line, as_of, basis="agreed"):
    """Return (what of, when promised, what came of it) of each promise on a basis."""
    found = ledger(line.facts, line.version, at(as_of))
    return [(one.of, f"{one.promised_at:%H:%M}", one.keeping.value) for one in found if one.basis is Basis(basis)]


@pytest.mark.parametrize(
    ("as_of", "first", "second"),
    [
        ("10:10", "open", None),
        ("10:30", "kept", "open"),
        ("11:30", "kept", "open"),
        ("11:31", "kept", "broken"),
        ("12:00", "kept", "late"),
    ],
    ids=["before it falls due", "once it spoke", "at the very minute", "a minute past it", "once it spoke at last"],
)
def test_a_promise_of_an_update_is_kept_by_the_next_word(as_of, first, second):
    expected = [("update", "10:30", first)] + ([("update", "11:30", second)] if second else [])
    assert judged(told(), as_of) == expected


def test_a_word_at_the_very_instant_keeps_it():
    line = Timeline(agreement(restore="4h"))
    line.provider("10:00", Phase.REPORTED, begin="10:00", promised_at="10:30")
    line.provider("10:30", Phase.ENGAGED)
    assert judged(line, "11:00") == [("update", "10:30", "kept")]


def test_how_late_it_was_is_told_of_late_ones_only():
    found = [one for one in ledger(told().facts, told().version, at("13:00")) if one.basis is Basis.AGREED]
    assert [one.late_by for one in found] == [None, timedelta(minutes=30)]


@pytest.mark.parametrize(
    ("fields", "keeping"),
    [
        ({"text_digest": "a", "phase": Phase.REPORTED}, "broken"),
        ({"text_digest": "a", "phase": Phase.ENGAGED}, "kept"),
        ({"text_digest": "z", "phase": Phase.UPDATE, "flags": (Flag.AUTOMATIC_REPLY,)}, "broken"),
    ],
    ids=["the same words again are no news", "the same words in a new phase are", "a robot's word is none"],
)
def test_only_news_keeps_a_promise_to_speak(fields, keeping):
    line = Timeline(agreement(restore="4h"))
    line.provider("10:00", Phase.REPORTED, begin="10:00", promised_at="10:30", text_digest="a")
    line.provider("10:20", **fields)
    assert judged(line, "11:00") == [("update", "10:30", keeping)]


def restoring(*promised, back="12:00", **changes):
    """An incident from 10:00, restored at ``back``, whose provider names a time of restoration every ten minutes."""
    line = Timeline(agreement(restore="4h", **changes))
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    for number, when in enumerate(promised, 1):
        line.provider(f"10:{number}0", Phase.PROMISED, promised_at=when, promises="restore")
    if back is not None:
        line.provider(back, Phase.RESTORED, end=back)
    return line


def test_a_restoration_time_that_is_moved_leaves_the_first_one_standing():
    assert judged(restoring("11:00", "12:30"), "13:00") == [("restore", "11:00", "late"), ("restore", "12:30", "kept")]


def test_the_same_time_named_again_is_one_promise():
    assert judged(restoring("11:00", "11:00"), "13:00") == [("restore", "11:00", "late")]


@pytest.mark.parametrize(("as_of", "keeping"), [("10:59", "open"), ("11:00", "open"), ("11:01", "broken")])
def test_while_it_is_down_a_promise_to_restore_is_open_until_its_time(as_of, keeping):
    assert judged(restoring("11:00", back=None), as_of) == [("restore", "11:00", keeping)]


@pytest.mark.parametrize(("as_of", "keeping"), [("11:50", "open"), ("12:00", "kept")])
def test_a_restore_keeps_a_promise_once_it_has_held(as_of, keeping):
    line = restoring("11:45", back="11:40", stability_window="20m")
    assert judged(line, as_of) == [("restore", "11:45", keeping)]


def test_a_restore_after_the_time_is_late_whether_it_holds_or_not():
    assert judged(restoring("11:00", stability_window="20m"), "12:05") == [("restore", "11:00", "late")]


def test_a_restore_that_did_not_hold_keeps_nothing():
    line = restoring("11:45", back="11:40", stability_window="20m")
    line.provider("11:50", Phase.REOPENED)
    line.provider("13:00", Phase.RESTORED, end="13:00")
    assert judged(line, "14:00") == [("restore", "11:45", "late")]


def test_a_restoration_promised_after_it_worked_again_is_kept():
    line = restoring(back="10:30")
    line.provider("10:40", Phase.UPDATE, promised_at="11:00", promises="restore")
    assert judged(line, "12:00") == [("restore", "11:00", "kept")]


def test_each_basis_judges_by_its_own_end():
    line = restoring("12:00")
    line.monitor("10:02", fails="10:01")
    line.monitor("12:31", fails="10:01", works="12:30")
    assert judged(line, "13:00", "claimed") == [("restore", "12:00", "kept")]
    assert judged(line, "13:00", "observed") == [("restore", "12:00", "late")]
    assert judged(line, "13:00", "agreed") == [("restore", "12:00", "late")]


def test_an_edit_of_a_promise_counts_for_the_claimed_basis_only():
    line = Timeline(agreement(restore="4h"))
    line.provider("10:00", Phase.REPORTED, begin="10:00", promised_at="10:30", update_id="u")
    line.provider("10:00", Phase.REPORTED, begin="10:00", promised_at="11:30", update_id="u", looks=("10:45", "10:50"))
    line.provider("11:00", Phase.ENGAGED)
    assert judged(line, "12:00", "claimed") == [("update", "11:30", "kept")]
    assert judged(line, "12:00", "agreed") == [("update", "10:30", "late")]


def test_a_promise_that_an_edit_adds_counts():
    line = Timeline(agreement(restore="4h"))
    line.provider("10:00", Phase.REPORTED, begin="10:00", update_id="u")
    line.provider("10:00", Phase.REPORTED, begin="10:00", promised_at="11:30", update_id="u", looks=("10:45", "10:50"))
    assert judged(line, "11:00") == [("update", "11:30", "open")]


def corrected(line, at_minute, names, *, said="10:20", **fields):
    """Our people say what the statement ``names`` really promised."""
    fields |= {"promised_at": None if at_minute is None else at(at_minute), "concerns": names}
    return line.say(Speaker.CUSTOMER, at(said), Phase.PROMISED, **fields)


def misread(**fields):
    """An incident whose first statement promises something at 10:30, and that is spoken of again at 10:50."""
    line = Timeline(agreement(restore="4h", update="2h"))
    line.provider("10:00", Phase.REPORTED, begin="10:00", update_id="u", promised_at="10:30", **fields)
    line.provider("10:50", Phase.ENGAGED)
    return line


def test_a_corrected_promise_is_judged_by_what_it_really_was_except_where_the_provider_speaks_for_itself():
    line = misread()
    correction = corrected(line, "11:00", "u")
    assert judged(line, "12:00", "claimed") == [("update", "10:30", "late")]
    assert judged(line, "12:00", "observed") == [("update", "11:00", "kept")]
    assert judged(line, "12:00", "agreed") == [("update", "11:00", "kept")]
    (found,) = [one for one in ledger(line.facts, line.version, at("12:00")) if one.basis is Basis.AGREED]
    assert (found.original_at, found.corrected_by) == (at("10:30"), correction.notice_id)
    assert broken_at(line.facts, line.version, at("12:00")) == ()


def test_what_is_corrected_to_nothing_stays_visible_and_breaks_nothing():
    line = misread()
    corrected(line, None, "u")
    (found,) = [one for one in ledger(line.facts, line.version, at("12:00")) if one.basis is Basis.AGREED]
    assert (found.keeping, found.promised_at, found.original_at) == (Keeping.WITHDRAWN, at("10:30"), at("10:30"))
    assert broken_at(line.facts, line.version, at("12:00")) == ()


def test_a_correction_can_say_what_was_not_read_and_what_it_is_a_promise_of():
    line = misread()
    corrected(line, "11:00", line.facts[1].notice_id, said="10:55", promises="restore")
    assert judged(line, "12:00") == [("update", "10:30", "late"), ("restore", "11:00", "broken")]


@pytest.mark.parametrize(
    ("names", "fields", "as_of"),
    [
        ("other", {}, "12:00"),
        ("u", {"said": "11:30"}, "11:00"),
        (None, {}, "12:00"),
    ],
    ids=["of another statement", "said later than is asked", "of none that is named"],
)
def test_what_corrects_no_promise(names, fields, as_of):
    line = misread()
    corrected(line, "11:00", names, **fields)
    assert judged(line, as_of) == [("update", "10:30", "late")]


def test_the_provider_corrects_no_promise_of_its_own():
    line = misread()
    line.provider("10:40", Phase.PROMISED, promised_at="12:00", concerns="u", promises="restore")
    assert judged(line, "11:30") == [("update", "10:30", "late"), ("restore", "12:00", "open")]


def test_of_several_corrections_the_last_one_stands():
    line = misread()
    corrected(line, "10:40", "u", said="10:20")
    corrected(line, "11:00", "u", said="10:25")
    assert judged(line, "12:00") == [("update", "11:00", "kept")]


def test_the_clock_of_updates_follows_a_correction():
    line = misread()
    assert line.read("12:00", "update").verdict is Verdict.BREACHED
    corrected(line, "11:00", "u")
    assert line.read("12:00", "update").verdict is Verdict.MET


def test_within_a_poll_gap_it_is_not_known_whether_it_was_kept():
    line = Timeline(agreement(restore="4h"))
    line.provider("10:00", Phase.REPORTED, begin="10:00", promised_at="10:30", looks=("09:59", "10:01"))
    line.provider("10:28", Phase.ENGAGED, looks=("10:25", "10:35"))
    assert judged(line, "11:00", "observed") == [("update", "10:30", "indeterminate")]
    assert judged(line, "11:00", "agreed") == [("update", "10:30", "kept")]


@pytest.mark.parametrize(("looks", "keeping"), [(("10:10", "10:20"), "indeterminate"), (("10:40", "10:50"), "broken")])
def test_a_page_that_stops_listing_it_proves_no_word(looks, keeping):
    line = Timeline(agreement(restore="4h"))
    line.provider("10:00", Phase.REPORTED, begin="10:00", promised_at="10:30")
    line.vanish(looks)
    assert judged(line, "12:00") == [("update", "10:30", keeping)]


@pytest.mark.parametrize(
    "facts",
    [
        lambda line: line.provider("10:00", Phase.REPORTED, begin="10:00", promised_at="09:30"),
        lambda line: line.provider("10:00", Phase.REPORTED, promised_at="10:30", kind=Kind.MAINTENANCE),
        lambda line: line.provider("10:00", Phase.REPORTED, promised_at="10:30", flags=(Flag.TEST,)),
        lambda line: line.monitor("10:00", fails="10:00"),
        lambda line: line.provider("13:00", Phase.REPORTED, promised_at="14:00"),
    ],
    ids=["a time that was past already", "maintenance", "an exercise", "a monitor alone", "not said yet"],
)
def test_what_is_no_promise(facts):
    line = Timeline(agreement(restore="4h"))
    facts(line)
    assert judged(line, "12:00") == []


def test_an_incident_that_was_called_off_owes_nothing():
    line = told()
    line.provider("12:30", Phase.CANCELLED)
    assert judged(line, "13:00") == []


def test_what_was_written_afterwards_shows_no_promise():
    line = Timeline(agreement(restore="4h"))
    fields = {"flags": (Flag.BACKFILLED,), "looks": ("1d 09:00", "1d 10:00")}
    line.provider("10:00", Phase.REPORTED, begin="10:00", promised_at="10:30", **fields)
    line.provider("12:00", Phase.RESTORED, end="12:00", **fields)
    assert judged(line, "1d 12:00") == []


def test_each_return_of_the_trouble_has_promises_of_its_own():
    line = Timeline(agreement(restore="4h", reopen={"window": "1h", "rule": "continue"}))
    line.provider("10:00", Phase.REPORTED, begin="10:00", promised_at="11:00", promises="restore")
    line.provider("10:30", Phase.RESTORED, end="10:30")
    line.provider("15:00", Phase.REOPENED, promised_at="16:00", promises="restore")
    line.provider("17:00", Phase.RESTORED, end="17:00")
    assert judged(line, "18:00") == [("restore", "11:00", "kept"), ("restore", "16:00", "late")]


def test_the_tally_counts_one_basis():
    found = ledger(told().facts, told().version, at("13:00"))
    assert tally(found) == {Keeping.KEPT: 1, Keeping.LATE: 1}


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        ("10:10", ["10:30"]),
        ("10:25", ["11:30"]),
        ("11:30", ["11:30"]),
        ("11:31", ["11:30"]),
        ("13:00", ["11:30"]),
    ],
    ids=["an open one, when it will", "none that is kept", "at the time", "past it", "fulfilled too late, it did"],
)
def test_when_promises_break(as_of, expected):
    assert [f"{one:%H:%M}" for one in broken_at(told().facts, told().version, at(as_of))] == expected


def test_what_is_restored_and_has_yet_to_hold_breaks_no_promise_unless_it_fails_again():
    line = restoring("11:45", back="11:40", stability_window="20m")
    assert broken_at(line.facts, line.version, at("11:42")) == ()
    line.provider("11:43", Phase.REOPENED)
    assert broken_at(line.facts, line.version, at("11:44")) == (at("11:45"),)


def test_what_lies_between_two_looks_breaks_no_promise_for_certain():
    line = Timeline(agreement(restore="4h", evidence={"acknowledge": "observed"}))
    line.provider("10:00", Phase.REPORTED, begin="10:00", promised_at="10:30", looks=("09:59", "10:01"))
    line.provider("10:28", Phase.ENGAGED, looks=("10:25", "10:35"))
    assert broken_at(line.facts, line.version, at("11:00")) == ()


@given(INCIDENTS, agreements(), st.integers(0, LAST_MINUTE))
def test_a_promise_breaks_when_its_time_has_come_and_at_no_other_instant(incident, version, count):
    as_of = minute(count)
    agreed = [one for one in ledger(incident, version, as_of) if one.basis is Basis.AGREED]
    found = broken_at(incident, version, as_of)
    assert list(found) == sorted(set(found))
    assert set(found) <= {one.promised_at for one in agreed}
    past = {one.promised_at for one in agreed if one.keeping in (Keeping.BROKEN, Keeping.LATE)}
    assert past <= set(found)
    assert {at for at in found if at < as_of} <= past


@given(INCIDENTS, agreements(), st.integers(0, LAST_MINUTE), st.randoms(use_true_random=False))
def test_order_and_copies_do_not_matter_and_only_the_future_is_open(incident, version, count, chance):
    as_of = minute(count)
    found = ledger(incident, version, as_of)
    shuffled = [*incident, *incident]
    chance.shuffle(shuffled)
    assert ledger(shuffled, version, as_of) == found
    for one in found:
        assert one.made.earliest <= as_of
        assert one.made.earliest < one.promised_at
        if one.keeping is Keeping.BROKEN:
            assert one.promised_at < as_of or one.fulfilled is not None
        assert (one.late_by is not None) == (one.keeping is Keeping.LATE)
