"""What is computed from many documents and written to the index beside them: scorecards, days, hazards, promises.

Never on a topic: ``holdfast analyse`` computes them anew from the documents of the index, the same
input gives the same bytes, and an old one is overwritten under the same id (ADR 0024). No decision rests on them.
"""

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from models.document import Document
from models.ids import stable_id
from models.instants import Instant, format_instant
from models.promises import Keeping
from models.records import Basis, Objective

ALL = "*"
"""In place of a service or a priority: all of them together."""


METRIC_VERSION = "1"
"""Of the definitions that scorecards rest on; raised with any that changes a figure of the same documents."""


class Tally(StrEnum):
    """What a scorecard sums up."""

    MONTH = "month"
    """One calendar month, UTC."""
    HOUR = "hour"
    """One hour of the week, UTC, over the whole period: seasonality. Besides these cells one for each weekday (``hour``
    None) and for each hour of the day (``weekday`` None)."""
    PERIOD = "period"
    """The whole period: trend, change point, comparison with others."""


class Scorecard(Document):
    """Figures of the clocks of one objective and basis, by provider, service and priority.

    Below five judged cases ``enough`` is false and every figure but the counts is None (measurement.md §11). Intervals
    are at 95 %. Lengths are seconds, shares are 0 to 1.
    """

    tally: Tally
    provider: str
    service: str
    """Or ``*``."""
    priority: str
    """Or ``*``."""
    objective: Objective
    basis: Basis
    begins_at: Instant
    """Of the month, or of the period."""
    ends_at: Instant
    as_of: Instant
    weekday: int | None = Field(default=None, ge=1, le=7)
    """ISO: 1 is Monday; of ``hour`` only."""
    hour: int | None = Field(default=None, ge=0, le=23)
    n: int
    """Met or breached."""
    met: int
    breached: int
    censored: int
    """Still running: counted in the Kaplan-Meier figures, in no other."""
    indeterminate: int
    left_out: int
    """Cancelled, excluded, not applicable."""
    common_cause: int
    """Of ``n``, those while a hazard lay over the provider's sites."""
    onboarding: bool
    """Within the provider's first three months with us: to be judged by its slope."""
    enough: bool
    met_share: float | None = None
    met_share_low: float | None = None
    met_share_high: float | None = None
    median_s: float | None = None
    median_low_s: float | None = None
    median_high_s: float | None = None
    p90_s: float | None = None
    p90_low_s: float | None = None
    p90_high_s: float | None = None
    km_median_s: float | None = None
    """Kaplan-Meier, open cases counted as longer than they are by now."""
    km_median_low_s: float | None = None
    km_median_high_s: float | None = None
    target_s: float | None = None
    """The median of the targets."""
    slope_per_month: float | None = None
    """Theil-Sen slope of the monthly medians, as a share of the period's median; of ``period`` only, as the rest. Of a
    provider still in its onboarding, of medians of five cases in a row."""
    slope_low: float | None = None
    slope_high: float | None = None
    changed_at: Instant | None = None
    """Begin of the month from which on lengths are at another level."""
    before_s: float | None = None
    after_s: float | None = None
    expected_breached: float | None = None
    """Breaches if each priority were breached as often as by all providers together."""
    breach_ratio: float | None = None
    """Breached by expected: above 1 is worse than the others at the same mix of priorities."""
    breach_ratio_low: float | None = None
    breach_ratio_high: float | None = None
    trend_months: int | None = None
    """Months with enough cases, that slope and change rest on."""
    hour_p: float | None = None
    """Kruskal-Wallis over the hours of the day, UTC: how likely are differences as large as these where there are none.
    """
    weekday_p: float | None = None
    """The same over the days of the week."""
    hazard_median_s: float | None = None
    """Of those while a hazard lay over the provider's sites."""
    calm_median_s: float | None = None
    """Of all others."""
    metric_version: str = METRIC_VERSION

    def document_id(self) -> str:
        named = (self.tally, self.provider, self.service, self.priority, self.objective, self.basis)
        cell = (format_instant(self.begins_at), str(self.weekday or ""), "" if self.hour is None else str(self.hour))
        return stable_id("scorecard", *(str(one) for one in named), *cell)

    def occurred_at(self) -> datetime:
        return self.begins_at


class AvailabilityDay(Document):
    """One service on one day of its provider's contract calendar, and the month's error budget by the day's end."""

    provider: str
    service: str
    agreement: str
    agreement_version: str
    day: Instant
    """Begin of the day, UTC."""
    service_s: float
    """Time in which service was owed."""
    strict_down_s: float
    provider_down_s: float
    agreed_down_s: float
    target_percent: float
    budget_s: float
    """Downtime that the whole month allows."""
    spent_s: float
    """Agreed downtime of the month, up to the end of the day."""
    left_share: float
    """Of the budget; below 0 it is overspent."""

    def document_id(self) -> str:
        return stable_id("availability", self.provider, self.service, self.agreement, format_instant(self.day))

    def occurred_at(self) -> datetime:
        return self.day


class Location(BaseModel):
    """A point, WGS 84 degrees; the key names are those of Elasticsearch's ``geo_point``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)


class HazardDocument(Document):
    """One hazard: a storm, a flood, a fire, with whom it concerns."""

    hazard: str
    """``source/source_incident_id``, as incidents name it in ``exposures``."""
    title: str | None
    severity: str | None
    phase: str
    started_at: Instant
    ended_at: Instant | None
    location: Location | None
    """Middle of its area; None where the feed names none."""
    radius_km: float | None
    """Of a circle of the same middle that holds the area."""
    area: str | None
    """In the feed's words."""
    providers: tuple[str, ...]
    """Whose sites lie in it."""
    incidents: tuple[str, ...]
    """Ids of the incidents that it touched."""
    incident_count: int

    def document_id(self) -> str:
        return stable_id("hazard", self.hazard)

    def occurred_at(self) -> datetime:
        return self.started_at


class PromiseDocument(Document):
    """A time that the provider named, on one basis, and what came of it."""

    promise_id: str
    incident_id: str
    provider: str
    services: tuple[str, ...]
    priority: str | None
    notice_id: str | None
    basis: Basis
    of: Literal["update", "restore"]
    said_at: Instant
    promised_at: Instant
    fulfilled_at: Instant | None
    keeping: Keeping
    late_s: float | None
    phrase: str | None
    """The words that it was read from; None where the feed has a field for it."""

    def document_id(self) -> str:
        return self.promise_id

    def occurred_at(self) -> datetime:
        return self.promised_at


class Lane(StrEnum):
    """Where an entry stands in a postmortem's time line."""

    CLAIMED = "claimed"
    """What the provider said, by its own times."""
    OBSERVED = "observed"
    """What our probes and people saw."""
    CLOCK = "clock"
    PAGE = "page"
    CONTACT = "contact"
    DECISION = "decision"
    HAZARD = "hazard"


class TimelineEntry(Document):
    """One line of an incident's time line, across everything that is on record of it."""

    entry_id: str
    incident_id: str
    provider: str
    services: tuple[str, ...]
    priority: str | None
    lane: Lane
    what: str
    """Closed list of the maker: a phase, an objective, ``paged``, ``answered`` and the like."""
    who: str | None
    text: str
    starts_at: Instant
    ends_at: Instant | None
    known_at: Instant
    """When we had it."""
    refers_to: str
    """``index/id`` of the document that it rests on, such as ``notices/1a2b``."""

    def document_id(self) -> str:
        return self.entry_id

    def occurred_at(self) -> datetime:
        return self.starts_at


DERIVED: dict[str, type[Document]] = {
    "scorecards": Scorecard,
    "availability": AvailabilityDay,
    "hazards": HazardDocument,
    "promises": PromiseDocument,
    "timelines": TimelineEntry,
}
"""Model by index name."""
