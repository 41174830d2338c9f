"""What is computed has an id of its own and an instant: whatever tells two of them apart is in the id."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from models.derived import AvailabilityDay, HazardDocument, PromiseDocument, Scorecard, Tally
from models.document import Document
from models.promises import Keeping
from models.records import Basis, Objective

MAY, LATER = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
CARD = Scorecard(
    tally=Tally.HOUR, provider="nimbus", service="mail", priority="p1", objective=Objective.RESTORE,
    basis=Basis.AGREED, begins_at=MAY, ends_at=LATER, as_of=LATER, n=2, met=1, breached=1, censored=0,
    indeterminate=0, left_out=0, common_cause=0, onboarding=False, enough=False,
)  # fmt: skip
DAY = AvailabilityDay(
    provider="nimbus", service="mail", agreement="hosting", agreement_version="1", day=MAY, service_s=86400.0,
    strict_down_s=0.0, provider_down_s=0.0, agreed_down_s=0.0, target_percent=99.9, budget_s=2678.4, spent_s=0.0,
    left_share=1.0,
)  # fmt: skip
STORM = HazardDocument(
    hazard="weather/1", title="Storm", severity=None, phase="reported", started_at=MAY, ended_at=None, location=None,
    radius_km=None, area=None, providers=(), incidents=(), incident_count=0,
)  # fmt: skip
PROMISE = PromiseDocument(
    promise_id="p-1", incident_id="i-1", provider="nimbus", services=("mail",), priority=None, notice_id=None,
    basis=Basis.AGREED, of="update", said_at=MAY - timedelta(hours=1), promised_at=MAY, fulfilled_at=None,
    keeping=Keeping.OPEN, late_s=None, phrase=None,
)  # fmt: skip

APART: list[tuple[Document, dict[str, Any]]] = [
    *((CARD, change) for change in (
        {"tally": Tally.MONTH}, {"provider": "cirrus"}, {"service": "*"}, {"priority": "*"},
        {"objective": Objective.UPDATE}, {"basis": Basis.CLAIMED}, {"begins_at": LATER}, {"weekday": 1}, {"hour": 0},
        {"weekday": 1, "hour": 0},
    )),
    *((DAY, change) for change in ({"provider": "cirrus"}, {"service": "vm"}, {"agreement": "other"}, {"day": LATER})),
    (STORM, {"hazard": "weather/2"}),
    (PROMISE, {"promise_id": "p-2"}),
]  # fmt: skip


def named(case: Any) -> str:
    """Return how a row is told in the report of the tests."""
    return type(case).__name__ if isinstance(case, Document) else ", ".join(case)


@pytest.mark.parametrize(("one", "change"), APART, ids=named)
def test_two_that_differ_in_what_they_are_of_have_two_ids(one: Document, change: dict[str, Any]) -> None:
    assert one.model_copy(update=change).document_id() != one.document_id()


def test_each_cell_of_the_week_has_an_id_of_its_own() -> None:
    cells = [
        CARD.model_copy(update={"weekday": weekday, "hour": hour})
        for weekday in (None, *range(1, 8))
        for hour in (None, *range(24))
    ]
    assert len({one.document_id() for one in cells}) == len(cells) == 200


REPLACED: list[tuple[Document, dict[str, Any]]] = [
    (CARD, {"n": 9, "met": 8, "as_of": LATER + timedelta(days=1), "enough": True, "median_s": 60.0}),
    (DAY, {"agreement_version": "2", "spent_s": 60.0, "left_share": 0.9}),
    (STORM, {"ended_at": LATER, "title": "Hurricane", "incident_count": 3}),
    (PROMISE, {"keeping": Keeping.KEPT, "fulfilled_at": MAY}),
]


@pytest.mark.parametrize(("one", "change"), REPLACED, ids=named)
def test_what_is_computed_anew_takes_the_place_of_the_old(one: Document, change: dict[str, Any]) -> None:
    assert one.model_copy(update=change).document_id() == one.document_id()


@pytest.mark.parametrize("one", [CARD, DAY, STORM, PROMISE], ids=named)
def test_it_belongs_to_the_time_that_it_is_of_not_to_when_it_was_computed(one: Document) -> None:
    assert one.occurred_at() == MAY
