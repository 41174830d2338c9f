"""Dialect ``cap``: Common Alerting Protocol 1.0 to 1.2, feeds of it, and Meteoalarm's JSON. Pure.

One statement per alert message. An alert says the same in several languages, and may say several things at once: its
English infos count, else those in the language of the first; their areas are united, the time is from the earliest
begin to the latest end, the severity the highest. A chain of messages is one hazard, named after the oldest message
that it refers to.
"""

from collections.abc import Iterator
from datetime import datetime

from feeds.cap_area import area_of, names_of
from feeds.cap_documents import Fields, alerts_in, groups, texts
from feeds.errors import PayloadError
from feeds.reading import TEXT_LIMIT, Parsed, Problem, all_failed, time_of
from models.notice import Flag, Kind, Phase, Speaker, Statement

_PHASES = {"alert": Phase.REPORTED, "update": Phase.UPDATE, "cancel": Phase.CANCELLED}
_NOT_REAL = ("test", "exercise", "draft", "system")
_SEVERITIES = ("extreme", "severe", "moderate", "minor", "unknown")
"""Highest first."""
DEFAULT_LANGUAGE = "en-US"
"""Of an info that names none (CAP 1.2, 3.2.2)."""


def parse(body: bytes, *, zone: str | None = None) -> Parsed:
    """Read one payload: an alert, or a feed of alerts.

    Entries of a feed with one identifier are one alert: Meteoalarm lists a warning once per info, area and code.

    Args:
        body: the bytes as received.
        zone: IANA zone for times without offset.

    Returns:
        A statement per alert. Problems name entries that only link to their warning, and shapes that are none.

    Raises:
        PayloadError: if nothing of it can be read.
    """
    found = alerts_in(body)
    statements: list[Statement] = []
    problems: list[Problem] = list(found.problems)
    for alert in _merged(found.alerts, problems):
        try:
            statements.append(_statement(alert, zone, problems))
        except PayloadError as error:
            problems.append((error.reason, f"alert {texts(alert, 'identifier')[0][:80]!r}: {error.detail}"))
    all_failed(statements, problems)
    return Parsed(tuple(statements), tuple(problems), scope="feed" if found.is_feed else None)


def _merged(alerts: tuple[Fields, ...], problems: list[Problem]) -> list[Fields]:
    """Join alerts of one identifier; those without are problems."""
    known: dict[str, Fields] = {}
    for position, alert in enumerate(alerts):
        identifiers = texts(alert, "identifier")
        if not identifiers:
            problems.append(("wrong_shape", f"alert {position} without identifier"))
        elif identifiers[0] not in known:
            known[identifiers[0]] = dict(alert)
        else:
            first = known[identifiers[0]]
            fresh = [info for info in alert.get("info", ()) if info not in first.get("info", ())]
            first["info"] = [*first.get("info", ()), *fresh]
    return list(known.values())


def _statement(alert: Fields, zone: str | None, problems: list[Problem]) -> Statement:
    """Put one alert into words of ours; shapes that can't be read are added to the problems."""
    identifier = texts(alert, "identifier")[0]
    kind = (_first(alert, "msgType", "message_type", "messageType") or "Alert").lower()
    if kind not in _PHASES:
        raise PayloadError("wrong_shape", f"a message of type {kind[:40]!r} says nothing of a hazard")
    infos = _chosen(groups(alert, "info"))
    areas = [area for info in infos for area in groups(info, "area")]
    area, faults = area_of(areas)
    problems.extend(("wrong_shape", f"alert {identifier[:80]!r}: {fault}") for fault in faults)
    sent_at = time_of(_first(alert, "sent"), zone)
    begins = [begin for info in infos if (begin := _begin(info, zone) or sent_at)]
    ends = [end for info in infos if (end := time_of(_first(info, "expires"), zone))]
    return Statement(
        source_incident_id=_oldest(texts(alert, "references"), zone) or identifier,
        source_update_id=identifier,
        speaker=Speaker.AUTHORITY,
        kind=Kind.HAZARD,
        phase=_PHASES[kind],
        regions=names_of(areas),
        severity=_highest(infos),
        title=next((text for name in ("headline", "event") for info in infos for text in texts(info, name)), None),
        text=_joined(infos, "description", "instruction") or _first(alert, "note"),
        claimed_at=min(begins, default=None),
        claimed_end_at=max(ends, default=None),
        published_at=sent_at,
        area=area,
        flags=(Flag.TEST,) if (_first(alert, "status") or "").lower() in _NOT_REAL else (),
        heads_incident=True,
    )


def _chosen(infos: list[Fields]) -> list[Fields]:
    """Return the infos of one language: English, else the first one's."""
    spoken = [(_first(info, "language") or DEFAULT_LANGUAGE).lower() for info in infos]
    english = [info for info, language in zip(infos, spoken, strict=True) if language.startswith("en")]
    return english or [info for info, language in zip(infos, spoken, strict=True) if language == spoken[0]]


def _begin(info: Fields, zone: str | None) -> datetime | None:
    """Return the onset, else when it takes effect (without either, CAP says: when it was sent)."""
    return time_of(_first(info, "onset"), zone) or time_of(_first(info, "effective"), zone)


def _highest(infos: list[Fields]) -> str | None:
    told = [severity.lower() for info in infos for severity in texts(info, "severity")[:1]]
    return min(told, key=lambda one: _SEVERITIES.index(one) if one in _SEVERITIES else len(_SEVERITIES), default=None)


def _joined(infos: list[Fields], *names: str) -> str | None:
    """Return what the infos say under these names, each text once."""
    said = dict.fromkeys(text for info in infos for name in names for text in texts(info, name)[:1])
    return "\n\n".join(said)[:TEXT_LIMIT] or None


def _first(fields: Fields, *names: str) -> str | None:
    return next(iter(texts(fields, *names)), None)


def _oldest(references: list[str], zone: str | None) -> str | None:
    """Return the identifier of the oldest message referred to (``sender,identifier,sent``, separated by blanks)."""
    found = sorted(_references(references, zone), key=lambda one: (one[0] is None, one[0]))
    return found[0][1] if found else None


def _references(references: list[str], zone: str | None) -> Iterator[tuple[datetime | None, str]]:
    for text in references:
        for reference in text.split():
            parts = [part for part in reference.split(",") if part]
            if len(parts) >= 3:
                yield _time_or_none(parts[-1], zone), parts[-2]
            elif parts:  # without the time, or the identifier alone: CAP 1.0 left the form open
                yield None, parts[-1]


def _time_or_none(text: str, zone: str | None) -> datetime | None:
    try:
        return time_of(text, zone)
    except PayloadError:
        return None
