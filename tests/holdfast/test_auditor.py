"""The auditor beside the watcher: what is new is an alarm once, and a long ledger is audited more seldom."""

from typing import Any

import pytest

from holdfast import auditor
from holdfast.auditor import Auditor
from holdfast.settings import Settings
from models.watch import Severity, Trouble

SETTINGS = Settings(_env_file=None)


def fault(page_id: str) -> dict[str, Any]:
    """Return a finding as ``holdfast audit --json`` prints it."""
    return {
        "fault": "page_missing", "provider": "nimbus", "incident_id": "i", "page_id": page_id, "words": "not there",
        "next_step": "look", "explained": None,
    }  # fmt: skip


def test_a_finding_is_an_alarm_when_it_is_new_and_a_warning_from_then_on() -> None:
    runs = iter([[fault("a")], [fault("a"), fault("b")], []])
    one = Auditor(SETTINGS, 900.0, lambda _: next(runs))
    told = []
    for _ in range(3):
        one.audit()
        told.append([(found.service, found.severity) for found in one.findings()])
    assert told == [
        [("a", Severity.ALARM)],
        [("a", Severity.WARNING), ("b", Severity.ALARM)],
        [],
    ]


def test_where_nothing_could_be_compared_the_last_findings_stay() -> None:
    runs = iter([[fault("a")], None])
    one = Auditor(SETTINGS, 900.0, lambda _: next(runs))
    one.audit()
    one.audit()
    assert [found.trouble for found in one.findings()] == [Trouble.AUDIT]


@pytest.mark.parametrize(
    ("took_s", "wait_s"), [(1.0, 900.0), (45.0, 900.0), (90.0, 1800.0)], ids=["short", "just so", "long"]
)
def test_an_audit_takes_a_twentieth_of_a_core_at_most(
    took_s: float, wait_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    instants = iter([0.0, took_s])
    monkeypatch.setattr(auditor.time, "monotonic", lambda: next(instants))
    assert Auditor(SETTINGS, 900.0, lambda _: []).audit() == pytest.approx(wait_s)


def test_without_a_broker_nothing_is_audited_and_nothing_is_said_to_be_wrong() -> None:
    away = Settings(_env_file=None, kafka="127.0.0.1:9")
    assert auditor.run_audit(away) is None
