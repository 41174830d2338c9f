"""Rotas: who has duty at an instant. Weekly handovers, several zones in turn, overrides, holidays. Pure.

A rota has layers. At an instant the first layer that is open then names one of its members in turn; an override goes
before all layers. Turns change at a local wall time of the layer's zone, so a week is seven local days, also where the
clocks change in it.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from models.calendar import Calendar
from models.calendar_spec import CalendarSpec
from models.instants import Instant
from models.paging import Side
from models.provider import Contact
from models.spec import LocalDate, Spec, check_zone

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Layer(Spec):
    """Members in turn, within hours."""

    members: tuple[str, ...] = Field(min_length=1)
    """Ids in the rota's ``members``, in the order of their turns."""
    timezone: str
    since: LocalDate
    """The first member's first turn begins on this date, or on the next handover day after it."""
    handover: str = Field(default="mon 09:00", pattern=r"^(mon|tue|wed|thu|fri|sat|sun|daily) ([01]\d|2[0-3]):[0-5]\d$")
    """When turns change, local time: ``mon 09:00``, or ``daily 08:00``."""
    turns: int = Field(default=1, ge=1, le=52)
    """Weeks (or days, of a daily handover) that one turn lasts."""
    hours: CalendarSpec | None = None
    """When this layer has duty at all, such as the working day of its continent; None: always."""

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, name: str) -> str:
        return check_zone(name)

    @cached_property
    def calendar(self) -> Calendar | None:
        """The hours to compute with; None where it is always open."""
        return None if self.hours is None else Calendar.of(self.hours, self.timezone)

    def is_open(self, instant: datetime) -> bool:
        """Return whether this layer has duty at an instant."""
        return self.calendar is None or self.calendar.is_open(instant)

    def on_duty(self, instant: datetime) -> str | None:
        """Return whose turn it is at an instant; None before the first one, or outside the hours."""
        if not self.is_open(instant):
            return None
        day, clock = self.handover.split(" ")
        hour, minute = (int(part) for part in clock.split(":"))
        local = instant.astimezone(ZoneInfo(self.timezone)).replace(tzinfo=None)
        begun = local - timedelta(hours=hour, minutes=minute)
        passed = (begun.date() - self._first(day)).days // (1 if day == "daily" else 7)
        return None if passed < 0 else self.members[passed // self.turns % len(self.members)]

    def _first(self, day: str) -> date:
        """Return the date of the first handover."""
        if day == "daily":
            return self.since
        return self.since + timedelta(days=(DAYS.index(day) - self.since.weekday()) % 7)


class Override(Spec):
    """Somebody takes over for a time."""

    begin: Instant = Field(alias="from")
    """Inclusive; with offset, such as 2026-05-04T09:00:00+02:00."""
    end: Instant = Field(alias="until")
    """Exclusive."""
    member: str

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if self.end <= self.begin:
            raise ValueError("an override ends later than it begins")
        return self


class Rota(Spec):
    """Who has duty when, on one side of the contract."""

    api_version: Literal["holdfast/v1"] = Field(alias="apiVersion")
    kind: Literal["Rota"]
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    name: str | None = None
    members: dict[str, Contact] = Field(min_length=1)
    layers: tuple[Layer, ...] = Field(min_length=1)
    """The first that is open at an instant counts."""
    overrides: tuple[Override, ...] = ()
    """Of those that overlap, the last one counts."""

    @model_validator(mode="after")
    def _known(self) -> Self:
        named = [name for layer in self.layers for name in layer.members] + [one.member for one in self.overrides]
        unknown = sorted(set(named) - self.members.keys())
        if unknown:
            raise ValueError(f"{', '.join(unknown)} in layers or overrides, but not in members")
        if len({contact.side for contact in self.members.values()}) > 1:
            raise ValueError("all members of a rota are on one side of the contract")
        return self

    @property
    def side(self) -> Side:
        """Whose people they are."""
        return next(iter(self.members.values())).side

    def on_duty(self, instant: datetime) -> str | None:
        """Return the member who has duty at an instant; None where nobody has (``holdfast lint`` warns of gaps)."""
        taken = [one.member for one in self.overrides if one.begin <= instant < one.end]
        if taken:
            return taken[-1]
        return next((name for layer in self.layers if (name := layer.on_duty(instant)) is not None), None)

    def turns(
        self, begin: datetime, end: datetime, step: timedelta = timedelta(minutes=15)
    ) -> Iterator[tuple[datetime, datetime, str | None]]:
        """Yield who has duty from when until when, within an interval, to the precision of a step."""
        at, since = begin, begin
        who = self.on_duty(begin)
        while (at := min(at + step, end)) < end:
            now = self.on_duty(at)
            if now != who:
                yield since, at, who
                since, who = at, now
        yield since, end, who


def find(
    name: str, contacts: Mapping[str, Contact], rotas: Mapping[str, Rota], at: datetime
) -> tuple[str, Contact | None, str | None]:
    """Return whom a policy means at an instant by a name: (recipient, contact, rota).

    A contact goes before a rota of the same name. Nobody on duty, or nobody of that name: the name itself, without a
    contact, so that the page fails in the open and its fallbacks go out.
    """
    if name in contacts:
        return name, contacts[name], None
    rota = rotas.get(name)
    member = rota.on_duty(at) if rota is not None else None
    if rota is None or member is None:
        return name, None, None if rota is None else name
    return member, rota.members[member], name
