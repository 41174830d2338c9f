"""What was rewritten afterwards, and which verdicts that changed: never what time alone did."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.notice import Flag, Notice, Phase, Speaker
from models.records import Verdict
from models.rewriting import BEGIN, Change, Rewriting, rewritings
from tests.models.test_promise_lines import AGREEMENT
from tests.support.samples import later, notice

VERSION = AGREEMENT.versions[0]


def said(ordinal: int, minutes: float, **fields: Any) -> Notice:
    """Return a statement that we had a minute after it was made."""
    at = {"published_at": later(minutes), "received_at": later(minutes + 1), "received_after": None}
    return notice(ordinal, **{"claimed_at": None, "severity": "critical", **at, **fields})


FIRST = said(0, 0, claimed_at=later(0))
ENGAGED = said(1, 5, phase=Phase.ENGAGED)
END = said(2, 600, phase=Phase.RESOLVED, claimed_at=later(600))
EDITED_END = said(3, 700, phase=Phase.RESOLVED, claimed_at=later(60), source_update_id=END.source_update_id)
EARLIER = said(4, 800, phase=Phase.REPORTED, claimed_at=later(-300))
STORY = (FIRST, ENGAGED, END, EDITED_END, EARLIER)


def told(*notices: Notice) -> tuple[Rewriting, ...]:
    """Return what was rewritten, under the agreement."""
    return rewritings(notices, VERSION)


def test_what_only_goes_on_was_not_rewritten() -> None:
    assert told(FIRST, ENGAGED, END) == ()


def test_an_edit_is_told_with_each_field_before_and_after() -> None:
    (found,) = told(FIRST, END, EDITED_END)
    changes = {one.field: (one.before, one.after) for one in found.changes}
    assert (found.notice, found.replaces) == (EDITED_END, END)
    assert changes["claimed_at"] == ("2026-05-04T19:30:00Z", "2026-05-04T10:30:00Z")
    assert "phase" not in changes


def test_an_end_that_was_moved_earlier_overturns_the_verdict_it_gave() -> None:
    (found,) = told(FIRST, END, EDITED_END)
    assert found.overturned is not None
    moved = {one.clock: (one.before, one.after) for one in found.overturned}
    assert moved["restore|claimed|0"] == (Verdict.BREACHED, Verdict.MET)
    assert "restore|observed|0" not in moved
    assert str(found.overturned[0]).count(" -> ") == 1


def test_a_later_statement_that_names_another_begin_is_told_as_a_moved_time() -> None:
    (found,) = told(FIRST, EARLIER)
    assert found.replaces is None
    assert found.changes == (Change(BEGIN, "2026-05-04T09:30:00Z", "2026-05-04T04:30:00Z"),)


ONSET = said(6, -30, speaker=Speaker.MONITOR, source="probe-eu", source_incident_id="mail", claimed_at=later(-30))
TOGETHER = {"received_at": later(60)}


@pytest.mark.parametrize(
    ("notices", "moved"),
    [
        ((ONSET, FIRST), []),
        ((ONSET, FIRST, EARLIER), [("2026-05-04T09:30:00Z", "2026-05-04T04:30:00Z")]),
        ((FIRST, said(6, 30, speaker=Speaker.MONITOR, source="probe-eu", claimed_at=later(-30))), []),
        ((FIRST.model_copy(update=TOGETHER), EARLIER.model_copy(update=TOGETHER)), []),
        ((EARLIER.model_copy(update=TOGETHER), FIRST.model_copy(update=TOGETHER)), []),
    ],
    ids=[
        "the provider first speaks after our probe", "and then names another begin", "our probe speaks afterwards",
        "two of its words come together", "in the other order",
    ],
)  # fmt: skip
def test_only_a_provider_that_had_spoken_moves_its_begin(
    notices: tuple[Notice, ...], moved: list[tuple[str, str]]
) -> None:
    changes = [change for one in told(*notices) for change in one.changes]
    assert [(one.before, one.after) for one in changes if one.field == BEGIN] == moved


def test_a_word_that_ends_what_ran_overturns_nothing() -> None:
    """A new statement that moves the begin and ends the incident stops clocks, as every end does."""
    ending = said(5, 30, phase=Phase.RESOLVED, claimed_at=later(-60), claimed_end_at=later(30))
    for found in told(FIRST, ending):
        assert all(one.before not in (Verdict.RUNNING, Verdict.OVERDUE) for one in found.overturned or ())


def test_without_an_agreement_changes_are_told_and_verdicts_are_not() -> None:
    (found,) = rewritings((FIRST, END, EDITED_END), None)
    assert found.changes
    assert found.overturned is None


def test_exercises_are_left_out() -> None:
    assert told(FIRST, END, EDITED_END.model_copy(update={"flags": (Flag.TEST,)})) == ()


@given(st.permutations([*STORY, END, FIRST]))
def test_order_and_copies_change_nothing(notices: list[Notice]) -> None:
    assert told(*notices) == told(*STORY)
    assert [one.notice for one in told(*notices)] == [EDITED_END, EARLIER]
