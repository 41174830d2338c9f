"""Hazards on a plain grid of degrees: for installations that can't fetch the base map from the internet. Pure."""

from dashboards.kibana.colors import GREY, ORANGE, VERMILLION, YELLOW
from dashboards.kibana.data_views import view_id
from dashboards.kibana.panels import Request, Vega
from dashboards.kibana.parts import Source
from dashboards.kibana.vega import SCHEMA, Spec
from models.topics import Names

HAZARDS = 1000
"""Hazards that are drawn at most, the latest first."""
KM_PER_DEGREE = 111.2
"""Of latitude; a sphere of 6 371 km."""
TOUCHED = {"none": GREY, "1 or 2": YELLOW, "3 to 9": ORANGE, "10 and more": VERMILLION}
"""Colour by how many incidents a hazard touched; the legend and the tip say it in words."""
FIELDS = (
    "hazard", "title", "severity", "phase", "started_at", "ended_at", "area", "radius_km", "providers",
    "incident_count",
)  # fmt: skip
LIKELY_KM = 20.0
"""Drawn where an area has no radius: smaller could not be seen."""
ROOM = 1.25
"""The picture is this much larger than the furthest circles ask."""


def hazard_grid(names: Names) -> Vega:
    """Return the panel: circles true to scale, coloured by how many incidents the hazard touched."""
    request = Request(
        name="hazards",
        data_source=Source(ref_id=view_id(names, "hazards")),
        body={"size": HAZARDS, "sort": [{"started_at": "desc"}, {"hazard": "asc"}], "_source": [*FIELDS, "location"]},
        rows="hits.hits",
    )
    return Vega(
        title="Hazards begun in the chosen time, without a map's ground",
        description=f"The latest {HAZARDS} that have a place, in degrees. A circle holds the area that the feed named; "
        f"{LIKELY_KM:g} km are drawn where it named none. Only those that touched an incident have their name.",
        spec=_spec(),
        requests=(request,),
    )


def _spec() -> Spec:
    touched: Spec = {
        "field": "touched",
        "type": "nominal",
        "title": "Incidents touched",
        "scale": {"domain": list(TOUCHED), "range": list(TOUCHED.values())},
        "legend": {"symbolType": "circle", "symbolOpacity": 0.6},
    }
    tips = [{"field": field, "type": "nominal"} for field in FIELDS]
    return {
        "$schema": SCHEMA,
        "data": {"name": "hazards"},
        "transform": [
            {"filter": "isValid(datum._source.location)"},
            *({"calculate": f"datum._source.{field}", "as": field} for field in FIELDS),
            {"calculate": _words(), "as": "touched"},
            {"calculate": "datum._source.location.lat", "as": "lat"},
            {"calculate": "datum._source.location.lon", "as": "lon"},
            {"calculate": f"(datum.radius_km || {LIKELY_KM}) / {KM_PER_DEGREE}", "as": "reach"},
            {"calculate": "datum.reach / max(0.1, cos(datum.lat * PI / 180))", "as": "reach_lon"},
        ],
        "layer": [_room(), _circles(touched, tips), _middles(tips), _labels("left"), _labels("right")],
    }


def _words() -> str:
    """Return the expression of the legend's words."""
    none, few, some, many = (f"'{words}'" for words in TOUCHED)
    count = "datum.incident_count"
    return f"{count} < 1 ? {none} : {count} < 3 ? {few} : {count} < 10 ? {some} : {many}"


def _axes(longitude: str, latitude: str) -> Spec:
    """Return both axes; their grid lines are the graticule."""
    scale = {"zero": False, "nice": False}
    axis = {"grid": True, "gridColor": "#d0d0d0", "tickCount": 8, "labelExpr": "format(datum.value, '~g') + '°'"}
    return {
        "x": {"field": longitude, "type": "quantitative", "title": "Longitude", "scale": scale, "axis": axis},
        "y": {"field": latitude, "type": "quantitative", "title": "Latitude", "scale": scale, "axis": axis},
    }


def _room() -> Spec:
    """Return two unseen corners: as many kilometres to the pixel both ways, and all circles inside."""
    spread = [
        {"op": op, "field": field, "as": name}
        for op, field, name in (
            ("min", "west", "west"), ("max", "east", "east"), ("min", "south", "south"), ("max", "north", "north"),
        )
    ]  # fmt: skip
    shrunk = "cos((datum.south + datum.north) / 2 * PI / 180)"
    widest = f"max((datum.east - datum.west) * {shrunk} / width, (datum.north - datum.south) / height)"
    return {
        "transform": [
            {"calculate": "datum.lon - datum.reach_lon", "as": "west"},
            {"calculate": "datum.lon + datum.reach_lon", "as": "east"},
            {"calculate": "datum.lat - datum.reach", "as": "south"},
            {"calculate": "datum.lat + datum.reach", "as": "north"},
            {"aggregate": spread},
            {"calculate": f"{ROOM / 2} * {widest}", "as": "step"},
            {"calculate": "[-1, 1]", "as": "sides"},
            {"flatten": ["sides"], "as": ["side"]},
            {
                "calculate": f"(datum.west + datum.east) / 2 + datum.side * datum.step * width / {shrunk}",
                "as": "corner_lon",
            },
            {"calculate": "(datum.south + datum.north) / 2 + datum.side * datum.step * height", "as": "corner_lat"},
        ],
        "mark": {"type": "point", "opacity": 0, "tooltip": None},
        "encoding": _axes("corner_lon", "corner_lat"),
    }


def _circles(touched: Spec, tips: list[Spec]) -> Spec:
    return {
        "transform": [
            {"calculate": "sequence(0, 375, 15)", "as": "angles"},
            {"flatten": ["angles"], "as": ["angle"]},
            {"calculate": "datum.lon + datum.reach_lon * cos(datum.angle * PI / 180)", "as": "edge_lon"},
            {"calculate": "datum.lat + datum.reach * sin(datum.angle * PI / 180)", "as": "edge_lat"},
        ],
        "mark": {
            "type": "line",
            "filled": True,
            "fillOpacity": 0.45,
            "stroke": "#555555",
            "strokeWidth": 1,
            "clip": True,
        },
        "encoding": {
            **_axes("edge_lon", "edge_lat"),
            "order": {"field": "angle", "type": "quantitative"},
            "detail": {"field": "hazard", "type": "nominal"},
            "color": touched,
            "tooltip": tips,
        },
    }


def _middles(tips: list[Spec]) -> Spec:
    return {
        "mark": {"type": "point", "shape": "cross", "size": 30, "filled": True, "color": "black", "opacity": 1},
        "encoding": {**_axes("lon", "lat"), "tooltip": tips},
    }


def _labels(side: str) -> Spec:
    """Return the names of what touched somebody, towards the middle; naming all would hide them."""
    here = "datum.lon <= datum.middle" if side == "left" else "datum.lon > datum.middle"
    mark = {
        "type": "text",
        "align": side,
        "dx": 7 if side == "left" else -7,
        "fontSize": 11,
        "limit": 180,
        "clip": True,
    }
    return {
        "transform": [
            {
                "joinaggregate": [
                    {"op": "min", "field": "lon", "as": "least"},
                    {"op": "max", "field": "lon", "as": "most"},
                ]
            },
            {"calculate": "(datum.least + datum.most) / 2", "as": "middle"},
            {"filter": f"datum.incident_count > 0 && {here}"},
        ],
        "mark": mark,
        "encoding": {**_axes("lon", "lat"), "text": {"field": "title"}},
    }
