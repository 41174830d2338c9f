"""The charts of reports as Vega-Lite. Pure; colours can be told apart with any kind of colour blindness."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from holdfast.drawing import BLUE, GREEN, GREY, ORANGE, PURPLE, VERMILION, Spec, frame
from models.derived import Lane, TimelineEntry
from models.instants import format_instant
from models.timeline_entries import BREACHED, DUE, OUTAGE

WIDTH = 640
LANES = {
    Lane.CLAIMED: ("claimed", ORANGE),
    Lane.OBSERVED: ("observed", BLUE),
    Lane.CLOCK: ("clocks", GREEN),
    Lane.PAGE: ("pages", VERMILION),
    Lane.CONTACT: ("contacts", PURPLE),
    Lane.DECISION: ("decisions", "#000000"),
    Lane.HAZARD: ("hazards", GREY),
}


def gantt(entries: Sequence[TimelineEntry], as_of: datetime) -> Spec:
    """Return the lanes of a time line over time: bars for what lasted, marks for what happened at an instant.

    Args:
        entries: at least one.
        as_of: what lasts, lasts until then; what ends later is cut there.
    """
    rows = [_bar(one, as_of) for one in entries]
    window = _window(entries, as_of)
    shown = [name for lane, (name, _) in LANES.items() if any(one.lane is lane for one in entries)]
    colours = [colour for name, colour in LANES.values() if name in shown]
    y: Spec = {"field": "lane", "type": "nominal", "sort": shown, "title": None, "axis": {"labelLimit": 120}}
    colour: Spec = {"field": "lane", "scale": {"domain": shown, "range": colours}, "legend": None}
    return {
        **frame(WIDTH, 34 * max(len(shown), 2)),
        "data": {"values": rows, "format": {"parse": {"from": "date", "to": "date"}}},
        "layer": [
            {
                "transform": [{"filter": "datum.lasts"}],
                "mark": {"type": "bar", "height": 12, "opacity": 0.75, "clip": True},
                "encoding": {"y": y, "x": _time(window), "x2": {"field": "to"}, "color": colour},
            },
            {
                "transform": [{"filter": "!datum.lasts"}],
                "mark": {"type": "tick", "thickness": 2, "height": 22, "clip": True},
                "encoding": {"y": y, "x": _time(window), "color": colour},
            },
        ],
    }


def _window(entries: Sequence[TimelineEntry], as_of: datetime) -> tuple[datetime, datetime]:
    """Return what a chart shows: the outages with half as much before and after; without any, everything."""
    down = [one for one in entries if one.what == OUTAGE] or entries
    begin = min(one.starts_at for one in down)
    end = max(min(one.ends_at or as_of, as_of) for one in down)
    margin = max((end - begin) / 2, timedelta(minutes=15))
    return begin - margin, max(begin, end) + margin


def _time(window: tuple[datetime, datetime]) -> Spec:
    return {
        "field": "from",
        "type": "temporal",
        "title": "UTC",
        "scale": {"type": "utc", "domain": [format_instant(at) for at in window]},
        "axis": {"format": "%d %b %H:%M", "tickCount": 6, "labelOverlap": True},
    }


def _bar(one: TimelineEntry, as_of: datetime) -> dict[str, Any]:
    """Return one entry; an outage or a clock without an end lasts."""
    lasting = (one.lane in (Lane.CLOCK, Lane.HAZARD) and one.what not in (DUE, BREACHED)) or one.what == OUTAGE
    end = one.ends_at or (as_of if lasting else None)
    lasts = end is not None and min(end, as_of) > one.starts_at
    until = min(end, as_of) if end is not None and lasts else one.starts_at
    name, _ = LANES[one.lane]
    return {"lane": name, "from": format_instant(one.starts_at), "to": format_instant(until), "lasts": lasts}
