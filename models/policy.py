"""Escalation policies: two ladders, the provider's and our own (measurement.md §10). Pure."""

from functools import cached_property
from typing import Literal, Self

import orjson
from pydantic import Field, model_validator

from models.durations import Duration
from models.ids import stable_id
from models.paging import Side
from models.records import Objective
from models.spec import Spec

Channel = Literal["webhook", "email", "console"]


class Condition(Spec):
    """When a rung is reached. Exactly one of ``share``, ``breached`` and ``missed``."""

    objective: Objective
    share: float | None = Field(default=None, gt=0, le=10)
    """Share of the target, such as 0.75."""
    breached: bool | None = None
    missed: int | None = Field(default=None, ge=1)
    """That many misses in a row of a repeating objective (``update``)."""
    after: Duration | None = None
    """Delay past the condition."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        named = [self.share is not None, self.breached is True, self.missed is not None]
        if sum(named) != 1:
            raise ValueError("a condition names exactly one of share, breached: true, missed")
        if self.after is not None and self.after.fixed is None:
            raise ValueError("after is a fixed time, such as 30m")
        return self

    def __str__(self) -> str:
        """Return the condition in words, as pages say it."""
        what = self.objective.value
        if self.share is not None:
            text = f"{self.share:.0%} of {what} target"
        elif self.missed is not None:
            text = f"{self.missed} missed {what}s in a row" if self.missed > 1 else f"missed {what}"
        else:
            text = f"{what} breached"
        return text if self.after is None else f"{self.after} after {text}"


class Rung(Spec):
    """Who is told when a condition holds."""

    when: Condition
    notify: tuple[str, ...] = Field(min_length=1)
    via: tuple[Channel, ...] = Field(min_length=1)
    acknowledge_within: Duration | None = None


class Scope(Spec):
    """What a policy applies to."""

    priorities: tuple[str, ...] = ()


class Repeat(Spec):
    """How the last rung goes on. Read and checked; repeating comes with the escalation release."""

    every: Duration
    until: Literal["acknowledged", "resolved"] = "acknowledged"


class EscalationPolicy(Spec):
    """Who is told when, on both sides of the contract."""

    api_version: Literal["holdfast/v1"] = Field(alias="apiVersion")
    kind: Literal["EscalationPolicy"]
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    applies_to: Scope = Scope()
    provider_ladder: tuple[Rung, ...] = ()
    customer_ladder: tuple[Rung, ...] = ()
    repeat: Repeat | None = None

    @cached_property
    def version(self) -> str:
        """Digest of the policy's content: an edited policy is another version, and its pages have other ids."""
        return stable_id(orjson.dumps(self.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS).decode())[:12]

    def ladders(self) -> tuple[tuple[Side, tuple[Rung, ...]], ...]:
        """Return both ladders with whose they are."""
        return ((Side.PROVIDER, self.provider_ladder), (Side.CUSTOMER, self.customer_ladder))

    def applies(self, priority: str) -> bool:
        """Return whether incidents of a priority climb this policy; an empty scope means all."""
        return not self.applies_to.priorities or priority in self.applies_to.priorities
