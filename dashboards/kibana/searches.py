"""The search that Kibana sends for a panel, and the rows that its answer holds. Pure.

This is how panels are checked without Kibana: the translation follows Kibana's documented one (counts are document
counts, terms are ranked by a sub-aggregation, a figure's own filter wraps it), and its answers on seeded documents
are compared with a computation in plain Python. Only aggregations of the bare server are used.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from dashboards.kibana.kql import to_query
from dashboards.kibana.models import (
    ByTerms,
    ByTime,
    Chart,
    Count,
    DataView,
    Figure,
    Metric,
    Panel,
    Percentile,
    RankByFigure,
    Source,
)
from models.instants import format_instant

Aggregations = dict[str, Any]
Row = tuple[tuple[Any, ...], tuple[Any, ...]]
"""(bucket keys from the outside in, figures in the panel's order)."""
MISSING = "__missing__"
"""Key that Kibana gives to documents without the field."""
INTERVAL = "1h"
"""Kibana chooses its own for ``auto``; any interval checks the same numbers."""


def source_of(panel: Panel) -> Source:
    """Return what a panel reads."""
    return panel.config.layers[0].data_source if isinstance(panel.config, Chart) else panel.config.data_source


def buckets_of(panel: Panel) -> tuple[ByTerms | ByTime, ...]:
    """Return a panel's buckets from the outside in."""
    if isinstance(panel.config, Metric):
        return ()
    if isinstance(panel.config, Chart):
        layer = panel.config.layers[0]
        return (layer.x,) if layer.breakdown_by is None else (layer.x, layer.breakdown_by)
    return panel.config.rows


def figures_of(panel: Panel) -> tuple[Figure, ...]:
    """Return a panel's figures in order."""
    if isinstance(panel.config, Metric):
        return tuple(headline.figure for headline in panel.config.headlines)
    return panel.config.layers[0].y if isinstance(panel.config, Chart) else panel.config.metrics


def search_of(panel: Panel, view: DataView, since: datetime, until: datetime) -> dict[str, Any]:
    """Return the body of the search.

    Args:
        panel: to translate.
        view: the data view that it names.
        since: begin of the chosen time, inclusive.
        until: its end, inclusive; a view without a time field is not narrowed.
    """
    filters: list[dict[str, Any]] = [to_query(panel.config.query.expression)]
    if view.time_field is not None:
        chosen = {"gte": format_instant(since), "lte": format_instant(until)}
        filters.append({"range": {view.time_field: chosen}})
    aggregations = _nest(buckets_of(panel), figures_of(panel))
    return {"size": 0, "track_total_hits": True, "query": {"bool": {"filter": filters}}, "aggs": aggregations}


def rows_of(panel: Panel, answer: dict[str, Any]) -> list[Row]:
    """Return the rows of a search's answer, in the order in which Kibana shows them."""
    level = {**answer.get("aggregations", {}), "doc_count": answer["hits"]["total"]["value"]}
    return list(_walk(level, len(buckets_of(panel)), figures_of(panel), ()))


def _nest(buckets: Sequence[ByTerms | ByTime], figures: Sequence[Figure]) -> Aggregations:
    found = ((f"f{number}", _figure(figure)) for number, figure in enumerate(figures))
    own: Aggregations = {name: body for name, body in found if body is not None}
    if not buckets:
        return own
    bucket, inner = buckets[0], _nest(buckets[1:], figures)
    if isinstance(bucket, ByTime):
        body: dict[str, Any] = {"date_histogram": {"field": bucket.field, "fixed_interval": INTERVAL}}
    else:
        terms = {"field": bucket.fields[0], "size": bucket.limit, "order": _order(bucket, figures)}
        body = {"terms": terms if bucket.other_bucket is None else {**terms, "missing": MISSING}}
    return {"b": {**body, "aggs": {**own, **inner}}}


def _order(bucket: ByTerms, figures: Sequence[Figure]) -> dict[str, str]:
    if not isinstance(bucket.rank_by, RankByFigure):
        return {"_key": bucket.rank_by.direction}
    number, direction = bucket.rank_by.metric_index, bucket.rank_by.direction
    figure = figures[number]
    if isinstance(figure, Count) and figure.filter is None:
        return {"_count": direction}
    return {f"f{number}.{figure.percentile:g}" if isinstance(figure, Percentile) else f"f{number}": direction}


def _figure(figure: Figure) -> dict[str, Any] | None:
    """Return a figure's aggregation; None for a plain count, which every bucket has."""
    if isinstance(figure, Count):
        body = None
    elif isinstance(figure, Percentile):
        body = {"percentiles": {"field": figure.field, "percents": [figure.percentile]}}
    else:
        names = {"average": "avg", "unique_count": "cardinality"}
        body = {names.get(figure.operation, figure.operation): {"field": figure.field}}
    if figure.filter is None:
        return body
    inner = {} if body is None else {"aggs": {"inner": body}}
    return {"filter": to_query(figure.filter.expression), **inner}


def _walk(level: dict[str, Any], depth: int, figures: Sequence[Figure], keys: tuple[Any, ...]) -> Iterator[Row]:
    if depth == 0:
        yield keys, tuple(_read(level, number, figure) for number, figure in enumerate(figures))
        return
    for bucket in level.get("b", {}).get("buckets", ()):
        if bucket["doc_count"]:
            yield from _walk(bucket, depth - 1, figures, (*keys, bucket.get("key_as_string", bucket["key"])))


def _read(level: dict[str, Any], number: int, figure: Figure) -> Any:
    found = level.get(f"f{number}", level)
    if figure.filter is not None and not isinstance(figure, Count):
        found = found["inner"]
    if isinstance(figure, Count):
        return found["doc_count"]
    if isinstance(figure, Percentile):
        return next(iter(found["values"].values()))
    return found.get("value_as_string", found["value"])
