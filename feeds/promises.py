"""Promises in a provider's own words: "next update by 14:30 PDT", "in 30 minutes", "restored by 15:00 UTC". Pure.

Only plain words count. A promise that is missed costs the provider, so nothing is read into vague ones ("shortly"),
into ranges, into times whose zone nobody named, or into what has passed already (ADR 0018).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypedDict
from zoneinfo import ZoneInfo

from models.instants import parse_instant

LONGEST_TEXT = 20_000
"""Characters of a text that are searched: a report on the cause is longer, and promises no next update at its end."""
FARTHEST = timedelta(days=31)
"""What is named further ahead is the date of a project, or a slip of the pen in the year."""
NEAREST_DAY = timedelta(hours=12)
"""A time of day without a date is the next one, if that is not further ahead than this."""
PHRASE_LENGTH = 200
LEAD_LENGTH = 100
"""Characters before a time in which it must be said what happens then."""
DENIED_WITHIN = 60
"""Characters before a time in which a word takes the promise back."""

Of = Literal["update", "restore"]


@dataclass(frozen=True, slots=True)
class Found:
    """A promise and the words that it was read from."""

    instant: datetime
    """UTC; after it was said."""
    phrase: str
    promises: Of


ZONES = {
    "UTC": "UTC", "GMT": "UTC", "Z": "UTC",
    "PT": "America/Los_Angeles", "PST": "America/Los_Angeles", "PDT": "America/Los_Angeles",
    "PACIFIC": "America/Los_Angeles", "ET": "America/New_York", "EDT": "America/New_York", "CDT": "America/Chicago",
    "MDT": "America/Denver", "CET": "Europe/Berlin", "CEST": "Europe/Berlin", "JST": "Asia/Tokyo",
    "AEST": "Australia/Sydney", "AEDT": "Australia/Sydney",
}  # fmt: skip
"""Abbreviations that mean one place's wall clock. CST, IST, BST and EST mean several: the feed's own zone must say so.

Summer and winter names are the same clock: who writes PST in July means the time on the wall.
"""
_AMOUNTS = {
    "a": 1.0,
    "an": 1.0,
    "one": 1.0,
    "two": 2.0,
    "three": 3.0,
    "four": 4.0,
    "five": 5.0,
    "six": 6.0,
    "half an": 0.5,
}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_TAG = re.compile(r"<[^<>]{0,200}>")
_DAY = r"(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b,?\s+)?"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}"
_ISO = r"(?P<iso>\d{4}-\d\d-\d\d)"
_NAMED = rf"(?P<month>{_MONTH})\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})"
_DAY_FIRST = rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?P<month>{_MONTH}),?\s+(?P<year>\d{{4}})"
_CLOCK = r"(?P<hour>\d{1,2})(?::(?P<minute>\d\d)(?::\d\d)?)?(?!\d)\s*(?P<half>[ap]\.?m\b\.?)?"
_ZONE = r"(?:\s*\(?(?P<zone>(?-i:US/[A-Z][a-z]+|Pacific\b|[A-Z]{1,5}\b|[+-]\d\d:?\d\d\b)|utc\b|gmt\b)\)?)?"
_PREPOSITION = r"(?:\b(?P<how>by|at|on|before|is|due|expected)\b\s*:?|:|-|(?<=\bET[AR])\s)\s*"
_JOINT = r",?\s*(?:\b(?:at|by)\b|T)?\s*"

_DATED = tuple(
    re.compile(rf"{_PREPOSITION}{_DAY}{date}{_JOINT}{_CLOCK}{_ZONE}", re.I) for date in (_ISO, _NAMED, _DAY_FIRST)
)
_TIMED = tuple(
    re.compile(rf"{_PREPOSITION}{_CLOCK}{_ZONE}{date}", re.I)
    for date in (
        rf",?\s+(?:on\s+)?{_DAY}{_ISO}",
        rf",?\s+(?:on\s+)?{_DAY}{_NAMED}",
        rf",?\s+(?:on\s+)?{_DAY}{_DAY_FIRST}",
        r"(?:,?\s+(?P<relative>today|tomorrow))?",
    )
)
_SPAN = re.compile(
    r"(?:\b(?:in|within)|(?<=\bET[AR])|(?<=\bET[AR]:))\s+(?:the\s+next\s+|less\s+than\s+|the\s+)?"
    r"(?P<amount>\d{1,3}|half an|an?|one|two|three|four|five|six)?\s*"
    r"(?P<unit>min(?:ute)?s?|h(?:ou)?rs?|h)\b",
    re.I,
)
_RANGE = re.compile(r"\s*(?:-|–|—|~|\bto\b|\bor\b|\band\b)\s*\d|\s*[+-]\d|:\d", re.I)  # noqa: RUF001 - as people write
_SENTENCE = re.compile(r"[.!?](?=\s)|\n")
_LOG = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\s+-")
"""A text that is a log has as many times of speaking as lines: a span in it is from a time that is not known."""

_UPDATE = re.compile(r"\b(?:updates?|information|status)\b[^\n]{0,40}$", re.I)
_NEXT = re.compile(
    r"\b(?:next|another|further|additional|more|will|an?|provide|post|share)\b[^\n]{0,40}\bupdates?\b[^\n]{0,30}$"
    r"|^\W*updates?\s*$",
    re.I,
)
_WORKS = r"(?:restor|recover|resol(?:ve|ution)|back\b|operational|normal\b|working again)"
_HOPES = r"(?:expect|estimat|anticipat|should\b|will be\b|ETA\b|ETR\b)"
_RESTORE = re.compile(
    rf"\b{_HOPES}[^\n]{{0,60}}\b{_WORKS}[^\n]{{0,40}}$|\b{_WORKS}[^\n]{{0,40}}\b{_HOPES}[^\n]{{0,40}}$"
    r"|^\W*(?:ETA|ETR)\b\W*(?:is\W*)?$",
    re.I,
)
_DENIED = re.compile(
    r"\b(?:no|not|never|cannot|was|were|had|been|took|last|previous|every|least|about|around|approximately|roughly"
    r"|between|deployed|rolled|up to)\b|n['’]t\b|~\s*$",  # noqa: RUF001 - as people write
    re.I,
)


def promise_in(text: str | None, said_at: datetime | None = None, zone: str | None = None) -> Found | None:
    """Return the promise that a text makes of its next update, else of restoration; None unless it says so plainly.

    Args:
        text: the update, HTML or plain.
        said_at: when it was said; UTC. Without it only a time with its date says anything.
        zone: IANA zone of the feed's times without one; None leaves them unread.

    >>> promise_in("We will provide an update by Tuesday, 2022-06-28 10:20 US/Pacific.").instant.isoformat()
    '2022-06-28T17:20:00+00:00'
    """
    plain = " ".join(_TAG.sub(" ", (text or "")[:LONGEST_TEXT]).split(" "))
    found = sorted(_times(plain, said_at, zone), key=lambda one: (one.promises == "restore", one.place))
    return None if not found else Found(found[0].instant, found[0].phrase, found[0].promises)


class Told(TypedDict):
    """The fields of a statement that a promise fills."""

    promised_at: datetime | None
    promises: Literal["restore"] | None
    phrase: str | None


def told_by(found: Found | None) -> Told:
    """Return a promise as a statement's fields; one of an update is not named, as it never was."""
    if found is None:
        return Told(promised_at=None, promises=None, phrase=None)
    restores = found.promises == "restore"
    return Told(promised_at=found.instant, promises="restore" if restores else None, phrase=found.phrase)


@dataclass(frozen=True, slots=True)
class _Placed(Found):
    place: int


def _times(plain: str, said_at: datetime | None, zone: str | None) -> Iterator[_Placed]:
    """Yield every time in a text of which it says, in the same sentence, what happens then."""
    for pattern in (*_DATED, *_TIMED, _SPAN):
        for match in pattern.finditer(plain):
            begin = max([0, match.start() - LEAD_LENGTH, *_ends(plain, match.start())])
            of = _what(plain[begin : match.start()], match)
            if of is None or _RANGE.match(plain, match.end()):
                continue
            instant = _instant(match, said_at, zone, is_log=_LOG.search(plain) is not None)
            if instant is not None and (said_at is None or said_at < instant <= said_at + FARTHEST):
                yield _Placed(instant, _phrase(plain, begin, match), of, match.start())


def _ends(plain: str, at: int) -> list[int]:
    """Return where sentences end shortly before a place."""
    return [match.end() for match in _SENTENCE.finditer(plain, max(0, at - LEAD_LENGTH), at)]


def _what(lead: str, match: re.Match[str]) -> Of | None:
    """Return what is promised, by the words between the sentence's beginning and the time."""
    if _is_vague(lead, match):
        return None
    how = (match.groupdict().get("how") or "").lower()
    is_next = bool(_NEXT.search(lead))
    if is_next or (how == "by" and "iso" in match.groupdict() and _UPDATE.search(lead)):
        return "update"
    return "restore" if _RESTORE.search(lead) else None


def _is_vague(lead: str, match: re.Match[str]) -> bool:
    """Return whether the words say that it is no promise: a time that was, a rough one, none at all."""
    if match.re is _SPAN and match["amount"] is None and match["unit"].lower() != "hour":  # "within minutes"
        return True
    is_within = match[0][0] in ":-" and lead.rstrip()[-1:].isdigit()  # of a time or a range, no new one
    return is_within or bool(_DENIED.search(lead[-DENIED_WITHIN:]))


def _instant(match: re.Match[str], said_at: datetime | None, zone: str | None, *, is_log: bool) -> datetime | None:
    try:
        if match.re is _SPAN:
            return None if said_at is None or is_log else said_at + _length(match)
        return _on_the_clock(match, said_at, zone)
    except (ValueError, OverflowError):
        return None


def _length(match: re.Match[str]) -> timedelta:
    """Return the length of "30 minutes", "an hour", "the hour"."""
    words = " ".join((match["amount"] or "one").lower().split())
    amount = _AMOUNTS.get(words) or float(words)
    return timedelta(hours=amount) if match["unit"].lower().startswith("h") else timedelta(minutes=amount)


def _on_the_clock(match: re.Match[str], said_at: datetime | None, zone: str | None) -> datetime | None:
    """Return the instant of a time of day, on its date or on the next day that has it."""
    parts = match.groupdict()
    clock, name = _clock(parts), _zone_of(parts["zone"], zone, said_at)
    if clock is None or name is None:
        return None
    date = _date(parts)
    if date is not None:
        return parse_instant(f"{date}T{clock}{name if name[0] in '+-' else ''}", name)
    if said_at is None or name[0] in "+-":
        return None
    today = said_at.astimezone(ZoneInfo(name)).date()
    if relative := parts.get("relative"):
        return parse_instant(f"{today + timedelta(days=relative.lower() == 'tomorrow')}T{clock}", name)
    days = (parse_instant(f"{today + timedelta(days=ahead)}T{clock}", name) for ahead in (0, 1))
    return next((at for at in days if said_at < at <= said_at + NEAREST_DAY), None)


def _clock(parts: dict[str, str | None]) -> str | None:
    """Return ``HH:MM``; None where a bare number is no time of day."""
    hour, half = int(parts["hour"] or 0), (parts["half"] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    elif parts["minute"] is None:
        return None
    return f"{hour:02}:{parts['minute'] or '00'}"


def _date(parts: dict[str, str | None]) -> str | None:
    if parts.get("iso"):
        return parts["iso"]
    if parts.get("month") is None:
        return None
    month = _MONTHS.index(str(parts["month"])[:3].lower()) + 1
    return f"{parts['year']}-{month:02}-{int(parts['day'] or 0):02}"


def _zone_of(word: str | None, zone: str | None, said_at: datetime | None) -> str | None:
    """Return the zone that a word names, or the feed's own where there is none; None where that is not known."""
    if word is None:
        return zone
    if word[0] in "+-" or word.startswith("US/"):
        return word
    if (known := ZONES.get(word.upper())) is not None:
        return known
    year = said_at.year if said_at is not None else 2000
    if zone is not None and word in {datetime(year, month, 1, tzinfo=ZoneInfo(zone)).tzname() for month in (1, 7)}:
        return zone
    return None


def _phrase(plain: str, begin: int, match: re.Match[str]) -> str:
    """Return the words from the beginning of the sentence, or as many as fit, to the time."""
    words = " ".join(plain[begin : match.end()].split())
    return words if len(words) <= PHRASE_LENGTH else "..." + words[3 - PHRASE_LENGTH :]
