"""Cases for statistics, each told by what matters in it."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from holdfast.analysis.counted import Counted, Ending
from holdfast.sample.truth import IncidentTruth
from models.records import Basis, Objective

BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
MINUTE_S = 60.0
TARGETS_S = {"p1": 4 * 3600.0, "p2": 8 * 3600.0, "p3": 24 * 3600.0, "p4": 72 * 3600.0}
_numbers = count()


def month(index: int) -> datetime:
    """Return the begin of a month, counted from ``BEGIN``."""
    return BEGIN.replace(year=BEGIN.year + index // 12, month=index % 12 + 1)


def case(at: datetime = BEGIN, length_s: float | None = 600.0, target_s: float = 900.0, **fields: Any) -> Counted:
    """Return a judged case; ``ending`` makes it another."""
    late = length_s is not None and length_s > target_s
    values: dict[str, Any] = {
        "clock_id": f"clock-{next(_numbers):06}",
        "provider": "nimbus",
        "services": ("mail",),
        "priority": "p1",
        "objective": Objective.RESTORE,
        "basis": Basis.AGREED,
        "ending": Ending.BREACHED if late else Ending.MET,
        "under_hazard": False,
        "metric": "nimbus-hosting/2024",
    }
    return Counted(**{**values, "began_at": at, "length_s": length_s, "target_s": target_s, **fields})


def cases(lengths_s: Iterable[float], at: datetime = BEGIN, **fields: Any) -> list[Counted]:
    """Return a case for each length, an hour apart."""
    return [case(at + timedelta(hours=hour), length, **fields) for hour, length in enumerate(lengths_s)]


def restored(truth: IncidentTruth) -> Counted:
    """Return the restore clock of an incident, as it truly went."""
    lasted_s = (truth.restored_at - truth.began_at).total_seconds()
    return case(
        truth.began_at,
        lasted_s,
        TARGETS_S[truth.priority],
        provider=truth.provider,
        services=truth.services,
        priority=truth.priority,
        under_hazard=truth.hazard is not None,
    )
