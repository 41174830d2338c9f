"""Instants: aware UTC datetimes inside, RFC 3339 with ``Z`` outside (measurement.md §2).

Decides how text becomes an instant and back; never guesses a zone. Pure.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime, PlainSerializer

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""A claim before this is kept as raw and flagged, never used for a clock (measurement.md §2)."""

LATEST = datetime.max.replace(tzinfo=UTC)
"""Later than anything that is said: an end that nobody sets."""


def to_utc(moment: datetime) -> datetime:
    """Return the same instant in UTC.

    Args:
        moment: any aware datetime.

    Returns:
        The instant with ``tzinfo`` UTC.

    Raises:
        ValueError: if ``moment`` is naive; the caller decides the zone or dead-letters the payload.
    """
    if moment.tzinfo is None:
        raise ValueError("naive time: no zone given")
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


def format_instant(moment: datetime) -> str:
    """Return RFC 3339 in UTC: microseconds only when there are any.

    >>> format_instant(datetime(2026, 5, 1, 12, 0, tzinfo=UTC))
    '2026-05-01T12:00:00Z'
    """
    return to_utc(moment).replace(tzinfo=None).isoformat() + "Z"


def parse_instant(text: str, zone: str | None = None) -> datetime:
    """Read an ISO 8601 / RFC 3339 time.

    Args:
        text: such as ``2026-05-01T12:00:00.123456789Z`` (digits past microseconds are cut off).
        zone: IANA name used when ``text`` carries no offset; None makes a naive time an error.

    Returns:
        The instant in UTC.

    Raises:
        ValueError: if ``text`` is no time, or is naive and no zone is configured.
    """
    moment = datetime.fromisoformat(_trim_fraction(text.strip()))
    if moment.tzinfo is None:
        if zone is None:
            raise ValueError(f"time without zone: {text!r}; configure the feed's timezone")
        moment = moment.replace(tzinfo=_zone(zone))
    return to_utc(moment)


def _trim_fraction(text: str) -> str:
    """Cut fractional seconds to six digits, which is all that datetime keeps."""
    head, dot, tail = text.partition(".")
    if not dot:
        return text
    digits = len(tail) - len(tail.lstrip("0123456789"))
    return f"{head}.{tail[: min(digits, 6)]}{tail[digits:]}"


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, OSError) as error:
        raise ValueError(f"unknown time zone: {name!r}") from error


def seconds(span: timedelta) -> float:
    """Return a duration as seconds, the unit of every ``_s`` field on the wire."""
    return span.total_seconds()


Instant = Annotated[
    AwareDatetime,
    AfterValidator(to_utc),
    PlainSerializer(format_instant, return_type=str, when_used="json"),
]
"""A pydantic field type: aware in, UTC inside, RFC 3339 with ``Z`` in JSON."""
