"""Promises of a next update in a provider's own words: "by 10:20 US/Pacific", "in 30 minutes". Pure.

Only plain words count. A promise that is missed costs the provider, so nothing is read into vague ones ("shortly").
"""

import re
from datetime import datetime, timedelta

from models.instants import parse_instant

_ISO = re.compile(
    r"(?:update|information|status)[^.\n]{0,40}?\bby\s+(?:[A-Z][a-z]+day,?\s+)?"
    r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d)?)\s*(US/Pacific|PDT|PST|UTC|GMT)",
)
_MONTHS = "January February March April May June July August September October November December"
_NAMED = re.compile(
    r"next update(?: is (?:due|expected))?(?: by| at)?:?\s+([A-Z][a-z]{2,8})\s+(\d{1,2}),?\s+(\d{4}),?\s+(?:at\s+)?"
    r"(\d{1,2}:\d\d)\s*(?:UTC|GMT)",
    re.I,
)
_SPAN = re.compile(
    r"\b(?:next|another) update[^.\n]{0,20}?\b(?:in|within)(?: the next)?\s+(\d{1,3})\s*(min|h)[a-z]*\b", re.I
)
_TAG = re.compile(r"<[^<>]{0,200}>")
_ZONES = {"US/Pacific": "America/Los_Angeles", "PDT": "America/Los_Angeles", "PST": "America/Los_Angeles"}


def promised_in(text: str | None, said_at: datetime | None = None) -> datetime | None:
    """Return the time that a text names for its next update; None unless it says so plainly.

    Args:
        text: the update, HTML or plain.
        said_at: when it was said; without it a span such as "in 30 minutes" says nothing.

    >>> promised_in("We will provide an update by Tuesday, 2022-06-28 10:20 US/Pacific.").isoformat()
    '2022-06-28T17:20:00+00:00'
    """
    plain = " ".join(_TAG.sub(" ", text or "").split(" "))
    try:
        if match := _ISO.search(plain):
            return parse_instant(f"{match[1]}T{match[2]}", _ZONES.get(match[3], "UTC"))
        if match := _NAMED.search(plain):
            month = _MONTHS.split().index(match[1].capitalize()) + 1
            return parse_instant(f"{match[3]}-{month:02}-{int(match[2]):02}T{match[4]:0>5}", "UTC")
        if (match := _SPAN.search(plain)) and said_at is not None:
            amount = int(match[1])
            return said_at + (timedelta(hours=amount) if match[2].lower() == "h" else timedelta(minutes=amount))
    except (ValueError, OverflowError):
        return None
    return None
