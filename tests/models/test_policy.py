"""Policies: conditions in words, hours, repetition, digests, and whom they name."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from models.calendar import Calendar
from models.durations import Duration
from models.paging import Side
from models.policy import Condition, Digest, EscalationPolicy, HazardMode, Hours, Repeat, Rung

RUNG: dict[str, Any] = {"when": {"objective": "restore", "share": 1.0}, "notify": ["noc"], "via": ["email"]}


def policy(**keys: Any) -> EscalationPolicy:
    return EscalationPolicy.model_validate({
        "apiVersion": "holdfast/v1", "kind": "EscalationPolicy", "id": "major", **keys
    })  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"objective": "restore", "share": 0.75}, "75% of restore target"),
        ({"objective": "restore", "breached": True}, "restore breached"),
        ({"objective": "update", "missed": 1}, "missed update"),
        ({"objective": "update", "missed": 2}, "2 missed updates in a row"),
        ({"promise": "broken"}, "a promise is broken"),
        ({"promise": "broken", "after": "10m"}, "10m after a promise is broken"),
        ({"priority": "p1"}, "priority p1 reached"),
        ({"exposure": True}, "in the area and time of a hazard"),
        ({"burn_rate": 14.4}, "error budget burns 14.4 times too fast"),
        ({"burn_rate": 6, "service": "vm"}, "error budget of vm burns 6 times too fast"),
        ({"silence": True}, "no answer from the rung below"),
    ],
)
def test_a_condition_in_words(fields: dict[str, Any], words: str) -> None:
    assert str(Condition.model_validate(fields)) == words


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "exactly one of"),
        ({"objective": "restore"}, "exactly one of"),
        ({"objective": "restore", "breached": False}, "exactly one of"),
        ({"exposure": False}, "exactly one of"),
        ({"silence": True, "priority": "p1"}, "exactly one of"),
        ({"objective": "restore", "share": 0.5, "promise": "broken"}, "exactly one of"),
        ({"share": 0.5}, "share needs objective"),
        ({"breached": True}, "breached needs objective"),
        ({"missed": 2}, "missed needs objective"),
        ({"objective": "restore", "silence": True}, "silence has no objective"),
        ({"objective": "restore", "burn_rate": 2}, "burn_rate has no objective"),
        ({"priority": "p1", "service": "vm"}, "service belongs to burn_rate"),
        ({"priority": "p0"}, "should match pattern"),
        ({"burn_rate": 0}, "greater than 0"),
        ({"burn_rate": 1001}, "less than or equal to 1000"),
        ({"objective": "restore", "share": 0}, "greater than 0"),
        ({"objective": "update", "missed": 0}, "greater than or equal to 1"),
        ({"silence": True, "after": "1bd"}, "has no fixed length"),
        ({"promise": "kept"}, "'broken'"),
    ],
)
def test_a_condition_that_says_nothing_or_two_things_is_refused(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Condition.model_validate(fields)


@pytest.mark.parametrize(("after", "delay"), [(None, timedelta()), ("0s", timedelta()), ("90s", timedelta(seconds=90))])
def test_a_delay_is_none_unless_it_is_written(after: str | None, delay: timedelta) -> None:
    assert Condition.model_validate({"silence": True, "after": after}).delay == delay


def test_hours_of_a_rung_are_a_calendar_of_their_own_zone() -> None:
    hours = Hours.model_validate({"hours": {"mon-fri": ["08:00-18:00"]}, "timezone": "Europe/Berlin"})
    assert hours.outside == "hold"
    assert hours.calendar.zone == "Europe/Berlin"
    assert isinstance(Hours.model_validate({"hours": "24x7", "outside": "skip"}).calendar, Calendar)


def test_hours_without_a_zone_are_refused() -> None:
    with pytest.raises(ValidationError, match="hours need a timezone, such as Europe/Berlin"):
        Hours.model_validate({"hours": {"mon": ["08:00-18:00"]}})


@pytest.mark.parametrize(
    ("model", "fields", "words"),
    [
        (Rung, {**RUNG, "notify": []}, "at least 1 item"),
        (Rung, {**RUNG, "via": []}, "at least 1 item"),
        (Rung, {**RUNG, "via": ["fax"]}, "'webhook'"),
        (Rung, {**RUNG, "acknowledge_within": "0m"}, "no time at all"),
        (Rung, {**RUNG, "acknowledge_within": "1bd"}, "no fixed length"),
        (Repeat, {"every": "0m"}, "no time at all"),
        (Repeat, {"loops": -1}, "greater than or equal to 0"),
        (Repeat, {"floor": "2eobd"}, "no fixed length"),
        (Repeat, {"until": "forever"}, "'acknowledged' or 'resolved'"),
        (Digest, {"priorities": []}, "at least 1 item"),
        (Digest, {"priorities": ["p3"], "every": "1bd"}, "no fixed length"),
        (HazardMode, {"notify": ["noc"], "via": []}, "notify needs via"),
    ],
)
def test_what_can_not_be_followed_is_refused(model: type[Rung], fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        model.model_validate(fields)


def test_a_hazard_mode_that_tells_nobody_needs_no_channel() -> None:
    assert HazardMode(via=()).notify == ()


def test_each_side_repeats_by_its_own_rule_and_at_the_floor_rate_without_one() -> None:
    one = policy(repeat={"every": "30m"})
    assert one.repeats(Side.CUSTOMER).every == Duration(30, "m")
    assert one.repeats(Side.PROVIDER) == Repeat()
    assert policy(provider_repeat={"every": "2h"}).repeats(Side.PROVIDER).every == Duration(2, "h")
    assert (Repeat().every, Repeat().loops, Repeat().floor) == (None, 9, Duration(4, "h"))


@pytest.mark.parametrize(
    ("keys", "priority", "seconds"),
    [
        ({}, "p3", None),
        ({"digest": {"priorities": ["p3"]}}, "p3", 14400.0),
        ({"digest": {"priorities": ["p3"], "every": "1h"}}, "p3", 3600.0),
        ({"digest": {"priorities": ["p3"]}}, "p1", None),
        ({"digest": {"priorities": ["p3"]}}, None, None),
    ],
)
def test_only_the_priorities_of_a_digest_wait(
    keys: dict[str, Any], priority: str | None, seconds: float | None
) -> None:
    assert policy(**keys).digest_s(priority) == seconds


def test_an_empty_scope_means_all_priorities() -> None:
    assert policy().applies("p5")
    assert not policy(applies_to={"priorities": ["p1"]}).applies("p5")


def test_everybody_whom_a_policy_names_is_told_once() -> None:
    rung = {**RUNG, "fallback_notify": ["boss"]}
    one = policy(
        provider_ladder=[{**RUNG, "notify": ["duty", "noc"]}], customer_ladder=[rung], hazard={"notify": ["ops"]}
    )
    assert one.recipients() == ("duty", "noc", "boss", "ops")
    assert policy().recipients() == ()


def test_a_version_is_of_the_content_and_defaults_that_are_written_out_change_nothing() -> None:
    plain = policy(customer_ladder=[RUNG])
    assert policy(customer_ladder=[{**RUNG, "fallback_via": []}], links_last="7d").version == plain.version
    assert policy(customer_ladder=[{**RUNG, "fallback_via": ["console"]}]).version != plain.version
    assert [side for side, _ in plain.ladders()] == [Side.PROVIDER, Side.CUSTOMER]
