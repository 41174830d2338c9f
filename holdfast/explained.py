"""The parts of what ``holdfast explain --json`` prints: their keys and order are part of the interface. Pure."""

from datetime import datetime
from typing import Any

from models.fact import Fact
from models.instants import format_instant, seconds
from models.moment import Elapsed, Moment
from models.reading import Reading
from models.spans import Span
from models.stated import Stated
from models.story import Endpoint, Step


def instant_text(instant: datetime | None) -> str | None:
    """Return an instant as text; None where there is none."""
    return None if instant is None else format_instant(instant)


def bounds(reading: Reading) -> dict[str, Any]:
    """Return the figures of a reading, as ``holdfast measure`` names them."""
    elapsed: Elapsed | None = reading.elapsed
    return {
        "verdict": reading.verdict.value,
        "started_at": instant_text(reading.started_at),
        "due_at": instant_text(reading.due_at),
        "stopped_at": instant_text(reading.stopped_at),
        "elapsed_min_s": None if elapsed is None else seconds(elapsed.least),
        "elapsed_max_s": None if elapsed is None or elapsed.most is None else seconds(elapsed.most),
        "paused_s": seconds(reading.paused),
        "breached_at": instant_text(reading.breached_at),
    }


def endpoint(end: Endpoint | None) -> dict[str, Any] | None:
    """Return a start or a stop with whose word it is."""
    if end is None:
        return None
    at: Moment = end.at
    return {
        "earliest": instant_text(at.earliest),
        "latest": instant_text(at.latest),
        **_said(end.fact),
        "words": end.words,
    }


def _said(fact: Fact | None) -> dict[str, Any]:
    """Return whose word a statement is, and all its times."""
    keys = ("notice_id", "speaker", "source", "phase", "claimed_at", "claimed_end_at", "published_at", "received_after",
            "received_at", "flags")  # fmt: skip
    if fact is None:
        return dict.fromkeys(keys)
    times = {
        name: instant_text(getattr(fact, name))
        for name in ("claimed_at", "claimed_end_at", "published_at", "received_after", "received_at")
    }
    own = {"notice_id": fact.notice_id, "speaker": fact.speaker.value, "source": fact.source, "phase": fact.phase.value}
    return {**own, **times, "flags": [flag.value for flag in fact.flags]}


def step(step: Step) -> dict[str, Any]:
    """Return a change of the priority with whose severity it was."""
    fact = step.fact
    return {
        "at": format_instant(step.at),
        "priority": step.priority,
        "severity": None if fact is None else fact.severity,
        "speaker": None if fact is None else fact.speaker.value,
        "notice_id": None if fact is None else fact.notice_id,
    }


def span(span: Span) -> dict[str, Any]:
    """Return a piece of the time."""
    return {
        "begin": format_instant(span.begin),
        "end": format_instant(span.end),
        "kind": span.kind.value,
        "length_s": seconds(span.length),
        "is_certain": span.is_certain,
        "reason": span.reason,
        "notice_ids": list(span.notice_ids),
    }


def stated(one: Stated) -> dict[str, Any]:
    """Return a pause or an exclusion with what became of it."""
    return {
        "kind": one.kind,
        "reason": one.reason,
        "begin": instant_text(one.begin),
        "end": instant_text(one.end),
        "ruling": one.ruling.value,
        "notice_id": one.notice_id,
        "ruled_by": one.ruled_by,
        "counts": one.counts,
        "why": one.why,
        "covers_s": seconds(one.would_deduct),
    }
