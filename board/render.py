"""Draws views as HTML: the templates' environment, and how instants and durations are written. IO: none after set-up.

Whatever a provider said is text: autoescaping is on for every template, and nothing marks a provider's word as safe.
"""

from datetime import datetime, timedelta
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from board.standing import Standing
from models.instants import format_instant, seconds

TEMPLATES = {"summary": "_summary.html", "ended": "_ended.html"}
"""Templates of the fixed fragments; every other fragment is a card."""
HOUR_S, DAY_S = 3600, 86400
LATE_AFTER = timedelta(seconds=60)
OUTCOME_WORDS = {
    "queued": "queued",
    "sending": "sending",
    "sent": "delivered",
    "retrying": "retrying",
    "failed": "failed",
    "unknown": "outcome unknown",
    "bundled": "told with others",
}
SIDE_WORDS = {"provider": "their side", "customer": "our side"}


class Renderer:
    """Draws fragments and pages."""

    def __init__(self, late_after: timedelta = LATE_AFTER) -> None:
        """Set the templates up.

        Args:
            late_after: a page that was issued more than this after its instant is called late.
        """
        self._environment = Environment(
            loader=PackageLoader("board"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=StrictUndefined,
            auto_reload=False,
        )
        self._environment.filters |= {
            "rfc3339": format_instant,
            "moment": moment,
            "span": span,
            "apart": apart,
            "standing": lambda value: Standing(value).words,
            "outcome": lambda value: OUTCOME_WORDS[value],
            "side": lambda value: SIDE_WORDS[value],
            "words": lambda value: str(value).replace("_", " "),
        }
        self._environment.globals |= {"countdown": countdown, "spent": spent, "late_after_s": seconds(late_after)}

    def fragment(self, key: str, view: Any, now: datetime) -> str:
        """Return a fragment's HTML as of ``now``."""
        return self.page(TEMPLATES.get(key, "_card.html"), view=view, now=now)

    def page(self, template: str, **context: Any) -> str:
        """Return a whole page's HTML."""
        return self._environment.get_template(template).render(**context)


def moment(at: datetime, now: datetime | None = None) -> str:
    """Write an instant for people, UTC: the time alone where it is of today.

    >>> from datetime import UTC
    >>> moment(datetime(2026, 5, 1, 9, 5, tzinfo=UTC), datetime(2026, 5, 2, tzinfo=UTC))
    '1 May 09:05'
    """
    text = at.strftime("%H:%M")
    if now is not None and at.date() == now.date():
        return text
    day = f"{at.day} {at.strftime('%b')}"
    return f"{day} {text}" if now is None or at.year == now.year else f"{day} {at.year} {text}"


def span(length_s: float | timedelta | None) -> str:
    """Write a length of time in its two largest units; board.js writes ages in the same way.

    >>> span(3900), span(14400), span(42), span(200000)
    ('1 h 05 min', '4 h', '42 s', '2 d 7 h')
    """
    if length_s is None:
        return "–"  # noqa: RUF001 - typography for people
    whole = int(abs(seconds(length_s) if isinstance(length_s, timedelta) else length_s))
    if whole < 60:
        return f"{whole} s"
    if whole < HOUR_S:
        return f"{whole // 60} min"
    if whole < DAY_S:
        hours, minutes = whole // HOUR_S, whole % HOUR_S // 60
        return f"{hours} h {minutes:02d} min" if minutes else f"{hours} h"
    days, hours = whole // DAY_S, whole % DAY_S // HOUR_S
    return f"{days} d {hours} h" if hours else f"{days} d"


def apart(length_s: float | None) -> str:
    """Write how much longer or shorter it took by what was observed than by what was claimed.

    >>> apart(1500.0), apart(-60.0), apart(0.0)
    ('observed 25 min longer', 'observed 1 min shorter', 'as claimed')
    """
    if length_s is None:
        return ""
    if abs(length_s) < 1:
        return "as claimed"
    return f"observed {span(length_s)} {'longer' if length_s > 0 else 'shorter'}"


def countdown(due_at: datetime, now: datetime) -> str:
    """Write the time left, or with a plus the time over; board.js goes on in the same way.

    >>> from datetime import UTC
    >>> countdown(datetime(2026, 5, 1, 12, 30, tzinfo=UTC), datetime(2026, 5, 1, 12, tzinfo=UTC))
    '30:00'
    """
    left = seconds(due_at - now)
    whole = int(abs(left))
    sign = "+" if left < 0 else ""
    if whole >= 2 * DAY_S:
        return sign + span(left)
    hours, rest = divmod(whole, HOUR_S)
    clock = f"{rest // 60:02d}:{rest % 60:02d}"
    return f"{sign}{hours}:{clock}" if hours else f"{sign}{clock}"


def spent(due_at: datetime, target_s: float, now: datetime) -> float:
    """Return the share of the target that is used up, 0 to 1 (1 when over)."""
    if target_s <= 0:
        return 1.0
    return min(1.0, max(0.0, 1 - seconds(due_at - now) / target_s))
