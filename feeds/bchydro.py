"""Dialect ``bchydro``: polls of BC Hydro's outage map, a list of what is out now. Pure.

``dateOff`` is the begin that the provider claims. ``dateOn`` is no end: in 132 rows of 40 polls it always equalled the
estimate ``crewEtr``, mostly ahead and sometimes already missed. The estimate is a promise of restoration only while
the map shows it (``showEtr``). ``crewEta`` is when a crew should arrive, which is neither an update nor a restoration.

The map drops what works again and never says so. That is derived as for any page that stops listing an incident: the
outage ended between the last look that showed it and the one that did not, and the figures carry that interval.
``SUSPENDED`` is an update: nobody grants a pause by it, and no later row would say that it ended. "Planned work" is an
incident like the others: the map announces nothing, so there is no window to exclude.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from feeds.errors import PayloadError
from feeds.reading import Parsed, each, id_of, json_of, text_of
from models.notice import Phase, Speaker, Statement

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PHASES = {"ASSIGNED": Phase.ACKNOWLEDGED, "ENROUTE": Phase.ENGAGED, "ONSITE": Phase.ENGAGED}


def parse(body: bytes, *, zone: str | None = None) -> Parsed:
    """Read one poll; its times are milliseconds since 1970, so ``zone`` is not used.

    Raises:
        PayloadError: if the payload as a whole is not of this format.
    """
    rows = json_of(body)
    if not isinstance(rows, list):
        raise PayloadError("wrong_shape", "no list of outages")
    statements, problems = each(rows, "outage", _outage)
    return Parsed(statements, problems, frozenset(_ids(rows)), "outages")


def _ids(rows: list[Any]) -> Iterator[str]:
    for row in rows:
        try:
            yield id_of(row.get("id") if isinstance(row, dict) else None, "outage")
        except PayloadError:
            continue


def _outage(row: dict[str, Any]) -> Iterator[Statement]:
    """Yield the begin and how things stand. Each update of the row is a statement of its own."""
    begin = _time(row.get("dateOff"))
    if begin is None:
        raise PayloadError("bad_time", "an outage needs dateOff")
    updated = _time(row.get("lastUpdated"))
    shared: dict[str, Any] = {
        "source_incident_id": id_of(row.get("id"), "outage"),
        "speaker": Speaker.PROVIDER,
        "components": _texts(row, "municipality"),
        "regions": _texts(row, "regionName"),
        "title": text_of(row.get("area")),
    }
    yield Statement(**shared, source_update_id="begin", phase=Phase.REPORTED, claimed_at=begin, heads_incident=True)
    promised = _time(row.get("crewEtr")) if row.get("showEtr") is not False else None
    yield Statement(
        **shared,
        source_update_id=f"status@{row.get('lastUpdated')}",
        phase=_PHASES.get(text_of(row.get("crewStatus")) or "", Phase.UPDATE),
        text=_text(row),
        published_at=updated,
        promised_at=promised,
        promises="restore" if promised else None,
    )


def _texts(row: dict[str, Any], name: str) -> tuple[str, ...]:
    told = text_of(row.get(name))
    return (told,) if told else ()


def _text(row: dict[str, Any]) -> str | None:
    told = [text_of(row.get(name)) for name in ("cause", "crewStatusDescription", "crewStatusNote")]
    count = row.get("numCustomersOut")
    told.append(f"{count} customer{'' if count == 1 else 's'} out" if isinstance(count, int) else None)
    return "; ".join(one for one in told if one) or None


def _time(value: Any) -> datetime | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool):
        raise PayloadError("bad_time", f"a {type(value).__name__} is no time in milliseconds")
    try:
        return EPOCH + timedelta(milliseconds=value)
    except OverflowError as error:
        raise PayloadError("bad_time", f"{value} ms is out of range") from error
