"""What is read out of Alertmanager's webhook: our own witness of an outage."""

from typing import Any

import orjson
import pytest

from feeds import alertmanager
from feeds.errors import PayloadError
from models.notice import Phase, Speaker, Statement
from tests.feeds.looks import at, stamp

NEVER = "0001-01-01T00:00:00Z"


def alert(status: str | None = "firing", ends: str = NEVER, **fields: Any) -> dict[str, Any]:
    return {
        **({"status": status} if status else {}),
        "labels": {
            "alertname": "MailDown",
            "service": "mail",
            "instance": "mx1",
            "region": "eu",
            "severity": "Critical",
        },
        "annotations": {"summary": "Mail is down", "description": "No greeting in 5 min"},
        "startsAt": stamp(0),
        "endsAt": ends,
        "fingerprint": "f1",
        **fields,
    }


def read(*alerts: dict[str, Any], **fields: Any) -> tuple[Statement, ...]:
    group = {"version": "4", "groupKey": "{}", "status": "firing", "alerts": list(alerts), **fields}
    return alertmanager.parse(orjson.dumps(group)).statements


def test_a_firing_alert_is_our_monitors_report_of_when_it_began() -> None:
    (only,) = read(alert())
    assert (only.speaker, only.phase) == (Speaker.MONITOR, Phase.REPORTED)
    assert (only.claimed_at, only.claimed_end_at) == (at(0), None)
    assert (only.components, only.regions, only.severity) == (("mail", "mx1"), ("eu",), "critical")
    assert only.text == "Mail is down No greeting in 5 min"


def test_a_resolved_alert_ends_the_same_episode() -> None:
    firing, resolved = read(alert())[0], read(alert("resolved", stamp(12)))[0]
    assert resolved.source_incident_id == firing.source_incident_id
    assert (resolved.phase, resolved.claimed_end_at) == (Phase.RESTORED, at(12))


def test_the_same_alert_firing_again_later_is_another_episode() -> None:
    assert read(alert())[0].source_incident_id != read(alert(startsAt=stamp(60)))[0].source_incident_id


def test_only_the_status_ends_an_alert_never_a_time_out_to_come() -> None:
    assert read(alert(ends=stamp(5)))[0].phase is Phase.REPORTED
    assert read(alert(None, stamp(5)))[0].phase is Phase.REPORTED
    assert read(alert(None, stamp(5)), status="resolved")[0].phase is Phase.RESTORED


def test_fingerprints_tell_alerts_of_equal_labels_apart_and_labels_serve_without_one() -> None:
    twins = read(alert(), alert(fingerprint="f2"))
    assert len({one.source_incident_id for one in twins}) == 2
    without = [read(alert(fingerprint=None, labels={"alertname": "A", "host": host}))[0] for host in ("a", "b", "a")]
    assert without[0].source_incident_id == without[2].source_incident_id != without[1].source_incident_id


def test_nanoseconds_and_offsets_are_read() -> None:
    (only,) = read(alert(startsAt="2026-05-04T04:00:00.000000999-05:00"))
    assert only.claimed_at == at(0)


def test_an_alert_that_cannot_be_read_does_not_hide_the_others() -> None:
    payload = {"alerts": [alert(startsAt=None), alert("resolved", NEVER), alert()]}
    parsed = alertmanager.parse(orjson.dumps(payload))
    assert len(parsed.statements) == 1
    assert [reason for reason, _ in parsed.problems] == ["bad_time", "bad_time"]


@pytest.mark.parametrize("payload", [[], {}, {"alerts": 1}, {"alerts": [None]}, "x"])
def test_what_is_no_webhook_call_is_refused_as_such(payload: Any) -> None:
    with pytest.raises(PayloadError) as caught:
        alertmanager.parse(orjson.dumps(payload))
    assert caught.value.reason == "wrong_shape"
