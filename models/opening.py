"""Opening hours as a contract writes them: half-open windows of local wall time, per weekday. Pure.

Decides what ``08:00-12:30``, ``22:00-06:00`` and ``mon-thu`` mean, and refuses what has no one meaning. What a wall
time is in UTC is for ``models.opening_spans``.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import pairwise

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 24 * 60
WEEK_MINUTES = 7 * DAY_MINUTES

_WINDOW = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9])\s*-\s*([01][0-9]|2[0-4]):([0-5][0-9])", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Wall minutes ``[opens, closes)`` counted from midnight of the date on which it opens.

    ``closes`` is past 1440 for a window that runs into the next day.
    """

    opens: int
    closes: int

    @classmethod
    def parse(cls, text: str) -> "Window":
        """Read ``08:00-12:30``; a close before the opening is on the next day.

        >>> Window.parse("22:00-06:00")
        Window(opens=1320, closes=1800)

        Raises:
            ValueError: if it is no window, is empty, or opens at 24:00.
        """
        match = _WINDOW.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"{text!r} is no window: write 08:00-12:30, on a clock of 24 hours")
        opens, closes = (int(match[hour]) * 60 + int(match[hour + 1]) for hour in (1, 3))
        if opens >= DAY_MINUTES or closes > DAY_MINUTES:
            raise ValueError(f"{text!r} is no window: it opens by 23:59 and closes by 24:00")
        if opens == closes:
            raise ValueError(f"{text!r} is empty; for a whole day write 00:00-24:00")
        return cls(opens, closes if closes > opens else closes + DAY_MINUTES)

    def __str__(self) -> str:
        """Return the contract's form, which ``parse`` reads back."""
        closes = self.closes if self.closes <= DAY_MINUTES else self.closes - DAY_MINUTES
        return f"{self.opens // 60:02}:{self.opens % 60:02}-{closes // 60:02}:{closes % 60:02}"


Windows = tuple[Window, ...]
Week = tuple[Windows, ...]
"""The windows that open on each weekday, Monday first: always seven."""

WHOLE_DAY: Windows = (Window(0, DAY_MINUTES),)
ALL_WEEK: Week = (WHOLE_DAY,) * 7


def parse_windows(texts: Sequence[str]) -> Windows:
    """Read the windows of one date, in order of opening.

    Raises:
        ValueError: if one is no window, or two overlap. Windows that touch are fine.
    """
    windows = tuple(sorted(Window.parse(text) for text in texts))
    for earlier, later in pairwise(windows):
        if later.opens < earlier.closes:
            raise ValueError(f"windows {earlier} and {later} overlap")
    return windows


def parse_week(hours: Mapping[str, Sequence[str]]) -> Week:
    """Read weekly hours such as ``{"mon-thu": ["08:00-12:30", "13:00-18:00"], "fri": ["08:00-15:00"]}``.

    Args:
        hours: by day, range of days (``fri-mon`` goes over the weekend), or several of these with commas.

    Returns:
        Seven days, Monday first; a day that is not named is closed.

    Raises:
        ValueError: for an unknown day, a day named twice, or windows that are none, empty or overlap, also those that
            run from one day into the next.
    """
    week: list[Windows] = [()] * 7
    named: dict[int, str] = {}
    for key, texts in hours.items():
        windows = parse_windows(texts)
        for day in _days(key):
            other = named.setdefault(day, key)
            if other != key:
                raise ValueError(f"{DAYS[day]} stands in {other!r} and in {key!r}: name each day once")
            week[day] = windows
    _refuse_overlaps(week)
    return tuple(week)


def _days(key: str) -> list[int]:
    """Return the weekdays of ``mon``, ``fri-mon`` or ``mon,wed``, Monday 0."""
    found: list[int] = []
    for part in key.split(","):
        first, dash, last = (word.strip() for word in part.partition("-"))
        begin = _day(first, key)
        end = _day(last, key) if dash else begin
        if dash and begin == end:
            raise ValueError(f"{key!r} is no range of days: write {first!r} for one day, mon-sun for all")
        found += [(begin + step) % 7 for step in range((end - begin) % 7 + 1)]
    if len(set(found)) != len(found):
        raise ValueError(f"{key!r} names a day twice")
    return found


def _day(name: str, key: str) -> int:
    if name in DAYS:
        return DAYS.index(name)
    near = get_close_matches(name.lower()[:3], DAYS, n=1)
    meant = f"; did you mean {near[0]}?" if near else ""
    raise ValueError(f"{name!r} in {key!r} is no day: write mon, tue, wed, thu, fri, sat or sun{meant}")


def _refuse_overlaps(week: Sequence[Windows]) -> None:
    """Refuse a window that runs past midnight into one of the next day; Sunday runs into Monday."""
    for day, windows in enumerate(week):
        tomorrow = week[(day + 1) % 7]
        if windows and tomorrow and windows[-1].closes > DAY_MINUTES + tomorrow[0].opens:
            raise ValueError(f"window {windows[-1]} of {DAYS[day]} runs into {tomorrow[0]} of {DAYS[(day + 1) % 7]}")
