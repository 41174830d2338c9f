"""What a person's mail says: a command in plain words, or simply that somebody read the page and took it. Pure.

Nothing is read into a sentence but a promise in plain words (ADR 0018). A command is a whole line; "restored for some
customers at 14:00" is none, because a clock must not stop on half of it.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo

from feeds.promises import ZONES, promise_in
from models.instants import to_utc

LINES_READ = 10
"""Lines, from the top, in which a command is looked for."""
LINE_READ = 300
FURTHEST = timedelta(days=366)
"""Promises for later than that are none."""
NEAR = timedelta(hours=12)
"""A time of day without a date is of now: "restored at 15:00", sent at 14:59, was not yesterday."""
_END = r"[\s.!]*$"
_NOT_MINE = re.compile(rf"^(?:nack|not me|not mine|wrong person|declined?){_END}", re.I)
_ETA = re.compile(rf"^eta\b\s*(?:is|:|-)?\s*(.+?){_END}", re.I)
_RESTORED = re.compile(rf"^restored(?:\s*(?:at|since|:)\s*(?P<at>.+?))?{_END}", re.I)
_PAUSE = re.compile(
    r"^pause(?:\s*:\s*|\s+(?!(?:is|was|has|had|can|will|would|should|ended|over|not|no|the)\b))(?P<reason>\S.{0,199})$",
    re.I,
)
_CAUSE = re.compile(r"^(?:root cause|rca)\s*(?::\s*(?P<cause>\S.*)|(?:is )?attached\W*|\W*)$", re.I)
_NO_CAUSE = re.compile(r"^(?:unknown|not\b|tb[dca]\b|to be|under|still|pending|open|none|n/?a\b|\?|will\b|later)", re.I)


@dataclass(frozen=True)
class Said:
    """What a mail says.

    Attributes:
        action: ``acknowledge``, ``eta``, ``restored``, ``pause_request``, ``root_cause`` or ``note``.
        instant: of ``eta`` and ``restored``, if it was named plainly.
        phrase: the words from which the instant was read.
        promises: of ``eta``, what is promised.
        reason: of a pause, in the writer's words.
    """

    action: str
    instant: datetime | None = None
    phrase: str | None = None
    reason: str | None = None
    promises: Literal["update", "restore"] | None = None


def said_in(text: str, received_at: datetime, zone: str | None, *, has_attachment: bool) -> Said:
    """Return what a person's own words say: the first command, else that the page was read and taken.

    Args:
        text: without quotes and signature.
        received_at: when our mailbox had it; a time of day is near it, on the side that the command means.
        zone: IANA zone of the person; without it a time of day needs a zone of its own.
        has_attachment: whether a document came with it.
    """
    lines = [line.strip()[:LINE_READ] for line in text.split("\n") if line.strip()][:LINES_READ]
    if not lines:
        return Said("note")  # nothing was said
    for line in lines:
        if (found := _command(line, received_at, zone, has_attachment=has_attachment)) is not None:
            return found
    if _NOT_MINE.match(lines[0]):
        return Said("note")
    sentences = "\n".join(
        line for line in text.split("\n") if not _ETA.match(line.strip())
    )  # read above, or not at all
    promise = promise_in(sentences, received_at, zone)
    if promise is None:
        return Said("acknowledge")
    return Said("eta", promise.instant, promise.phrase, promises=promise.promises)


def _command(line: str, received_at: datetime, zone: str | None, *, has_attachment: bool) -> Said | None:
    """Return a line's command; None where it is none, or says no more than that the page was taken."""
    if match := _ETA.match(line):
        instant = instant_in(match[1], received_at, zone, ahead=True)
        return None if instant is None else Said("eta", instant, line, promises="restore")
    if match := _RESTORED.match(line):
        return _restored(match["at"], line, received_at, zone)
    if match := _PAUSE.match(line):
        return Said("pause_request", reason=match["reason"].strip())
    if (match := _CAUSE.match(line)) and _is_cause(match["cause"], has_attachment=has_attachment):
        return Said("root_cause")
    return None


def _restored(at: str | None, line: str, received_at: datetime, zone: str | None) -> Said | None:
    """Return a restoration; a time that can't be read makes it a note: the wrong one would be a claim."""
    if at is None:
        return Said("restored")
    instant = instant_in(at, received_at, zone, ahead=False)
    return None if instant is None else Said("restored", instant, line)


def _is_cause(cause: str | None, *, has_attachment: bool) -> bool:
    return has_attachment if cause is None else not _NO_CAUSE.match(cause)


_OFFSET = re.compile(r"^(?:UTC|GMT)?([+-])(\d\d):?(\d\d)$", re.I)
_SPAN = re.compile(r"^(?:in\s+)?(?:about\s+|ca\.?\s+)?(\d{1,3})\s*(m|min|mins|minutes?|h|hrs?|hours?)$", re.I)
_AGO = re.compile(r"^(\d{1,3})\s*(m|min|mins|minutes?|h|hrs?|hours?)\s+ago$", re.I)
_TIME = re.compile(
    r"^(?:at\s+|by\s+)?(?:(?P<day>\d{4}-\d\d-\d\d)[ T]\s*)?"
    r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::\d\d)?\s*(?P<half>am|pm)?"
    r"\s*(?:\(?(?P<zone>Z|[A-Za-z_]+/[A-Za-z_/]+|[A-Za-z]{2,5}|(?:UTC|GMT)?[+-]\d\d:?\d\d)\)?)?$",
    re.I,
)


def instant_in(text: str, received_at: datetime, zone: str | None, *, ahead: bool) -> datetime | None:
    """Return the instant that some words name; None unless they do so plainly.

    Args:
        text: such as ``14:30 UTC``, ``2026-05-04 14:30 +02:00``, ``in 30 minutes``; ``14:30`` with a zone.
        received_at: instant from which spans count, and near which a time of day lies.
        zone: for times without a zone of their own.
        ahead: whether a time of day means the next one (a promise) or the last one (a claim).

    >>> from datetime import UTC
    >>> instant_in("14:30 UTC", datetime(2026, 5, 4, 13, tzinfo=UTC), None, ahead=True).isoformat()
    '2026-05-04T14:30:00+00:00'
    """
    words = " ".join(text.split()).strip(" .,")
    if match := (_SPAN if ahead else _AGO).match(words):
        amount = int(match[1])
        span = timedelta(hours=amount) if match[2][0].lower() == "h" else timedelta(minutes=amount)
        return received_at + span if ahead else received_at - span
    match = _TIME.match(words)
    return None if match is None else _wall_time(match, received_at, zone, ahead=ahead)


def _wall_time(match: re.Match[str], received_at: datetime, zone: str | None, *, ahead: bool) -> datetime | None:
    hour = _hour(int(match["hour"]), match["half"])
    if hour is None or int(match["minute"]) > 59:
        return None
    try:
        place = _place(match["zone"], zone, received_at)
        if place is None:
            return None
        if match["day"]:
            walls = [datetime.fromisoformat(f"{match['day']}T{hour:02}:{match['minute']}")]
        else:
            today = received_at.astimezone(place).replace(tzinfo=None, second=0, microsecond=0)
            wall = today.replace(hour=hour, minute=int(match["minute"]))
            walls = [wall + timedelta(days=days) for days in (-1, 0, 1)]
        furthest = FURTHEST if match["day"] else NEAR
        instants = [one for wall in walls if (one := _known(wall, place)) is not None]
    except (ValueError, OverflowError, KeyError, OSError):
        return None
    early, late = (received_at, received_at + furthest) if ahead else (received_at - furthest, received_at)
    return next((one for one in instants if early <= one <= late), None)


def _hour(hour: int, half: str | None) -> int | None:
    if half is None:
        return hour if hour < 24 else None
    if not 1 <= hour <= 12:
        return None
    return hour % 12 + (12 if half.lower() == "pm" else 0)


def _place(named: str | None, zone: str | None, at: datetime) -> tzinfo | None:
    """Return the zone of a time: its own, else the person's.

    An abbreviation such as ``CST`` is three zones; it counts only where it is what the person's own clocks say then.
    One that means one place's clocks is read as in promises.
    """
    if named is None:
        return None if zone is None else ZoneInfo(zone)
    if named.upper() in ("Z", "UTC", "GMT"):
        return UTC
    if match := _OFFSET.match(named):
        span = timedelta(hours=int(match[2]), minutes=int(match[3]))
        return timezone(-span if match[1] == "-" else span)
    if "/" in named:
        return ZoneInfo(named)
    if (known := ZONES.get(named.upper())) is not None:
        return ZoneInfo(known)
    if zone is not None and at.astimezone(ZoneInfo(zone)).tzname() == named.upper():
        return ZoneInfo(zone)
    return None


def _known(wall: datetime, place: tzinfo) -> datetime | None:
    """Return the instant of a wall time; None for one that the zone's clocks show twice, or never."""
    first, second = (to_utc(wall.replace(tzinfo=place, fold=fold)) for fold in (0, 1))
    return first if first == second else None
