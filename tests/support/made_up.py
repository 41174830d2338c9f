"""Documents that the sample history does not bring about, made by hand: they join the seeded month. Pure."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import product
from typing import Any

from models.derived import (
    ALL,
    AvailabilityDay,
    HazardDocument,
    Lane,
    Location,
    PromiseDocument,
    Scorecard,
    Tally,
    TimelineEntry,
)
from models.document import Document
from models.ids import stable_id
from models.paging import Outcome, RungState, Side
from models.promises import Keeping
from models.records import Basis, Objective, Verdict
from tests.support import samples

PROVIDERS = ("arbor-cloud", "birch-carrier", "cedar-hosting")
"""As the sample names them."""
SERVICES = ("compute", "transit", "web")


def rare(now: datetime) -> Iterator[Document]:
    """Yield what is rare: clocks without a verdict, paused ones, rungs held back, late pages, lost attempts."""
    for number, (provider, service) in enumerate(zip(PROVIDERS, SERVICES, strict=True)):
        begun = now - timedelta(hours=3 + 16 * number, minutes=37)
        whose: dict[str, Any] = {"provider": provider, "services": (service,)}
        for basis, verdict in product(Basis, (Verdict.INDETERMINATE, Verdict.PAUSED)):
            ended = begun + timedelta(hours=3) if verdict is Verdict.INDETERMINATE else None
            yield samples.clock(
                number, clock_id=stable_id("rare", provider, basis, verdict), basis=basis, verdict=verdict,
                priority="p2", started_at=begun, due_at=begun + timedelta(hours=4), stopped_at=ended,
                reason="nobody saw the end", **whose,
                elapsed_min_s=10_000.0 if ended else None, elapsed_max_s=20_000.0 if ended else None,
            )  # fmt: skip
        held = samples.planned_page(1, side=Side.PROVIDER, state=RungState.SUPPRESSED, reason="planned maintenance")
        yield samples.plan(number, started_at=begun, rungs=(samples.planned_page(0), held), **whose)
        late = {"due_at": begun, "issued_at": begun + timedelta(minutes=7), "late_s": 420.0, "priority": "p2"}
        yield samples.page(number, recipient_name="Kim", reason="restore breached", **late, **whose)
        for attempt, outcome in enumerate((Outcome.RETRYING, Outcome.UNKNOWN, Outcome.FAILED), 1):
            at = begun + timedelta(minutes=8 + attempt)
            yield samples.delivery(number, attempt, outcome, provider=provider, error="reset", finished_at=at)
        yield samples.dead_letter(number, reason=("not_json", "no_zone")[number % 2], received_at=begun)


def derived(begin: datetime, now: datetime) -> Iterator[Document]:
    """Yield documents of every kind that is computed from others."""
    for (number, (provider, service)), day in product(enumerate(zip(PROVIDERS, SERVICES, strict=True)), range(26)):
        down, at = 60.0 * (day * (number + 2) % 7 // 4), begin + timedelta(days=day)
        yield AvailabilityDay(
            provider=provider, service=service, agreement=f"{provider}-sla", agreement_version="1", day=at,
            service_s=86400.0, strict_down_s=2 * down, provider_down_s=down / 2, agreed_down_s=down,
            target_percent=99.9 - number / 10, budget_s=2592.0 * (number + 1), spent_s=100.0 * day,
            left_share=1 - day * (3 - number) / 50,
        )  # fmt: skip
    for provider, objective, basis in product(PROVIDERS, Objective, Basis):
        cell: dict[str, Any] = {"provider": provider, "service": ALL, "priority": ALL, "objective": objective}
        cell["basis"] = basis
        figures = {"n": 12, "met": 10, "breached": 2, "censored": 1, "indeterminate": 0, "left_out": 0}
        span = {"begins_at": begin, "ends_at": begin + timedelta(days=31), "as_of": now}
        cell |= {"common_cause": 0, "onboarding": False, "enough": True}
        yield Scorecard(tally=Tally.MONTH, median_s=600.0, median_low_s=400.0, median_high_s=900.0, p90_s=1e3, **cell,
                        **figures, **span)  # fmt: skip
        yield Scorecard(tally=Tally.PERIOD, **cell, **figures, **span)
        for hour in range(0, 168, 13):
            yield Scorecard(tally=Tally.HOUR, weekday=hour // 24 + 1, hour=hour % 24, **cell,
                            **{**figures, "breached": hour % 5}, **span)  # fmt: skip
    yield from _kept(now)


def _kept(now: datetime) -> Iterator[Document]:
    for number, (provider, service, keeping) in enumerate(product(PROVIDERS, SERVICES, Keeping)):
        said, key = now - timedelta(hours=9 * number + 1), str(number)
        whose = {"provider": provider, "services": (service,), "priority": "p2", "incident_id": stable_id("case", key)}
        yield PromiseDocument(
            promise_id=stable_id("promise", key), notice_id=stable_id("notice", key), basis=list(Basis)[number % 3],
            of=("update", "restore")[number % 2], said_at=said, promised_at=said + timedelta(hours=1),
            fulfilled_at=None, keeping=keeping, late_s=60.0 * number, phrase="within the hour", **whose,
        )  # fmt: skip
        yield TimelineEntry(
            entry_id=stable_id("entry", key), lane=list(Lane)[number % len(Lane)], what="update", who=provider,
            text="-", starts_at=said, ends_at=None, known_at=said, refers_to=f"notices/{key}", **whose,
        )  # fmt: skip
    for number, provider in enumerate(PROVIDERS):
        yield HazardDocument(
            hazard=f"weather/{number}", title=f"Storm {number}", severity="severe", phase="reported",
            started_at=now - timedelta(days=number + 1), ended_at=None if number % 2 else now,
            location=Location(lat=50.0 + number, lon=8.0), radius_km=80.0, area="the coast", providers=(provider,),
            incidents=(), incident_count=number,
        )  # fmt: skip
