"""The postmortem's time line: one incident, everything on record of it, a lane for each side. Pure."""

from dashboards.kibana.colors import BLACK, BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILLION
from dashboards.kibana.data_views import view_id
from dashboards.kibana.panels import Request, Vega
from dashboards.kibana.parts import Source
from dashboards.kibana.vega import SCHEMA, UTC_AXIS, Spec
from models.derived import Lane
from models.records import Objective
from models.topics import Names

LINES = 500
"""Entries that are drawn at most; the table below the drawing holds all."""
MARGIN = "((datum.last - datum.first) / 20 + 60000)"
"""Milliseconds that are drawn before the first and after the last."""
LANES = {
    Lane.HAZARD: PURPLE,
    Lane.CLAIMED: ORANGE,
    Lane.OBSERVED: SKY,
    Lane.CONTACT: GREEN,
    Lane.CLOCK: BLUE,
    Lane.PAGE: VERMILLION,
    Lane.DECISION: BLACK,
}
"""Colour of each lane, from top to bottom."""
SHOWN = ("incident_id", "lane", "what", "who", "text", "starts_at", "ends_at", "known_at", "refers_to")
TIMES = ("starts_at", "ends_at", "known_at")
TIP = ("lane", "what", "who", "text", "starts_at", "ends_at", "known_at", "refers_to")


def time_line(names: Names) -> Vega:
    """Return the panel: spans as bars, moments as diamonds; a sentence instead while no incident is chosen."""
    entries = Request(
        name="entries",
        data_source=Source(ref_id=view_id(names, "timelines-whole")),
        body={"size": LINES, "sort": [{"starts_at": "asc"}, {"entry_id": "asc"}], "_source": list(SHOWN)},
        rows="hits.hits",
    )
    return Vega(
        title="Time line of the chosen incident",
        description=f"What was claimed, seen, measured, paged and decided, at most {LINES} entries, UTC. "
        "A diamond is a moment, or has no end yet. It spans what was said, seen, paged and decided before the "
        "root cause was told; the table below has the rest, and the words.",
        spec=_spec(),
        requests=(entries,),
    )


def _spec() -> Spec:
    alone = {"filter": "datum.incidents <= 1"}
    bars = {"type": "bar", "height": {"band": 0.6}, "stroke": "white", "strokeWidth": 0.5}
    diamonds = {"type": "point", "shape": "diamond", "filled": True, "size": 70, "opacity": 1}
    return {
        "$schema": SCHEMA,
        "data": {"name": "entries"},
        "transform": [
            *({"calculate": f"datum._source.{field}", "as": field} for field in SHOWN),
            *({"calculate": f"toDate(datum.{field})", "as": field} for field in TIMES),
            {"joinaggregate": [{"op": "distinct", "field": "incident_id", "as": "incidents"}]},
            *_narrowed(),
            {"calculate": _position(), "as": "position"},
            {"calculate": "datum.lane + ': ' + replace(datum.what, '_', ' ')", "as": "line"},
        ],
        "layer": [
            {
                "transform": [alone, {"filter": "datum.is_span"}],
                "mark": bars,
                "encoding": {**_encoding(), "x2": {"field": "to"}},
            },
            {"transform": [alone, {"filter": "!datum.is_span"}], "mark": diamonds, "encoding": _encoding()},
            _hint(),
        ],
    }


def _narrowed() -> list[Spec]:
    """Return what keeps the drawing to the time in which something happened.

    A storm begins days before, and a root cause is due days after; between them minutes could not be told apart. So
    hazards, clocks and the root cause end at the edges, and what lies outside is in the table only.
    """
    core = f"datum.lane != '{Lane.CLOCK}' && datum.lane != '{Lane.HAZARD}' && datum.what != '{Objective.ROOT_CAUSE}'"
    end = "(isValid(datum.ends_at) ? datum.ends_at : datum.starts_at)"
    edges = [{"op": "min", "field": "core_begin", "as": "first"}, {"op": "max", "field": "core_end", "as": "last"}]
    return [
        {"calculate": f"{core} ? datum.starts_at : null", "as": "core_begin"},
        {"calculate": f"{core} ? {end} : null", "as": "core_end"},
        {"joinaggregate": edges},
        {"calculate": f"isValid(datum.first) ? datum.first - {MARGIN} : datum.starts_at", "as": "left"},
        {"calculate": f"isValid(datum.last) ? datum.last + {MARGIN} : {end}", "as": "right"},
        {"filter": f"datum.starts_at <= datum.right && {end} >= datum.left"},
        {"calculate": "max(datum.starts_at, datum.left)", "as": "from"},
        {"calculate": f"min({end}, datum.right)", "as": "to"},
        {"calculate": "datum.to - datum.from > (datum.right - datum.left) / 300", "as": "is_span"},
    ]


def _hint() -> Spec:
    """Return the sentence that stands there while several incidents answer."""
    return {
        "transform": [
            {"filter": "datum.incidents > 1"},
            {"aggregate": [{"op": "max", "field": "incidents", "as": "incidents"}]},
            {"calculate": "'Choose one incident at the top; these are ' + datum.incidents", "as": "hint"},
        ],
        "mark": {"type": "text", "fontSize": 16},
        "encoding": {"text": {"field": "hint"}, "x": {"value": {"expr": "width / 2"}}},
    }


def _position() -> str:
    """Return the expression of a lane's place, so that lanes stand in their order and lines of one lane together."""
    lanes = ", ".join(f"'{lane}'" for lane in LANES)
    return f"indexof([{lanes}], datum.lane)"


def _encoding() -> Spec:
    line: Spec = {
        "field": "line",
        "type": "nominal",
        "title": None,
        "sort": {"field": "position", "op": "min"},
        "axis": {"labelLimit": 240, "grid": True},
    }
    lanes = {"domain": [str(lane) for lane in LANES], "range": list(LANES.values())}
    return {
        "x": {"field": "from", "type": "temporal", "title": "UTC", "axis": UTC_AXIS, "scale": {"type": "utc"}},
        "y": line,
        "color": {"field": "lane", "type": "nominal", "scale": lanes, "legend": None},
        "tooltip": [{"field": field, "type": "nominal"} for field in TIP],
    }
