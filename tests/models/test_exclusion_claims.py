"""Exclusions are claims: the provider's figure has them all, the agreed one what we accepted, the strict one none."""

from datetime import timedelta

import pytest

from models.claims import claims_of
from models.episode import Case
from models.notice import Phase, Ruling
from models.records import Basis, Verdict
from tests.support.timeline import Timeline, agreement, at


def storm(**claim):
    """An outage from 10:00 to 16:00 against a target of 4 h, with a claim of force majeure at 17:00."""
    line = Timeline(agreement(restore="4h", exclusions=["force_majeure"]))
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    line.provider("16:00", Phase.RESTORED, end="16:00")
    line.claim = line.provider("17:00", Phase.EXCLUDED, **{"reason": "force_majeure", **claim})
    return line


def verdicts(line, as_of="20:00"):
    return [line.read(as_of, "restore", basis).verdict.value for basis in ("claimed", "observed", "agreed")]


def test_a_proposed_claim_excuses_on_the_providers_figure_only():
    assert verdicts(storm()) == ["excluded", "breached", "breached"]


def test_an_accepted_claim_excuses_on_the_agreed_figure_too_and_never_on_the_strict_one():
    line = storm()
    line.customer("18:00", Phase.EXCLUDED, ruling=Ruling.ACCEPTED, reason="force_majeure")
    assert verdicts(line) == ["excluded", "breached", "excluded"]
    assert verdicts(line, "17:30") == ["excluded", "breached", "breached"], "as of before the acceptance"
    reading = line.read("20:00", "restore")
    assert (reading.reason, reading.breached_at) == ("excluded: force_majeure", None)


@pytest.mark.parametrize("ruling", [Ruling.REJECTED, Ruling.DISPUTED])
def test_a_refused_claim_stays_the_providers_own(ruling):
    line = storm()
    line.customer("18:00", Phase.EXCLUDED, ruling=ruling, concerns=line.claim.notice_id)
    assert verdicts(line) == ["excluded", "breached", "breached"]


def test_a_clause_that_the_agreement_does_not_know_excuses_nothing():
    assert verdicts(storm(reason="bad_luck")) == ["breached"] * 3


def test_an_interval_that_covers_a_part_is_taken_out_as_a_pause_is():
    line = storm(claimed_at="10:00", claimed_end_at="13:00")
    line.customer("18:00", Phase.EXCLUDED, ruling=Ruling.ACCEPTED)
    reading = line.read("20:00", "restore")
    assert (reading.verdict, reading.elapsed.least, reading.paused) == (
        Verdict.MET, timedelta(hours=3), timedelta(hours=3),
    )  # fmt: skip


def test_a_claim_that_ends_before_it_begins_is_no_claim():
    line = storm(claimed_at="13:00", claimed_end_at="10:00")
    assert verdicts(line) == ["breached"] * 3


def test_a_withdrawn_claim_excuses_nothing():
    line = storm()
    line.provider("19:00", Phase.CANCELLED, concerns=line.claim.update_id)
    assert verdicts(line) == ["breached"] * 3


def test_our_own_claim_against_ourselves_needs_no_acceptance():
    line = storm(reason="customer_fault")
    line.version = agreement(restore="4h", exclusions=["customer_fault"])
    line.customer("18:00", Phase.EXCLUDED, reason="customer_fault")
    assert verdicts(line) == ["excluded", "breached", "excluded"]


def test_a_claim_tells_how_it_stands_and_who_ruled():
    line = storm()
    ruling = line.customer("18:00", Phase.EXCLUDED, ruling=Ruling.DISPUTED)
    (claim,) = claims_of(Case.of(line.facts), line.version, Basis.AGREED, at("20:00"))
    assert (claim.clause, claim.standing.ruling, claim.standing.notice_id) == (
        "force_majeure", Ruling.DISPUTED, ruling.notice_id,
    )  # fmt: skip


def test_what_is_excused_after_a_clock_stopped_leaves_its_due_instant_alone():
    line = Timeline(agreement(acknowledge="4h", exclusions=["customer_fault"]))
    line.provider("10:00", Phase.REPORTED, begin="09:00")
    line.customer("13:00", Phase.EXCLUDED, reason="customer_fault", claimed_at="11:00", claimed_end_at="12:00")
    assert line.read("14:00", "acknowledge").due_at == at("13:00")


def test_a_claim_without_an_interval_excuses_no_return_outside_the_recurrence_window():
    line = storm(reason="customer_fault")
    line.version = agreement(restore="4h", exclusions=["customer_fault"])
    line.facts.pop()
    line.customer("17:00", Phase.EXCLUDED, reason="customer_fault")
    line.provider("17:30", Phase.RESOLVED, end="16:00")
    line.provider("3d 10:00", Phase.REOPENED)
    verdicts = [line.read("4d 00:00", "restore", ordinal=ordinal).verdict.value for ordinal in (0, 1)]
    assert verdicts == ["excluded", "overdue"]
