"""The charts of reports as Vega-Lite. Pure; colours can be told apart with any kind of colour blindness."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from holdfast.drawing import BLUE, GREEN, GREY, ORANGE, PURPLE, VERMILION, Spec, frame
from models.derived import Lane, Scorecard, TimelineEntry
from models.instants import format_instant
from models.records import Objective
from models.timeline_entries import BREACHED, DUE, OUTAGE

WIDTH = 640
HOUR_S = 3600
DARK = 0.4
"""Below so large a share a cell is dark, and its words are white."""
DASHES = [[1, 0], [6, 3], [2, 2]]
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


def trend(cards: Sequence[Scorecard], subtitle: str) -> Spec:
    """Return median and p90 by month against the target, months without enough cases left out.

    Args:
        cards: of months, of one objective, in order of time.
        subtitle: names n.
    """
    rows = [
        {"month": f"{one.begins_at:%Y-%m}", "line": name, "hours": value / HOUR_S}
        for one in cards
        for name, value in (("median", one.median_s), ("p90", one.p90_s), ("target", one.target_s))
        if value is not None and one.enough
    ]
    names = ["median", "p90", "target"]
    return {
        **frame(WIDTH, 200),
        "title": {"text": subtitle, "fontSize": 12, "fontWeight": "normal"},
        "data": {"values": rows},
        "mark": {"type": "line", "point": True, "strokeWidth": 2},
        "encoding": {
            "x": {"field": "month", "type": "ordinal", "title": "month, UTC", "axis": {"labelAngle": 0}},
            "y": {"field": "hours", "type": "quantitative", "title": "hours"},
            "color": {"field": "line", "scale": {"domain": names, "range": [BLUE, VERMILION, GREY]}, "title": None},
            "strokeDash": {"field": "line", "scale": {"domain": names, "range": DASHES}, "title": None},
        },
    }


def heat(cards: Sequence[Scorecard]) -> Spec:
    """Return the share met by month and objective; each cell says its share and its n."""
    rows = [
        {
            "month": f"{one.begins_at:%Y-%m}",
            "objective": one.objective.value.replace("_", " "),
            "share": None if one.met_share is None else round(100 * one.met_share, 1),
            "told": f"n={one.n}" if one.met_share is None else f"{100 * one.met_share:.0f} % of {one.n}",
            "dark": one.met_share is not None and one.met_share < DARK,
        }
        for one in cards
    ]
    objectives = [one.value.replace("_", " ") for one in Objective]
    x: Spec = {"field": "month", "type": "ordinal", "title": "month, UTC", "axis": {"labelAngle": 0}}
    y: Spec = {"field": "objective", "type": "nominal", "sort": objectives, "title": None}
    height = 30 * max(len({one["objective"] for one in rows}), 2)
    scale: Spec = {"domain": [0, 100], "scheme": "viridis"}
    ink: Spec = {"condition": {"test": "datum.dark", "value": "white"}, "value": "black"}
    return {
        **frame(WIDTH, height),
        "data": {"values": rows},
        "encoding": {"x": x, "y": y},
        "layer": [
            {
                "mark": {"type": "rect", "invalid": None},
                "encoding": {
                    "color": {
                        "condition": {"test": "datum.share === null", "value": "#eeeeee"},
                        "field": "share", "type": "quantitative", "scale": scale, "title": "share met, %",
                    }
                },
            },
            {"mark": {"type": "text", "fontSize": 11}, "encoding": {"text": {"field": "told"}, "color": ink}},
        ],
    }  # fmt: skip


def compare(rows: Sequence[tuple[str, str, float]]) -> Spec:
    """Return shares of dimensions side by side, this period's beside the one before.

    Args:
        rows: (dimension, period, share of 0 to 1), in the order in which they are shown.
    """
    names = list(dict.fromkeys(name for name, _, _ in rows))
    periods = list(dict.fromkeys(period for _, period, _ in rows))
    values = [{"dimension": name, "period": period, "share": round(100 * share, 1)} for name, period, share in rows]
    return {
        **frame(WIDTH, 34 * max(len(names), 2)),
        "data": {"values": values},
        "mark": {"type": "bar"},
        "encoding": {
            "y": {"field": "dimension", "type": "nominal", "sort": names, "title": None},
            "yOffset": {"field": "period", "sort": periods},
            "x": {"field": "share", "type": "quantitative", "title": "% as agreed", "scale": {"domain": [0, 100]}},
            "color": {
                "field": "period",
                "scale": {"domain": periods, "range": [GREY, BLUE][-len(periods) :]},
                "title": None,
            },
        },
    }
