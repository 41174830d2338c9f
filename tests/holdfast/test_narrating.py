"""A verdict's story in plain words: what is said of pauses, exclusions, doubt, promises and what is still to come."""

from typing import Any

import pytest

from holdfast.explaining import ClockName, explain
from holdfast.narrating import narrate
from models.agreement import Agreement
from models.correlation import incident_id
from models.documents import Documents
from models.ids import stable_id
from models.incident import Contract
from models.notice import Flag, Notice, Phase, Speaker
from tests.support.timeline import agreement, at

OFFICE = {"office": {"hours": {"mon-fri": ["09:00-17:00"]}, "timezone": "Europe/Berlin"}}


def say(when: str, phase: Phase, speaker: Speaker = Speaker.PROVIDER, **fields: Any) -> Notice:
    """Return a notice that was published, and received, at a time of the scenario."""
    values = {"severity": "major", "text": f"{phase.value} at {when}", "published_at": at(when), **fields}
    return Notice(
        notice_id=stable_id(when, phase.value, speaker.value), source="status", source_incident_id="inc-1", phase=phase,
        provider="nimbus", services=("vm",), speaker=speaker, received_at=values.pop("received_at", at(when)), **values,
    )  # fmt: skip


def tell(version: Any, notices: list[Notice], name: str = "restore|agreed|0", as_of: str = "18:00") -> dict[str, str]:
    """Return the sections of a story, each as one text."""
    fields = {"apiVersion": "holdfast/v1", "kind": "Agreement", "id": "hosting", "provider": "nimbus", "customer": "us"}
    contract = Agreement(**fields, contract="sla", versions=(version,))
    clock = ClockName(incident_id("nimbus", ("status", "inc-1")), "inc-1", name)
    told = explain(clock, notices, Contract(contract, version), Documents.of([contract]), at(as_of))
    assert told is not None
    return {one.heading: " ".join(" ".join(one.lines).split()) for one in narrate(told)}


BEGUN = say("10:00", Phase.REPORTED, claimed_at=at("10:00"))


def test_what_is_still_to_come_is_told_with_its_instants():
    version = agreement(
        targets=[{"objective": "restore", "p1": "2h", "warn_at": [0.5], "calendar": "office"}], calendars=OFFICE
    )
    told = tell(version, [BEGUN], as_of="10:30")
    assert told["Verdict"] == "running, by the agreement's rules of evidence: it took 30m so far; 2h were agreed."
    assert "in the hours of calendar 'office' (Europe/Berlin)" in told["The rule"]
    assert told["What would change it"].startswith(
        "2026-05-04 11:00:00: 50% of the target is used up 2026-05-04 12:00:00"
    )
    assert "Stop" not in told


def test_business_days_say_what_they_came_to():
    version = agreement(targets=[{"objective": "restore", "p1": "1bd", "calendar": "office"}], calendars=OFFICE)
    assert "restore within 1bd, here 8h" in tell(version, [BEGUN])["The rule"]


def test_a_claim_that_waits_for_our_ruling_is_named_with_what_it_could_take_out():
    claim = say("11:00", Phase.EXCLUDED, reason="force_majeure")
    told = tell(agreement(restore="4h", exclusions=["force_majeure"]), [BEGUN, claim], as_of="12:00")
    assert (
        "exclusion 'force_majeure' from the beginning to open end: not counted; proposed"
        in told["Pauses and exclusions"]
    )
    assert "asked for by the provider (status) at 2026-05-04 11:00:00" in told["Pauses and exclusions"]
    assert "our acceptance of the exclusion 'force_majeure': it could take out up to 2h" in told["What would change it"]


def test_a_ruling_is_told_with_who_made_it():
    claim = say("11:00", Phase.EXCLUDED, reason="force_majeure", source_update_id="claim")
    ruling = say("11:30", Phase.EXCLUDED, Speaker.CUSTOMER, concerns="claim", ruling="accepted", severity=None)
    told = tell(agreement(restore="4h", exclusions=["force_majeure"]), [BEGUN, claim, ruling], as_of="12:00")
    assert "accepted by our own people (status) at 2026-05-04 11:30:00" in told["Pauses and exclusions"]
    assert "excluded (force_majeure), not counted" in told["What counted"]
    assert "Because: excluded: force_majeure." in told["Verdict"]
    assert "2h were left out for pauses and exclusions." in told["Verdict"]


def test_an_end_that_nobody_told_is_not_made_up():
    gone = say("11:10", Phase.CLOSED, flags=(Flag.VANISHED,), published_at=None, received_after=at("11:00"), text=None)
    told = tell(agreement(restore="90m"), [BEGUN, gone], as_of="12:00")
    assert "it took 1h to nobody knows how long" in told["Verdict"]
    assert "not before 2026-05-04 11:00:00; nobody knows when" in told["Stop"]
    assert "to be read with care: vanished" in told["Stop"]
    assert "a witness of ours, or a closer look, that narrows the interval" in told["What would change it"]


def test_a_promise_of_the_providers_own_is_the_rule_then():
    promising = say("10:00", Phase.REPORTED, claimed_at=at("10:00"), promised_at=at("10:20"))
    told = tell(agreement(update="1h"), [promising], "update|agreed|0", as_of="10:10")
    assert "the provider itself named a time, which comes before the limit of 1h" in told["The rule"]


def test_quiet_between_an_end_and_a_return_is_told_with_the_rule():
    notices = [
        BEGUN, say("11:00", Phase.RESTORED, claimed_at=at("11:00")), say("12:00", Phase.REOPENED),
        say("13:00", Phase.RESTORED, claimed_at=at("13:00")),
    ]  # fmt: skip
    told = tell(agreement(restore="4h", stability_window="15m"), notices)
    assert "1h quiet, not counted by the reopen rule 'continue'" in told["What counted"]
    assert "sum: 2h for certain" in told["What counted"]
    assert "a restore counts once it has held for 15m" in told["The rule"]


def test_a_clock_of_which_nothing_can_be_said_says_so():
    told = tell(agreement(recovery_point="1h"), [BEGUN], "recovery_point|agreed|0")
    assert told["Verdict"] == (
        "indeterminate, by the agreement's rules of evidence: how long it took is unknown; 1h were agreed."
        " Because: nobody named a recovery point: unknown is not zero."
    )
    assert "What counted" not in told


def test_without_a_severity_the_priority_is_the_lowest_and_says_why():
    version = agreement(targets=[{"objective": "restore", "p1": "1h", "p2": "4h"}])
    told = tell(version, [say("10:00", Phase.REPORTED, claimed_at=at("10:00"), severity=None)])
    assert told["Priority"] == "p2: nobody named a severity that the agreement knows"


def test_long_texts_are_quoted_by_their_first_words_and_a_title_stands_in_for_none():
    long = say("10:00", Phase.REPORTED, claimed_at=at("10:00"), text="word " * 100)
    assert '..."' in tell(agreement(restore="4h"), [long])["Start"]
    untold = say("10:00", Phase.REPORTED, claimed_at=at("10:00"), text=None, title="VMs down")
    assert '"VMs down"' in tell(agreement(restore="4h"), [untold])["Start"]
    silent = say("10:00", Phase.REPORTED, claimed_at=at("10:00"), text=None)
    assert '"' not in tell(agreement(restore="4h"), [silent])["Start"]


@pytest.mark.parametrize("days", [20, 60], ids=["within the list", "longer than the list"])
def test_long_clocks_are_told_by_day(days):
    version = agreement(
        targets=[{"objective": "restore", "p1": "90d", "calendar": "office"}], calendars=OFFICE,
        pauses=[{"reason": "access_denied", "objectives": ["restore"]}],
    )  # fmt: skip
    paused = say("12:00", Phase.PAUSED, reason="access_denied")
    resumed = say("13:00", Phase.RESUMED, reason="access_denied")
    told = tell(version, [BEGUN, paused, resumed], as_of=f"{days}d 10:00")["What counted"]
    assert "Mon 2026-05-04 4h counted, 1h left out (the rest closed or quiet; Europe/Berlin)" in told
    assert ("more days with" in told) == (days == 60)
