"""The silence map: at which hours of the day a provider leaves us without word. Pure."""

from dashboards.kibana.data_views import view_id
from dashboards.kibana.panels import Request, Vega
from dashboards.kibana.parts import Kql, Source
from dashboards.kibana.vega import SCHEMA, Spec
from models.derived import ALL, Tally
from models.figures import ENOUGH
from models.records import Basis, Objective
from models.topics import Names

PROVIDERS = 25


def silence_map(names: Names) -> Vega:
    """Return provider by hour of the day: the share of due updates that came late, with n in each cell.

    From the scorecards' hours of the day: a histogram of one hour over a year of clocks would be more buckets than a
    search may have.
    """
    sums = {name: {"sum": {"field": name}} for name in ("n", "breached")}
    hours = {"terms": {"field": "hour", "size": 24, "order": {"_key": "asc"}}, "aggs": sums}
    providers = {"terms": {"field": "provider", "size": PROVIDERS, "order": {"_key": "asc"}}, "aggs": {"hours": hours}}
    whole = f'service : "{ALL}" and priority : "{ALL}" and hour : * and not weekday : *'
    request = Request(
        name="hours",
        data_source=Source(ref_id=view_id(names, "scorecards-now")),
        query=Kql(
            expression=f'tally : "{Tally.HOUR}" and objective : "{Objective.UPDATE}" and basis : "{Basis.AGREED}" '
            f"and {whole}"
        ),
        body={"size": 0, "aggs": {"by": providers}},
        rows="aggregations.by.buckets",
    )
    return Vega(
        title="Silence: share of updates that came late, by hour of the day, whole period",
        description="Update clocks on the agreed basis by the hour of the day in which the wait began; "
        "the number is n. "
        f"Below {ENOUGH} there is no share, only the number.",
        spec=_spec(),
        requests=(request,),
    )


def _spec() -> Spec:
    return {
        "$schema": SCHEMA,
        "data": {"name": "hours"},
        "transform": [
            {"flatten": ["hours.buckets"], "as": ["cell"]},
            {"calculate": "datum.key", "as": "provider"},
            {"calculate": "datum.cell.key", "as": "hour"},
            {"calculate": "datum.cell.n.value", "as": "n"},
            {"calculate": "datum.cell.breached.value", "as": "late"},
            {"filter": "datum.n > 0"},
            {"calculate": f"datum.n >= {ENOUGH} ? datum.late / datum.n : null", "as": "late_share"},
        ],
        "encoding": {
            "x": {"field": "hour", "type": "ordinal", "title": "Hour of the day, UTC", "axis": {"labelAngle": 0},
                  "scale": {"domain": list(range(24))}},
            "y": {"field": "provider", "type": "nominal", "title": None},
        },
        "layer": [
            {
                "mark": {"type": "rect", "stroke": "white", "strokeWidth": 1, "invalid": None},
                "encoding": {
                    "color": {"field": "late_share", "type": "quantitative", "title": "Late",
                              "legend": {"format": ".0%"},
                              "scale": {"domain": [0, 1], "scheme": "cividis", "reverse": True},
                              "condition": {"test": "datum.late_share === null", "value": "#eeeeee"}},
                    "tooltip": [{"field": field, "type": "nominal"} for field in ("provider", "hour", "n", "late")],
                },
            },
            {
                "mark": {"type": "text", "fontSize": 10},
                "encoding": {"text": {"field": "n", "type": "quantitative"},
                             "color": {"value": "black", "condition": {"test": "datum.late_share > 0.55",
                                                                       "value": "white"}}},
            },
        ],
    }  # fmt: skip
