"""Service hours as an agreement writes them: windows per weekday, a zone, holidays. Pure.

Read and checked here, when documents are loaded; ``models.calendar`` computes with them.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from models.holiday import check_region, public_holidays
from models.opening import ALL_WEEK, Week, Windows, parse_week, parse_windows
from models.spec import LocalDate, Spec, check_zone

CHECKED_YEARS = range(2020, 2040)
"""In which a calendar must open at least once. Holidays repeat; what closes these years for good closes them all."""


class RegionalHolidays(Spec):
    """The public holidays of a country or of one of its subdivisions: closed all day."""

    country: str
    subdivision: str | None = None

    @model_validator(mode="after")
    def _known(self) -> "RegionalHolidays":
        check_region(self.country, self.subdivision)
        return self


class DatedHours(Spec):
    """One date with hours of its own, whatever its weekday; closed where it has none."""

    date: LocalDate
    hours: tuple[str, ...] = ()

    @field_validator("hours")
    @classmethod
    def _readable(cls, hours: tuple[str, ...]) -> tuple[str, ...]:
        parse_windows(hours)
        return hours


def _shape(value: Any) -> str:
    """Tell the two kinds of holiday apart by their key."""
    regional = "country" in value if isinstance(value, dict) else isinstance(value, RegionalHolidays)
    return "country" if regional else "date"


Holiday = Annotated[
    Annotated[RegionalHolidays, Tag("country")] | Annotated[DatedHours, Tag("date")], Discriminator(_shape)
]


@dataclass(frozen=True, slots=True)
class OpeningRules:
    """What decides when a calendar is open, but for its zone."""

    week: Week
    dates: tuple[tuple[date, Windows], ...]
    regions: tuple[tuple[str, str | None], ...]

    @property
    def is_always(self) -> bool:
        """True if it never closes."""
        return self.week == ALL_WEEK and not self.dates and not self.regions

    def year(self, year: int) -> dict[int, Windows]:
        """Return the dates of a calendar year that do not go by the week, by their ordinal.

        A date that the contract names goes before the holiday of a region on the same date.
        """
        closed = {day.toordinal(): () for region in self.regions for day in public_holidays(*region, year)}
        return closed | {day.toordinal(): windows for day, windows in self.dates if day.year == year}


def _opens_in(rules: OpeningRules, year: int) -> bool:
    """Return whether any date of a year goes by weekly hours."""
    own = rules.year(year)
    days = range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal())
    return any(day not in own and rules.week[(day - 1) % 7] for day in days)


class CalendarSpec(Spec):
    """Service hours: ``24x7``, or weekly windows in a zone with holidays."""

    hours: Literal["24x7"] | dict[str, tuple[str, ...]]
    timezone: str | None = None
    holidays: tuple[Holiday, ...] = Field(default=())

    @field_validator("hours", mode="before")
    @classmethod
    def _shaped(cls, hours: Any) -> Any:
        if hours != "24x7" and not isinstance(hours, dict):
            raise ValueError('hours are 24x7, or windows by day such as {mon-fri: ["08:00-18:00"]}')
        return hours

    @field_validator("hours")
    @classmethod
    def _readable(cls, hours: str | dict[str, tuple[str, ...]]) -> str | dict[str, tuple[str, ...]]:
        if not isinstance(hours, str):
            parse_week(hours)
        return hours

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, name: str | None) -> str | None:
        return None if name is None else check_zone(name)

    @field_validator("holidays")
    @classmethod
    def _once(cls, holidays: tuple[Holiday, ...]) -> tuple[Holiday, ...]:
        count = Counter(one.date for one in holidays if isinstance(one, DatedHours))
        twice = sorted(day for day in count if count[day] > 1)
        if twice:
            raise ValueError(f"{', '.join(map(str, twice))} stands twice: one entry holds all hours of a date")
        return holidays

    @model_validator(mode="after")
    def _opens(self) -> "CalendarSpec":
        """Refuse hours that no date is left for: no deadline could ever be reached."""
        rules = self.rules
        if not any(rules.week):
            raise ValueError("the calendar never opens: name at least one window on a weekday")
        if not any(_opens_in(rules, year) for year in CHECKED_YEARS):
            raise ValueError("the calendar never opens: its holidays close every day that it has hours on")
        return self

    @property
    def is_always(self) -> bool:
        """True if it never closes: ``24x7`` without holidays."""
        return self.rules.is_always

    @cached_property
    def rules(self) -> OpeningRules:
        """The same in a form to compute with; equal calendars have equal rules."""
        dated = sorted((one.date, one.hours) for one in self.holidays if isinstance(one, DatedHours))
        regions = {(one.country, one.subdivision) for one in self.holidays if isinstance(one, RegionalHolidays)}
        return OpeningRules(
            week=ALL_WEEK if isinstance(self.hours, str) else parse_week(self.hours),
            dates=tuple((day, parse_windows(hours)) for day, hours in dated),
            regions=tuple(sorted(regions, key=lambda region: (region[0], region[1] or ""))),
        )
