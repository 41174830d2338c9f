"""How long to wait before asking a troubled feed again. Pure: even the jitter is a hash, so a test can name it."""

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

from models.ids import stable_id

LONGEST_S = 900.0
"""Back-off stops growing here: a page that is down is the one that we want to hear of again soon."""
SHORTEST_S = 5.0
LONGEST_ASKED_S = 6 * 3600.0
"""A server may ask for more patience, but not for more than this."""


def retry_delay_s(feed: str, failures: int, every_s: float) -> float:
    """Return seconds to wait after a number of failures in a row: doubling from the feed's interval, with jitter.

    Args:
        feed: seeds the jitter (between 0.8 and 1.2), so that feeds of one broken host spread out.
        failures: from 1.
        every_s: the feed's interval.

    >>> 8 <= retry_delay_s("nimbus", 1, 10) <= 12
    True
    """
    base = min(max(every_s, SHORTEST_S) * 2.0 ** min(failures - 1, 16), max(LONGEST_S, every_s))
    share = int(stable_id(feed, str(failures))[:8], 16) / 0xFFFFFFFF
    return base * (0.8 + 0.4 * share)


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds that ``Retry-After`` asks for, given as a number or as a date; None where it asks nothing.

    A date is read against the answer's own ``Date``, because the server's clock set both.
    """
    asked = headers.get("retry-after", "").strip()
    if asked.isascii() and asked.isdigit():
        return min(float(asked[:10]), LONGEST_ASKED_S)
    until = _http_date(asked)
    if until is None:
        return None
    since = _http_date(headers.get("date", "")) or now
    return min(max(0.0, (until - since).total_seconds()), LONGEST_ASKED_S)


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError):
        return None
    return moment if moment.tzinfo is not None else None
