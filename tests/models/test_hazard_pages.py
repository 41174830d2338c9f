"""Pages about a hazard itself: whom they go to, once, and when all is clear."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from models.documents import Documents
from models.hazard_pages import clear_at
from models.ids import stable_id
from models.notice import Flag, Kind, Notice, Phase, Speaker
from models.paging import PageKind
from models.policy import EscalationPolicy
from models.surroundings import HazardOver
from models.telling import Terms
from tests.models.test_book import said
from tests.support.ledger import POLICY, Play, documents

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def storm(minute: float, until: float | None = 600, phase: Phase = Phase.REPORTED, **fields: Any) -> Notice:
    return said(
        minute, phase,
        **{
            "notice_id": stable_id("storm", str(minute)), "source": "weather", "source_incident_id": "storm-7",
            "kind": Kind.EXPOSURE, "speaker": Speaker.AUTHORITY, "title": "Storm", "claimed_at": at(-30),
            "claimed_end_at": None if until is None else at(until), "received_at": at(minute), **fields,
        },
    )  # fmt: skip


def play(**policy: Any) -> Play:
    edited = EscalationPolicy.model_validate({**POLICY, **policy})
    return Play(terms=Terms(Documents.of([*documents(), edited])))


NOTIFY = {"hazard": {"notify": ["noc", "duty"], "via": ["email", "console"]}}


def told(found: Play, kind: PageKind) -> list[tuple[str, str, str]]:
    return [(one.recipient, one.channel, one.side.value) for one in found.pages() if one.kind is kind]


def test_everybody_that_the_policy_names_is_told_once_by_every_way() -> None:
    found = play(**NOTIFY).tell(storm(0)).tell(storm(30, until=700))
    assert told(found, PageKind.EXPOSURE) == [
        ("noc", "email", "customer"), ("noc", "console", "customer"),
        ("duty", "email", "provider"), ("duty", "console", "provider"),
    ]  # fmt: skip
    page = found.pages()[0]
    assert page.title == "Storm: nimbus sites are exposed"
    assert "It is announced until 2026-05-04T22:00:00Z." in page.text
    assert (page.critical, page.cadence_s, page.hazard) == (False, 1800.0, "weather/storm-7")


def test_all_clear_goes_to_whoever_was_told_and_to_nobody_who_joined_later() -> None:
    found = play(**NOTIFY).tell(storm(0))
    found.terms = Terms(
        Documents.of([*documents(), *play(hazard={"notify": ["noc", "boss"], "via": ["email"]}).terms.documents])
    )
    found.run_to(at(601))
    assert told(found, PageKind.ALL_CLEAR) == [("noc", "email", "customer")]


def test_a_test_message_and_an_old_warning_tell_nobody() -> None:
    assert play(**NOTIFY).tell(storm(0, flags=(Flag.TEST,))).run_to(at(999)).pages() == []
    assert play(**NOTIFY).tell(storm(0, until=-5)).run_to(at(999)).pages() == []
    assert play().tell(storm(0)).run_to(at(999)).pages() == []


def test_a_hazard_without_a_known_end_is_not_over() -> None:
    found = play(**NOTIFY).tell(storm(0, until=None)).run_to(at(9999))
    assert told(found, PageKind.ALL_CLEAR) == []
    assert "announced until" not in found.pages()[0].text


def test_all_is_not_clear_while_what_it_hit_lasts() -> None:
    found = play(**NOTIFY).tell(storm(0)).tell(said(10, Phase.REPORTED)).run_to(at(601))
    assert told(found, PageKind.ALL_CLEAR) == []
    found.tell(said(700, Phase.RESTORED)).run_to(at(701))
    kinds = [(one.recipient, one.kind) for one in found.pages() if one.due_at >= at(600)]
    assert ("noc", PageKind.ALL_CLEAR) in kinds


def test_whoever_two_rungs_told_by_one_way_hears_once_that_all_is_clear() -> None:
    found = play(
        provider_ladder=[],
        customer_ladder=[
            {"when": {"objective": "restore", "share": 0.1}, "notify": ["noc"], "via": ["webhook"]},
            {"when": {"objective": "restore", "share": 0.2}, "notify": ["noc"], "via": ["webhook"]},
        ],
    ).tell(storm(0, until=100))
    found.tell(said(10, Phase.REPORTED)).run_to(at(80)).tell(said(90, Phase.RESTORED)).run_to(at(200))
    assert told(found, PageKind.RUNG) == [("noc", "webhook", "customer")] * 2
    assert told(found, PageKind.ALL_CLEAR) == [("noc", "webhook", "customer")]


def test_an_incident_in_a_hazard_without_end_waits_for_no_all_clear() -> None:
    found = play().tell(storm(0, until=None)).tell(said(10, Phase.REPORTED)).run_to(at(200))
    found.tell(said(210, Phase.RESTORED)).run_to(at(900))
    assert told(found, PageKind.ALL_CLEAR) == []


@pytest.mark.parametrize(
    ("end", "held_since", "clear"),
    [(None, 0, None), (60, None, 60), (60, 10, 60), (60, 50, 80), (60, 90, 120)],
    ids=["not over", "nothing failed", "held for long", "held not yet long", "restored after it"],
)
def test_clear_at(end: float | None, held_since: float | None, clear: float | None) -> None:
    hazard = HazardOver("w/s", None, (), at(0), None if end is None else at(end), is_withdrawn=False)
    held = None if held_since is None else at(held_since)
    assert clear_at(hazard, held, timedelta(minutes=30)) == (None if clear is None else at(clear))
