"""Escalation policies: two ladders, the provider's and our own (measurement.md §10). Pure."""

from datetime import timedelta
from functools import cached_property
from typing import Literal, Self

import orjson
from pydantic import Field, model_validator

from models.calendar import Calendar
from models.calendar_spec import CalendarSpec
from models.durations import Duration
from models.ids import stable_id
from models.paging import Channel, Side
from models.records import Objective
from models.spec import FixedDuration, Span, Spec

NEEDS_OBJECTIVE = ("share", "breached", "missed")
ALONE = ("promise", "priority", "exposure", "burn_rate", "silence")


class Condition(Spec):
    """When a rung is reached. Exactly one of the keys, but for ``objective``, ``service`` and ``after``, is there."""

    objective: Objective | None = None
    """Of ``share``, ``breached`` and ``missed``."""
    share: float | None = Field(default=None, gt=0, le=10)
    """Share of the target, such as 0.75."""
    breached: bool | None = None
    missed: int | None = Field(default=None, ge=1)
    """That many misses in a row of a repeating objective (``update``)."""
    promise: Literal["broken"] | None = None
    """A time that the provider named has passed, and it did not do what it named it for."""
    priority: str | None = Field(default=None, pattern=r"^p[1-9]$")
    """The incident reached this priority, or a higher one."""
    exposure: bool | None = None
    """The incident lies in the area and time of a hazard."""
    burn_rate: float | None = Field(default=None, gt=0, le=1000)
    """The error budget goes this many times too fast, over an hour and over its last five minutes."""
    service: str | None = None
    """Of ``burn_rate``: which; None is any that the agreement promises availability for."""
    silence: bool | None = None
    """Whoever was told by the rung below did not acknowledge within its ``acknowledge_within``."""
    after: FixedDuration | None = None
    """Delay past the condition."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        named = [name for name in (*NEEDS_OBJECTIVE, *ALONE) if getattr(self, name) not in (None, False)]
        if len(named) != 1:
            raise ValueError(
                "a condition names exactly one of share, breached: true, missed, promise: broken, priority, "
                "exposure: true, burn_rate, silence: true"
            )
        if (self.objective is None) is (named[0] in NEEDS_OBJECTIVE):
            verb = "needs" if self.objective is None else "has no"
            raise ValueError(f"{named[0]} {verb} objective")
        if self.service is not None and named[0] != "burn_rate":
            raise ValueError("service belongs to burn_rate")
        return self

    @property
    def delay(self) -> timedelta:
        """The delay past the condition."""
        return timedelta() if self.after is None or self.after.fixed is None else self.after.fixed

    def __str__(self) -> str:
        """Return the condition in words, as pages say it."""
        text = self._what()
        return text if self.after is None else f"{self.after} after {text}"

    def _what(self) -> str:
        what = "" if self.objective is None else self.objective.value
        if self.share is not None:
            return f"{self.share:.0%} of {what} target"
        if self.missed is not None:
            return f"{self.missed} missed {what}s in a row" if self.missed > 1 else f"missed {what}"
        if self.breached:
            return f"{what} breached"
        if self.promise is not None:
            return "a promise is broken"
        if self.priority is not None:
            return f"priority {self.priority} reached"
        if self.exposure:
            return "in the area and time of a hazard"
        if self.burn_rate is not None:
            of = f" of {self.service}" if self.service else ""
            return f"error budget{of} burns {self.burn_rate:g} times too fast"
        return "no answer from the rung below"


class Hours(CalendarSpec):
    """When a rung may tell somebody: a calendar of its own zone, and what happens outside of it."""

    outside: Literal["hold", "skip"] = "hold"
    """``hold``: told when it opens next. ``skip``: not told at all, and the plan says so."""

    @model_validator(mode="after")
    def _zoned(self) -> Self:
        if self.timezone is None and not self.is_always:
            raise ValueError("hours need a timezone, such as Europe/Berlin")
        return self

    @cached_property
    def calendar(self) -> Calendar:
        """The same to compute with."""
        return Calendar.of(CalendarSpec(hours=self.hours, timezone=self.timezone, holidays=self.holidays), "UTC")


class Rung(Spec):
    """Who is told when a condition holds."""

    when: Condition
    notify: tuple[str, ...] = Field(min_length=1)
    """Contacts of the provider's document, or rotas: then whoever has duty at the instant."""
    via: tuple[Channel, ...] = Field(min_length=1)
    """Every recipient is told on each of these."""
    fallback_via: tuple[Channel, ...] = ()
    """Tried in order for a recipient whom none of ``via`` brings it to."""
    fallback_notify: tuple[str, ...] = ()
    """Tried after that, each by ``via`` and ``fallback_via``."""
    acknowledge_within: Span | None = None
    """Without an acknowledgement for so long the next rung is reached, whatever its own condition says."""
    hours: Hours | None = None


class Scope(Spec):
    """What a policy applies to."""

    priorities: tuple[str, ...] = ()


class Repeat(Spec):
    """How the highest rung reached goes on while nobody acknowledges."""

    every: Span | None = None
    """None: at the floor rate only."""
    until: Literal["acknowledged", "resolved"] = "acknowledged"
    loops: int = Field(default=9, ge=0, le=1000)
    """So often at ``every``; then at the floor rate, never in silence."""
    floor: Span = Duration(4, "h")
    acknowledgement_holds: Span | None = None
    """After so long an acknowledgement has lapsed and paging goes on, unless it is over; None: it holds."""


class Digest(Spec):
    """Which pages can wait and are told together."""

    priorities: tuple[str, ...] = Field(min_length=1)
    every: Span = Duration(4, "h")


class HazardMode(Spec):
    """What a hazard over the provider's sites means for paging."""

    notify: tuple[str, ...] = ()
    """Told when sites are exposed, before anything fails; nobody if empty."""
    via: tuple[Channel, ...] = ("email",)
    cadence: Span = Duration(30, "m")
    """Between two messages to one person about one hazard."""

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if self.notify and not self.via:
            raise ValueError("notify needs via")
        return self


class EscalationPolicy(Spec):
    """Who is told when, on both sides of the contract."""

    api_version: Literal["holdfast/v1"] = Field(alias="apiVersion")
    kind: Literal["EscalationPolicy"]
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    applies_to: Scope = Scope()
    provider_ladder: tuple[Rung, ...] = ()
    customer_ladder: tuple[Rung, ...] = ()
    repeat: Repeat | None = None
    """Of our own ladder; None is the floor rate alone."""
    provider_repeat: Repeat | None = None
    """Of the provider's ladder, as far as the contract allows; None repeats at the floor rate."""
    digest: Digest | None = None
    hazard: HazardMode | None = None
    links_last: Span = Duration(7, "d")
    """How long a page can be answered."""

    @cached_property
    def version(self) -> str:
        """Digest of the policy's content: an edited policy is another version, and its pages have other ids."""
        content = self.model_dump(mode="json", exclude_defaults=True)
        return stable_id(orjson.dumps(content, option=orjson.OPT_SORT_KEYS).decode())[:12]

    def ladders(self) -> tuple[tuple[Side, tuple[Rung, ...]], ...]:
        """Return both ladders with whose they are."""
        return ((Side.PROVIDER, self.provider_ladder), (Side.CUSTOMER, self.customer_ladder))

    def repeats(self, side: Side) -> Repeat:
        """Return how a side's ladder repeats."""
        own = self.repeat if side is Side.CUSTOMER else self.provider_repeat
        return own or Repeat()

    def applies(self, priority: str) -> bool:
        """Return whether incidents of a priority climb this policy; an empty scope means all."""
        return not self.applies_to.priorities or priority in self.applies_to.priorities

    def digest_s(self, priority: str | None) -> float | None:
        """Return how many seconds a page of a priority may wait to be told with others; None: not at all."""
        if self.digest is None or priority not in self.digest.priorities or self.digest.every.fixed is None:
            return None
        return self.digest.every.fixed.total_seconds()

    def recipients(self) -> tuple[str, ...]:
        """Return everybody that the policy names: contacts and rotas."""
        rungs = (*self.provider_ladder, *self.customer_ladder)
        named = [name for rung in rungs for name in (*rung.notify, *rung.fallback_notify)]
        return tuple(dict.fromkeys([*named, *(self.hazard.notify if self.hazard else ())]))


__all__ = [
    "Channel", "Condition", "Digest", "EscalationPolicy", "HazardMode", "Hours", "Repeat", "Rung", "Scope",
]  # fmt: skip
