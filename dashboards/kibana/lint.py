"""Checks of a dashboard that need neither Kibana nor Elasticsearch: fields, types, references, places. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from dashboards.kibana.kql import KqlError, fields_of, to_query
from dashboards.kibana.models import (
    WIDTH,
    ByTerms,
    ByTime,
    Count,
    Dashboard,
    DataView,
    Figure,
    Grid,
    Panel,
    RankByFigure,
    Table,
)
from dashboards.kibana.searches import buckets_of, figures_of, source_of

NUMBERS = ("long", "integer", "short", "double", "float")
FITTING = {
    "terms": ("keyword", "boolean", *NUMBERS),
    "date_histogram": ("date",),
    "percentile": NUMBERS,
    "average": NUMBERS,
    "sum": NUMBERS,
    "min": (*NUMBERS, "date"),
    "max": (*NUMBERS, "date"),
    "unique_count": ("keyword", "date", "boolean", *NUMBERS),
}
"""Types that each operation takes."""

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
        found = known.get(source_of(panel).ref_id)
        if found is None:
            findings.append(f"{panel.id}: no data view {source_of(panel).ref_id!r}")
        else:
            findings += [f"{panel.id}: {finding}" for finding in _fields(panel, fields[found.index])]
            findings += [f"{panel.id}: {finding}" for finding in _emptied(panel, dashboard, fields[found.index])]
    for control in dashboard.controls:
        target = known.get(control.data_view_id)
        if target is None or fields[target.index].get(control.field_name) != "keyword":
            findings.append(f"control {control.title!r}: no keyword {control.field_name!r} in {control.data_view_id!r}")
    return findings


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


def _fields(panel: Panel, fields: Fields) -> Iterator[str]:
    figures = figures_of(panel)
    for expression in (panel.config.query.expression, *(one.filter.expression for one in figures if one.filter)):
        yield from _expression(expression, fields)
    for figure in figures:
        if not isinstance(figure, Count):
            yield from _fit(figure.operation, figure.field, fields)
    for bucket in buckets_of(panel):
        yield from _fit(bucket.operation, bucket.field if isinstance(bucket, ByTime) else bucket.fields[0], fields)
        yield from _rank(bucket, figures)


def _emptied(panel: Panel, dashboard: Dashboard, fields: Fields) -> Iterator[str]:
    """Yield the controls that would empty a panel: Kibana filters by a field even where the index has none of it."""
    if isinstance(panel.config, Table) and panel.config.ignore_global_filters:
        return
    for control in dashboard.controls:
        if control.field_name not in fields:
            yield f"control {control.title!r} would empty it: no field {control.field_name!r}"


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


def _rank(bucket: ByTerms | ByTime, figures: Sequence[Figure]) -> Iterator[str]:
    if isinstance(bucket, ByTerms) and isinstance(bucket.rank_by, RankByFigure):
        number = bucket.rank_by.metric_index
        if number >= len(figures):
            yield f"terms of {bucket.fields[0]!r} are ranked by figure {number}, of {len(figures)}"
