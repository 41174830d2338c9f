"""Calendar months in a contract's zone, and the parts of one that each version of an agreement governs. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from models.agreement import Agreement, AgreementVersion
from models.downtime import Span

_FORM = re.compile(r"([0-9]{4})-([0-9]{2})")


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month; where it begins depends on the zone."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> "Month":
        """Read ``2026-05``.

        Raises:
            ValueError: if it is no month of the years 1990 to 2199.
        """
        match = _FORM.fullmatch(text)
        if match is None or not 1 <= int(match[2]) <= 12 or not 1990 <= int(match[1]) < 2200:
            raise ValueError(f"{text!r} is no month: write it as 2026-05")
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        """Return the form that ``parse`` reads."""
        return f"{self.year:04}-{self.number:02}"

    @property
    def following(self) -> "Month":
        """The month after it."""
        return Month(self.year + self.number // 12, self.number % 12 + 1)

    def bounds(self, zone: str) -> Span:
        """Return its first instant and the first of the next month: 28 to 31 days, an hour more or less with DST."""
        return _midnight(self, zone), _midnight(self.following, zone)


def _midnight(month: Month, zone: str) -> datetime:
    return datetime.combine(date(month.year, month.number, 1), time(), ZoneInfo(zone)).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Period:
    """The part of a month that one version governs; most often the whole month."""

    month: Month
    version: AgreementVersion
    span: Span

    @property
    def whole(self) -> Span:
        """The whole month in the version's zone."""
        return self.month.bounds(self.version.timezone)


def periods(agreement: Agreement, month: Month) -> tuple[Period, ...]:
    """Return the parts of a month by the version in force, in order; none where no version was."""
    ordered = sorted(agreement.versions, key=lambda version: version.effective_from)
    starts = [version.begins_at() for version in ordered]
    found = []
    for position, version in enumerate(ordered):
        begin, end = month.bounds(version.timezone)
        ends = [at for at in (version.ends_at(), *starts[position + 1 : position + 2]) if at is not None]
        span = (max(begin, starts[position]), min([end, *ends]))
        if span[0] < span[1]:
            found.append(Period(month, version, span))
    return tuple(found)
