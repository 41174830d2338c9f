"""Documents that the sample history does not bring about, made by hand: they join the seeded month. Pure."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import product
from typing import Any

from models.derived import HazardDocument, Location
from models.document import Document
from models.ids import stable_id
from models.paging import Outcome, RungState, Side
from models.records import Basis, Objective, Verdict
from tests.support import samples

PROVIDERS = ("arbor-cloud", "birch-carrier", "cedar-hosting")
"""As the sample names them."""
SERVICES = ("compute", "transit", "web")


def rare(now: datetime) -> Iterator[Document]:
    """Yield what is rare: clocks without a verdict or paused, rungs held back, late pages, silence, a storm."""
    for number, (provider, service) in enumerate(zip(PROVIDERS, SERVICES, strict=True)):
        begun = now - timedelta(hours=3 + 16 * number, minutes=37)
        whose: dict[str, Any] = {"provider": provider, "services": (service,)}
        yield samples.incident(number, priority="p2", started_at=begun, last_notice_at=begun, **whose)
        yield samples.clock(
            number, clock_id=stable_id("rare", provider, "silent"), objective=Objective.UPDATE, priority="p2",
            verdict=Verdict.OVERDUE, started_at=begun, due_at=begun + timedelta(hours=1), stopped_at=None,
            elapsed_min_s=None, elapsed_max_s=None, **whose,
        )  # fmt: skip
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
    yield HazardDocument(
        hazard="weather/now", title="Storm", severity="severe", phase="reported", started_at=now - timedelta(hours=7),
        ended_at=None, location=Location(lat=50.1, lon=8.7), radius_km=80.0, area="the valley", providers=PROVIDERS[:1],
        incidents=(), incident_count=0,
    )  # fmt: skip
