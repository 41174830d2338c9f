"""What is kept for how long, and what may go. Pure.

Topics are never touched: they are the evidence, and a rebuild brings everything back. This is about the index.
"""

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from dashboards.catalogue import KINDS
from dashboards.templates import MONTHLY
from models.instants import format_instant
from models.months import Month
from models.topics import Names

KEPT: dict[str, int] = {name: kind.keep_months for name, kind in KINDS.items() if kind.keep_months is not None}
"""Months by kind, unless told otherwise. ``incidents`` stands for their clocks and plans too."""
EVER = "ever"
_ENTRY = re.compile(r"([a-z-]+)=(?:([1-9][0-9]{0,3})([my])|ever)")
_UNITS = {"m": 1, "y": 12}
_TIMES = ("started_at", "restored_at", "resolved_at", "claimed_ended_at", "last_notice_at")

Keep = Mapping[str, int | None]
"""Months by kind; None is for ever."""


class KeepError(ValueError):
    """What is to be kept can't be read; the message says how to write it."""


def read_keep(text: str) -> dict[str, int | None]:
    """Read what is to be kept for how long, over the defaults.

    Args:
        text: such as ``notices=24m,incidents=5y,pages=ever``; empty for the defaults.

    Raises:
        KeepError: for an unknown kind or another form; say so and end.
    """
    keep: dict[str, int | None] = dict(KEPT)
    for entry in filter(None, (part.strip() for part in text.split(","))):
        match = _ENTRY.fullmatch(entry)
        if match is None or match[1] not in KEPT:
            raise KeepError(f"{entry!r}: write KIND=24m, 5y or ever; kinds are {', '.join(KEPT)}")
        keep[match[1]] = int(match[2]) * _UNITS[match[3]] if match[2] else None
    return keep


def months_before(as_of: datetime, months: int) -> datetime:
    """Return the same day and time of day so many calendar months earlier, UTC; the month's last day at most.

    >>> months_before(datetime(2026, 5, 31, tzinfo=UTC), 3)
    datetime.datetime(2026, 2, 28, 0, 0, tzinfo=datetime.timezone.utc)
    """
    year, number = divmod(as_of.year * 12 + as_of.month - 1 - months, 12)
    day = min(as_of.day, monthrange(year, number + 1)[1])
    return as_of.replace(year=year, month=number + 1, day=day)


def month_of(index: str) -> Month:
    """Return the month of a monthly index, such as ``holdfast-notices-2026-11``."""
    return Month.parse(index[-7:])


def may_go(index: str, kind: str, keep: Keep, as_of: datetime) -> bool:
    """Return whether all of a monthly index is older than what is kept of its kind.

    Args:
        index: the concrete index; anything of a kind that is not monthly stays.
        kind: its kind.
        keep: as ``read_keep`` returns it.
        as_of: now.
    """
    months = keep.get(kind)
    if kind not in MONTHLY or months is None:
        return False
    return month_of(index).bounds("UTC")[1] <= months_before(as_of, months)


def over_before(cutoff: datetime) -> dict[str, Any]:
    """Return the query for incidents that are over, and of which nothing is told any more since an instant."""
    late = [{"range": {name: {"gte": format_instant(cutoff)}}} for name in _TIMES]
    return {"bool": {"must_not": [{"term": {"status": "open"}}, *late]}}


def warnings(keep: Keep) -> tuple[str, ...]:
    """Return what is unwise about what is to be kept, in words."""
    return tuple(
        f"{kind} go before the incidents that rest on them: their stories can't be told in full"
        for kind in ("notices", "communications")
        if _is_shorter(keep[kind], keep["incidents"])
    )


def ilm_policy(kind: str, months: int) -> dict[str, Any]:
    """Return the ILM policy that does the same for a monthly kind, in a cluster that has ILM.

    Ages are counted in days from the end of the index's month (``index.lifecycle.origination_date``).
    """
    meaning = f"Holdfast: {kind} are kept for {months} months after the month that they are of."
    delete = {"min_age": f"{_days(months)}d", "actions": {"delete": {}}}
    meta = {"description": meaning, "checked": "in shape; not run in a cluster with ILM"}
    return {"policy": {"_meta": meta, "phases": {"hot": {"actions": {}}, "delete": delete}}}


def ilm_settings(names: Names, kind: str, index: str) -> dict[str, Any]:
    """Return the settings that put a monthly index under its policy, counted from the end of its month."""
    end = month_of(index).bounds("UTC")[1]
    return {
        "index.lifecycle.name": names.index(kind),
        "index.lifecycle.origination_date": int(end.astimezone(UTC).timestamp()) * 1000,
    }


def _is_shorter(one: int | None, other: int | None) -> bool:
    return one is not None and (other is None or one < other)


def _days(months: int) -> int:
    """Return days that are no fewer than so many months, whichever these are: 48 are 1461, give or take three."""
    return -(-months * 1461 // 48) + 3
