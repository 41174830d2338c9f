"""What is put on record of one attempt, or of a page that ends without one. Pure."""

from dataclasses import dataclass
from datetime import datetime

from consumers.channels import Attempt, Result
from models.ids import stable_id
from models.paging import Delivery


@dataclass(frozen=True)
class Took:
    """When an attempt began and ended by the product's clock, and how many real seconds it took."""

    started_at: datetime
    finished_at: datetime
    seconds: float = 0.0


def delivery(attempt: Attempt, result: Result, took: Took) -> Delivery:
    """Return the record of an attempt: same attempt and outcome, same id.

    Args:
        attempt: which one, of which page.
        result: what is known after it; ``sending`` before it.
        took: its times.
    """
    page = attempt.page
    return Delivery(
        delivery_id=stable_id(page.page_id, str(attempt.number), result.outcome.value),
        page_id=page.page_id,
        incident_id=page.incident_id,
        provider=page.provider,
        recipient=page.recipient,
        channel=page.channel,
        attempt=attempt.number,
        outcome=result.outcome,
        repeated=attempt.repeated,
        status_code=result.status_code,
        error=result.error,
        started_at=took.started_at,
        finished_at=took.finished_at,
        latency_ms=round(took.seconds * 1000, 3),
        proof=result.proof,
        kind=page.kind,
        priority=page.priority,
        hazard=page.hazard,
    )
