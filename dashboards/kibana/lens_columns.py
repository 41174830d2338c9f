"""Figures and buckets as columns of a Lens layer, the form in which Kibana's saved objects hold them. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from dashboards.kibana.models import (
    Bucket,
    ByFilters,
    ByRange,
    ByTerms,
    ByTime,
    Count,
    Figure,
    Kql,
    LastValue,
    Number,
    Percentile,
    PercentileRank,
    RankByFigure,
    Ratio,
    Span,
    Steps,
)

Fields = Mapping[str, str]
Column = dict[str, Any]
RECORDS = "___records___"
"""Kibana's name for the documents themselves."""


def query(kql: Kql) -> dict[str, str]:
    """Return a filter as saved objects write it."""
    return {"language": "kuery", "query": kql.expression}


def figure_id(number: int) -> str:
    """Return the id of the column of a layer's figure."""
    return f"figure-{number}"


def bucket_id(number: int) -> str:
    """Return the id of the column of a layer's bucket."""
    return f"bucket-{number}"


def columns(buckets: Sequence[Bucket], figures: Sequence[Figure], fields: Fields) -> dict[str, Column]:
    """Return a layer's columns in order: buckets from the outside in, then figures."""
    split = {bucket_id(number): _bucket(bucket, figures, fields) for number, bucket in enumerate(buckets)}
    return split | {figure_id(number): _figure(figure, fields) for number, figure in enumerate(figures)}


def static(value: float, label: str) -> Column:
    """Return a column with one fixed value: a reference line, an end of a gauge."""
    return {
        "label": label, "customLabel": True, "dataType": "number", "isBucketed": False, "scale": "ratio",
        "operationType": "static_value", "references": [], "params": {"value": str(value)},
    }  # fmt: skip


def palette(steps: Steps) -> dict[str, Any]:
    """Return colours by value: ``stops`` hold where a colour ends, ``colorStops`` where it begins."""
    ends = [step.lt if step.lt is not None else (step.gte or 0) + 1 for step in steps.steps]
    named = {"name": "custom", "type": "palette"}
    return {**named, "params": {
        **named, "reverse": False, "rangeType": "number", "rangeMin": None, "rangeMax": None, "continuity": "all",
        "progression": "fixed", "steps": len(ends), "maxSteps": max(5, len(ends)),
        "stops": [{"color": step.color, "stop": end} for step, end in zip(steps.steps, ends, strict=True)],
        "colorStops": [{"color": step.color, "stop": step.gte} for step in steps.steps],
    }}  # fmt: skip


def color_mapping(bucket: Bucket | None) -> dict[str, Any] | None:
    """Return the colours of a bucket's terms; None if it has none of its own."""
    if not isinstance(bucket, ByTerms) or not bucket.colors:
        return None
    assignments = [
        {"rule": {"type": "matchExactly", "values": [value]}, "touched": True,
         "color": {"type": "colorCode", "colorCode": color}}
        for value, color in bucket.colors
    ]  # fmt: skip
    rest = {"rule": {"type": "other"}, "color": {"type": "loop"}, "touched": False}
    return {
        "assignments": assignments, "specialAssignments": [rest],
        "paletteId": "eui_amsterdam_color_blind", "colorMode": {"type": "categorical"},
    }  # fmt: skip


def _bucket(bucket: Bucket, figures: Sequence[Figure], fields: Fields) -> Column:
    own: Column = {"label": bucket.label or bucket.operation, "customLabel": bucket.label is not None}
    own |= {"isBucketed": True, "operationType": bucket.operation}
    if isinstance(bucket, ByFilters):
        filters = [{"input": query(one.filter), "label": one.label} for one in bucket.filters]
        return {**own, "dataType": "string", "scale": "ordinal", "params": {"filters": filters}}
    if isinstance(bucket, ByTime):
        params: Column = {"interval": bucket.suggested_interval, "includeEmptyRows": True, "dropPartials": False}
        named = {"label": bucket.label or bucket.field}
        return {**own, **named, "dataType": "date", "scale": "interval", "sourceField": bucket.field, "params": params}
    if isinstance(bucket, ByRange):
        ranges = [{"from": one.low, "to": one.high, "label": one.label} for one in bucket.ranges]
        params = {"type": "range", "ranges": ranges, "maxBars": "auto"}
        return {**own, "dataType": "string", "scale": "ordinal", "sourceField": bucket.field, "params": params}
    field = bucket.fields[0]
    named = {"label": bucket.label or field, "dataType": _type(fields.get(field)), "sourceField": field}
    return {**own, **named, "scale": "ordinal", "params": _terms(bucket, figures)}


def _terms(bucket: ByTerms, figures: Sequence[Figure]) -> Column:
    rank = bucket.rank_by
    by_figure = isinstance(rank, RankByFigure) and figures
    number = rank.metric_index if isinstance(rank, RankByFigure) else 0
    order = (
        {"type": "column", "columnId": figure_id(number)} if by_figure else {"type": "alphabetical", "fallback": False}
    )
    return {
        "size": bucket.limit, "orderBy": order, "orderDirection": rank.direction,
        "otherBucket": bucket.other_bucket is not None, "missingBucket": bucket.other_bucket is not None,
        "parentFormat": {"id": "terms"}, "include": [], "exclude": [],
        "includeIsRegex": False, "excludeIsRegex": False,
    }  # fmt: skip


def _figure(figure: Figure, fields: Fields) -> Column:
    own: Column = {
        "label": figure.label or figure.operation, "customLabel": figure.label is not None,
        "dataType": "number", "isBucketed": False, "scale": "ratio", "operationType": figure.operation,
    }  # fmt: skip
    if figure.filter is not None:
        own["filter"] = query(figure.filter)
    if figure.time_shift is not None and not isinstance(figure, Ratio):
        own["timeShift"] = figure.time_shift
    if figure.reduced_time_range is not None:
        own["reducedTimeRange"] = figure.reduced_time_range
    return {**own, **_measured(figure, fields), "params": {**_params(figure), **_format(figure.format)}}


def _measured(figure: Figure, fields: Fields) -> Column:
    """Return what a figure is taken of, and the type of what comes out."""
    if isinstance(figure, Count):
        return {"sourceField": RECORDS}
    if isinstance(figure, Ratio):
        return {"operationType": "formula", "references": []}
    kept = isinstance(figure, LastValue) or figure.operation in ("min", "max")
    kind = _type(fields.get(figure.field)) if kept else "number"
    needed = {"filter": {"language": "kuery", "query": f'"{figure.field}": *'}}
    own = needed if isinstance(figure, LastValue) and figure.filter is None else {}
    return {"sourceField": figure.field, "dataType": kind, "scale": "ratio" if kind == "number" else "ordinal", **own}


def _params(figure: Figure) -> Column:
    if isinstance(figure, Ratio):
        return {"formula": figure.formula, "isFormulaBroken": False}
    if isinstance(figure, Percentile):
        return {"percentile": figure.percentile}
    if isinstance(figure, PercentileRank):
        return {"value": figure.rank}
    if isinstance(figure, LastValue):
        return {"sortField": figure.time_field, "showArrayValues": figure.multi_value}
    return {"emptyAsNull": False} if figure.operation in ("count", "sum", "unique_count") else {}


def _format(shown: Number | Span | None) -> Column:
    if shown is None:
        return {}
    if isinstance(shown, Span):
        return {"format": {"id": "duration", "params": {"fromUnit": shown.from_, "toUnit": shown.to, "decimals": 1}}}
    suffix = {"suffix": shown.suffix} if shown.suffix else {}
    return {"format": {"id": shown.type, "params": {"decimals": shown.decimals, **suffix}}}


def _type(kind: str | None) -> str:
    """Return Lens' word for the type of a field."""
    return {"keyword": "string", None: "string", "date": "date", "boolean": "boolean"}.get(kind, "number")
