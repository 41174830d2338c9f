"""Checks of a dashboard that need neither Kibana nor Elasticsearch: fields, types, references, places. Pure.

What every board owes its readers beside, such as its n, is in ``rules``.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from dashboards.kibana.kql import KqlError, fields_of, to_query
from dashboards.kibana.models import (
    WIDTH,
    Amount,
    Bucket,
    ByFilters,
    ByTerms,
    ByTime,
    Count,
    Dashboard,
    DataView,
    Figure,
    Grid,
    LastValue,
    Map,
    Panel,
    PercentileRank,
    RankByFigure,
    Ratio,
    Request,
    Vega,
)
from dashboards.kibana.readings import Reading, readings_of
from dashboards.kibana.rules import rules

NUMBERS = ("long", "integer", "short", "double", "float")
SINGLE = ("keyword", "date", "boolean", *NUMBERS)
FITTING = {
    "terms": ("keyword", "boolean", *NUMBERS),
    "date_histogram": ("date",),
    "range": NUMBERS,
    "percentile": NUMBERS,
    "percentile_rank": NUMBERS,
    "median": NUMBERS,
    "average": NUMBERS,
    "sum": NUMBERS,
    "min": (*NUMBERS, "date"),
    "max": (*NUMBERS, "date"),
    "unique_count": SINGLE,
    "last_value": SINGLE,
    "sort": SINGLE,
    "map": ("geo_point",),
}
"""Types that each operation takes."""
UNRANKED = (Ratio, LastValue, PercentileRank)
"""Figures by which Kibana ranks no terms."""

Fields = Mapping[str, str]
"""Type by field name, sub-fields included."""


def lint(dashboard: Dashboard, views: Sequence[DataView], fields: Mapping[str, Fields]) -> list[str]:
    """Return what is wrong, in words; an empty list means that nothing is.

    Args:
        dashboard: to check.
        views: the data views that come with it.
        fields: of each index that the views read (``DataView.index``).
    """
    known = {view.id: view for view in views}
    findings = list(_places(dashboard.panels))
    findings += [f"two parts have the id {key!r}" for key, count in _ids(dashboard, views).items() if count > 1]
    for view in views:
        if view.time_field is not None and fields[view.index].get(view.time_field) != "date":
            findings.append(f"{view.id}: time field {view.time_field!r} is no date of {view.index}")
    for panel in dashboard.panels:
        findings += [f"{panel.id}: {finding}" for finding in _panel(panel, known, fields)]
    for control in dashboard.controls:
        target = known.get(control.data_view_id)
        if target is None or fields[target.index].get(control.field_name) != "keyword":
            findings.append(f"control {control.title!r}: no keyword {control.field_name!r} in {control.data_view_id!r}")
    return [*findings, *rules(dashboard, known, fields)]


def flatten(mapping: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Return the type of every field of a mapping's ``properties``, sub-fields and objects' fields included."""
    found: dict[str, str] = {}
    for name, spec in mapping.items():
        if "properties" in spec:
            found |= flatten(spec["properties"], f"{prefix}{name}.")
        if "type" in spec:
            found[prefix + name] = spec["type"]
        found |= {f"{prefix}{name}.{sub}": inner["type"] for sub, inner in spec.get("fields", {}).items()}
    return found


def _ids(dashboard: Dashboard, views: Sequence[DataView]) -> Counter[str]:
    return Counter([*(panel.id for panel in dashboard.panels), *(view.id for view in views)])


def _places(panels: Sequence[Panel]) -> Iterator[str]:
    for panel in panels:
        if panel.grid.x + panel.grid.w > WIDTH:
            yield f"{panel.id}: reaches past column {WIDTH}"
    for one, other in combinations(panels, 2):
        if _overlap(one.grid, other.grid):
            yield f"{one.id} and {other.id} overlap"


def _overlap(one: Grid, other: Grid) -> bool:
    beside = one.x + one.w <= other.x or other.x + other.w <= one.x
    above = one.y + one.h <= other.y or other.y + other.h <= one.y
    return not (beside or above)


def _panel(panel: Panel, known: Mapping[str, DataView], fields: Mapping[str, Fields]) -> Iterator[str]:
    config = panel.config
    asked: list[Reading | Request] = [*readings_of(panel), *(config.requests if isinstance(config, Vega) else ())]
    for one in asked:
        named = one.data_source.ref_id if isinstance(one, Request) else one.source.ref_id
        view = known.get(named)
        if view is None:
            yield f"no data view {named!r}"
        elif isinstance(one, Request):
            yield from _request(one, fields[view.index])
        else:
            yield from _reading(one, view, fields[view.index])
    for layer in config.layers if isinstance(config, Map) else ():
        if layer.data_source.ref_id in known:
            yield from _fit("map", layer.geo_field, fields[known[layer.data_source.ref_id].index])


def _request(request: Request, fields: Fields) -> Iterator[str]:
    yield from _expression(request.query.expression, fields)
    for field in sorted(set(_asked_for(request.body)) - set(fields)):
        yield f"no field {field!r}, in the request {request.name!r}"


def _asked_for(body: Any) -> Iterator[str]:
    """Yield the fields that a search's body names."""
    if isinstance(body, list):
        for one in body:
            yield from _asked_for(one)
    if not isinstance(body, dict):
        return
    for key, value in body.items():
        if key == "field":
            yield value
        elif key in ("_source", "fields") and isinstance(value, list):
            yield from value
        elif key == "sort":
            yield from (field for one in value for field in one)
        else:
            yield from _asked_for(value)


def _reading(reading: Reading, view: DataView, fields: Fields) -> Iterator[str]:
    yield from _expression(reading.query.expression, fields)
    for column in (column for column in reading.columns if column not in fields):
        yield f"no field {column!r}, for a column"
    for sort in reading.sort:
        yield from _fit("sort", sort.name, fields)
    for figure in reading.figures:
        yield from _figure(figure, fields)
        yield from _window(figure, reading, view)
    for bucket in reading.buckets:
        yield from _bucket(bucket, reading.figures, fields)


def _figure(figure: Figure, fields: Fields) -> Iterator[str]:
    if figure.filter is not None:
        yield from _expression(figure.filter.expression, fields)
    if isinstance(figure, Ratio):
        yield from _amount(figure.numerator, fields)
        yield from _amount(figure.denominator, fields)
    elif not isinstance(figure, Count):
        yield from _fit(figure.operation, figure.field, fields)
    if isinstance(figure, LastValue):
        yield from _fit("date_histogram", figure.time_field, fields)


def _amount(amount: Amount, fields: Fields) -> Iterator[str]:
    if amount.field is not None:
        yield from _fit(amount.of, amount.field, fields)
    if amount.filter is not None:
        yield from _expression(amount.filter.expression, fields)
        if "'" in amount.filter.expression:
            yield f"a quotation mark ' ends the formula: {amount.filter.expression!r}"


def _window(figure: Figure, reading: Reading, view: DataView) -> Iterator[str]:
    """Yield what is wrong with a figure that looks at another time than the chosen one."""
    if figure.time_shift is None and figure.reduced_time_range is None:
        return
    if view.time_field is None:
        yield f"{view.id!r} has no time field: nothing can be shifted or reduced"
    if any(isinstance(bucket, ByTime) for bucket in reading.buckets):
        yield "a figure in buckets of time is not shifted or reduced here: the checks do not follow it"


def _bucket(bucket: Bucket, figures: Sequence[Figure], fields: Fields) -> Iterator[str]:
    if isinstance(bucket, ByFilters):
        for one in bucket.filters:
            yield from _expression(one.filter.expression, fields)
        return
    yield from _fit(bucket.operation, bucket.fields[0] if isinstance(bucket, ByTerms) else bucket.field, fields)
    if isinstance(bucket, ByTerms) and isinstance(bucket.rank_by, RankByFigure):
        number = bucket.rank_by.metric_index
        if number >= len(figures):
            yield f"terms of {bucket.fields[0]!r} are ranked by figure {number}, of {len(figures)}"
        elif isinstance(figures[number], UNRANKED):
            yield f"Kibana ranks no terms by {figures[number].operation}: {bucket.fields[0]!r}"


def _expression(expression: str, fields: Fields) -> Iterator[str]:
    try:
        to_query(expression)
    except KqlError as error:
        yield str(error)
    for field in sorted(fields_of(expression) - set(fields)):
        yield f"no field {field!r}, in {expression!r}"
    for field in sorted(field for field in fields_of(expression) if fields.get(field) == "text"):
        yield f"{field!r} is analysed text, in {expression!r}: it matches words, not values"


def _fit(operation: str, field: str, fields: Fields) -> Iterator[str]:
    kind = fields.get(field)
    if kind is None:
        yield f"no field {field!r}, for {operation}"
    elif kind not in FITTING[operation]:
        yield f"{operation} does not take {field!r}, a {kind}"
