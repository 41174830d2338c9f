"""Dialect ``outage-geojson``: a co-operative's outages of the last days as GeoJSON, with ``StartTime`` only. Pure.

The list holds past outages and never says when one ended or when it was entered: every statement is flagged
``backfilled``, and restoration can't be judged by this feed alone. Features without an id are named by what they say of
place and begin.
"""

from collections.abc import Iterator
from typing import Any

import orjson

from feeds.errors import PayloadError
from feeds.reading import Parsed, each, id_of, json_of, mapping, sequence, text_of, time_of
from models.ids import stable_id
from models.notice import Flag, Phase, Speaker, Statement


def parse(body: bytes, *, zone: str | None = None) -> Parsed:
    """Read one list.

    Args:
        body: the bytes as received.
        zone: IANA zone of times without offset.

    Raises:
        PayloadError: if the payload as a whole is not of this format.
    """
    payload = mapping(json_of(body), "payload")
    if "features" not in payload:
        raise PayloadError("wrong_shape", "no features: not GeoJSON")
    found = sequence(payload["features"], "features")
    statements, problems = each(found, "feature", lambda feature: _outage(feature, zone))
    return Parsed(statements, problems, scope="outages")


def _outage(feature: dict[str, Any], zone: str | None) -> Iterator[Statement]:
    told = mapping(feature.get("properties"), "properties")
    begin = time_of(told.get("StartTime"), zone)
    if begin is None:
        raise PayloadError("bad_time", "an outage needs StartTime")
    count = told.get("CustomersAffected")
    parts = (
        text_of(told.get("Cause")),
        f"{count} customer{'' if count == 1 else 's'}" if isinstance(count, int) else None,
    )
    yield Statement(
        source_incident_id=_id(feature, told),
        source_update_id="begin",
        speaker=Speaker.PROVIDER,
        phase=Phase.REPORTED,
        components=tuple(name for key in ("Substation", "Feeder") if (name := text_of(told.get(key)))),
        title=text_of(told.get("Cause")),
        text="; ".join(part for part in parts if part) or None,
        claimed_at=begin,
        flags=(Flag.BACKFILLED, Flag.HISTORICAL),
        heads_incident=True,
    )


def _id(feature: dict[str, Any], told: dict[str, Any]) -> str:
    if feature.get("id") is not None:
        return id_of(feature["id"], "feature")
    named = [told.get("StartTime"), told.get("Substation"), told.get("Feeder"), feature.get("geometry")]
    return stable_id(orjson.dumps(named, option=orjson.OPT_SORT_KEYS).decode())[:16]
