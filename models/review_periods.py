"""The calendar periods that reviews look back on: weeks, months, quarters, years in a contract's zone. Pure.

Each has a name by which minutes refer to it: ``2026-W19`` (ISO 8601), ``2026-05``, ``2026-Q2``, ``2026``.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Every = Literal["week", "month", "quarter", "year"]

_FORMS: tuple[tuple[Every, re.Pattern[str]], ...] = (
    ("week", re.compile(r"(\d{4})-W(\d{2})")),
    ("month", re.compile(r"(\d{4})-(\d{2})")),
    ("quarter", re.compile(r"(\d{4})-Q([1-4])")),
    ("year", re.compile(r"(\d{4})")),
)
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, slots=True)
class ReviewPeriod:
    """One calendar period: from its first local day to the first of the next one."""

    every: Every
    first: date

    @classmethod
    def containing(cls, every: Every, day: date) -> "ReviewPeriod":
        """Return the period that holds a local day; weeks begin on Monday."""
        if every == "week":
            return cls(every, day - timedelta(days=day.weekday()))
        length = _MONTHS[every]
        return cls(every, date(day.year, (day.month - 1) // length * length + 1, 1))

    @classmethod
    def parse(cls, text: str) -> "ReviewPeriod":
        """Read a period by its name.

        Raises:
            ValueError: if it is no name of a period of the years 1990 to 2199.
        """
        for every, form in _FORMS:
            match = form.fullmatch(text)
            if match is not None and 1990 <= int(match[1]) < 2200:
                return cls(every, _first(every, [int(part) for part in match.groups()], text))
        raise ValueError(_unreadable(text))

    @property
    def name(self) -> str:
        """The form that ``parse`` reads."""
        if self.every == "week":
            year, week, _ = self.first.isocalendar()
            return f"{year:04}-W{week:02}"
        number = {"month": f"-{self.first.month:02}", "quarter": f"-Q{(self.first.month + 2) // 3}", "year": ""}
        return f"{self.first.year:04}{number[self.every]}"

    @property
    def until(self) -> date:
        """First local day after it."""
        if self.every == "week":
            return self.first + timedelta(days=7)
        months = self.first.month - 1 + _MONTHS[self.every]
        return date(self.first.year + months // 12, months % 12 + 1, 1)

    @property
    def following(self) -> "ReviewPeriod":
        """The period after it."""
        return ReviewPeriod(self.every, self.until)


def _first(every: Every, numbers: list[int], text: str) -> date:
    try:
        if every == "week":
            return date.fromisocalendar(numbers[0], numbers[1], 1)
        length = _MONTHS[every]
        return date(numbers[0], ((numbers[1] if len(numbers) > 1 else 1) - 1) * length + 1, 1)
    except ValueError as error:
        raise ValueError(_unreadable(text)) from error


def _unreadable(text: str) -> str:
    return f"{text!r} is no period: write 2026-W19, 2026-05, 2026-Q2 or 2026"


def midnight(day: date, zone: str) -> datetime:
    """Return the beginning of a local day as UTC; where that hour was skipped, the instant of the change."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
