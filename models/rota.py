"""Rotas: who has duty at an instant. Weekly handovers, several zones in turn, overrides, holidays. Pure.

A rota has layers. At an instant the first layer that is open then names one of its members in turn; an override goes
before all layers. Turns change at a local wall time of the layer's zone, so a week is seven local days, also where the
clocks change in it.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import cached_property
from itertools import chain
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from models.calendar import Calendar
from models.calendar_spec import CalendarSpec
from models.instants import Instant
from models.opening import DAYS
from models.opening_spans import DAY, FIRST_YEAR, LAST_YEAR, MINUTE, first_at, to_instant, to_micros, wall_at
from models.paging import Side
from models.provider import Contact
from models.spec import LocalDate, Spec, check_zone

EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


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

    @field_validator("since")
    @classmethod
    def _in_range(cls, since: date) -> date:
        if not FIRST_YEAR < since.year < LAST_YEAR:
            raise ValueError(f"{since} lies outside the years that calendars know, {FIRST_YEAR} to {LAST_YEAR}")
        return since

    @cached_property
    def calendar(self) -> Calendar | None:
        """The hours to compute with; None where it is always open."""
        return None if self.hours is None else Calendar.of(self.hours, self.timezone)

    def is_open(self, instant: datetime) -> bool:
        """Return whether this layer has duty at an instant."""
        return self.calendar is None or self.calendar.is_open(instant)

    def on_duty(self, instant: datetime) -> str | None:
        """Return whose turn it is at an instant; None before the first one, or outside the hours.

        Raises:
            CalendarRangeError: outside the years that calendars know.
        """
        if not self.is_open(instant):
            return None
        passed = self._last_handover(to_micros(instant)) - self.first_day
        return None if passed < 0 else self.members[passed // self.turn_days % len(self.members)]

    @property
    def begins_at(self) -> datetime:
        """When the first member's first turn begins."""
        return to_instant(self._handover_on(self.first_day))

    def changes(self, begin: datetime, end: datetime) -> Iterator[datetime]:
        """Yield the instants in ``[begin, end)`` at which a turn or the hours of this layer begin or end, unordered.

        Raises:
            CalendarRangeError: outside the years that calendars know.
        """
        since, until = to_micros(begin), to_micros(end)
        if self.calendar is not None:
            edges = self.calendar.intervals(begin, end)
            yield from (edge for span in edges for edge in span if begin <= edge < end)
        first = max(self._last_handover(since), self.first_day)
        first += -(first - self.first_day) % self.turn_days  # to the turn's own first day
        for day in range(first, until // DAY + 2, self.turn_days):
            if since <= (instant := self._handover_on(day)) < until:
                yield to_instant(instant)

    @cached_property
    def handed_over(self) -> tuple[str, int]:
        """The day's name and the wall time in microseconds after midnight."""
        day, clock = self.handover.split(" ")
        return day, (int(clock[:2]) * 60 + int(clock[3:])) * MINUTE

    @cached_property
    def turn_days(self) -> int:
        """Local days that one turn lasts."""
        return self.turns * (1 if self.handed_over[0] == "daily" else len(DAYS))

    @cached_property
    def first_day(self) -> int:
        """The date of the first handover, in days since 1970."""
        since, day = self.since.toordinal() - EPOCH_ORDINAL, self.handed_over[0]
        return since if day == "daily" else since + (DAYS.index(day) - self.since.weekday()) % len(DAYS)

    def _handover_on(self, day: int) -> int:
        """Return when turns would change on a local date: at the first instant that shows the time of handover."""
        return first_at(self.timezone, day * DAY + self.handed_over[1])

    def _last_handover(self, instant: int) -> int:
        """Return the latest local date whose time of handover has come.

        Where clocks go back over midnight, that is the date after the one that the clock shows.
        """
        today = wall_at(self.timezone, instant) // DAY
        return next(day for day in range(today + 1, today - 3, -1) if self._handover_on(day) <= instant)


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

    def turns(self, begin: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, str | None]]:
        """Yield who has duty from when until when, in ``[begin, end)``: in order, exact, neighbours differ.

        Raises:
            CalendarRangeError: outside the years that calendars know.
        """
        since, who = begin, None
        for at in sorted({begin, *self._changes(begin, end)} if begin < end else ()):
            now = self.on_duty(at)
            if now != who and since < at:
                yield since, at, who
            if now != who:
                since, who = at, now
        if begin < end:
            yield since, end, who

    def _changes(self, begin: datetime, end: datetime) -> Iterator[datetime]:
        """Yield every instant in ``[begin, end)`` at which somebody else may have duty than before."""
        yield from chain.from_iterable(layer.changes(begin, end) for layer in self.layers)
        yield from (at for one in self.overrides for at in (one.begin, one.end) if begin <= at < end)

    def gaps(self, begin: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield when nobody has duty, within ``[begin, end)``.

        Raises:
            CalendarRangeError: outside the years that calendars know.
        """
        yield from ((since, until) for since, until, who in self.turns(begin, end) if who is None)


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
