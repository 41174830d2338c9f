"""Reads what a question is given: words become values, and what can't be is told with what to give instead. Pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from typing import Any

from dashboards.questions.asking import LIMIT_AT_MOST
from models.instants import parse_instant
from models.questions import Input, InputKind, QuestionError

VALUE_LENGTH = 2_000
"""Characters of one value."""
AGO = re.compile(r"now(?:-(\d{1,5})([smhdw]))?")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def read(wanted: Sequence[Input], given: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """Return the values of inputs by name; optional ones without a default are left out.

    Args:
        wanted: of the question.
        given: as they were written; an empty value is one left out.
        now: that ``now`` stands for; UTC.

    Raises:
        QuestionError: if one is missing, unknown or unreadable.
    """
    names = [one.name for one in wanted]
    for name in given:
        if name not in names:
            raise QuestionError(f"no input {name!r}{like(name, names)}; it takes {', '.join(names) or 'none'}")
    found: dict[str, Any] = {}
    for one in wanted:
        text = given.get(one.name) or one.default
        if text is not None:
            found[one.name] = _value(one, text, now)
        elif one.required:
            raise QuestionError(f"input {one.name!r} is missing: {one.meaning} Give it as {one.name}=VALUE")
    return found


def like(name: str, names: Sequence[str]) -> str:
    """Return ``, did you mean ..?`` where a name is like another; else nothing."""
    close = get_close_matches(name, names, 1, 0.6)
    return f", did you mean {close[0]!r}?" if close else ""


def _value(wanted: Input, text: str, now: datetime) -> Any:
    if len(text) > VALUE_LENGTH:
        raise QuestionError(f"{wanted.name}: longer than {VALUE_LENGTH} characters")
    if wanted.kind is InputKind.INSTANT:
        return _instant(wanted.name, text, now)
    if wanted.kind is InputKind.NUMBER:
        return _number(wanted.name, text)
    return text


def _instant(name: str, text: str, now: datetime) -> datetime:
    match = AGO.fullmatch(text)
    try:
        if match is not None:
            return now - timedelta(**{UNITS[match[2] or "s"]: int(match[1] or 0)})
        return parse_instant(text, "UTC").astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise QuestionError(
            f"{name}: {text!r} is no instant; write 2026-05-01, 2026-05-01T12:00:00Z or now-30d"
        ) from error


def _number(name: str, text: str) -> int:
    if not re.fullmatch(r"\d{1,6}", text) or not 1 <= int(text) <= LIMIT_AT_MOST:
        raise QuestionError(f"{name}: {text!r} is no number from 1 to {LIMIT_AT_MOST}")
    return int(text)
