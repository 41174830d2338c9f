"""The ladders: when each rung is reached, who is paged, and why somebody is not."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from models.durations import Duration
from models.notice import Phase
from models.paging import PlannedPage, RungState
from models.policy import Condition, EscalationPolicy
from models.records import Objective
from models.rung_page import address_of
from tests.models.test_book import at, said
from tests.support.ledger import POLICY, Play

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def rungs(play: Play) -> dict[str, PlannedPage]:
    """Return the plan's entries by recipient and condition."""
    return {f"{one.recipient}: {one.condition}": one for one in play.plan().rungs}


def test_every_rung_has_its_computed_instant_from_the_start() -> None:
    plan = rungs(Play().tell(said(0, Phase.REPORTED)))
    assert {name: one.due_at for name, one in plan.items()} == {
        "duty: 75% of restore target": at(180),
        "noc: acknowledge breached": None,
        "noc: 2 missed updates in a row": at(120),
        "boss: 30m after 100% of restore target": at(270),
    }
    assert plan["noc: acknowledge breached"].state is RungState.WITHDRAWN
    assert plan["noc: acknowledge breached"].reason == "not reached: acknowledge is met"
    assert plan["duty: 75% of restore target"].state is RungState.WAITING


def test_an_update_in_time_moves_the_missed_update_rung_on() -> None:
    play = Play().tell(said(0, Phase.REPORTED)).run_to(at(50)).tell(said(50, Phase.UPDATE))
    assert rungs(play)["noc: 2 missed updates in a row"].due_at == at(170)


def test_misses_count_in_a_row_across_gaps() -> None:
    """One miss, then a word, then another miss: two in a row, though no silence lasted two intervals."""
    play = Play().tell(said(0, Phase.REPORTED)).run_to(at(70)).tell(said(70, Phase.UPDATE)).run_to(at(131))
    assert [(page.recipient, page.due_at) for page in play.pages()] == [("noc", at(130))]


def test_a_resolved_incident_climbs_no_further() -> None:
    play = Play().tell(said(0, Phase.REPORTED)).run_to(at(30)).tell(said(30, Phase.RESOLVED)).run_to(at(2000))
    assert play.pages() == []
    assert {one.state for one in play.plan().rungs} == {RungState.WITHDRAWN}


def test_a_paged_rung_whose_condition_no_longer_holds_is_shown_as_withdrawn() -> None:
    play = Play().tell(said(0, Phase.REPORTED)).run_to(at(121))
    assert rungs(play)["noc: 2 missed updates in a row"].state is RungState.SENT
    play.tell(said(60, Phase.UPDATE, received_at=at(60), notice_id="late-word"))
    assert rungs(play)["noc: 2 missed updates in a row"].state is RungState.WITHDRAWN
    assert len(play.pages()) == 1


def test_priorities_outside_the_policys_scope_page_nobody() -> None:
    play = Play().tell(said(0, Phase.REPORTED, severity="minor")).run_to(at(3000))
    assert play.pages() == []


def test_a_page_says_why_in_words_and_carries_the_contacts_address() -> None:
    play = Play().tell(said(0, Phase.REPORTED)).run_to(at(181))
    page = next(one for one in play.pages() if one.recipient == "duty")
    assert page.address == "duty@nimbus.example"
    assert page.title == "[P1] nimbus mail: 75% of restore target"
    assert "reached at 2026-05-04T15:00:00Z" in page.text
    assert (page.side.value, page.rung, page.loop, page.late_s) == ("provider", 0, 0, 0.0)


def test_an_edited_policy_is_another_version_with_other_page_ids() -> None:
    one = EscalationPolicy.model_validate(POLICY)
    other = EscalationPolicy.model_validate({**POLICY, "customer_ladder": []})
    assert one.version != other.version
    assert one.version == EscalationPolicy.model_validate(POLICY).version


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"share": 0.75}, "75% of restore target"),
        ({"breached": True}, "restore breached"),
        ({"missed": 1}, "missed restore"),
        ({"missed": 3}, "3 missed restores in a row"),
        ({"share": 1.0, "after": Duration(30, "m")}, "30m after 100% of restore target"),
    ],
)
def test_a_condition_in_words(fields: dict[str, Any], words: str) -> None:
    assert str(Condition(objective=Objective.RESTORE, **fields)) == words


@pytest.mark.parametrize("fields", [{}, {"share": 0.5, "breached": True}, {"breached": False}])
def test_a_condition_names_exactly_one_thing(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="exactly one"):
        Condition(objective=Objective.RESTORE, **fields)


def test_a_rung_in_time_is_paged_even_if_its_incident_ends_a_moment_later() -> None:
    play = Play().tell(said(0, Phase.REPORTED)).run_to(at(119))
    play.tell(said(120.2, Phase.RESOLVED))
    assert [(page.recipient, page.late_s < 60) for page in play.pages()] == [("noc", True)]
    assert play.pages()[0].due_at == NOON + timedelta(minutes=120)


def test_a_delay_of_business_days_is_refused() -> None:
    with pytest.raises(ValueError, match="1bd has no fixed length"):
        Condition.model_validate({"objective": "restore", "share": 1.0, "after": "1bd"})


def test_a_contact_that_no_document_names_has_no_address() -> None:
    assert address_of(None, "email") is None


def test_a_ladder_that_nobody_answers_goes_on_at_the_floor_rate() -> None:
    play = Play().tell(said(0, Phase.REPORTED)).run_to(at(270 + 9 * 60))
    boss = [(page.loop, page.due_at) for page in play.pages() if page.recipient == "boss"]
    assert boss == [(0, at(270)), (1, at(510)), (2, at(750))]
    assert rungs(play)["boss: 30m after 100% of restore target"].next_loop_at == at(990)
